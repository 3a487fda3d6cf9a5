import { computed, signal } from '@preact/signals';
import { fromHex, toHex } from '../../../proof/bytes.js';
import { isObject, type Json, type JsonObject } from '../../../proof/canonical-json.js';
import { ProofError } from '../../../proof/errors.js';
import { HASH_LENGTH } from '../../../proof/hash.js';
import { formatNote, type NoteSignature } from '../../../proof/note.js';
import {
  bodyDigestOf,
  type Event,
  formatEvent,
  parseEvent,
  parseEventText,
  withBody,
} from '../../../proof/records/event.js';
import { verifyEventSignatures } from '../../../proof/records/keys.js';
import { RecordRefusal } from '../../../proof/records/refusal.js';
import { signersOf } from '../../../proof/records/rules.js';
import {
  kindOfKey,
  ownKeys,
  passkeySigner,
  readKeyFile,
  type RecordSigner,
  shownEventKey,
} from '../../lib/record-keys.js';
import { localProblem } from '../../lib/request.js';
import type { RecordView, SentEvent } from './service.js';

/** Where the event goes: the record as it is now, or a new one. */
export type Target = Pick<RecordView, 'id' | 'sequence' | 'value' | 'state'> | null;

/** How one of the keys that an event needs comes to sign. */
export type Means =
  /** The passkey, or a key file that was opened on this page. */
  | { readonly kind: 'ready'; readonly signer: RecordSigner }
  /** The person's key, whose file is not open. */
  | { readonly kind: 'file' }
  /** A key that this browser does not know. */
  | { readonly kind: 'other' };

/** Key files that were opened: kept until the page is left, never stored. */
const opened = signal<ReadonlyMap<string, RecordSigner>>(new Map());

/** @throws ProblemError `not_a_key_file` */
export async function openKeyFile(file: File): Promise<string> {
  // A key file has some hundred bytes.
  if (file.size > 10_000) throw localProblem('not_a_key_file');
  const signer = readKeyFile(await file.text());
  opened.value = new Map([...opened.value, [signer.verifierKey, signer]]);
  return signer.verifierKey;
}

export function meansOf(key: string): Means {
  const signer = opened.value.get(key);
  if (signer !== undefined) return { kind: 'ready', signer };
  const known = ownKeys().find(({ verifierKey }) => verifierKey === key);
  if (known === undefined) return { kind: 'other' };
  return kindOfKey(key) === 'passkey' ? { kind: 'ready', signer: passkeySigner(known) } : { kind: 'file' };
}

/** An event with the signatures that it has so far. */
export class Draft {
  readonly event: Event;
  /** What the keys sign. */
  readonly text: string;
  /** All keys whose signatures it must have. */
  readonly needed: readonly string[];
  readonly #signatures = signal<readonly NoteSignature[]>([]);
  /** Repeated submissions are one. */
  readonly idempotencyKey = toHex(crypto.getRandomValues(new Uint8Array(16)));

  constructor(event: Event, needed: readonly string[], signatures: readonly NoteSignature[] = []) {
    this.event = event;
    this.text = formatEvent(event);
    this.needed = needed;
    this.#signatures.value = signatures;
  }

  readonly #missing = computed(() => this.needed.filter((key) => !this.has(key)));

  /** The keys that have still to sign. */
  get missing(): readonly string[] {
    return this.#missing.value;
  }

  has(key: string): boolean {
    return this.#signatures.value.some((line) => `${line.name}+${toHex(line.keyId)}` === shownEventKey(key));
  }

  /**
   * Lets every key sign that is at hand, one after the other.
   * @throws ProblemError as the signers do; what was signed before stays
   */
  async sign(): Promise<void> {
    for (const key of this.missing) {
      const means = meansOf(key);
      if (means.kind === 'ready') {
        const line = await means.signer.sign(this.text);
        this.#signatures.value = [...this.#signatures.value, line];
      }
    }
  }

  /** As the service takes it; as a file, perhaps with signatures missing, others sign it. */
  get sent(): SentEvent {
    const note = formatNote({ text: this.text, signatures: this.#signatures.value });
    return { note, body: this.event.body };
  }

  /**
   * What is submitted.
   * @throws RecordRefusal when the service would refuse the signatures
   */
  complete(): SentEvent {
    const { sent } = this;
    verifyEventSignatures(parseEvent(sent.note).note, this.needed);
    return sent;
  }
}

/**
 * An event of a record with what it states.
 * @param members the body without its nonce
 * @throws RecordRefusal when the rules do not have such an event
 */
export function draft(origin: string, to: Target, type: string, members: JsonObject): Draft {
  const body: JsonObject = { nonce: toHex(crypto.getRandomValues(new Uint8Array(16))), ...members };
  const event: Event = {
    origin,
    record: to === null ? null : fromHex(to.id, HASH_LENGTH),
    sequence: to === null ? 0 : to.sequence + 1,
    before: to === null ? new Uint8Array(HASH_LENGTH) : fromHex(to.value, HASH_LENGTH),
    type,
    bodyDigest: bodyDigestOf(body),
    body,
  };
  return new Draft(event, signersOf(to?.state ?? null, event));
}

/**
 * An event from a file of `{note, body}`, perhaps without all its signatures.
 * @throws ProblemError `not_an_event_file`
 */
export function readEventFile(text: string): {
  readonly event: Event;
  readonly signatures: readonly NoteSignature[];
} {
  try {
    const json = JSON.parse(text) as Json;
    if (!isObject(json)) throw localProblem('not_an_event_file');
    const { note, body } = json;
    if (typeof note !== 'string' || !isObject(body)) throw localProblem('not_an_event_file');
    if (note.endsWith('\n\n')) {
      return { event: withBody(parseEventText(note.slice(0, -1)), body), signatures: [] };
    }
    const parsed = parseEvent(note);
    return { event: withBody(parsed.event, body), signatures: parsed.note.signatures };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RecordRefusal || error instanceof ProofError)
      throw localProblem('not_an_event_file');
    throw error;
  }
}

/**
 * The draft of an event from a file.
 * @param to the record as it is now
 * @throws RecordRefusal when the rules do not have such an event
 */
export function draftOf({ event, signatures }: ReturnType<typeof readEventFile>, to: Target): Draft {
  return new Draft(event, signersOf(to?.state ?? null, event), signatures);
}
