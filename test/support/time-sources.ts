import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bls12_381 } from '@noble/curves/bls12-381.js';
import type { TimeSources } from '../../src/anchoring/index.js';
import type { CalendarSource, TsaSource } from '../../src/anchoring/sources.js';
import { concat, toHex, utf8 } from '../../src/proof/index.js';
import { REGTEST } from '../../src/proof/time/bitcoin.js';
import { element, sequence } from '../../src/proof/time/der-writer.js';
import { drandChain, drandRoundAt, type DrandChain } from '../../src/proof/time/drand.js';
import { after } from '../../src/proof/time/ots-tree.js';
import { formatCalendarTimestamp, type OtsOperation } from '../../src/proof/time/ots.js';
import {
  type DigestName,
  encodeGranted,
  encodeRejection,
  prepareToken,
  readRequest,
  type TimeStampRequest,
} from '../../src/proof/time/rfc3161.js';
import { mineAfter, mineChain } from '../proof/time/mining.js';
import { ROOT, tsa, type Extension, type Holder } from '../vectors/make/tokens/certificates.js';
import { until } from './until.js';

/** Time sources on loopback, made with our own writers; and wrong ones on demand. */

export type Behaviour = (req: IncomingMessage, res: ServerResponse, body: Buffer) => void | Promise<void>;

export interface TestServer extends AsyncDisposable {
  readonly url: string;
  /** Bodies of all requests that came. */
  readonly requests: readonly Buffer[];
  /** null: it behaves well. */
  behaviour: Behaviour | null;
}

