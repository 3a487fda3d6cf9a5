import { fromHex, toHex } from '../../../proof/bytes.js';
import type { ClosedBy, SigningKind, SigningStatus } from '../../../messages/signing.js';
import type { JsonObject } from '../../../proof/canonical-json.js';
import { formatNote, parseNote } from '../../../proof/note.js';
import { bodyDigestOf, formatEvent, parseEvent, withBody } from '../../../proof/records/event.js';
import { claimDigest, formatKeyOffer } from '../../../proof/records/key-offer.js';
import { jsonRequest, localProblem, readBlob, readJson, request } from '../../lib/request.js';
import type { RecordSigner } from '../../lib/record-keys.js';

/** What a link asks, and the answers to it. Each request rejects as other requests do. */

export interface SentEvent {
  readonly note: string;
  readonly body: JsonObject;
}

export interface Contract {
  readonly record: string;
  readonly sequence: number;
  readonly value: string;
  readonly status: string;
  readonly deadline: string | null;
  /** Of the person's own key; null: the contract does not name it. */
  readonly party: number | null;
  readonly replaces: number | null;
  readonly turn: boolean;
  readonly parties: readonly {
    readonly name: string | null;
    readonly key: string;
    readonly order: number;
    readonly answer: 'signed' | 'declined' | null;
  }[];
  /** null: erased. */
  readonly terms: JsonObject | null;
}

/** What is transferred, licensed or claimed. */
export interface Subject {
  /** null: the work is not claimed yet. */
  readonly record: {
    readonly id: string;
    readonly kind: 'document' | 'work' | 'item';
    readonly status: string;
    readonly sequence: number;
    readonly value: string;
    readonly holder: string;
  } | null;
  /** What its first event states, or shall state; null: erased. */
  readonly body: JsonObject | null;
  /** To the person's key. */
  readonly offer: { readonly until: string | null; readonly on: JsonObject | null } | null;
  /** What the event states that granted the licence. */
  readonly licence: JsonObject | null;
}

export interface Asked {
  readonly id: string;
  readonly kind: SigningKind;
  readonly status: SigningStatus;
  readonly closedBy: ClosedBy | null;
  /** Of the log. */
  readonly origin: string;
  readonly organization: { readonly name: string };
  readonly title: string | null;
  readonly message: string | null;
  readonly document: {
    readonly sha256: string;
    readonly name: string | null;
    readonly size: number | null;
    /** Whether the organization keeps it here. */
    readonly kept?: boolean;
  } | null;
  readonly name: string | null;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly key: string | null;
  readonly keyGivenAt: string | null;
  /** null: no passkeys here. */
  readonly passkeyDomain: string | null;
  readonly successor: {
    readonly name: string | null;
    readonly key: string | null;
    /** Whether the person has signed that this key takes the place of theirs, as the contract is now. */
    readonly handedOver: boolean;
  } | null;
  /** The event with which the person's key takes the place of another, signed by that one. */
  readonly handover: SentEvent | null;
  readonly contract: Contract | null;
  /** null: a contract. */
  readonly subject: Subject | null;
}

export interface SigningLink {
  readonly token: string;
  readonly mailed: boolean;
}

async function post<T>(path: string, body: object): Promise<T> {
  return (await readJson(await request(`v1/signing/${path}`, jsonRequest('POST', body)))) as T;
}

export const open = (token: string) => post<Asked>('open', { token });

/** Gives the key of the signer, who signs the offer with it. */
export async function giveKey(token: string, asked: Asked, signer: RecordSigner): Promise<Asked> {
  const document = subjectDigest(asked);
  const text = formatKeyOffer({ origin: asked.origin, request: asked.id, document });
  const offer = formatNote({ text, signatures: [await signer.sign(text)] });
  return post<Asked>('key', { token, key: signer.verifierKey, offer });
}

/** What the offer of a key names: the document of a contract, the item or work, or what a claim states. */
function subjectDigest({ document, subject }: Asked): Uint8Array {
  if (document !== null) return fromHex(document.sha256, 32, 'the document');
  const record = subject?.record ?? null;
  return record === null ? claimDigest(subject?.body ?? {}) : fromHex(record.id, 32, 'the record');
}

/** Where there is no contract. */
export const declineRequest = (token: string, reason: string | null) =>
  post<Asked>('decline', { token, ...(reason === null ? {} : { reason }) });

export const delegate = (token: string, name: string, email: string | null) =>
  post<{ readonly asked: Asked; readonly link: SigningLink | null }>('delegation', {
    token,
    name,
    ...(email === null ? {} : { email }),
  });

