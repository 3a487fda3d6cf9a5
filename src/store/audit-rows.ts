import { type ErasureAuditRows, erasureAuditRows } from './audit-erasures.js';
import { type VaultAuditRows, vaultAuditRows } from './audit-vault.js';
import { type RecordAuditRows, recordAuditRows } from './audit-records.js';
import type pg from 'pg';
import { type ErasureKeys, isSealed } from '../crypto/erasure-keys.js';
import { EXACT_TYPES } from './column-types.js';
import { KEYED, openDetails } from './keyed.js';

// Rows beside the chain, for an audit. Each query reads one page, or at most `limit` rows that contradict
// others.

/** Details, and the words by which they are found. */
export interface WordsRow {
  readonly position: bigint;
  /** Under a data key: its words must not be in the table that backups have. */
  readonly keyed: boolean;
  /** null: there are no details. */
  readonly json: string | null;
  /** null: there is no row of words. */
  readonly words: readonly string[] | null;
  /** Those that the organization has given since. */
  readonly tags: readonly string[];
  /** The organization in whose register the position is; null: in none. */
  readonly organization_number: number | null;
}

export interface PublicationRow {
  readonly position: bigint;
  /** null: the details are not public. */
  readonly published_at: bigint | null;
  /** The last event that made the details public; null: none did, or a later one withdrew them. */
  readonly told_at: bigint | null;
  /** Whether there is something to publish: the entry exists, is not erased, and is that organization's. */
  readonly publishable: boolean;
}

export interface IdempotencyRow {
  readonly scope: string;
  readonly key: string;
  readonly fingerprint: Uint8Array;
  readonly first_position: bigint;
  readonly created_at: bigint;
  readonly entry_count: number;
  /** Entries at its positions, and those of them accepted at that time for its scope, or erased since. */
  readonly entries: number;
  readonly fitting: number;
  /** The scope is an organization's id. */
  readonly of_organization: boolean;
}

/** A document of a run of positions, by the run's place in the question. */
export interface DocumentRow {
  readonly run: number;
  /** null: erased, or its details cannot be read without their data key. */
  readonly digest: Uint8Array | null;
  readonly size: bigint | null;
  readonly json: string | null;
}

export interface CosignatureRow {
  readonly size: bigint;
  readonly signed_at: bigint;
  readonly witness: string;
  readonly key_id: Uint8Array;
  readonly signature: Uint8Array;
  /** The note of the checkpoint of this size; null: there is none. */
  readonly note: string | null;
}

export interface AnchorRow {
  readonly id: bigint;
  readonly made_at: bigint;
  readonly size: bigint | null;
  readonly valid_until: bigint | null;
  readonly height: bigint | null;
  readonly type: string;
  readonly source: string;
  readonly data: Uint8Array;
  readonly headers: Uint8Array | null;
  readonly crls: readonly Uint8Array[];
  readonly mac: Uint8Array | null;
  /** The note of the checkpoint of this size; null: there is none. */
  readonly note: string | null;
  /** How many of its revocation lists are there. */
  readonly lists: number;
}

export interface RenewalLeafRow {
  readonly renewal: bigint;
  readonly index: number;
  readonly hash: Uint8Array;
  /** Whether the hash is that of the renewed token, its revocation lists and those of the leaf. */
  readonly fits: boolean;
  /** Token of the renewal; null: there is no such anchor. */
  readonly token: Uint8Array | null;
}

export interface RevocationListRow {
  readonly digest: Uint8Array;
  /** Whether the digest is that of the list. */
  readonly fits: boolean;
  readonly used: boolean;
}

export interface SubmitterRow {
  readonly first_position: bigint;
  readonly submitted_by: string;
}

/** A run of the register, with what its MAC is over. */
export interface RunRow extends SubmitterRow {
  readonly organization_number: number;
  readonly accepted_at: bigint;
  readonly entry_count: number;
  readonly mac: Uint8Array | null;
  /** Leaf hash of its first entry; null: no block holds it yet. */
  readonly leaf: Uint8Array | null;
}

export interface EventRow {
  readonly id: bigint;
  readonly at: bigint;
  readonly kind: string;
  readonly organization_id: string | null;
  readonly person_id: string | null;
  readonly key_id: string | null;
  readonly address: string | null;
  readonly detail: string;
  readonly mac: Uint8Array | null;
}

