import { createHash, createHmac } from 'node:crypto';
import {
  AccessError,
  actorOf,
  type Client,
  ANONYMOUS_PRINCIPAL,
  eventOf,
  hashSecret,
  isId,
  isSecret,
  newId,
  organizationOf,
  type Principal,
} from '../auth/index.js';
import { NODE_VERIFIERS } from '../crypto/primitives.js';
import type { AcceptedEvent, EventIntake } from '../intake/index.js';
import type { Records } from '../log/index.js';
import {
  type ContractState,
  equal,
  fromHex,
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
import {
  type AskedRequest,
  type EventKind,
  type MailKind,
  MAX_OPEN_REQUESTS,
  type SigningRequest,
  type SigningStore,
} from '../store/index.js';
import { SigningError } from './errors.js';
import { parseMailAddress } from './mail-address.js';
import { isOpen, isTurnOf, partyWith, type SigningStatus, statusOf } from './status.js';

const DAY_MS = 86_400_000;
const LONGEST_MS = 366 * DAY_MS;
/** Between e-mails that somebody orders for one request. */
const MAIL_PAUSE_MS = 3_600_000;
/** How often one request can be passed on: each link holder names an address that gets an e-mail. */
const MOST_PASSED_ON = 4;
const LINK_PURPOSE = 'ingam/signing-link/v1';
const DIGEST_LENGTH = 32;

export interface SigningParts {
  readonly store: SigningStore;
  readonly records: Pick<Records, 'find' | 'mayRead' | 'terms' | 'origin'>;
  readonly events: Pick<EventIntake, 'accept'>;
  /** 32 bytes, the same for all instances. */
  readonly secret: Uint8Array;
  /** Whether e-mails are sent. */
  readonly mails: boolean;
  /** Milliseconds since the Unix epoch. */
  readonly clock?: (() => number) | undefined;
  /** Called when an e-mail waits. */
  readonly onMail?: () => void;
}

export interface NewRequest {
  readonly title: string;
  readonly message?: string | undefined;
  readonly document: { readonly sha256: string; readonly name?: string | undefined; readonly size?: number | undefined };
  readonly name: string;
  readonly email?: string | undefined;
  readonly language: 'en' | 'ko';
  /** Milliseconds. */
  readonly expiresAt: number;
}

/** A request as its organization sees it. */
export interface ShownRequest {
  readonly request: SigningRequest;
  readonly status: SigningStatus;
  /** The index in the contract; null: it does not name the key. */
  readonly party: number | null;
}

export interface Link {
  /** Opens the request. Whoever has it can answer for the person. */
  readonly token: string;
  /** Whether it is sent by e-mail. */
  readonly mailed: boolean;
}

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

/**
 * Requests to sign. A contract names its parties by their keys, and invited people have none yet: so a request first
 * collects a key, which the organization then names in the contract, and asks for the signature under the same link
 * (docs/signing.md). What happened to a contract is told by the contract alone.
 */
export class Signing {
  readonly #parts: SigningParts;
  readonly #clock: () => number;

  constructor(parts: SigningParts) {
    this.#parts = parts;
    this.#clock = parts.clock ?? Date.now;
  }

  /**
   * Asks a person for a key.
   * @throws {SigningError} invalid_mail_address; {AccessError} invalid_value, limit_exceeded, forbidden
   */
  async ask(by: Principal, input: NewRequest, client: Client): Promise<ShownRequest & { readonly link: Link }> {
    const organization = ownOrganization(by);
    const now = this.#clock();
    if (input.expiresAt <= now || input.expiresAt > now + LONGEST_MS) {
      throw new AccessError('invalid_value', 'a request ends within a year, and not before now');
    }
    const request = this.#request({
      organization: organization.number,
      createdBy: by.kind === 'anonymous' ? '' : actorOf(by),
      expiresAt: input.expiresAt,
      language: input.language,
      title: input.title,
      message: input.message ?? null,
      document: fromHex(input.document.sha256, DIGEST_LENGTH),
      documentName: input.document.name ?? null,
      documentSize: input.document.size ?? null,
      name: input.name,
      email: input.email === undefined ? null : parseMailAddress(input.email),
    });
    const mail = this.#mailFor(request, 'invite');
    const event = this.#event(by, client, 'signing_requested', organization.id, request.id);
    const added = await this.#parts.store.addSigningRequest(request, mail, event, null);
    if (added === 'too_many') throw tooMany();
    this.#ordered(mail);
    return { request, status: 'invited', party: null, link: this.#link(request, mail) };
  }

  /** An organization's requests, the latest first. @throws {AccessError} forbidden */
  async list(
    by: Principal,
    query: { readonly record?: Uint8Array; readonly before?: string; readonly limit: number },
  ): Promise<ShownRequest[]> {
    const organization = ownOrganization(by).number;
    if (query.before !== undefined && !isId('srq', query.before)) return [];
    return this.#show(await this.#parts.store.signingRequests({ organization, ...query }));
  }

  /** @throws {SigningError} signing_request_not_found; {AccessError} forbidden */
  async find(by: Principal, id: string): Promise<ShownRequest> {
    const [shown] = await this.#show([await this.#own(by, id)]);
    if (shown === undefined) throw notFound();
    return shown;
  }

  /**
   * The link again, and an e-mail if there is an address.
   * @param renew makes a new link: earlier ones open nothing any more
   * @throws {SigningError} signing_request_not_found, signing_request_closed; {AccessError} limit_exceeded, forbidden
   */
  async remind(by: Principal, id: string, renew: boolean, client: Client): Promise<Link> {
    const shown = await this.find(by, id);
    assertOpen(shown);
    const now = this.#clock();
    const link = renew ? shown.request.link + 1 : shown.request.link;
    const request = { ...shown.request, link };
    const mail = this.#mailFor(request, shown.status === 'to_sign' ? 'sign' : 'remind');
    const since = now - (shown.request.mailedAt ?? 0);
    if (mail !== null && !renew && since < MAIL_PAUSE_MS) {
      throw new AccessError('limit_exceeded', 'the last e-mail was less than an hour ago', {
        retryAfterSeconds: Math.ceil((MAIL_PAUSE_MS - since) / 1000),
      });
    }
    const organization = ownOrganization(by);
    const done = await this.#parts.store.changeSigningRequest({
      id,
      expected: { ended: null, link: shown.request.link },
      changes: {
        link,
        secretHash: hashSecret(this.token(request)),
        ...(mail === null ? {} : { mailedAt: now, mailFailedAt: null }),
      },
      event: this.#event(by, client, 'signing_reminded', organization.id, id, { new_link: renew }),
      mail,
    });
    if (!done) throw changedMeanwhile();
    this.#ordered(mail);
    return this.#link(request, mail);
  }

  /**
   * Names the contract in which the organization has made the person's key a party, and asks for the signature.
   * @throws {SigningError} signing_request_not_found, signing_request_closed, signing_not_ready, contract_differs
   * @throws {RecordRefusal} unknown_record, wrong_kind
   */
  async nameContract(by: Principal, id: string, record: Uint8Array, client: Client): Promise<ShownRequest> {
    const shown = await this.find(by, id);
    assertOpen(shown);
    const { request } = shown;
    if (request.key === null) throw notReady('the person has not given a key yet');
    const organization = ownOrganization(by);
    const contract = await this.#contract(record);
    if (contract === null || !(await this.#parts.records.mayRead(record, organization.number))) {
      throw new RecordRefusal('unknown_record', 'there is no contract with this id that you may see');
    }
    if (contract.state.document !== toHex(request.document)) {
      throw new SigningError('contract_differs', 'the contract is for another document than the request');
    }
    if (partyWith(request.key, contract.state) === null) {
      throw new SigningError('contract_differs', 'the contract has no party with the key that the person gave');
    }
    const mail = this.#mailFor(request, 'sign');
    const done = await this.#parts.store.changeSigningRequest({
      id,
      expected: { ended: null, key: request.key },
      changes: { record, ...(mail === null ? {} : { mailedAt: this.#clock(), mailFailedAt: null }) },
      event: this.#event(by, client, 'signing_contract_named', organization.id, id, { record: toHex(record) }),
      mail,
    });
    if (!done) throw changedMeanwhile();
    this.#ordered(mail);
    return this.find(by, id);
  }

  /**
   * Takes the request back. A contract that names the key stays as it is.
   * @throws {SigningError} signing_request_not_found, signing_request_closed
   */
  async withdraw(by: Principal, id: string, client: Client): Promise<void> {
    const shown = await this.find(by, id);
    if (!isOpen(shown.status) && shown.status !== 'expired') throw closed(shown.status);
    const done = await this.#parts.store.changeSigningRequest({
      id,
      expected: { ended: null },
      changes: { ended: 'withdrawn', endedAt: this.#clock() },
      event: this.#event(by, client, 'signing_withdrawn', ownOrganization(by).id, id),
      mail: null,
    });
    if (!done) throw changedMeanwhile();
  }

  /**
   * Erases what tells of the person. The key that a contract names, and the answer, are in the chain and stay.
   * @throws {SigningError} signing_request_not_found
   */
  async erase(by: Principal, id: string, client: Client): Promise<void> {
    const { organization } = await this.#own(by, id);
    const event = this.#event(by, client, 'signing_erased', ownOrganization(by).id, id);
    await this.#parts.store.eraseSigningRequest(organization, id, this.#clock(), event);
  }

  /**
   * What the link opens. The first look is noted.
   * @throws {SigningError} invalid_signing_link
   */
  async open(token: string, client: Client): Promise<Asked> {
    const found = await this.#opened(token);
    const { request, organization } = found;
    if (request.openedAt !== null || !isOpen((await this.#asked(found)).status)) return this.#asked(found);
    await this.#parts.store.changeSigningRequest({
      id: request.id,
      expected: { openedAt: null },
      changes: { openedAt: this.#clock() },
      event: this.#event(ANONYMOUS_PRINCIPAL, client, 'signing_opened', organization.id, request.id),
      mail: null,
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
      throw new SigningError('signing_request_closed', 'the contract names your key already: ask for another contract');
    }
    const { origin } = this.#parts.records;
    try {
      verifyKeyOffer(offer, { origin, request: request.id, document: request.document }, key, NODE_VERIFIERS);
    } catch (error) {
      if (!(error instanceof ProofError || error instanceof RecordRefusal)) throw error;
      throw new SigningError('invalid_key_offer', `the key is not accepted: ${error.message}`, { cause: error });
    }
    const now = this.#clock();
    const done = await this.#parts.store.changeSigningRequest({
      id: request.id,
      expected: { ended: null, record: request.record, key: request.key },
      changes: { key, keyGivenAt: now, openedAt: request.openedAt ?? now, handover: null },
      event: this.#event(ANONYMOUS_PRINCIPAL, client, 'signing_key_given', organization.id, request.id),
      mail: null,
    });
    if (!done) throw changedMeanwhile();
    return this.#asked(await this.#opened(token));
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
    const done = await this.#parts.store.changeSigningRequest({
      id: request.id,
      expected: { ended: null, key: request.key },
      changes: { ended: 'declined', endedAt: this.#clock(), reason },
      event: this.#event(ANONYMOUS_PRINCIPAL, client, 'signing_answered', organization.id, request.id, {
        answer: 'declined',
      }),
      mail: null,
    });
    if (!done) throw changedMeanwhile();
    return this.#asked(await this.#opened(token));
  }

  /**
   * Passes the request on to somebody else, who gets a link of their own. Before a contract names the key, this ends
   * the request. After that the contract changes only by an event that both keys sign: until then the person can
   * still sign.
   * @returns `link`: null when it is sent by e-mail, so that only the person who was named gets it
   * @throws {SigningError} invalid_signing_link, signing_request_closed, invalid_mail_address
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
    await this.#assertMayPassOn(request);
    const now = this.#clock();
    const next = this.#request({
      ...request,
      name: to.name,
      email: to.email === null ? null : parseMailAddress(to.email),
      predecessor: request.id,
      predecessorKey: party === null ? null : request.key,
      record: party === null ? null : request.record,
    });
    const mail = this.#mailFor(next, 'invite');
    const added = await this.#parts.store.addSigningRequest(
      next,
      mail,
      this.#event(ANONYMOUS_PRINCIPAL, client, 'signing_requested', organization.id, next.id),
      {
        id: request.id,
        expected: { ended: null, key: request.key, record: request.record },
        changes: party === null ? { ended: 'delegated', endedAt: now } : { openedAt: request.openedAt ?? now },
        event: this.#event(ANONYMOUS_PRINCIPAL, client, 'signing_delegated', organization.id, request.id, {
          to: next.id,
        }),
        mail: null,
      },
    );
    if (added === 'too_many') throw tooMany();
    if (added === 'changed') throw changedMeanwhile();
    this.#ordered(mail);
    const link = mail === null ? this.#link(next, mail) : null;
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
      const done = await this.#parts.store.changeSigningRequest({
        id: successor.id,
        expected: { ended: null, key: successor.key },
        changes: { handover: JSON.stringify(sent) },
        event: this.#event(ANONYMOUS_PRINCIPAL, client, 'signing_delegated', organization.id, request.id, {
          to: successor.id,
        }),
        mail: null,
      });
      if (!done) throw changedMeanwhile();
      return { asked: await this.#asked(await this.#opened(token)), accepted: null };
    }
    if (!isSecond && signers.some((key) => key !== request.key)) {
      throw new SigningError('event_not_asked', 'the event is not signed with the key that this request is for');
    }
    const accepted = await this.#parts.events.accept({
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
    await this.#parts.store.changeSigningRequest({
      id: request.id,
      expected: {},
      changes: isSecond ? { handover: null } : { openedAt: request.openedAt ?? this.#clock() },
      event: this.#event(ANONYMOUS_PRINCIPAL, client, 'signing_answered', organization.id, request.id, {
        answer: event.type,
        record: toHex(contract.id),
      }),
      mail: null,
    });
    return { asked: await this.#asked(await this.#opened(token)), accepted };
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

  /** What opens a request. It follows from the secret, so that nothing that opens a link is kept. */
  token({ id, link }: Pick<SigningRequest, 'id' | 'link'>): string {
    return createHmac('sha256', this.#parts.secret).update(`${LINK_PURPOSE}\n${id}\n${link}\n`).digest('base64url');
  }

  /** Where a request has come to, for an e-mail that waits. */
  async statusOf(request: SigningRequest): Promise<SigningStatus> {
    return (await this.#show([request]))[0]?.status ?? 'erased';
  }

  async #opened(token: string): Promise<AskedRequest> {
    const found = isSecret(token) ? await this.#parts.store.signingRequestOf(hashSecret(token)) : null;
    if (found !== null && found.request.erasedAt === null) return found;
    throw new SigningError(
      'invalid_signing_link',
      'this link opens nothing: it is incomplete, or a newer one has taken its place; ask who sent it for a new one',
    );
  }

  async #asked({ request, organization }: AskedRequest): Promise<Asked> {
    const [successors, contract] = await Promise.all([
      this.#parts.store.signingSuccessors([request.id]),
      request.record === null ? null : this.#contract(request.record),
    ]);
    const successor = successors.get(request.id) ?? null;
    const state = contract?.state ?? null;
    const own = partyWith(request.key, state);
    const replaced = own === null ? partyWith(request.predecessorKey, state) : null;
    const status = statusOf(request, state, successor !== null, this.#clock());
    return {
      request,
      organization,
      status,
      party: own?.index ?? null,
      successor,
      contract:
        contract === null
          ? null
          : {
              ...contract,
              terms: await this.#parts.records.terms(contract.id, contract.state),
              party: own?.index ?? null,
              replaces: replaced?.index ?? null,
              turn: own !== null && isTurnOf(own.order, contract.state),
            },
    };
  }

  async #show(requests: readonly SigningRequest[]): Promise<ShownRequest[]> {
    const successors = await this.#parts.store.signingSuccessors(requests.map(({ id }) => id));
    const ids = new Set(requests.flatMap(({ record }) => (record === null ? [] : [toHex(record)])));
    const contracts = new Map(
      await Promise.all(
        [...ids].map(async (id) => [id, (await this.#contract(fromHex(id, DIGEST_LENGTH)))?.state ?? null] as const),
      ),
    );
    return requests.map((request) => {
      const state = request.record === null ? null : (contracts.get(toHex(request.record)) ?? null);
      return {
        request,
        status: statusOf(request, state, successors.has(request.id), this.#clock()),
        party: partyWith(request.key, state)?.index ?? null,
      };
    });
  }

  /** null: there is no such contract. */
  async #contract(id: Uint8Array) {
    const { current } = await this.#parts.records.find(id);
    if (current === null || current.state.kind !== 'contract') return null;
    const { state, sequence, value } = current;
    return { id, state, sequence, value };
  }

  async #own(by: Principal, id: string): Promise<SigningRequest> {
    const { number } = ownOrganization(by);
    const request = isId('srq', id) ? await this.#parts.store.signingRequest(id) : null;
    if (request === null || request.organization !== number) throw notFound();
    return request;
  }

  /** @throws {SigningError} signing_request_closed when it has been passed on too often */
  async #assertMayPassOn(request: SigningRequest): Promise<void> {
    let times = 0;
    for (let { predecessor } = request; predecessor !== null; times++) {
      predecessor = (await this.#parts.store.signingRequest(predecessor))?.predecessor ?? null;
    }
    if (times >= MOST_PASSED_ON) {
      throw new SigningError(
        'signing_request_closed',
        'this request has been passed on too often: ask the organization to invite the person itself',
      );
    }
  }

  #request(
    input: Pick<
      SigningRequest,
      | 'organization'
      | 'createdBy'
      | 'expiresAt'
      | 'language'
      | 'title'
      | 'message'
      | 'document'
      | 'documentName'
      | 'documentSize'
      | 'name'
      | 'email'
    > &
      Partial<Pick<SigningRequest, 'predecessor' | 'predecessorKey' | 'record'>>,
  ): SigningRequest {
    const id = newId('srq');
    const now = this.#clock();
    const { organization, createdBy, expiresAt, language, title, message } = input;
    const { document, documentName, documentSize, name, email } = input;
    const { predecessor = null, predecessorKey = null, record = null } = input;
    return {
      ...{ id, createdAt: now, link: 1, secretHash: hashSecret(this.token({ id, link: 1 })) },
      ...{ organization, createdBy, expiresAt, language, title, message },
      ...{ document, documentName, documentSize, name, email },
      ...{ predecessor, predecessorKey, record, handover: null },
      ...{ openedAt: null, key: null, keyGivenAt: null, ended: null, endedAt: null, reason: null },
      mailedAt: email !== null && this.#parts.mails ? now : null,
      ...{ mailFailedAt: null, erasedAt: null },
    };
  }

  #mailFor({ email }: SigningRequest, kind: MailKind): MailKind | null {
    return email === null || !this.#parts.mails ? null : kind;
  }

  #ordered(mail: MailKind | null): void {
    if (mail !== null) this.#parts.onMail?.();
  }

  #link(request: SigningRequest, mail: MailKind | null): Link {
    return { token: this.token(request), mailed: mail !== null };
  }

  #event(
    by: Principal,
    client: Client,
    kind: EventKind,
    organizationId: string,
    request: string,
    detail: Readonly<Record<string, string | boolean>> = {},
  ) {
    return eventOf(by, client, this.#clock(), kind, { organizationId, detail: { request, ...detail } });
  }
}

