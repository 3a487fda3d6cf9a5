import { createHash } from 'node:crypto';
import { describe, expect, test as alone } from 'vitest';
import { REGTEST } from '../../src/proof/time/bitcoin.js';
import { verifyBitcoinAnchor } from '../../src/proof/time/bitcoin-anchor.js';
import { formatCalendarTimestamp } from '../../src/proof/time/ots.js';
import { startCalendar, startNode, type Behaviour } from '../support/time-sources.js';
import { until } from '../support/until.js';
import { createScene, type Scene } from './scene.js';

const test = alone.concurrent;

const DAY_MS = 86_400_000;

const rows = (scene: Scene) =>
  scene.db.query<{ type: string; size: string }>('SELECT type, size FROM anchor ORDER BY id');

const anchorOver = async (scene: Scene, height: number) => {
  const [anchor] = await until(
    `an anchor over block ${height}`,
    () => scene.db.store.anchorsOver(height),
    (found) => found.length > 0,
  );
  if (anchor?.type !== 'bitcoin') throw new Error('it has another type');
  return anchor;
};

test('submits the note of the newest checkpoint, and completes it once Bitcoin has it', async () => {
  await using node = await startNode();
  await using calendar = await startCalendar();
  await using scene = await createScene({ anchors: [calendar.source()], node: node.source() });
  await scene.seal(2);
  await until(
    'a pending anchor',
    () => rows(scene),
    (found) => found.length > 0,
  );
  expect(await scene.db.store.anchorsOver(0)).toEqual([]);
  calendar.complete(node);
  const anchor = await anchorOver(scene, 0);
  const note = (await scene.db.store.checkpoint(anchor.size))?.note ?? '';
  const digest = new Uint8Array(createHash('sha256').update(note).digest());
  const [header = new Uint8Array(), ...following] = anchor.headers;
  expect(following).toHaveLength(5);
  const placed = { header, height: anchor.height, path: [], following };
  expect(verifyBitcoinAnchor(digest, anchor.ots, placed, [], REGTEST)).toMatchObject({ ok: true });
  expect(node.headers[anchor.height]).toEqual(header);
});

test('goes on after a restart with what was pending, and keeps what came earlier', async () => {
  await using node = await startNode();
  await using calendar = await startCalendar();
  await using scene = await createScene({ anchors: [calendar.source()], node: node.source() });
  await scene.seal();
  await until(
    'the first',
    () => rows(scene),
    (found) => found.length === 1,
  );
  await scene.seal();
  await until(
    'the second',
    () => rows(scene),
    (found) => found.length === 2,
  );
  calendar.complete(node);
  await scene.restart();
  expect((await anchorOver(scene, 0)).size).toBe(1);
  expect((await anchorOver(scene, 1)).size).toBe(2);
  expect((await rows(scene)).map(({ type }) => type)).toEqual(['pending', 'pending', 'bitcoin', 'bitcoin']);
});

test('waits until five blocks are on top of the one that it needs', async () => {
  await using node = await startNode();
  await using calendar = await startCalendar();
  await using scene = await createScene({ anchors: [calendar.source()], node: node.source() });
  await scene.seal();
  await until(
    'a pending anchor',
    () => rows(scene),
    (found) => found.length > 0,
  );
  calendar.complete(node);
  const all = [...node.headers];
  (node.headers as Uint8Array[]).pop();
  const asked = node.requests.length;
  await until('the node to be asked twice', () => node.requests.length >= asked + 2);
  expect(await scene.db.store.anchorsOver(0)).toEqual([]);
  (node.headers as Uint8Array[]).push(all.at(-1) ?? new Uint8Array());
  await anchorOver(scene, 0);
});

test('submits again what a calendar has not completed in fourteen days, and asks a standby calendar after three', async () => {
  await using node = await startNode();
  await using calendar = await startCalendar();
  await using standby = await startCalendar();
  const anchors = [calendar.source(), standby.source({ name: 'standby', standby: true })];
  await using scene = await createScene({ anchors, node: node.source() }, { alarmAfterMs: 1 });
  await scene.seal();
  await until(
    'a pending anchor',
    () => rows(scene),
    (found) => found.length > 0,
  );
  expect(scene.alarms).toEqual([]);
  await scene.restart({ clock: () => Date.now() + 3 * DAY_MS + 60_000 });
  await until('the standby calendar', () => standby.requests.length > 0);
  await until('the alarm', () => scene.alarms.length > 0);
  expect(scene.alarms[0]).toMatchObject({ source: 'alice', pending: 1 });
  const submissions = () => calendar.requests.filter(({ length }) => length === 32).length;
  expect(submissions()).toBe(1);
  await scene.restart({ clock: () => Date.now() + 14 * DAY_MS + 60_000 });
  await until('the second submission', () => submissions() === 2);
});

const answer =
  (status: number, body: string | Uint8Array): Behaviour =>
  (req, res) => {
    res.writeHead(status).end(body);
  };
const pendingAt = (url: string) =>
  formatCalendarTimestamp({ attestations: [{ type: 'pending', url }], branches: [] });