/** Where a page of cosignatures begins. */
export type CosignaturePlace = Pick<CosignatureRow, 'witness' | 'key_id' | 'size'>;

/** What the access log must explain: each row is the result of events. */
export interface AccessState {
  readonly organizations: readonly {
    readonly id: string;
    readonly name: string;
    readonly created_at: bigint;
    readonly disabled_at: bigint | null;
    readonly requests_per_minute: number | null;
    readonly digests_per_day: bigint | null;
    readonly bytes_per_day: bigint | null;
    readonly requires_passkey: boolean;
  }[];
  readonly keys: readonly {
    readonly id: string;
    readonly organization_id: string;
    readonly name: string;
    readonly scopes: readonly string[];
    readonly networks: readonly string[];
    readonly created_at: bigint;
    readonly revoked_at: bigint | null;
  }[];
  /** Requests to sign. */
  readonly requests: readonly {
    readonly id: string;
    readonly organization_id: string;
    readonly erased_at: bigint | null;
    readonly key: string | null;
    /** In hexadecimal. */
    readonly record: string | null;
  }[];
  /** Records that are published. */
  readonly published: readonly {
    /** In hexadecimal. */
    readonly record: string;
    readonly organization_id: string;
    readonly signed_at: bigint;
  }[];
  readonly users: readonly {
    readonly organization_id: string;
    readonly person_id: string;
    readonly role: string;
  }[];
  readonly people: readonly {
    readonly id: string;
    readonly operator: boolean;
    readonly disabled_at: bigint | null;
    readonly password_hash: string | null;
  }[];
}

/** Reads everything beside the chain, in the same view as the chain. */
export interface RecordRows extends RecordAuditRows, ErasureAuditRows, VaultAuditRows {
  words(after: bigint, limit: number): Promise<WordsRow[]>;
  /** Only those that the access log does not explain, and published ones that are not in the table. */
  publications(limit: number): Promise<PublicationRow[]>;
  idempotency(
    after: { readonly scope: string; readonly key: string },
    limit: number,
  ): Promise<IdempotencyRow[]>;
  /** The documents at the positions of these runs, in their order. */
  documents(runs: readonly Pick<IdempotencyRow, 'first_position' | 'entry_count'>[]): Promise<DocumentRow[]>;
  cosignatures(after: CosignaturePlace | null, limit: number): Promise<CosignatureRow[]>;
  anchors(after: bigint, limit: number): Promise<AnchorRow[]>;
  renewalLeaves(
    after: { readonly renewal: bigint; readonly index: number },
    limit: number,
  ): Promise<RenewalLeafRow[]>;
  /** Only those that are not as their digest says, or that no anchor names. */
  oddRevocationLists(limit: number): Promise<RevocationListRow[]>;
  /** Last id that was given to an anchor; null as for `lastEventId`. */
  lastAnchorId(): Promise<bigint | null>;
  /** Runs whose submitter is no key of the organization, and no person, that the database knows. */
  unknownSubmitters(limit: number): Promise<SubmitterRow[]>;
  /** Runs from a first position above `after` on. */
  runs(after: bigint, limit: number): Promise<RunRow[]>;
  events(after: bigint, limit: number): Promise<EventRow[]>;
  /** Last id that was given to an event; null: none was yet, or this role may not read it. */
  lastEventId(): Promise<bigint | null>;
  accessState(): Promise<AccessState>;
  /** Erased bodies that the access log does not tell of (`told` false), and those of which only it tells. */
  bodyErasures(limit: number): Promise<{ readonly position: bigint; readonly told: boolean }[]>;
  /** Positions in `erasure`, lowest first. */
  erasedPositions(limit: number): Promise<bigint[]>;
}

type Query = <R extends pg.QueryResultRow>(config: pg.QueryConfig) => Promise<R[]>;

