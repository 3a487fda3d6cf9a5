import { insertEvent } from './auth/events.js';
import type { NewAccessEvent } from './auth/model.js';
import type { Connections } from './connections.js';
import type { PrismaAccess } from './prisma-client.js';
import { saltOf } from './keyed.js';
import { safe } from './rows.js';

/** Keeps notarizations of an organization from being erased. Times are milliseconds since the Unix epoch. */
export interface LegalHold {
  readonly id: string;
  /** The organization's number. */
  readonly organization: number;
  readonly reason: string;
  readonly placedAt: number;
  /** Person id, as in the others. */
  readonly placedBy: string;
  /** null: nobody has requested to lift it. */
  readonly request: { readonly at: number; readonly by: string; readonly reason: string } | null;
  /** null: in force. */
  readonly lifted: { readonly at: number; readonly by: string } | null;
  /** How many notarizations it keeps. */
  readonly count: number;
}

export type NewLegalHold = Omit<LegalHold, 'request' | 'lifted' | 'count'>;

export type LiftStep =
  | (Lifter & { readonly kind: 'request'; readonly reason: string })
  /** By another person than the request. */
  | (Lifter & { readonly kind: 'approve' })
  /** Takes the request back. */
  | { readonly kind: 'withdraw' };

interface Lifter {
  readonly at: number;
  /** Person id. */
  readonly by: string;
  /** null: unknown. It tells whether an account here and one at an identity provider are of one person. */
  readonly email: string | null;
}

/** What a step towards lifting a hold came to; nothing is written but with `done`. */
export type LiftOutcome =
  | 'done'
  /** The organization has no such hold. */
  | 'unknown'
  | 'lifted_before'
  | 'requested_before'
  | 'not_requested'
  /** Who requested it cannot approve it, nor can somebody who may be the same person. */
  | 'same_person';

export interface HeldEntry {
  readonly position: number;
  /** null: erased after the hold was lifted, or its data key is missing. */
  readonly salt: Uint8Array | null;
}

export interface HoldStore {
  /**
   * Places a hold on those of these positions that exist and are not erased, together with `event`.
   * @returns how many it keeps; 0: none, and nothing is written; null: there is a hold of this id already
   */
  placeHold(hold: NewLegalHold, positions: readonly number[], event: NewAccessEvent): Promise<number | null>;

  /** A step towards lifting a hold, together with `event`. */
  liftHold(organization: number, id: string, step: LiftStep, event: NewAccessEvent): Promise<LiftOutcome>;

  /** The organization's holds, the latest first. */
  holds(query: {
    readonly organization: number;
    /** Only those in force, or those lifted; absent: both. */
    readonly inForce?: boolean;
    /** Only this one. */
    readonly id?: string;
    /** Only those that keep this position. */
    readonly position?: number;
    readonly limit: number;
    /** Only those placed before this hold. */
    readonly before?: string;
  }): Promise<LegalHold[]>;

  /** What a hold keeps, in the order of positions, from above `beyond` on. */
  heldBy(hold: string, beyond: number, limit: number): Promise<HeldEntry[]>;
}

/** The share lock makes a concurrent erasure wait, or waits for it: an erased notarization is not held. */
export function placeHold(
  prisma: PrismaAccess,
  { id, organization, reason, placedAt, placedBy }: NewLegalHold,
  positions: readonly number[],
  event: NewAccessEvent,
): Promise<number | null> {
  return prisma.transaction('placing a legal hold', async (tx) => {
    const kept = await tx.$queryRaw<{ position: bigint }[]>`
      SELECT position FROM entry
      WHERE position = ANY (${positions.map(BigInt)}::bigint[]) AND digest IS NOT NULL
      ORDER BY position FOR SHARE`;
    if (kept.length === 0) return 0;
    const count = kept.length;
    const placed = await tx.legalHold.createMany({
      data: [{ id, organizationNumber: organization, reason, placedAt, placedBy, notarizations: count }],
      skipDuplicates: true,
    });
    if (placed.count === 0) return null;
    await tx.$executeRaw`
      INSERT INTO held_notarization (position, hold)
      SELECT unnest(${kept.map(({ position }) => position)}::bigint[]), ${id}`;
    await insertEvent(tx, { ...event, detail: { ...event.detail, notarizations: count } });
    return count;
  });
}