/** What a party does alone. */
const ANSWERS: ReadonlySet<string> = new Set(['contract.sign', 'contract.decline', 'contract.fulfil']);

function ownOrganization(by: Principal) {
  const organization = organizationOf(by);
  if (organization === null) throw new AccessError('forbidden', 'choose an organization first');
  return organization;
}

/** @throws {SigningError} signing_request_closed */
function assertOpen({ status }: { readonly status: SigningStatus }): void {
  if (!isOpen(status)) throw closed(status);
}

const WHY_CLOSED: Readonly<Record<SigningStatus, string>> = {
  invited: 'the request is open',
  opened: 'the request is open',
  key_given: 'the request is open',
  to_sign: 'the request is open',
  signed: 'the person has signed',
  declined: 'the person has declined',
  delegated: 'somebody else was asked instead',
  closed: 'the contract takes no answer any more from this key',
  withdrawn: 'the organization has withdrawn the request',
  expired: 'the request has expired: make a new one',
  erased: 'the request was erased',
};

function closed(status: SigningStatus): SigningError {
  return new SigningError('signing_request_closed', WHY_CLOSED[status]);
}

function changedMeanwhile(): SigningError {
  return new SigningError('signing_request_closed', 'the request has just been changed: look at it again');
}

function notReady(message: string): SigningError {
  return new SigningError('signing_not_ready', message);
}

function notFound(): SigningError {
  return new SigningError('signing_request_not_found', 'your organization has no such request to sign');
}

function tooMany(): AccessError {
  return new AccessError(
    'limit_exceeded',
    `an organization can have ${MAX_OPEN_REQUESTS} open requests: withdraw those that you do not need`,
  );
}
