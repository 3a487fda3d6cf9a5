import type { ErasureWithProof } from '../../log/index.js';
import { notarizationId, parseErasure, parseNote } from '../../proof/index.js';
import type { HeldEntry, LegalHold } from '../../store/index.js';
import type { Erasure, Hold } from '../schemas/erasure.js';
import { formatTime, hex } from './representation.js';

export function erasureJson({ erasure, certificate }: ErasureWithProof): Erasure {
  const { position, erasedAt, note, digest } = erasure;
  return {
    position,
    leafHash: hex(parseErasure(parseNote(note).text).leafHash),
    erasedAt: formatTime(erasedAt),
    certificate: note,
    sha256: hex(digest),
    notarization: certificate && notarizationId(certificate.position, certificate.entry.salt),
  };
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
