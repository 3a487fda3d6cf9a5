import { ADVISORY_CLASS, SIGNING_KEYS_LOCK } from '../connections.js';
import { bytes, type PrismaAccess } from '../prisma-client.js';
import { safe } from '../rows.js';
import { insertEvent } from './events.js';
import type { ProviderIdentity, Session, SigningKey, NewAccessEvent } from './model.js';
import { toSession, toSigningKey } from './rows.js';

export interface SessionStore {
  /**
   * false, and nothing was written: the person is disabled, or no longer has this password. A change of the
   * password after the caller has checked it ends only the sessions that exist by then, so it is compared
   * here once more.
   * @param passwordHash the hash that the password was checked against; left out: no password was checked
   */
  createSession(
    session: Omit<Session, 'endedAt' | 'provider'>,
    refreshHash: Uint8Array,
    event: NewAccessEvent,
    passwordHash?: string,
  ): Promise<boolean>;
  /** Of somebody whom an identity provider has signed in. */
  createProviderSession(
    session: Omit<Session, 'endedAt' | 'personId'> & { readonly provider: ProviderIdentity },
    refreshHash: Uint8Array,
    event: NewAccessEvent,
  ): Promise<void>;
  /**
   * Exchanges a refresh token for its successor. The caller derives the successor from the token, so that
   * within `graceMs` after the exchange the same call succeeds again: its first answer may have been lost,
   * and two tabs may refresh at once. 'reused': it was exchanged longer ago; the session was ended in the
   * same transaction, with `reusedEvent`. 'unknown': there is no such token, or its session has ended or
   * expired.
   */
  rotateRefreshToken(rotation: {
    readonly oldHash: Uint8Array;
    readonly newHash: Uint8Array;
    readonly now: number;
    readonly graceMs: number;
    readonly reusedEvent: (session: Session) => NewAccessEvent;
  }): Promise<
    { readonly outcome: 'rotated'; readonly session: Session } | { readonly outcome: 'reused' | 'unknown' }
  >;
  /** Sets the organization that the session acts for. */
  chooseOrganization(sessionId: string, organizationId: string | null): Promise<void>;
  /**
   * Whether that person, and whether anybody, has signed in from a network, as far as sessions, ended ones
   * included, are kept.
   */
  signInsFrom(
    network: string,
    personId: string,
  ): Promise<{ readonly byPerson: boolean; readonly byAnybody: boolean }>;
  /** Live sessions of a person, or of somebody of an identity provider, latest first. */
  sessions(
    of: { readonly personId: string } | Pick<ProviderIdentity, 'issuer' | 'subject'>,
    now: number,
  ): Promise<Session[]>;
  /** Whether this call ended it. */
  endSession(id: string, now: number, event: NewAccessEvent): Promise<boolean>;
  /** Deletes sessions that ended or expired before this time. Returns how many. */
  expireSessions(before: number): Promise<number>;
}

/** The keys that sign access tokens. */
export interface SigningKeyStore {
  /** Newest first, retired ones too. */
  signingKeys(): Promise<SigningKey[]>;
  /**
   * Adds a key and retires the others, provided that the newest active key is still `replaces` (null: there
   * is none), and deletes the keys that were retired before `removeRetiredBefore`. false: another caller was
   * faster, nothing was written.
   */
  rotateSigningKey(
    key: SigningKey,
    options: {
      readonly replaces: string | null;
      readonly removeRetiredBefore: number;
      readonly event: NewAccessEvent;
    },
  ): Promise<boolean>;
}

