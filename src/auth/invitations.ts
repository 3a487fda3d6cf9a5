import type { Organization, EventKind, Invitation, NewAccessEvent, Person } from '../store/index.js';
import { type Client, AccessError, type AccessParts } from './context.js';
import type { Passwords } from './passwords.js';
import { eventOf } from './access-log.js';
import { ANONYMOUS_PRINCIPAL, LOCAL, type Actor } from './policy.js';
import { hashSecret, isSecret, newId, newSecret, normaliseEmail, parseName } from './values.js';
import type { Sessions, SignedIn } from './sessions.js';

const WEEK_MS = 7 * 86_400_000;
const DAY_MS = 86_400_000;
/** Of events that the service causes itself. */
const NO_CLIENT: Client = { address: '', agent: '' };

/** Must be delivered privately: anyone who opens the link can act as the invited person. */
export interface InvitationLink {
  readonly token: string;
  /** Milliseconds. */
  readonly expiresAt: number;
}

/** What an invitation's page shows. */
export interface InvitationFacts {
  readonly email: string | null;
  readonly name: string | null;
  readonly firstOperator: boolean;
  /** The organization that the person joins; null: none, or they already belong to it. */
  readonly organization: Pick<Organization, 'id' | 'name'> | null;
  /** 'own': the person has a password and joins with it; 'new': the person chooses one. */
  readonly password: 'new' | 'own';
}

export interface Redemption {
  /** Only for the first operator. */
  readonly email?: string | undefined;
  readonly name?: string | undefined;
  readonly password: string;
  /** `Tokens.deviceToken` of an earlier sign-in. */
  readonly deviceToken?: string | undefined;
}

/** One-time links: to become the first operator, to join an organization, to set a new password. */
export class Invitations {
  readonly #parts: AccessParts;
  readonly #passwords: Passwords;
  readonly #sessions: Sessions;

  constructor(parts: AccessParts, passwords: Passwords, sessions: Sessions) {
    this.#parts = parts;
    this.#passwords = passwords;
    this.#sessions = sessions;
  }

  /**
   * @param organizationId null: authorized by the machine or an operator, so that it sets a new password in
   * any case
   */
  async make(
    by: Actor,
    personId: string,
    organizationId: string | null,
    client: Client,
  ): Promise<InvitationLink> {
    const detail = { person: personId };
    const event = eventOf(by, client, this.#parts.clock(), 'invitation_made', { organizationId, detail });
    return this.#put({ personId, organizationId }, WEEK_MS, event);
  }

  /**
   * A token, valid for a day, with which anybody can become the first operator. Voids earlier ones. null:
   * there is an operator.
   */
  async firstOperatorToken(): Promise<string | null> {
    if (await this.#parts.store.hasOperator()) return null;
    const event = eventOf(LOCAL, NO_CLIENT, this.#parts.clock(), 'invitation_made', {
      detail: { firstOperator: true },
    });
    return (await this.#put({ personId: null, organizationId: null }, DAY_MS, event)).token;
  }

  /** For deployments without a terminal. Does nothing if there is an operator. */
  async seedOperator(input: { readonly email: string; readonly password: string }): Promise<void> {
    if (await this.#parts.store.hasOperator()) return;
    const { token } = await this.#put({ personId: null, organizationId: null }, DAY_MS, null);
    try {
      await this.#use(token, await this.#find(token), input, LOCAL, NO_CLIENT);
    } catch (error) {
      // Another instance has just done the same.
      if (!(error instanceof AccessError && error.code === 'invalid_invitation')) throw error;
    }
  }

  /** @throws {AccessError} invalid_invitation */
  async inspect(token: string): Promise<InvitationFacts> {
    const { person, joins, organizationId } = await this.#find(token);
    const enters = joins || person?.passwordHash === null;
    const organization =
      organizationId === null || !enters ? null : await this.#parts.store.organization(organizationId);
    return {
      email: person?.email ?? null,
      name: person?.name ?? null,
      firstOperator: person === null,
      organization: organization === null ? null : { id: organization.id, name: organization.name },
      password: joins ? 'own' : 'new',
    };
  }

  /**
   * Accepts the invitation and signs in.
   * @throws {AccessError} invalid_invitation, invalid_email, invalid_password, invalid_value; with the
   * person's own password, the errors of signing in
   */
  async redeem(token: string, input: Redemption, client: Client): Promise<SignedIn> {
    const found = await this.#find(token);
    const person = await this.#use(token, found, input, ANONYMOUS_PRINCIPAL, client);
    return this.#sessions.open(person, found.organizationId, client);
  }

  async #use(
    token: string,
    found: ValidInvitation,
    input: Redemption,
    by: Actor,
    client: Client,
  ): Promise<Person> {
    const { person, joins, organizationId } = found;
    const name = input.name === undefined ? null : parseName(input.name);
    const operator = person === null ? { id: newId('psn'), email: normaliseEmail(input.email ?? '') } : null;
    if (joins && person !== null) {
      const { email } = person;
      const deviceToken = input.deviceToken ?? null;
      await this.#passwords.check(
        { email, person, organizationId, during: 'invitation', deviceToken },
        input.password,
        client,
      );
    }
    const passwordHash = joins ? null : await this.#passwords.hash(input.password);
    const { store, clock } = this.#parts;
    const now = clock();
    const kind = useOf(found);
    const redeemed = await store.redeemInvitation(
      {
        secretHash: hashSecret(token),
        now,
        previousPasswordHash: person?.passwordHash ?? null,
        passwordHash,
        // A person who joins with their own password keeps their name.
        name: joins ? null : name,
        operator,
      },
      ({ id }) => ({ ...eventOf(by, client, now, kind, { organizationId }), personId: id }),
    );
    if (redeemed === null) throw invalid();
    return redeemed;
  }

  async #find(token: string): Promise<ValidInvitation> {
    const { store, clock } = this.#parts;
    const invitation = isSecret(token) ? await store.invitation(hashSecret(token), clock()) : null;
    if (invitation === null) throw invalid();
    const { personId, organizationId } = invitation;
    if (personId === null) return { person: null, joins: false, organizationId: null };
    const person = await store.person(personId);
    if (person === null || person.disabledAt !== null) throw invalid();
    if (person.passwordHash === null || organizationId === null)
      return { person, joins: false, organizationId };
    const memberships = await store.memberships(personId);
    return {
      person,
      joins: !memberships.some(({ organization }) => organization.id === organizationId),
      organizationId,
    };
  }

  async #put(
    whom: Pick<Invitation, 'personId' | 'organizationId'>,
    lifetimeMs: number,
    event: NewAccessEvent | null,
  ): Promise<InvitationLink> {
    const token = newSecret();
    const createdAt = this.#parts.clock();
    const expiresAt = createdAt + lifetimeMs;
    await this.#parts.store.replaceInvitation(
      { ...whom, secretHash: hashSecret(token), createdAt, expiresAt },
      event,
    );
    return { token, expiresAt };
  }
}

/** A valid invitation, and what it is for. */
interface ValidInvitation {
  /** null: for the first operator. */
  readonly person: Person | null;
  readonly organizationId: string | null;
  /** The person has a password and does not belong to the organization: the password proves who they are. */
  readonly joins: boolean;
}

function useOf({ person, joins }: ValidInvitation): EventKind {
  if (person === null) return 'operator_created';
  return joins || person.passwordHash === null ? 'invitation_accepted' : 'password_set';
}

function invalid(): AccessError {
  return new AccessError(
    'invalid_invitation',
    'the invitation has expired, has been used, or does not exist; ask for a new one',
  );
}
