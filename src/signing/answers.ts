import { createHash } from 'node:crypto';
import { ANONYMOUS_PRINCIPAL, type Client, hashSecret, isSecret } from '../auth/index.js';
import { NODE_VERIFIERS } from '../crypto/primitives.js';
import type { AcceptedEvent } from '../intake/index.js';
import {
  type ContractState,
  equal,
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
import type { AskedRequest, OrderedMail, SigningRequest } from '../store/index.js';
import { SigningError } from './errors.js';
import { parseMailAddress } from './mail-address.js';
import {
  assertOpen,
  changedMeanwhile,
  closed,
  type Link,
  notReady,
  type Requests,
  type ShownRequest,
  tooMany,
} from './requests.js';
import { isOpen, isTurnOf, placeIn, statusOf } from './status.js';

/** How often one request can be passed on: each link holder names an address that gets an e-mail. */
const MOST_PASSED_ON = 4;

/** A contract as the invited person sees it. */
export interface ShownContract {
  readonly id: Uint8Array;
  readonly sequence: number;
  readonly value: Uint8Array;
  readonly state: ContractState;
  /** As proposed or last amended; null: erased. */
  readonly terms: JsonObject | null;
  /** The index of the person's key; null: the contract does not name it. */
  readonly party: number | null;
  /** The index of the key that this one takes the place of, as long as it has not. */
  readonly replaces: number | null;
  /** Whether the party can sign now. */
  readonly turn: boolean;
}

/** What whoever holds the link sees. */
export interface Asked extends ShownRequest {
  readonly organization: AskedRequest['organization'];
  readonly contract: ShownContract | null;
  /** Who was asked instead; null: nobody. */
  readonly successor: SigningRequest | null;
}

/** Whether whoever holds the link may see the document itself, if the organization keeps it. */
export function maySeeDocument({ status }: Pick<Asked, 'status'>): boolean {
  return isOpen(status) || status === 'signed';
}

/** What whoever holds a link reads, and answers. */
export class Answers {
  readonly #requests: Requests;

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  /**
   * What the link opens. The first look is noted.
   * @throws {SigningError} invalid_signing_link
   */
  async open(token: string, client: Client): Promise<Asked> {
    const found = await this.#opened(token);
    const { request, organization } = found;
    if (request.openedAt !== null || !isOpen((await this.#asked(found)).status)) return this.#asked(found);
    await this.#requests.parts.store.changeSigningRequest({
      id: request.id,
      expected: { openedAt: null },
      changes: { openedAt: this.#requests.now() },
      event: this.#requests.event(ANONYMOUS_PRINCIPAL, client, 'signing_opened', organization.id, request.id),
      mails: [],
    });
    return this.#asked(await this.#opened(token));
  }

  /**
   * Takes the person's key; another one as long as no contract names it.
   * @param offer the note of the offer, signed with the key
   * @throws {SigningError} invalid_signing_link, signing_request_closed, invalid_key_offer
   */
  async giveKey(token: string, key: string, offer: string, client: Client): Promise<Asked> {
    const asked = await this.#asked(await this.#opened(token));
    assertOpen(asked);
    const { request, organization } = asked;
    if (asked.party !== null) {
      throw new SigningError(
        'signing_request_closed',
        'the contract names your key already: ask for another contract',
      );
    }
    const { origin } = this.#requests.parts.records;
    try {
      verifyKeyOffer(offer, { origin, request: request.id, document: request.document }, key, NODE_VERIFIERS);
    } catch (error) {
      if (!(error instanceof ProofError || error instanceof RecordRefusal)) throw error;
      throw new SigningError('invalid_key_offer', `the key is not accepted: ${error.message}`, {
        cause: error,
      });
    }
    const now = this.#requests.now();
    const mails = await this.#toPredecessor(request);
    const done = await this.#requests.parts.store.changeSigningRequest({
      id: request.id,
      expected: { ended: null, record: request.record, key: request.key },
      changes: { key, keyGivenAt: now, openedAt: request.openedAt ?? now, handover: null },
      event: this.#requests.event(
        ANONYMOUS_PRINCIPAL,
        client,
        'signing_key_given',
        organization.id,
        request.id,
        // The audit compares it with the row: whoever changed that could sign in the person's place.
        { key: createHash('sha256').update(key).digest('hex') },
      ),
      mails,
    });
    if (!done) throw changedMeanwhile();
    this.#requests.ordered(mails);
    return this.#asked(await this.#opened(token));
  }

  /** Whoever has passed the request on signs next, once: keys can be given again and again. */
  async #toPredecessor({
    predecessor,
    predecessorKey,
    key,
  }: SigningRequest): Promise<readonly OrderedMail[]> {
    if (predecessor === null || predecessorKey === null || key !== null) return [];
    const before = await this.#requests.parts.store.signingRequest(predecessor);
    return before === null ? [] : this.#requests.mailIfAllowed(before, 'hand_over');
  }

  /**
   * Declines before a contract names the key: there is nothing to sign then.
   * @throws {SigningError} invalid_signing_link, signing_request_closed, signing_not_ready
   */
  async decline(token: string, reason: string | null, client: Client): Promise<Asked> {
    const asked = await this.#asked(await this.#opened(token));
    assertOpen(asked);
    if (asked.party !== null) throw notReady('the contract names your key: decline with a signed event');
    const { request, organization } = asked;
    const done = await this.#requests.parts.store.changeSigningRequest({
      id: request.id,
      expected: { ended: null, key: request.key },
      changes: { ended: 'declined', endedAt: this.#requests.now(), reason },
      event: this.#requests.event(
        ANONYMOUS_PRINCIPAL,
        client,
        'signing_answered',
        organization.id,
        request.id,
        {
          answer: 'declined',
        },
      ),
      mails: [],
    });
    if (!done) throw changedMeanwhile();
    return this.#asked(await this.#opened(token));
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
    const asked = await this.#asked(await this.#opened(token));
    assertOpen(asked);
    const { request, organization, party, successor } = asked;
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
    const added = await this.#requests.parts.store.addSigningRequest(
      next,
      mails,
      this.#requests.event(
        ANONYMOUS_PRINCIPAL,
        client,
        'signing_requested',
        organization.id,
        next.id,
        next.record === null ? {} : { record: toHex(next.record) },
      ),
      {
        id: request.id,
        expected: { ended: null, key: request.key, record: request.record },
        changes:
          party === null ? { ended: 'delegated', endedAt: now } : { openedAt: request.openedAt ?? now },
        event: this.#requests.event(
          ANONYMOUS_PRINCIPAL,
          client,
          'signing_delegated',
          organization.id,
          request.id,
          {
            to: next.id,
          },
        ),
        mails: [],
      },
    );
    if (added === 'too_many') throw tooMany();
    if (added === 'changed') throw changedMeanwhile();
    this.#requests.ordered(mails);
    const link = mails.length === 0 ? this.#requests.link(next, mails) : null;
    return { asked: await this.#asked(await this.#opened(token)), link };
  }

  /**
   * Takes an event of the contract that the person has signed: their signature, their refusal, a condition that they
   * fulfil. Of `contract.delegate` the person signs first, and the note is kept for the one who follows; that one adds
   * the other signature.
   * @returns `accepted`: null when the note is kept
   * @throws {SigningError} invalid_signing_link, signing_request_closed, signing_not_ready, event_not_asked
   * @throws what `EventIntake.accept` throws
   */
  async answer(
    token: string,
    sent: { readonly note: string; readonly body: JsonObject },
    client: Client,
  ): Promise<{ readonly asked: Asked; readonly accepted: AcceptedEvent | null }> {
    const asked = await this.#asked(await this.#opened(token));
    const { request, organization, contract, status } = asked;
    // A lost answer is asked for again.
    if (!isOpen(status) && status !== 'signed' && status !== 'declined') throw closed(status);
    if (request.key === null) throw notReady('give a key first');
    if (contract === null) throw notReady('the contract does not exist yet');
    const { note, event: head } = parseEvent(sent.note);
    const event = withBody(head, sent.body);
    if (event.record === null || !equal(event.record, contract.id)) {
      throw new RecordRefusal('wrong_record', 'the event is of another record than the one to sign');
    }
    const isDelegation = event.type === 'contract.delegate';
    if (!isDelegation && !ANSWERS.has(event.type)) {
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
      const done = await this.#requests.parts.store.changeSigningRequest({
        id: successor.id,
        expected: { ended: null, key: successor.key },
        changes: { handover: JSON.stringify(sent) },
        event: this.#requests.event(
          ANONYMOUS_PRINCIPAL,
          client,
          'signing_delegated',
          organization.id,
          request.id,
          {
            to: successor.id,
          },
        ),
        mails,
      });
      if (!done) throw changedMeanwhile();
      this.#requests.ordered(mails);
      return { asked: await this.#asked(await this.#opened(token)), accepted: null };
    }
    if (!isSecond && signers.some((key) => key !== request.key)) {
      throw new SigningError(
        'event_not_asked',
        'the event is not signed with the key that this request is for',
      );
    }
    const accepted = await this.#requests.parts.events.accept({
      ...sent,
      record: contract.id,
      submitter: {
        organizationId: organization.id,
        organizationNumber: organization.number,
        actor: `request:${request.id}`,
      },
      // The same note again, after a lost answer.
      idempotencyKey: `signing-${createHash('sha256').update(sent.note).digest('hex')}`,
      quota: null,
    });
    const after = await this.#asked(await this.#opened(token));
    // Whoever has taken a place signs now, or is told when it is their turn.
    const mails =
      isSecond && after.contract?.turn === false ? await this.#requests.mailIfAllowed(request, 'sign') : [];
    await this.#requests.parts.store.changeSigningRequest({
      id: request.id,
      expected: {},
      changes: isSecond ? { handover: null } : { openedAt: request.openedAt ?? this.#requests.now() },
      event: this.#requests.event(
        ANONYMOUS_PRINCIPAL,
        client,
        'signing_answered',
        organization.id,
        request.id,
        { answer: event.type, record: toHex(contract.id) },
      ),
      mails,
    });
    this.#requests.ordered(mails);
    return { asked: isSecond ? await this.#asked(await this.#opened(token)) : after, accepted };
  }

  /**
   * The contract whose history whoever holds the link may have: once it names their key.
   * @throws {SigningError} invalid_signing_link, signing_not_ready
   */
  async contractOf(token: string): Promise<{ readonly id: Uint8Array; readonly key: string }> {
    const { request, contract, party } = await this.#asked(await this.#opened(token));
    if (request.key === null || contract === null || party === null) {
      throw notReady('no contract names your key');
    }
    return { id: contract.id, key: request.key };
  }

  /**
   * The document that whoever holds the link is asked about, as long as they can sign it or have signed it.
   * @throws {SigningError} invalid_signing_link, signing_request_closed
   */
  async documentOf(token: string): Promise<Asked> {
    const asked = await this.#asked(await this.#opened(token));
    if (!maySeeDocument(asked)) throw closed(asked.status);
    return asked;
  }

  async #opened(token: string): Promise<AskedRequest> {
    const found = isSecret(token)
      ? await this.#requests.parts.store.signingRequestOf(hashSecret(token))
      : null;
    if (found !== null && found.request.erasedAt === null) return found;
    throw new SigningError(
      'invalid_signing_link',
      'this link opens nothing: it is incomplete, or a newer one has taken its place; ask who sent it for a new one',
    );
  }

  async #asked({ request, organization }: AskedRequest): Promise<Asked> {
    const [successors, contract] = await Promise.all([
      this.#requests.parts.store.signingSuccessors([request.id]),
      request.record === null ? null : this.#requests.contract(request.record),
    ]);
    const successor = successors.get(request.id) ?? null;
    const state = contract?.state ?? null;
    const { own, replaced } = placeIn(state, request);
    const status = statusOf(request, state, successor !== null, this.#requests.now());
    // Whoever has lost their place, or is not to take one any more, does not read on.
    const isShown = own !== null || (replaced !== null && isOpen(status));
    return {
      request,
      organization,
      status,
      party: own?.index ?? null,
      successor,
      contract:
        contract === null || !isShown
          ? null
          : {
              ...contract,
              terms: await this.#requests.parts.records.terms(contract.id, contract.state),
              party: own?.index ?? null,
              replaces: replaced?.index ?? null,
              turn: own !== null && isTurnOf(own.order, contract.state),
            },
    };
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

/** What a party does alone. */
const ANSWERS: ReadonlySet<string> = new Set(['contract.sign', 'contract.decline', 'contract.fulfil']);
