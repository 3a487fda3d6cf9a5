import { createHash } from 'node:crypto';
import { ADVISORY_CLASS, ANCHORED_CHANNEL, ANCHORS_LOCK, type Connections } from './connections.js';
import { StoreError } from './errors.js';
import { bytes, type PrismaAccess, rowKeyOf, type Transaction } from './prisma-client.js';
import { anchorMac } from './row-mac.js';
import { safe } from './rows.js';

/** Evidence of time for the checkpoint over `size` blocks, from the time source named `source`. */
interface OfCheckpoint {
  readonly size: number;
  readonly source: string;
}

export interface TokenAnchor extends OfCheckpoint {
  readonly type: 'rfc3161';
  /** DER. */
  readonly token: Uint8Array;
  /** When the first certificate of its chain ends. */
  readonly validUntil: number;
  /** DER of the revocation lists that belong to it. */
  readonly crls: readonly Uint8Array[];
}

/** What a calendar has promised to complete. */
export interface PendingAnchor extends OfCheckpoint {
  readonly type: 'pending';
  readonly ots: Uint8Array;
}

export interface BitcoinAnchor extends OfCheckpoint {
  readonly type: 'bitcoin';
  readonly ots: Uint8Array;
  readonly height: number;
  /** The header at this height, and those that were built on it; 80 bytes each. */
  readonly headers: readonly Uint8Array[];
}

export type NewAnchor = TokenAnchor | PendingAnchor | BitcoinAnchor;
export type CompleteAnchor = TokenAnchor | BitcoinAnchor;
export type Kept<A> = A & {
  readonly id: number;
  /** By the clock of the service. */
  readonly madeAt: number;
};

/** A token over the tree of earlier tokens. */
export interface NewRenewal {
  readonly source: string;
  readonly token: Uint8Array;
  readonly validUntil: number;
  readonly crls: readonly Uint8Array[];
  /** In the order of the tree; at least one. */
  readonly leaves: readonly {
    /** Id of the anchor or renewal whose token is renewed. */
    readonly renewed: number;
    readonly hash: Uint8Array;
    /** DER of the revocation lists about it that were fetched when it was renewed. */
    readonly crls: readonly Uint8Array[];
  }[];
}

export interface KeptRenewal extends Pick<NewRenewal, 'token' | 'crls'> {
  readonly id: number;
  /** Of the leaf in its tree that is the token before. */
  readonly index: number;
  /** The revocation lists about the token before that were fetched when it was renewed. */
  readonly renewedCrls: readonly Uint8Array[];
}

/** A token that may have to be renewed. */
export interface RenewableToken extends Pick<NewRenewal, 'token' | 'crls' | 'validUntil'> {
  readonly id: number;
}

export interface SourceState {
  readonly type: NewAnchor['type'];
  readonly source: string;
  /** Of the largest checkpoint that this source has anchored. */
  readonly size: number;
  /** When the last anchor was stored. */
  readonly madeAt: number;
}

/** Rows are only added. A failed call with `outcome_unknown` may have added them: read the state. */
export interface AnchorStore {
  /** Stores a checked anchor, and notifies every `onAnchored` listener. On disk when this resolves. */
  addAnchor(anchor: NewAnchor, madeAt: number): Promise<void>;

  /** @throws {StoreError} also when one of the tokens has been renewed already */
  addRenewal(renewal: NewRenewal, madeAt: number): Promise<void>;

  /** Of each source the earliest complete anchor whose checkpoint covers the block of this height. */
  anchorsOver(height: number): Promise<Kept<CompleteAnchor>[]>;

  /** Size of the largest checkpoint with a complete anchor; 0: none. */
  anchoredSize(): Promise<number>;

  /** Of each source and type, what it has anchored last. Renewals are left out. */
  anchorStates(): Promise<SourceState[]>;

  /** What calendars have yet to complete, made after `madeAfter`, the earliest first. */
  pendingAnchors(madeAfter: number, limit: number): Promise<Kept<PendingAnchor>[]>;

  /** How many `pendingAnchors` has of each source, and when the earliest was made. */
  pendingCounts(
    madeAfter: number,
  ): Promise<{ readonly source: string; readonly count: number; readonly since: number }[]>;

