import { createHash } from 'node:crypto';
import { describe, expect, test as alone } from 'vitest';
import { utf8 } from '../../src/proof/index.js';
import {
  encodeGranted,
  encodeRequest,
  parseCertificate,
  readClaims,
  verifyToken,
} from '../../src/proof/time/rfc3161.js';
import {
  type Behaviour,
  crlPoint,
  readTsq,
  REJECTED,
  sendReply,
  startTsa,
  tokenOver,
  type TestTsa,
} from '../support/time-sources.js';
import { until } from '../support/until.js';
import {
  ca,
  CA_USAGE,
  certificate,
  crl,
  name,
  REASON,
  ROOT,
  SIGNING,
  STAMPING,
  tsa,
} from '../vectors/make/tokens/certificates.js';
import { ecKey } from '../vectors/make/tokens/keys.js';
import { createScene, type Scene } from './scene.js';

const test = alone.concurrent;

const imprintOf = (note: string) => createHash('sha256').update(note).digest('hex');

async function stored(scene: Scene) {
  return scene.db.query<{ type: string; source: string; size: string; data: Buffer; made_at: string }>(
    'SELECT type, source, size, data, made_at FROM anchor ORDER BY id',
  );
}

const anchorOver = (scene: Scene, height: number) =>
  until(
    `an anchor over block ${height}`,
    () => scene.db.store.anchorsOver(height),
    (found) => found.length > 0,
  );

test('stores a token over the note of the newest checkpoint, as the log published it', async () => {
  await using server = await startTsa();
  await using scene = await createScene({ anchors: [server.source()] });
  await scene.seal(3);
  const [anchor] = await anchorOver(scene, 2);
  if (anchor?.type !== 'rfc3161') throw new Error('it has another type');
  const checkpoint = await scene.db.store.checkpoint(anchor.size);
  const note = checkpoint?.note ?? '';
  expect(Buffer.from(readClaims(anchor.token).imprint).toString('hex')).toBe(imprintOf(note));
  const verdict = verifyToken({
    ...{ token: anchor.token, stamped: { message: utf8(note) }, roots: [parseCertificate(ROOT.der)] },
  });
  expect(verdict.counts).toBe(true);
  expect(anchor).toMatchObject({ source: 'seoul', validUntil: Date.UTC(2027, 11, 31, 23, 59, 59), crls: [] });
});

test('asks with a nonce of its own each time, and for the certificates', async () => {
  await using server = await startTsa();
  await using scene = await createScene({ anchors: [server.source()] });
  await scene.seal();
  await anchorOver(scene, 0);
  await scene.seal();
  await anchorOver(scene, 1);
  const requests = server.requests.map(readTsq);
  expect(requests.every(({ certReq, nonce }) => certReq && nonce !== null && nonce.length >= 15)).toBe(true);
  expect(new Set(requests.map(({ nonce }) => Buffer.from(nonce ?? []).toString('hex'))).size).toBe(
    requests.length,
  );
});

test('asks nothing while nothing is sealed, and nothing twice about one checkpoint, across restarts too', async () => {
  await using server = await startTsa();
  await using scene = await createScene({ anchors: [server.source({ everyMs: 1 })] });
  await scene.restart();
  expect(server.requests).toEqual([]);
  await scene.seal();
  await anchorOver(scene, 0);
  const asked = server.requests.length;
  await scene.restart();
  await using other = await startTsa();
  await scene.restart({
    sources: {
      anchors: [server.source(), other.source({ name: 'other' })],
      former: [],
      drand: null,
      node: null,
    },
  });
  await until('the other source to be asked', () => other.requests.length > 0);
  expect(server.requests).toHaveLength(asked);
});

test('waits for the interval, also after a restart', async () => {
  await using server = await startTsa();
  await using fast = await startTsa();
  const anchors = [server.source({ everyMs: 3_600_000 }), fast.source({ name: 'fast', everyMs: 1 })];
  await using scene = await createScene({ anchors });
  await scene.seal();
  await until('both', () => scene.outcomes.length, 2);
  await scene.restart();
  await scene.seal();
  await until('the fast source', () => scene.outcomes.length, 3);
  expect(scene.outcomes.at(-1)).toBe('fast anchored');
  expect(server.requests).toHaveLength(1);
});

test('is not stopped by a clock that was set back', async () => {
  await using server = await startTsa();
  await using scene = await createScene({ anchors: [server.source({ everyMs: 100 })] });
  await scene.seal();
  await anchorOver(scene, 0);
  await scene.restart({ clock: () => Date.now() - 10 * 86_400_000 });
  await scene.seal();
  await anchorOver(scene, 1);
});

test('asks no source while another process seals', async () => {
  await using server = await startTsa();
  await using scene = await createScene({ anchors: [server.source()] }, { start: false });
  scene.leads = false;
  await scene.restart();
  await scene.seal();
  await using second = await createScene({ anchors: [server.source({ name: 'second' })] });
  await second.seal();
  await anchorOver(second, 0);
  expect(server.requests).toHaveLength(1);
  expect(scene.outcomes).toEqual([]);
  scene.leads = true;
  await anchorOver(scene, 0);
});

