import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { isVouchedForBy, vouchesFor } from '../../src/cli/trust.js';
import { Intake } from '../../src/intake/index.js';
import { generateKey, type PrivateKey } from '../../src/crypto/keys.js';
import { PublishedLog } from '../../src/log/index.js';
import {
  ANONYMOUS,
  LogKeys,
  NO_DETAILS,
  policyOfKeys,
  sha256,
  signKeyStatement,
  utf8,
  type Policy,
} from '../../src/proof/index.js';
import { LogSigners } from '../../src/sealer/index.js';
import { receiptOf } from '../support/chain.js';
import { createStore } from '../support/database.js';
import {
  createDirectory,
  LOG_KEY,
  ORIGIN,
  RECEIPT_KEY,
  RECEIPTS,
  sealerOver,
  submission,
} from '../support/parts.js';
import { until } from '../support/until.js';

const [FIRST, SECOND, FORGED] = [LOG_KEY, generateKey(ORIGIN), generateKey(ORIGIN)];

interface Told {
  /** The trust policy that the log publishes. */
  readonly policy: Policy;
  /** The response to `GET /v1/log-keys`. */
  readonly statements: string;
}

/** A log signed by `FIRST`, then by both keys, then by `to` alone. @param before blocks before the change */
async function changedTo(to: PrivateKey, before: number): Promise<Told> {
  await using directory = await createDirectory();
  await using db = await createStore();
  const { store } = db;
  const intake = new Intake({ store, receipts: RECEIPTS, maxQueue: 1000 });
  const sealer = sealerOver(store, directory.path, {
    signers: new LogSigners([FIRST, to]),
  });
  const sealed = () =>
    until('every entry to be sealed', async () => {
      const [{ nextPosition }, tip] = await Promise.all([store.head(), store.tip()]);
      return tip !== null && tip.firstPosition + tip.entryCount === nextPosition;
    });
  const state = async (ordinal: number, keys: PrivateKey[]) => {
    const note = signKeyStatement(keys);
    const bytes = utf8(note);
    const entry = {
      ...{ kind: 0, digest: sha256(bytes), size: bytes.length, acceptedAt: Date.now() },
      ...{ salt: new Uint8Array(randomBytes(16)), accountTag: ANONYMOUS, detailsDigest: NO_DETAILS },
    };
    expect(
      await store.acceptKeyStatement({ ordinal, entry, note, receipt: receiptOf([entry], entry.acceptedAt) }),
    ).toBe(true);
    await sealed();
  };
  sealer.start();
  try {
    for (let block = 0; block < before; block++) {
      await intake.accept(submission());
      await sealed();
    }
    await state(0, [FIRST, to]);
    await state(1, [to]);
  } finally {
    await sealer.stop();
  }
  const placed = (await store.logKeyStatements()).map(({ note, height }) => ({
    text: note,
    firstSize: (height ?? 0) + 1,
  }));
  const log = new PublishedLog(store, { logKey: FIRST.key, receiptKeys: [RECEIPT_KEY.key] });
  return {
    policy: { ...policyOfKeys([]), ...LogKeys.of(null, placed).trusted },
    statements: await log.keyStatements(),
  };
}

test('trusts a new key only if the key before it vouches for it, and nothing for a retired key', async () => {
  const honest = await changedTo(SECOND, 3);
  const old = policyOfKeys([FIRST.key]);
  expect(honest.policy.retired).toHaveLength(1);
  expect(vouchesFor(old, honest.policy, honest.statements)).toBe(true);
  expect(vouchesFor(policyOfKeys([FORGED.key]), honest.policy, honest.statements)).toBe(false);
  for (const [{ key }, isOne] of [
    [FIRST, true],
    [SECOND, true],
    [FORGED, false],
  ] as const) {
    expect(isVouchedForBy(key, honest.policy, honest.statements)).toBe(isOne);
  }

  // Stolen after its retirement, the first key signs a shorter history, of a size for which it was valid.
  const forged = await changedTo(FORGED, 1);
  const until = (told: Told) => told.policy.retired[0]?.until ?? Number.NaN;
  expect(until(forged)).toBeLessThan(until(honest));
  expect(vouchesFor(honest.policy, forged.policy, forged.statements)).toBe(false);
  expect(isVouchedForBy(SECOND.key, forged.policy, forged.statements)).toBe(false);
  // Genuine statements do not vouch for other keys, or for another end of the first key's validity.
  expect(vouchesFor(old, forged.policy, honest.statements)).toBe(false);
  const longer = { ...honest.policy, retired: [{ key: FIRST.key, until: until(honest) + 5 }] };
  expect(vouchesFor(old, longer, honest.statements)).toBe(false);
  expect(isVouchedForBy(SECOND.key, longer, honest.statements)).toBe(false);
  // Users who have not heard of the change cannot tell: a stolen key must be announced, not only retired.
  expect(vouchesFor(old, forged.policy, forged.statements)).toBe(true);
});
