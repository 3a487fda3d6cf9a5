import { base64, readCheckpoint, readEntry, readHeader, readNote, sha256 } from './formats.js';
import { canonical, depthOf, Malformed, parseJson, type Value } from './strict-json.js';
import { leaf, pathLength, rootOf } from './trees.js';

// The steps of docs/record-files.md that need no rules: blocks, events, values and the map.

export interface WrittenHistory {
  readonly checkpoint: string;
  readonly blocks: readonly {
    readonly header: string;
    readonly path: readonly string[];
    readonly statement?: string;
  }[];
  readonly records: Readonly<Record<string, WrittenRecord>>;
  readonly documents: Readonly<Record<string, Placed>>;
}

interface Placed {
  readonly entry: string;
  readonly height: number;
  readonly index: number;
  readonly path: readonly string[];
}

type WrittenEvent =
  | (Placed & { readonly note: string; readonly body?: object })
  | { readonly automatic: string };

interface WrittenRecord {
  readonly events: readonly WrittenEvent[];
  readonly state: {
    readonly height: number;
    readonly siblings: readonly string[];
    readonly leaf: { readonly key: string; readonly value: string } | null;
  };
}

const ZERO = '00'.repeat(32);

/** The numbers of the steps that fail, of 1, 4, 5 and 9. */
export function failingSteps({ checkpoint, blocks, records, documents }: WrittenHistory): number[] {
  const failing = new Set<number>();
  const note = readNote(checkpoint);
  const log = readCheckpoint(checkpoint);
  const [origin = ''] = note.text.split('\n');
  const placedBlocks = new Map<number, ReturnType<typeof readHeader> & { statement: string | undefined }>();
  let last = 0n;
  for (const { header: text, path, statement } of blocks) {
    const header = readHeader(text);
    const hashes = path.map((hash) => base64(hash, 32));
    const isIn =
      header.height < log.size &&
      BigInt(hashes.length) === pathLength(header.height, log.size) &&
      rootOf(leaf(header.bytes), header.height, log.size, hashes).equals(log.root);
    if (!isIn || !hasWork(header) || header.sealedAt < last) failing.add(1);
    last = header.sealedAt;
    placedBlocks.set(Number(header.height), { ...header, statement });
  }

  const isPlaced = ({ entry: text, height, index, path }: Placed): boolean => {
    const entry = readEntry(text);
    const block = placedBlocks.get(height);
    const hashes = path.map((hash) => base64(hash, 32));
    return (
      block !== undefined &&
      BigInt(index) < block.entryCount &&
      BigInt(hashes.length) === pathLength(BigInt(index), block.entryCount) &&
      rootOf(leaf(entry.bytes), BigInt(index), block.entryCount, hashes).equals(block.root) &&
      entry.acceptedAt <= block.sealedAt
    );
  };

  for (const [id, { events, state }] of Object.entries(records)) {
    let value = ZERO;
    let before: readonly [height: number, rank: number] = [-1, -1];
    for (const [sequence, event] of events.entries()) {
      const text =
        'automatic' in event ? event.automatic : event.note.slice(0, event.note.lastIndexOf('\n\n') + 1);
      const named = readLines(text, 'automatic' in event);
      if (named === null) failing.add(4);
      let leafHash: Buffer;
      let place: readonly [height: number, rank: number];
      if ('automatic' in event) {
        leafHash = leaf(Buffer.from(event.automatic));
        place = [named?.height ?? -1, Infinity];
        if (named !== null && !placedBlocks.has(named.height)) failing.add(4);
      } else {
        const entry = readEntry(event.entry);
        const bytes = Buffer.from(event.note);
        leafHash = leaf(entry.bytes);
        place = [event.height, event.index];
        const isIt =
          entry.bytes[1] === 1 && entry.digest.equals(sha256(bytes)) && entry.size === BigInt(bytes.length);
        if (!isIt || !isPlaced(event) || !isBody(event.body, named?.body, entry)) failing.add(4);
      }
      const isBehind =
        place[0] > before[0] || (place[0] === before[0] && (place[1] > before[1] || place[1] === Infinity));
      if (!isBehind) failing.add(4);
      before = place;
      if (named !== null) {
        const record =
          named.record === ZERO && !('automatic' in event)
            ? sha256(event.note).toString('hex')
            : named.record;
        if (named.origin !== origin || record !== id || named.sequence !== sequence || named.before !== value)
          failing.add(5);
      }
      value = sha256(Buffer.of(5), Buffer.from(value, 'hex'), leafHash).toString('hex');
    }
    if (!isState(id, value, before[0], events.length > 0, state)) failing.add(9);
  }
  for (const [digest, placed] of Object.entries(documents)) {
    const entry = readEntry(placed.entry);
    if (entry.bytes[1] !== 0 || entry.digest.toString('hex') !== digest || !isPlaced(placed)) failing.add(4);
  }
  return [...failing].sort((a, b) => a - b);

  function isState(
    id: string,
    value: string,
    lastHeight: number,
    begun: boolean,
    state: WrittenRecord['state'],
  ): boolean {
    const block = placedBlocks.get(state.height);
    if (block?.statement === undefined || lastHeight > state.height) return false;
    if (!sha256(block.statement).equals(block.state)) return false;
    const statement = JSON.parse(block.statement) as { map: { root: string } };
    const { leaf: found, siblings } = state;
    const bit = (key: string, depth: number) =>
      (Number.parseInt(key.charAt(depth >> 2), 16) >> (3 - (depth & 3))) & 1;
    if (found !== null && siblings.some((_, depth) => bit(found.key, depth) !== bit(id, depth))) return false;
    let hash =
      found === null ? Buffer.alloc(32) : sha256(Buffer.of(0), Buffer.from(found.key + found.value, 'hex'));
    for (const [i, sibling] of siblings.entries()) {
      const other = base64(sibling, 32);
      hash =
        bit(id, siblings.length - 1 - i) === 1
          ? sha256(Buffer.of(1), other, hash)
          : sha256(Buffer.of(1), hash, other);
    }
    if (hash.toString('hex') !== statement.map.root) return false;
    return begun ? found?.key === id && found.value === value : found?.key !== id;
  }
}

