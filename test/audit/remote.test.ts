import { describe, expect, test } from 'vitest';
import { generateKey } from '../../src/crypto/keys.js';
import type { LogFinding, LogSource } from '../../src/audit/log-source.js';
import { auditLog } from '../../src/audit/remote.js';
import {
  blockHash,
  concat,
  encodeHeader,
  formatCheckpoint,
  formatNote,
  formatVerifierKey,
  HEADER_LENGTH,
  leafHash,
  merkleRoot,
  NO_STATE,
  parsePolicy,
  policyOfKeys,
  signNote,
  TILE_WIDTH,
  type Header,
  type Policy,
} from '../../src/proof/index.js';

const ORIGIN = 'test.example/log';
const KEY = generateKey(ORIGIN, 1, new Uint8Array(32).fill(7));
const TRUST = policyOfKeys([KEY.key]);

/** A chain of `size` blocks of difficulty 0; `change` alters a header before the next one links to it. */
function chainOf(size: number, change: (header: Header) => Header = (header) => header): Uint8Array[] {
  const headers: Uint8Array[] = [];
  let previousHash: Uint8Array = new Uint8Array(32);
  for (let height = 0; height < size; height++) {
    const header = {
      height,
      previousHash,
      merkleRoot: new Uint8Array(32).fill(1),
      state: NO_STATE,
      firstPosition: height * 2,
    };
    const bytes = encodeHeader(
      change({ ...header, entryCount: 2, sealedAt: height, difficulty: 0, nonce: 0n }),
    );
    previousHash = blockHash(bytes);
    headers.push(bytes);
  }
  return headers;
}

/** Publishes headers as c2sp.org/tlog-tiles says, each tile computed from the leaves by the definition. */
function publish(headers: readonly Uint8Array[]): LogSource {
  const leaves = headers.map((header) => leafHash(header));
  const root = merkleRoot(leaves);
  return {
    checkpoint: () =>
      Promise.resolve(
        formatNote(
          signNote(formatCheckpoint({ origin: ORIGIN, size: headers.length, root, extensions: [] }), KEY),
        ),
      ),
    tile: ({ level, index, width }) => {
      const span = TILE_WIDTH ** level;
      const hashes = Array.from({ length: width }, (_, i) => {
        const start = (index * TILE_WIDTH + i) * span;
        return merkleRoot(leaves.slice(start, start + span));
      });
      return Promise.resolve(concat(...hashes));
    },
    entryBundle: (index, width) =>
      Promise.resolve(
        concat(
          ...headers
            .slice(index * TILE_WIDTH, index * TILE_WIDTH + width)
            .map((header) => concat(Uint8Array.of(0, header.length), header)),
        ),
      ),
  };
}

async function findingsOf(source: LogSource, policy: Policy = TRUST): Promise<LogFinding[]> {
  const findings: LogFinding[] = [];
  for await (const finding of auditLog({ source, policy })) findings.push(finding);
  return findings;
}

const places = (findings: readonly LogFinding[]) => findings.map(({ where, what }) => `${where}: ${what}`);

/** The same source, with one byte of one response changed. */
function flip(
  source: LogSource,
  kind: 'tile' | 'entryBundle',
  level: number,
  index: number,
  at: number,
): LogSource {
  const changed = (bytes: Uint8Array | null, hit: boolean) => {
    if (hit && bytes !== null) bytes[at] = (bytes[at] ?? 0) ^ 1;
    return bytes;
  };
  return {
    ...source,
    tile: async (id) =>
      changed(await source.tile(id), kind === 'tile' && id.level === level && id.index === index),
    entryBundle: async (i, width) =>
      changed(await source.entryBundle(i, width), kind === 'entryBundle' && i === index),
  };
}

describe('a sound log', () => {
  test.each([1, 2, 3, 255, 256, 257, 600, 65_537])('of %i blocks has no finding', async (size) => {
    const audit = auditLog({ source: publish(chainOf(size)), policy: TRUST });
    const last = await audit.next();
    expect(last.done).toBe(true);
    expect(last.value).toMatchObject({ origin: ORIGIN, size });
  });

  test('without blocks has no finding', async () => {
    const source = { ...publish([]), checkpoint: () => Promise.resolve(null) };
    expect(await findingsOf(source)).toEqual([]);
  });

  test('is audited with progress reports', async () => {
    const seen: string[] = [];
    const onProgress = (done: number, total: number) => seen.push(`${done}/${total}`);
    const audit = auditLog({ source: publish(chainOf(300)), policy: TRUST, onProgress });
    expect((await audit.next()).done).toBe(true);
    expect(seen).toEqual(['256/300', '300/300']);
  });
});

