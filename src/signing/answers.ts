import { createHash } from 'node:crypto';
import { ANONYMOUS_PRINCIPAL, type Client } from '../auth/index.js';
import { NODE_VERIFIERS } from '../crypto/primitives.js';
import type { AcceptedEvent } from '../intake/index.js';
import {
  claimDigest,
  equal,
  eventDigest,
  type JsonObject,
  parseEvent,
  ProofError,
  RecordRefusal,
  signersOf,
  toHex,
  verifyEventSignatures,
  verifyKeyOffer,
  withBody,
} from '../proof/index.js';
import type {
  EventKind,
  NewAccessEvent,
  OrderedMail,
  SigningChange,
  SigningRequest,
} from '../store/index.js';
import { type Asked, Links, maySeeDocument } from './asked.js';
import { SigningError } from './errors.js';
import { parseMailAddress } from './address.js';
import {
  ANSWERS,
  assertOpen,
  changedMeanwhile,
  closed,
  type Link,
  notReady,
  type Requests,
  tooMany,
} from './requests.js';
import { isOpen, sequenceOfAnswer } from './status.js';

/** How often one request can be passed on: each link holder names an address that gets an e-mail. */
const MOST_PASSED_ON = 4;
/** How often whoever holds a link can change the request: each time is an event in the organization's access log. */
const MOST_CHANGES = 50;

/** What whoever holds a link answers. */
export class Answers {
  readonly #requests: Requests;
  readonly #links: Links;

  constructor(requests: Requests) {
    this.#requests = requests;
    this.#links = new Links(requests);
  }

