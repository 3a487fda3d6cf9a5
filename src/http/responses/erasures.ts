import { notarizationId, parseErasure, parseNote } from '../../proof/index.js';
import type { HeldEntry, KnownErasure, LegalHold } from '../../store/index.js';
import type { Erasure, ErasedNotarization, Hold } from '../schemas/erasure.js';
import { formatTime, hex } from './representation.js';

export function erasureJson({ position, erasedAt, note, digest, certificate }: KnownErasure): Erasure {
  return {
    position,
    leafHash: hex(parseErasure(parseNote(note).text).leafHash),
    erasedAt: formatTime(erasedAt),
    certificate: note,
    sha256: hex(digest),
    notarization: certificate?.salt == null ? null : notarizationId(certificate.position, certificate.salt),
  };
}

/** As its organization sees it. */
export function erasedJson(erasure: KnownErasure): ErasedNotarization {
  return { ...erasureJson(erasure), erasedBy: erasure.erasedBy };
}

export function holdJson({ id, reason, placedAt, placedBy, request, lifted, count }: LegalHold): Hold {
  return {
    id,
    reason,
    status: lifted !== null ? 'lifted' : request !== null ? 'lift_requested' : 'in_force',
    placedAt: formatTime(placedAt),
    placedBy,
    ...(request === null
      ? {}
      : { liftRequest: { at: formatTime(request.at), by: request.by, reason: request.reason } }),
    ...(lifted === null ? {} : { lifted: { at: formatTime(lifted.at), by: lifted.by } }),
    notarizations: count,
  };
}

export function heldJson({ position, salt }: HeldEntry) {
  return { position, id: salt && notarizationId(position, salt) };
}
