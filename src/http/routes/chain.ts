import type { CosignedView, PublishedLog } from '../../log/index.js';
import { formatStates } from '../../log/state-statements.js';
import { encodeHeader, formatVerifierKey, type KeyValidity, type LogKeys } from '../../proof/index.js';
import type { StoredBlock } from '../../store/index.js';
import type { HttpDeps } from '../context.js';
import { check } from '../requests/body.js';
import { pathParameter, queryOf } from '../requests/parameters.js';
import { ApiError } from '../responses/errors.js';
import { blockJson } from '../responses/representation.js';
import { IMMUTABLE } from '../responses/send.js';
import { BINARY_TYPE, json, JSON_TYPE, type Route } from '../route.js';
import { mapRoutes } from './map.js';
import { BlocksQuery, Height, StatesQuery } from '../schemas/documents.js';
import { Block, Blocks, Chain, KeyStatements, StateStatementJson, States } from '../schemas/resources.js';

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
        const keys = await log.keys();
        const chain: Chain = {
          origin: log.origin,
          // While two keys sign, clients that know only one key should know the newer one.
          verifierKey: latestKey(keys),
          ...(keys.all.length === 1 ? {} : { logKeys: keys.all.map(validityJson) }),
          receiptKeys: log.receiptKeys.map(formatVerifierKey),
          height: tip?.height ?? null,
          size: sealed,
          nextPosition: accepted,
          difficulty: tip?.difficulty ?? null,
          checkpoint,
          policy: await log.policyText(),
          ...(log.cosigned === null ? {} : cosignedJson(log.cosigned)),
        };
        res.set('Cache-Control', 'no-cache').json(chain);
      },
    },
    logKeysRoute(log),
    ...blockRoutes({ log }),
    ...mapRoutes({ log }),
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

/** The response of routes that return bytes. */
export const BYTES = {
  200: { description: 'The bytes.', content: { [BINARY_TYPE]: 'binary' } },
} as const;
export const HEIGHT = { height: Height.describe('Height of the block, from 0.') };

/** Blocks. */
export function blockRoutes({
  log,
}: {
  readonly log: Pick<PublishedLog, 'block' | 'blocks' | 'statements' | 'changes'>;
}): Route[] {
  const blockAt = async (text: string): Promise<StoredBlock> => {
    const block = await log.block(check(Height, text, 'invalid_parameter', 'height'));
    if (block === null) throw new ApiError('block_not_found', 'There is no block at this height.');
    return block;
  };
  return [
    {
      method: 'get',
      path: '/v1/blocks',
      access: 'open',
      operation: {
        id: 'listBlocks',
        tag: 'Chain',
        summary: 'List blocks, latest first',
        query: BlocksQuery,
        responses: { 200: { description: 'One page.', content: json(Blocks) } },
        errors: ['unavailable'],
      },
      async handle(req, res) {
        const { before, limit } = queryOf(req, BlocksQuery);
        const blocks = await log.blocks({ limit, ...(before === undefined ? {} : { before }) });
        const last = blocks.at(-1);
        const next =
          last === undefined || last.height === 0 || blocks.length < limit
            ? {}
            : { next: `/v1/blocks?before=${last.height}&limit=${limit}` };
        res.set('Cache-Control', 'no-cache').json({ blocks: blocks.map(blockJson), links: next });
      },
    },
    {
      method: 'get',
      path: '/v1/blocks/{height}',
      access: 'open',
      operation: {
        id: 'getBlock',
        tag: 'Chain',
        summary: 'Get a block',
        path: HEIGHT,
        responses: { 200: { description: 'The block.', content: json(Block) } },
        errors: ['block_not_found', 'unavailable'],
      },
      async handle(req, res) {
        const block = await blockAt(pathParameter(req, 'height'));
        res.set('Cache-Control', IMMUTABLE).json(blockJson(block));
      },
    },
    {
      method: 'get',
      path: '/v1/blocks/{height}/state',
      access: 'open',
      operation: {
        id: 'getState',
        tag: 'Chain',
        summary: 'Get a block’s state statement, whose SHA-256 is in its header',
        description: 'docs/proof-format-time.md specifies it.',
        path: HEIGHT,
        responses: { 200: { description: 'The statement.', content: json(StateStatementJson) } },
        errors: ['block_not_found', 'no_state', 'unavailable'],
      },
      async handle(req, res) {
        const { height } = await blockAt(pathParameter(req, 'height'));
        const [statement = null] = (await log.statements(height, 1)) ?? [];
        if (statement === null)
          throw new ApiError('no_state', 'This block says nothing besides its entries.');
        res.set({ 'Content-Type': JSON_TYPE, 'Cache-Control': IMMUTABLE }).send(Buffer.from(statement));
      },
    },
    {
      method: 'get',
      path: '/v1/blocks/{height}/changes',
      access: 'open',
      operation: {
        id: 'getChanges',
        tag: 'Chain',
        summary: 'Get a block’s change list: the records that it changes, with their new values',
        description:
          'docs/proof-format-time.md specifies it; its SHA-256 is in the state statement. Empty when the block changes no record.',
        path: HEIGHT,
        responses: BYTES,
        errors: ['block_not_found', 'unavailable'],
      },
      async handle(req, res) {
        const { height } = await blockAt(pathParameter(req, 'height'));
        const list = await log.changes(height);
        res.set({ 'Content-Type': BINARY_TYPE, 'Cache-Control': IMMUTABLE }).send(Buffer.from(list));
      },
    },
    {
      method: 'get',
      path: '/v1/states',
      access: 'open',
      operation: {
        id: 'getStates',
        tag: 'Chain',
        summary: 'Get the state statements of consecutive blocks, as texts',
        description: 'For those who copy the chain. `null` stands for a block without a statement.',
        query: StatesQuery,
        responses: { 200: { description: 'The statements.', content: json(States) } },
        errors: ['not_found', 'unavailable'],
      },
      async handle(req, res) {
        const { first, count } = queryOf(req, StatesQuery);
        const statements = await log.statements(first, count);
        if (statements === null) throw new ApiError('not_found', 'These blocks are not there yet.');
        res
          .set({ 'Content-Type': JSON_TYPE, 'Cache-Control': IMMUTABLE })
          .send(Buffer.from(formatStates(statements)));
      },
    },
    {
      method: 'get',
      path: '/v1/blocks/{height}/header',
      access: 'open',
      operation: {
        id: 'getHeader',
        tag: 'Chain',
        summary: 'Get a block’s header: 134 bytes, whose SHA-256 is the block’s hash',
        path: HEIGHT,
        responses: BYTES,
        errors: ['block_not_found', 'unavailable'],
      },
      async handle(req, res) {
        const block = await blockAt(pathParameter(req, 'height'));
        res
          .set({ 'Content-Type': BINARY_TYPE, 'Cache-Control': IMMUTABLE })
          .send(Buffer.from(encodeHeader(block)));
      },
    },
  ];
}
