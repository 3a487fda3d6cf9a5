import { NODE } from '../../crypto/primitives.js';
import {
  decodeEntry,
  type DocumentFacts,
  type Entry,
  entryLeafHash,
  equal,
  fromBase64,
  isObject,
  type Json,
  type JsonObject,
  parseNote,
  parseReceipt,
  pathsFromRunPath,
  PENDING_FORMAT,
  type PendingProof,
  ProofError,
} from '../../proof/index.js';
import { Failure } from '../failure.js';
import type { ServiceAnswer, ServiceClient } from '../service-client.js';
import { notarizeMessages } from '../messages/notarize.js';

/** A document that the service has accepted. */
export interface Submitted {
  readonly id: string;
  readonly entry: Entry;
  /** The details as stored by the service, which may add the file name of an upload. */
  readonly details?: JsonObject;
  /**
   * What the service has promised, from its response; null: a repeated request has found the documents sealed,
   * so that their proofs take its place.
   */
  readonly pending: PendingProof | null;
}

interface Sent {
  readonly document: DocumentFacts;
  readonly details: JsonObject | undefined;
}

/**
 * Reads the response to a submission: one notarization for each document, in the same order.
 * @throws {Failure} refused
 */
export function readAccepted(
  service: ServiceClient,
  answer: ServiceAnswer,
  submissions: readonly Sent[],
): Submitted[] {
  const response = service.object(answer);
  const list = response['notarizations'];
  if (!Array.isArray(list) || list.length !== submissions.length) {
    throw service.unexpected('it returned another number of notarizations than documents sent');
  }
  const accepted = submissions.map(({ document, details }, i) => {
    const one = readOne(service, (list as readonly Json[])[i]);
    if (!equal(one.entry.digest, document.sha256)) {
      throw new Failure('refused', notarizeMessages().otherBytes);
    }
    return { ...one, ...(details === undefined ? {} : { details }) };
  });
  const promised = readReceipt(service, response['receipt'], accepted);
  return accepted.map(({ position, ...one }, i) => ({
    ...one,
    pending: promised === null ? null : pendingProof({ ...one, position }, promised, i),
  }));
}

type One = Omit<Submitted, 'pending'> & { readonly position: number };

function readOne(service: ServiceClient, value: Json | undefined): One {
  const [id, entry, position, details] = isObject(value)
    ? [value['id'], value['entry'], value['position'], value['details']]
    : [];
  if (typeof id !== 'string' || !/^[0-9a-z-]{1,64}$/.test(id) || typeof entry !== 'string') {
    throw service.unexpected('a notarization has no id or entry');
  }
  if (typeof position !== 'number' || !Number.isSafeInteger(position) || position < 0) {
    throw service.unexpected('a notarization has no position');
  }
  return parsing(service, () => ({
    ...{ id, position, entry: decodeEntry(fromBase64(entry)) },
    ...(isObject(details) ? { details } : {}),
  }));
}

interface Promised extends Pick<PendingProof, 'note' | 'receipt' | 'index'> {
  readonly paths: readonly (readonly Uint8Array[])[];
}

/** The receipt for these documents together, with a path for each of them; null: there is none. */
function readReceipt(
  service: ServiceClient,
  value: Json | undefined,
  accepted: readonly One[],
): Promised | null {
  if (value === undefined) return null;
  const [text, index, path] = isObject(value) ? [value['note'], value['index'], value['path']] : [];
  if (typeof text !== 'string' || typeof index !== 'number' || !Array.isArray(path)) {
    throw service.unexpected('its receipt has no note, index or path');
  }
  return parsing(service, () => {
    const note = parseNote(text);
    const receipt = parseReceipt(note.text);
    const hashes = (path as readonly Json[]).map((hash) => fromBase64(typeof hash === 'string' ? hash : ''));
    const leaves = accepted.map(({ entry }) => entryLeafHash(entry, NODE.sha256));
    const { root, paths } = pathsFromRunPath(leaves, index, receipt.count, hashes, NODE.sha256);
    if (!equal(root, receipt.root)) throw service.unexpected('its receipt is for other documents');
    return { note, receipt, index, paths };
  });
}

function pendingProof(
  { entry, details, position }: One,
  { note, receipt, index, paths }: Promised,
  i: number,
): PendingProof {
  return {
    format: PENDING_FORMAT,
    document: { sha256: entry.digest, ...(entry.size === null ? {} : { size: entry.size }) },
    entry,
    ...(details === undefined ? {} : { details }),
    ...{ position, receipt, note, index: index + i, path: paths[i] ?? [] },
  };
}

function parsing<T>(service: ServiceClient, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof ProofError) throw service.unexpected(error.message, error);
    throw error;
  }
}
