import { isObject, type Json, type JsonObject } from '../../proof/index.js';
import type { Asked, ShownRequest, ShownSubject } from '../../signing/index.js';
import type { AskedSigning, SigningRequest } from '../schemas/signing.js';
import { formatTime, hex } from './representation.js';

/** Requests to sign as JSON. */

const time = (at: number | null) => (at === null ? null : formatTime(at));

const documentJson = ({ document, documentName, documentSize }: ShownRequest['request']) =>
  document === null ? null : { sha256: hex(document), name: documentName, size: documentSize };

export function signingRequestJson({ request, status, party, closedBy }: ShownRequest): SigningRequest {
  const { id, kind, title, message, name, email, language, key, reason, record, predecessor } = request;
  return {
    ...{ id, kind, status, closedBy },
    createdAt: formatTime(request.createdAt),
    expiresAt: formatTime(request.expiresAt),
    openedAt: time(request.openedAt),
    keyGivenAt: time(request.keyGivenAt),
    endedAt: time(request.endedAt),
    mailedAt: time(request.mailedAt),
    mailFailedAt: time(request.mailFailedAt),
    ...{ title, message },
    document: documentJson(request),
    claim: request.claim === null ? null : (JSON.parse(request.claim) as JsonObject),
    ...{ name, email, language, key, reason },
    // Of a claim it is set before the event is taken, and says nothing if that was refused.
    record: record === null || (kind === 'claim' && status !== 'signed') ? null : hex(record),
    ...{ party, predecessor },
  };
}

/** What the service knows beside the request. */
interface Here {
  /** Of the log. */
  readonly origin: string;
  /** For which passkeys can be made here; null: none can. */
  readonly passkeyDomain: string | null;
  /** Whether the document itself can be read. */
  readonly kept: boolean;
}

export function askedJson(asked: Asked, { origin, passkeyDomain, kept }: Here): AskedSigning {
  const { request, status, closedBy, organization, contract, subject, successor, handedOver } = asked;
  const document = documentJson(request);
  const { id, kind, title, message, name, key, predecessorKey, handover } = request;
  return {
    ...{ id, kind, status, closedBy, origin },
    organization: { id: organization.id, name: organization.name },
    ...{ title, message },
    document: document === null ? null : { ...document, kept },
    name,
    createdAt: formatTime(request.createdAt),
    expiresAt: formatTime(request.expiresAt),
    key,
    keyGivenAt: time(request.keyGivenAt),
    passkeyDomain,
    replaces: predecessorKey === null || asked.party !== null ? null : { key: predecessorKey },
    successor: successor === null ? null : { name: successor.name, key: successor.key, handedOver },
    handover: handover === null ? null : (JSON.parse(handover) as { note: string; body: JsonObject }),
    subject: subject === null ? null : subjectJson(subject),
    contract: contract === null ? null : contractJson(contract),
  };
}

function subjectJson({ record, body, offer, licence }: ShownSubject): AskedSigning['subject'] {
  return {
    record: record === null ? null : recordJson(record),
    body,
    offer: offer === null ? null : { until: time(offer.until), on: offer.on },
    licence,
  };
}

function recordJson({ id, sequence, value, state }: NonNullable<ShownSubject['record']>) {
  const { kind, status, holder } = state;
  return { id: hex(id), kind, status, sequence, value: hex(value), holder };
}

function contractJson(contract: NonNullable<Asked['contract']>): AskedSigning['contract'] {
  const { id, sequence, value, state, terms, party, replaces, turn } = contract;
  const named = terms?.['parties'];
  const names = Array.isArray(named) ? (named as readonly Json[]) : [];
  return {
    record: hex(id),
    sequence,
    value: hex(value),
    status: state.status,
    deadline: time(state.deadline),
    ...{ party, replaces, turn },
    parties: state.parties.map(({ key, order, answer }, index) => {
      const one = names[index];
      const name = one !== undefined && isObject(one) ? one['name'] : null;
      return { name: typeof name === 'string' ? name : null, key, order, answer };
    }),
    terms,
  };
}
