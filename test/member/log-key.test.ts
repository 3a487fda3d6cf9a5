import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { generateKey } from '../../src/crypto/keys.js';
import {
  checkSignature,
  COSIGNATURE,
  formatVerifierKey,
  parseCheckpoint,
  parseNote,
  parsePolicy,
  parseVerifierKey,
  type Note,
} from '../../src/proof/index.js';
import { invoke } from '../cli/invoke.js';
import { stateOf } from '../support/member.js';
import { LocalNode, NodeProcess, notarize, statusOf, type CleanUp } from '../support/node-process.js';
import { until } from '../support/until.js';

/** Changes of the log's key while the service runs: a service, its member and the command line. */

/** A test beside the others, with what is to be undone at its end. */
const story = (name: string, tell: (cleanUp: CleanUp) => Promise<void>) => {
  test.concurrent(name, async () => {
    const cleanUp: CleanUp = [];
    try {
      await tell(cleanUp);
    } finally {
      for (const undo of cleanUp.reverse()) await undo();
    }
  });
};

const SEALING = {
  INGAM_SEAL_INTERVAL_MS: '100',
  INGAM_MINING_TARGET_MS: '1',
  INGAM_MIN_DIFFICULTY: '4',
  INGAM_ORIGIN: 'rotating.example/log',
};

async function checkpointOf(url: string): Promise<{ text: string; note: Note; size: number }> {
  const text = await until(`a checkpoint at ${url}`, async () => {
    const response = await fetch(`${url}/checkpoint`);
    return response.status === 200 ? response.text() : null;
  });
  const note = parseNote(text);
  return { text, note, size: parseCheckpoint(note.text).size };
}

/** A service whose one member has not been started yet. */
async function startOperator<N extends LocalNode | NodeProcess>(
  cleanUp: CleanUp,
  kind: { create(cleanUp: CleanUp, env: Readonly<Record<string, string>>): Promise<N> },
): Promise<{ operator: N; member: N }> {
  const memberKey = generateKey('member.example', COSIGNATURE);
  const member = await kind.create(cleanUp, {
    INGAM_MEMBER_KEY: memberKey.text,
    INGAM_MEMBER_POLL_MS: '100',
  });
  const operator = await kind.create(cleanUp, {
    ...SEALING,
    INGAM_MEMBERS: `witness m ${formatVerifierKey(memberKey.key)} ${member.url}\nquorum m\n`,
  });
  await operator.start(['serve']);
  return { operator, member };
}

/** Those of the keys with a valid signature. */
const signersOf = (note: Note, keys: readonly string[]) =>
  keys.filter((key) => checkSignature(note, parseVerifierKey(key)).state === 'good');

