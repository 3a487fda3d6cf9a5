import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { audit } from '../../src/audit/audit.js';
import { generateKey, type PrivateKey } from '../../src/crypto/keys.js';
import { Erasures } from '../../src/log/index.js';
import { Background } from '../../src/background/index.js';
import {
  ANONYMOUS,
  entryLeafHash,
  formatProof,
  formatVerifierKey,
  NO_DETAILS,
  type NoteSigner,
  parseNote,
  sha256,
  signErasure,
  signKeyStatement,
  utf8,
} from '../../src/proof/index.js';
import { LogSigners } from '../../src/sealer/index.js';
import type { KnownErasure } from '../../src/store/index.js';
import { createFolder, invoke } from '../cli/invoke.js';
import { receiptOf } from '../support/chain.js';
import { query } from '../support/database.js';
import { createDirectory, LOG_KEY, ORIGIN, sealerOver } from '../support/parts.js';
import { startService } from '../support/service.js';
import { until } from '../support/until.js';

const NEW_KEY = generateKey(ORIGIN);
const FORMER = ['it is the former key’s', LOG_KEY] as const;

// A key of the log is replaced: certificates of before and after it, and those that pretend to be.
test('a certificate counts by the keys of the time and the block of its erasure, whatever they are now', async () => {
  await using folder = await createFolder();
  await using directory = await createDirectory();
  await using service = await startService({ sealing: false });
  const { store, deps } = service;
  const sealer = sealerOver(store, directory.path, { signers: new LogSigners([LOG_KEY, NEW_KEY]) });
  const sealed = () =>
    until('every entry to be sealed', async () => {
      const { firstUnsealed, nextPosition } = await store.sealingState();
      return firstUnsealed === nextPosition;
    });
  const notarize = async (
    digest: Uint8Array = new Uint8Array(randomBytes(32)),
    size: number | null = null,
  ) => {
    const { firstPosition } = await deps.intake.accept({
      documents: [{ sha256: digest, size, details: null }],
      ...{ submitter: null, idempotencyKey: null, quota: null },
    });
    await sealed();
    const [found] = (await deps.notarizations.byDigest(digest, 1)).notarizations;
    if (found === undefined) expect.fail();
    return { ...found, position: firstPosition };
  };
  const erasuresBy = (signers: readonly NoteSigner[], isDown = false) =>
    new Erasures({
      ...{ store, background: new Background(), origin: ORIGIN },
      intake: isDown ? { accept: () => Promise.reject(new Error('stopped')) } : deps.intake,
      signers: () => Promise.resolve(signers),
    });
  const erase = async (erasures: Erasures): Promise<KnownErasure> => {
    const notarization = await notarize();
    const { position } = notarization;
    const erased = await erasures.erase(notarization, 'psn_1', {
      ...{ at: 0, kind: 'notarization_erased', organizationId: null, personId: null, keyId: null },
      ...{ address: null, detail: { position } },
    });
    await sealed();
    return erased;
  };
  const change = async (ordinal: number, keys: readonly PrivateKey[]) => {
    const note = signKeyStatement(keys);
    const bytes = utf8(note);
    const entry = {
      ...{ kind: 0, digest: sha256(bytes), size: bytes.length, acceptedAt: Date.now() },
      ...{ salt: new Uint8Array(randomBytes(16)), accountTag: ANONYMOUS, detailsDigest: NO_DETAILS },
    };
    const receipt = receiptOf([entry], entry.acceptedAt);
    expect(await store.acceptKeyStatement({ ordinal, entry, note, receipt })).toBe(true);
    await sealed();
  };
  sealer.start();
  try {
    const before = await erase(erasuresBy([LOG_KEY]));
    const late = await erase(erasuresBy([LOG_KEY], true));
    expect(late.certificate).toBeNull();
    await change(0, [LOG_KEY, NEW_KEY]);
    const between = await erase(erasuresBy([LOG_KEY, NEW_KEY]));
    await change(1, [NEW_KEY]);
    const after = await erase(erasuresBy([NEW_KEY]));
    // What there was no time for is notarized with a signature of the present key beside the former one.
    const countersigned = await erasuresBy([NEW_KEY]).withCertificate(late);
    await sealed();
    expect(parseNote(countersigned.note).signatures).toHaveLength(2);
    expect(countersigned.note.startsWith(late.note)).toBe(true);
    await expect(
      query(
        service.databaseUrl,
        `UPDATE erasure_certificate SET note = note || 'x' WHERE position = ${late.position}`,
      ),
    ).rejects.toThrow(/refused/);

    await until(
      'the service to know the keys',
      async () => (await deps.log.keys()).latest.map(formatVerifierKey).join(),
      formatVerifierKey(NEW_KEY.key),
    );
    const policy = folder.at('policy');
    await writeFile(policy, await deps.log.policyText());
    const verify = async (note: string) => {
      const bytes = utf8(note);
      const [found] = (await deps.notarizations.byDigest(sha256(bytes), 1)).notarizations;
      if (found === undefined) expect.fail();
      const proof = await deps.notarizations.proof(found, { details: false, organization: null });
      await writeFile(folder.at('erasure.txt'), note);
      await writeFile(folder.at('erasure.txt.ingam.json'), formatProof(proof));
      const { code, stderr } = await invoke(['verify', 'erasure.txt', '--trust', policy], {
        cwd: folder.path,
      });
      return code === 0 && stderr.includes('It certifies that') ? 'certified' : `${code} ${stderr}`;
    };
    for (const { note } of [before, countersigned, between, after])
      expect(await verify(note)).toBe('certified');

    // Whoever has a key of the log can sign such texts, and anybody can have them notarized now.
    const { position, entry } = await notarize();
    const leafHash = entryLeafHash(entry);
    const now = Date.now();
    const lies = [
      [...FORMER, now],
      [...FORMER, before.erasedAt],
      ['it claims a time to come', NEW_KEY, now + 3_600_000],
    ] as const;
    for (const [why, key, erasedAt] of lies) {
      const note = signErasure({ origin: ORIGIN, position, leafHash, erasedAt }, [key]);
      await notarize(sha256(utf8(note)), utf8(note).length);
      expect(await verify(note), why).toContain('claims to certify an erasure, and does not');
    }

    // The audit knows the times of the changes: it does not take the new key for one of before them.
    const findings = async () =>
      (await audit({ store, logKey: NEW_KEY.key })).database.findings
        .filter(({ table }) => table === 'erasure_certificate')
        .map(({ message }) => message);
    expect(await findings()).toEqual([]);
    const setBack = before.erasedAt - 3_600_000;
    const erased = { origin: ORIGIN, position: after.position, erasedAt: setBack };
    const stated = Buffer.from(after.note.split('\n')[3] ?? '', 'base64');
    const forged = signErasure({ ...erased, leafHash: new Uint8Array(stated) }, [NEW_KEY]);
    const digest = createHash('sha256').update(forged).digest('hex');
    await query(
      service.adminUrl,
      `SET session_replication_role = replica;
       UPDATE erasure_certificate SET note = '${forged}', digest = '\\x${digest}', erased_at = ${setBack}
       WHERE position = ${after.position};
       UPDATE access_event SET at = ${setBack} WHERE detail LIKE '%"position":${after.position}%'`,
    );
    expect(await findings()).toEqual([
      `No key that the log had at that time has signed the certificate of the erasure at position ${after.position}.`,
    ]);
  } finally {
    await sealer.stop();
  }
});
