import type pg from 'pg';

// What the audit reads about the vault.

/** A notarization whose document is kept, although its rows do not fit. */
export interface OddKeptRow {
  readonly position: bigint;
  /** Of the object, in hexadecimal. */
  readonly object: string;
  readonly problem: 'no_entry' | 'erased' | 'unfinished' | 'size' | 'organization' | 'digest' | 'removed';
}

/** What the vault has for all organizations. */
export interface VaultTotals {
  readonly documents: bigint;
  readonly bytes: bigint;
  /** Objects whose keys are destroyed, and whose bytes are still to be removed. */
  readonly removals: bigint;
}

export interface VaultAuditRows {
  oddKept(limit: number): Promise<OddKeptRow[]>;
  vaultTotals(): Promise<VaultTotals>;
}

type Read = <R extends pg.QueryResultRow>(text: string, values?: unknown[]) => Promise<R[]>;

export function vaultAuditRows(read: Read): VaultAuditRows {
  return {
    oddKept: (limit) => read(ODD, [limit]),
    vaultTotals: async () => {
      const [totals] = await read<VaultTotals>(TOTALS);
      return totals ?? { documents: 0n, bytes: 0n, removals: 0n };
    },
  };
}

/** $1: how many. */
const ODD = `
SELECT * FROM (
  SELECT kept.position, encode(kept.object, 'hex') AS object, CASE
    WHEN entry.position IS NULL THEN 'no_entry'
    WHEN entry.digest IS NULL THEN 'erased'
    WHEN object.size IS NULL THEN 'unfinished'
    WHEN object.size IS DISTINCT FROM entry.size THEN 'size'
    WHEN object.organization_number IS DISTINCT FROM run.organization_number THEN 'organization'
    WHEN entry.digest <> (
      SELECT first.digest FROM kept_document AS same JOIN entry AS first ON first.position = same.position
      WHERE same.object = kept.object AND first.digest IS NOT NULL ORDER BY same.position LIMIT 1
    ) THEN 'digest'
    WHEN EXISTS (SELECT FROM vault_removal WHERE vault_removal.id = kept.object) THEN 'removed'
  END AS problem
  FROM kept_document AS kept
  LEFT JOIN vault_object AS object ON object.id = kept.object
  LEFT JOIN entry ON entry.position = kept.position
  LEFT JOIN LATERAL (
    SELECT first_position + entry_count AS beyond, organization_number FROM register_run
    WHERE first_position <= kept.position ORDER BY first_position DESC LIMIT 1
  ) AS run ON run.beyond > kept.position
) AS judged WHERE problem IS NOT NULL ORDER BY position LIMIT $1`;

const TOTALS = `
SELECT count(*) AS documents, COALESCE(sum(size), 0)::bigint AS bytes, (SELECT count(*) FROM vault_removal) AS removals
FROM vault_object WHERE EXISTS (SELECT FROM kept_document WHERE kept_document.object = vault_object.id)`;