story(
  'changes the log key: both keys sign, then the new one alone, and old proofs stay valid',
  async (cleanUp) => {
    const { operator, member } = await startOperator(cleanUp, LocalNode);
    const { folder, url } = operator;
    const ingam = (...argv: string[]) =>
      invoke(argv, { cwd: folder.path, env: { ...operator.env, INGAM_SERVER: url } });
    const done = async (...argv: string[]) => {
      const { code, stdout, stderr } = await ingam(...argv);
      expect({ argv, code, stderr }).toEqual({ argv, code: 0, stderr });
      return stdout.trim();
    };
    const seal = async (name: string) => {
      await writeFile(folder.at(name), name);
      const { id } = await notarize(url, name);
      await until(`${id} to be cosigned`, () => statusOf(url, id), 'cosigned');
      const proof = await (await fetch(`${url}/v1/notarizations/${id}/proof`)).text();
      await writeFile(folder.at(`${name}.ingam.json`), proof);
      return parseNote((JSON.parse(proof) as { log: { checkpoint: string } }).log.checkpoint);
    };

    const old = (await done('log-key', 'show')).split(' ')[0] ?? '';
    await member.start(['member', '--upstream', url, '--key', old]);
    await seal('first');
    await done('trust', '--expect', old);
    expect((await ingam('log-key', 'retire')).stderr).toContain('only one key');

    // Repeated after an interruption, the command announces the same key.
    const added = await done('log-key', 'announce');
    expect(await done('log-key', 'announce')).toBe(added);
    const both = [old, added];
    await until(
      'the announced key to sign',
      () => done('log-key', 'show', '--json'),
      (seen) => !seen.includes('"waits": ['),
    );
    const overlap = await seal('second');
    expect(signersOf(overlap, both)).toEqual(both);
    expect((await readFile(folder.at('data', 'keys', 'log.key'), 'utf8')).trim().split('\n')).toHaveLength(2);
    await done('verify', 'second');
    await done('audit');
    await done('audit', '--server', url);
    await done('publish', '--to', 'site', '--key', old);

    // A restarted service reads both keys; a member that is configured with the old key follows.
    await operator.stop();
    await operator.start(['serve']);
    expect(signersOf(await seal('third'), both)).toEqual(both);
    await member.stop();
    const late = await LocalNode.create(cleanUp, { INGAM_MEMBER_POLL_MS: '100' });
    expect(await done('trust')).toBe(both.join('\n'));
    await done('verify', 'first');

    expect((await ingam('log-key', 'forget')).stderr).toContain('No retired private keys to delete');
    await member.start(['member', '--upstream', url, '--key', old]);
    await writeFile(
      folder.at('overlap-policy'),
      await readFile(folder.at('.config', 'ingam', 'trust'), 'utf8'),
    );
    expect(await done('log-key', 'retire')).toBe(added);
    const alone = await seal('fourth');
    expect(signersOf(alone, both)).toEqual([added]);
    expect(
      (await checkpointOf(url)).note.signatures.filter(({ name }) => name === SEALING.INGAM_ORIGIN),
    ).toHaveLength(1);

    // A verifier with the old key alone is told what to do, and can update its policy by that key.
    const unknown = await ingam('verify', 'fourth', '--key', old);
    expect(unknown.code).toBe(1);
    expect(unknown.stdout).toContain('not signed by a key that you trust');
    expect(unknown.stderr).toContain('ingam trust --server URL');
    // The service reads its keys once a second.
    await until(
      'the service to publish the new key',
      () => done('trust', '--out', 'shown', '--force'),
      added,
    );
    expect(await done('trust', '--expect', old, '--out', 'by-old-key')).toBe(added);
    expect(await done('trust')).toBe(added);
    const policy = parsePolicy(await readFile(folder.at('.config', 'ingam', 'trust'), 'utf8'));
    expect(policy.retired).toHaveLength(1);
    for (const name of ['first', 'second', 'third', 'fourth']) await done('verify', name);
    await done('verify', 'fourth', '--trust', 'overlap-policy');
    await done('audit');
    await done('audit', '--server', url);
    await done('audit', '--server', url, '--key', old);

    expect(await done('log-key', 'forget')).toBe(old);
    await operator.stop();
    await operator.start(['serve']);
    const last = await seal('fifth');
    expect(signersOf(last, both)).toEqual([added]);
    await done('audit');

    // A new member follows through two changes of keys.
    await late.start(['member', '--upstream', url, '--key', old]);
    const { size } = parseCheckpoint(last.text);
    await until(
      `the late member to cosign ${size} blocks`,
      () => stateOf({ url: late.url }),
      (seen) => seen.cosigned >= size,
    );
    expect(await stateOf({ url: late.url })).toMatchObject({ problem: null, logKeys: [added] });
    await done('audit', '--server', late.url, '--key', added);
    const judged = (await (
      await fetch(`${late.url}/v1/verify`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          proof: JSON.parse(await readFile(folder.at('first.ingam.json'), 'utf8')) as unknown,
        }),
      })
    ).json()) as { verdict: string; copy: string };
    expect(judged).toMatchObject({ verdict: 'verified', copy: 'same' });
    // A second change begins like the first, and a retired key stays retired.
    const next = await done('log-key', 'announce');
    expect(both).not.toContain(next);
    expect(signersOf(await seal('sixth'), [...both, next])).toEqual([added, next]);
    await done('audit', '--server', late.url, '--key', old);
    // Published files have the statements too, and go on over changes.
    await done('publish', '--to', 'site', '--key', old);
    expect(await readFile(folder.at('site', 'v1', 'log-keys'), 'utf8')).toBe(
      await (await fetch(`${url}/v1/log-keys`)).text(),
    );
  },
);

