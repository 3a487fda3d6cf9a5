import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino, type Logger } from 'pino';
import { Background, type BackgroundLog } from '../../src/background/index.js';
import { Receipts, type NewDocument, type Submission, type Submitter } from '../../src/intake/index.js';
import { generateKey } from '../../src/crypto/keys.js';
import { ED25519, type NoteSigner, signNote } from '../../src/proof/index.js';
import {
  RollbackGuard,
  type RollbackGuardOptions,
  Sealer,
  type SealerOptions,
} from '../../src/sealer/index.js';
import { LastCheckpointFile, type Store, type StoreLog } from '../../src/store/index.js';

/** The parts of a service between its database and its address, as tests put them together. */

export const ORIGIN = 'test.example/log';
export const LOG_KEY = generateKey(ORIGIN, ED25519, new Uint8Array(32).fill(1));
export const RECEIPT_KEY = generateKey(`${ORIGIN}/receipt`, ED25519, new Uint8Array(32).fill(2));
/** The secret of a service. */
export const SECRET = '03'.repeat(32);
export const PROMISE_MS = 60_000;
export const RECEIPTS = receiptsBy([RECEIPT_KEY]);

export function receiptsBy(keys: readonly NoteSigner[], origin = ORIGIN): Receipts {
  return new Receipts((text) => signNote(text, ...keys), origin, PROMISE_MS);
}

export function document(change: Partial<NewDocument> = {}): NewDocument {
  return { sha256: new Uint8Array(randomBytes(32)), size: 1234, details: null, ...change };
}

export function submission(count = 1, change: Partial<Submission> = {}): Submission {
  return {
    documents: Array.from({ length: count }, () => document()),
    submitter: null,
    idempotencyKey: null,
    quota: null,
    ...change,
  };
}

/** Of an organization that need not exist. */
export function submitter(organizationNumber: number): Submitter {
  return { organizationId: `org_${organizationNumber}`, organizationNumber, actor: 'person:psn_test' };
}

export interface Directory extends AsyncDisposable {
  readonly path: string;
}

export async function createDirectory(): Promise<Directory> {
  const path = await mkdtemp(join(tmpdir(), 'ingam-test-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Keeps what was logged, so that a test can wait for it and a failure can show it. */
export function createLog(): StoreLog & { readonly lines: string[] } {
  const lines: string[] = [];
  const keep = (fields: object, message: string) => {
    lines.push(`${message} ${JSON.stringify(fields)}`);
  };
  return { lines, info: keep, warn: keep, error: keep };
}

/** A logger that keeps its lines, each as message and fields. */
export function createLogger(): { readonly logger: Logger; readonly lines: readonly string[] } {
  const lines: string[] = [];
  const write = (line: string) => {
    const { level: _level, msg, ...fields } = JSON.parse(line) as { level: number; msg: string };
    lines.push(`${msg} ${JSON.stringify(fields)}`);
  };
  return { logger: pino({ base: null, timestamp: false }, { write }), lines };
}

export interface TestBackground {
  readonly background: Background;
  /** How often each task has failed. */
  readonly failures: ReadonlyMap<string, number>;
}

export function createBackground(log: BackgroundLog = createLog()): TestBackground {
  const failures = new Map<string, number>();
  const count = (task: string, more: number) => failures.set(task, (failures.get(task) ?? 0) + more);
  return { background: new Background(log, count), failures };
}

export function guardOver(
  store: Store,
  dataDir: string,
  change: Partial<RollbackGuardOptions> = {},
): RollbackGuard {
  return new RollbackGuard({ store, file: new LastCheckpointFile(dataDir), key: LOG_KEY.key, ...change });
}

export function sealerOver(store: Store, dataDir: string, change: Partial<SealerOptions> = {}): Sealer {
  const log = change.log ?? createLog();
  return new Sealer({
    store,
    logKey: LOG_KEY,
    receiptKeys: [RECEIPT_KEY.key],
    guard: guardOver(store, dataDir),
    log,
    background: createBackground(log).background,
    sealIntervalMs: 10,
    maxBlockEntries: 65_536,
    minDifficulty: 4,
    miningTargetMs: 5,
    ...change,
  });
}
