import { afterAll, beforeAll, expect, test } from 'vitest';
import { NODE } from '../../src/crypto/primitives.js';
import { HistoryTooLarge } from '../../src/log/index.js';
import { PastStates } from '../../src/log/past-states.js';
import { HistoryReader, type HistorySource } from '../../src/log/record-history.js';
import { formatHistory, parseHistory, utf8 } from '../../src/proof/index.js';
import { verifyHistory } from '../../src/proof/records/history.js';
import type { Sealer } from '../../src/sealer/index.js';
import type { Store } from '../../src/store/index.js';
import { createStore, type TestStore } from '../support/database.js';
import { createDirectory, type Directory, sealerOver } from '../support/parts.js';
import { acceptEvents, digestOf, type Signer, signer, Subject } from '../support/record-chain.js';
import { until } from '../support/until.js';

const alice = signer('alice');
const EVENTS = 150;
const BLOCKS = 3;

let db: TestStore;
let directory: Directory;
let sealer: Sealer;
const subject = new Subject();
/** A work, and the one whose holder contests it, and has a new key when the dispute is settled. */
const [work, other] = [new Subject(), new Subject()];
const [bob, carol] = [signer('bob'), signer('carol')];

beforeAll(async () => {
  directory = await createDirectory();
  db = await createStore();
  sealer = sealerOver(db.store, directory.path);
  sealer.start();
  const version = (i: number) => {
    const document = { document: { sha256: digestOf(`${i}`) } };
    return i === 0
      ? subject.event('document.create', { ...document, holder: alice.text }, [alice])
      : subject.event('document.version', document, [alice]);
  };
  const claim = (of: Signer) => ({
    ...{ title: 'A poem', kind: 'literary', authors: [{ name: 'Alice', role: 'author' }], published: null },
    ...{ madeForHire: false, basis: 'author', documents: [{ sha256: digestOf('poem') }], holder: of.text },
  });
  const aside = [
    () => [work.event('work.claim', claim(alice), [alice]), other.event('work.claim', claim(bob), [bob])],
    () => [
      work.event('work.contest', { by: other.hex, holder: bob.text, reason: 'mine' }, [bob]),
      other.event('record.rekey', { holder: carol.text }, [bob, carol]),
    ],
    () => [work.event('work.settle', { contest: 1, holder: carol.text }, [carol])],
  ];
  for (let block = 0; block < BLOCKS; block++) {
    for (let i = 0; i < EVENTS / BLOCKS; i++) await acceptEvents(db, [version(subject.sequence + 1)]);
    await acceptEvents(db, aside[block]?.() ?? []);
    await until('everything that was accepted to be sealed', async () => {
      const { nextPosition, firstUnsealed } = await db.store.sealingState();
      return nextPosition > 0 && nextPosition === firstUnsealed;
    });
  }
  await sealer.stop();
});
afterAll(async () => {
  await db.drop();
  await directory[Symbol.asyncDispose]();
});

async function sourceOf(more: Partial<HistorySource> = {}): Promise<HistorySource> {
  const checkpoint = await db.store.checkpoint();
  if (checkpoint === null) throw new Error('nothing is sealed');
  return {
    ...{ store: db.store, checkpoint, height: checkpoint.size - 1 },
    anchorsOf: () => Promise.resolve([]),
    mayRead: () => Promise.resolve(false),
    ...more,
  };
}

async function textOf(source: HistorySource): Promise<string> {
  const reader = await HistoryReader.open(source, subject.id);
  let text = '';
  if (reader !== null) for await (const part of reader.text()) text += part;
  return text;
}

/** Counts the calls of each method. */
function counting(store: Store): { readonly store: Store; readonly calls: Map<string | symbol, number> } {
  const calls = new Map<string | symbol, number>();
  const proxy = new Proxy(store, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return (...args: unknown[]): unknown => {
        calls.set(name, (calls.get(name) ?? 0) + 1);
        return Reflect.apply(method, target, args);
      };
    },
  });
  return { store: proxy, calls };
}