function hasWork({ bytes, difficulty }: ReturnType<typeof readHeader>): boolean {
  const bits = [...sha256(bytes)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits + '1').indexOf('1') >= difficulty;
}

/** The seven lines of an event, or the seven and the facts of an automatic one; null: it is none. */
function readLines(text: string, isAutomatic: boolean) {
  const lines = text.split('\n');
  const [first, origin = '', record = '', sequence = '', before = '', type = '', seventh = ''] = lines;
  if (first !== (isAutomatic ? 'ingam/automatic/v1' : 'ingam/event/v1') || lines.at(-1) !== '') return null;
  if (isAutomatic ? lines.length < 8 : lines.length !== 8) return null;
  if (
    !/^[0-9a-f]{64}$/.test(record) ||
    !/^[0-9a-f]{64}$/.test(before) ||
    !/^[a-z]{1,32}\.[a-z]{1,32}$/.test(type)
  )
    return null;
  return {
    origin,
    record,
    sequence: Number(sequence),
    before,
    body: seventh,
    height: isAutomatic ? Number(seventh) : -1,
  };
}

function isBody(
  body: object | undefined,
  digest: string | undefined,
  entry: ReturnType<typeof readEntry>,
): boolean {
  if (body === undefined || digest === undefined) return true;
  const value: Value = parseJson(JSON.stringify(body));
  if (!(value instanceof Map)) throw new Malformed('body');
  const nonce = value.get('nonce');
  if (typeof nonce !== 'string' || !/^[0-9a-f]{32}$/.test(nonce) || depthOf(value) > 16) return false;
  const text = canonical(value);
  const details = sha256(Buffer.of(2), entry.salt, text);
  return sha256(text).toString('base64') === digest && details.equals(entry.detailsDigest);
}
