import {
  AccessError,
  actorOf,
  type Client,
  hashSecret,
  isId,
  may,
  organizationOf,
  type Principal,
} from '../auth/index.js';
import type { SigningKind } from '../messages/signing.js';
import {
  apply,
  bodyDigestOf,
  ED25519,
  equal,
  formatVerifierKey,
  fromHex,
  type JsonObject,
  RecordRefusal,
  toHex,
  verifierKey,
} from '../proof/index.js';
import type { MailKind, OrderedMail, SigningRequest } from '../store/index.js';
import { Answers } from './answers.js';
import { SigningError } from './errors.js';
import { parseMailAddress } from './address.js';
import {
  assertOpen,
  changedMeanwhile,
  closed,
  type Link,
  type MailState,
  notReady,
  Requests,
  type ShownRequest,
  type SigningParts,
  tooMany,
} from './requests.js';
import { isOpen, placeIn, type SigningStatus } from './status.js';

const DAY_MS = 86_400_000;
const LONGEST_MS = 366 * DAY_MS;
/** Between e-mails that somebody orders for one request. */
const MAIL_PAUSE_MS = 3_600_000;
const DIGEST_LENGTH = 32;
/** No one's: of a claim whose author has given no key yet, the rules read the rest. */
const NO_KEY = formatVerifierKey(verifierKey('author', ED25519, new Uint8Array(32)));

export interface NewRequest {
  readonly kind: SigningKind;
  /** Needed for a contract; else by default what the item or work is called. */
  readonly title?: string | undefined;
  readonly message?: string | undefined;
  /** Of a contract. */
  readonly document?:
    | { readonly sha256: string; readonly name?: string | undefined; readonly size?: number | undefined }
    | undefined;
  /** The item or work. */
  readonly record?: Uint8Array | undefined;
  /** What the claim of a work shall state, without nonce and holder. */
  readonly claim?: JsonObject | undefined;
  readonly name: string;
  readonly email?: string | undefined;
  readonly language: 'en' | 'ko';
  /** Milliseconds. */
  readonly expiresAt: number;
}

/**
 * Requests to sign. Contracts, offers and licences name people by their keys, and invited people have none yet: so a
 * request first collects a key, which the organization then names, and asks for the signature under the same link
 * (docs/signing.md). What happened to a record is told by the record alone.
 */
export class Signing {
  /** For whoever holds a link. */
  readonly answers: Answers;
  readonly #requests: Requests;

  constructor(parts: SigningParts) {
    this.#requests = new Requests(parts);
    this.answers = new Answers(this.#requests);
  }

  /**
   * Asks a person for a key.
   * @throws {SigningError} invalid_mail_address; {AccessError} invalid_value, limit_exceeded, forbidden
   * @throws {RecordRefusal} unknown_record, wrong_kind, wrong_status, malformed_body and others, of the item, the work or the claim
   */
  async ask(
    by: Principal,
    input: NewRequest,
    client: Client,
  ): Promise<ShownRequest & { readonly link: Link }> {
    const organization = ownOrganization(by);
    const now = this.#requests.now();
    if (input.expiresAt <= now || input.expiresAt > now + LONGEST_MS) {
      throw new AccessError('invalid_value', 'a request ends within a year, and not before now');
    }
    const request = this.#requests.make({
      organization: organization.number,
      createdBy: by.kind === 'anonymous' ? '' : actorOf(by),
      expiresAt: input.expiresAt,
      language: input.language,
      message: input.message ?? null,
      ...(await this.#asked(input, organization.number)),
      name: input.name,
      email: input.email === undefined ? null : parseMailAddress(input.email),
    });
    const mails = await this.#requests.mailFor(request, 'invite');
    const { record } = request;
    const detail = record === null ? {} : { record: toHex(record) };
    const event = this.#requests.event(by, client, 'signing_requested', organization.id, request.id, detail);
    const added = await this.#requests.parts.store.addSigningRequest(request, mails, event, null);
    if (added === 'too_many') throw tooMany();
    this.#requests.ordered(mails);
    return {
      request,
      status: 'invited',
      party: null,
      closedBy: null,
      link: this.#requests.link(request, mails),
    };
  }

