import { clientOf } from '../auth/authenticate.js';
import { json, type Route } from '../route.js';
import { Connection, Version } from '../schemas/about.js';
import { VERSION } from '../version.js';

/** What the program says of itself. */
export const versionRoute: Route = {
  method: 'get',
  path: '/v1/version',
  access: 'open',
  operation: {
    id: 'version',
    tag: 'Operation',
    summary: 'The version of this service',
    responses: { 200: { description: 'The version.', content: json(Version) } },
  },
  handle(req, res) {
    res.json({ version: VERSION } satisfies Version);
  },
};

export const connectionRoute: Route = {
  method: 'get',
  path: '/v1/connection',
  access: 'open',
  operation: {
    id: 'connection',
    tag: 'Operation',
    summary: 'What the service sees of your connection',
    description:
      'Shows whether a reverse proxy is set up as the service expects: `ingam doctor` asks this through `INGAM_PUBLIC_URL`.',
    responses: { 200: { description: 'The connection.', content: json(Connection) } },
  },
  handle(req, res) {
    const forwarded = req.headers['x-forwarded-for'];
    const list = Array.isArray(forwarded) ? forwarded.join(',') : (forwarded ?? '');
    res.json({
      address: clientOf(req).address,
      forwardedFor: list.split(',').filter((each) => each.trim() !== '').length,
      trusted: req.ips.length > 0,
    } satisfies Connection);
  },
};
