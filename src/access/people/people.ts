import type { Person } from '../../store/index.js';
import { assertMay } from '../authority.js';
import type { Client } from '../client.js';
import { normaliseEmail } from './email.js';
import { AccessError } from '../errors.js';
import { eventOf } from '../events.js';
import type { InvitationLink, Invitations } from './invitations.js';
import type { AccessParts } from '../parts.js';
import type { Actor, Local } from '../principal.js';
import { isId, newId } from '../secrets.js';

export interface ChangedOperator {
  readonly person: Person;
  /** null: they have a password, or are no operator any more. */
  readonly invitation: InvitationLink | null;
}

/** What concerns a person whatever account they are in. */
export class People {
  readonly #parts: AccessParts;
  readonly #invitations: Invitations;

  constructor(parts: AccessParts, invitations: Invitations) {
    this.#parts = parts;
    this.#invitations = invitations;
  }

  /** By e-mail. */
  async operators(by: Actor): Promise<Person[]> {
    assertMay(by, 'accounts');
    return this.#parts.store.operators();
  }

  /**
   * Makes somebody an operator, or ends that. Whose e-mail address is new here gets an invitation; of one that is known, whoever came
   * under it first becomes the operator: to know who that is, is the caller's part.
   * @param who person id or e-mail address
   * @throws {AccessError} user_not_found, last_operator, invalid_email
   */
  async setOperator(by: Actor, who: string, on: boolean, client: Client): Promise<ChangedOperator> {
    assertMay(by, 'accounts');
    const person = await (on && !isId('psn', who) ? this.#obtain(who) : this.#find(who));
    const changed = await this.#update(
      by,
      person,
      { operator: on },
      'operator_changed',
      { operator: on },
      client,
    );
    const invited = on && changed.passwordHash === null;
    return {
      person: changed,
      invitation: invited ? await this.#invitations.make(by, person.id, null, client) : null,
    };
  }

  /** A disabled person's sessions end, and none begins. */
  async setDisabled(by: Actor, who: string, disabled: boolean, client: Client): Promise<Person> {
    assertMay(by, 'accounts');
    const change = { disabledAt: disabled ? this.#parts.clock() : null };
    const kind = disabled ? 'person_disabled' : 'person_enabled';
    return this.#update(by, await this.#find(who), change, kind, {}, client);
  }

  /** A link that sets a new password, whoever it is: only from the machine itself. */
  async resetPassword(by: Local, who: string, client: Client): Promise<InvitationLink> {
    return this.#invitations.make(by, (await this.#find(who)).id, null, client);
  }

  async #update(
    by: Actor,
    person: Person,
    change: { readonly operator?: boolean; readonly disabledAt?: number | null },
    kind: 'operator_changed' | 'person_disabled' | 'person_enabled',
    detail: { readonly operator?: boolean },
    client: Client,
  ): Promise<Person> {
    const event = eventOf(by, client, this.#parts.clock(), kind, {
      accountId: null,
      detail: { person: person.id, email: person.email, ...detail },
    });
    const changed = await this.#parts.store.updatePerson(person.id, change, event);
    if (changed === 'last_operator') {
      throw new AccessError('last_operator', 'the service keeps at least one operator');
    }
    if (changed === null) throw noPerson();
    return changed;
  }

  async #find(who: string): Promise<Person> {
    const { store } = this.#parts;
    const person = await (isId('psn', who) ? store.person(who) : store.personByEmail(normaliseEmail(who)));
    if (person === null) throw noPerson();
    return person;
  }

  async #obtain(email: string): Promise<Person> {
    const normalised = normaliseEmail(email);
    const { person } = await this.#parts.store.obtainPerson({
      id: newId('psn'),
      email: normalised,
      name: normalised,
      passwordHash: null,
      operator: false,
      createdAt: this.#parts.clock(),
    });
    return person;
  }
}

function noPerson(): AccessError {
  return new AccessError('user_not_found', 'there is no such person');
}