  /** The renewals of a token one after the other, the earliest first. */
  renewalsOf(id: number): Promise<KeptRenewal[]>;

  /** The leaf hashes of a renewal's tree. */
  renewalLeaves(renewal: number): Promise<Uint8Array[]>;

  /**
   * Tokens whose certificates end before `before` and that no renewal covers, the earliest stored first: those behind
   * the one with the id `after`. Each brings its lists.
   */
  renewableTokens(before: number, limit: number, after?: number): Promise<RenewableToken[]>;
}

export function addAnchor(prisma: PrismaAccess, anchor: NewAnchor, madeAt: number): Promise<void> {
  return prisma.transaction('storing an anchor', async (tx) => {
    await insert(tx, rowOf(anchor, madeAt), anchor.type === 'rfc3161' ? anchor.crls : []);
    await tx.$executeRaw`SELECT pg_notify(${ANCHORED_CHANNEL}, ${String(anchor.size)})`;
  });
}

export function addRenewal(
  prisma: PrismaAccess,
  { source, token, validUntil, crls, leaves }: NewRenewal,
  madeAt: number,
): Promise<void> {
  return prisma.transaction('storing a renewal', async (tx) => {
    const row = { ...NOTHING, madeAt, type: 'renewal', source, data: token, validUntil };
    const renewal = await insert(tx, row, crls);
    // Thousands of tokens share their lists.
    const lists = new Map(leaves.flatMap((leaf) => leaf.crls.map((list) => [list, sha256(list)] as const)));
    await insertLists(tx, [...lists.keys()]);
    await tx.renewalLeaf.createMany({
      data: leaves.map(({ renewed, hash, crls: newer }, index) => ({
        ...{ renewal, index, hash: bytes(hash), renewed: BigInt(renewed) },
        crls: newer.map((list) => lists.get(list) ?? sha256(list)),
      })),
    });
  });
}

/** A row of the table anchor without its id, revocation lists and MAC. */
interface AnchorColumns {
  readonly madeAt: number;
  readonly size: number | null;
  readonly validUntil: number | null;
  readonly height: number | null;
  readonly type: string;
  readonly source: string;
  readonly data: Uint8Array;
  readonly headers: Uint8Array | null;
}

const NOTHING = { size: null, validUntil: null, height: null, headers: null };

function rowOf(anchor: NewAnchor, madeAt: number): AnchorColumns {
  const row = { ...NOTHING, madeAt, size: anchor.size, type: anchor.type, source: anchor.source };
  switch (anchor.type) {
    case 'rfc3161':
      return { ...row, data: anchor.token, validUntil: anchor.validUntil };
    case 'pending':
      return { ...row, data: anchor.ots };
    case 'bitcoin':
      return { ...row, data: anchor.ots, height: anchor.height, headers: Buffer.concat(anchor.headers) };
  }
}

/** @returns the row's id */
async function insert(tx: Transaction, row: AnchorColumns, crls: readonly Uint8Array[]): Promise<bigint> {
  const digests = await insertLists(tx, crls);
  const { id } = await tx.anchor.create({
    data: {
      ...row,
      madeAt: BigInt(row.madeAt),
      data: bytes(row.data),
      headers: row.headers === null ? null : bytes(row.headers),
      crls: digests,
      mac: await macOf(tx, row, digests),
    },
    select: { id: true },
  });
  return id;
}

/** @returns the SHA-256 of each list */
async function insertLists(tx: Transaction, crls: readonly Uint8Array[]): Promise<Uint8Array<ArrayBuffer>[]> {
  const lists = crls.map((data) => ({ digest: sha256(data), data: bytes(data) }));
  await tx.revocationList.createMany({ data: lists, skipDuplicates: true });
  return lists.map(({ digest }) => digest);
}