/** The next event of a record, signed with the person's key. @param place null: the event begins a record */
async function signed(
  { origin }: Asked,
  place: { readonly record: string; readonly sequence: number; readonly value: string } | null,
  type: string,
  members: JsonObject,
  signer: RecordSigner,
): Promise<SentEvent> {
  const body: JsonObject = { nonce: toHex(crypto.getRandomValues(new Uint8Array(16))), ...members };
  const text = formatEvent({
    origin,
    record: place === null ? null : fromHex(place.record, 32, 'the record'),
    sequence: place === null ? 0 : place.sequence + 1,
    before: place === null ? new Uint8Array(32) : fromHex(place.value, 32, 'the value'),
    type,
    bodyDigest: bodyDigestOf(body),
  });
  return { note: formatNote({ text, signatures: [await signer.sign(text)] }), body };
}

async function answer(token: string, event: SentEvent): Promise<Asked> {
  return (await post<{ readonly asked: Asked }>('event', { token, ...event })).asked;
}

function contractOf({ contract }: Asked): Contract & { readonly party: number } {
  if (contract === null || contract.party === null) throw localProblem('signing_not_ready');
  return { ...contract, party: contract.party };
}

export async function sign(token: string, asked: Asked, signer: RecordSigner): Promise<Asked> {
  const contract = contractOf(asked);
  return answer(token, await signed(asked, contract, 'contract.sign', { party: contract.party }, signer));
}

/** Accepts the item or the rights to the work that are offered to the person's key. */
export async function accept(token: string, asked: Asked, signer: RecordSigner): Promise<Asked> {
  const record = asked.subject?.record ?? null;
  if (record === null) throw localProblem('signing_not_ready');
  const { id, kind, sequence, value } = record;
  return answer(token, await signed(asked, { record: id, sequence, value }, `${kind}.accept`, {}, signer));
}

/** Claims the work, as the organization has written the claim down: the person's key holds it. */
export async function claim(token: string, asked: Asked, signer: RecordSigner): Promise<Asked> {
  const { body } = asked.subject ?? {};
  if (body === undefined || body === null) throw localProblem('signing_not_ready');
  return answer(
    token,
    await signed(asked, null, 'work.claim', { ...body, holder: signer.verifierKey }, signer),
  );
}

/** @param reason kept in the contract's history; null: none */
export async function decline(
  token: string,
  asked: Asked,
  reason: string | null,
  signer: RecordSigner,
): Promise<Asked> {
  const contract = contractOf(asked);
  const members = { party: contract.party, ...(reason === null ? {} : { reason: oneLine(reason) }) };
  return answer(token, await signed(asked, contract, 'contract.decline', members, signer));
}

/** The first signature of the event with which the successor's key takes the place of the person's. */
export async function handOver(token: string, asked: Asked, signer: RecordSigner): Promise<Asked> {
  const contract = contractOf(asked);
  const to = asked.successor?.key ?? null;
  if (to === null) throw localProblem('signing_not_ready');
  return answer(
    token,
    await signed(asked, contract, 'contract.delegate', { party: contract.party, to }, signer),
  );
}

/**
 * The second one. What was signed first is read before it is signed again: nothing but the person's own key takes
 * the place, and nothing but this contract is meant.
 */
export async function takeOver(token: string, asked: Asked, signer: RecordSigner): Promise<Asked> {
  const { handover, contract, key } = asked;
  if (handover === null || contract === null) throw localProblem('signing_not_ready');
  const { note, event: head } = parseEvent(handover.note);
  const event = withBody(head, handover.body);
  const isMeant =
    event.origin === asked.origin &&
    event.type === 'contract.delegate' &&
    event.record !== null &&
    toHex(event.record) === contract.record &&
    event.body['to'] === key &&
    event.body['party'] === contract.replaces;
  if (!isMeant) throw localProblem('not_understood');
  const both = [...parseNote(handover.note).signatures, await signer.sign(note.text)];
  return answer(token, { note: formatNote({ text: note.text, signatures: both }), body: handover.body });
}

/** The document itself, which the organization keeps here. */
export const keptDocument = (token: string) => request('v1/signing/document', jsonRequest('POST', { token }));

export async function historyFile(token: string): Promise<Blob> {
  return readBlob(await request('v1/signing/history', jsonRequest('POST', { token })));
}

/** As bodies of events have texts. */
function oneLine(text: string): string {
  return text.normalize('NFC').trim().replaceAll(/\s+/gu, ' ');
}
