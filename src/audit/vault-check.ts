import { toHex } from '../proof/index.js';
import type { OddKeptRow, RecordRows, Store, VaultObject } from '../store/index.js';
import { type Vault, VaultError } from '../vault/index.js';
import { type AuditNote, type AuditProblem, finding, type Findings } from './finding.js';

const PAGE = 256;
/** Most rows that are named. */
const LIMIT = 1000;
/** After so many failures in a row, the storage is taken to be away. */
const GIVE_UP_AFTER = 3;
const ABOUT = 'kept documents';

interface RowsOptions {
  readonly rows: Pick<RecordRows, 'oddKept' | 'vaultTotals'>;
  readonly findings: Findings;
  readonly notes: AuditNote[];
  readonly onPage: () => void;
}

/** Compares the rows of kept documents with the entries and the register. */
export async function checkVaultRows({ rows, findings, notes, onPage }: RowsOptions): Promise<void> {
  for (const row of await rows.oddKept(LIMIT)) {
    const [column, problem, message] = faultOf(row);
    const { position, object } = row;
    findings.add(finding('kept_document', { position, object }, column, problem, message));
  }
  const { removals } = await rows.vaultTotals();
  if (removals > 0n) {
    const message = `${removals} whose keys are destroyed are still to be removed from the storage.`;
    notes.push({ about: ABOUT, message });
  }
  onPage();
}

function faultOf({ position, problem }: OddKeptRow): readonly [string | null, AuditProblem, string] {
  const what = `The document of position ${position}`;
  switch (problem) {
    case 'no_entry':
      return [null, 'extra', `${what} is kept, but there is no such entry.`];
    case 'erased':
      return [null, 'erasure_mismatch', `${what} is kept, although the notarization is erased.`];
    case 'unfinished':
      return ['object', 'missing', `${what} is kept, but it was never written to its end.`];
    case 'size':
      return ['object', 'vault_mismatch', `${what} is kept with another size than was notarized.`];
    case 'organization':
      return ['object', 'vault_mismatch', `${what} is kept for another organization than its own.`];
    case 'digest':
      return ['object', 'vault_mismatch', `${what} shares its bytes with another document.`];
    case 'removed':
      return ['object', 'vault_mismatch', `${what} is kept, and its bytes are to be removed.`];
  }
}

export interface BytesOptions {
  readonly store: Pick<Store, 'keptObjects'>;
  readonly vault: Pick<Vault, 'verify'>;
  /** Called for each document; `part`: how much of all was read, from 0 to 1. */
  readonly onDocument?: (part: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads the bytes of all kept documents again and compares them with what was notarized. Not in the view of the rest
 * of the audit, which would be held for hours.
 */
export async function checkVaultBytes(
  { store, vault, onDocument = () => undefined, signal }: BytesOptions,
  { findings, notes, notChecked }: { findings: Findings; notes: AuditNote[]; notChecked: AuditNote[] },
): Promise<void> {
  let after: Uint8Array | null = null;
  const read = { documents: 0, bytes: 0 };
  const unread = new Map<string, number>();
  let inARow = 0;
  for (;;) {
    const page: readonly VaultObject[] = await store.keptObjects(null, after, PAGE);
    for (const found of page) {
      signal?.throwIfAborted();
      onDocument(Buffer.from(found.id).readUInt32BE() / 2 ** 32);
      const error = await faultIn(vault, found);
      const before: Uint8Array | null = after;
      after = found.id;
      if (error?.code === 'unavailable' || error?.code === 'key_missing') {
        unread.set(error.message, (unread.get(error.message) ?? 0) + 1);
        inARow = error.code === 'unavailable' ? inARow + 1 : 0;
        if (inARow === GIVE_UP_AFTER) break;
        continue;
      }
      inARow = 0;
      read.documents++;
      read.bytes += found.size;
      // It may have been erased meanwhile.
      if (error === null || !(await isKept(store, before, found))) continue;
      const id = toHex(found.id);
      const message = `The document with the SHA-256 ${toHex(found.sha256)} is not what was kept: ${error.message}.`;
      findings.add(finding('vault_object', { id }, null, 'vault_mismatch', message));
    }
    if (page.length < PAGE || inARow === GIVE_UP_AFTER) break;
  }
  for (const [why, count] of unread) notChecked.push({ about: ABOUT, message: `${count} not read: ${why}` });
  if (inARow === GIVE_UP_AFTER)
    notChecked.push({ about: ABOUT, message: 'the others were not read: the storage fails' });
  const message = `${read.documents} with ${read.bytes} bytes were read again and compared with what was notarized.`;
  notes.push({ about: ABOUT, message });
}

async function faultIn(vault: BytesOptions['vault'], found: VaultObject): Promise<VaultError | null> {
  try {
    await vault.verify(found);
    return null;
  } catch (error) {
    if (error instanceof VaultError) return error;
    throw error;
  }
}

async function isKept(store: BytesOptions['store'], before: Uint8Array | null, { id }: VaultObject) {
  const [found] = await store.keptObjects(null, before, 1);
  return found !== undefined && toHex(found.id) === toHex(id);
}
