import type { Request, Response } from 'express';
import { AccessError, may, organizationOf } from '../../auth/index.js';
import type { Registered } from '../../log/index.js';
import { clientOf, reauthorize } from '../auth/authenticate.js';
import { logOperatorRead } from '../auth/ownership.js';
import { type HttpDeps, principalOf } from '../context.js';
import { queryOf } from '../requests/parameters.js';
import { ApiError } from '../responses/errors.js';
import { BYTE_ORDER_MARK, type Cell, csvLine } from '../responses/csv.js';
import { marksFor, notarizationJson } from '../responses/representation.js';
import { waitForDrain } from '../responses/send.js';
import { json, type Route } from '../route.js';
import { MAX_COUNTED, RegisterQuery } from '../schemas/documents.js';
import { type Notarization, Register } from '../schemas/resources.js';

type Names = ReadonlyMap<string, string>;

const COLUMNS: readonly (readonly [name: string, (notarization: Notarization, names: Names) => Cell])[] = [
  ['id', ({ id }) => id],
  ['position', ({ position }) => position],
  ['sha256', ({ sha256 }) => sha256],
  ['size', ({ size }) => size],
  ['acceptedAt', ({ acceptedAt }) => acceptedAt],
  ['status', ({ status }) => status],
  ['sealedAt', ({ sealedAt }) => sealedAt],
  ['blockHeight', ({ block }) => block?.height],
  ['name', textOf('name')],
  ['title', textOf('title')],
  ['author', textOf('author')],
  ['reference', textOf('reference')],
  ['tags', textOf('tags')],
  ['addedTags', ({ addedTags }) => addedTags?.join('; ')],
  ['note', textOf('note')],
  ['published', ({ published }) => published],
  ['submittedBy', ({ submittedBy = '' }, names) => names.get(idOf(submittedBy)) ?? submittedBy],
  ['submitterId', ({ submittedBy }) => submittedBy],
];

/** Of `key:<id>` and `person:<id>`. */
const idOf = (submittedBy: string) => submittedBy.slice(submittedBy.indexOf(':') + 1);

/** A member of the details. In the body of an event, one of this name may be something else: it is left out. */
function textOf(name: 'name' | 'title' | 'author' | 'reference' | 'tags' | 'note') {
  return ({ details }: Notarization): Cell => {
    const value: unknown = details?.[name];
    if (Array.isArray(value)) return value.filter((each) => typeof each === 'string').join('; ');
    return typeof value === 'string' ? value : undefined;
  };
}

/** The first line of a register as CSV. */
export function csvHead(): string {
  return BYTE_ORDER_MARK + csvLine(COLUMNS.map(([name]) => name));
}

/** @param names of those who submitted, by id */
export function registerLine(notarization: Notarization, names: Names = new Map()): string {
  return csvLine(COLUMNS.map(([, cell]) => cell(notarization, names)));
}

const DEFAULT_LIMIT = 50;
/** Rows read and written at a time. */
const CSV_PAGE = 1000;

type Filter = Parameters<HttpDeps['register']['list']>[0];

