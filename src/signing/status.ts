import { type ClosedBy, isOpen, type SigningStatus } from '../messages/signing.js';
import { type ContractState, type RecordState, toHex } from '../proof/index.js';
import type { SigningRequest } from '../store/index.js';

export { isOpen, type SigningStatus };

/** What the record of a request says now, events that wait for their block included. */
export interface Standing {
  /** null: there is no such record, or none is named. */
  readonly state: RecordState | null;
  /** Whether the event that answered the request is in the history of the record, and is not void. */
  readonly answered: boolean;
}

/** @param isPassedOn whether another request follows this one */
export function statusOf(
  request: SigningRequest,
  { state, answered }: Standing,
  isPassedOn: boolean,
  now: number,
): SigningStatus {
  if (request.erasedAt !== null) return 'erased';
  if (request.kind === 'contract') return statusOfContract(request, state, isPassedOn, now);
  // What the record has taken stays so, whatever became of the request.
  if (answered || sequenceOfAnswer(request, state) !== null)
    return request.kind === 'licence' ? 'granted' : 'signed';
  if (request.ended !== null) return request.ended;
  if (closedBy(request, state) !== null) return 'closed';
  if (now >= request.expiresAt) return 'expired';
  if (request.key === null) return request.openedAt === null ? 'invited' : 'opened';
  return request.kind === 'claim' || isOffered(request, state) ? 'to_sign' : 'key_given';
}

function statusOfContract(
  request: SigningRequest,
  state: RecordState | null,
  isPassedOn: boolean,
  now: number,
): SigningStatus {
  const contract = contractIn(state);
  const { own, replaced } = placeIn(contract, request);
  // A signature stays one, whatever became of the request.
  if (own?.answer != null) return own.answer;
  if (request.ended !== null) return request.ended;
  if (contract !== null) {
    if (own === null && replaced === null) return isPassedOn ? 'delegated' : 'closed';
    if (contract.status !== 'open') return 'closed';
    if (now < request.expiresAt && own !== null) return 'to_sign';
  }
  if (now >= request.expiresAt) return 'expired';
  if (request.key !== null) return 'key_given';
  return request.openedAt === null ? 'invited' : 'opened';
}

export function contractIn(state: RecordState | null): ContractState | null {
  return state?.kind === 'contract' ? state : null;
}

/**
 * The sequence of the event with which an item or a work came to the key, or a licence was granted to it, as far as
 * the state still shows it: -1 when it does not say which event it was; null: it does not show it.
 */
export function sequenceOfAnswer(
  { kind, key, holder, since }: Pick<SigningRequest, 'kind' | 'key' | 'holder' | 'since'>,
  state: RecordState | null,
): number | null {
  if (key === null || state === null) return null;
  if (kind === 'transfer') {
    const isPromised = state.kind === 'item' && state.offer?.accepted === true && state.offer.to === key;
    return isPromised || (state.holder === key && holder !== key) ? -1 : null;
  }
  if (kind !== 'licence' || state.kind !== 'work') return null;
  const { latest } = state.licences;
  const own = [...state.promised, ...latest].filter(
    ({ to, sequence }) => to === key && sequence > (since ?? -1),
  );
  return own.at(-1)?.sequence ?? null;
}

/** Whether the item or the work is offered to the key of the request. */
export function isOffered({ key }: Pick<SigningRequest, 'key'>, state: RecordState | null): boolean {
  if (key === null || state === null) return false;
  if (state.kind === 'work') return state.assignment?.to === key;
  return state.kind === 'item' && state.offer?.to === key && state.report === null;
}

/** Why the item or the work cannot be had under the link any more; null: it can, or there is none. */
export function closedBy(
  { kind, holder, key }: Pick<SigningRequest, 'kind' | 'holder' | 'key'>,
  state: RecordState | null,
): ClosedBy | null {
  if (state === null || (kind !== 'transfer' && kind !== 'licence')) return null;
  if (state.status === 'destroyed' || state.status === 'withdrawn') return 'over';
  if (state.holder !== holder) return 'holder_changed';
  const isTaken = state.kind === 'item' && state.offer?.accepted === true && state.offer.to !== key;
  return isTaken ? 'taken' : null;
}

/**
 * The parties of the contract that the person is, and whose place they are to take. A contract that was amended to be
 * for another document than the person was asked about has no place for them.
 */
export function placeIn(
  contract: ContractState | null,
  { document, key, predecessorKey }: Pick<SigningRequest, 'document' | 'key' | 'predecessorKey'>,
) {
  const same = document !== null && contract?.document === toHex(document) ? contract : null;
  const own = partyWith(key, same);
  return { own, replaced: own === null ? partyWith(predecessorKey, same) : null };
}

/** The party of this key, with its index; null: there is none. */
function partyWith(key: string | null, contract: ContractState | null) {
  const index =
    contract === null || key === null ? -1 : contract.parties.findIndex((each) => each.key === key);
  const found = contract?.parties[index];
  return found === undefined ? null : { ...found, index };
}

/** Whether the party can sign now: those of lower orders have answered. */
export function isTurnOf(order: number, { parties }: ContractState): boolean {
  return parties.every((each) => each.order >= order || each.answer !== null);
}