export function recordRows(query: Query, keys: ErasureKeys | null): RecordRows {
  const read = <R extends pg.QueryResultRow>(text: string, values: unknown[] = []) =>
    query<R>({ text, values, types: EXACT_TYPES });
  return {
    ...recordAuditRows(read),
    ...erasureAuditRows(read),
    ...vaultAuditRows(read),
    words: (after, limit) => read(WORDS, [after, limit]),
    publications: (limit) => read(PUBLICATIONS, [limit]),
    idempotency: ({ scope, key }, limit) => read(IDEMPOTENCY, [scope, key, limit]),
    documents: async (runs) => {
      const rows = await read<DocumentRow>(DOCUMENTS, [
        runs.map(({ first_position: first }) => first),
        runs.map(({ entry_count: count }) => count),
      ]);
      return rows.map((row) => {
        const json = row.json === null ? null : openDetails(row.json, keys);
        const isMissing = json !== null && isSealed(json);
        return { ...row, ...(isMissing ? { digest: null, json: null } : { json }) };
      });
    },
    cosignatures: (after, limit) =>
      read(COSIGNATURES, [after?.witness ?? '', after?.key_id ?? Buffer.alloc(0), after?.size ?? -1n, limit]),
    anchors: (after, limit) => read(ANCHORS, [after, limit]),
    renewalLeaves: ({ renewal, index }, limit) => read(RENEWAL_LEAVES, [renewal, index, limit]),
    oddRevocationLists: (limit) => read(ODD_LISTS, [limit]),
    lastAnchorId: async () => {
      const [row] = await read<{ last: bigint | null }>(lastIdOf('anchor'));
      return row?.last ?? null;
    },
    unknownSubmitters: (limit) => read(UNKNOWN_SUBMITTERS, [limit]),
    runs: (after, limit) => read(RUNS, [after, limit]),
    events: (after, limit) => read(EVENTS, [after, limit]),
    lastEventId: async () => {
      const [row] = await read<{ last: bigint | null }>(lastIdOf('access_event'));
      return row?.last ?? null;
    },
    accessState: async () => ({
      organizations: await read(ORGANIZATIONS),
      keys: await read(KEYS),
      requests: await read(REQUESTS),
      published: await read(PUBLISHED_RECORDS),
      users: await read('SELECT organization_id, person_id, role FROM organization_user ORDER BY 1, 2'),
      people: await read('SELECT id, operator, disabled_at, password_hash FROM person ORDER BY 1'),
    }),
    bodyErasures: (limit) => read(BODY_ERASURES, [limit]),
    erasedPositions: async (limit) =>
      (
        await read<{ position: bigint }>('SELECT position FROM erasure ORDER BY position LIMIT $1', [limit])
      ).map(({ position }) => position),
  };
}

/** The first 16 bytes of SHA-256(0x03 ‖ salt ‖ organization id), as `accountTagOf` (proof). */
const tag = (organization: string): string =>
  String.raw`substring(sha256('\x03'::bytea || entry.salt || convert_to(${organization}, 'UTF8')) FROM 1 FOR 16)`;

/** $1: above which position, $2: how many. */
const WORDS = `
SELECT found.position, details.json, tsvector_to_array(details_words.words) AS words, run.organization_number,
  COALESCE(entry.kind = ${KEYED}, false) AS keyed,
  ARRAY(SELECT tag FROM notarization_tag WHERE notarization_tag.position = found.position) AS tags
FROM (
  (SELECT position FROM details WHERE position > $1 ORDER BY position LIMIT $2)
  UNION (SELECT position FROM details_words WHERE position > $1 ORDER BY position LIMIT $2)
  UNION (SELECT position FROM notarization_tag WHERE position > $1 ORDER BY position LIMIT $2)
  ORDER BY position LIMIT $2
) AS found
LEFT JOIN details ON details.position = found.position
LEFT JOIN details_words ON details_words.position = found.position
LEFT JOIN entry ON entry.position = found.position
LEFT JOIN LATERAL (
  SELECT first_position + entry_count AS beyond, organization_number FROM register_run
  WHERE first_position <= found.position ORDER BY first_position DESC LIMIT 1
) AS run ON run.beyond > found.position
ORDER BY found.position`;

/** The position that an event of publishing or withdrawing is about. */
const POSITION = `substring(detail FROM '"position":([0-9]{1,15})[,}]')::bigint`;

