import { writeFile } from 'node:fs/promises';
import { afterEach, expect, test } from 'vitest';
import { generateKey, type PrivateKey } from '../../src/crypto/keys.js';
import { COSIGNATURE, formatVerifierKey } from '../../src/proof/index.js';
import { invoke } from '../cli/invoke.js';
import { stateOf } from '../support/member.js';
import { NodeProcess, notarize, statusOf, type CleanUp } from '../support/node-process.js';
import { until } from '../support/until.js';

/** One operator and three members, each a process of its own as it is installed, with a quorum of two. */

const cleanUp: CleanUp = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

/** A member's node and the key that it cosigns with. */
class Member {
  readonly key: PrivateKey;
  readonly node: NodeProcess;

  constructor(key: PrivateKey, node: NodeProcess) {
    this.key = key;
    this.node = node;
  }

  static async create(upstreamKey: string): Promise<Member> {
    const key = generateKey('member.example', COSIGNATURE);
    const env = {
      INGAM_MEMBER_UPSTREAM_KEY: upstreamKey,
      INGAM_MEMBER_KEY: key.text,
      INGAM_MEMBER_POLL_MS: '200',
    };
    return new Member(key, await NodeProcess.create(cleanUp, env));
  }

  start(upstream: string): Promise<void> {
    return this.node.start(['member', '--upstream', upstream]);
  }

  async blocks(): Promise<number> {
    return (await stateOf({ url: this.node.own })).blocks;
  }
}

const cosigned = (url: string, id: string) =>
  until(`${id} to be cosigned`, () => statusOf(url, id), 'cosigned');

/** Notarizes one document after the other until it is stopped. */
function load(url: string): { stop: () => Promise<number> } {
  const stop = new AbortController();
  const running = (async () => {
    let count = 0;
    while (!stop.signal.aborted) await notarize(url, `load ${count++}`);
    return count;
  })();
  return {
    stop: () => {
      stop.abort();
      return running;
    },
  };
}

test('reports notarizations as cosigned only when two of three members have cosigned, while members restart under load', async () => {
  const logKey = generateKey('consortium.example/log');
  const upstreamKey = formatVerifierKey(logKey.key);
  const members = [
    await Member.create(upstreamKey),
    await Member.create(upstreamKey),
    await Member.create(upstreamKey),
  ] as const;
  const [first, second, third] = members;
  const policy = [
    ...members.map(({ key, node }, i) => `witness m${i + 1} ${formatVerifierKey(key.key)} ${node.url}`),
    'group members 2 m1 m2 m3',
    'quorum members',
    '',
  ].join('\n');
  const operator = await NodeProcess.create(cleanUp, {
    INGAM_LOG_KEY: logKey.text,
    INGAM_MEMBERS: policy,
    INGAM_SEAL_INTERVAL_MS: '200',
    INGAM_MINING_TARGET_MS: '1',
    INGAM_MIN_DIFFICULTY: '4',
  });
  await operator.start(['serve']);
  const { folder, own: url } = operator;
  const ingam = (...argv: string[]) =>
    invoke(argv, { cwd: folder.path, env: { HOME: folder.path, INGAM_SERVER: url } });

  // Without members, documents are sealed, and none is cosigned.
  const early = await notarize(url, 'early');
  expect(early.status).toBe('sealed');
  for (const member of members) await member.start(url);
  await cosigned(url, early.id);

  const running = load(url);
  await first.node.kill();
  await cosigned(url, (await notarize(url, 'one is killed')).id);
  await first.start(url);
  second.node.child.kill('SIGSTOP');
  await cosigned(url, (await notarize(url, 'another is paused')).id);
  second.node.child.kill('SIGCONT');
  third.node.board.connectTo(null);
  await cosigned(url, (await notarize(url, 'the third is cut off')).id);
  third.node.board.connectTo(third.node.own);
  expect(await running.stop()).toBeGreaterThan(0);

  await writeFile(folder.at('final.txt'), 'final');
  const final = await notarize(url, 'final');
  await cosigned(url, final.id);
  const height = final.block?.height ?? 0;
  await until(
    'every member to hold the final block',
    () => Promise.all(members.map((member) => member.blocks())),
    (seen) => seen.every((blocks) => blocks > height),
  );
  expect((await ingam('trust')).code).toBe(0);
  await fetchProof(url, final.id, folder.at('final.txt.ingam.json'));
  const verdict = await ingam('verify', 'final.txt');
  expect([verdict.code, verdict.stdout]).toEqual([0, expect.stringMatching(/^VERIFIED/) as string]);
  expect(verdict.stdout + verdict.stderr).toMatch(/m[123] .*m[123] /);

  // A member verifies documents with its own copy.
  const proof = JSON.parse(
    await (await fetch(`${url}/v1/notarizations/${final.id}/proof`)).text(),
  ) as unknown;
  const judged = (await (
    await fetch(`${third.node.own}/v1/verify`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ proof }),
    })
  ).json()) as { verdict: string; copy: string };
  expect(judged).toMatchObject({ verdict: 'verified', copy: 'same' });
  expect((await ingam('compare', url, third.node.own)).code).toBe(0);

  // With one member left, the service still accepts documents, and their proofs do not meet the quorum of the
  // policy.
  await first.node.kill();
  await second.node.kill('SIGTERM');
  await writeFile(folder.at('late.txt'), 'late');
  const late = await notarize(url, 'late');
  expect(await statusOf(url, late.id)).toBe('sealed');
  await fetchProof(url, late.id, folder.at('late.txt.ingam.json'));
  expect((await ingam('verify', 'late.txt')).code).toBe(1);
  expect((await ingam('verify', 'final.txt')).code).toBe(0);
  await first.start(url);
  await cosigned(url, late.id);
  await fetchProof(url, late.id, folder.at('late.txt.ingam.json'));
  expect((await ingam('verify', 'late.txt')).code).toBe(0);
  await third.node.kill('SIGTERM');
  expect(third.node.child.exitCode).toBe(0);
});

async function fetchProof(url: string, id: string, file: string): Promise<void> {
  await writeFile(file, await (await fetch(`${url}/v1/notarizations/${id}/proof`)).text());
}