const FOREIGN = certificate({
  subject: name('Foreign'),
  key: ecKey('foreign'),
  issuer: null,
  extensions: [ca(), CA_USAGE],
});

const SOMEBODY_ELSE = readTsq(
  encodeRequest({
    ...{ digest: 'sha256', imprint: new Uint8Array(32).fill(1), nonce: Uint8Array.of(1) },
    ...{ certReq: true, policy: null },
  }),
);

const wrong =
  (change: Parameters<TestTsa['answer']>[1]) =>
  (server: TestTsa): Behaviour =>
  (req, res, body) => {
    sendReply(res, server.answer(readTsq(body), change));
  };
const status =
  (code: number, headers: Record<string, string> = {}) =>
  (): Behaviour =>
  (req, res) => {
    res.writeHead(code, headers).end();
  };

describe.concurrent('stores nothing of a source that', () => {
  test.each<[string, string, (server: TestTsa) => Behaviour]>([
    ['stamps something else', 'wrong_answer', wrong({ imprint: new Uint8Array(32) })],
    ['sends another nonce', 'wrong_answer', wrong({ nonce: Uint8Array.of(1, 2, 3) })],
    ['sends no nonce', 'wrong_answer', wrong({ nonce: null })],
    ['signs with a foreign certificate', 'wrong_answer', wrong({ signer: tsa({ issuer: FOREIGN }) })],
    ['signs with a certificate that had ended', 'wrong_answer', wrong({ time: Date.UTC(2029, 0) })],
    [
      'signs with a certificate without the purpose',
      'wrong_answer',
      wrong({ signer: tsa({ extensions: [] }) }),
    ],
    [
      'sends another token as its own',
      'wrong_answer',
      (server) => {
        const first = tokenOver(SOMEBODY_ELSE, server.holder);
        return (req, res) => {
          sendReply(res, encodeGranted(first));
        };
      },
    ],
    [
      'rejects the request',
      'refused',
      () => (req, res) => {
        sendReply(res, REJECTED);
      },
    ],
    [
      'sends no DER',
      'wrong_answer',
      () => (req, res) => {
        sendReply(res, utf8('<html>'));
      },
    ],
    [
      'cuts its response short',
      'wrong_answer',
      (server) => (req, res, body) => {
        sendReply(res, server.answer(readTsq(body)).subarray(0, -1));
      },
    ],
    [
      'sends a megabyte',
      'wrong_answer',
      () => (req, res) => {
        sendReply(res, Buffer.alloc(1_048_576));
      },
    ],
    [
      'never ends its response',
      'unreachable',
      () => (req, res) => {
        res.writeHead(200).write('0');
      },
    ],
    ['says nothing', 'unreachable', () => () => undefined],
    [
      'closes the connection',
      'unreachable',
      () => (req, res) => {
        res.socket?.destroy();
      },
    ],
    [
      'redirects',
      'unreachable',
      (server) => (req, res) => {
        res.writeHead(302, { location: `${server.url}/other` }).end();
      },
    ],
    ['responds with 500', 'busy', status(500)],
    ['responds with 429', 'busy', status(429)],
    ['responds with 404', 'refused', status(404)],
    ['responds with 204', 'refused', status(204)],
  ])('%s, and fills the gap with one token when it is good again', async (_, code, behave) => {
    await using server = await startTsa();
    server.behaviour = behave(server);
    const options = code === 'unreachable' ? { timeoutMs: 300 } : {};
    await using scene = await createScene({ anchors: [server.source()] }, options);
    await scene.seal(3);
    await until('a failure', () => scene.outcomes.includes(`seoul ${code}`));
    expect(new Set(scene.outcomes)).toEqual(new Set([`seoul ${code}`]));
    expect(await stored(scene)).toEqual([]);
    expect(scene.log.lines.filter((line) => line.startsWith('anchoring stalled'))).toHaveLength(1);
    await scene.seal(3);
    server.behaviour = null;
    await anchorOver(scene, 5);
    expect(await stored(scene)).toMatchObject([{ type: 'rfc3161', size: '6' }]);
    expect((await scene.db.store.anchorsOver(0))[0]?.size).toBe(6);
  });
});

test('waits as long as a source asks for', async () => {
  await using server = await startTsa();
  server.behaviour = (req, res) => {
    res.writeHead(503, { 'retry-after': '3600' }).end();
  };
  await using other = await startTsa();
  const anchors = [server.source({ everyMs: 1 }), other.source({ name: 'other', everyMs: 1 })];
  await using scene = await createScene({ anchors });
  await scene.seal();
  await until('both', () => scene.outcomes.length, 2);
  for (let i = 0; i < 3; i++) {
    const before = scene.outcomes.length;
    await scene.seal();
    await until('the other source', () => scene.outcomes.length > before);
  }
  expect(server.requests).toHaveLength(1);
});