describe('the audit of a log names', () => {
  const sound = publish(chainOf(600));

  test.each<[string, (header: Header) => Header]>([
    ['height', (header) => ({ ...header, height: 9 })],
    ['previous_hash', (header) => ({ ...header, previousHash: new Uint8Array(32).fill(9) })],
    ['first_position', (header) => ({ ...header, firstPosition: 1 })],
    ['time', (header) => ({ ...header, sealedAt: 0 })],
    ['difficulty_step', (header) => ({ ...header, difficulty: 2 })],
    ['proof_of_work', (header) => ({ ...header, difficulty: 1, nonce: failingNonce(header) })],
  ])('a header that breaks the rule of %s', async (fault, change) => {
    const headers = chainOf(5, (header) => (header.height === 3 ? change(header) : header));
    expect(places(await findingsOf(publish(headers)))[0]).toBe(`block 3: ${fault}`);
  });

  test('a difficulty below that of the first block', async () => {
    const headers = chainOf(3, (header) => {
      let bytes = { ...header, difficulty: header.height === 2 ? 0 : 1 };
      while (header.height < 2 && (blockHash(encodeHeader(bytes))[0] ?? 0) >= 128) {
        bytes = { ...bytes, nonce: bytes.nonce + 1n };
      }
      return bytes;
    });
    expect(places(await findingsOf(publish(headers)))).toEqual(['block 2: difficulty_minimum']);
  });

  test('the block, the leaf hash and the root for a changed byte of a header', async () => {
    const findings = await findingsOf(flip(sound, 'entryBundle', 0, 1, 2 * (2 + HEADER_LENGTH) + 2 + 50));
    expect(places(findings)).toContain('tile/0/001: hash 2');
    expect(places(findings)).toContain('checkpoint: root');
  });

  test.each([
    [0, 0, 'tile/0/000: hash 3'],
    [0, 2, 'tile/0/002.p/88: hash 3'],
  ])('a changed hash of tile level %i, index %i', async (level, index, place) => {
    expect(places(await findingsOf(flip(sound, 'tile', level, index, 3 * 32 + 5)))).toEqual([place]);
  });

  test('a changed hash of a higher level', async () => {
    expect(places(await findingsOf(flip(sound, 'tile', 1, 0, 32)))).toEqual(['tile/1/000.p/2: hash 1']);
  });

  test('a tile that is missing or too short', async () => {
    const missing = { ...sound, tile: () => Promise.resolve(null) };
    expect(places(await findingsOf(missing))).toHaveLength(4);
    const short = { ...sound, tile: () => Promise.resolve(new Uint8Array(31)) };
    expect(places(await findingsOf(short))[0]).toBe('tile/0/000: length');
  });

  test.each<[string, Uint8Array | null]>([
    ['missing', null],
    ['empty', new Uint8Array()],
    ['cut off', Uint8Array.of(0, 134, 1)],
  ])('a bundle that is %s', async (_, bytes) => {
    const source = { ...sound, entryBundle: () => Promise.resolve(bytes) };
    expect(places(await findingsOf(source))).toEqual(['tile/entries/000: entries']);
  });

  test('an entry that is not a header', async () => {
    const source = publish([...chainOf(2), new Uint8Array(134)]);
    expect(places(await findingsOf(source))).toEqual(['block 2: header']);
  });

  test('a checkpoint that is malformed, signed by another key, or without its quorum', async () => {
    const text = (note: string) => ({ ...sound, checkpoint: () => Promise.resolve(note) });
    expect(places(await findingsOf(text('hello')))).toEqual(['checkpoint: text']);
    const stranger = generateKey(ORIGIN);
    expect(places(await findingsOf(sound, policyOfKeys([stranger.key])))).toEqual(['checkpoint: signature']);
    const witness = generateKey('w.example', 4);
    const policy = parsePolicy(
      `log ${formatVerifierKey(KEY.key)}\nwitness w ${formatVerifierKey(witness.key)}\nquorum w\n`,
    );
    expect(places(await findingsOf(sound, policy))).toEqual(['checkpoint: cosignatures']);
  });
});

test('stops when the signal aborts', async () => {
  const audit = auditLog({
    source: publish(chainOf(3)),
    policy: TRUST,
    signal: AbortSignal.abort(new Error('stop')),
  });
  await expect(audit.next()).rejects.toThrow('stop');
});

/** A nonce that gives the header's hash no zero bit. */
function failingNonce(header: Header): bigint {
  let nonce = 0n;
  while ((blockHash(encodeHeader({ ...header, difficulty: 1, nonce }))[0] ?? 0) < 128) nonce++;
  return nonce;
}
