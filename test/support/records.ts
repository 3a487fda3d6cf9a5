import { createHash, randomBytes } from 'node:crypto';
import { generateKey } from '../../src/crypto/keys.js';
import {
  ED25519,
  formatNote,
  formatPublication,
  formatReadNote,
  formatVerifierKey,
  fromHex,
  type JsonObject,
  type NoteSigner,
  type Publication,
  signEvent,
  signNote,
} from '../../src/proof/index.js';
import { ORIGIN } from './parts.js';

/** Events of records as their holders make them. */

export interface Holder extends NoteSigner {
  /** The verifier key as text. */
  readonly text: string;
}

export function newHolder(name: string, type: number = ED25519): Holder {
  const key = generateKey(name, type);
  return { key: key.key, sign: (message) => key.sign(message), text: formatVerifierKey(key.key) };
}

/** What a service is sent. */
export interface SentEvent {
  readonly note: string;
  readonly body: JsonObject;
}

/** Where a record is, as the service answers it. */
export interface Place {
  readonly record: string;
  readonly sequence: number;
  readonly value: string;
}

export function withNonce(body: JsonObject): JsonObject {
  return { nonce: randomBytes(16).toString('hex'), ...body };
}

/** The event that begins a record. */
export function firstEvent(
  type: string,
  members: JsonObject,
  signers: readonly NoteSigner[],
  origin = ORIGIN,
): SentEvent {
  const body = withNonce(members);
  const place = { record: null, sequence: 0, before: new Uint8Array(32) };
  return { note: signEvent({ origin, ...place, type, body }, signers), body };
}

/** The event behind `after`. @param change of what the note says of its place */
export function nextEvent(
  after: Place,
  type: string,
  members: JsonObject,
  signers: readonly NoteSigner[],
  change: { readonly origin?: string; readonly sequence?: number; readonly before?: string } = {},
): SentEvent {
  const { origin = ORIGIN, sequence = after.sequence + 1, before = after.value } = change;
  const body = withNonce(members);
  const place = {
    record: fromHex(after.record, 32, 'the record'),
    sequence,
    before: fromHex(before, 32, 'the value'),
  };
  return { note: signEvent({ origin, ...place, type, body }, signers), body };
}

/** The value of Ingam-Record-Key. */
export function recordKey(
  record: string,
  signer: NoteSigner,
  { origin = ORIGIN, time = Math.floor(Date.now() / 1000) }: { origin?: string; time?: number } = {},
): string {
  const text = formatReadNote(origin, fromHex(record, 32, 'the record'), time);
  return Buffer.from(formatNote(signNote(text, signer))).toString('base64');
}

/** The note by which a holder publishes a record, signed now. */
export function publicationNote(
  record: string,
  signer: NoteSigner,
  shows: Publication['shows'],
  { origin = ORIGIN, time = Date.now() }: { origin?: string; time?: number } = {},
): string {
  const id = fromHex(record, 32, 'the record');
  return formatNote(signNote(formatPublication({ origin, record: id, shows, time }), signer));
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The members of the event that begins a document. */
export function documentBody(holder: Holder, title: string, name?: string): JsonObject {
  return {
    document: { sha256: digestOf(title), ...(name === undefined ? {} : { name }) },
    title,
    holder: holder.text,
  };
}
