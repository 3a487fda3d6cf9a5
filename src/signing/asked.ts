import { hashSecret, isSecret } from '../auth/index.js';
import {
  type Condition,
  type ContractState,
  equal,
  type JsonObject,
  parseEvent,
  type RecordState,
} from '../proof/index.js';
import type { AskedRequest, SigningRequest } from '../store/index.js';
import { SigningError } from './errors.js';
import { claimOf, type Requests, type ShownRequest } from './requests.js';
import { contractIn, isOffered, isOpen, isTurnOf, placeIn, sequenceOfAnswer } from './status.js';

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

/** An item or a work as the invited person sees it. */
export interface ShownSubject {
  /** null: the work is claimed under this link, and has not been yet. */
  readonly record: {
    readonly id: Uint8Array;
    readonly sequence: number;
    readonly value: Uint8Array;
    readonly state: Exclude<RecordState, ContractState>;
  } | null;
  /** What its first event states, or shall state; null: erased. */
  readonly body: JsonObject | null;
  /** The offer to the person's key; null: there is none. */
  readonly offer: { readonly until: number | null; readonly on: Condition | null } | null;
  /** What the event states that granted the licence; null: none did, or it was erased. */
  readonly licence: JsonObject | null;
}

/** What whoever holds the link sees. */
export interface Asked extends ShownRequest {
  readonly organization: AskedRequest['organization'];
  readonly contract: ShownContract | null;
  /** What is transferred, licensed or claimed; null: the request is for a contract. */
  readonly subject: ShownSubject | null;
  /** Who was asked instead; null: nobody. */
  readonly successor: SigningRequest | null;
  /** Whether the person has signed that the key of that one takes the place of theirs, as the contract is now. */
  readonly handedOver: boolean;
}

/** Whether whoever holds the link may see the document itself, if the organization keeps it. */
export function maySeeDocument({ status }: Pick<Asked, 'status'>): boolean {
  return isOpen(status) || status === 'signed';
}

/** Reads what links open. */
export class Links {
  readonly #requests: Requests;

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  /** @throws {SigningError} invalid_signing_link */
  async read(token: string): Promise<Asked> {
    const found = isSecret(token)
      ? await this.#requests.parts.store.signingRequestOf(hashSecret(token))
      : null;
    if (found !== null && found.request.erasedAt === null) return this.#asked(found);
    throw new SigningError(
      'invalid_signing_link',
      'this link opens nothing: it is incomplete, or a newer one has taken its place; ask who sent it for a new one',
    );
  }

  async #asked({ request, organization }: AskedRequest): Promise<Asked> {
    const [successors, { record, standing }] = await Promise.all([
      this.#requests.parts.store.signingSuccessors([request.id]),
      this.#requests.standing(request),
    ]);
    const successor = successors.get(request.id) ?? null;
    const state = request.kind === 'contract' ? contractIn(standing.state) : null;
    const { own, replaced } = placeIn(state, request);
    const { status, closedBy } = this.#requests.shownStatus(request, standing, successor !== null);
    // Whoever has lost their place, or is not to take one any more, does not read on.
    const isShown = own !== null || (replaced !== null && isOpen(status));
    return {
      request,
      organization,
      status,
      closedBy,
      party: own?.index ?? null,
      successor,
      handedOver: isHandedOver(successor, record),
      subject: request.kind === 'contract' ? null : await this.#subject(request, record),
      contract:
        record === null || state === null || !isShown
          ? null
          : {
              ...{ ...record, state },
              terms: await this.#requests.parts.records.terms(record.id, state),
              party: own?.index ?? null,
              replaces: replaced?.index ?? null,
              turn: own !== null && isTurnOf(own.order, state),
            },
    };
  }

  async #subject(
    request: SigningRequest,
    found: Awaited<ReturnType<Requests['record']>>,
  ): Promise<ShownSubject> {
    if (found === null || found.state.kind === 'contract')
      return { record: null, body: claimOf(request), offer: null, licence: null };
    const { id, state } = found;
    const { records } = this.#requests.parts;
    const body = await records.terms(id, { amendments: 0 });
    const isOwn = request.kind === 'transfer' && isOffered(request, state);
    const { until = null, on = null } = (state.kind === 'item' ? state.offer : null) ?? {};
    const at = request.answered ?? sequenceOfAnswer(request, state);
    return {
      record: { ...found, state },
      body,
      offer: isOwn ? { until, on } : null,
      licence: request.kind === 'licence' && at !== null ? await this.#bodyAt(id, at) : null,
    };
  }

  /** What the event of this sequence states that is not void; null: erased. */
  async #bodyAt(record: Uint8Array, sequence: number): Promise<JsonObject | null> {
    const events = await this.#requests.parts.records.eventsOfSequence(record, sequence);
    const body = events.find((event) => event.void === null)?.body ?? null;
    return body === null ? null : (JSON.parse(body) as JsonObject);
  }
}

/** After another event, the person has to sign again. */
function isHandedOver(
  successor: SigningRequest | null,
  contract: { readonly sequence: number; readonly value: Uint8Array } | null,
): boolean {
  if (successor === null || successor.handover === null || contract === null) return false;
  const { event } = parseEvent((JSON.parse(successor.handover) as { readonly note: string }).note);
  return event.sequence === contract.sequence + 1 && equal(event.before, contract.value);
}
