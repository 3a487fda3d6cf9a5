import { nodeSha256 } from '../crypto/primitives.js';
import { accountTagOf, equal, type LogKeys, toHex, type VerifierKey } from '../proof/index.js';
import type {
  ChainRows,
  ChainSnapshot,
  RegisteredRun,
  SchemaComparison,
  SchemaDifference,
  Store,
} from '../store/index.js';
import { ChainWalk } from './chain-walk.js';
import { checkKeyStatements, CheckpointNotes } from './checkpoint-check.js';
import { EntryCheck } from './entry-check.js';
import { type AuditFinding, type AuditNote, finding, Findings } from './finding.js';
import { keysInTime } from './erasure-check.js';
import { checkReceipts } from './receipt-check.js';
import { checkRecordRules } from './record-check.js';
import { checkRecords } from './records.js';
import { inTurns, RowReader } from './row-reader.js';
import { checkSchema, checkServer, missingParts } from './server-check.js';
import { type BytesOptions, checkVaultBytes } from './vault-check.js';

const DEFAULT_LIMIT = 100;

export interface AuditProgress {
  /** Entries read so far. */
  readonly done: number;
  /** Number of entries by the head row. */
  readonly total: number;
  readonly blocks: number;
}

export interface AuditOptions {
  readonly store: Pick<Store, 'snapshot' | 'serverFacts'>;
  /**
   * A current or former key of the log. Null: signatures are not verified, only that all checkpoints name one
   * origin and one key; see `signatures` in the result.
   */
  readonly logKey: VerifierKey | null;
  /** How the schema compares with the migrations; default null: it was not compared. */
  readonly schema?: SchemaComparison | null;
  /** Keys of the members that cosign the log; default none: cosignatures are not verified. */
  readonly members?: readonly VerifierKey[];
  /** Under which the service makes MACs of rows, or made them earlier; null, the default: they are unknown. */
  readonly rowKeys?: readonly Uint8Array[] | null;
  /** Superusers that the server is set up with; null, the default: it is somebody else's server. */
  readonly superusers?: readonly string[] | null;
  /**
   * The receipt keys of the service, former ones too. Null: the receipts of entries that no block holds yet
   * are compared with them, but their signatures are not verified.
   */
  readonly receiptKeys?: readonly VerifierKey[] | null;
  /** Where the bytes of all kept documents are read again; null, the default: they are not read. */
  readonly kept?: BytesOptions | null;
  /** How many findings each part of the result lists; default 100. */
  readonly limit?: number;
  /** Called for each tile of entries; must be cheap. */
  readonly onProgress?: (progress: AuditProgress) => void;
  /** Ends the audit early: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface AuditResult {
  /**
   * The first findings, in chain order: by height, then position; the head row and rows without a place in
   * the chain last.
   */
  readonly findings: readonly AuditFinding[];
  /** Number of all findings. 0: the chain is sound. */
  readonly findingCount: number;
  readonly blocks: number;
  readonly entries: number;
  readonly erased: number;
  /** Entries that no block holds yet. */
  readonly unsealed: number;
  readonly tip: { readonly height: number; readonly hash: string } | null;
  /** The latest checkpoint's note, to compare with a copy stored elsewhere. */
  readonly checkpoint: string | null;
  /** Null in a chain without checkpoints, when no key was given. */
  readonly origin: string | null;
  readonly signatures: 'checked' | 'unchecked';
  /** What is not the chain. */
  readonly database: RecordsResult;
}

/**
 * Everything beside the chain: rows that the chain does not prove, the schema that keeps the rows as they
 * are, and who could set it aside.
 */
export interface RecordsResult {
  readonly findings: readonly AuditFinding[];
  /** Number of all findings. */
  readonly findingCount: number;
  /** What to know that is no finding. */
  readonly notes: readonly AuditNote[];
  /** What could not be checked, and why. */
  readonly notChecked: readonly AuditNote[];
}

/**
 * Derives every leaf, tile, root, header, link, proof of work, log tile and checkpoint from the rows, in one
 * unchanging view of them, and names each row that contradicts the others. One pass, in memory that does not
 * grow with the chain. Entries that no block holds yet are compared with their receipts. If the chain is
 * sound, the organizations' registers are compared with it.
 *
 * Then everything else in the database is compared with the chain, with the access log and with what this
 * version would have written: `database` in the result.
 */