story('never publishes a smaller checkpoint after the service is killed and restarted', async (cleanUp) => {
  const { operator, member } = await startOperator(cleanUp, NodeProcess);
  const { folder, url } = operator;
  const ingam = (...argv: string[]) => invoke(argv, { cwd: folder.path, env: operator.env });
  const key = (await ingam('log-key', 'show')).stdout.split(' ')[0] ?? '';
  await member.start(['member', '--upstream', url, '--key', key]);

  let [size, signatures] = [0, 0];
  for (let round = 0; round < 2; round++) {
    const load = Array.from({ length: 20 }, (_, i) =>
      notarize(url, `round ${round}, ${i}`).catch(() => null),
    );
    await load[0];
    const grown = await until('the log to grow', async () => {
      const now = await checkpointOf(url);
      return now.size > size ? now : null;
    });
    const before = await checkpointOf(url);
    await writeFile(folder.at('before'), before.text);
    [size, signatures] = [before.size, before.note.signatures.length];
    expect(size).toBeGreaterThanOrEqual(grown.size);
    // Under load, and once while no member can cosign.
    if (round === 1) await member.kill();
    await operator.kill();
    await Promise.all(load);
    await operator.start(['serve']);
    const after = await checkpointOf(url);
    expect(after.size).toBeGreaterThanOrEqual(size);
    if (after.size === size) expect(after.note.signatures.length).toBeGreaterThanOrEqual(signatures);
    const compared = await ingam('compare', 'before', url, '--key', key);
    expect([compared.code, compared.stderr]).toEqual([0, '']);
  }
});

story('completes a change of keys when a killed command is repeated', async (cleanUp) => {
  const operator = await LocalNode.create(cleanUp, SEALING);
  const { folder, url } = operator;
  const file = folder.at('data', 'keys', 'log.key');
  const ingam = (...argv: string[]) => invoke(['log-key', ...argv], { cwd: folder.path, env: operator.env });
  const said = async (...argv: string[]) => (await ingam(...argv)).stdout.trim();
  const signed = async (size: number, keys: readonly string[]) =>
    signersOf(
      (
        await until(`a log of at least ${size} blocks`, async () => {
          const now = await checkpointOf(url);
          return now.size >= size ? now : null;
        })
      ).note,
      keys,
    );
  const [kept, made] = [generateKey(SEALING.INGAM_ORIGIN), generateKey(SEALING.INGAM_ORIGIN)];
  const [old, added] = [formatVerifierKey(kept.key), formatVerifierKey(made.key)];
  const [before, after] = [`${kept.text}\n`, `${kept.text}\n${made.text}\n`];

  // The key is in the file and not in the chain.
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, after);
  await operator.start(['serve']);
  await notarize(url, 'first');
  expect(await signed(1, [old, added])).toEqual([old]);
  expect(await said('show')).toBe(`${old}  signs checkpoints of 0 or more blocks`);

  // The key is in the chain and not in the file: an older backup was restored.
  await operator.stop();
  expect(await said('announce')).toBe(added);
  expect(await readFile(file, 'utf8')).toBe(after);
  await writeFile(file, before);
  await operator.start(['serve']);
  const waiting = notarize(url, 'second');
  await until(
    'readyz to report the missing key',
    async () => (await fetch(`${url}/readyz`)).text(),
    (seen) => seen.includes('key_missing'),
  );
  expect(await ingam('announce')).toMatchObject({ code: 1, stdout: `${added}\n` });
  expect((await checkpointOf(url)).size).toBe(1);
  await writeFile(file, after);
  expect((await waiting).block?.height).toBe(1);
  expect(await signed(2, [old, added])).toEqual([old, added]);
  expect(await ingam('announce')).toMatchObject({ code: 0, stdout: `${added}\n` });

  // The key is retired, and its private key is still in the file.
  expect(await said('retire')).toBe(added);
  expect(await ingam('retire')).toMatchObject({ code: 0, stdout: `${added}\n` });
  await until(
    'the end of the retired key',
    () => said('show'),
    (seen) => seen.includes(' to '),
  );
  const last = await notarize(url, 'third');
  expect(await signed((last.block?.height ?? 0) + 1, [old, added])).toEqual([added]);
  expect(await said('forget')).toBe(old);
  expect(await said('forget')).toBe('');
  expect(await readFile(file, 'utf8')).toBe(`${made.text}\n`);
  expect((await invoke(['audit'], { cwd: folder.path, env: operator.env })).code).toBe(0);
});
