import { createHmac } from 'node:crypto';
import {
  AccessError,
  type Client,
  eventOf,
  hashSecret,
  MailLimits,
  newId,
  type Principal,
} from '../auth/index.js';
import type { EventIntake } from '../intake/index.js';
import type { Records } from '../log/index.js';
import { claimDigest, type ContractState, type JsonObject, parseEvent, toHex } from '../proof/index.js';
import {
  type EventKind,
  type MailKind,
  MAX_OPEN_REQUESTS,
  type NewAccessEvent,
  type OrderedMail,
  type RateLimits,
  type SigningRequest,
  type SigningStore,
} from '../store/index.js';
import type { ClosedBy, SigningKind } from '../messages/signing.js';
import { SigningError } from './errors.js';
import {
  closedBy,
  contractIn,
  isOpen,
  isTurnOf,
  placeIn,
  type SigningStatus,
  type Standing,
  statusOf,
} from './status.js';

// What both sides of a request to sign share: the organization that makes it, and whoever holds its link.

const LINK_PURPOSE = 'ingam/signing-link/v1';
const DIGEST_LENGTH = 32;

export interface SigningParts {
  readonly store: SigningStore;
  readonly records: Pick<Records, 'find' | 'mayRead' | 'terms' | 'texts' | 'eventsOfSequence' | 'origin'>;
  readonly events: Pick<EventIntake, 'accept'>;
  readonly rateLimits: Pick<RateLimits, 'consumeAll'>;
  /** 32 bytes, the same for all instances. */
  readonly secret: Uint8Array;
  /** Whether e-mails are sent. */
  readonly mails: boolean;
  /** Milliseconds since the Unix epoch. */
  readonly clock?: (() => number) | undefined;
  /** Called when an e-mail waits. */
  readonly onMail?: () => void;
}

/** A request as its organization sees it. */
export interface ShownRequest {
  readonly request: SigningRequest;
  readonly status: SigningStatus;
  /** The index in the contract; null: it does not name the key. */
  readonly party: number | null;
  readonly closedBy: ClosedBy | null;
}

/** What an e-mail that waits has to do with what is so by now. */
export interface MailState {
  /** `wait`: until the contract goes on. */
  readonly now: 'send' | 'wait' | 'drop';
  readonly contract: ContractState['status'] | null;
}

export interface Link {
  /** Opens the request. Whoever has it can answer for the person. */
  readonly token: string;
  /** Whether it is sent by e-mail. */
  readonly mailed: boolean;
}

/** Makes requests, their links and events, and says where they have come to. */
export class Requests {
  readonly parts: SigningParts;
  readonly #mailLimits: MailLimits;

  constructor(parts: SigningParts) {
    this.parts = parts;
    this.#mailLimits = new MailLimits(parts.rateLimits, parts.secret);
  }

  now(): number {
    return this.parts.clock?.() ?? Date.now();
  }

  /** What opens a request. It follows from the secret, so that nothing that opens a link is kept. */
  token({ id, link }: Pick<SigningRequest, 'id' | 'link'>): string {
    return createHmac('sha256', this.parts.secret)
      .update(`${LINK_PURPOSE}\n${id}\n${link}\n`)
      .digest('base64url');
  }

  /** Where a request has come to, and whether an e-mail about it says what is so. */
  async mailState(request: SigningRequest, kind: MailKind): Promise<MailState> {
    const successor = (await this.parts.store.signingSuccessors([request.id])).get(request.id) ?? null;
    const { standing } = await this.standing(request);
    const state = contractIn(standing.state);
    const status = statusOf(request, standing, successor !== null, this.now());
    const { own, replaced } = placeIn(state, request);
    const said = (now: boolean): MailState => ({
      now: now ? 'send' : 'drop',
      contract: state?.status ?? null,
    });
    switch (kind) {
      case 'invite':
      case 'remind':
        return said(isOpen(status) && request.key === null);
      case 'sign':
        if (request.kind !== 'contract') {
          // An offer or a licence for the key may come; with it the person has something to do, or to keep.
          if (status === 'key_given') return { now: 'wait', contract: null };
          return said(status === (request.kind === 'licence' ? 'granted' : 'to_sign'));
        }
        if (status !== 'to_sign' || own === null || state === null) return said(false);
        return isTurnOf(own.order, state) ? said(true) : { now: 'wait', contract: state.status };
      case 'hand_over':
        return said(status === 'to_sign' && successor !== null && successor.key !== null);
      case 'take_over':
        return said(isOpen(status) && request.handover !== null);
      case 'ended':
        if (state?.status === 'open' && (own ?? replaced) !== null && request.ended === null) {
          return { now: 'wait', contract: 'open' };
        }
        return said(own?.answer === 'signed' && request.erasedAt === null);
    }
  }