/** $1: how many. */
const PUBLICATIONS = `
SELECT position, publication.published_at, told.at AS told_at, COALESCE(entry.publishable, false) AS publishable
FROM publication
FULL JOIN (
  SELECT position, CASE kind WHEN 'details_published' THEN at END AS at, organization_id
  FROM (
    SELECT DISTINCT ON (position) ${POSITION} AS position, kind, at, organization_id FROM access_event
    WHERE kind IN ('details_published', 'details_withdrawn') ORDER BY position, id DESC
  ) AS latest WHERE position IS NOT NULL
) AS told USING (position)
LEFT JOIN LATERAL (
  SELECT entry.kind = ${KEYED} OR entry.account_tag = ${tag('told.organization_id')} AS publishable
  FROM entry WHERE entry.position = COALESCE(publication.position, told.position) AND digest IS NOT NULL
) AS entry ON true
WHERE publication.published_at IS DISTINCT FROM CASE WHEN entry.publishable IS NOT NULL THEN told.at END
  OR (published_at IS NOT NULL AND entry.publishable IS NOT TRUE)
ORDER BY position LIMIT $1`;

/** $1: how many. */
const BODY_ERASURES = `
SELECT position, told.position IS NOT NULL AS told
FROM body_erasure
FULL JOIN (
  SELECT DISTINCT ${POSITION} AS position FROM access_event WHERE kind = 'event_body_erased'
) AS told USING (position)
WHERE position IS NOT NULL AND (told.position IS NULL OR body_erasure.position IS NULL)
ORDER BY position LIMIT $1`;

/** $1, $2: after which scope and key, $3: how many. */
const IDEMPOTENCY = `
SELECT kept.*, organization.id IS NOT NULL AS of_organization, seen.*
FROM (
  SELECT scope, key, fingerprint, first_position, created_at, entry_count FROM idempotency
  WHERE (scope, key) > ($1, $2) ORDER BY scope, key LIMIT $3
) AS kept
LEFT JOIN organization ON organization.id = kept.scope
CROSS JOIN LATERAL (
  SELECT count(*)::integer AS entries,
    (count(*) FILTER (WHERE entry.digest IS NULL OR (entry.accepted_at = kept.created_at
      AND (entry.kind = ${KEYED} OR
        entry.account_tag IS NOT DISTINCT FROM CASE WHEN organization.id IS NOT NULL THEN ${tag('organization.id')} END
      ))))::integer AS fitting
  FROM entry WHERE entry.position >= kept.first_position AND entry.position < kept.first_position + kept.entry_count
) AS seen
ORDER BY kept.scope, kept.key`;

const DOCUMENTS = `
SELECT item.run::integer AS run, CASE WHEN body_erasure.position IS NULL THEN entry.digest END AS digest, entry.size,
  details.json
FROM unnest($1::bigint[], $2::integer[]) WITH ORDINALITY AS item (first, count, run)
JOIN entry ON entry.position >= item.first AND entry.position < item.first + item.count
LEFT JOIN details ON details.position = entry.position
LEFT JOIN body_erasure ON body_erasure.position = entry.position
ORDER BY item.run, entry.position`;

/** $1, $2, $3: after which witness, key and size, $4: how many. */
const COSIGNATURES = `
SELECT cosignature.size, signed_at, witness, key_id, signature, checkpoint.note
FROM cosignature LEFT JOIN checkpoint ON checkpoint.size = cosignature.size
WHERE (witness, key_id, cosignature.size) > ($1, $2, $3)
ORDER BY witness, key_id, cosignature.size LIMIT $4`;

/** $1: above which id, $2: how many. */
const ANCHORS = `
SELECT anchor.*, checkpoint.note,
  (SELECT count(*)::integer FROM revocation_list WHERE digest = ANY (anchor.crls)) AS lists
FROM (SELECT * FROM anchor WHERE id > $1 ORDER BY id LIMIT $2) AS anchor
LEFT JOIN checkpoint ON checkpoint.size = anchor.size
ORDER BY anchor.id`;