/** The register: an organization's notarizations. */
export function registerRoutes(deps: HttpDeps): Route[] {
  return [
    {
      method: 'get',
      path: '/v1/notarizations',
      access: 'read',
      operation: {
        id: 'listNotarizations',
        tag: 'Notarizations',
        summary: 'Search the organization’s register',
        description: 'All conditions must match. A notarization is found as soon as it has been accepted.',
        query: RegisterQuery,
        responses: {
          200: {
            description: 'One page, or all matches as CSV.',
            content: { ...json(Register), 'text/csv': 'text' },
          },
        },
      },
      async handle(req, res) {
        const {
          format,
          limit,
          cursor,
          skip,
          order = 'newest',
          count,
          ...conditions
        } = queryOf(req, RegisterQuery);
        const filter = filterOf(req, conditions);
        const byTime = order === 'newest' || order === 'oldest';
        if (format === 'csv') {
          const paged = [limit, cursor, skip, count].some((each) => each !== undefined);
          if (paged || !byTime) {
            throw new ApiError(
              'invalid_parameter',
              'CSV has all matches by time; leave out limit, cursor, skip, count and other orders.',
            );
          }
          if (req.method !== 'HEAD') {
            const detail = { conditions: Object.keys(conditions).length };
            await deps.access.downloads.record(principalOf(req), clientOf(req), 'register_exported', detail);
          }
          await sendCsv(deps, req, res, { ...filter, order });
          return;
        }
        if (cursor !== undefined && (skip !== undefined || !byTime)) {
          throw new ApiError(
            'invalid_parameter',
            'Pages in this order have no cursor, or skip: use one of them.',
          );
        }
        const size = limit ?? DEFAULT_LIMIT;
        const countAll = () => deps.register.count(filter, MAX_COUNTED + 1);
        // In the order of a text, only so many that they can be counted.
        const counted = byTime ? undefined : await countAll();
        if ((counted ?? 0) > MAX_COUNTED) {
          throw new ApiError(
            'invalid_parameter',
            `At most ${MAX_COUNTED} matches can be ordered by a text. Narrow the search, for example by from and to.`,
          );
        }
        const [page, total] = await Promise.all([
          byTime && skip === undefined
            ? pageOf(deps, req, { ...filter, order }, size, cursor)
            : deps.register.page({ ...filter, order, skip: skip ?? 0, limit: size }),
          counted ?? (count === undefined ? undefined : countAll()),
        ]);
        if (skip !== undefined || !byTime) await logOperatorRead(deps.access, req, page.length);
        const last = page.length < size || !byTime ? undefined : page.at(-1);
        res.set('Cache-Control', 'private, no-cache').json({
          notarizations: page.map(shownTo(req)),
          ...(count === undefined || total === undefined ? {} : { total: Math.min(total, MAX_COUNTED) }),
          next: last === undefined ? null : String(last.notarization.position),
        });
      },
    },
  ];
}

/** What the caller's organization looks for in its register. */
export function filterOf(
  req: Request,
  {
    q,
    tag,
    sha256,
    ...others
  }: Omit<RegisterQuery, 'format' | 'limit' | 'cursor' | 'skip' | 'order' | 'count'>,
): Filter {
  const principal = principalOf(req);
  const organization = organizationOf(principal);
  if (organization === null) throw new AccessError('forbidden', 'choose an organization first');
  if (others.hold !== undefined && !may(principal, 'holds')) {
    throw new AccessError('forbidden', 'owners and auditors can see legal holds');
  }
  return {
    organization: organization.number,
    limit: DEFAULT_LIMIT,
    ...(q === undefined ? {} : { words: [q] }),
    ...(tag === undefined ? {} : { tags: [tag] }),
    ...(sha256 === undefined ? {} : { digestPrefix: sha256 }),
    ...others,
  };
}

async function pageOf(
  { access, register }: HttpDeps,
  req: Request,
  filter: Filter,
  limit: number,
  beyond: number | undefined,
): Promise<Registered[]> {
  const page = await register.list({ ...filter, limit, ...(beyond === undefined ? {} : { beyond }) });
  await logOperatorRead(access, req, page.length);
  return page;
}

function shownTo(req: Request): (registered: Registered) => Notarization {
  const principal = principalOf(req);
  return ({ notarization, submittedBy, marks }) =>
    notarizationJson(notarization, { details: true, marks: marksFor(principal, marks), submittedBy });
}

/** Those who may read who did what. */
async function submitterNames(
  { access }: HttpDeps,
  req: Request,
  page: readonly Registered[],
): Promise<Names> {
  const principal = principalOf(req);
  if (!may(principal, 'access_log')) return new Map();
  const ids = new Set(page.map(({ submittedBy }) => idOf(submittedBy)));
  return access.log.namesOf(principal, [...ids]);
}

async function sendCsv(deps: HttpDeps, req: Request, res: Response, filter: Filter): Promise<void> {
  let page = await pageOf(deps, req, filter, CSV_PAGE, undefined);
  res.writeHead(200, {
    'Content-Type': 'text/csv; charset=utf-8; header=present',
    'Content-Disposition': 'attachment; filename="ingam-register.csv"',
    'Cache-Control': 'private, no-store',
  });
  if (req.method !== 'HEAD') {
    const shown = shownTo(req);
    res.write(csvHead());
    for (;;) {
      const names = await submitterNames(deps, req, page);
      const more = res.write(page.map((each) => registerLine(shown(each), names)).join(''));
      if (page.length < CSV_PAGE) break;
      if (!more) await waitForDrain(res);
      // Close the connection, so that an incomplete file is not mistaken for a complete one.
      if (res.destroyed || deps.stopping.aborted) return void res.destroy();
      await reauthorize(deps.access, 'read', req);
      page = await pageOf(deps, req, filter, CSV_PAGE, page.at(-1)?.notarization.position);
    }
  }
  res.end();
}
