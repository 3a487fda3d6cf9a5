import { type ContractState, toHex } from '../proof/index.js';
import type { SigningRequest } from '../store/index.js';

/** Where a request has come to. Once a contract names the key, the contract says it. */
export const SIGNING_STATUSES = [
  /** Nobody has opened the link. */
  'invited',
  'opened',
  /** The organization can name the key in a contract now. */
  'key_given',
  /** The contract names the key and has no answer from it. */
  'to_sign',
  'signed',
  'declined',
  /** Somebody else was asked instead. */
  'delegated',
  /** The contract takes no answer any more, or does not name the key any more. */
  'closed',
  'withdrawn',
  'expired',
  'erased',
] as const;
export type SigningStatus = (typeof SIGNING_STATUSES)[number];

/**
 * @param contract as it is now, events that wait for their block included; null: none, or not known here
 * @param isPassedOn whether another request follows this one
 */
export function statusOf(
  request: SigningRequest,
  contract: ContractState | null,
  isPassedOn: boolean,
  now: number,
): SigningStatus {
  if (request.erasedAt !== null) return 'erased';
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

/** Whether the person can still answer. */
export function isOpen(status: SigningStatus): boolean {
  return status === 'invited' || status === 'opened' || status === 'key_given' || status === 'to_sign';
}

/**
 * The parties of the contract that the person is, and whose place they are to take. A contract that was amended to be
 * for another document than the person was asked about has no place for them.
 */
export function placeIn(
  contract: ContractState | null,
  { document, key, predecessorKey }: Pick<SigningRequest, 'document' | 'key' | 'predecessorKey'>,
) {
  const same = contract?.document === toHex(document) ? contract : null;
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