/** $1, $2: after which renewal and index, $3: how many. */
const RENEWAL_LEAVES = String.raw`
SELECT leaf.renewal, leaf.index, leaf.hash, renewal.data AS token, COALESCE(leaf.hash = sha256('\x00'::bytea || renewed.data || COALESCE((
  SELECT string_agg(list.data, ''::bytea ORDER BY item.place)
  FROM unnest(renewed.crls || leaf.crls) WITH ORDINALITY AS item (digest, place) JOIN revocation_list AS list USING (digest)
), ''::bytea)), false) AS fits
FROM (
  SELECT * FROM renewal_leaf WHERE (renewal, index) > ($1, $2) ORDER BY renewal, index LIMIT $3
) AS leaf
LEFT JOIN anchor AS renewal ON renewal.id = leaf.renewal AND renewal.type = 'renewal'
LEFT JOIN anchor AS renewed ON renewed.id = leaf.renewed
ORDER BY leaf.renewal, leaf.index`;

/** $1: how many. */
const ODD_LISTS = `
SELECT digest, fits, used FROM (
  SELECT digest, digest = sha256(data) AS fits,
    EXISTS (SELECT FROM anchor WHERE revocation_list.digest = ANY (anchor.crls))
      OR EXISTS (SELECT FROM renewal_leaf WHERE revocation_list.digest = ANY (renewal_leaf.crls)) AS used
  FROM revocation_list
) AS list WHERE NOT (fits AND used) ORDER BY digest LIMIT $1`;

/** $1: how many. Names of people from an external issuer (with the prefix oidc:) are not in the database. */
const UNKNOWN_SUBMITTERS = `
SELECT first_position, submitted_by FROM register_run AS run
JOIN organization ON organization.number = run.organization_number
WHERE NOT CASE split_part(submitted_by, ':', 1)
  WHEN 'key' THEN EXISTS (
    SELECT FROM api_key WHERE id = substring(submitted_by FROM 5) AND organization_id = organization.id
      AND created_at <= run.accepted_at
  )
  WHEN 'person' THEN submitted_by LIKE 'person:oidc:%' OR EXISTS (SELECT FROM person WHERE id = substring(submitted_by FROM 8))
  WHEN 'request' THEN EXISTS (
    SELECT FROM signing_request WHERE id = substring(submitted_by FROM 9)
      AND organization_number = run.organization_number AND created_at <= run.accepted_at
  )
  WHEN 'service' THEN submitted_by IN ('service:tsa', 'service:recovery')
  ELSE false
END
ORDER BY first_position LIMIT $1`;

/** $1: above which position, $2: how many. */
const RUNS = `
SELECT run.*, substring(tile.hashes FROM ((run.first_position - block.first_position) % 256)::integer * 32 + 1 FOR 32) AS leaf
FROM (
  SELECT first_position, organization_number, accepted_at, entry_count, submitted_by, mac FROM register_run
  WHERE first_position > $1 ORDER BY first_position LIMIT $2
) AS run
LEFT JOIN LATERAL (
  SELECT height, first_position, entry_count FROM block WHERE block.first_position <= run.first_position
  ORDER BY block.first_position DESC LIMIT 1
) AS block ON run.first_position < block.first_position + block.entry_count
LEFT JOIN block_tile AS tile
  ON tile.height = block.height AND tile.level = 0 AND tile.index = (run.first_position - block.first_position) / 256
ORDER BY run.first_position`;

const EVENTS = `
SELECT id, at, kind, organization_id, person_id, key_id, address, detail, mac FROM access_event
WHERE id > $1 ORDER BY id LIMIT $2`;

const lastIdOf = (table: string) => `
SELECT last_value AS last FROM pg_sequences WHERE schemaname = current_schema() AND sequencename = '${table}_id_seq'`;

const ORGANIZATIONS = `
SELECT id, name, created_at, disabled_at, requests_per_minute, digests_per_day, bytes_per_day, requires_passkey
FROM organization ORDER BY id`;

const REQUESTS = `
SELECT signing_request.id, organization.id AS organization_id, erased_at, key, encode(record, 'hex') AS record
FROM signing_request JOIN organization ON organization.number = organization_number ORDER BY signing_request.id`;

const PUBLISHED_RECORDS = `
SELECT encode(record, 'hex') AS record, organization.id AS organization_id, signed_at
FROM record_publication JOIN organization ON organization.number = organization_number
WHERE note IS NOT NULL ORDER BY record`;

const KEYS = `
SELECT id, organization_id, name, scopes, networks, created_at, revoked_at FROM api_key ORDER BY id`;
