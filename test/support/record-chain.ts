import { createHash, randomBytes } from 'node:crypto';
import { generateKey } from '../../src/crypto/keys.js';
import {
  ANONYMOUS,
  canonicalBody,
  ED25519,
  entryLeafHash,
  entryOfEvent,
  eventDigest,
  formatVerifierKey,
  type JsonObject,
  type NoteSigner,
  signEvent,
  toHex,
} from '../../src/proof/index.js';
import { nextValue, NO_VALUE } from '../../src/proof/records/changes.js';
import type { NewEntry } from '../../src/store/index.js';
import { sampleGroup } from './chain.js';
import type { TestStore } from './database.js';
import { ORIGIN } from './parts.js';

// Records on a chain whose events go straight into the store: for tests of what comes behind their acceptance.

export interface Signer extends NoteSigner {
  /** The public key. */
  readonly text: string;
  readonly privateText: string;
}

export function signer(name: string): Signer {
  const key = generateKey(name, ED25519);
  return {
    key: key.key,
    sign: (message) => key.sign(message),
    text: formatVerifierKey(key.key),
    privateText: key.text,
  };
}

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A record as its next event finds it; every event that is added changes it. */
export class Subject {
  #id: Uint8Array | null = null;
  sequence = -1;
  value: Uint8Array = NO_VALUE;

  get id(): Uint8Array {
    if (this.#id === null) throw new Error('the record has no event yet');
    return this.#id;
  }

  get hex(): string {
    return toHex(this.id);
  }

  /** The next event, whether or not the record takes it. */
  event(type: string, members: JsonObject, signers: readonly NoteSigner[]): PreparedEvent {
    const body = { nonce: randomBytes(16).toString('hex'), ...members };
    const place = { record: this.#id, sequence: this.sequence + 1, before: this.value };
    const note = signEvent({ origin: ORIGIN, ...place, type, body }, signers);
    return { subject: this, type, note, body, place };
  }

  /** Takes what happened by itself into account. */
  async reload(db: TestStore): Promise<void> {
    const [row] = await db.store.sealedRecords([this.id]);
    if (row === undefined) throw new Error('there is no such record');
    this.sequence = row.sequence;
    this.value = row.value;
  }

  advance(id: Uint8Array, sequence: number, value: Uint8Array): void {
    this.#id ??= id;
    this.sequence = sequence;
    this.value = value;
  }
}

export interface PreparedEvent {
  readonly subject: Subject;
  readonly type: string;
  readonly note: string;
  readonly body: JsonObject;
  readonly place: {
    readonly record: Uint8Array | null;
    readonly sequence: number;
    readonly before: Uint8Array;
  };
}

/** Accepts these events as one group, unchecked. */
export async function acceptEvents(
  db: Pick<TestStore, 'store' | 'query'>,
  events: readonly PreparedEvent[],
  acceptedAt = Date.now(),
): Promise<void> {
  const entries: NewEntry[] = events.map(({ note, body }) => {
    const salt = new Uint8Array(randomBytes(16));
    return { ...entryOfEvent(note, body, salt), salt, accountTag: ANONYMOUS };
  });
  const details = events.map(({ body }, index) => ({ index, json: canonicalBody(body), words: [] }));
  const { first } = await db.store.accept(sampleGroup({ acceptedAt, entries, details }));
  const rows = events.map(({ subject, type, note, place }, i) => {
    const entry = entries[i];
    if (entry === undefined) throw new Error('an entry is missing');
    const record = place.record ?? eventDigest(note);
    const value = nextValue(place.before, entryLeafHash({ ...entry, acceptedAt }));
    subject.advance(record, place.sequence, value);
    const [id, before, after] = [record, place.before, value].map((bytes) => Buffer.from(bytes));
    return { id, sequence: place.sequence, type, position: first + i, note, before, after };
  });
  await db.query(
    `INSERT INTO event (record, sequence, type, position, note, before, value) SELECT * FROM
     unnest($1::bytea[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::bytea[], $7::bytea[])`,
    (['id', 'sequence', 'type', 'position', 'note', 'before', 'after'] as const).map((column) =>
      rows.map((row) => row[column]),
    ),
  );
}