export async function audit(options: AuditOptions): Promise<AuditResult> {
  const { store, limit = DEFAULT_LIMIT, superusers = null, schema = null } = options;
  const findings = new Findings(limit);
  const [notes, notChecked]: [AuditNote[], AuditNote[]] = [[], []];
  if (schema !== null) checkSchema(schema, findings, notes);
  const unchecked = schema === null ? '' : schema.unchecked;
  if (unchecked !== null) {
    const why = unchecked === '' ? '' : `, because they could not be applied: ${unchecked}`;
    const message = `not compared with the migrations${why}. Give the URL of the role that owns the tables.`;
    notChecked.push({ about: 'tables, triggers, functions and privileges', message });
  }
  const owner = schema?.owner ?? null;
  checkServer(await store.serverFacts(owner), owner, { superusers }, findings, notes);
  const missing = schema === null ? [] : missingParts(schema);
  if (missing.length > 0) {
    const message = 'not compared with anything, because tables or columns are missing';
    notChecked.push({ about: 'rows', message });
    return unreadable(missing, recordsResult(findings, notes, notChecked));
  }
  const audited = await store.snapshot(async (snapshot) => {
    const { keys, ...chain } = await auditRows(inTurns(snapshot), options);
    if (chain.unsealed > 0 && options.receiptKeys == null) {
      const message = 'not verified. Give --data-dir, or INGAM_RECEIPT_KEY';
      notChecked.push({ about: 'signatures of the receipts of entries that wait for a block', message });
    }
    // Against a chain that is not sound, records would be blamed for its faults.
    if (chain.findingCount === 0 && chain.origin !== null) {
      const onPage = () => options.signal?.throwIfAborted();
      await checkRecordRules({ rows: snapshot.records, origin: chain.origin, findings, notes, onPage });
    }
    await checkRecords({
      rows: snapshot.records,
      members: options.members ?? [],
      rowKeys: options.rowKeys ?? null,
      logKeys: keys === null ? null : keysInTime(keys, await snapshot.keyStatements()),
      findings,
      notes,
      notChecked,
      onPage: () => options.signal?.throwIfAborted(),
    });
    return chain;
  });
  if (options.kept != null) await checkVaultBytes(options.kept, { findings, notes, notChecked });
  return { ...audited, database: recordsResult(findings, notes, notChecked) };
}

function recordsResult(
  { list, total }: Findings,
  notes: readonly AuditNote[],
  notChecked: readonly AuditNote[],
): RecordsResult {
  return { findings: list, findingCount: total, notes, notChecked };
}

/** Without all of its tables and columns, nothing of the chain can be read. */
function unreadable(missing: readonly SchemaDifference[], database: RecordsResult): AuditResult {
  const findings = missing.map(({ kind, name }) => {
    const message = `The ${kind} ${name} is missing: the chain was not checked.`;
    return finding('schema', { kind, name }, null, 'missing', message);
  });
  const nothing = {
    blocks: 0,
    entries: 0,
    erased: 0,
    unsealed: 0,
    tip: null,
    checkpoint: null,
    origin: null,
  };
  return { findings, findingCount: findings.length, ...nothing, signatures: 'unchecked', database };
}

type ChainResult = Omit<AuditResult, 'database'>;

async function auditRows(
  snapshot: ChainSnapshot,
  options: AuditOptions,
): Promise<ChainResult & { readonly keys: LogKeys | null }> {
  const { logKey, onProgress, signal } = options;
  const findings = new Findings(options.limit ?? DEFAULT_LIMIT);
  const keys = await checkKeyStatements(snapshot, logKey, findings);
  const notes = new CheckpointNotes(keys, logKey !== null);
  const head = await readHead(snapshot, findings);
  const total = Number(head?.next_position ?? 0n);
  const entries = await EntryCheck.open(snapshot, findings);
  const chain = await ChainWalk.open(snapshot, entries, notes, findings);
  const onTile = () => {
    signal?.throwIfAborted();
    onProgress?.({ done: entries.count, total, blocks: chain.height });
  };
  while (await chain.step(onTile)) onTile();
  const end = await entries.unsealed(chain.sealed, total, onTile);
  const trust = { origin: logKey?.name ?? notes.origin, keys: options.receiptKeys ?? null };
  await checkReceipts(snapshot, { from: chain.sealed, to: end }, trust, findings, onTile);
  await entries.finish();
  await chain.finish();
  if (head !== null) checkHead(head, chain.sealed, end, entries, findings);
  // Against rows that were changed, the register would be blamed for their faults.
  if (findings.total === 0) await checkRegister(snapshot, findings, onTile);
  onTile();
  return {
    findings: findings.list,
    findingCount: findings.total,
    blocks: chain.height,
    entries: entries.count,
    erased: entries.erased,
    unsealed: end - chain.sealed,
    tip: chain.tip === null ? null : { height: chain.tip.header.height, hash: toHex(chain.tip.hash) },
    checkpoint: chain.checkpoint,
    origin: notes.origin,
    signatures: notes.checksSignatures ? 'checked' : 'unchecked',
    keys,
  };
}

async function readHead(snapshot: ChainSnapshot, findings: Findings): Promise<ChainRows['head'] | null> {
  const reader = await RowReader.open(snapshot, 'head', 2);
  let head: ChainRows['head'] | null = null;
  for (let row = reader.row; row !== null; row = reader.row) {
    if (row.id && head === null) head = row;
    else findings.add(finding('head', { id: row.id }, 'id', 'extra', 'There is more than the one head row.'));
    await reader.next();
  }
  if (head === null) findings.add(finding('head', { id: true }, null, 'missing', 'The head row is missing.'));
  return head;
}

