import type { Request } from 'express';
import { may, organizationOf, type Principal } from '../../auth/index.js';
import { NODE_VERIFIERS } from '../../crypto/primitives.js';
import type { CurrentRecord, FoundRecord } from '../../intake/index.js';
import type { Records } from '../../log/index.js';
import { fromHex, HASH_LENGTH, partiesOf, ProofError, readerOf, utf8Decode } from '../../proof/index.js';
import { principalOf } from '../context.js';
import { check } from '../requests/body.js';
import { pathParameter } from '../requests/parameters.js';
import { ApiError } from '../responses/errors.js';
import { RecordId } from '../schemas/records.js';

export const RECORD_KEY_HEADER = 'Ingam-Record-Key';

/** A record that the caller may read. */
export interface ReadableRecord {
  readonly id: Uint8Array;
  readonly current: CurrentRecord;
  readonly found: FoundRecord;
  /** The party's key that the caller has proven; null: none. */
  readonly key: string | null;
}

/** The id in the path. @throws {ApiError} invalid_parameter */
export function recordIdOf(req: Request): Uint8Array {
  return fromHex(check(RecordId, pathParameter(req, 'id'), 'invalid_parameter', 'id'), HASH_LENGTH, 'the id');
}

/**
 * The record that the path names, for a caller who may read it: of an organization that has submitted an event of
 * it, or with a key of one of its parties.
 * @throws {ApiError} unknown_record, also when the caller may not know that there is one; invalid_record_key
 */
export async function readableRecord(records: Records, req: Request): Promise<ReadableRecord> {
  const id = recordIdOf(req);
  // The same work and the same refusals whether or not there is a record.
  const [found, isOwn] = await Promise.all([records.find(id), isReader(records, id, principalOf(req))]);
  const { current } = found;
  const key = keyOf(records, id, current, req);
  if (current === null || (key === null && !isOwn)) throw noSuchRecord();
  return { id, current, found, key };
}

/** Whether the caller's organization may read the record, and the caller what is the organization's. */
export async function isReader(records: Records, id: Uint8Array, principal: Principal): Promise<boolean> {
  const organization = organizationOf(principal);
  return organization !== null && may(principal, 'read') && (await records.mayRead(id, organization.number));
}

/** The same error for a missing record and for one that others have. */
export function noSuchRecord(): ApiError {
  return new ApiError('unknown_record', 'There is no record with this id that you may see.');
}

/** Whether a key has a role in another record, which its holder may read then. */
export async function hasRole(records: Records, id: Uint8Array, key: string): Promise<boolean> {
  const { current } = await records.find(id);
  return current !== null && partiesOf(current.state).includes(key);
}

/** The key of a party of the record that the request proves to come from; null: none. */
function keyOf(
  { origin }: Records,
  record: Uint8Array,
  current: CurrentRecord | null,
  req: Request,
): string | null {
  const given = req.get(RECORD_KEY_HEADER);
  if (given === undefined) return null;
  const bytes = Buffer.from(given, 'base64');
  if (bytes.toString('base64') !== given) throw malformed('it must be base64');
  const now = Math.floor(Date.now() / 1000);
  const keys = current === null ? [] : partiesOf(current.state);
  try {
    return readerOf(utf8Decode(bytes), { origin, record, keys, now }, NODE_VERIFIERS);
  } catch (error) {
    throw error instanceof ProofError ? malformed(error.message) : error;
  }
}

function malformed(what: string): ApiError {
  return new ApiError(
    'invalid_record_key',
    `The header ${RECORD_KEY_HEADER} is not the base64 of a note that asks to read a record: ${what}.`,
  );
}
