import { createHmac } from 'node:crypto';
import { deriveKey } from '../crypto/secrets.js';
import type {
  EventKind,
  Invitation,
  Membership,
  NewAccessEvent,
  Organization,
  OrganizationUser,
  Person,
} from '../store/index.js';
import { type Client, AccessError, type AccessParts } from './context.js';
import type { MailLimits } from './mail-limits.js';
import type { PasskeyAnswer, Passkeys } from './passkeys.js';
import type { Passwords } from './passwords.js';
import { eventOf } from './access-log.js';
import { ANONYMOUS_PRINCIPAL, LOCAL, type Actor, type Principal } from './policy.js';
import { creationEvents, newOrganization } from './new-organization.js';
import { hashSecret, isSecret, newId, newSecret, normaliseEmail, parseName } from './values.js';
import { needsPasskey, passkeyNeeded, type Sessions, type SignedIn } from './sessions.js';

const WEEK_MS = 7 * 86_400_000;
const DAY_MS = 86_400_000;
/** Of events that the service causes itself. */
const NO_CLIENT: Client = { address: '', agent: '' };

/** Must be delivered privately: anyone who opens the link can act as the invited person. */
export interface InvitationLink {
  readonly token: string;
  /** Milliseconds. */
  readonly expiresAt: number;
  /** Whether it goes to the person by e-mail as well. */
  readonly mailed: boolean;
}

/**
 * How the person proves who they are. 'new': they choose a password. 'own': they have one, which they enter
 * unless they are signed in. 'either': the same, or they choose a new one.
 */
type PasswordRule = 'new' | 'own' | 'either';

/** What an invitation's page shows. */
export interface InvitationFacts {
  readonly email: string | null;
  readonly name: string | null;
  readonly firstOperator: boolean;
  /** Whether the person becomes an operator, the first or another one. */
  readonly operator: boolean;
  /** The organization that the person joins; null: none, or they already belong to it. */
  readonly organization: Pick<Organization, 'id' | 'name'> | null;
  readonly password: PasswordRule;
  /** If the link can replace a password: the organizations for which the person can act with it. */
  readonly memberships: readonly Pick<Organization, 'id' | 'name'>[];
}

export interface Redemption {
  /** Only for the first operator. */
  readonly email?: string | undefined;
  readonly name?: string | undefined;
  /** Only for the first operator: the name of a new organization that they own. */
  readonly organization?: string | undefined;
  /** The person's own password, or the one that they choose. Not needed by the person who is signed in. */
  readonly password?: string | undefined;
  /** With the rule 'either': `password` is to replace the person's own. */
  readonly replacesPassword?: boolean | undefined;
  /** A passkey of the person, instead of their own password. */
  readonly passkey?: PasskeyAnswer | undefined;
  /** `Tokens.deviceToken` of earlier sign-ins. */
  readonly deviceTokens?: readonly string[] | undefined;
}

/**
 * One-time links: to become an operator, to join an organization, to set a new password. Knowing an e-mail
 * address proves nothing about who is behind it, and neither does having signed up with it: whoever invited
 * the address first may have kept the link. So nobody joins an organization or becomes an operator but by
 * an invitation to just that, redeemed with proof of being the person that they are here.
 */
export class Invitations {
  readonly #parts: AccessParts;
  readonly #passwords: Passwords;
  readonly #passkeys: Passkeys;
  readonly #sessions: Sessions;
  readonly #mailLimits: MailLimits;
  readonly #mailKey: Uint8Array;

  constructor(
    parts: AccessParts,
    { passwords, passkeys, sessions, mailLimits }: InvitationParts,
    secret: Uint8Array,
  ) {
    this.#parts = parts;
    this.#passwords = passwords;
    this.#passkeys = passkeys;
    this.#sessions = sessions;
    this.#mailLimits = mailLimits;
    this.#mailKey = deriveKey(secret, 'ingam access v1: invitations by e-mail');
  }