/** Compares the head row's next position and latest time of acceptance with the entries. */
function checkHead(
  head: ChainRows['head'],
  sealed: number,
  end: number,
  entries: EntryCheck,
  findings: Findings,
): void {
  const [nextPosition, latestTime] = [Number(head.next_position), Number(head.latest_time)];
  // The latest entry may be an erased one, which was accepted before its block was sealed.
  const timeHolds =
    latestTime >= entries.latest && latestTime <= Math.max(entries.latest, entries.erasedUntil);
  if (nextPosition !== end) {
    // Either the head row was changed, or entries at the end were removed or added. If the latest time
    // matches, the rows do not show which, and both are named.
    const headFirst = timeHolds || entries.unsure;
    if (headFirst) {
      const message = `The head row says that the next position is ${head.next_position}, the entries end at ${end}.`;
      const values = { expected: String(end), found: String(head.next_position) };
      findings.add(finding('head', { id: true }, 'next_position', 'head_mismatch', message, values));
    }
    if (nextPosition > end) entries.missing(end, nextPosition - end);
    else entries.beyond(Math.max(nextPosition, sealed), end);
    if (!headFirst) return;
  }
  if (timeHolds || (entries.unsure && latestTime > entries.latest)) return;
  const message = 'The head row has another latest time of acceptance than the entries.';
  const values = { expected: String(entries.latest), found: String(head.latest_time) };
  findings.add(finding('head', { id: true }, 'latest_time', 'head_mismatch', message, values));
}

const PAGE = 1024;
const MOST_UNREGISTERED = 1000;

/**
 * Compares the organizations' registers with a sound chain: every entry of a run must have the tag of the
 * run's organization, and every entry with a tag must be in a run, or its organization's search misses it.
 */
async function checkRegister(
  snapshot: Pick<ChainSnapshot, 'registeredRuns' | 'taggedEntries' | 'unregistered' | 'rows'>,
  findings: Findings,
  onPage: () => void,
): Promise<void> {
  const tagged = await snapshot.taggedEntries();
  let after: bigint | null = null;
  let end = 0n;
  let registered = 0;
  for (;;) {
    const runs: RegisteredRun[] = await snapshot.registeredRuns(after, PAGE);
    for (const run of runs) {
      judge({ ...run, foreign_at: run.foreign_at ?? (await foreignAt(snapshot, run)) }, end, findings);
      registered += run.tagged;
      after = run.first_position;
      end = run.first_position + BigInt(run.entry_count);
    }
    onPage();
    if (runs.length < PAGE) break;
  }
  if (registered === tagged) return;
  for (const position of await snapshot.unregistered(MOST_UNREGISTERED)) {
    const message = `The entry at position ${position} belongs to an organization, but is in no register.`;
    findings.add(finding('register_run', { position }, null, 'missing', message));
  }
}

/**
 * The first entry of a run that is not its organization's, among runs with data keys: PostgreSQL cannot compare
 * their tags, which need the salts.
 */
async function foreignAt(
  snapshot: Pick<ChainSnapshot, 'rows'>,
  { keyed, first_position: first, entry_count: count, organization_id: organization }: RegisteredRun,
): Promise<bigint | null> {
  if (keyed === 0 || organization === null) return null;
  for await (const page of snapshot.rows('entry', { from: first, to: first + BigInt(count) })) {
    for (const { position, salt, account_tag: tag } of page) {
      if (salt === null) continue;
      if (tag === null || !equal(tag, accountTagOf(salt, organization, nodeSha256))) return position;
    }
  }
  return null;
}

function judge(run: RegisteredRun, end: bigint, findings: Findings): void {
  const {
    first_position: first,
    entry_count: count,
    organization_number: number,
    organization_id: organization,
  } = run;
  const add = (column: string | null, problem: 'extra' | 'register_mismatch', message: string): void => {
    findings.add(finding('register_run', { first_position: first }, column, problem, message));
  };
  if (first < end) {
    add(null, 'extra', `The register row from position ${first} on overlaps the one before it.`);
  }
  if (run.entries < count) {
    add(
      'entry_count',
      'register_mismatch',
      `The register row from position ${first} on goes beyond the entries.`,
    );
  }
  if (organization === null) {
    const message = `The register row from position ${first} on names organization number ${number}, which does not exist.`;
    add('organization_number', 'register_mismatch', message);
  } else if (run.foreign_at !== null) {
    const message = `The register assigns position ${run.foreign_at} to organization ${organization}, but the entry does not belong to it.`;
    add('organization_number', 'register_mismatch', message);
  }
  if (run.other_time_at !== null) {
    const message = `The register and the entry at position ${run.other_time_at} have different times of acceptance.`;
    add('accepted_at', 'register_mismatch', message);
  }
}
