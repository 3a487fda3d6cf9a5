import type { PrivateKey } from '../../crypto/keys.js';
import {
  bodyDigestOf,
  type Event,
  type EventHead,
  formatEvent,
  HASH_LENGTH,
  parseEventKey,
  RecordRefusal,
} from '../../proof/index.js';
import { signersOf } from '../../proof/records/rules.js';
import type { RecordState } from '../../proof/records/state.js';
import { closest } from '../arguments.js';
import { defineCommand } from '../command.js';
import { Failure, usageError } from '../failure.js';
import { EXIT, type ExitCode, type Io, printJson, printLine, printNote } from '../io.js';
import { BODY_OPTIONS, readBody } from './body.js';
import {
  eventJson,
  hasLineOf,
  readEvent,
  showEvent,
  type SignedEvent,
  withSignatures,
  writeEvent,
} from './event-file.js';
import { HOLDER_KEY_OPTION, keyOf, readHolderKeys, shownKey, shownKeyText } from './keys.js';
import { parseRecord, RECORD_SERVICE_OPTIONS, RecordService } from './service.js';
import { submit, SUBMIT_OPTIONS } from './submit.js';

/** The first event of each kind of record. */
const FIRST_EVENTS: ReadonlyMap<string, string> = new Map([
  ['document', 'document.create'],
  ['work', 'work.claim'],
  ['item', 'item.register'],
  ['contract', 'contract.propose'],
]);

const EVENT_OPTIONS = {
  ...BODY_OPTIONS,
  ...HOLDER_KEY_OPTION,
  out: {
    type: 'string',
    value: 'FILE',
    help: 'submit nothing: write the event to FILE, for others to sign\n("ingam record sign", then "ingam record submit")',
  },
  ...RECORD_SERVICE_OPTIONS,
  ...SUBMIT_OPTIONS,
} as const;

export const newCommand = defineCommand({
  name: 'record new',
  summary: 'begin a record',
  usage: 'KIND --key FILE… [--field NAME=TEXT]… [--body FILE] [--out FILE]',
  text: `KIND is document, work, item or contract. What the first event must state, and whose keys sign it, is in
docs/records.md; docs/examples/ has whole courses. "holder" is the first --key unless the event states another.

With keys on several machines, --out writes the event to a file with the signatures that it has so far.

The id of the new record is written to standard output, explanations to standard error.
Exit code: 0 sealed, 1 refused or void, 2 wrong usage or no connection, 3 accepted but not sealed yet.`,
  options: EVENT_OPTIONS,
  positionals: { min: 1, max: 1, missing: 'missing KIND' },
  async run({ values, positionals: [kind = ''] }, io) {
    const type = FIRST_EVENTS.get(kind);
    if (type === undefined) {
      const kinds = [...FIRST_EVENTS.keys()];
      const near = closest(kind, kinds);
      throw usageError(
        `KIND must be one of ${kinds.join(', ')}`,
        near === null ? undefined : `Did you mean: ingam record new ${near}`,
      );
    }
    const { keys, body, service } = await prepare(values, io);
    const [first] = keys;
    const holder = first === undefined || 'holder' in body ? {} : { holder: keyOf(first) };
    const head = { record: null, sequence: 0, before: new Uint8Array(HASH_LENGTH), type };
    const event = { ...head, origin: await service.origin(), body: { ...body, ...holder } };
    return handOver({ event, state: null, keys, service, values, io });
  },
});

export const addCommand = defineCommand({
  name: 'record add',
  summary: 'add an event to a record',
  usage: 'RECORD TYPE --key FILE… [--field NAME=TEXT]… [--body FILE] [--out FILE]',
  text: `Adds an event such as contract.sign, item.offer or work.license to a record, on the state that it has now:
"ingam record show RECORD" names what can come next, and whose keys sign it. What each event states is in
docs/records.md.

If another event comes first, nothing is added, and the command says what has changed.

The number of the event in its record is written to standard output, explanations to standard error.
Exit code: 0 sealed, 1 refused or void, 2 wrong usage or no connection, 3 accepted but not sealed yet.`,
  options: EVENT_OPTIONS,
  positionals: { min: 2, max: 2, missing: 'missing RECORD or TYPE' },
  async run({ values, positionals: [id = '', type = ''] }, io) {
    const record = parseRecord(id);
    const { keys, body, service } = await prepare(values, io);
    const { sequence, value, state } = await service.record(record);
    const head = { record, sequence: sequence + 1, before: value, type };
    const event = { ...head, origin: await service.origin(), body };
    return handOver({ event, state, keys, service, values, io });
  },
});

