import type { Connections } from './connections.js';
import { nothingWritten } from './errors.js';
import type { PrismaAccess } from './prisma-client.js';
import { safe } from './rows.js';

/** How often somebody is told. */
export const DIGEST_TIMES = ['at_once', 'hourly', 'daily'] as const;
export type DigestTime = (typeof DIGEST_TIMES)[number];

/** What a person chose. Times are milliseconds since the Unix epoch. */
export interface Digest {
  readonly id: string;
  /** The organization's number. */
  readonly organization: number;
  /** Id. */
  readonly person: string;
  readonly every: DigestTime;
  readonly language: 'en' | 'ko';
  /** Nothing is sent before. */
  readonly dueAt: number;
}

/** What waits for people of an organization. */
export interface Waiting {
  /** Requests to sign whose person has given a key: the organization goes on. */
  readonly requests: number;
  /** Legal holds whose lifting waits for a second person. */
  readonly lifts: number;
}

/** An e-mail that a process has claimed. What it tells of is the same at each attempt. */
export interface ClaimedDigest extends Pick<Digest, 'id' | 'every' | 'language'> {
  /** This one included. */
  readonly attempts: number;
  readonly email: string;
  readonly organizationName: string;
  /** From this position on, and what began to wait then or later. */
  readonly from: { readonly place: number; readonly at: number };
  /** Before this position, and before this time. */
  readonly to: { readonly place: number; readonly at: number };
  /** Notarizations of the organization in between, those included that were erased. */
  readonly sealed: number;
  /** What waits now. */
  readonly waiting: Waiting;
  /** Whether some of it began to wait in between. */
  readonly isNew: boolean;
}

export interface DigestStore {
  /** null: the person is told nothing of this organization. */
  digest(organization: number, person: string): Promise<Digest | null>;

  /**
   * Puts a digest in the place of an earlier one of the same person. What is sealed by then is told already.
   * @param place the first position to be told
   */
  putDigest(digest: Digest, place: number, at: number): Promise<void>;

  /** @returns false: the person is told nothing of this organization */
  removeDigest(organization: number, person: string): Promise<boolean>;

  /** @returns false: it was removed before, or another has taken its place */
  endDigest(id: string): Promise<boolean>;

  /**
   * Digests that are due, until `until` for this caller alone; of those that are told at once, only those with news.
   * @param sealed the first position that no block holds
   */
  claimDigests(now: number, until: number, limit: number, sealed: number): Promise<ClaimedDigest[]>;

  /** @param outcome `told`: all up to `to` is; `again`: the same e-mail is tried again; `later`: the next one has it as well */
  settleDigest(id: string, outcome: 'told' | 'again' | 'later', dueAt: number): Promise<void>;
}

interface Row {
  readonly id: string;
  readonly every: DigestTime;
  readonly language: 'en' | 'ko';
  readonly attempts: number;
  readonly place: string;
  readonly told_at: string;
  readonly pending_place: string;
  readonly pending_at: string;
  readonly email: string;
  readonly organization_name: string;
  readonly sealed: string;
  readonly requests: string;
  readonly new_requests: string;
  readonly lifts: string;
  readonly new_lifts: string;
}

/**
 * A request to sign that its organization has to go on with: it names no contract yet, or its item or work is as it was when
 * the person was asked.
 */
const WAITS = `request.ended IS NULL AND request.erased_at IS NULL AND request.key_given_at IS NOT NULL
  AND request.answered IS NULL AND request.expires_at > $1 AND CASE request.kind
    WHEN 'contract' THEN request.record IS NULL
    WHEN 'claim' THEN false
    ELSE NOT EXISTS (SELECT FROM record WHERE record.id = request.record AND record.sequence > request.since)
  END`;