  async show(requests: readonly SigningRequest[]): Promise<ShownRequest[]> {
    const successors = await this.parts.store.signingSuccessors(requests.map(({ id }) => id));
    // Records are read together (`RecordStates`), and each once for the requests that name it.
    const found = new Map<string, ReturnType<Requests['record']>>();
    const find = (id: Uint8Array) => {
      const known = found.get(toHex(id)) ?? this.record(id);
      found.set(toHex(id), known);
      return known;
    };
    return Promise.all(
      requests.map(async (request) => {
        const { standing } = await this.standing(request, find);
        return {
          request,
          ...this.shownStatus(request, standing, successors.has(request.id)),
          party: placeIn(contractIn(standing.state), request).own?.index ?? null,
        };
      }),
    );
  }

  shownStatus(
    request: SigningRequest,
    standing: Standing,
    isPassedOn: boolean,
  ): Pick<ShownRequest, 'status' | 'closedBy'> {
    const status = statusOf(request, standing, isPassedOn, this.now());
    return { status, closedBy: status === 'closed' ? closedBy(request, standing.state) : null };
  }

  /** null: there is no such record. */
  async record(id: Uint8Array) {
    const { current } = await this.parts.records.find(id);
    return current === null ? null : { id, ...current };
  }

  /** null: there is no such contract. */
  async contract(id: Uint8Array) {
    const found = await this.record(id);
    const state = contractIn(found?.state ?? null);
    return found === null || state === null ? null : { ...found, state };
  }

  /** What the record of a request says now. @param find reads the record */
  async standing(
    request: SigningRequest,
    find: Requests['record'] = (id) => this.record(id),
  ): Promise<{ readonly record: Awaited<ReturnType<Requests['record']>>; readonly standing: Standing }> {
    const record = request.record === null ? null : await find(request.record);
    const answered = record !== null && (await this.#isAnswered(request, record.id));
    return { record, standing: { state: record?.state ?? null, answered } };
  }

  /** Of several events with this sequence, those that are void did not answer. */
  async #isAnswered({ kind, key, answered }: SigningRequest, record: Uint8Array): Promise<boolean> {
    if (answered === null) return false;
    const events = await this.parts.records.eventsOfSequence(record, answered);
    return events.some(
      (event) =>
        event.void === null &&
        ANSWERS[kind].has(event.type) &&
        (kind === 'licence' || isSignedBy(event.note, key)),
    );
  }

  /** What is asked about, 32 bytes: the offer of a key names it. */
  subject({ kind, document, record, claim }: SigningRequest): Uint8Array {
    if (kind === 'claim') return claimDigest(claimOf({ claim }) ?? {});
    return (kind === 'contract' ? document : record) ?? new Uint8Array(DIGEST_LENGTH);
  }

  make(
    input: Pick<
      SigningRequest,
      | 'organization'
      | 'createdBy'
      | 'expiresAt'
      | 'language'
      | 'kind'
      | 'title'
      | 'message'
      | 'document'
      | 'documentName'
      | 'documentSize'
      | 'name'
      | 'email'
    > &
      Partial<
        Pick<SigningRequest, 'predecessor' | 'predecessorKey' | 'record' | 'claim' | 'holder' | 'since'>
      >,
  ): SigningRequest {
    const id = newId('srq');
    const now = this.now();
    const { organization, createdBy, expiresAt, language, kind, title, message } = input;
    const { document, documentName, documentSize, name, email } = input;
    const { predecessor = null, predecessorKey = null, record = null } = input;
    const { claim = null, holder = null, since = null } = input;
    return {
      ...{ id, createdAt: now, link: 1, secretHash: hashSecret(this.token({ id, link: 1 })) },
      ...{ organization, createdBy, expiresAt, language, kind, title, message },
      ...{ document, documentName, documentSize, name, email },
      ...{ predecessor, predecessorKey, record, claim, holder, since, handover: null },
      ...{ answered: null, changes: 0 },
      ...{ openedAt: null, key: null, keyGivenAt: null, ended: null, endedAt: null, reason: null },
      mailedAt: email !== null && this.parts.mails ? now : null,
      ...{ mailFailedAt: null, erasedAt: null },
    };
  }

