import assert from 'node:assert/strict';
import {
  checkSignature,
  fromBase64,
  leafHash,
  parseNote,
  parsePolicy,
  parseProof,
  parseReceipt,
  parseVerifierKey,
  rootFromRunPath,
  toBase64,
  encodeEntry,
  toHex,
  verify,
  type VerifierKey,
} from '../../../src/proof/index.js';
import { nodeSha256 } from '../../../src/crypto/primitives.js';
import { audit } from '../../../src/audit/audit.js';
import { openStore, type Store } from '../../../src/store/index.js';
import type { Ledger } from './ledger.js';
import type { Scene } from './scene.js';
import { waitFor } from './wait.js';

/** How many of the acknowledged notarizations have their proofs fetched and verified, at most. */
const PROOFS = 30;
const SIGNATURES = 20;
const PAGE = 10_000;

interface Chain {
  readonly verifierKey: string;
  readonly receiptKeys: readonly string[];
  readonly size: number;
  readonly nextPosition: number;
  readonly policy: string;
}

/**
 * Checks the chain after the faults: everything acknowledged is in it once, sealed, and as it was
 * acknowledged; nothing that was rejected is in it; receipts and proofs are valid; the audit finds nothing.
 */
export async function judge(scene: Scene, url: string, databaseUrl: string, ledger: Ledger): Promise<void> {
  assert.deepEqual(ledger.wrong, [], 'responses that no service may give');
  assert.ok(ledger.acknowledged.size > 0, 'nothing was acknowledged, so the faults proved nothing');
  const chain = await waitFor('everything to be sealed', async () => {
    const state = await get<Chain>(`${url}/v1/chain`);
    return state.size > 0 && state.size === state.nextPosition ? state : null;
  });
  scene.say('everything is sealed');
  const store = await openStore({ url: databaseUrl });
  try {
    const result = await audit({ store, logKey: parseVerifierKey(chain.verifierKey) });
    assert.deepEqual(result.findings, [], 'findings of the audit');
    assert.equal(result.unsealed, 0);
    scene.say('the audit passed');
    await checkEntries(store, chain.nextPosition, ledger);
  } finally {
    await store.close();
  }
  checkReceipts(parseVerifierKey(chain.receiptKeys[0] ?? ''), ledger);
  // Its connections may lead through this process, which was busy.
  await waitFor(
    'the service to be ready',
    async () => (await get<{ ready: boolean }>(`${url}/readyz`)).ready,
  );
  await checkProofs(scene, url, chain.policy, ledger);
  scene.say(`checked: ${chain.nextPosition} entries in the chain, ${ledger.acknowledged.size} acknowledged`);
}

async function checkEntries(store: Store, count: number, ledger: Ledger): Promise<void> {
  const seen = new Map<string, number>();
  let found = 0;
  for (let first = 0; first < count; first += PAGE) {
    for (const entry of await store.entries(first, Math.min(PAGE, count - first))) {
      assert.ok(!entry.erased);
      const digest = toHex(entry.digest);
      assert.ok(ledger.sent.has(digest), `position ${entry.position} holds ${digest}, which no client sent`);
      assert.ok(
        !seen.has(digest),
        `${digest} is at position ${seen.get(digest) ?? ''} and at ${entry.position}`,
      );
      assert.ok(!ledger.refused.has(digest), `${digest} was rejected, but is at position ${entry.position}`);
      seen.set(digest, entry.position);
      const said = ledger.acknowledged.get(entry.position);
      if (said === undefined) continue;
      found++;
      assert.equal(
        toBase64(encodeEntry(entry)),
        said.entry,
        `the entry at ${entry.position} differs from what was acknowledged`,
      );
    }
  }
  assert.equal(found, ledger.acknowledged.size, 'notarizations that were acknowledged are missing');
}

function checkReceipts(key: VerifierKey, ledger: Ledger): void {
  let signatures = 0;
  for (const { note: text, index, path, entries } of ledger.receipts) {
    const note = parseNote(text);
    // Portable Ed25519 is slow: every root is checked, but only the first signatures.
    if (signatures++ < SIGNATURES) {
      assert.equal(checkSignature(note, key).state, 'good', `the signature of the receipt ${text}`);
    }
    const receipt = parseReceipt(note.text);
    const leaves = entries.map((entry) => leafHash(fromBase64(entry, 'an entry'), nodeSha256));
    const hashes = path.map((hash) => fromBase64(hash, 'a hash of a path'));
    const root = rootFromRunPath(leaves, index, receipt.count, hashes, nodeSha256);
    assert.equal(toHex(root), toHex(receipt.root), 'the root of a receipt');
  }
}

async function checkProofs(scene: Scene, url: string, policyText: string, ledger: Ledger): Promise<void> {
  const policy = parsePolicy(policyText);
  const all = [...ledger.acknowledged.values()];
  const chosen = all.length <= PROOFS ? all : Array.from({ length: PROOFS }, () => scene.random.pick(all));
  for (const { id, sha256, entry } of chosen) {
    const response = await fetch(`${url}/v1/notarizations/${id}/proof`);
    const text = await response.text();
    assert.equal(response.status, 200, `the proof of ${id}: ${text}`);
    const proof = parseProof(text);
    assert.equal(toHex(proof.document.sha256), sha256);
    assert.equal(toBase64(encodeEntry(proof.entry)), entry);
    const { verdict, steps } = verify({ proof, document: null, policy });
    assert.equal(verdict, 'verified', JSON.stringify(steps));
  }
}

async function get<T>(url: string): Promise<T> {
  const response = await fetch(url, { signal: AbortSignal.timeout(60_000) });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}
