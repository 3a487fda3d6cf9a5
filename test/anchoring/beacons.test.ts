import { describe, expect, test } from 'vitest';
import { Beacons, Checker, type TimeSources } from '../../src/anchoring/index.js';
import { Background } from '../../src/background/index.js';
import { REGTEST } from '../../src/proof/time/bitcoin.js';
import { judgeBeacon } from '../../src/proof/time/beacon.js';
import { drandRoundAt, drandTime } from '../../src/proof/time/drand.js';
import { createLog } from '../support/parts.js';
import { startDrand, startNode, type Behaviour, type TestDrand } from '../support/time-sources.js';
import { until } from '../support/until.js';

interface Scene extends AsyncDisposable {
  readonly beacons: Beacons;
  readonly log: ReturnType<typeof createLog>;
}

function createScene(sources: Partial<TimeSources>, leads = true, clock = Date.now): Scene {
  const log = createLog();
  const checker = new Checker();
  const beacons = new Beacons({
    ...{ checker, background: new Background(log), leads: () => leads, clock, everyMs: 10, timeoutMs: 1000 },
    sources: { anchors: [], former: [], drand: null, node: null, ...sources },
  });
  beacons.start();
  return {
    ...{ beacons, log },
    [Symbol.asyncDispose]: async () => {
      await beacons.stop();
      await checker.close();
    },
  };
}

test('keeps a checked round of drand at hand, and fetches the next', async () => {
  await using server = await startDrand();
  await using scene = createScene({ drand: server.source() });
  const [first] = await until(
    'a round',
    () => scene.beacons.at(Date.now()),
    (found) => found.length > 0,
  );
  if (first?.type !== 'drand') throw new Error('it has another type');
  const verdict = judgeBeacon(first, { chains: [server.chain], network: REGTEST, pins: [] });
  expect(verdict).toEqual({ ok: true, notBefore: drandTime(server.chain, first.round), standing: null });
  const later = (round: number) =>
    scene.beacons.at(Date.now()).some((each) => each.type === 'drand' && each.round > round);
  await until('a later round', () => later(first.round));
});

test('gives no beacon to a block that was sealed before it, or long after', async () => {
  await using server = await startDrand();
  await using scene = createScene({ drand: server.source() });
  const [beacon] = await until(
    'a round',
    () => scene.beacons.at(Date.now()),
    (found) => found.length > 0,
  );
  const time = drandTime(server.chain, beacon?.type === 'drand' ? beacon.round : 0);
  await scene.beacons.stop();
  expect(scene.beacons.at(time - 1)).toEqual([]);
  expect(scene.beacons.at(time + 600_000)).toEqual([]);
});

test('keeps a Bitcoin header that has five blocks on top', async () => {
  await using node = await startNode();
  await using scene = createScene({ node: node.source() });
  const [beacon] = await until(
    'a header',
    () => scene.beacons.at(Date.now()),
    (found) => found.length > 0,
  );
  expect(beacon).toEqual({ type: 'bitcoin', height: 4, header: node.headers[4] });
  node.mine();
  await until(
    'the next',
    () => scene.beacons.at(Date.now()),
    ([found]) => found?.type === 'bitcoin' && found.height === 5,
  );
});

test('asks nobody while another process seals', async () => {
  await using server = await startDrand();
  await using standby = createScene({ drand: server.source() }, false);
  await using leader = await startDrand();
  await using scene = createScene({ drand: leader.source() });
  await until(
    'the leader',
    () => scene.beacons.at(Date.now()),
    (found) => found.length > 0,
  );
  expect(server.requests).toEqual([]);
  expect(standby.beacons.at(Date.now())).toEqual([]);
});

describe('takes no round', () => {
  const answer =
    (body: (server: TestDrand) => unknown) =>
    (server: TestDrand): Behaviour =>
    (req, res) => {
      res.end(JSON.stringify(body(server)));
    };
  const current = ({ chain }: TestDrand) => drandRoundAt(chain, Date.now());
  test.each<[string, string, (server: TestDrand) => Behaviour]>([
    [
      'with the signature of another',
      'signature of round',
      answer((server) => {
        const { signature, randomness } = server.round(current(server) - 1);
        return { round: current(server), signature, randomness };
      }),
    ],
    ['that is old', 's old', answer((server) => server.round(current(server) - 1000))],
    ['that is malformed', 'drand round', answer(() => ({ round: 'x' }))],
    [
      'in a long answer',
      'longer than',
      () => (req, res) => {
        res.end('x'.repeat(100_000));
      },
    ],
    [
      'from where it is redirected',
      'fetch failed',
      (server) => (req, res) => {
        res.writeHead(302, { location: server.url }).end();
      },
    ],
  ])('%s', async (_, message, behave) => {
    await using server = await startDrand();
    server.behaviour = behave(server);
    await using scene = createScene({ drand: server.source() });
    await until('the failure', () =>
      scene.log.lines.some((line) => line.startsWith('fetching beacons stalled')),
    );
    expect(scene.log.lines.join('\n')).toContain(message);
    expect(scene.beacons.at(Date.now())).toEqual([]);
    server.behaviour = null;
    await until(
      'a round',
      () => scene.beacons.at(Date.now()),
      (found) => found.length > 0,
    );
  });

  test('that is ahead of the clock, and says so', async () => {
    await using server = await startDrand();
    await using scene = createScene({ drand: server.source() }, true, () => Date.now() - 3_600_000);
    await until('the failure', () =>
      scene.log.lines.some((line) => line.includes('ahead of the clock of this machine')),
    );
    expect(scene.beacons.at(Date.now())).toEqual([]);
  });
});