  /**
   * What the link opens. The first look is noted.
   * @throws {SigningError} invalid_signing_link
   */
  async open(token: string, client: Client): Promise<Asked> {
    const asked = await this.#links.read(token);
    const { request } = asked;
    await this.#remember(asked);
    if (request.openedAt !== null || !isOpen(asked.status)) return asked;
    await this.#requests.parts.store.changeSigningRequest({
      id: request.id,
      expected: { openedAt: null },
      changes: { openedAt: this.#requests.now() },
      event: this.#event(asked, client, 'signing_opened'),
      mails: [],
    });
    return this.#links.read(token);
  }

  /** The state of a work shows a licence until many others have followed: then the event is known by its sequence. */
  async #remember({ request, subject }: Asked): Promise<void> {
    const sequence = sequenceOfAnswer(request, subject?.record?.state ?? null);
    if (sequence === null || sequence < 0 || request.answered !== null) return;
    await this.#requests.parts.store.changeSigningRequest({
      ...{ id: request.id, expected: { answered: null, key: request.key } },
      ...{ changes: { answered: sequence }, event: null, mails: [] },
    });
  }

  /**
   * A change by whoever holds the link, which counts.
   * @throws {SigningError} signing_request_closed
   */
  async #change({ changes: before }: SigningRequest, change: SigningChange): Promise<boolean> {
    if (before >= MOST_CHANGES) {
      throw new SigningError(
        'signing_request_closed',
        'under this link too much was changed: ask for a new request',
      );
    }
    const changes = { ...change.changes, changes: before + 1 };
    return this.#requests.parts.store.changeSigningRequest({ ...change, changes });
  }

  /**
   * Takes the person's key; another one as long as no contract and no offer names it.
   * @param offer the note of the offer, signed with the key
   * @throws {SigningError} invalid_signing_link, signing_request_closed, invalid_key_offer
   */
  async giveKey(token: string, key: string, offer: string, client: Client): Promise<Asked> {
    const asked = await this.#links.read(token);
    assertOpen(asked);
    const { request } = asked;
    if (asked.party !== null || (asked.subject?.offer ?? null) !== null) {
      throw new SigningError(
        'signing_request_closed',
        asked.party === null
          ? 'the offer names your key already: ask for another offer'
          : 'the contract names your key already: ask for another contract',
      );
    }
    const { origin } = this.#requests.parts.records;
    const document = this.#requests.subject(request);
    try {
      verifyKeyOffer(offer, { origin, request: request.id, document }, key, NODE_VERIFIERS);
    } catch (error) {
      if (!(error instanceof ProofError || error instanceof RecordRefusal)) throw error;
      throw new SigningError('invalid_key_offer', `the key is not accepted: ${error.message}`, {
        cause: error,
      });
    }
    const now = this.#requests.now();
    const mails = await this.#afterKey(request);
    const done = await this.#change(request, {
      id: request.id,
      expected: { ended: null, record: request.record, key: request.key },
      changes: { key, keyGivenAt: now, openedAt: request.openedAt ?? now, handover: null },
      // The audit compares it with the row: whoever changed that could sign in the person's place.
      event: this.#event(asked, client, 'signing_key_given', {
        key: createHash('sha256').update(key).digest('hex'),
      }),
      mails,
    });
    if (!done) throw changedMeanwhile();
    this.#requests.ordered(mails);
    return this.#links.read(token);
  }

  /**
   * The person hears of an offer or a licence for the key when it comes. Whoever has passed the request on signs next.
   * Once: keys can be given again and again.
   */
  async #afterKey(request: SigningRequest): Promise<readonly OrderedMail[]> {
    const { kind, predecessor, predecessorKey, key } = request;
    if ((kind === 'transfer' || kind === 'licence') && key === null)
      return this.#requests.mailIfAllowed(request, 'sign');
    if (predecessor === null || predecessorKey === null || key !== null) return [];
    const before = await this.#requests.parts.store.signingRequest(predecessor);
    return before === null ? [] : this.#requests.mailIfAllowed(before, 'hand_over');
  }

  /**
   * Declines before a contract names the key, or what is no contract: the rules have no event for it then.
   * @throws {SigningError} invalid_signing_link, signing_request_closed, signing_not_ready
   */
  async decline(token: string, reason: string | null, client: Client): Promise<Asked> {
    const asked = await this.#links.read(token);
    assertOpen(asked);
    if (asked.party !== null) throw notReady('the contract names your key: decline with a signed event');
    const { request } = asked;
    const done = await this.#requests.parts.store.changeSigningRequest({
      id: request.id,
      expected: { ended: null, key: request.key },
      changes: { ended: 'declined', endedAt: this.#requests.now(), reason },
      event: this.#event(asked, client, 'signing_answered', { answer: 'declined' }),
      mails: [],
    });
    if (!done) throw changedMeanwhile();
    return this.#links.read(token);
  }

  /**
   * Passes the request on to somebody else, who gets a link of their own. Before a contract names the key, this ends
   * the request. After that the contract changes only by an event that both keys sign: until then the person can
   * still sign.
   * @returns `link`: null when it is sent by e-mail, so that only the person who was named gets it
   * @throws {SigningError} invalid_signing_link, signing_request_closed, signing_not_ready, invalid_mail_address
   */
  async delegate(
    token: string,
    to: { readonly name: string; readonly email: string | null },
    client: Client,
  ): Promise<{ readonly asked: Asked; readonly link: Link | null }> {
    const asked = await this.#links.read(token);
    assertOpen(asked);
    const { request, party, successor } = asked;
    if (request.kind !== 'contract') {
      throw notReady(
        'only a place in a contract is passed on: decline, and the organization can ask somebody else',
      );
    }
    if (successor !== null) {
      throw new SigningError('signing_request_closed', 'somebody else has been named already');
    }
    if (party === null && request.predecessorKey !== null) {
      throw notReady(
        'you have not taken the place yet: decline, and the one who named you can name somebody else',
      );
    }
    await this.#assertMayPassOn(request);
    const now = this.#requests.now();
    const next = this.#requests.make({
      ...request,
      name: to.name,
      email: to.email === null ? null : parseMailAddress(to.email),
      predecessor: request.id,
      predecessorKey: party === null ? null : request.key,
      record: party === null ? null : request.record,
    });
    const mails = await this.#requests.mailFor(next, 'invite');
    const named = next.record === null ? {} : { record: toHex(next.record) };
    const added = await this.#requests.parts.store.addSigningRequest(
      next,
      mails,
      this.#event({ ...asked, request: next }, client, 'signing_requested', named),
      {
        id: request.id,
        expected: { ended: null, key: request.key, record: request.record },
        changes:
          party === null ? { ended: 'delegated', endedAt: now } : { openedAt: request.openedAt ?? now },
        event: this.#event(asked, client, 'signing_delegated', { to: next.id }),
        mails: [],
      },
    );
    if (added === 'too_many') throw tooMany();
    if (added === 'changed') throw changedMeanwhile();
    this.#requests.ordered(mails);
    const link = mails.length === 0 ? this.#requests.link(next, mails) : null;
    return { asked: await this.#links.read(token), link };
  }

  /**
   * Takes an event that the person has signed: of the contract their signature, their refusal, a condition that they
   * fulfil; of an item or a work that they accept it; or the claim of a work. Of `contract.delegate` the person signs
   * first, and the note is kept for the one who follows; that one adds the other signature.
   * @returns `accepted`: null when the note is kept
   * @throws {SigningError} invalid_signing_link, signing_request_closed, signing_not_ready, event_not_asked
   * @throws what `EventIntake.accept` throws
   */
  async answer(
    token: string,
    sent: { readonly note: string; readonly body: JsonObject },
    client: Client,
  ): Promise<{ readonly asked: Asked; readonly accepted: AcceptedEvent | null }> {
    const asked = await this.#links.read(token);
    const { request, contract, status } = asked;
    // A lost answer is asked for again.
    if (!isOpen(status) && status !== 'signed' && status !== 'declined') throw closed(status);
    if (request.key === null) throw notReady('give a key first');
    if (request.kind !== 'contract') {
      const accepted = await this.#take({ ...asked, key: request.key }, sent, client);
      return { asked: await this.#links.read(token), accepted };
    }
    if (contract === null) throw notReady('the contract does not exist yet');
    const { note, event: head } = parseEvent(sent.note);
    const event = withBody(head, sent.body);
    if (event.record === null || !equal(event.record, contract.id)) {
      throw new RecordRefusal('wrong_record', 'the event is of another record than the one to sign');
    }
    const isDelegation = event.type === 'contract.delegate';
    if (!isDelegation && !ANSWERS.contract.has(event.type)) {
      throw new SigningError('event_not_asked', `with this link nobody submits ${event.type}`);
    }
    const signers = signersOf(contract.state, event);
    const isFirst = isDelegation && signers[0] === request.key;
    const isSecond = isDelegation && signers[0] === request.predecessorKey && signers[1] === request.key;
    if (isFirst) {
      const { successor } = asked;
      if (successor === null || successor.key === null || signers[1] !== successor.key) {
        throw notReady('name the key that the other person has given');
      }
      verifyEventSignatures(note, [request.key], NODE_VERIFIERS);
      const mails = await this.#requests.mailIfAllowed(successor, 'take_over', 'ended');
      const done = await this.#change(successor, {
        id: successor.id,
        expected: { ended: null, key: successor.key },
        changes: { handover: JSON.stringify(sent) },
        event: this.#event(asked, client, 'signing_delegated', { to: successor.id }),
        mails,
      });
      if (!done) throw changedMeanwhile();
      this.#requests.ordered(mails);
      return { asked: await this.#links.read(token), accepted: null };
    }
    if (!isSecond && signers.some((key) => key !== request.key)) {
      throw new SigningError(
        'event_not_asked',
        'the event is not signed with the key that this request is for',
      );
    }
    const accepted = await this.#accept(asked, sent, contract.id);
    const after = await this.#links.read(token);
    // Whoever has taken a place signs now, or is told when it is their turn.
    const mails =
      isSecond && after.contract?.turn === false ? await this.#requests.mailIfAllowed(request, 'sign') : [];
    // It is in the chain by now, and must be answered with that. A replay says nothing new to the access log.
    if (request.changes < MOST_CHANGES || isSecond || mails.length > 0) {
      await this.#requests.parts.store.changeSigningRequest({
        id: request.id,
        expected: {},
        changes: {
          changes: request.changes + 1,
          ...(isSecond ? { handover: null } : { openedAt: request.openedAt ?? this.#requests.now() }),
        },
        event: this.#answered(asked, event.type, contract.id, client),
        mails,
      });
    }
    this.#requests.ordered(mails);
    return { asked: isSecond ? await this.#links.read(token) : after, accepted };
  }

  /**
   * Takes the event with which the person accepts an item or a work, or claims a work.
   * @throws as `answer` does
   */
  async #take(
    asked: Asked & { readonly key: string },
    sent: { readonly note: string; readonly body: JsonObject },
    client: Client,
  ): Promise<AcceptedEvent> {
    const { request, status, subject, key } = asked;
    const { event: head } = parseEvent(sent.note);
    const event = withBody(head, sent.body);
    if (request.kind === 'licence' || !ANSWERS[request.kind].has(event.type))
      throw new SigningError('event_not_asked', `with this link nobody submits ${event.type}`);
    const id = request.kind === 'claim' ? eventDigest(sent.note) : request.record;
    if (request.kind === 'claim') {
      const { nonce: _nonce, holder, ...stated } = event.body;
      if (holder !== key || !equal(claimDigest(stated), this.#requests.subject(request)))
        throw new SigningError('event_not_asked', 'the claim is not the one that this request is for');
      if (status === 'signed' && !(request.record !== null && id !== null && equal(request.record, id)))
        throw closed(status);
    } else if (event.record === null || id === null || !equal(event.record, id)) {
      throw new RecordRefusal('wrong_record', 'the event is of another record than the one to accept');
    } else if (status === 'to_sign') {
      const state = subject?.record?.state ?? null;
      if (signersOf(state, event).some((signer) => signer !== key))
        throw new SigningError(
          'event_not_asked',
          'the event is not signed with the key that this request is for',
        );
    } else if (status !== 'signed')
      throw isOpen(status) ? notReady('nothing is offered to your key yet') : closed(status);
    if (id === null) throw notReady('there is no record');
    if (request.kind === 'claim' && status !== 'signed') {
      // First the id: if this process ends after the work is claimed, the request knows that it is.
      const done = await this.#change(request, {
        id: request.id,
        expected: { ended: null, key, record: request.record },
        changes: { record: id, answered: 0 },
        event: this.#event(asked, client, 'signing_record_named', { record: toHex(id) }),
        mails: [],
      });
      if (!done) throw changedMeanwhile();
    }
    const accepted = await this.#accept(asked, sent, request.kind === 'claim' ? 'new' : id);
    if (!accepted.accepted.replayed || request.answered === null) {
      await this.#requests.parts.store.changeSigningRequest({
        id: request.id,
        expected: { key },
        changes: { answered: accepted.sequence },
        event: this.#answered(asked, event.type, id, client),
        mails: [],
      });
    }
    return accepted;
  }

  #accept(
    { request, organization }: Asked,
    sent: { readonly note: string; readonly body: JsonObject },
    record: Uint8Array | 'new',
  ): Promise<AcceptedEvent> {
    return this.#requests.parts.events.accept({
      ...sent,
      record,
      submitter: {
        organizationId: organization.id,
        organizationNumber: organization.number,
        actor: `request:${request.id}`,
      },
      // The same note again, after a lost answer.
      idempotencyKey: `signing-${createHash('sha256').update(sent.note).digest('hex')}`,
      quota: null,
    });
  }

  #answered(asked: Asked, answer: string, record: Uint8Array, client: Client): NewAccessEvent {
    return this.#event(asked, client, 'signing_answered', { answer, record: toHex(record) });
  }

  /** By whoever holds the link. */
  #event(
    { request, organization }: Pick<Asked, 'request' | 'organization'>,
    client: Client,
    kind: EventKind,
    detail: NewAccessEvent['detail'] = {},
  ): NewAccessEvent {
    return this.#requests.event(ANONYMOUS_PRINCIPAL, client, kind, organization.id, request.id, detail);
  }

  /**
   * The record whose history whoever holds the link may have: once it names their key.
   * @throws {SigningError} invalid_signing_link, signing_not_ready
   */
  async recordOf(token: string): Promise<{ readonly id: Uint8Array; readonly key: string }> {
    const { request, status, contract, party, subject } = await this.#links.read(token);
    const isNamed =
      party !== null ||
      status === 'signed' ||
      status === 'granted' ||
      (subject?.offer !== undefined && subject.offer !== null);
    const id = contract?.id ?? subject?.record?.id;
    if (request.key === null || id === undefined || !isNamed) throw notReady('no record names your key');
    return { id, key: request.key };
  }

  /**
   * The document that whoever holds the link is asked about, as long as they can sign it or have signed it.
   * @throws {SigningError} invalid_signing_link, signing_request_closed
   */
  async documentOf(token: string): Promise<Asked> {
    const asked = await this.#links.read(token);
    if (!maySeeDocument(asked)) throw closed(asked.status);
    return asked;
  }

  /** @throws {SigningError} signing_request_closed when it has been passed on too often */
  async #assertMayPassOn(request: SigningRequest): Promise<void> {
    let times = 0;
    for (let { predecessor } = request; predecessor !== null; times++) {
      predecessor = (await this.#requests.parts.store.signingRequest(predecessor))?.predecessor ?? null;
    }
    if (times >= MOST_PASSED_ON) {
      throw new SigningError(
        'signing_request_closed',
        'this request has been passed on too often: ask the organization to invite the person itself',
      );
    }
  }
}