export function sessionRows(prisma: PrismaAccess): SessionStore {
  return {
    createSession: (session, refreshHash, event, passwordHash) =>
      prisma.transaction('beginning a session', async (tx) => {
        const { id, personId, createdAt } = session;
        // A concurrent change of the password waits for this session, and ends it; or came first, and is seen
        // here.
        await tx.$executeRaw`SELECT FROM person WHERE id = ${personId} FOR SHARE`;
        const person = await tx.person.findFirst({
          where: { id: personId, disabledAt: null, ...(passwordHash === undefined ? {} : { passwordHash }) },
        });
        if (person === null) return false;
        await tx.session.create({ data: session });
        await tx.refreshToken.create({
          data: { secretHash: bytes(refreshHash), sessionId: id, issuedAt: createdAt },
        });
        await insertEvent(tx, event);
        return true;
      }),

    createProviderSession: ({ provider, ...session }, refreshHash, event) =>
      prisma.transaction('beginning a session', async (tx) => {
        const { issuer, subject, name, email, role } = provider;
        await tx.session.create({
          data: {
            ...session,
            ...{ providerIssuer: issuer, providerSubject: subject, providerName: name },
            ...{ providerEmail: email, providerRole: role },
          },
        });
        const { id: sessionId, createdAt: issuedAt } = session;
        await tx.refreshToken.create({ data: { secretHash: bytes(refreshHash), sessionId, issuedAt } });
        await insertEvent(tx, event);
      }),

    rotateRefreshToken: ({ oldHash, newHash, now, graceMs, reusedEvent }) =>
      prisma.transaction('exchanging a refresh token', async (tx) => {
        const secretHash = bytes(oldHash);
        // Of two concurrent exchanges, the second waits here and finds the token used.
        await tx.$executeRaw`SELECT FROM refresh_token WHERE secret_hash = ${secretHash} FOR UPDATE`;
        const token = await tx.refreshToken.findUnique({ where: { secretHash } });
        if (token === null) return { outcome: 'unknown' };
        const { sessionId } = token;
        const usedAt = token.usedAt === null ? null : safe(token.usedAt);
        const isReuse = usedAt !== null && now - usedAt >= graceMs;
        const [row] = await tx.session.updateManyAndReturn({
          where: { id: sessionId, endedAt: null, expiresAt: { gt: now } },
          data: isReuse ? { endedAt: now } : { lastUsedAt: now },
        });
        if (row === undefined) return { outcome: 'unknown' };
        const session = toSession(row);
        if (isReuse) {
          await insertEvent(tx, reusedEvent(session));
          return { outcome: 'reused' };
        }
        if (usedAt === null) {
          await tx.refreshToken.update({ where: { secretHash }, data: { usedAt: now } });
          await tx.refreshToken.create({ data: { secretHash: bytes(newHash), sessionId, issuedAt: now } });
        }
        return { outcome: 'rotated', session };
      }),

    chooseOrganization: (id, organizationId) =>
      prisma.transaction('choosing an organization', async (tx) => {
        await tx.session.updateMany({ where: { id }, data: { organizationId } });
      }),

    signInsFrom: async (network, personId) => {
      const [row] = await prisma.read(
        'reading earlier sign-ins',
        (client) => client.$queryRaw<{ byPerson: boolean; byAnybody: boolean }[]>`
          SELECT EXISTS (SELECT FROM session WHERE network = ${network} AND person_id = ${personId}) AS "byPerson",
            EXISTS (SELECT FROM session WHERE network = ${network}) AS "byAnybody"`,
      );
      if (row === undefined) throw new TypeError('the query has one row');
      return row;
    },

    sessions: async (of, now) => {
      const owner =
        'personId' in of
          ? { personId: of.personId }
          : { providerIssuer: of.issuer, providerSubject: of.subject };
      const rows = await prisma.read('reading sessions', ({ session }) =>
        session.findMany({
          where: { ...owner, endedAt: null, expiresAt: { gt: now } },
          orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
        }),
      );
      return rows.map(toSession);
    },

    endSession: (id, now, event) =>
      prisma.transaction('ending a session', async (tx) => {
        const where = { id, endedAt: null };
        const { count } = await tx.session.updateMany({ where, data: { endedAt: now } });
        if (count === 0) return false;
        await insertEvent(tx, event);
        return true;
      }),

    expireSessions: (before) =>
      prisma.transaction('removing old sessions', async (tx) => {
        const where = { OR: [{ expiresAt: { lt: before } }, { endedAt: { lt: before } }] };
        return (await tx.session.deleteMany({ where })).count;
      }),
  };
}

export function signingKeyRows(prisma: PrismaAccess): SigningKeyStore {
  return {
    signingKeys: async () => {
      const rows = await prisma.read('reading signing keys', ({ signingKey }) =>
        signingKey.findMany({ orderBy: [{ createdAt: 'desc' }, { id: 'asc' }] }),
      );
      return rows.map(toSigningKey);
    },

    rotateSigningKey: (key, { replaces, removeRetiredBefore, event }) =>
      prisma.transaction('changing the signing key', async (tx) => {
        await tx.$executeRaw`
          SELECT pg_advisory_xact_lock(${ADVISORY_CLASS}::integer, ${SIGNING_KEYS_LOCK}::integer)`;
        const active = { retiredAt: null };
        const newest = await tx.signingKey.findFirst({
          where: active,
          orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
        });
        if ((newest?.id ?? null) !== replaces) return false;
        await tx.signingKey.deleteMany({ where: { retiredAt: { lt: removeRetiredBefore } } });
        await tx.signingKey.updateMany({ where: active, data: { retiredAt: key.createdAt } });
        await tx.signingKey.create({
          data: { ...key, publicKey: bytes(key.publicKey), privateKey: bytes(key.privateKey) },
        });
        await insertEvent(tx, event);
        return true;
      }),
  };
}
