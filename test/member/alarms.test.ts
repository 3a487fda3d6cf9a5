import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { Alarms, RefusedError } from '../../src/member/alarms.js';
import { type Evidence, formatCheckpoint, sha256, signNote, utf8 } from '../../src/proof/index.js';
import type { Store } from '../../src/store/index.js';
import { createStore } from '../support/database.js';
import { FORGER_KEY } from '../support/forger.js';
import { startMember } from '../support/member.js';
import { createBackground, createLog } from '../support/parts.js';
import { until } from '../support/until.js';

interface Hook extends AsyncDisposable {
  readonly url: string;
  /** Paths and bodies of all requests. */
  readonly posts: readonly (readonly [path: string, body: string])[];
}

/** @param redirect where it sends those who post to it; null: it takes the post */
async function startHook(redirect: string | null = null): Promise<Hook> {
  const posts: (readonly [string, string])[] = [];
  const server: Server = createServer((req, res) => {
    const chunks: Uint8Array[] = [];
    req.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    req.on('end', () => {
      posts.push([req.url ?? '', Buffer.concat(chunks).toString()]);
      if (redirect === null) res.end();
      else res.writeHead(307, { location: redirect }).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    posts,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function alarmsOver(store: Store, webhook: string) {
  const log = createLog();
  const stop = new AbortController();
  const { background } = createBackground(log);
  const alarms = new Alarms({ store, log, background, origin: 'log.example', webhook, stop: stop.signal });
  return { alarms, log, stop };
}

/** A fork of its own for each number. */
function forkOf(number: number): Evidence {
  const origin = FORGER_KEY.key.name;
  const [first, second] = ['a', 'b'].map((branch) => {
    const root = sha256(utf8(`${branch} ${number}`));
    return signNote(formatCheckpoint({ origin, size: number + 1, root, extensions: [] }), FORGER_KEY);
  });
  return { kind: 'fork', first: first ?? expect.fail(), second: second ?? expect.fail(), prefix: null };
}

const fork = (evidence: Evidence) =>
  new RefusedError('fork', 'two histories', { where: 'checkpoint', evidence });

test('any number of forks raises one alarm, and the evidence of the first is found for ever', async () => {
  await using db = await createStore();
  await using hook = await startHook();
  const { alarms, log } = alarmsOver(db.store, hook.url);
  for (let i = 0; i < 150; i++) await alarms.raise(fork(forkOf(i)), 'log.example:8080');
  await alarms.raise(
    new RefusedError('rolled_back', 'fewer blocks', { where: 'checkpoint' }),
    'log.example:8080',
  );
  await alarms.idle();
  const posted = hook.posts.map(([, body]) => JSON.parse(body) as { reason: string; evidence: string });
  expect(posted.map(({ reason }) => reason)).toEqual(['fork', 'rolled_back']);
  expect(log.lines.filter((line) => line.startsWith('refused:'))).toHaveLength(2);
  const digest = Buffer.from(posted[0]?.evidence ?? '', 'hex');
  expect(await db.store.evidenceDocument(digest)).toContain('"kind": "fork"');
  const listed = await db.store.listEvidence(200);
  expect(listed.map(({ reason }) => reason)).toEqual([...listed.slice(1).map(() => 'fork'), 'rolled_back']);
  expect(listed).toHaveLength(151);
});

test('observations, which prove nothing, are stored once a minute for each reason', async () => {
  await using db = await createStore();
  await using hook = await startHook();
  const { alarms } = alarmsOver(db.store, hook.url);
  for (let i = 0; i < 20; i++) {
    const details = { where: 'checkpoint', found: `${i} blocks` };
    await alarms.raise(new RefusedError('rolled_back', 'fewer blocks', details), 'log.example');
  }
  await alarms.idle();
  expect(await db.store.listEvidence(100)).toHaveLength(1);
  expect(hook.posts).toHaveLength(1);
});

test('an alarm does not follow a redirect, and the log shows the host of the webhook only', async () => {
  await using db = await createStore();
  await using inner = await startHook();
  await using hook = await startHook(`${inner.url}/internal`);
  const { alarms, log, stop } = alarmsOver(db.store, `${hook.url}/services/T0SECRET`);
  await alarms.raise(fork(forkOf(1)), 'log.example');
  await until('the webhook to be tried', () => Promise.resolve(hook.posts.length > 0));
  await until('the failure to be logged', () =>
    Promise.resolve(log.lines.some((line) => line.includes('posting alarms'))),
  );
  stop.abort();
  await alarms.idle();
  expect(inner.posts).toEqual([]);
  expect(log.lines.join('\n')).not.toContain('T0SECRET');
  expect(log.lines.join('\n')).toContain(new URL(hook.url).host);
});

test('a member shows the hosts of others, and no more of their addresses', async () => {
  await using hook = await startHook();
  await using member = await startMember({
    upstream: 'http://127.0.0.1:1/upstream-path',
    peers: ['http://127.0.0.1:2/peer-path'],
    webhook: `${hook.url}/T0SECRET`,
  });
  const seen = await until('both to be tried', async () => {
    const text = await (await fetch(`${member.url}/v1/member`)).text();
    const ready = await (await fetch(`${member.url}/readyz`)).text();
    return text.includes('"problem":{') ? text + ready : null;
  });
  expect(seen).toContain('127.0.0.1:2');
  for (const secret of ['upstream-path', 'peer-path', 'T0SECRET']) {
    expect(seen).not.toContain(secret);
    expect(member.log.lines.join('\n')).not.toContain(secret);
  }
});