/** One look-up in an index for each digest that is told at once; those told by the hour or day are few. */
const CLAIM = `
WITH mine AS (
  UPDATE digest SET due_at = $2, attempts = attempts + 1,
    pending_place = coalesce(pending_place, greatest(place, $4::bigint)), pending_at = coalesce(pending_at, $1)
  WHERE id IN (
    SELECT due.id FROM digest AS due
    JOIN organization ON organization.number = due.organization_number AND organization.disabled_at IS NULL
    JOIN person ON person.id = due.person AND person.disabled_at IS NULL
    JOIN organization_user ON organization_user.organization_id = organization.id
      AND organization_user.person_id = person.id AND organization_user.accepted_at IS NOT NULL
    WHERE due.due_at <= $1 AND (
      due.every <> 'at_once' OR due.pending_place IS NOT NULL
      OR (
        SELECT least($4::bigint, first_position + entry_count) FROM register_run
        WHERE organization_number = due.organization_number AND first_position < $4::bigint
        ORDER BY first_position DESC LIMIT 1
      ) > due.place
      OR EXISTS (
        SELECT FROM signing_request AS request
        WHERE request.organization_number = due.organization_number AND request.key_given_at >= due.told_at
          AND request.key_given_at < $1 AND ${WAITS}
      )
      OR EXISTS (
        SELECT FROM legal_hold WHERE organization_number = due.organization_number
          AND lift_requested_at >= due.told_at AND lift_requested_at < $1
          AND lift_requested_by <> due.person AND lifted_at IS NULL
      )
    )
    ORDER BY due.due_at LIMIT $3 FOR UPDATE OF due SKIP LOCKED
  )
  RETURNING *
)
SELECT mine.id, mine.every, mine.language, mine.attempts, mine.place, mine.told_at, mine.pending_place, mine.pending_at,
  person.email, organization.name AS organization_name, run.sealed, waiting.requests, waiting.new_requests, hold.lifts,
  hold.new_lifts
FROM mine
JOIN organization ON organization.number = mine.organization_number
JOIN person ON person.id = mine.person
CROSS JOIN LATERAL (
  SELECT coalesce(sum(
    least(first_position + entry_count, mine.pending_place) - greatest(first_position, mine.place)
  ), 0)::bigint AS sealed
  FROM register_run
  WHERE organization_number = mine.organization_number AND first_position < mine.pending_place
    AND first_position + entry_count > mine.place AND first_position >= coalesce((
      SELECT max(first_position) FROM register_run
      WHERE organization_number = mine.organization_number AND first_position <= mine.place
    ), 0)
) AS run
CROSS JOIN LATERAL (
  SELECT count(*) AS requests, count(*) FILTER (
    WHERE key_given_at >= mine.told_at AND key_given_at < mine.pending_at
  ) AS new_requests
  FROM signing_request AS request WHERE organization_number = mine.organization_number AND ${WAITS}
) AS waiting
CROSS JOIN LATERAL (
  SELECT count(*) AS lifts, count(*) FILTER (
    WHERE lift_requested_at >= mine.told_at AND lift_requested_at < mine.pending_at
  ) AS new_lifts
  FROM legal_hold
  WHERE organization_number = mine.organization_number AND lift_requested_by <> mine.person AND lifted_at IS NULL
) AS hold`;

export function digestRows(connections: Connections, prisma: PrismaAccess): DigestStore {
  return {
    digest: async (organization, person) => {
      const row = await prisma.read('reading a digest', (client) =>
        client.digest.findUnique({
          where: { of_organizationNumber: { of: person, organizationNumber: organization } },
        }),
      );
      if (row === null) return null;
      const { id, every, language, dueAt } = row;
      return {
        ...{ id, organization, person, every: every as DigestTime, dueAt: safe(dueAt) },
        language: language === 'ko' ? 'ko' : 'en',
      };
    },

    putDigest: ({ organization, person, ...digest }, place, at) =>
      prisma.transaction('choosing a digest', async (tx) => {
        const data = { ...digest, place, toldAt: at, attempts: 0, pendingPlace: null, pendingAt: null };
        await tx.digest.upsert({
          where: { of_organizationNumber: { of: person, organizationNumber: organization } },
          create: { ...data, of: person, organizationNumber: organization },
          update: data,
        });
      }),

    removeDigest: (organization, person) =>
      prisma.transaction('ending a digest', async (tx) => {
        const { count } = await tx.digest.deleteMany({
          where: { of: person, organizationNumber: organization },
        });
        return count > 0;
      }),

    endDigest: (id) =>
      prisma.transaction(
        'ending a digest',
        async (tx) => (await tx.digest.deleteMany({ where: { id } })).count > 0,
      ),

    claimDigests: async (now, until, limit, sealed) => {
      const { rows } = await connections.write(
        (client) =>
          client.query<Row>({ name: 'claim_digests', text: CLAIM, values: [now, until, limit, sealed] }),
        (error) => nothingWritten(error, 'claiming digests'),
      );
      return rows.map(toClaimed);
    },

    settleDigest: (id, outcome, dueAt) =>
      prisma.transaction('settling a digest', async (tx) => {
        if (outcome === 'again') {
          await tx.digest.updateMany({ where: { id }, data: { dueAt } });
          return;
        }
        const isTold = outcome === 'told';
        await tx.$executeRaw`
          UPDATE digest SET due_at = ${dueAt}::bigint, attempts = 0, pending_place = NULL, pending_at = NULL,
            place = CASE WHEN ${isTold}::boolean THEN coalesce(pending_place, place) ELSE place END,
            told_at = CASE WHEN ${isTold}::boolean THEN coalesce(pending_at, told_at) ELSE told_at END
          WHERE id = ${id}`;
      }),
  };
}

function toClaimed(row: Row): ClaimedDigest {
  const { id, every, language, attempts, email, organization_name: organizationName } = row;
  return {
    ...{ id, every, language, attempts, email, organizationName },
    from: { place: safe(row.place), at: safe(row.told_at) },
    to: { place: safe(row.pending_place), at: safe(row.pending_at) },
    sealed: safe(row.sealed),
    waiting: { requests: safe(row.requests), lifts: safe(row.lifts) },
    isNew: safe(row.new_requests) + safe(row.new_lifts) > 0,
  };
}
