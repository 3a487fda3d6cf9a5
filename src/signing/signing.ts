import {
  AccessError,
  actorOf,
  type Client,
  hashSecret,
  isId,
  organizationOf,
  type Principal,
} from '../auth/index.js';
import { equal, fromHex, RecordRefusal, toHex } from '../proof/index.js';
import type { MailKind, OrderedMail, SigningRequest } from '../store/index.js';
import { Answers } from './answers.js';
import { SigningError } from './errors.js';
import { parseMailAddress } from './mail-address.js';
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

export interface NewRequest {
  readonly title: string;
  readonly message?: string | undefined;
  readonly document: {
    readonly sha256: string;
    readonly name?: string | undefined;
    readonly size?: number | undefined;
  };
  readonly name: string;
  readonly email?: string | undefined;
  readonly language: 'en' | 'ko';
  /** Milliseconds. */
  readonly expiresAt: number;
}

/**
 * Requests to sign. A contract names its parties by their keys, and invited people have none yet: so a request first
 * collects a key, which the organization then names in the contract, and asks for the signature under the same link
 * (docs/signing.md). What happened to a contract is told by the contract alone.
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
      title: input.title,
      message: input.message ?? null,
      document: fromHex(input.document.sha256, DIGEST_LENGTH),
      documentName: input.document.name ?? null,
      documentSize: input.document.size ?? null,
      name: input.name,
      email: input.email === undefined ? null : parseMailAddress(input.email),
    });
    const mails = await this.#requests.mailFor(request, 'invite');
    const event = this.#requests.event(by, client, 'signing_requested', organization.id, request.id);
    const added = await this.#requests.parts.store.addSigningRequest(request, mails, event, null);
    if (added === 'too_many') throw tooMany();
    this.#requests.ordered(mails);
    return { request, status: 'invited', party: null, link: this.#requests.link(request, mails) };
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
    // The same people are asked again when the contract came to nothing, such as when one of them has declined.
    if (!isOpen(shown.status) && !(await this.#cameToNothing(request))) throw closed(shown.status);
    if (request.key === null) throw notReady('the person has not given a key yet');
    const organization = ownOrganization(by);
    const contract = await this.#requests.contract(record);
    if (contract === null || !(await this.#requests.parts.records.mayRead(record, organization.number))) {
      throw new RecordRefusal('unknown_record', 'there is no contract with this id that you may see');
    }
    if (contract.state.document !== toHex(request.document)) {
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
      event: this.#requests.event(by, client, 'signing_contract_named', organization.id, id, {
        record: toHex(record),
      }),
      mails,
    });
    if (!done) throw changedMeanwhile();
    this.#requests.ordered(mails);
    return this.find(by, id);
  }

  /**
   * Takes the request back. A contract that names the key stays as it is.
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
    return request;
  }
}

/** Nothing while it is others who have to go on. */
function toRemindOf(status: SigningStatus, { handover }: SigningRequest): readonly MailKind[] {
  if (status === 'to_sign') return ['sign'];
  if (status === 'key_given') return handover === null ? [] : ['take_over'];
  return ['remind'];
}

function ownOrganization(by: Principal) {
  const organization = organizationOf(by);
  if (organization === null) throw new AccessError('forbidden', 'choose an organization first');
  return organization;
}

function notFound(): SigningError {
  return new SigningError('signing_request_not_found', 'your organization has no such request to sign');
}
