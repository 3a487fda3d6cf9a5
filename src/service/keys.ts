import { randomBytes } from 'node:crypto';
import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  generateKey,
  parseLogKeys,
  parsePrivateKey,
  parseReceiptKeys,
  type PrivateKey,
  signingKeys,
} from '../crypto/keys.js';
import { deriveKey, generateSecret, parseSecrets } from '../crypto/secrets.js';
import {
  COSIGNATURE,
  equal,
  isCosignerKeyType,
  ProofError,
  type NoteSigner,
  type VerifierKey,
} from '../proof/index.js';
import { createDurably, writeDurably } from '../store/files.js';

const ACCESS_PURPOSE = 'ingam access v1';
const ROWS_PURPOSE = 'ingam rows v1';

export interface ServiceKeys {
  /**
   * Signs checkpoints. Its name is the log's origin. The first of several: more than one exists while the
   * log's key is changed.
   */
  readonly log: PrivateKey;
  /** All private keys of the log that are available here. */
  readonly logs: readonly PrivateKey[];
  /** Reads them again: one may have been added since. @param given by the configuration now; null: it gives none */
  readonly reloadLogs: (given: string | null) => Promise<readonly PrivateKey[]>;
  /** Sign receipts, each with its algorithm; none of them is a key of the log. */
  readonly receipts: readonly PrivateKey[];
  /**
   * The public keys whose receipts cover entries: the present ones, and former ones whose entries may still
   * wait for their block.
   */
  readonly receiptKeys: readonly VerifierKey[];
  /** 32 bytes that all instances share; auth/ encrypts and authenticates with them. */
  readonly access: Uint8Array;
  /** Others, for the MACs of rows that the chain does not prove. */
  readonly rows: RowKeys;
}

/** Rows get their MACs under the first. The others are former ones, whose rows are still genuine. */
export type RowKeys = readonly [Uint8Array, ...Uint8Array[]];

/**
 * The service's keys: from the configuration if given there, else from `<dataDir>/keys`, where they are
 * generated on the first start, with mode 0600, and durably before their first use.
 *
 * @param origin the name that the log must have; null: the one that it has, or a new and unique one
 * @throws {ProofError} malformed_key
 */
export async function loadKeys(options: {
  readonly dataDir: string;
  readonly origin: string | null;
  readonly logKey: string | null;
  readonly receiptKey: string | null;
  readonly secret: string | null;
}): Promise<ServiceKeys> {
  const { dataDir, origin } = options;
  const file = logKeyFile(dataDir);
  const reloadLogs = async (given: string | null) =>
    parseLogKeys(
      await readOrCreate(
        given,
        file,
        // Random, so that two trial installations do not become two logs with one name.
        () => generateKey(origin ?? `ingam.local/${randomBytes(4).toString('hex')}`).text,
      ),
    );
  const logs = await reloadLogs(options.logKey);
  const [log] = logs;
  if (origin !== null && log.key.name !== origin) {
    throw new ProofError(
      'malformed_key',
      `the log key is for ${log.key.name}, but INGAM_ORIGIN is ${origin}; a log keeps its name for life`,
    );
  }
  const receipts = await readReceiptKeys({ ...options, receiptName: `${log.key.name}/receipt` });
  if (logs.some(({ key }) => receipts.some((each) => equal(each.key.publicKey, key.publicKey)))) {
    throw new ProofError('malformed_key', 'the receipt key must not be the log key');
  }
  const receiptKeys = receipts.map(({ key }) => key);
  const secret = await readOrCreate(options.secret, secretFile(dataDir), generateSecret);
  return { log, logs, reloadLogs, receipts: signingKeys(receipts), receiptKeys, ...secretsIn(secret) };
}

/** @throws {ProofError} malformed_key */
function secretsIn(text: string): Pick<ServiceKeys, 'access' | 'rows'> {
  const [present, ...former] = parseSecrets(text);
  const rowKey = (secret: Uint8Array) => deriveKey(secret, ROWS_PURPOSE);
  // Access has no former ones: what the old secret encrypted or signed ends with it.
  return { access: deriveKey(present, ACCESS_PURPOSE), rows: [rowKey(present), ...former.map(rowKey)] };
}

