import type { ChainTable } from '../store/index.js';

/** What is wrong with a row. Closed: scripts may switch over it. */
export type AuditProblem =
  /** A row that must be there is not. */
  | 'missing'
  /** A row that nothing else in the chain accounts for. */
  | 'extra'
  /** A value that this column never holds. */
  | 'implausible'
  /** The right value in another spelling than the one the service writes. */
  | 'not_canonical'
  /** An entry is not the one that its block's tree was built over. */
  | 'leaf_mismatch'
  /** Hashes of a tile are not those of what lies below it. */
  | 'tile_mismatch'
  /** A stored root is not the one that follows from the rows. */
  | 'root_mismatch'
  /** The columns of a block do not make the header that was mined, chained and signed for. */
  | 'header_mismatch'
  /** A block's hash column is not the hash of its header. */
  | 'hash_mismatch'
  /** A whole block is not the one that the signed log holds at its height. */
  | 'log_mismatch'
  /** A block breaks a rule between it and the one before it. */
  | 'rule_broken'
  /** The block's hash lacks the zero bits that its difficulty asks for. */
  | 'proof_of_work'
  /** Times that cannot have come about in this order. */
  | 'time_order'
  /** Details are not those that the entry commits to. */
  | 'details_mismatch'
  /** Content beside a record of its erasure, or the reverse. */
  | 'erasure_mismatch'
  /** The head row does not say what the entries say. */
  | 'head_mismatch'
  /** An organization's register does not say what the entries say. */
  | 'register_mismatch'
  /** The note of a checkpoint is not the one line for line that the log's key signs for this size and root. */
  | 'note_mismatch'
  /** The signature on a checkpoint does not hold, or is not the log's. */
  | 'bad_signature'
  /** What the log says of its keys does not hold, or does not follow from what it said before. */
  | 'key_statement';

export type AuditTable = ChainTable | 'register_run' | 'log_key_statement';

export interface AuditFinding {
  readonly table: AuditTable;
  /** The row's key columns, as decimals (they may hold what no number holds exactly). */
  readonly key: Readonly<Record<string, string>>;
  /** The column at fault; null: the row as a whole, or not to be told. */
  readonly column: string | null;
  readonly problem: AuditProblem;
  readonly expected?: string;
  readonly found?: string;
  /** One sentence for people. */
  readonly message: string;
}

/** Keeps the first findings and counts the rest: a chain that is wrong from end to end must not fill the memory. */
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

/** A column's value as it may stand in a finding: bytes as hex, long ones cut. */
export function show(value: unknown): string {
  if (value instanceof Uint8Array) {
    const hex = Buffer.from(value.subarray(0, 64)).toString('hex');
    return value.length > 64 ? `${hex}… (${value.length} bytes)` : hex;
  }
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}
