import { resolve } from 'node:path';
import type { PrivateKey } from '../../crypto/keys.js';
import {
  type Event,
  formatNote,
  isObject,
  type JsonObject,
  type Note,
  parseEvent,
  parseEventText,
  RecordRefusal,
  signNote,
  toHex,
  withBody,
} from '../../proof/index.js';
import { Failure } from '../failure.js';
import { bodyFields, printFields } from '../fields.js';
import { readObject, writeNew, writeWhole } from '../files.js';
import { type Io, printNote } from '../io.js';
import { shownKey } from './keys.js';
import { recordsMessages } from '../messages/records.js';

/**
 * An event with the signatures that it has so far. As a file it is what the service takes, so that several
 * parties can sign it one after the other, each on their own machine.
 */
export interface SignedEvent {
  readonly event: Event;
  /** Perhaps without any signature. */
  readonly note: Note;
}

/** What the service takes. */
export function eventJson({ note, event }: SignedEvent): {
  readonly note: string;
  readonly body: JsonObject;
} {
  return { note: formatNote(note), body: event.body };
}

/** @throws {Failure} conflict, unreadable */
export async function writeEvent(event: SignedEvent, file: string, io: Io, replace: boolean): Promise<void> {
  const text = `${JSON.stringify(eventJson(event), null, 2)}\n`;
  const path = resolve(io.cwd, file);
  await (replace ? writeWhole(path, file, text, true) : writeNew(path, file, text));
}

/** @throws {Failure} unreadable, malformed */
export async function readEvent(file: string, io: Io): Promise<SignedEvent> {
  const { note, body, ...others } = await readObject(resolve(io.cwd, file), file);
  if (typeof note !== 'string' || !isObject(body ?? null) || Object.keys(others).length > 0) {
    throw new Failure('malformed', recordsMessages().notAnEvent(file), {
      hint: recordsMessages().makeEvent,
    });
  }
  try {
    const isUnsigned = note.endsWith('\n\n');
    const parsed: Note = isUnsigned ? { text: note.slice(0, -1), signatures: [] } : parseEvent(note).note;
    return { note: parsed, event: withBody(parseEventText(parsed.text), body as JsonObject) };
  } catch (error) {
    if (!(error instanceof RecordRefusal)) throw error;
    throw new Failure('malformed', recordsMessages().badEvent(file, error.message), { code: error.code });
  }
}

/** @throws {Failure} when one of the keys has signed it before */
export function withSignatures({ note, event }: SignedEvent, keys: readonly PrivateKey[]): SignedEvent {
  const twice = keys.find(({ key }) => hasLineOf(note, key));
  if (twice !== undefined) {
    throw new Failure('conflict', recordsMessages().alreadySigned(shownKey(twice.key)), {
      hint: recordsMessages().submitIt,
    });
  }
  const { signatures } = signNote(note.text, ...keys);
  return { event, note: { text: note.text, signatures: [...note.signatures, ...signatures] } };
}

type Named = Pick<PrivateKey['key'], 'name' | 'keyId'>;

export function hasLineOf({ signatures }: Note, key: Named): boolean {
  return signatures.some(({ name, keyId }) => name === key.name && toHex(keyId) === toHex(key.keyId));
}

/** Shows what a signature of this event is for. */
export function showEvent({ event, note }: SignedEvent, io: Io): void {
  const of =
    event.record === null
      ? recordsMessages().firstEvent
      : recordsMessages().eventOf(event.sequence, toHex(event.record));
  printNote(io, recordsMessages().eventHead(event.type, of, event.origin));
  printFields(bodyFields(event.body), io.stderr, '  ');
  const names = note.signatures.map(({ name, keyId }) => `${name}+${toHex(keyId)}`);
  printNote(
    io,
    recordsMessages().signatures(names.length === 0 ? recordsMessages().noneYet : names.join(', ')),
  );
}
