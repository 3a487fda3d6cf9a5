import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { decryptUnder, encryptUnder, WrongPassphrase } from '../../crypto/passphrase.js';
import { fromBase64, parseStrictJson, ProofError, toBase64, utf8, utf8Decode } from '../../proof/index.js';
import { createDurably } from '../../store/files.js';
import { givenMemberKey } from '../../service/member-config.js';
import { type DatabasePlace, readSettings } from '../database.js';
import { Failure, fileFailure, systemCode, usageError } from '../failure.js';
import { malformed, readStream, readText, writeNew } from '../files.js';
import { type Io, printNote } from '../io.js';
import { backupMessages } from '../messages/backup.js';

/*
 * The keys of a service in one file, encrypted under a passphrase: those of the data directory, and those that the
 * environment gives, under the names that they have in the data directory.
 */

const KeyFiles = z.strictObject({
  format: z.literal('ingam-keys-v1'),
  files: z.record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/), z.base64()),
});

const MIN_PASSPHRASE = 12;
const MAX_PASSPHRASE_BYTES = 4096;

/** @throws {Failure} usage */
export async function askNewPassphrase(io: Io): Promise<string> {
  const t = backupMessages();
  const first = await askPassphrase(io);
  if (first.length < MIN_PASSPHRASE) throw usageError(t.shortPassphrase(MIN_PASSPHRASE));
  if (io.askSecret !== undefined && (await io.askSecret(t.passphraseAgain)) !== first) {
    throw usageError(t.passphrasesDiffer);
  }
  return first;
}

/** @throws {Failure} usage */
async function askPassphrase(io: Io): Promise<string> {
  const t = backupMessages();
  if (io.askSecret !== undefined) return io.askSecret(t.passphrase);
  const given = utf8Decode(await readStream(io.stdin, MAX_PASSPHRASE_BYTES, io.signal));
  const [line = ''] = given.split(/\r?\n/);
  if (line === '') throw usageError(t.noPassphrase, t.howToGivePassphrase);
  return line;
}

/** @param shown the new file. @throws {Failure} conflict, unreadable, usage */
export async function saveKeys(
  place: DatabasePlace,
  shown: string,
  passphrase: string,
  io: Io,
): Promise<void> {
  const t = backupMessages();
  const files = await readKeys(
    place,
    readSettings(() => givenMemberKey(io.env)),
  );
  const names = Object.keys(files);
  if (names.length === 0) throw usageError(t.noKeys, t.whereKeys);
  const text = JSON.stringify({ format: 'ingam-keys-v1', files } satisfies z.input<typeof KeyFiles>);
  await writeNew(resolve(io.cwd, shown), shown, await encryptUnder(passphrase, utf8(text)), 0o600);
  printNote(io, t.keysSaved(shown, names.join(', ')));
}

async function readKeys(
  { config, dataDir }: DatabasePlace,
  memberKey: string | null,
): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  if (dataDir !== null) {
    const folder = join(dataDir, 'keys');
    try {
      for (const item of await readdir(folder, { withFileTypes: true })) {
        if (!item.isFile() || item.name.endsWith('.new')) continue;
        files[item.name] = toBase64(await readFile(join(folder, item.name)));
      }
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw fileFailure(error, folder);
    }
  }
  const given = {
    'log.key': config.logKey,
    'receipt.key': config.receiptKey,
    'service.secret': config.secret,
    'member.key': memberKey,
  };
  for (const [name, text] of Object.entries(given))
    if (text !== null) files[name] = toBase64(utf8(`${text}\n`));
  return files;
}

/** Decrypted, by name. @throws {Failure} unreadable, malformed, refused for a wrong passphrase */
export async function openKeys(shown: string, io: Io): Promise<ReadonlyMap<string, Uint8Array>> {
  const t = backupMessages();
  const text = await readText(resolve(io.cwd, shown), shown);
  const passphrase = await askPassphrase(io);
  try {
    const opened = KeyFiles.parse(parseStrictJson(utf8Decode(await decryptUnder(passphrase, text))));
    return new Map(Object.entries(opened.files).map(([name, bytes]) => [name, fromBase64(bytes, name)]));
  } catch (error) {
    if (error instanceof WrongPassphrase) {
      throw new Failure('refused', t.wrongPassphrase(shown), { code: 'wrong_passphrase', cause: error });
    }
    if (error instanceof ProofError) throw malformed(error, shown, 'file of keys');
    throw error;
  }
}

/**
 * The keys that are other ones in the data directory: they are never replaced.
 * @throws {Failure} conflict
 */
export async function assertNoOtherKeys(
  keys: ReadonlyMap<string, Uint8Array>,
  dataDir: string,
): Promise<void> {
  for (const [name, bytes] of keys) {
    const path = join(dataDir, 'keys', name);
    const present = await readFile(path).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return null;
      throw fileFailure(error, path);
    });
    if (present === null || present.equals(bytes)) continue;
    throw new Failure('conflict', backupMessages().otherKey(path), { hint: backupMessages().moveKeyAway });
  }
}

/** Writes the keys that are not there, with mode 600. */
export async function putKeys(keys: ReadonlyMap<string, Uint8Array>, dataDir: string): Promise<void> {
  for (const [name, bytes] of keys) {
    await createDurably(join(dataDir, 'keys', name), utf8Decode(bytes), 0o600);
  }
}
