import { contextOf } from '../context.js';
import type { HttpDeps } from '../deps.js';
import { queryOf } from '../requests/query.js';
import { eventJson } from '../responses/representation.js';
import { json, type Route } from '../route.js';
import { AccessLog, AccessLogQuery } from '../schemas/auth.js';

/** The access log: owners read the events of their organization, operators all events. */
export function accessLogRoutes({ access }: HttpDeps): Route[] {
  return [
    {
      method: 'get',
      path: '/v1/access-log',
      access: ['access_log', 'whole_access_log'],
      operation: {
        id: 'readAccessLog',
        tag: 'Organizations',
        summary: 'Read the access log',
        query: AccessLogQuery,
        responses: { 200: { description: 'One page.', content: json(AccessLog) } },
        errors: ['organization_not_found', 'unavailable'],
      },
      async handle(req, res) {
        const { organization, person, kind, from, to, cursor, limit } = queryOf(req, AccessLogQuery);
        const events = await access.log.read(contextOf(req).principal, {
          limit,
          ...(organization === undefined ? {} : { organizationId: organization }),
          ...(person === undefined ? {} : { personId: person }),
          ...(kind === undefined ? {} : { kinds: kind }),
          ...(from === undefined ? {} : { from }),
          ...(to === undefined ? {} : { to }),
          ...(cursor === undefined ? {} : { before: cursor }),
        });
        const last = events.length < limit ? undefined : events.at(-1);
        res.json({ events: events.map(eventJson), next: last === undefined ? null : String(last.id) });
      },
    },
  ];
}