export function liftHold(
  prisma: PrismaAccess,
  organization: number,
  id: string,
  step: LiftStep,
  event: NewAccessEvent,
): Promise<LiftOutcome> {
  return prisma.transaction('lifting a legal hold', async (tx) => {
    // Of two people at the same time, the second sees what the first has done.
    const [hold] = await tx.$queryRaw<
      { lifted: boolean; requested_by: string | null; email: string | null }[]
    >`
      SELECT lifted_at IS NOT NULL AS lifted, lift_requested_by AS requested_by, lift_email AS email FROM legal_hold
      WHERE id = ${id} AND organization_number = ${organization}::integer FOR UPDATE`;
    if (hold === undefined) return 'unknown';
    if (hold.lifted) return 'lifted_before';
    const { requested_by: requestedBy } = hold;
    if (step.kind === 'request' && requestedBy !== null) return 'requested_before';
    if (step.kind !== 'request' && requestedBy === null) return 'not_requested';
    if (step.kind === 'approve' && requestedBy !== null) {
      if (mayBeOne({ by: requestedBy, email: hold.email }, step)) return 'same_person';
    }
    await tx.legalHold.update({ where: { id }, data: columnsOf(step) });
    await insertEvent(tx, event);
    return 'done';
  });
}

/**
 * Within one place, accounts are told apart by their ids. Somebody who has an account here and one at the identity
 * provider must not count as two: these are told apart by their addresses, if both are known.
 */
function mayBeOne(a: Pick<Lifter, 'by' | 'email'>, b: Pick<Lifter, 'by' | 'email'>): boolean {
  if (a.by === b.by) return true;
  if (isOutside(a.by) === isOutside(b.by)) return false;
  return a.email === null || b.email === null || a.email.toLowerCase() === b.email.toLowerCase();
}

const isOutside = (person: string): boolean => person.startsWith('oidc:');

function columnsOf(step: LiftStep) {
  switch (step.kind) {
    case 'request':
      return {
        ...{ liftRequestedAt: step.at, liftRequestedBy: step.by },
        ...{ liftEmail: step.email, liftReason: step.reason },
      };
    case 'approve':
      return { liftedAt: step.at, liftedBy: step.by, liftEmail: null };
    case 'withdraw':
      return { liftRequestedAt: null, liftRequestedBy: null, liftEmail: null, liftReason: null };
  }
}

interface HoldRow {
  readonly id: string;
  readonly organization_number: number;
  readonly reason: string;
  readonly placed_at: string;
  readonly placed_by: string;
  readonly lift_requested_at: string | null;
  readonly lift_requested_by: string | null;
  readonly lift_reason: string | null;
  readonly lifted_at: string | null;
  readonly lifted_by: string | null;
  readonly notarizations: number;
}

const HOLDS = `
SELECT * FROM legal_hold
WHERE organization_number = $1
  AND ($2::boolean IS NULL OR (lifted_at IS NULL) = $2)
  AND ($3::text IS NULL OR id = $3)
  AND ($4::bigint IS NULL OR EXISTS (SELECT FROM held_notarization WHERE position = $4 AND hold = legal_hold.id))
  AND ($5::text IS NULL OR (placed_at, id) < (SELECT last.placed_at, last.id FROM legal_hold AS last WHERE last.id = $5))
ORDER BY placed_at DESC, id DESC LIMIT $6`;

export async function holds(
  connections: Connections,
  { organization, inForce, id, position, limit, before }: Parameters<HoldStore['holds']>[0],
): Promise<LegalHold[]> {
  const values = [organization, inForce ?? null, id ?? null, position ?? null, before ?? null, limit];
  return (await connections.read<HoldRow>(HOLDS, values)).map(toHold);
}

function toHold(row: HoldRow): LegalHold {
  const { id, organization_number: organization, reason, placed_by: placedBy } = row;
  const { lift_requested_at: at, lift_requested_by: by, lift_reason: why, lifted_at, lifted_by } = row;
  return {
    ...{ id, organization, reason, placedBy, placedAt: safe(row.placed_at), count: row.notarizations },
    request: at === null || by === null || why === null ? null : { at: safe(at), by, reason: why },
    lifted: lifted_at === null || lifted_by === null ? null : { at: safe(lifted_at), by: lifted_by },
  };
}

export async function heldBy(
  connections: Connections,
  hold: string,
  beyond: number,
  limit: number,
): Promise<HeldEntry[]> {
  const rows = await connections.read<{ position: string; kind: number; salt: Uint8Array | null }>(
    `SELECT held_notarization.position, entry.kind, entry.salt
     FROM held_notarization JOIN entry ON entry.position = held_notarization.position
     WHERE hold = $1 AND held_notarization.position > $2 ORDER BY held_notarization.position LIMIT $3`,
    [hold, beyond, limit],
  );
  return rows.map(({ position, kind, salt }) => ({
    position: safe(position),
    salt: salt === null ? null : saltOf(kind, salt, connections.keys),
  }));
}
