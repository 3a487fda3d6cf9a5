import type pg from 'pg';

// What the audit reads about erasures and legal holds.

/** A certificate of an erasure, or what an event tells of one. */
export interface CertificateRow {
  readonly position: bigint;
  /** The signed note; null: the access log tells of an erasure that has none. */
  readonly note: string | null;
  readonly erased_at: bigint | null;
  readonly digest: Uint8Array | null;
  /** Whether it names the organization in whose register the position is. */
  readonly own: boolean;
  /** Whether the content is recorded as erased. */
  readonly erased: boolean;
  /** Time of the event that tells of it; null: none does. */
  readonly told_at: bigint | null;
  /** Leaf hash at the position; null: there is none. */
  readonly leaf: Uint8Array | null;
}

/** A legal hold whose rows and events do not fit. */
export interface OddHoldRow {
  readonly id: string;
  readonly problem: 'not_told' | 'lift_not_told' | 'missing' | 'not_lifted' | 'count';
}

export interface ErasureAuditRows {
  erasureCertificates(after: bigint, limit: number): Promise<CertificateRow[]>;
  oddHolds(limit: number): Promise<OddHoldRow[]>;
}

type Read = <R extends pg.QueryResultRow>(text: string, values?: unknown[]) => Promise<R[]>;

export function erasureAuditRows(read: Read): ErasureAuditRows {
  return {
    erasureCertificates: (after, limit) => read(CERTIFICATES, [after, limit]),
    oddHolds: (limit) => read(ODD_HOLDS, [limit]),
  };
}

/** $1: above which position, $2: how many. */
const CERTIFICATES = `
SELECT found.position, kept.note, kept.erased_at, kept.digest, found.told_at,
  kept.organization_number IS NOT DISTINCT FROM CASE
    WHEN found.position < run.first_position + run.entry_count THEN run.organization_number
  END AS own,
  EXISTS (SELECT FROM erasure WHERE erasure.position = found.position) AS erased,
  substring(tile.hashes FROM ((found.position - block.first_position) % 256)::integer * 32 + 1 FOR 32) AS leaf
FROM (
  SELECT position, max(told_at) AS told_at FROM (
    SELECT position, NULL::bigint AS told_at FROM erasure_certificate
    UNION ALL
    SELECT substring(detail FROM '"position":([0-9]{1,15})[,}]')::bigint, at FROM access_event
    WHERE kind = 'notarization_erased'
  ) AS each WHERE position > $1 GROUP BY position ORDER BY position LIMIT $2
) AS found
LEFT JOIN erasure_certificate AS kept ON kept.position = found.position
LEFT JOIN LATERAL (
  SELECT height, first_position, entry_count FROM block WHERE block.first_position <= found.position
  ORDER BY block.first_position DESC LIMIT 1
) AS block ON found.position < block.first_position + block.entry_count
LEFT JOIN LATERAL (
  SELECT first_position, entry_count, organization_number FROM register_run
  WHERE register_run.first_position <= found.position ORDER BY register_run.first_position DESC LIMIT 1
) AS run ON true
LEFT JOIN block_tile AS tile
  ON tile.height = block.height AND tile.level = 0 AND tile.index = (found.position - block.first_position) / 256
ORDER BY found.position`;

/** $1: how many. */
const ODD_HOLDS = `
WITH told AS (
  SELECT substring(detail FROM '"hold":"([a-z0-9_]{1,64})"') AS id, kind, person_id, at,
    substring(detail FROM '"notarizations":([0-9]{1,15})[,}]')::bigint AS count
  FROM access_event WHERE kind IN ('hold_placed', 'hold_lifted')
),
judged AS (
  SELECT COALESCE(legal_hold.id, placed.id, lifted.id) AS id,
    CASE
      WHEN legal_hold.id IS NULL THEN 'missing'
      WHEN placed.at IS DISTINCT FROM legal_hold.placed_at OR placed.person_id IS DISTINCT FROM legal_hold.placed_by
        THEN 'not_told'
      WHEN legal_hold.lifted_at IS NULL AND lifted.id IS NOT NULL THEN 'not_lifted'
      WHEN legal_hold.lifted_by IS DISTINCT FROM lifted.person_id THEN 'lift_not_told'
      WHEN placed.count <> legal_hold.notarizations
        OR placed.count <> (SELECT count(*) FROM held_notarization WHERE hold = legal_hold.id) THEN 'count'
    END AS problem
  FROM legal_hold
  FULL JOIN (SELECT * FROM told WHERE kind = 'hold_placed') AS placed ON placed.id = legal_hold.id
  FULL JOIN (SELECT * FROM told WHERE kind = 'hold_lifted') AS lifted ON lifted.id = COALESCE(legal_hold.id, placed.id)
)
SELECT id, problem FROM judged WHERE problem IS NOT NULL ORDER BY id LIMIT $1`;