  /** What is asked, as far as it differs by kind. */
  async #asked({ kind, title, document, record, claim }: NewRequest, organization: number) {
    const nothing = { documentName: null, documentSize: null, document: null } as const;
    if (kind === 'contract') {
      if (document === undefined || title === undefined || record !== undefined || claim !== undefined)
        throw wants('for a contract give title and document, and neither record nor claim');
      const { sha256, name = null, size = null } = document;
      const digest = fromHex(sha256, DIGEST_LENGTH);
      return { kind, title, document: digest, documentName: name, documentSize: size };
    }
    if (document !== undefined) throw wants('only a request for a contract has a document');
    if (kind === 'claim') {
      if (claim === undefined || record !== undefined) throw wants('for a claim give claim, and no record');
      assertClaim(claim);
      // The rules have just read it.
      const { title: own } = claim as { readonly title: string };
      return { kind, ...nothing, title: title ?? own, claim: JSON.stringify(claim) };
    }
    if (record === undefined || claim !== undefined)
      throw wants(`for a ${kind} give the id of the record, and no claim`);
    const found = await this.#requests.parts.records.find(record);
    const { current } = found;
    if (current === null || !(await this.#requests.parts.records.mayRead(record, organization)))
      throw new RecordRefusal('unknown_record', 'there is no record with this id that you may see');
    const { state, sequence } = current;
    if (state.kind !== 'work' && (kind === 'licence' || state.kind !== 'item'))
      throw new RecordRefusal(
        'wrong_kind',
        kind === 'licence' ? 'only a work has licences' : 'only an item or a work is transferred',
      );
    if (state.status === 'destroyed' || state.status === 'withdrawn')
      throw new RecordRefusal('wrong_status', `the ${state.kind} is ${state.status}`);
    const texts = await this.#requests.parts.records.texts([{ id: record, found }]);
    const own = title ?? texts.get(toHex(record))?.title ?? null;
    if (own === null) throw wants('give a title: that of the record was erased');
    return { kind, ...nothing, title: own, record, holder: state.holder, since: sequence };
  }

  /** An organization's requests, the latest first. @throws {AccessError} forbidden */
  async list(
    by: Principal,
    query: { readonly record?: Uint8Array; readonly before?: string; readonly limit: number },
  ): Promise<ShownRequest[]> {
    const organization = ownOrganization(by).number;
    if (query.before !== undefined && !isId('srq', query.before)) return [];
    return this.#requests.show(await this.#requests.parts.store.signingRequests({ organization, ...query }));
  }

  /** @throws {SigningError} signing_request_not_found; {AccessError} forbidden */
  async find(by: Principal, id: string): Promise<ShownRequest> {
    const [shown] = await this.#requests.show([await this.#own(by, id)]);
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
    const now = this.#requests.now();
    const link = renew ? shown.request.link + 1 : shown.request.link;
    const request = { ...shown.request, link };
    const mails = await this.#reminder(shown, renew);
    const organization = ownOrganization(by);
    const done = await this.#requests.parts.store.changeSigningRequest({
      id,
      expected: { ended: null, link: shown.request.link },
      changes: {
        link,
        secretHash: hashSecret(this.#requests.token(request)),
        ...(mails.length === 0 ? {} : { mailedAt: now, mailFailedAt: null }),
      },
      event: this.#requests.event(by, client, 'signing_reminded', organization.id, id, { new_link: renew }),
      mails,
    });
    if (!done) throw changedMeanwhile();
    this.#requests.ordered(mails);
    return this.#requests.link(request, mails);
  }

  /**
   * Names the contract in which the organization has made the person's key a party, and asks for the signature.
   * @throws {SigningError} signing_request_not_found, signing_request_closed, signing_not_ready, contract_differs
   * @throws {RecordRefusal} unknown_record, wrong_kind
   */
  async nameContract(by: Principal, id: string, record: Uint8Array, client: Client): Promise<ShownRequest> {
    const shown = await this.find(by, id);
    const { request } = shown;
    const { document } = request;
    if (request.kind !== 'contract' || document === null)
      throw new SigningError('contract_differs', 'this request does not ask to sign a contract');
    // The same people are asked again when the contract came to nothing, such as when one of them has declined.
    if (!isOpen(shown.status) && !(await this.#cameToNothing(request))) throw closed(shown.status);
    if (request.key === null) throw notReady('the person has not given a key yet');
    const organization = ownOrganization(by);
    const contract = await this.#requests.contract(record);
    if (contract === null || !(await this.#requests.parts.records.mayRead(record, organization.number))) {
      throw new RecordRefusal('unknown_record', 'there is no contract with this id that you may see');
    }
    if (contract.state.document !== toHex(document)) {
      throw new SigningError('contract_differs', 'the contract is for another document than the request');
    }
    if (placeIn(contract.state, request).own === null) {
      throw new SigningError(
        'contract_differs',
        'the contract has no party with the key that the person gave',
      );
    }
    const isNew = request.record === null || !equal(request.record, record);
    const mails = isNew ? await this.#requests.mailIfAllowed(request, 'sign', 'ended') : [];
    const done = await this.#requests.parts.store.changeSigningRequest({
      id,
      expected: { ended: null, key: request.key },
      changes: {
        record,
        ...(mails.length === 0 ? {} : { mailedAt: this.#requests.now(), mailFailedAt: null }),
      },
      event: this.#requests.event(by, client, 'signing_record_named', organization.id, id, {
        record: toHex(record),
      }),
      mails,
    });
    if (!done) throw changedMeanwhile();
    this.#requests.ordered(mails);
    return this.find(by, id);
  }

  /**
   * Takes the request back. A record that names the key stays as it is.
   * @throws {SigningError} signing_request_not_found, signing_request_closed
   */
  async withdraw(by: Principal, id: string, client: Client): Promise<void> {
    const shown = await this.find(by, id);
    if (!isOpen(shown.status) && shown.status !== 'expired') throw closed(shown.status);
    const done = await this.#requests.parts.store.changeSigningRequest({
      id,
      expected: { ended: null },
      changes: { ended: 'withdrawn', endedAt: this.#requests.now() },
      event: this.#requests.event(by, client, 'signing_withdrawn', ownOrganization(by).id, id),
      mails: [],
    });
    if (!done) throw changedMeanwhile();
  }

