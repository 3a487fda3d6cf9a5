import type { NewAccessEvent, Passkey, Person } from '../store/index.js';
import { eventOf } from './access-log.js';
import { type Attempt, type Attempts, PER_NETWORK, PER_SOURCE, type Throttles } from './attempts.js';
import type { Challenges } from './challenges.js';
import { AccessError, type AccessParts, type Client } from './context.js';
import type { Passwords } from './passwords.js';
import type { UserPrincipal } from './policy.js';
import { mustUsePasskey, onlyMembership, passkeyNeeded, type Sessions, type SignedIn } from './sessions.js';
import { networkOf, newId, parseName } from './values.js';
import {
  type Assertion,
  type PasskeyPlace,
  readAssertion,
  readRegistration,
  type Registration,
} from './webauthn.js';

/** Nobody has so many devices. */
const MAX_PASSKEYS = 20;
const SIGN_IN = 'passkey';

/** A passkey's answer to a challenge, and the page that asked for it. */
export interface PasskeyAnswer {
  readonly assertion: Assertion;
  readonly place: PasskeyPlace;
  /** `Tokens.deviceToken` of earlier sign-ins. */
  readonly deviceTokens: readonly string[];
}

/** How the person who is signed in shows that it is still they who use the session. */
export type FreshProof = { readonly password: string } | { readonly passkey: PasskeyAnswer };

export interface NewPasskey {
  readonly name: string;
  readonly registration: Registration;
  readonly place: PasskeyPlace;
}

/** What a page passes to the browser to make a passkey. */
export interface PasskeyRequest {
  /** In base64url. */
  readonly challenge: string;
  readonly userId: Uint8Array;
  readonly email: string;
  readonly name: string;
  /** Credential ids of passkeys that the person has: a device has one of each person. */
  readonly known: readonly Uint8Array[];
}

interface Proven {
  readonly person: Person;
  readonly passkey: Passkey;
}

/**
 * Passkeys: signing in with one, and a person's own. An authenticator verifies its user each time, so one is as good
 * as a password and a second factor together.
 */
export class Passkeys {
  readonly #parts: AccessParts;
  readonly #passwords: Passwords;
  readonly #attempts: Attempts;
  readonly #sessions: Sessions;
  readonly #challenges: Challenges;

  constructor(parts: AccessParts, { passwords, attempts, sessions, challenges }: PasskeyParts) {
    this.#parts = parts;
    this.#passwords = passwords;
    this.#attempts = attempts;
    this.#sessions = sessions;
    this.#challenges = challenges;
  }

  /** For a passkey of anybody: it tells nothing about who has one. */
  challenge(): string {
    return this.#challenges.issue(SIGN_IN);
  }

  /** @throws {AccessError} invalid_passkey, sign_in_blocked, forbidden, organization_not_found */
  async signIn(answer: PasskeyAnswer, organizationId: string | null, client: Client): Promise<SignedIn> {
    const { person, passkey } = await this.#prove(answer, 'sign_in', client);
    return this.#sessions.open(person, organizationId, true, client, { passkey: passkey.name });
  }