export const signCommand = defineCommand({
  name: 'record sign',
  summary: 'show an event in a file, and sign it',
  usage: 'EVENT [--key FILE]…',
  text: `Shows what the event in the file EVENT states and who has signed it, and adds a signature with each --key. Without a
key it only shows. No network is used. Whoever has all signatures submits it: ingam record submit EVENT

Read what is shown before you sign: a signature of an event counts like your own hand's.`,
  options: { ...HOLDER_KEY_OPTION, json: { type: 'boolean', help: 'print the event as JSON' } },
  positionals: { min: 1, max: 1, missing: 'missing EVENT' },
  async run({ values, positionals: [file = ''] }, io) {
    const given = await readEvent(file, io);
    const keys = await readHolderKeys(values.key, io);
    const signed = withSignatures(given, keys);
    showEvent(signed, io);
    if (keys.length > 0) await writeEvent(signed, file, io, true);
    if (values.json) printJson(io.stdout, eventJson(signed));
    else if (keys.length > 0) printLine(io.stdout, file);
    return EXIT.ok;
  },
});

export const submitCommand = defineCommand({
  name: 'record submit',
  summary: 'submit an event that all have signed',
  usage: 'EVENT [--server URL]',
  text: `Submits the event in the file EVENT, from "ingam record new" or "ingam record add" with --out. Submitting it again does
no harm. If its record has changed since it was written, it is refused, and the command says what has changed: make it
anew then, and have it signed again.

Of a first event the id of the new record is written to standard output, of any other its number in the record.
Exit code: 0 sealed, 1 refused or void, 2 wrong usage or no connection, 3 accepted but not sealed yet.`,
  options: { ...HOLDER_KEY_OPTION, ...RECORD_SERVICE_OPTIONS, ...SUBMIT_OPTIONS },
  positionals: { min: 1, max: 1, missing: 'missing EVENT' },
  async run({ values, positionals: [file = ''] }, io) {
    const event = await readEvent(file, io);
    const service = await RecordService.open(values, await readHolderKeys(values.key, io), io);
    return submit(event, service, values, io);
  },
});

interface EventValues {
  readonly server: string | undefined;
  readonly 'api-key': string | undefined;
  readonly key: readonly string[];
  readonly body: string | undefined;
  readonly field: readonly string[];
  readonly out: string | undefined;
  readonly 'no-wait': boolean;
  readonly json: boolean;
}

async function prepare(values: EventValues, io: Io) {
  const keys = await readHolderKeys(values.key, io);
  if (keys.length === 0 && values.out === undefined) {
    throw usageError(
      'missing --key FILE: an event is signed by those whose step it is',
      'Make a key with: ingam keygen --kind holder --name NAME. To have others sign first, write the event with --out FILE.',
    );
  }
  const body = await readBody(values, io);
  return { keys, body, service: await RecordService.open(values, keys, io) };
}

interface HandOver {
  readonly event: Omit<Event, 'bodyDigest'>;
  /** null: the event begins a record. */
  readonly state: RecordState | null;
  readonly keys: readonly PrivateKey[];
  readonly service: RecordService;
  readonly values: EventValues;
  readonly io: Io;
}

/** Signs the event, and submits it or writes it to a file. */
async function handOver({ event, state, keys, service, values, io }: HandOver): Promise<ExitCode> {
  const whole: Event = { ...event, bodyDigest: refusing(() => bodyDigestOf(event.body)) };
  const asked = refusing(() => signersOf(state, whole));
  const unsigned: SignedEvent = { event: whole, note: { text: textOf(whole), signatures: [] } };
  const needless = keys.find((key) => !asked.includes(keyOf(key)));
  if (needless !== undefined) {
    throw usageError(
      `${shownKey(needless.key)} does not sign ${event.type}`,
      `It is signed by ${asked.map(shownKeyText).join(' and ')}.`,
    );
  }
  const signed = withSignatures(unsigned, keys);
  const missing = asked.filter((text) => !hasLineOf(signed.note, parseEventKey(text))).map(shownKeyText);
  if (values.out === undefined) {
    if (missing.length > 0) {
      throw usageError(
        `${event.type} also needs the signature of ${missing.join(' and ')}`,
        'Give each key with --key FILE. If others have them, write the event with --out FILE, and let them sign it: ingam record sign FILE --key FILE',
      );
    }
    return submit(signed, service, values, io);
  }
  await writeEvent(signed, values.out, io, false);
  showEvent(signed, io);
  if (values.json) printJson(io.stdout, { ...eventJson(signed), missing });
  else printLine(io.stdout, values.out);
  printNote(
    io,
    missing.length === 0
      ? `All have signed. Submit it with: ingam record submit ${values.out}`
      : `Still to sign: ${missing.join(', ')}. They do it with: ingam record sign ${values.out} --key FILE`,
  );
  return EXIT.ok;
}

function textOf(event: EventHead): string {
  try {
    return formatEvent(event);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw usageError(error.message, 'The types of events are in docs/records.md, such as contract.sign.');
  }
}

/** What the rules say before anything is signed. */
function refusing<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof RecordRefusal)) throw error;
    throw new Failure('usage', error.message, {
      code: error.code,
      hint: error.message.endsWith('must be an object')
        ? 'A document is given as NAME=@FILE; members of other objects as NAME.MEMBER=TEXT. See docs/records.md.'
        : 'What each event states, and who signs it, is in docs/records.md.',
    });
  }
}
