import { queryOf } from '../request/query.js';
import type { Route } from '../route.js';
import { NoQuery } from '../schema/request-schemas.js';
import { KeyStatements } from '../schema/resources.js';

/** What a log has said in its chain of the keys that sign it. */
export function logKeysRoute(log: { keyStatements(): Promise<string> }): Route {
  return {
    method: 'get',
    path: '/v1/log-keys',
    access: 'open',
    operation: {
      id: 'getLogKeys',
      tag: 'Chain',
      summary: 'What the log has said of its keys, with proofs that it stands in the chain',
      description: 'Empty while the log has its first key. docs/proof-format.md says what a statement is.',
      query: NoQuery,
      responses: {
        200: { description: 'In the order of the chain.', content: { 'application/json': KeyStatements } },
      },
      errors: ['invalid_parameter', 'unavailable'],
    },
    async handle(req, res) {
      queryOf(req, NoQuery);
      const text = await log.keyStatements();
      res.set({ 'Content-Type': 'application/json', 'Cache-Control': 'no-cache' }).send(Buffer.from(text));
    },
  };
}