test('a history that is written in parts is the one that is read at once', async () => {
  const source = await sourceOf();
  const text = await textOf(source);
  const reader = await HistoryReader.open(source, subject.id);
  if (reader === null) throw new Error('there is no history');
  expect(formatHistory(await reader.read())).toBe(text);
  const found = verifyHistory({ history: parseHistory(utf8(text)), policy: null, primitives: NODE });
  expect(found).toMatchObject({ verdict: 'untrusted', asOf: { height: source.height } });
  expect(found.timeline).toHaveLength(EVENTS);
});

test('reads the paths of many events, and many blocks, with one statement', async () => {
  const { store, calls } = counting(db.store);
  await textOf(await sourceOf({ store }));
  // Twice: before the first byte is sent, it is known that the file is not too large.
  expect(calls.get('recordEvents')).toBe(2 * Math.ceil(EVENTS / 64));
  expect(calls.get('blockTiles')).toBe(Math.ceil(EVENTS / 64));
  expect(calls.get('blocksAt')).toBe(2);
  expect(calls.get('block')).toBeUndefined();
});

test('a history that would be too large is refused before it is read, and says what fits', async () => {
  const length = Buffer.byteLength(await textOf(await sourceOf()));
  const most = Math.floor(length * 0.7);
  const { store, calls } = counting(db.store);
  const refused = await HistoryReader.open(await sourceOf({ store, most }), subject.id).catch(
    (error: unknown) => error,
  );
  expect(refused).toBeInstanceOf(HistoryTooLarge);
  expect(calls.get('blockTiles')).toBeUndefined();
  const height = Number(/\?at=(\d+)/.exec(String(refused))?.[1]);
  expect(height).toBeLessThan((await sourceOf()).height);
  const part = await textOf(await sourceOf({ most, height }));
  expect(Buffer.byteLength(part)).toBeLessThan(most);
  expect(parseHistory(utf8(part)).records.values().next().value?.events.length).toBeGreaterThan(0);
});

test('anchors take only the room that is left, because no verifier needs them', async () => {
  const length = Buffer.byteLength(await textOf(await sourceOf()));
  const anchorsOf = () => Promise.resolve([{ type: 'note', text: 'a'.repeat(30_000) }]);
  const all = parseHistory(utf8(await textOf(await sourceOf({ anchorsOf }))));
  expect(all.blocks.map(({ anchors }) => anchors.length)).not.toContain(0);
  const most = Math.ceil(length * 1.6);
  const text = await textOf(await sourceOf({ anchorsOf, most }));
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(most);
  expect(parseHistory(utf8(text)).blocks.at(-1)?.anchors).toEqual([]);
});

test('a state after a block is that of the history up to it', async () => {
  const { height: last } = await sourceOf();
  for (let height = 0; height <= last; height++) {
    for (const { id } of [subject, work, other]) {
      const mayRead = () => Promise.resolve(true);
      const history = await (await HistoryReader.open(await sourceOf({ height, mayRead }), id))?.read();
      if (history === undefined) {
        expect(await new PastStates(db.store, height).of(id)).toBeNull();
        continue;
      }
      const { state, timeline } = verifyHistory({ history, policy: null, primitives: NODE });
      const value = history.records.get(history.record)?.state.path.leaf?.value;
      const found = await new PastStates(db.store, height).of(id);
      expect(found).toMatchObject({ state, value, sequence: timeline.length - 1 });
      expect(state).not.toBeNull();
    }
  }
});

test('a state after a block is read from the events up to it, and from nothing else', async () => {
  const { store, calls } = counting(db.store);
  const [first] = await db.query<{ count: string }>(
    'SELECT count(*) FROM event WHERE record = $1 AND height = 0',
    [Buffer.from(subject.id)],
  );
  const found = await new PastStates(store, 0).of(subject.id);
  expect(found?.sequence).toBe(Number(first?.count) - 1);
  expect(Object.fromEntries(calls)).toEqual({ recordEvents: 1 });
  expect(await new PastStates(store, 0).of(new Uint8Array(32).fill(9))).toBeNull();
});
