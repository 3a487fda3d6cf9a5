import type { CosignedView } from '../../log/index.js';
import { formatVerifierKey, type KeyValidity, type LogKeys } from '../../proof/index.js';
import type { HttpDeps } from '../deps.js';
import { json, JSON_TYPE, type Route } from '../route.js';
import { Chain, KeyStatements } from '../schemas/resources.js';
import { blockRoutes } from './blocks.js';

/** The chain and its blocks. */
export function chainRoutes({ log }: HttpDeps): Route[] {
  return [
    {
      method: 'get',
      path: '/v1/chain',
      access: 'open',
      operation: {
        id: 'getChain',
        tag: 'Chain',
        summary: 'Get the chain’s name, keys, length and latest checkpoint',
        responses: { 200: { description: 'The chain.', content: json(Chain) } },
        errors: ['unavailable'],
      },
      async handle(req, res) {
        const { tip, sealed, accepted, checkpoint } = await log.state();
        const chain: Chain = {
          origin: log.origin,
          // While two keys sign, clients that know only one key should know the newer one.
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

function cosignedJson({ size, latest, members }: CosignedView): Pick<Chain, 'cosigned' | 'members'> {
  return {
    cosigned: size,
    members: members.all.map(({ name, key }, i) => ({
      name,
      verifierKey: formatVerifierKey(key),
      size: latest[i] ?? 0,
    })),
  };
}

/** Statements in the chain about the keys that sign it. */
export function logKeysRoute(log: { keyStatements(): Promise<string> }): Route {
  return {
    method: 'get',
    path: '/v1/log-keys',
    access: 'open',
    operation: {
      id: 'getLogKeys',
      tag: 'Chain',
      summary: 'Get the log’s key statements, with proofs',
      description: 'Empty while the log has its first key. docs/proof-format.md specifies statements.',
      responses: {
        200: {
          description: 'The statements, in the order of the chain.',
          content: json(KeyStatements),
        },
      },
      errors: ['unavailable'],
    },
    async handle(req, res) {
      const text = await log.keyStatements();
      res.set({ 'Content-Type': JSON_TYPE, 'Cache-Control': 'no-cache' }).send(Buffer.from(text));
    },
  };
}
