import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, expect, test } from 'vitest';
import { generateKey, type PrivateKey } from '../../src/crypto/keys.js';
import {
  checkSignature,
  ED25519,
  formatVerifierKey,
  ML_DSA_44,
  ML_DSA_44_TEXT,
  type Note,
  parseNote,
  parseVerifierKey,
} from '../../src/proof/index.js';
import { invoke } from '../cli/invoke.js';
import { stateOf } from '../support/member.js';
import { LocalNode, notarize, statusOf, type CleanUp } from '../support/node-process.js';
import { until } from '../support/until.js';

/** Logs, members and receipts with ML-DSA-44 keys: a service, its member and the command line. */

const cleanUp: CleanUp = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

const ORIGIN = 'pq.example/log';
const SEALING = {
  INGAM_SEAL_INTERVAL_MS: '100',
  INGAM_MINING_TARGET_MS: '1',
  INGAM_MIN_DIFFICULTY: '4',
};

const vkey = ({ key }: PrivateKey) => formatVerifierKey(key);
const signersOf = (note: Note, keys: readonly string[]) =>
  keys.filter((key) => checkSignature(note, parseVerifierKey(key)).state === 'good');

function commands(node: LocalNode) {
  const ingam = (...argv: string[]) =>
    invoke(argv, { cwd: node.folder.path, env: { ...node.env, INGAM_SERVER: node.url } });
  const done = async (...argv: string[]) => {
    const { code, stdout, stderr } = await ingam(...argv);
    expect({ argv, code, stderr }).toEqual({ argv, code: 0, stderr });
    return stdout.trim();
  };
  /** Notarizes a file of this name, and keeps its proof beside it. */
  const seal = async (name: string, status: string) => {
    await writeFile(node.folder.at(name), name);
    const { id } = await notarize(node.url, name);
    await until(`${id} to be ${status}`, () => statusOf(node.url, id), status);
    const proof = await (await fetch(`${node.url}/v1/notarizations/${id}/proof`)).text();
    await writeFile(node.folder.at(`${name}.ingam.json`), proof);
    const { log } = JSON.parse(proof) as { log: { checkpoint: string } };
    return { id, note: parseNote(log.checkpoint) };
  };
  const sealedKeys = () =>
    until(
      'the key statement to be sealed',
      () => done('log-key', 'show', '--json'),
      (seen) => seen.includes('"waits": null'),
    );
  return { ingam, done, seal, sealedKeys };
}

test('a log signs with both algorithms from its first checkpoint, its member cosigns with ML-DSA-44, and so are receipts', async () => {
  const [ed, pq] = [generateKey(ORIGIN, ED25519), generateKey(ORIGIN, ML_DSA_44)];
  const receipts = [ED25519, ML_DSA_44_TEXT].map((type) => generateKey(`${ORIGIN}/receipt`, type));
  const memberKey = generateKey('member.example', ML_DSA_44);
  const member = await LocalNode.create(cleanUp, {
    INGAM_MEMBER_KEY: memberKey.text,
    INGAM_MEMBER_POLL_MS: '100',
  });
  const operator = await LocalNode.create(cleanUp, {
    ...SEALING,
    INGAM_LOG_KEY: `${ed.text} ${pq.text}`,
    INGAM_RECEIPT_KEY: receipts.map(({ text }) => text).join(' '),
    INGAM_SECRET: 'ab'.repeat(32),
    INGAM_MEMBERS: `witness m ${vkey(memberKey)} ${member.url}\nquorum m\n`,
  });
  await operator.start(['serve']);
  const { ingam, done, seal } = commands(operator);
  const both = [vkey(ed), vkey(pq)];
  // This member trusts the ML-DSA-44 key alone.
  await member.start(['member', '--upstream', operator.url, '--key', vkey(pq)]);

  const { id, note } = await seal('first', 'cosigned');
  expect(signersOf(note, [...both, vkey(memberKey)])).toEqual([...both, vkey(memberKey)]);
  const shown = JSON.parse(await done('log-key', 'show', '--json')) as { keys: unknown[] };
  expect(shown.keys).toEqual([
    { verifierKey: vkey(ed), from: 0, until: null },
    { verifierKey: vkey(pq), from: 1, until: null },
  ]);
  expect(await stateOf({ url: member.url })).toMatchObject({ problem: null, logKeys: both });

  const chain = (await (await fetch(`${operator.url}/v1/chain`)).json()) as Record<string, unknown>;
  expect(chain['receiptKeys']).toEqual(receipts.map(vkey));
  expect(chain['members']).toMatchObject([{ verifierKey: vkey(memberKey) }]);
  const accepted = (await (
    await fetch(`${operator.url}/v1/notarizations`, { method: 'POST', body: 'receipted', headers: BYTES })
  ).json()) as { receipt: { note: string } };
  expect(signersOf(parseNote(accepted.receipt.note), receipts.map(vkey))).toEqual(receipts.map(vkey));

  // The policy of the service trusts either key; a stricter one trusts the ML-DSA-44 keys alone, or demands both.
  await until('the service to publish both keys', () => done('trust'), both.join('\n'));
  await done('verify', 'first');
  const quorum = `witness m ${vkey(memberKey)}\nquorum m\n`;
  const demandBoth = `log ${both[0] ?? ''}\nwitness self ${both[1] ?? ''}\nwitness m ${vkey(memberKey)}\ngroup all-of all self m\nquorum all-of\n`;
  for (const policy of [`log ${vkey(pq)}\n${quorum}`, demandBoth]) {
    await writeFile(operator.folder.at('policy'), policy);
    expect(await done('verify', 'first', '--trust', 'policy')).toContain('cosigned by m');
  }
  await done('verify', 'first', '--key', vkey(pq));
  await done('audit');
  await done('audit', '--server', operator.url, '--key', vkey(pq));
  await done('audit', '--server', member.url, '--key', vkey(ed));
  const pdf = await fetch(`${operator.url}/v1/notarizations/${id}/certificate.pdf`);
  await writeFile(operator.folder.at('first.pdf'), new Uint8Array(await pdf.arrayBuffer()));
  await done('verify', 'first', 'first.pdf', '--trust', 'policy');

  // Started again, it states nothing again.
  await operator.stop();
  await operator.start(['serve']);
  expect(signersOf((await seal('second', 'cosigned')).note, both)).toEqual(both);
  const statements = (await (await fetch(`${operator.url}/v1/log-keys`)).json()) as { statements: unknown[] };
  expect(statements.statements).toHaveLength(1);
  expect((await ingam('log-key', 'retire', '--algorithm', 'ml-dsa-44')).stderr).toContain(
    'a log does not give up its ML-DSA-44 key',
  );
  expect((await ingam('log-key', 'retire')).stderr).toContain('one key of each algorithm');
});

