import { fromDecimal, fromHex, toHex } from '../bytes.js';
import { ProofError } from '../errors.js';
import { HASH_LENGTH } from '../hash.js';
import { parseNote } from '../note.js';
import { PORTABLE_VERIFIERS, type Verifiers } from '../verifiers.js';
import { verifyEventSignatures } from './keys.js';
import { PUBLISHABLE, type PublishableKind, type Shown } from './publishable.js';

// How the holder of a work or an item lets everybody see it (docs/record-files.md, "Publishing a record").

/** How far the time in a note may be from the service's, in milliseconds. */
export const PUBLICATION_AGE_MS = 300_000;

const FIRST_LINE = 'ingam/publish/v1';

export interface Publication {
  /** The log's. */
  readonly origin: string;
  /** The record's id, 32 bytes. */
  readonly record: Uint8Array;
  /** At least one, each once, in the order of `PUBLISHABLE`. */
  readonly shows: readonly Shown[];
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
}

/** The text that the holder signs, with its final LF. */
export function formatPublication({ origin, record, shows, time }: Publication): string {
  return `${FIRST_LINE}\n${origin}\n${toHex(record)}\n${shows.join(',')}\n${time}\n`;
}

/**
 * Reads a note by which the holder publishes the record. Whether its time is near, and later than that of the note
 * before, is for the service to judge.
 * @param source the whole note
 * @param of the log, the record's id (32 bytes), its kind, and the verifier key of its holder
 * @throws {ProofError} malformed_note, malformed_hex or malformed_number for what is not such a note of this record
 * @throws {RecordRefusal} missing_signature, unexpected_signature or bad_signature
 */
export function readPublication(
  source: string | Uint8Array,
  of: Pick<Publication, 'origin' | 'record'> & {
    readonly kind: PublishableKind;
    readonly holder: string;
  },
  verifiers: Verifiers = PORTABLE_VERIFIERS,
): Publication {
  const note = parseNote(source);
  const [first, origin = '', record = '', shows = '', time = '', end, ...rest] = note.text.split('\n');
  if (first !== FIRST_LINE || end !== '' || rest.length > 0)
    throw malformed(`it must have the lines "${FIRST_LINE}", log, record, what is shown, and time`);
  const named = shows.split(',');
  const chosen = PUBLISHABLE[of.kind].filter((each) => named.includes(each));
  if (chosen.length === 0 || chosen.join(',') !== shows)
    throw malformed(
      `what it shows must be some of ${PUBLISHABLE[of.kind].join(', ')}, in this order, with commas between them`,
    );
  const read: Publication = {
    origin,
    record: fromHex(record, HASH_LENGTH, 'the record'),
    shows: chosen,
    time: fromDecimal(time, 'the time'),
  };
  if (origin !== of.origin) throw malformed('it names another log');
  if (toHex(read.record) !== toHex(of.record)) throw malformed('it names another record');
  verifyEventSignatures(note, [of.holder], verifiers);
  return read;
}

function malformed(what: string): ProofError {
  return new ProofError('malformed_note', `the note does not publish this record: ${what}`);
}
