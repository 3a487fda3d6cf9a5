import type { Request, Response } from 'express';
import type { AccessEvent } from '../../auth/index.js';
import { reauthorize } from '../auth/authenticate.js';
import { type HttpDeps, principalOf } from '../context.js';
import { queryOf } from '../requests/parameters.js';
import { BYTE_ORDER_MARK, type Cell, csvLine } from '../responses/csv.js';
import { ApiError } from '../responses/errors.js';
import { eventJson, formatTime } from '../responses/representation.js';
import { waitForDrain } from '../responses/send.js';
import { json, type Route } from '../route.js';
import { AccessLog, AccessLogQuery } from '../schemas/auth.js';

const ACCESS = ['access_log', 'whole_access_log'] as const;
const DEFAULT_LIMIT = 100;
/** Events read and written at a time. */
const CSV_PAGE = 1000;

type Filter = Parameters<HttpDeps['access']['log']['read']>[1];
type Names = ReadonlyMap<string, string>;

const COLUMNS: readonly (readonly [name: string, cell: (event: AccessEvent, names: Names) => Cell])[] = [
  ['at', ({ at }) => formatTime(at)],
  ['kind', ({ kind }) => kind],
  ['by', ({ personId }, names) => nameOf(personId, names)],
  ['apiKey', ({ keyId }, names) => nameOf(keyId, names)],
  ['organization', ({ organizationId }, names) => nameOf(organizationId, names)],
  ['address', ({ address }) => address],
  ['detail', ({ detail }, names) => detailText(detail, names)],
  ['id', ({ id }) => id],
  ['personId', ({ personId }) => personId],
  ['keyId', ({ keyId }) => keyId],
  ['organizationId', ({ organizationId }) => organizationId],
];

function nameOf(id: string | null, names: Names): string | null {
  return id === null ? null : (names.get(id) ?? id);
}

function detailText(detail: AccessEvent['detail'], names: Names): string {
  return Object.entries(detail)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}: ${names.get(String(value)) ?? String(value)}`)
    .join('; ');
}

/** The access log: owners and auditors read the events of their organization, operators all events. */
export function accessLogRoutes(deps: HttpDeps): Route[] {
  const { access } = deps;
  return [
    {
      method: 'get',
      path: '/v1/access-log',
      access: ACCESS,
      operation: {
        id: 'readAccessLog',
        tag: 'Organizations',
        summary: 'Read the access log',
        query: AccessLogQuery,
        responses: {
          200: {
            description: 'One page, or all matches as CSV.',
            content: { ...json(AccessLog), 'text/csv': 'text' },
          },
        },
        errors: ['organization_not_found'],
      },
      async handle(req, res) {
        const { organization, person, kind, cursor, limit, format, ...others } = queryOf(req, AccessLogQuery);
        const filter: Omit<Filter, 'limit' | 'before'> = {
          ...others,
          ...(organization === undefined ? {} : { organizationId: organization }),
          ...(person === undefined ? {} : { personId: person }),
          ...(kind === undefined ? {} : { kinds: kind }),
        };
        if (format === 'csv') {
          if (limit !== undefined || cursor !== undefined) {
            throw new ApiError('invalid_parameter', 'CSV has all matches; leave out limit and cursor.');
          }
          await sendCsv(deps, req, res, filter);
          return;
        }
        const by = principalOf(req);
        const size = limit ?? DEFAULT_LIMIT;
        const events = await access.log.read(by, {
          ...filter,
          limit: size,
          ...(cursor === undefined ? {} : { before: cursor }),
        });
        const last = events.length < size ? undefined : events.at(-1);
        res.json({
          events: events.map(eventJson),
          names: Object.fromEntries(await access.log.names(by, events)),
          next: last === undefined ? null : String(last.id),
        });
      },
    },
  ];
}

async function sendCsv(
  { access, stopping }: HttpDeps,
  req: Request,
  res: Response,
  filter: Omit<Filter, 'limit' | 'before'>,
): Promise<void> {
  const pageOf = (before?: number) =>
    access.log.read(principalOf(req), {
      ...filter,
      limit: CSV_PAGE,
      ...(before === undefined ? {} : { before }),
    });
  let page = await pageOf();
  res.writeHead(200, {
    'Content-Type': 'text/csv; charset=utf-8; header=present',
    'Content-Disposition': 'attachment; filename="ingam-access-log.csv"',
    'Cache-Control': 'private, no-store',
  });
  if (req.method !== 'HEAD') {
    res.write(BYTE_ORDER_MARK + csvLine(COLUMNS.map(([name]) => name)));
    for (;;) {
      const names = await access.log.names(principalOf(req), page);
      const lines = page.map((event) => csvLine(COLUMNS.map(([, cell]) => cell(event, names))));
      const more = res.write(lines.join(''));
      if (page.length < CSV_PAGE) break;
      if (!more) await waitForDrain(res);
      // Close the connection, so that an incomplete file is not mistaken for a complete one.
      if (res.destroyed || stopping.aborted) return void res.destroy();
      await reauthorize(access, ACCESS, req);
      page = await pageOf(page.at(-1)?.id);
    }
  }
  res.end();
}
