import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeEntry, formatProof, leafHash, type PendingProof } from '../../src/proof/index.js';
import { ACCEPTED, DOCUMENT, makeProof, SEALED } from '../vectors/make/chain.js';
import { RECEIPT, TRUST, vkey } from '../vectors/make/keys.js';
import { makePending } from '../vectors/make/pending.js';
import { createFolder, invoke, type TestFolder } from './invoke.js';

let folder: TestFolder;
beforeAll(async () => {
  folder = await createFolder();
  await writeFile(folder.at('contract'), DOCUMENT);
  await writeFile(folder.at('policy'), TRUST);
  await writeFile(folder.at('proof'), formatProof(makeProof()));
});
afterAll(() => folder[Symbol.asyncDispose]());

const TRUSTED = ['--trust', 'policy', '--key', vkey(RECEIPT)];

/** Verifies the contract with a proof and a kept receipt. */
async function verified(pending: PendingProof, trust: readonly string[] = TRUSTED, proof = 'proof') {
  await writeFile(folder.at('kept'), formatProof(pending));
  const argv = ['verify', 'contract', proof, '--receipt', 'kept', ...trust];
  const { code, stdout, stderr } = await invoke(argv, { cwd: folder.path });
  const json = await invoke([...argv, '--json'], { cwd: folder.path });
  expect(json.code).toBe(code);
  const { promise } = JSON.parse(json.stdout) as { promise: unknown };
  return { code, stdout, stderr, promise };
}

test('says that the promise was kept', async () => {
  const { code, stdout, stderr, promise } = await verified(makePending());
  expect(code).toBe(0);
  expect(stdout).toMatch(/^VERIFIED {2}contract: sealed /);
  expect(stderr).toContain(
    'kept: log.example/vectors promised to seal this entry by 2026-01-02 03:05:05.678 UTC, and did: the promise was kept.',
  );
  expect(promise).toEqual({
    receipt: 'kept',
    outcome: 'kept',
    signed: true,
    acceptedAt: '2026-01-02T03:04:05.678Z',
    sealedBy: '2026-01-02T03:05:05.678Z',
    lateMs: 0,
  });
});

test('says how much later the seal came than promised, and what to keep', async () => {
  const { code, stdout, stderr, promise } = await verified(makePending({}, { deadline: ACCEPTED + 100 }));
  expect(code).toBe(1);
  expect(stdout).toMatch(/^VERIFIED/);
  expect(stderr).toContain('and sealed it 1 second later: the promise was not kept.');
  expect(stderr).toContain('Keep kept and proof unchanged: together they show it.');
  expect(promise).toMatchObject({ outcome: 'late', lateMs: SEALED - ACCEPTED - 100, signed: true });
});

test('tells an entry that was replaced from another notarization of the same document', async () => {
  const replaced = await verified(makePending({ acceptedAt: ACCEPTED - 1000, details: { title: 'T' } }));
  expect(replaced.code).toBe(1);
  expect(replaced.stderr).toContain('and sealed another entry in its place: the promise was broken.');
  expect(replaced.stderr).toContain('Different: time of acceptance, details.');
  expect(replaced.stderr).toContain('Keep kept and proof unchanged');
  expect(replaced.promise).toMatchObject({ outcome: 'changed_entry' });

  const plain = makePending();
  const entry = { ...plain.entry, salt: plain.entry.salt.map((byte) => byte ^ 1) };
  const again = await verified({ ...makePending({}, { root: leafHash(encodeEntry(entry)) }), entry });
  expect(again.code).toBe(1);
  expect(again.stderr).toContain('kept is for another notarization of this document');
  expect(again.stderr).toContain('ingam upgrade kept');
  expect(again.stderr).toContain('a member, can show that no block contains it');
  expect(again.stderr).not.toContain('the promise was broken');
  expect(again.promise).toMatchObject({ outcome: 'other_entry' });
});

test('does not call a receipt evidence that nobody trusted has signed', async () => {
  const { code, stderr, promise } = await verified(makePending(), ['--trust', 'policy']);
  expect(code).toBe(0);
  expect(stderr).toContain('the promise was kept');
  expect(stderr).toContain('no key that you trust has signed kept, so it shows nothing to others');
  expect(promise).toMatchObject({ outcome: 'kept', signed: false });
});

test('does not compare a receipt that is forged, or for another document, or a proof that is not verified', async () => {
  const forged = await verified({ ...makePending(), path: [new Uint8Array(32)] });
  expect(forged.code).toBe(1);
  expect(forged.stderr).toContain("kept was not compared: The entry's place doesn't fit the receipt.");
  expect(forged.promise).toMatchObject({ outcome: 'invalid' });
  const other = await verified(makePending({ document: Buffer.from('other') }));
  expect(other.stderr).toContain(
    "kept was not compared: Your document's fingerprint doesn't match the proof.",
  );
  expect(other.code).toBe(1);
  const untrusted = await verified(makePending(), []);
  expect(untrusted.code).toBe(1);
  expect(untrusted.stderr).toContain('kept was not compared: proof is not verified.');
  await writeFile(folder.at('unsealed'), formatProof(makePending()));
  const unsealed = await verified(makePending(), TRUSTED, 'unsealed');
  expect(unsealed.code).toBe(3);
  expect(unsealed.stderr).toContain('kept was not compared: unsealed is not sealed yet.');
  expect(unsealed.promise).toMatchObject({ outcome: 'not_compared' });
});

test('says what a receipt is when a final proof is given instead', async () => {
  const { code, stderr } = await invoke(['verify', 'contract', 'proof', '--receipt', 'proof', ...TRUSTED], {
    cwd: folder.path,
  });
  expect(code).toBe(2);
  expect(stderr).toContain('proof is a final proof, which contains no receipt');
});
