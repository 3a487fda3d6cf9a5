import { hash } from 'node:crypto';
import type { ChainTable } from '../store/index.js';

/** What is wrong with a row. A closed set: scripts may depend on it. */
export type AuditProblem =
  /** A required row is missing. */
  | 'missing'
  /** A row that nothing else in the chain accounts for. */
  | 'extra'
  /** A value that the service never writes to this column. */
  | 'implausible'
  /** The right value in another spelling than the one the service writes. */
  | 'not_canonical'
  /** An entry is not the one that its block's tree was built over. */
  | 'leaf_mismatch'
  /** The hashes of a tile are not those of the level below. */
  | 'tile_mismatch'
  /** A stored root is not the one that follows from the rows. */
  | 'root_mismatch'
  /** The columns of a block do not give the header that was mined, linked and signed. */
  | 'header_mismatch'
  /** A block's hash column is not the hash of its header. */
  | 'hash_mismatch'
  /** A whole block is not the one that the signed log holds at its height. */
  | 'log_mismatch'
  /** A block breaks a rule between it and the one before it. */
  | 'rule_broken'
  /** The block's hash lacks the zero bits that its difficulty demands. */
  | 'proof_of_work'
  /** Times in an impossible order. */
  | 'time_order'
  /** Details are not those that the entry commits to. */
  | 'details_mismatch'
  /** Content whose data key is not there: it was destroyed, or the file of data keys is another. */
  | 'key_missing'
  /** Content in spite of a recorded erasure, or the reverse. */
  | 'erasure_mismatch'
  /** Entries that wait for a block, and that no receipt of the service covers. */
  | 'uncovered'
  /** The head row contradicts the entries. */
  | 'head_mismatch'
  /** An organization's register contradicts the entries. */
  | 'register_mismatch'
  /** The note of a checkpoint is not exactly the one that the log signs for this size and root. */
  | 'note_mismatch'
  /** The signature of a checkpoint is invalid, or not of the log's key. */
  | 'bad_signature'
  /** A key statement of the log is invalid, or does not follow from the earlier ones. */
  | 'key_statement'
  /** A block's state statement is not the one that its header names, or is malformed. */
  | 'state_mismatch'
  /** A record, an event or the map is not what the rules make of the events. */
  | 'record_mismatch'
  /** Evidence of time that is not about what its row says. */
  | 'anchor_mismatch'
  /** The words by which details are found are not those of the details. */
  | 'words_mismatch'
  /** A row that nothing recorded elsewhere explains: no event of the access log, no entry, no account. */
  | 'unexplained'
  /** The service has not written this row, or not in this place: its MAC is missing or wrong. */
  | 'not_authentic'
  /** A kept document is not the one that was notarized. */
  | 'vault_mismatch'
  /** A part of the schema is not what the migrations make. */
  | 'schema_mismatch'
  /** A role or setting that sets the rules of the schema aside. */
  | 'unsafe';

/** Tables beside the chain, the schema, and the server's roles and settings. */
type RecordTable =
  | 'details_words'
  | 'event'
  | 'record'
  | 'record_watch'
  | 'map_page'
  | 'map_change'
  | 'publication'
  | 'erasure_certificate'
  | 'legal_hold'
  | 'kept_document'
  | 'vault_object'
  | 'idempotency'
  | 'cosignature'
  | 'anchor'
  | 'renewal_leaf'
  | 'revocation_list'
  | 'access_event'
  | 'organization'
  | 'organization_user'
  | 'person'
  | 'api_key'
  | 'signing_request'
  | 'record_publication'
  | 'schema'
  | 'role'
  | 'setting';

export type AuditTable = ChainTable | 'register_run' | 'log_key_statement' | RecordTable;

export interface AuditFinding {
  readonly table: AuditTable;
  /** The row's key columns, as decimals (they may hold what no number holds exactly). */
  readonly key: Readonly<Record<string, string>>;
  /** The column at fault; null: the row as a whole, or unknown. */
  readonly column: string | null;
  readonly problem: AuditProblem;
  readonly expected?: string;
  readonly found?: string;
  /** One sentence for people. */
  readonly message: string;
}

/** Something to know that is no finding. */
export interface AuditNote {
  readonly about: string;
  readonly message: string;
}

/** Keeps the first findings and counts the rest, to limit memory. */
export class Findings {
  readonly list: AuditFinding[] = [];
  readonly #limit: number;
  total = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get full(): boolean {
    return this.list.length >= this.#limit;
  }

  add(finding: AuditFinding): void {
    this.total++;
    if (!this.full) this.list.push(finding);
  }
}

export type Key = Readonly<Record<string, string | number | bigint | boolean>>;

export function finding(
  table: AuditTable,
  key: Key,
  column: string | null,
  problem: AuditProblem,
  message: string,
  values: { readonly expected?: string | undefined; readonly found?: string | undefined } = {},
): AuditFinding {
  const { expected, found } = values;
  return {
    table,
    key: Object.fromEntries(Object.entries(key).map(([name, value]) => [name, String(value)])),
    column,
    problem,
    ...(expected === undefined ? {} : { expected }),
    ...(found === undefined ? {} : { found }),
    message,
  };
}

/** A column's value as text: bytes as hex, long values truncated. */
export function show(value: unknown): string {
  if (value instanceof Uint8Array) {
    const hex = Buffer.from(value.subarray(0, 64)).toString('hex');
    return value.length > 64 ? `${hex}… (${value.length} bytes)` : hex;
  }
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}

/** Where one column of a row is in the hashed bytes. */
export interface Field {
  readonly column: string;
  readonly offset: number;
  readonly length: number;
}

export interface Suggestion {
  readonly column: string;
  readonly value: Uint8Array;
}

export interface Repair {
  readonly column: string;
  /** The field's original bytes. */
  readonly value: Buffer;
  /** All bytes, with the original field. */
  readonly bytes: Buffer;
}

/**
 * Finds the one field of `bytes` that was changed, given their original SHA-256: tries the suggested values
 * first, then every change of a single byte. Null: more than that was changed.
 */
export function findChangedField(
  bytes: Uint8Array,
  fields: readonly Field[],
  targets: readonly Uint8Array[],
  suggestions: readonly Suggestion[],
  everyByte = true,
): Repair | null {
  const work = Buffer.from(bytes);
  const wanted = new Set(targets.map((target) => Buffer.from(target).toString('latin1')));
  const holds = () => wanted.has(hash('sha256', work, 'binary'));
  const repaired = ({ column, offset, length }: Field): Repair => ({
    column,
    value: Buffer.from(work.subarray(offset, offset + length)),
    bytes: Buffer.from(work),
  });
  for (const { column, value } of suggestions) {
    const field = fields.find((each) => each.column === column);
    if (field?.length !== value.length) continue;
    const before = Buffer.from(work.subarray(field.offset, field.offset + field.length));
    work.set(value, field.offset);
    if (holds()) return repaired(field);
    work.set(before, field.offset);
  }
  for (const field of everyByte ? fields : []) {
    for (let at = field.offset; at < field.offset + field.length; at++) {
      const before = work.readUInt8(at);
      for (let change = 1; change < 256; change++) {
        work.writeUInt8(before ^ change, at);
        if (holds()) return repaired(field);
      }
      work.writeUInt8(before, at);
    }
  }
  return null;
}
