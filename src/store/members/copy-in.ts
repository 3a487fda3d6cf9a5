import pg from 'pg';
import type { BlockTile } from '../types.js';

/** What a COPY in binary form begins with: signature, no flags, no extension; and what ends it. */
const HEAD = Buffer.from('5047434f50590aff0d0a000000000000000000', 'hex');
const END = -1;
/** The messages of the protocol: a type, and a length that counts itself. */
const COPY_DATA = 0x64; // d
const COPY_DONE = Buffer.from('6300000004', 'hex'); // c
/** Four fields: how many they are, the length of each, and all but the hashes. */
const ROW_LENGTH = 2 + 4 * 4 + 8 + 2 + 4;

/** pg's own query, which has nothing to give when PostgreSQL asks for rows. They are not copied into a message: they come as one. */
class CopyIn extends pg.Query {
  readonly #messages: Uint8Array;

  constructor(text: string, messages: Uint8Array) {
    super(text);
    this.#messages = messages;
  }

  handleCopyInResponse({ stream }: pg.Connection): void {
    stream.write(this.#messages);
  }
}

/**
 * Adds tiles of blocks' trees. Of 1,000,000 hashes in tiles of 256 it costs PostgreSQL 0.2 s, where an INSERT from arrays costs 0.4:
 * these are put together, taken apart, and kept in a file between.
 */
export async function copyTiles(
  client: pg.ClientBase,
  tiles: readonly (BlockTile & { readonly height: number })[],
): Promise<void> {
  const query = 'COPY block_tile (height, level, index, hashes) FROM STDIN (FORMAT binary)';
  const copy = new CopyIn(query, encodeMessages(tiles));
  await new Promise((resolve, reject) => {
    copy.on('end', resolve).on('error', reject);
    client.query(copy);
  });
}

function encodeMessages(tiles: readonly (BlockTile & { readonly height: number })[]): Buffer {
  const rows = tiles.reduce((sum, { hashes }) => sum + ROW_LENGTH + hashes.length, HEAD.length + 2);
  const out = Buffer.allocUnsafe(1 + 4 + rows + COPY_DONE.length);
  let at = out.writeInt32BE(4 + rows, out.writeUInt8(COPY_DATA));
  at += HEAD.copy(out, at);
  for (const { height, level, index, hashes } of tiles) {
    at = out.writeInt16BE(4, at);
    at = out.writeBigInt64BE(BigInt(height), out.writeInt32BE(8, at));
    at = out.writeInt16BE(level, out.writeInt32BE(2, at));
    at = out.writeInt32BE(index, out.writeInt32BE(4, at));
    at = out.writeInt32BE(hashes.length, at);
    out.set(hashes, at);
    at += hashes.length;
  }
  COPY_DONE.copy(out, out.writeInt16BE(END, at));
  return out;
}