async function startServer(answer: Behaviour): Promise<TestServer> {
  const requests: Buffer[] = [];
  const server = createServer((req, res) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
      const body = Buffer.concat(chunks);
      requests.push(body);
      await (self.behaviour ?? answer)(req, res, body);
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const self: TestServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    behaviour: null,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return self;
}

export interface TestTsa extends TestServer {
  readonly holder: Holder;
  /** The line of a file of time sources is `tsa NAME url root FILE`; this is what it means. */
  source(change?: Partial<TsaSource>): TsaSource;
  /** What an honest answer is, changed. */
  answer(request: TimeStampRequest, change?: TokenChange): Buffer;
}

interface TokenChange {
  readonly imprint?: Uint8Array;
  readonly nonce?: Uint8Array | null;
  readonly time?: number;
  readonly signer?: Holder;
  /** Of its signature; absent: SHA-256. */
  readonly signs?: DigestName;
}

const POLICY = '1.3.6.1.4.1.55555.1';

export function tokenOver(
  { digest, imprint, nonce, certReq }: TimeStampRequest,
  holder: Holder,
  change: TokenChange = {},
): Uint8Array {
  const signer = change.signer ?? holder;
  const info = {
    ...{ policy: POLICY, digest, imprint: change.imprint ?? imprint },
    serial: Uint8Array.of(1, ...randomBytes(8)),
    time: change.time ?? Date.now(),
    accuracy: 1000,
    nonce: change.nonce === undefined ? nonce : change.nonce,
  };
  const signs = change.signs ?? 'sha256';
  const issuer = { certificates: [signer.der], signature: 'ecdsa', digest: signs } as const;
  const { toSign, finish } = prepareToken(info, issuer, certReq);
  return finish(signer.key.sign(toSign, signs));
}

export function readTsq(body: Uint8Array): TimeStampRequest {
  const reading = readRequest(new Uint8Array(body), [POLICY]);
  if (!reading.accepted) throw new Error(reading.message);
  return reading.request;
}

export const sendReply = (res: ServerResponse, body: Uint8Array): void => {
  res.writeHead(200, { 'content-type': 'application/timestamp-reply' }).end(body);
};

/** @param clock of the authority, milliseconds since the Unix epoch */
export async function startTsa({
  holder = tsa(),
  root = ROOT,
  clock = Date.now,
}: { holder?: Holder; root?: Holder; clock?: () => number } = {}): Promise<TestTsa> {
  const server = await startServer((req, res, body) => {
    if (req.method !== 'POST' || req.headers['content-type'] !== 'application/timestamp-query')
      res.writeHead(400).end();
    else sendReply(res, self.answer(readTsq(body), { time: clock() }));
  });
  const self: TestTsa = Object.assign(server, {
    holder,
    source: (change: Partial<TsaSource> = {}): TsaSource => ({
      ...{ type: 'tsa', name: 'seoul', url: server.url, owner: 'seoul', everyMs: 100, standby: false },
      roots: [root.der],
      ...change,
    }),
    answer: (request: TimeStampRequest, change?: TokenChange) =>
      Buffer.from(encodeGranted(tokenOver(request, holder, change))),
  });
  return self;
}

/** A server with a revocation list. */
export async function startList(list: Uint8Array): Promise<TestServer> {
  return startServer((req, res) => {
    res.end(list);
  });
}

/** Where a list is that would name a certificate. */
export const crlPoint = (url: string): Extension => ({
  ...{ id: '2.5.29.31', critical: false },
  value: sequence(sequence(element(0xa0, element(0xa0, element(0x86, utf8(url)))))),
});

export const REJECTED = Buffer.from(encodeRejection('badRequest', 'not today'));

export interface TestNode extends TestServer {
  /** Of the blocks from the first on. */
  readonly headers: readonly Uint8Array[];
  /** Adds a block with this Merkle root. @returns its height */
  mine(merkleRoot?: Uint8Array): number;
  source(): NonNullable<TimeSources['node']>;
}

const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest();
const hashOf = (header: Uint8Array) =>
  Buffer.from(sha256(sha256(header)))
    .reverse()
    .toString('hex');

/** A Bitcoin node of the network for tests, as far as its headers go. */
export async function startNode(): Promise<TestNode> {
  const headers = mineChain(10);
  const server = await startServer((req, res, body) => {
    const { method, params } = JSON.parse(body.toString()) as { method: string; params: [unknown] };
    const reply = (result: unknown, error: unknown = null) => {
      res.writeHead(error === null ? 200 : 500, { 'content-type': 'application/json' });
      res.end(JSON.stringify({ result, error, id: 'ingam' }));
    };
    const byHash = headers.find((header) => hashOf(header) === params[0]);
    const header = headers[Number(params[0])];
    if (method === 'getblockcount') reply(headers.length - 1);
    else if (method === 'getblockhash' && header !== undefined) reply(hashOf(header));
    else if (method === 'getblockheader' && byHash !== undefined) reply(toHex(byHash));
    else reply(null, { code: -8, message: 'Block height out of range' });
  });
  return Object.assign(server, {
    headers,
    mine: (merkleRoot?: Uint8Array) => {
      const wish = merkleRoot === undefined ? {} : { merkleRoot };
      return headers.push(mineAfter(headers.at(-1) ?? null, wish)) - 1;
    },
    source: () => ({
      ...{
        type: 'node' as const,
        name: 'bitcoin',
        url: server.url,
        network: REGTEST,
        pin: null,
        credentials: null,
      },
    }),
  });
}

export interface TestCalendar extends TestServer {
  source(change?: Partial<CalendarSource>): CalendarSource;
  /** Puts all that is pending into a block of the node, and five blocks on top. */
  complete(node: TestNode): void;
}

export async function startCalendar(): Promise<TestCalendar> {
  /** By the commitment in hexadecimal. */
  const blocks = new Map<string, { readonly salt: Uint8Array; readonly height: number } | null>();
  const server = await startServer((req, res, body) => {
    if (req.method === 'POST' && req.url === '/digest') {
      const salt = new Uint8Array(randomBytes(16));
      const commitment = sha256(concat(body, salt));
      blocks.set(commitment.toString('hex'), null);
      const pending = { attestations: [{ type: 'pending', url: server.url } as const], branches: [] };
      const operations: OtsOperation[] = [{ name: 'append', argument: salt }, { name: 'sha256' }];
      res.writeHead(200).end(formatCalendarTimestamp(after(operations, pending)));
      return;
    }
    const block = blocks.get(req.url?.replace('/timestamp/', '') ?? '');
    if (block === undefined || block === null) {
      res.writeHead(404).end('Pending confirmation in Bitcoin blockchain');
      return;
    }
    const end = { attestations: [{ type: 'bitcoin', height: block.height } as const], branches: [] };
    const operations: OtsOperation[] = [{ name: 'prepend', argument: block.salt }, { name: 'sha256' }];
    res.writeHead(200).end(formatCalendarTimestamp(after(operations, end)));
  });
  return Object.assign(server, {
    source: (change: Partial<CalendarSource> = {}): CalendarSource => ({
      ...{ type: 'bitcoin', name: 'alice', url: server.url, owner: 'alice', everyMs: 100, standby: false },
      ...change,
    }),
    complete: (node: TestNode) => {
      for (const [commitment, block] of blocks) {
        if (block !== null) continue;
        const salt = new Uint8Array(randomBytes(16));
        const height = node.mine(sha256(concat(salt, Buffer.from(commitment, 'hex'))));
        blocks.set(commitment, { salt, height });
      }
      for (let i = 0; i < 5; i++) node.mine();
    },
  });
}

export interface TestDrand extends TestServer {
  readonly chain: DrandChain;
  source(): NonNullable<TimeSources['drand']>;
  /** What an honest server answers at a time. */
  round(number: number): { round: number; signature: string; randomness: string };
}

const DRAND_SECRET = bls12_381.utils.randomSecretKey(new Uint8Array(48).fill(7));
const DRAND_KEY = bls12_381.shortSignatures.getPublicKey(DRAND_SECRET).toBytes();
const DRAND_DOMAIN = 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_';

const signed = new Map<number, Uint8Array>();

/** Made once: services ask for the same round many times, and a signature takes a hundred times as long as an answer. */
function signatureOf(round: number): Uint8Array {
  const known = signed.get(round);
  if (known !== undefined) return known;
  const number = Buffer.alloc(8);
  number.writeBigUInt64BE(BigInt(round));
  const scheme = bls12_381.shortSignatures;
  const point = scheme.sign(scheme.hash(new Uint8Array(sha256(number)), DRAND_DOMAIN), DRAND_SECRET);
  const signature = point.toBytes();
  signed.set(round, signature);
  return signature;
}

export async function startDrand(clock: () => number = Date.now): Promise<TestDrand> {
  const parameters = {
    publicKey: DRAND_KEY,
    genesis: 1_700_000_000,
    period: 3,
    seed: new Uint8Array(32),
    id: 'test',
  };
  const chain = drandChain(parameters);
  const server = await startServer((req, res) => {
    if (req.url !== `/${toHex(chain.hash)}/public/latest`) res.writeHead(404).end();
    else res.writeHead(200).end(JSON.stringify(self.round(drandRoundAt(chain, clock()))));
  });
  const self: TestDrand = Object.assign(server, {
    chain,
    source: () => ({ type: 'drand' as const, name: 'drand', url: server.url, chain }),
    round: (round: number) => {
      const signature = signatureOf(round);
      return { round, signature: toHex(signature), randomness: toHex(sha256(signature)) };
    },
  });
  return self;
}

/** Waits until the service at `url` carries an anchor in the proof of this document: it learns of one after the store. */
export async function untilAnchored(url: string, document: string): Promise<void> {
  const digest = createHash('sha256').update(document).digest('hex');
  await until(
    `an anchor in the proof of ${document}`,
    async () => (await fetch(`${url}/v1/verify/${digest}`)).text(),
    (said) => said.includes('"status":"anchored"'),
  );
}