const BYTES = { 'content-type': 'application/octet-stream' };

test('a running log gets an ML-DSA-44 key, replaces its keys one by one, and gives up Ed25519', async () => {
  const operator = await LocalNode.create(cleanUp, { ...SEALING, INGAM_ORIGIN: ORIGIN });
  await operator.start(['serve']);
  const { ingam, done, seal, sealedKeys } = commands(operator);
  const show = async () =>
    (JSON.parse(await sealedKeys()) as { keys: { verifierKey: string; until: number | null }[] }).keys
      .filter((key) => key.until === null)
      .map((key) => key.verifierKey);
  await seal('first', 'sealed');
  const [ed = ''] = await show();
  await done('trust', '--expect', ed);

  const added = await ingam('log-key', 'announce', '--algorithm', 'ml-dsa-44');
  expect(added.stderr).toContain('Keep a backup of its private key');
  const pq = added.stdout.trim();
  expect(parseVerifierKey(pq).type).toBe(ML_DSA_44);
  // Repeated after an interruption it announces nothing, and says so.
  expect(await done('log-key', 'announce', '--algorithm', 'ml-dsa-44')).toBe(pq);
  expect(await show()).toEqual([ed, pq]);
  expect(signersOf((await seal('second', 'sealed')).note, [ed, pq])).toEqual([ed, pq]);
  // The saved policy follows, because its key vouches for the change.
  await until('the service to publish both keys', () => done('trust'), `${ed}\n${pq}`);
  await done('verify', 'second', '--key', pq);

  const newEd = await done('log-key', 'announce');
  expect(parseVerifierKey(newEd).type).toBe(ED25519);
  expect(await show()).toEqual([ed, pq, newEd]);
  await done('log-key', 'retire');
  expect(await show()).toEqual([pq, newEd]);
  const newPq = await done('log-key', 'announce', '--algorithm', 'ml-dsa-44', '--another');
  expect(await show()).toEqual([pq, newEd, newPq]);
  await done('log-key', 'retire', '--algorithm', 'ml-dsa-44');
  expect(await show()).toEqual([newEd, newPq]);
  expect(signersOf((await seal('third', 'sealed')).note, [ed, pq, newEd, newPq])).toEqual([newEd, newPq]);
  await done('log-key', 'retire', '--algorithm', 'ed25519');
  expect(await show()).toEqual([newPq]);
  expect(signersOf((await seal('fourth', 'sealed')).note, [ed, pq, newEd, newPq])).toEqual([newPq]);
  expect((await done('log-key', 'forget')).split('\n').sort()).toEqual([ed, pq, newEd].sort());
  expect((await readFile(operator.folder.at('data', 'keys', 'log.key'), 'utf8')).split('\n')).toHaveLength(2);

  await operator.stop();
  await operator.start(['serve']);
  await seal('fifth', 'sealed');
  await until('the service to publish the last key', () => done('trust'), newPq);
  for (const name of ['first', 'second', 'third', 'fourth', 'fifth']) await done('verify', name);
  await done('audit');
  await done('audit', '--server', operator.url, '--key', newPq);
  expect((await ingam('log-key', 'retire')).stderr).toContain('only one key');
});