  /**
   * Erases what tells of the person. The key that a contract names, and the answer, are in the chain and stay.
   * @throws {SigningError} signing_request_not_found
   */
  async erase(by: Principal, id: string, client: Client): Promise<void> {
    const { organization } = await this.#own(by, id);
    const event = this.#requests.event(by, client, 'signing_erased', ownOrganization(by).id, id);
    await this.#requests.parts.store.eraseSigningRequest(organization, id, this.#requests.now(), event);
  }

  /** What opens a request now. */
  token(request: Pick<SigningRequest, 'id' | 'link'>): string {
    return this.#requests.token(request);
  }

  /** What is so by now of an e-mail that waits. */
  mailState(request: SigningRequest, kind: MailKind): Promise<MailState> {
    return this.#requests.mailState(request, kind);
  }

  /** Whether the contract of a request that could still be answered ended without effect. */
  async #cameToNothing({ ended, erasedAt, expiresAt, record }: SigningRequest): Promise<boolean> {
    if (ended !== null || erasedAt !== null || record === null || this.#requests.now() >= expiresAt)
      return false;
    const status = (await this.#requests.contract(record))?.state.status ?? 'open';
    return status === 'declined' || status === 'expired' || status === 'cancelled';
  }

  /** The e-mail of a reminder. That an earlier link is ended must not fail because of e-mails. */
  async #reminder({ request, status }: ShownRequest, renew: boolean): Promise<readonly OrderedMail[]> {
    const since = this.#requests.now() - (request.mailedAt ?? 0);
    const isEarly = since < MAIL_PAUSE_MS;
    const kinds = toRemindOf(status, request);
    if (renew) return isEarly ? [] : this.#requests.mailIfAllowed(request, ...kinds);
    if (isEarly && kinds.length > 0 && request.email !== null && this.#requests.parts.mails) {
      throw new AccessError('limit_exceeded', 'the last e-mail was less than an hour ago', {
        retryAfterSeconds: Math.ceil((MAIL_PAUSE_MS - since) / 1000),
      });
    }
    return this.#requests.mailFor(request, ...kinds);
  }

  async #own(by: Principal, id: string): Promise<SigningRequest> {
    const { number } = ownOrganization(by);
    const request = isId('srq', id) ? await this.#requests.parts.store.signingRequest(id) : null;
    if (request === null || request.organization !== number) throw notFound();
    // A key that may only submit does not read what others ask: the link shows it.
    const isAsker = by.kind !== 'anonymous' && request.createdBy === actorOf(by);
    if (!isAsker && !may(by, 'read')) throw notFound();
    return request;
  }
}

/** Nothing while it is others who have to go on. */
function toRemindOf(status: SigningStatus, { handover }: SigningRequest): readonly MailKind[] {
  if (status === 'to_sign') return ['sign'];
  if (status === 'key_given') return handover === null ? [] : ['take_over'];
  return ['remind'];
}

/** @throws {RecordRefusal} as the rules refuse it, whoever claims it */
function assertClaim(claim: JsonObject): void {
  for (const own of ['nonce', 'holder', 'recovery'])
    if (Object.hasOwn(claim, own))
      throw new RecordRefusal('malformed_body', `leave ${own} out of the claim: whoever signs it adds it`);
  const body = { nonce: '00'.repeat(16), ...claim, holder: NO_KEY };
  bodyDigestOf(body);
  const event = { record: null, sequence: 0, type: 'work.claim', body };
  apply(null, event, { id: '11'.repeat(32), height: 0, sealedAt: 0, record: () => null });
}

function wants(message: string): AccessError {
  return new AccessError('invalid_value', message);
}

function ownOrganization(by: Principal) {
  const organization = organizationOf(by);
  if (organization === null) throw new AccessError('forbidden', 'choose an organization first');
  return organization;
}

function notFound(): SigningError {
  return new SigningError('signing_request_not_found', 'your organization has no such request to sign');
}