  /**
   * Whether an e-mail goes out, which counts.
   * @returns empty when there is no address or no mail server
   * @throws {AccessError} limit_exceeded
   */
  async mailFor(
    { id, email, organization }: SigningRequest,
    ...kinds: readonly MailKind[]
  ): Promise<readonly OrderedMail[]> {
    if (email === null || !this.parts.mails || kinds.length === 0) return [];
    await this.#mailLimits.consume(organization, email, kinds.length);
    return kinds.map((kind) => ({ request: id, kind }));
  }

  /** As `mailFor`, for what must not fail because there were too many e-mails. */
  async mailIfAllowed(
    request: SigningRequest,
    ...kinds: readonly MailKind[]
  ): Promise<readonly OrderedMail[]> {
    try {
      return await this.mailFor(request, ...kinds);
    } catch (error) {
      if (error instanceof AccessError && error.code === 'limit_exceeded') return [];
      throw error;
    }
  }

  ordered(mails: readonly OrderedMail[]): void {
    if (mails.length > 0) this.parts.onMail?.();
  }

  link(request: SigningRequest, mails: readonly OrderedMail[]): Link {
    return { token: this.token(request), mailed: mails.length > 0 };
  }

  event(
    by: Principal,
    client: Client,
    kind: EventKind,
    organizationId: string,
    request: string,
    detail: NewAccessEvent['detail'] = {},
  ): NewAccessEvent {
    return eventOf(by, client, this.now(), kind, { organizationId, detail: { request, ...detail } });
  }
}

/** By what is asked: the events that answer it. A licence is granted by the holder of the work. */
export const ANSWERS: Readonly<Record<SigningKind, ReadonlySet<string>>> = {
  contract: new Set(['contract.sign', 'contract.decline', 'contract.fulfil']),
  transfer: new Set(['item.accept', 'work.accept']),
  licence: new Set(['work.license']),
  claim: new Set(['work.claim']),
};

/** Whether one of the signatures of the note has the name and id of the key. */
function isSignedBy(note: string, key: string | null): boolean {
  if (key === null) return false;
  return parseEvent(note).note.signatures.some(({ name, keyId }) =>
    key.startsWith(`${name}+${toHex(keyId)}+`),
  );
}

/** What the claim shall state; null: erased, or the request is for something else. */
export function claimOf({ claim }: Pick<SigningRequest, 'claim'>): JsonObject | null {
  return claim === null ? null : (JSON.parse(claim) as JsonObject);
}

/** @throws {SigningError} signing_request_closed */
export function assertOpen({ status }: { readonly status: SigningStatus }): void {
  if (!isOpen(status)) throw closed(status);
}

const WHY_CLOSED: Readonly<Record<SigningStatus, string>> = {
  invited: 'the request is open',
  opened: 'the request is open',
  key_given: 'the request is open',
  to_sign: 'the request is open',
  signed: 'the person has signed',
  granted: 'the licence has been granted',
  declined: 'the person has declined',
  delegated: 'somebody else was asked instead',
  closed: 'the record takes no answer any more from this key',
  withdrawn: 'the organization has withdrawn the request',
  expired: 'the request has expired: make a new one',
  erased: 'the request was erased',
};

export function closed(status: SigningStatus): SigningError {
  return new SigningError('signing_request_closed', WHY_CLOSED[status]);
}

export function changedMeanwhile(): SigningError {
  return new SigningError('signing_request_closed', 'the request has just been changed: look at it again');
}

export function notReady(message: string): SigningError {
  return new SigningError('signing_not_ready', message);
}

export function tooMany(): AccessError {
  return new AccessError(
    'limit_exceeded',
    `an organization can have ${MAX_OPEN_REQUESTS} open requests: withdraw those that you do not need`,
  );
}