describe.concurrent('a calendar whose answer does not count', () => {
  test.each<[string, string, Behaviour]>([
    ['is empty', 'wrong_answer', answer(200, '')],
    ['is text', 'wrong_answer', answer(200, 'hello')],
    ['is longer than calendars answer', 'wrong_answer', answer(200, new Uint8Array(50_000))],
    [
      'has bytes after its end',
      'wrong_answer',
      answer(200, Buffer.concat([pendingAt('https://x.example'), Buffer.of(0)])),
    ],
    [
      'promises nothing',
      'wrong_answer',
      answer(200, formatCalendarTimestamp({ attestations: [{ type: 'bitcoin', height: 5 }], branches: [] })),
    ],
    ['is deeper than 256 operations', 'wrong_answer', answer(200, Buffer.alloc(600, 8))],
    [
      'is a redirect',
      'unreachable',
      (req, res) => {
        res.writeHead(307, { location: '/other' }).end();
      },
    ],
    ['is an error', 'busy', answer(502, 'bad gateway')],
    ['refuses', 'refused', answer(400, 'no')],
    ['never comes', 'unreachable', () => undefined],
  ])('because it %s is asked again', async (_, code, behaviour) => {
    await using node = await startNode();
    await using calendar = await startCalendar();
    calendar.behaviour = behaviour;
    await using scene = await createScene(
      { anchors: [calendar.source()], node: node.source() },
      code === 'unreachable' ? { timeoutMs: 300 } : {},
    );
    await scene.seal();
    await until('a failure', () => scene.outcomes.includes(`alice ${code}`));
    expect(await rows(scene)).toEqual([]);
    calendar.behaviour = null;
    await until(
      'a pending anchor',
      () => rows(scene),
      (found) => found.length > 0,
    );
  });

  test('is told to the operator with the address to write when another calendar will complete it', async () => {
    await using node = await startNode();
    await using calendar = await startCalendar();
    calendar.behaviour = answer(200, pendingAt('https://alice.example'));
    await using scene = await createScene({ anchors: [calendar.source()], node: node.source() });
    await scene.seal();
    await until('a failure', () => scene.outcomes.includes('alice wrong_answer'));
    expect(scene.log.lines.join('\n')).toContain(
      'it will be completed at https://alice.example: write that address into the file of time sources',
    );
  });
});

describe.concurrent('a completion that does not count', () => {
  test.each<[string, (height: number) => Uint8Array | string, number]>([
    ['leads to another block', (height) => bitcoinAt(height - 2), 200],
    ['leads to a block that is not there', () => bitcoinAt(9_999_999), 200],
    ['is malformed', () => 'hello', 200],
    ['is too long', () => new Uint8Array(50_000), 200],
    ['is an error', () => 'later', 503],
  ])('because it %s is not stored', async (_, body, status) => {
    await using node = await startNode();
    await using calendar = await startCalendar();
    await using scene = await createScene({ anchors: [calendar.source()], node: node.source() });
    await scene.seal();
    await until(
      'a pending anchor',
      () => rows(scene),
      (found) => found.length > 0,
    );
    calendar.complete(node);
    let wrong = 0;
    calendar.behaviour = (req, res) => {
      wrong++;
      res.writeHead(status).end(body(node.headers.length - 6));
    };
    await scene.restart();
    await until('two answers', () => wrong >= 2);
    expect((await rows(scene)).map(({ type }) => type)).toEqual(['pending']);
    calendar.behaviour = null;
    await anchorOver(scene, 0);
  });
});

function bitcoinAt(height: number): Uint8Array {
  return formatCalendarTimestamp({ attestations: [{ type: 'bitcoin', height }], branches: [] });
}

describe.concurrent('a Bitcoin node', () => {
  test.each<[string, Behaviour]>([
    ['whose headers have no work', nodeWith('00'.repeat(80))],
    ['that gives no headers', nodeWith(5)],
    [
      'that responds with an error',
      (req, res) => {
        res.writeHead(500).end('{"result":null,"error":{"code":-28}}');
      },
    ],
    [
      'that wants a password',
      (req, res) => {
        res.writeHead(401).end();
      },
    ],
    [
      'that responds in HTML',
      (req, res) => {
        res.writeHead(200).end('<html>');
      },
    ],
  ])('%s completes nothing', async (_, behaviour) => {
    await using node = await startNode();
    await using calendar = await startCalendar();
    await using scene = await createScene({ anchors: [calendar.source()], node: node.source() });
    await scene.seal();
    await until(
      'a pending anchor',
      () => rows(scene),
      (found) => found.length > 0,
    );
    node.behaviour = behaviour;
    calendar.complete(node);
    await until('a failure', () =>
      scene.log.lines.some((line) => line.startsWith('completing anchors stalled')),
    );
    expect((await rows(scene)).map(({ type }) => type)).toEqual(['pending']);
    node.behaviour = null;
    await anchorOver(scene, 0);
  });
});

/** A node with many blocks, whose headers are `header`. */
const nodeWith =
  (header: unknown): Behaviour =>
  (_, res, body) => {
    const { method } = JSON.parse(body.toString()) as { method: string };
    const result = method === 'getblockcount' ? 1000 : method === 'getblockhash' ? '00'.repeat(32) : header;
    res.writeHead(200).end(JSON.stringify({ result, error: null }));
  };
