import {
  decodeEntry,
  equal,
  formatVerifierKey,
  leafHash,
  LogKeys,
  ProofError,
  sha256,
  utf8,
  type VerifierKey,
} from '../proof/index.js';
import type { ChainSnapshot, KeyStatementRow } from '../store/index.js';
import { finding, type Findings } from './finding.js';

/**
 * Holds what the log has said of its keys against the chain, and works out from it which keys sign at which size. A statement that does
 * not hold ends it: what is signed from there on is judged by the keys before.
 * @returns null: nobody has said who must have signed
 */
export async function checkKeyStatements(
  snapshot: Pick<ChainSnapshot, 'keyStatements'>,
  known: VerifierKey | null,
  findings: Findings,
): Promise<LogKeys | null> {
  const rows = await snapshot.keyStatements();
  const placed: { text: string; firstSize: number }[] = [];
  let keys = known === null ? null : LogKeys.of(known);
  for (const [ordinal, row] of rows.entries()) {
    const fault = row.ordinal === ordinal ? faultOf(row) : `statement ${ordinal} is missing`;
    if (fault !== null) {
      add(findings, row, fault);
      return keys;
    }
    // What no block holds yet has no effect yet.
    if (row.height === null) continue;
    placed.push({ text: row.note, firstSize: Number(row.height) + 1 });
    try {
      const next = LogKeys.of(known, placed);
      // A key that comes in by a later statement is known only then.
      if (known === null || next.has(known)) keys = next;
    } catch (error) {
      if (!(error instanceof ProofError)) throw error;
      add(findings, row, error.message);
      return keys;
    }
  }
  const [first] = rows;
  if (known !== null && first !== undefined && placed.length > 0 && keys?.all.length === 1) {
    add(findings, first, `the statements do not name the key that is believed, ${formatVerifierKey(known)}`);
  }
  return keys;
}

function faultOf({ entry: bytes, note, leaf }: KeyStatementRow): string | null {
  try {
    const entry = decodeEntry(bytes);
    if (!equal(entry.digest, sha256(utf8(note)))) return 'its entry is of another document';
    return leaf === null || equal(leaf, leafHash(bytes)) ? null : 'it does not stand in the chain';
  } catch (error) {
    if (error instanceof ProofError) return error.message;
    throw error;
  }
}

function add(findings: Findings, { ordinal, position }: KeyStatementRow, fault: string): void {
  const message = `What the log says of its keys at position ${position} does not hold: ${fault}.`;
  findings.add(finding('log_key_statement', { ordinal }, null, 'key_statement', message));
}
