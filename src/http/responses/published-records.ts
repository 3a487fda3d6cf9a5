import {
  type EventKey,
  type JsonObject,
  parseEventKey,
  parseNote,
  ProofError,
  type Publication,
  publishedBody,
  toHex,
} from '../../proof/index.js';
import type { StoredEvent } from '../../store/index.js';
import type { PublishedEvent, PublishedKey, RecordPublication } from '../schemas/records.js';
import { formatTime } from './representation.js';

/** What everybody sees of a record that its holder has published. */

export function publicationJson({ record, shows, time }: Publication): RecordPublication {
  const id = toHex(record);
  return {
    record: id,
    shows: [...shows],
    signedAt: formatTime(time),
    links: { page: `/r/${id}`, publication: `/v1/records/${id}/publication` },
  };
}

/** @param events of which all are sealed and none is void */
export function publishedEventsJson(
  events: readonly StoredEvent[],
  known: readonly string[],
  { shows }: Publication,
): PublishedEvent[] {
  const keys = new Map<string, EventKey>();
  const bodies = events.map(({ body }) => (body === null ? null : (JSON.parse(body) as JsonObject)));
  for (const text of [...known, ...bodies.flatMap(textsIn)]) addKey(keys, text);
  const withNames = shows.includes('keys');
  return events.flatMap(({ sequence, type, note, position, height, sealedAt }, i): PublishedEvent[] => {
    if (height === null || sealedAt === null) return [];
    const isAutomatic = position === null;
    const shown = publishedBody(type, bodies[i] ?? null, shows);
    return [
      {
        ...{ sequence, type, automatic: isAutomatic },
        signers: isAutomatic
          ? []
          : parseNote(note).signatures.map(({ name, keyId }) => {
              const id = toHex(keyId);
              const kind = keys.get(`${name}+${id}`)?.algorithm ?? null;
              return { id, kind, name: withNames ? name : null };
            }),
        ...(shown === null ? {} : { body: shown }),
        ...(isAutomatic || bodies[i] !== null ? {} : { erased: true }),
        ...{ height, sealedAt: formatTime(sealedAt) },
      },
    ];
  });
}

/** @param text a verifier key */
export function publishedKeyJson(text: string, { shows }: Publication): PublishedKey {
  const { name, keyId, algorithm } = parseEventKey(text);
  return { id: toHex(keyId), kind: algorithm, name: shows.includes('keys') ? name : null };
}

/** Notes have of a key its name and id only; the whole key is in a body, or in the state of the record. */
function addKey(keys: Map<string, EventKey>, text: string): void {
  if (text.split('+').length < 3) return;
  try {
    const key = parseEventKey(text);
    keys.set(`${key.name}+${toHex(key.keyId)}`, key);
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
  }
}

function textsIn(json: unknown): readonly string[] {
  if (typeof json === 'string') return [json];
  return typeof json === 'object' && json !== null ? Object.values(json).flatMap(textsIn) : [];
}
