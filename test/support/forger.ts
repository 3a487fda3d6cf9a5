import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateKey, type PrivateKey } from '../../src/crypto/keys.js';
import { nodeSha256 } from '../../src/crypto/primitives.js';
import {
  blockHash,
  concat,
  encodeHeader,
  formatCheckpoint,
  formatNote,
  hasProofOfWork,
  leafHash,
  merkleRoot,
  NO_PREVIOUS_HASH,
  NO_STATE,
  parseTilePath,
  signNote,
  TILE_WIDTH,
  type Header,
} from '../../src/proof/index.js';

/** An operator who has the log key and writes whatever chain it likes. */

export const FORGER_KEY = generateKey('forger.example/log', 1, new Uint8Array(32).fill(9));
const DIFFICULTY = 6;

export interface ForgedBlock {
  readonly header: Header;
  readonly bytes: Uint8Array;
  readonly leaves: readonly Uint8Array[];
}

export interface BlockWish {
  readonly entries?: number;
  /** Leaf hash of the block's second entry; by default nobody knows what of. */
  readonly second?: Uint8Array;
  /** Before it is mined. */
  readonly change?: (header: Header) => Header;
  /** What becomes of the leaf hashes after the root was made of them. */
  readonly leaves?: (leaves: Uint8Array[]) => Uint8Array[];
  /** false: the nonce is one that does not give the work. */
  readonly mined?: boolean;
  readonly root?: Uint8Array;
}

export class ForgedChain {
  readonly blocks: readonly ForgedBlock[];

  constructor(blocks: readonly ForgedBlock[] = []) {
    this.blocks = blocks;
  }

  get size(): number {
    return this.blocks.length;
  }

  /** The chain with one block more, which obeys the rules unless the wish says otherwise. */
  with({
    entries = 3,
    second,
    change = (header) => header,
    leaves,
    mined = true,
    root,
  }: BlockWish = {}): ForgedChain {
    const own = Array.from({ length: entries }, (_, i) =>
      i === 1 && second !== undefined ? second : new Uint8Array(randomBytes(32)),
    );
    const tip = this.blocks.at(-1);
    const header = change({
      height: this.size,
      previousHash: tip === undefined ? NO_PREVIOUS_HASH : blockHash(tip.bytes),
      merkleRoot: root ?? merkleRoot(own, nodeSha256),
      state: NO_STATE,
      firstPosition: tip === undefined ? 0 : tip.header.firstPosition + tip.header.entryCount,
      entryCount: entries,
      sealedAt: tip === undefined ? 1_700_000_000_000 : tip.header.sealedAt + 1000,
      difficulty: tip?.header.difficulty ?? DIFFICULTY,
      nonce: 0n,
    });
    const block = mine(header, mined);
    return new ForgedChain([
      ...this.blocks,
      { header: block, bytes: encodeHeader(block), leaves: leaves?.(own) ?? own },
    ]);
  }

  grown(count: number, wish: BlockWish = {}): ForgedChain {
    return Array.from({ length: count }).reduce<ForgedChain>((chain) => chain.with(wish), this);
  }

  /** Only the first blocks. */
  first(size: number): ForgedChain {
    return new ForgedChain(this.blocks.slice(0, size));
  }

  get root(): Uint8Array {
    return merkleRoot(this.blocks.map(({ bytes }) => leafHash(bytes)));
  }

  /** Signed. */
  checkpoint(key: PrivateKey = FORGER_KEY, origin: string = key.key.name): string {
    const { size, root } = this;
    return formatNote(signNote(formatCheckpoint({ origin, size, root, extensions: [] }), key));
  }
}

function mine(header: Header, mined: boolean): Header {
  for (let nonce = 0n; ; nonce++) {
    const next = { ...header, nonce };
    if (hasProofOfWork(nodeSha256(encodeHeader(next)), header.difficulty) === mined) return next;
  }
}

/** What an address serves. */
export interface View {
  readonly chain: ForgedChain;
  /** By default the chain's own. */
  readonly checkpoint?: string | null;
  /** Answers instead, where it returns true. */
  readonly instead?: (path: string, res: ServerResponse) => boolean;
}

export interface Forger extends AsyncDisposable {
  readonly url: string;
  view: View;
  /** Paths that were asked for. */
  readonly asked: string[];
}

/** Publishes in the manner of c2sp.org/tlog-tiles, computed from the definition. */
export async function serveChain(view: View): Promise<Forger> {
  const forger = { view, asked: [] as string[] };
  const server = createServer((req, res) => {
    const path = req.url ?? '';
    forger.asked.push(path);
    const { chain, checkpoint, instead } = forger.view;
    if (instead?.(path, res) === true) return;
    const bytes =
      path === '/checkpoint'
        ? checkpoint === null
          ? null
          : Buffer.from(checkpoint ?? chain.checkpoint())
        : answer(chain, path);
    if (bytes === null) res.writeHead(404).end();
    else res.end(bytes);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(forger, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  });
}

function answer({ blocks }: ForgedChain, path: string): Uint8Array | null {
  const entries = /^\/tile\/entries\/(.*)$/.exec(path)?.[1];
  if (entries !== undefined) {
    const { index, width } = parseTilePath('0', entries);
    const wanted = blocks.slice(index * TILE_WIDTH, index * TILE_WIDTH + width);
    return wanted.length < width
      ? null
      : concat(...wanted.map(({ bytes }) => concat(Uint8Array.of(0, bytes.length), bytes)));
  }
  const log = /^\/tile\/([0-9]+)\/(.*)$/.exec(path);
  if (log !== null)
    return tile(
      blocks.map(({ bytes }) => leafHash(bytes)),
      log[1] ?? '',
      log[2] ?? '',
    );
  const range = /^\/v1\/leaves\?first=([0-9]+)&count=([0-9]+)$/.exec(path);
  if (range !== null) {
    const all = blocks.flatMap(({ leaves }) => leaves);
    const wanted = all.slice(Number(range[1]), Number(range[1]) + Number(range[2]));
    return wanted.length < Number(range[2]) ? null : concat(...wanted);
  }
  const block = /^\/v1\/blocks\/([0-9]+)\/tile\/([0-9]+)\/(.*)$/.exec(path);
  const leaves = blocks[Number(block?.[1])]?.leaves;
  return block === null || leaves === undefined ? null : tile(leaves, block[2] ?? '', block[3] ?? '');
}

function tile(leaves: readonly Uint8Array[], level: string, rest: string): Uint8Array | null {
  const { level: l, index, width } = parseTilePath(level, rest);
  const span = TILE_WIDTH ** l;
  const hashes = Array.from({ length: width }, (_, i) => {
    const start = (index * TILE_WIDTH + i) * span;
    return leaves.slice(start, start + span);
  });
  return hashes.every((part) => part.length === span)
    ? concat(...hashes.map((part) => merkleRoot(part)))
    : null;
}