/**
 * The receipt keys, the present ones first: from the configuration if given there, else from
 * `<dataDir>/keys/receipt.key`, where one is generated on the first start.
 *
 * @throws {ProofError} malformed_key
 */
async function readReceiptKeys(options: {
  readonly dataDir: string;
  readonly receiptKey: string | null;
  /** Of a key that is generated. */
  readonly receiptName: string;
}): Promise<readonly [PrivateKey, ...PrivateKey[]]> {
  const file = receiptKeyFile(options.dataDir);
  const text = await readOrCreate(options.receiptKey, file, () => generateKey(options.receiptName).text);
  return parseReceiptKeys(text);
}

/** The file with the private receipt keys, one per line, when the configuration does not give them. */
export function receiptKeyFile(dataDir: string): string {
  return join(dataDir, 'keys', 'receipt.key');
}

/**
 * The key of a member's cosignatures: from the configuration if given there, else from `<dataDir>/keys`,
 * where it is generated on the first start.
 *
 * @throws {ProofError} malformed_key
 */
export async function loadMemberKey(options: {
  readonly dataDir: string;
  readonly name: string | null;
  readonly key: string | null;
}): Promise<NoteSigner> {
  const { dataDir, name, key } = options;
  const make = () =>
    generateKey(name ?? `ingam.local/member/${randomBytes(4).toString('hex')}`, COSIGNATURE).text;
  return memberSigner(await readOrCreate(key, memberKeyFile(dataDir), make), name);
}

/** @param name of the member; null: that of the key. @throws {ProofError} malformed_key */
export function memberSigner(text: string, name: string | null): NoteSigner {
  const signer = parsePrivateKey(text);
  if (!isCosignerKeyType(signer.key.type)) {
    throw new ProofError(
      'malformed_key',
      'a member needs a key for cosignatures: ingam keygen --kind member',
    );
  }
  if (name !== null && signer.key.name !== name) {
    throw new ProofError(
      'malformed_key',
      `the key is for ${signer.key.name}, but INGAM_MEMBER_NAME is ${name}; a member keeps its name for life`,
    );
  }
  return signer;
}

/** The file with a member's private key, when the configuration does not give it. */
export function memberKeyFile(dataDir: string): string {
  return join(dataDir, 'keys', 'member.key');
}

/**
 * The secrets of a service that has been started before, for the commands that work on its database; null:
 * there are none here.
 * @throws {ProofError} malformed_key
 */
export async function loadSecrets(options: {
  readonly dataDir: string | null;
  readonly secret: string | null;
}): Promise<Pick<ServiceKeys, 'access' | 'rows'> | null> {
  const text = options.secret ?? (await readSecret(options.dataDir));
  return text === null ? null : secretsIn(text);
}

async function readSecret(dataDir: string | null): Promise<string | null> {
  if (dataDir === null) return null;
  try {
    return await readFile(secretFile(dataDir), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** The file with the service's secrets, one per line, when the configuration does not give them. */
export function secretFile(dataDir: string): string {
  return join(dataDir, 'keys', 'service.secret');
}

/** The file with the private keys of a log, one per line, when the configuration does not give them. */
export function logKeyFile(dataDir: string): string {
  return join(dataDir, 'keys', 'log.key');
}

/**
 * Replaces the log's private keys durably: after a crash, the file has all of the old ones or all of the new
 * ones.
 */
export async function writeLogKeys(dataDir: string, keys: readonly PrivateKey[]): Promise<void> {
  await writeDurably(logKeyFile(dataDir), keys.map(({ text }) => `${text}\n`).join(''), 0o600);
}

/** The text of a key: as configured, else from the file, which is created if it does not exist. */
async function readOrCreate(given: string | null, file: string, make: () => string): Promise<string> {
  if (given !== null) return given;
  try {
    const text = await readFile(file, 'utf8');
    await chmod(file, 0o600);
    return text;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  const text = `${make()}\n`;
  if (await createDurably(file, text, 0o600)) return text;
  // Another process with the same directory was faster: its key counts.
  return readFile(file, 'utf8');
}