test('does not let one silent source delay another', async () => {
  await using silent = await startTsa();
  silent.behaviour = () => undefined;
  await using server = await startTsa();
  const anchors = [silent.source({ name: 'silent' }), server.source()];
  await using scene = await createScene({ anchors });
  for (let height = 0; height < 3; height++) {
    await scene.seal();
    await anchorOver(scene, height);
  }
  expect(silent.requests).toHaveLength(1);
});

test('asks a standby source only while another one is late', async () => {
  await using server = await startTsa();
  await using standby = await startTsa();
  const anchors = [server.source(), standby.source({ name: 'standby', standby: true, everyMs: 1 })];
  await using scene = await createScene({ anchors });
  await scene.seal();
  await anchorOver(scene, 0);
  await scene.restart();
  await scene.seal();
  await anchorOver(scene, 1);
  expect(standby.requests).toEqual([]);
  server.behaviour = (req, res) => {
    res.writeHead(500).end();
  };
  await scene.seal();
  await scene.restart({ lateMarginMs: 1, alarmAfterMs: 3_600_000 });
  const found = await anchorOver(scene, 2);
  expect(found.map(({ source }) => source)).toEqual(['standby']);
  expect(scene.alarms).toEqual([]);
});

test('raises an alarm, once, when a source stays late, and says when it is in time again', async () => {
  await using server = await startTsa();
  server.behaviour = (req, res) => {
    res.writeHead(500).end();
  };
  await using scene = await createScene({ anchors: [server.source()] }, { lateMarginMs: 1, alarmAfterMs: 1 });
  await scene.seal(2);
  await until('the alarm', () => scene.alarms.length > 0);
  server.behaviour = null;
  await until('the end of it', () =>
    scene.log.lines.some((line) => line.startsWith('anchoring is in time again')),
  );
  expect(scene.alarms).toEqual([
    {
      ...{ origin: 'test.example/log', reason: 'anchoring_late', source: 'seoul', type: 'tsa' },
      message: 'the time source seoul is late: blocks from height 0 on have no anchor of it',
      ...{ blocks: 0, pending: 0, waitingSince: expect.any(Number) as number },
    },
  ]);
});

describe.concurrent('revocation lists', () => {
  const ROOT_KEY = ecKey('root');
  const pointTo = (url: string) => tsa({ extensions: [SIGNING, STAMPING, crlPoint(url)] });

  test('are fetched from where the certificate says, once for many tokens, and kept', async () => {
    await using lists = await startTsa();
    const list = crl(ROOT, '2026-01-01T00:00:00Z', []);
    lists.behaviour = (req, res) => {
      res.end(list);
    };
    await using server = await startTsa({ holder: pointTo(`${lists.url}/root.crl`) });
    await using scene = await createScene({ anchors: [server.source({ everyMs: 1 })] });
    for (let height = 0; height < 3; height++) {
      await scene.seal();
      const [anchor] = await anchorOver(scene, height);
      expect(anchor).toMatchObject({ type: 'rfc3161', crls: [list] });
    }
    expect(lists.requests).toHaveLength(1);
    expect(await scene.db.query('SELECT FROM revocation_list')).toHaveLength(1);
  });

  test.each([
    ['of another issuer', crl(FOREIGN, '2026-01-01T00:00:00Z', [])],
    ['signed by another key', crl(ROOT, '2026-01-01T00:00:00Z', [], [], ecKey('foreign'))],
    ['that are none', utf8('<html>')],
    ['that are too long', new Uint8Array(1_048_577)],
  ])('%s are not kept, and cost nothing', async (_, list) => {
    await using lists = await startTsa();
    lists.behaviour = (req, res) => {
      res.end(list);
    };
    await using server = await startTsa({ holder: pointTo(lists.url) });
    await using scene = await createScene({ anchors: [server.source()] });
    await scene.seal();
    expect((await anchorOver(scene, 0))[0]).toMatchObject({ crls: [] });
    expect(await scene.db.query('SELECT FROM revocation_list')).toEqual([]);
  });

  test('that revoke the certificate keep its tokens out', async () => {
    await using lists = await startTsa();
    const stolen = { serial: 77, at: '2026-01-01T00:00:00Z', reason: REASON.keyCompromise };
    lists.behaviour = (req, res) => {
      res.end(crl(ROOT, '2026-01-02T00:00:00Z', [stolen], [], ROOT_KEY));
    };
    await using server = await startTsa({ holder: pointTo(lists.url) });
    await using scene = await createScene({ anchors: [server.source()] });
    await scene.seal();
    await until('a refusal', () => scene.outcomes.includes('seoul wrong_answer'));
    expect(await stored(scene)).toEqual([]);
    expect(scene.log.lines.join('\n')).toContain('a certificate was revoked');
  });
});