/** null: this process does not know the key under which rows get their MACs. */
async function macOf(
  tx: Transaction,
  { data, headers, ...row }: AnchorColumns,
  crls: readonly Uint8Array[],
): Promise<Uint8Array<ArrayBuffer> | null> {
  const key = rowKeyOf(tx);
  if (key === null) return null;
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(${ADVISORY_CLASS}::integer, ${ANCHORS_LOCK}::integer)`;
  const last = await tx.anchor.findFirst({ orderBy: { id: 'desc' }, select: { mac: true } });
  const facts = { ...row, data: sha256(data), headers: headers === null ? null : sha256(headers), crls };
  return bytes(anchorMac(key, last?.mac ?? null, facts));
}

function sha256(data: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes(createHash('sha256').update(data).digest());
}

interface AnchorRow {
  readonly id: string;
  readonly made_at: string;
  readonly size: string;
  readonly valid_until: string | null;
  readonly height: string | null;
  readonly type: string;
  readonly source: string;
  readonly data: Uint8Array;
  readonly headers: Uint8Array | null;
  readonly crls: readonly Uint8Array[] | null;
}

/** The lists themselves instead of their digests. */
const listsOf = (digests: string) => `(
  SELECT array_agg(list.data ORDER BY item.place)
  FROM unnest(${digests}) WITH ORDINALITY AS item (digest, place) JOIN revocation_list AS list USING (digest)
)`;
const CRLS = `${listsOf('anchor.crls')} AS crls`;

/** Each pair of type and source, by one index lookup for each. */
const SOURCES = `
source AS (
  (SELECT type, source FROM anchor WHERE type <> 'renewal' ORDER BY type, source LIMIT 1)
  UNION ALL
  SELECT next.type, next.source FROM source CROSS JOIN LATERAL (
    SELECT type, source FROM anchor
    WHERE (anchor.type, anchor.source) > (source.type, source.source) AND type <> 'renewal'
    ORDER BY type, source LIMIT 1
  ) AS next
)`;

/** $1: the height. */
const ANCHORS_OVER = `
WITH RECURSIVE ${SOURCES}
SELECT anchor.id, made_at, size, valid_until, height, anchor.type, anchor.source, data, headers, ${CRLS}
FROM source CROSS JOIN LATERAL (
  SELECT * FROM anchor
  WHERE anchor.type = source.type AND anchor.source = source.source AND size > $1
  ORDER BY size, id LIMIT 1
) AS anchor
WHERE source.type <> 'pending'
ORDER BY anchor.type DESC, anchor.source`;

export async function anchorsOver(connections: Connections, height: number): Promise<Kept<CompleteAnchor>[]> {
  const rows = await connections.prepared<AnchorRow>('anchors_over', ANCHORS_OVER, [height]);
  return rows.map((row) => {
    const kept = { id: safe(row.id), madeAt: safe(row.made_at), size: safe(row.size), source: row.source };
    if (row.type === 'rfc3161') {
      const validUntil = safe(row.valid_until ?? '0');
      return { ...kept, type: 'rfc3161', token: row.data, validUntil, crls: row.crls ?? [] };
    }
    if (row.headers === null) throw new StoreError('refused', `anchor ${row.id} has no headers`);
    const headers = cutHeaders(row.headers);
    return { ...kept, type: 'bitcoin', ots: row.data, height: safe(row.height ?? '0'), headers };
  });
}

function cutHeaders(headers: Uint8Array): Uint8Array[] {
  return Array.from({ length: headers.length / 80 }, (_, i) => headers.slice(i * 80, (i + 1) * 80));
}

export async function anchoredSize(connections: Connections): Promise<number> {
  const states = await anchorStates(connections);
  return Math.max(0, ...states.flatMap(({ type, size }) => (type === 'pending' ? [] : [size])));
}

const STATES = `
WITH RECURSIVE ${SOURCES}
SELECT source.type, source.source, latest.size, latest.made_at
FROM source CROSS JOIN LATERAL (
  SELECT size, made_at FROM anchor WHERE anchor.type = source.type AND anchor.source = source.source
  ORDER BY size DESC, id DESC LIMIT 1
) AS latest`;

export async function anchorStates(connections: Connections): Promise<SourceState[]> {
  const rows = await connections.prepared<Pick<AnchorRow, 'type' | 'source' | 'size' | 'made_at'>>(
    'anchor_states',
    STATES,
    [],
  );
  return rows.map(({ type, source, size, made_at: madeAt }) => ({
    type: type as NewAnchor['type'],
    source,
    size: safe(size),
    madeAt: safe(madeAt),
  }));
}

/** $1: after which time. */
const IS_PENDING = `
type = 'pending' AND made_at > $1 AND NOT EXISTS (
  SELECT FROM anchor AS complete
  WHERE complete.type = 'bitcoin' AND complete.source = pending.source AND complete.size = pending.size
)`;

/** $2: how many. */
const PENDING = `
SELECT id, made_at, size, source, data FROM anchor AS pending WHERE ${IS_PENDING} ORDER BY id LIMIT $2`;

const PENDING_COUNTS = `
SELECT source, count(*)::integer AS count, min(made_at) AS since FROM anchor AS pending
WHERE ${IS_PENDING} GROUP BY source`;

export async function pendingAnchors(
  connections: Connections,
  madeAfter: number,
  limit: number,
): Promise<Kept<PendingAnchor>[]> {
  const rows = await connections.read<Pick<AnchorRow, 'id' | 'made_at' | 'size' | 'source' | 'data'>>(
    PENDING,
    [madeAfter, limit],
  );
  return rows.map(({ id, made_at: madeAt, size, source, data }) => ({
    ...{ type: 'pending', id: safe(id), madeAt: safe(madeAt), size: safe(size), source, ots: data },
  }));
}

export async function pendingCounts(
  connections: Connections,
  madeAfter: number,
): ReturnType<AnchorStore['pendingCounts']> {
  const rows = await connections.read<{ source: string; count: number; since: string }>(PENDING_COUNTS, [
    madeAfter,
  ]);
  return rows.map(({ source, count, since }) => ({ source, count, since: safe(since) }));
}

/** $1: the anchor. */
const RENEWALS = `
WITH RECURSIVE chain AS (
  SELECT renewal, index, crls, 1 AS place FROM renewal_leaf WHERE renewed = $1
  UNION ALL
  SELECT leaf.renewal, leaf.index, leaf.crls, place + 1
  FROM chain JOIN renewal_leaf AS leaf ON leaf.renewed = chain.renewal
)
SELECT anchor.id, chain.index, anchor.data, ${CRLS}, ${listsOf('chain.crls')} AS renewed_crls
FROM chain JOIN anchor ON anchor.id = chain.renewal ORDER BY chain.place`;

export async function renewalsOf(connections: Connections, id: number): Promise<KeptRenewal[]> {
  const rows = await connections.prepared<
    Pick<AnchorRow, 'id' | 'data' | 'crls'> & {
      readonly index: number;
      readonly renewed_crls: AnchorRow['crls'];
    }
  >('renewals_of', RENEWALS, [id]);
  return rows.map(({ id: renewal, index, data: token, crls, renewed_crls: renewedCrls }) => ({
    ...{ id: safe(renewal), index, token, crls: crls ?? [], renewedCrls: renewedCrls ?? [] },
  }));
}

export async function renewalLeaves(connections: Connections, renewal: number): Promise<Uint8Array[]> {
  const rows = await connections.read<{ hash: Uint8Array }>(
    'SELECT hash FROM renewal_leaf WHERE renewal = $1 ORDER BY index',
    [renewal],
  );
  return rows.map(({ hash }) => hash);
}

/** $1: before which end, $2: how many, $3: behind which id. */
const RENEWABLE = `
SELECT id, valid_until, data, ${CRLS} FROM anchor
WHERE valid_until < $1 AND id > $3 AND NOT EXISTS (SELECT FROM renewal_leaf WHERE renewed = anchor.id)
ORDER BY id LIMIT $2`;

export async function renewableTokens(
  connections: Connections,
  before: number,
  limit: number,
  after = 0,
): Promise<RenewableToken[]> {
  const rows = await connections.read<Pick<AnchorRow, 'id' | 'valid_until' | 'data' | 'crls'>>(RENEWABLE, [
    before,
    limit,
    after,
  ]);
  return rows.map(({ id, valid_until: validUntil, data, crls }) => ({
    ...{ id: safe(id), validUntil: safe(validUntil ?? '0'), token: data, crls: crls ?? [] },
  }));
}
