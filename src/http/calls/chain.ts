import type { CosignedView } from '../../log/index.js';
import { formatVerifierKey, type KeyValidity, type LogKeys } from '../../proof/index.js';
import type { HttpDeps } from '../deps.js';
import { queryOf } from '../request/query.js';
import { NoQuery } from '../schema/request-schemas.js';
import { Chain } from '../schema/resources.js';
import type { Route } from '../route.js';
import { blockRoutes } from './blocks.js';
import { logKeysRoute } from './log-keys.js';

/** The chain for people: blocks, and what they hang together with. */
export function chainRoutes({ log }: HttpDeps): Route[] {
  return [
    {
      method: 'get',
      path: '/v1/chain',
      access: 'open',
      operation: {
        id: 'getChain',
        tag: 'Chain',
        summary: 'The chain as a whole: its name, keys, length and latest checkpoint',
        query: NoQuery,
        responses: { 200: { description: 'As it stands.', content: { 'application/json': Chain } } },
        errors: ['invalid_parameter', 'unavailable'],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        const { tip, sealed, accepted, checkpoint } = await log.state();
        const chain: Chain = {
          origin: log.origin,
          // Of two that both sign, the one that goes on to be believed by those who know but one.
          verifierKey: latestKey(log.keys),
          ...(log.keys.all.length === 1 ? {} : { logKeys: log.keys.all.map(validityJson) }),
          receiptKey: formatVerifierKey(log.receiptKey),
          height: tip?.height ?? null,
          size: sealed,
          nextPosition: accepted,
          difficulty: tip?.difficulty ?? null,
          checkpoint,
          policy: log.policyText(),
          ...(log.cosigned === null ? {} : cosignedJson(log.cosigned)),
        };
        res.set('Cache-Control', 'no-cache').json(chain);
      },
    },
    logKeysRoute(log),
    ...blockRoutes({ log }),
  ];
}

function latestKey({ latest }: LogKeys): string {
  const [key] = latest;
  return key === undefined ? '' : formatVerifierKey(key);
}

function validityJson({ key, from, until }: KeyValidity): NonNullable<Chain['logKeys']>[number] {
  return { verifierKey: formatVerifierKey(key), from, until };
}

function cosignedJson({ size, latest, witnesses }: CosignedView): Pick<Chain, 'cosigned' | 'witnesses'> {
  return {
    cosigned: size,
    witnesses: witnesses.all.map(({ name, key }, i) => ({
      name,
      verifierKey: formatVerifierKey(key),
      size: latest[i] ?? 0,
    })),
  };
}