  /**
   * Whose passkey it is. Each answer works once.
   * @throws {AccessError} invalid_passkey, sign_in_blocked
   */
  async personOf(answer: PasskeyAnswer, during: Attempt['during'], client: Client): Promise<Person> {
    return (await this.#prove(answer, during, client)).person;
  }

  /** Oldest first. */
  async list(principal: UserPrincipal): Promise<{ passkeys: readonly Passkey[]; needed: boolean }> {
    const { id, needsPasskey: needed } = await this.#ownPerson(principal);
    return { passkeys: await this.#parts.store.passkeys(id), needed };
  }

  /** @throws {AccessError} forbidden: the person has no account here; the errors of the proof */
  async request(
    principal: UserPrincipal,
    { rpId }: PasskeyPlace,
    proof: FreshProof,
    client: Client,
  ): Promise<PasskeyRequest> {
    const person = await this.#ownPerson(principal);
    await this.#assertFresh(principal, person, proof, client);
    const { id, email, name } = person;
    const own = await this.#parts.store.passkeys(id);
    return {
      challenge: this.#challenges.issue(addingIn(principal)),
      userId: new Uint8Array(Buffer.from(id)),
      email,
      name,
      known: own.filter((each) => each.rpId === rpId).map(({ credentialId }) => credentialId),
    };
  }

  /**
   * Adds what the browser has made of a `PasskeyRequest` of this session.
   * @throws {AccessError} invalid_passkey, invalid_value: also with too many; forbidden
   */
  async add(principal: UserPrincipal, input: NewPasskey, client: Client): Promise<Passkey> {
    const person = await this.#ownPerson(principal);
    const name = parseName(input.name);
    const { place, registration } = input;
    const read = readRegistration(registration, place);
    const challenge = this.#challenges.read(addingIn(principal), read.challenge);
    if (challenge === null) throw unknownChallenge();
    const { credentialId, publicKey, counter } = read;
    const passkey = {
      ...{ id: newId('pky'), personId: person.id, name, rpId: place.rpId },
      ...{ credentialId, publicKey, counter, createdAt: this.#parts.clock() },
    };
    const outcome = await this.#parts.store.addPasskey(
      passkey,
      {
        ...{ challenge, passwordHash: person.passwordHash, most: MAX_PASSKEYS },
        sessionId: principal.sessionId ?? '',
      },
      this.#eventOf(principal, 'passkey_added', { passkey: name }, client),
    );
    if (outcome === 'full') {
      throw new AccessError(
        'invalid_value',
        `a person has at most ${MAX_PASSKEYS} passkeys; remove one first`,
      );
    }
    if (outcome === 'refused') throw unknownChallenge();
    return { ...passkey, lastUsedAt: null };
  }

  /** @throws {AccessError} passkey_not_found, invalid_value */
  async rename(principal: UserPrincipal, id: string, name: string, client: Client): Promise<void> {
    const { personId } = principal;
    const changed = { personId, id, name: parseName(name) };
    const event = this.#eventOf(principal, 'passkey_renamed', { passkey: changed.name }, client);
    if (!(await this.#parts.store.renamePasskey(changed, event))) throw notFound();
  }

  /**
   * With the last one, the password alone signs in again.
   * @throws {AccessError} passkey_not_found, forbidden; passkey_required: it is the last one, and an organization of the
   * person requires one; the errors of the proof
   */
  async remove(principal: UserPrincipal, id: string, proof: FreshProof, client: Client): Promise<void> {
    const person = await this.#ownPerson(principal);
    const passkey = (await this.#parts.store.passkeys(person.id)).find((each) => each.id === id);
    if (passkey === undefined) throw notFound();
    await this.#assertFresh(principal, person, proof, client);
    const event = this.#eventOf(principal, 'passkey_removed', { passkey: passkey.name }, client);
    const removed = await this.#parts.store.removePasskey({ personId: person.id, id }, event);
    if (removed === 'required') {
      throw new AccessError(
        'passkey_required',
        'an organization of yours requires a passkey; add another one before you remove the last',
      );
    }
    if (!removed) throw notFound();
  }

  /**
   * Whether signing in takes a passkey from now on, and the password alone is not enough.
   * @throws {AccessError} passkey_not_found: the person has none; forbidden; the errors of the proof
   */
  async setNeeded(
    principal: UserPrincipal,
    needed: boolean,
    proof: FreshProof,
    client: Client,
  ): Promise<void> {
    const person = await this.#ownPerson(principal);
    await this.#assertFresh(principal, person, proof, client);
    const event = this.#eventOf(principal, 'passkey_need_changed', { needed }, client);
    if (!(await this.#parts.store.setPasskeyNeeded(person.id, needed, event))) throw notFound();
  }

  async #ownPerson({ personId, sessionId }: UserPrincipal): Promise<Person> {
    const person = sessionId === null ? null : await this.#parts.store.person(personId);
    if (person !== null) return person;
    throw new AccessError('forbidden', 'you sign in at your identity provider, and have no passkeys here');
  }

  /** A stolen session must not become a passkey of the thief, or take away the owner's. */
  async #assertFresh(
    principal: UserPrincipal,
    person: Person,
    proof: FreshProof,
    client: Client,
  ): Promise<void> {
    const during = 'passkey_change';
    if ('passkey' in proof) {
      const proven = await this.personOf(proof.passkey, during, client);
      if (proven.id !== person.id) {
        throw new AccessError('invalid_passkey', 'this passkey belongs to another account');
      }
      return;
    }
    // Otherwise whoever has the password alone could add a passkey of their own.
    const memberships = await this.#parts.store.memberships(person.id);
    if (!principal.withPasskey && (await mustUsePasskey(this.#parts.store, person, memberships))) {
      throw passkeyNeeded();
    }
    const deviceTokens = [this.#passwords.deviceToken(principal.sessionId ?? '', person.id)];
    const organizationId = principal.organization?.id ?? null;
    const attempt = { email: person.email, person, organizationId, during, deviceTokens } as const;
    await this.#passwords.check(attempt, proof.password, client);
  }

  async #prove(
    { assertion, place, deviceTokens }: PasskeyAnswer,
    during: Attempt['during'],
    client: Client,
  ): Promise<Proven> {
    const { store } = this.#parts;
    const found = await store.passkeyBy(assertion.credentialId);
    const person = found?.person ?? null;
    const organizationId = person === null ? null : await onlyMembership(store, person.id);
    const attempt = { person, organizationId, during };
    const device = person === null ? null : this.#passwords.deviceOf(deviceTokens, person.id);
    const throttles: Throttles = [
      device === null
        ? { key: `passkey:network:${networkOf(client.address)}`, rule: PER_NETWORK }
        : { key: `passkey:device:${device}`, rule: PER_SOURCE },
    ];
    await this.#attempts.assertAllowed(throttles, attempt, client);
    try {
      return await this.#check(found, assertion, place);
    } catch (error) {
      if (error instanceof AccessError) {
        const reason = error instanceof CopiedPasskeyError ? 'copied_passkey' : 'passkey';
        await this.#attempts.failed(throttles, attempt, client, { reason });
      }
      throw error;
    }
  }

  async #check(found: Proven | null, assertion: Assertion, place: PasskeyPlace): Promise<Proven> {
    const read = readAssertion(assertion, place);
    const challenge = this.#challenges.read(SIGN_IN, read.challenge);
    if (challenge === null) throw unknownChallenge();
    const isValid =
      found !== null &&
      found.person.disabledAt === null &&
      found.passkey.rpId === place.rpId &&
      Buffer.from(found.person.id).equals(assertion.userHandle) &&
      read.isSignedBy(found.passkey.publicKey);
    // Not which of them: who has an account here is not for strangers to know.
    if (!isValid) throw unknownPasskey();
    const { store, clock } = this.#parts;
    const { id } = found.passkey;
    const outcome = await store.usePasskey({ id, counter: read.counter, challenge, now: clock() });
    switch (outcome) {
      case 'used':
        return found;
      case 'spent':
        throw unknownChallenge();
      case 'absent':
        throw unknownPasskey();
      case 'behind':
        throw new CopiedPasskeyError(
          'invalid_passkey',
          'this passkey was used elsewhere since, so there may be a copy of it; remove it and add a new one',
        );
    }
  }

  #eventOf(
    principal: UserPrincipal,
    kind: 'passkey_added' | 'passkey_renamed' | 'passkey_removed' | 'passkey_need_changed',
    detail: NewAccessEvent['detail'],
    client: Client,
  ): NewAccessEvent {
    return eventOf(principal, client, this.#parts.clock(), kind, { detail });
  }
}

interface PasskeyParts {
  readonly passwords: Passwords;
  readonly attempts: Attempts;
  readonly sessions: Sessions;
  readonly challenges: Challenges;
}

/** Its counter has not grown. */
class CopiedPasskeyError extends AccessError {}

/** Only the session that asked for a new passkey, with a fresh proof, can add it. */
function addingIn({ sessionId }: UserPrincipal): string {
  return `add passkey ${sessionId ?? ''}`;
}

function unknownPasskey(): AccessError {
  return new AccessError('invalid_passkey', 'this passkey signs nobody in here, or was removed');
}

function unknownChallenge(): AccessError {
  return new AccessError('invalid_passkey', 'the page waited too long for the passkey; try again');
}

function notFound(): AccessError {
  return new AccessError('passkey_not_found', 'you have no such passkey');
}