  /**
   * A link for that person, which also goes to them by e-mail if the service sends any. One that was made on the machine
   * itself can replace any password: a person whose address somebody else has signed up with could not get in otherwise.
   * It is delivered by hand.
   */
  async make(
    by: Actor,
    { id: personId, email }: Pick<Person, 'id' | 'email'>,
    purpose: Purpose,
    client: Client,
  ): Promise<InvitationLink> {
    const { organizationId = null, operator = false, language = null } = purpose;
    const detail = { person: personId, ...(operator ? { operator } : {}) };
    const event = eventOf(by, client, this.#parts.clock(), 'invitation_made', { organizationId, detail });
    const setsPassword = by.kind === 'local';
    const grant = { personId, organizationId, operator, setsPassword };
    const mailed = by.kind !== 'local' && (await this.#mayMail(organizationId, email));
    if (!mailed) return this.#put(grant, WEEK_MS, event, null);
    const id = newId('inv');
    return this.#put(grant, WEEK_MS, event, { person: personId, language, id });
  }

  /** What a link has that goes by e-mail. It follows from the secret, so that nothing that opens it is kept. */
  mailedToken(id: string): string {
    return createHmac('sha256', this.#mailKey).update(id).digest('base64url');
  }

  /** Whoever invites decides to whom the service writes. */
  async #mayMail(organizationId: string | null, email: string): Promise<boolean> {
    const { store, onMail } = this.#parts;
    if (onMail === null) return false;
    const organization = organizationId === null ? null : await store.organization(organizationId);
    return this.#mailLimits.allow(organization?.number ?? null, email);
  }

  /**
   * A link, valid for a day, with which anybody can become the first operator. Voids earlier ones. null:
   * there is an operator, or somebody has been invited to become one.
   */
  async setUpLink(): Promise<InvitationLink | null> {
    const { store, clock } = this.#parts;
    if ((await store.hasOperator()) || (await store.invitedOperators(clock())).length > 0) return null;
    const detail = { firstOperator: true };
    const event = eventOf(LOCAL, NO_CLIENT, clock(), 'invitation_made', { detail });
    return this.#put(FIRST_OPERATOR, DAY_MS, event, null);
  }

  /**
   * For deployments without a terminal. Does nothing if there is an operator. A person who is already known
   * by this address gets this password.
   */
  async seedOperator(input: { readonly email: string; readonly password: string }): Promise<void> {
    if (await this.#parts.store.hasOperator()) return;
    const { token } = await this.#put({ ...FIRST_OPERATOR, setsPassword: true }, DAY_MS, null, null);
    try {
      const redemption = { ...input, replacesPassword: true };
      const found = await this.#find(token, input.email);
      const { id } = (await this.#use(token, found, redemption, LOCAL, NO_CLIENT)).person;
      if (found.rule === 'new') return;
      const memberships = await this.#parts.store.memberships(id);
      this.#parts.logger.warn(
        { person: id, organizations: memberships.map(({ organization }) => organization.id) },
        'somebody had signed up with the address of the first operator: the configured password replaces theirs, and opens their organizations too',
      );
    } catch (error) {
      // Another instance has just done the same.
      if (!(error instanceof AccessError && error.code === 'invalid_invitation')) throw error;
    }
  }

  /** @throws {AccessError} invalid_invitation */
  async inspect(token: string): Promise<InvitationFacts> {
    const { invitation, person, user, memberships, rule } = await this.#find(token);
    const organization =
      user === null || user.acceptedAt !== null
        ? null
        : await this.#parts.store.organization(user.organizationId);
    return {
      email: person?.email ?? null,
      // A person who has not joined yet is not shown as they are called elsewhere.
      name: user?.acceptedAt === null ? user.invitedName : (person?.name ?? null),
      firstOperator: person === null,
      operator: person === null || invitation.operator,
      organization: organization === null ? null : nameOf(organization),
      password: rule,
      memberships: invitation.setsPassword ? memberships.map(({ organization: each }) => nameOf(each)) : [],
    };
  }

  /**
   * Accepts the invitation and signs in.
   * @param by the person themselves, signed in here, need not enter their password
   * @throws {AccessError} invalid_invitation, invalid_email, invalid_password, invalid_value; with the
   * person's own password or passkey, the errors of signing in; unauthenticated: both are missing
   */
  async redeem(
    token: string,
    input: Redemption,
    client: Client,
    by: Principal = ANONYMOUS_PRINCIPAL,
  ): Promise<SignedIn> {
    const found = await this.#find(token, input.email);
    const { person, organizationId } = await this.#use(token, found, input, by, client);
    const withPasskey =
      found.rule !== 'new' && input.replacesPassword !== true && input.passkey !== undefined;
    return this.#sessions.open(person, organizationId, withPasskey, client);
  }

  async #use(
    token: string,
    found: ValidInvitation,
    input: Redemption,
    by: Actor,
    client: Client,
  ): Promise<{ readonly person: Person; readonly organizationId: string | null }> {
    const { invitation, person, user } = found;
    const known = person ?? found.namesake;
    const name = input.name === undefined ? null : parseName(input.name);
    if (person !== null && input.organization !== undefined) {
      throw new AccessError('invalid_value', 'only the first operator sets up an organization with the link');
    }
    const operator = person === null ? { id: newId('psn'), email: normaliseEmail(input.email ?? '') } : null;
    const keepsPassword =
      found.rule === 'own' || (found.rule === 'either' && input.replacesPassword !== true);
    if (keepsPassword && known !== null) await this.#prove(known, found, input, by, client);
    const passwordHash = keepsPassword ? null : await this.#passwords.hash(input.password ?? '', client);
    const isNew = known === null || known.passwordHash === null;
    const { store, clock } = this.#parts;
    const now = clock();
    const organization =
      input.organization === undefined ? null : newOrganization({ name: input.organization }, now);
    const redeemed = await store.redeemInvitation(
      {
        secretHash: hashSecret(token),
        now,
        previousPasswordHash: known?.passwordHash ?? null,
        passwordHash,
        // A person who keeps their password keeps their name.
        name: keepsPassword ? null : (name ?? (isNew ? (user?.invitedName ?? null) : null)),
        operator,
        organization,
      },
      (redeemer, removedPasskeys) => {
        const { id: personId, email } = redeemer;
        const actor = by.kind === 'local' ? LOCAL : ANONYMOUS_PRINCIPAL;
        const changes = kindsOf(found, passwordHash !== null && !isNew).map((kind) => {
          const detail = kind === 'operator_changed' ? { person: personId, email, operator: true } : {};
          return eventOf(actor, client, now, kind, { organizationId: invitation.organizationId, detail });
        });
        const made = organization === null ? [] : creationEvents(actor, client, organization, redeemer);
        const removed = removedPasskeys.map(({ name: passkey }) => {
          const detail = { passkey, reason: 'new_password' };
          return eventOf(actor, client, now, 'passkey_removed', {
            organizationId: invitation.organizationId,
            detail,
          });
        });
        return [...changes, ...removed, ...made].map((event) => ({ ...event, personId }));
      },
    );
    if (redeemed === null) throw invalid();
    return { person: redeemed, organizationId: organization?.id ?? invitation.organizationId };
  }

  /** By the person's own password or passkey, or by their session. */
  async #prove(
    person: Person,
    { invitation }: ValidInvitation,
    { password, passkey, deviceTokens = [] }: Redemption,
    by: Actor,
    client: Client,
  ): Promise<void> {
    const isSignedIn = by.kind === 'user' && by.sessionId !== null && by.personId === person.id;
    if (passkey !== undefined) {
      const proven = await this.#passkeys.personOf(passkey, 'invitation', client);
      if (proven.id !== person.id) {
        throw new AccessError(
          'invalid_passkey',
          'this passkey belongs to another account than the invitation',
        );
      }
      return;
    }
    if (isSignedIn && password === undefined) return;
    if (password === undefined) {
      throw new AccessError('unauthenticated', 'enter the password that you have here, or sign in first');
    }
    const { organizationId } = invitation;
    const attempt = {
      email: person.email,
      person,
      organizationId,
      during: 'invitation',
      deviceTokens,
    } as const;
    await this.#passwords.check(attempt, password, client);
    const memberships = await this.#parts.store.memberships(person.id);
    if (!isSignedIn && (await needsPasskey(this.#parts.store, person, memberships))) throw passkeyNeeded();
  }

  /** @param email what the first operator calls themselves */
  async #find(token: string, email?: string): Promise<ValidInvitation> {
    const { store, clock } = this.#parts;
    const invitation = isSecret(token) ? await store.invitation(hashSecret(token), clock()) : null;
    if (invitation === null) throw invalid();
    const { personId, organizationId, operator, setsPassword } = invitation;
    const none = { user: null, memberships: [] };
    if (personId === null) {
      const namesake = email === undefined ? null : await store.personByEmail(normaliseEmail(email));
      const isNew = namesake === null || namesake.passwordHash === null;
      const rule = isNew ? 'new' : setsPassword ? 'either' : 'own';
      return { invitation, person: null, namesake, ...none, rule };
    }
    const person = await store.person(personId);
    if (person === null || person.disabledAt !== null) throw invalid();
    const users = organizationId === null ? [] : await store.users(organizationId);
    const user = users.find((each) => each.person.id === personId) ?? null;
    const memberships = (await store.memberships(personId)).filter(
      ({ organization }) => organization.id !== organizationId,
    );
    const grants = operator || (user !== null && user.acceptedAt === null);
    const rule = person.passwordHash === null || !grants ? 'new' : setsPassword ? 'either' : 'own';
    return { invitation, person, namesake: null, user, memberships, rule };
  }

  async #put(
    whom: Grant,
    lifetimeMs: number,
    event: NewAccessEvent | null,
    mail: {
      readonly person: string;
      readonly language: Purpose['language'] | null;
      readonly id: string;
    } | null,
  ): Promise<InvitationLink> {
    const token = mail === null ? newSecret() : this.mailedToken(mail.id);
    const createdAt = this.#parts.clock();
    const expiresAt = createdAt + lifetimeMs;
    await this.#parts.store.replaceInvitation(
      { ...whom, secretHash: hashSecret(token), createdAt, expiresAt },
      event,
      mail === null
        ? null
        : {
            ...{ kind: 'invitation', person: mail.person, language: mail.language ?? null },
            ...{ data: { id: mail.id }, until: expiresAt },
          },
    );
    if (mail !== null) this.#parts.onMail?.();
    return { token, expiresAt, mailed: mail !== null };
  }
}

/** What an invitation is for. Neither: a new password. */
interface Purpose {
  /** The organization that the person joins, or whose owner lets them set a new password. */
  readonly organizationId?: string;
  readonly operator?: true;
  /** Of the e-mail; null: not known. */
  readonly language?: 'en' | 'ko' | null | undefined;
}

export interface InvitationParts {
  readonly passwords: Passwords;
  readonly passkeys: Passkeys;
  readonly sessions: Sessions;
  readonly mailLimits: MailLimits;
}

type Grant = Pick<Invitation, 'personId' | 'organizationId' | 'operator' | 'setsPassword'>;

const FIRST_OPERATOR: Grant = { personId: null, organizationId: null, operator: true, setsPassword: false };

/** A valid invitation, and who it is for. */
interface ValidInvitation {
  readonly invitation: Invitation;
  /** null: whoever becomes the first operator. */
  readonly person: Person | null;
  /** The person who is already known by the address of the first operator. */
  readonly namesake: Person | null;
  /** The person's place in the invitation's organization. */
  readonly user: OrganizationUser | null;
  /** The person's other organizations. */
  readonly memberships: readonly Membership[];
  readonly rule: PasswordRule;
}

/** @param replaced whether the person had another password before */
function kindsOf({ invitation, person, user }: ValidInvitation, replaced: boolean): EventKind[] {
  const kinds: EventKind[] = replaced ? ['password_set'] : [];
  if (person === null) kinds.push('operator_created');
  else if (invitation.operator) kinds.push('operator_changed');
  else if (user?.acceptedAt === null || person.passwordHash === null) kinds.push('invitation_accepted');
  return kinds;
}

function nameOf({ id, name }: Organization): Pick<Organization, 'id' | 'name'> {
  return { id, name };
}

function invalid(): AccessError {
  return new AccessError(
    'invalid_invitation',
    'the invitation has expired, has been used, or does not exist; ask for a new one',
  );
}
