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
import { recordsMessages } from '../messages/records.js';
import { usageMessages } from '../messages/usage.js';

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
    help: {
      en: 'submit nothing: write the event to FILE, for others to sign\n("ingam record sign", then "ingam record submit")',
      ko: '제출하지 않고, 다른 사람이 서명하도록 이벤트를 FILE에 씀\n("ingam record sign" 다음에 "ingam record submit")',
    },
  },
  ...RECORD_SERVICE_OPTIONS,
  ...SUBMIT_OPTIONS,
} as const;

export const newCommand = defineCommand({
  name: 'record new',
  summary: { en: 'begin a record', ko: '기록을 시작합니다' },
  usage: 'KIND --key FILE… [--field NAME=TEXT]… [--body FILE] [--out FILE]',
  text: {
    en: `KIND is document, work, item or contract. What the first event must state, and whose keys sign it, is in
docs/records.md; docs/examples/ has whole courses. "holder" is the first --key unless the event states another.

With keys on several machines, --out writes the event to a file with the signatures that it has so far.

The id of the new record is written to standard output, explanations to standard error.
Exit code: 0 sealed, 1 refused or void, 2 wrong usage or no connection, 3 accepted but not sealed yet.`,
    ko: `KIND는 document, work, item, contract 가운데 하나입니다. 첫 이벤트에 적을 내용과 서명할 키는 docs/records.md에, 전체
과정의 예는 docs/examples/에 있습니다. 이벤트에 따로 적지 않으면 "holder"는 첫 번째 --key입니다.

키가 여러 컴퓨터에 있다면 --out으로 지금까지의 서명과 함께 이벤트를 파일에 쓰세요.

새 기록의 ID를 표준 출력에, 설명을 표준 오류에 씁니다.
종료 코드: 0 봉인됨, 1 거부되거나 무효, 2 잘못된 사용 또는 연결 실패, 3 접수되었으나 아직 봉인되지 않음.`,
  },
  options: EVENT_OPTIONS,
  positionals: { min: 1, max: 1, missing: { en: 'missing KIND', ko: 'KIND를 지정하세요' } },
  async run({ values, positionals: [kind = ''] }, io) {
    const type = FIRST_EVENTS.get(kind);
    if (type === undefined) {
      const kinds = [...FIRST_EVENTS.keys()];
      const near = closest(kind, kinds);
      throw usageError(
        usageMessages().oneOf('KIND', kinds.join(', ')),
        near === null ? undefined : recordsMessages().meantKind(near),
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
  summary: { en: 'add an event to a record', ko: '기록에 이벤트를 추가합니다' },
  usage: 'RECORD TYPE --key FILE… [--field NAME=TEXT]… [--body FILE] [--out FILE]',
  text: {
    en: `Adds an event such as contract.sign, item.offer or work.license to a record, on the state that it has now:
"ingam record show RECORD" names what can come next, and whose keys sign it. What each event states is in
docs/records.md.

If another event comes first, nothing is added, and the command says what has changed.

The number of the event in its record is written to standard output, explanations to standard error.
Exit code: 0 sealed, 1 refused or void, 2 wrong usage or no connection, 3 accepted but not sealed yet.`,
    ko: `contract.sign, item.offer, work.license 같은 이벤트를 기록의 지금 상태에 추가합니다. 다음에 할 수 있는 이벤트와
서명할 키는 "ingam record show RECORD"로 볼 수 있습니다. 이벤트마다 적을 내용은 docs/records.md에 있습니다.

다른 이벤트가 먼저 들어오면 추가하지 않고 무엇이 바뀌었는지 알려 줍니다.

기록에서 이벤트의 번호를 표준 출력에, 설명을 표준 오류에 씁니다.
종료 코드: 0 봉인됨, 1 거부되거나 무효, 2 잘못된 사용 또는 연결 실패, 3 접수되었으나 아직 봉인되지 않음.`,
  },
  options: EVENT_OPTIONS,
  positionals: {
    min: 2,
    max: 2,
    missing: { en: 'missing RECORD or TYPE', ko: 'RECORD와 TYPE을 지정하세요' },
  },
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
  summary: { en: 'show an event in a file, and sign it', ko: '파일에 든 이벤트를 보여 주고 서명합니다' },
  usage: 'EVENT [--key FILE]…',
  text: {
    en: `Shows what the event in the file EVENT states and who has signed it, and adds a signature with each --key. Without a
key it only shows. No network is used. Whoever has all signatures submits it: ingam record submit EVENT

Read what is shown before you sign: a signature of an event counts like your own hand's.`,
    ko: `EVENT 파일에 든 이벤트의 내용과 서명한 키를 보여 주고 --key마다 서명을 더합니다. 키가 없으면 보여 주기만 합니다.
네트워크를 쓰지 않습니다. 서명을 모두 모은 사람이 제출합니다: ingam record submit EVENT

서명하기 전에 내용을 읽으세요. 이벤트의 서명은 자필 서명처럼 여겨집니다.`,
  },
  options: {
    ...HOLDER_KEY_OPTION,
    json: { type: 'boolean', help: { en: 'print the event as JSON', ko: '이벤트를 JSON으로 출력' } },
  },
  positionals: { min: 1, max: 1, missing: { en: 'missing EVENT', ko: 'EVENT를 지정하세요' } },
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
  summary: { en: 'submit an event that all have signed', ko: '모두 서명한 이벤트를 제출합니다' },
  usage: 'EVENT [--server URL]',
  text: {
    en: `Submits the event in the file EVENT, from "ingam record new" or "ingam record add" with --out. Submitting it again does
no harm. If its record has changed since it was written, it is refused, and the command says what has changed: make a
new one then, and have it signed again.

Of a first event the id of the new record is written to standard output, of any other its number in the record.
Exit code: 0 sealed, 1 refused or void, 2 wrong usage or no connection, 3 accepted but not sealed yet.`,
    ko: `"ingam record new"나 "ingam record add"에서 --out으로 쓴 EVENT 파일의 이벤트를 제출합니다. 다시 제출해도 괜찮습니다.
이벤트를 쓴 뒤 기록이 바뀌었다면 거부되고 무엇이 바뀌었는지 알려 줍니다. 그때는 이벤트를 새로 만들어 다시 서명을
받으세요.

첫 이벤트라면 새 기록의 ID를, 다른 이벤트라면 기록에서의 번호를 표준 출력에 씁니다.
종료 코드: 0 봉인됨, 1 거부되거나 무효, 2 잘못된 사용 또는 연결 실패, 3 접수되었으나 아직 봉인되지 않음.`,
  },
  options: { ...HOLDER_KEY_OPTION, ...RECORD_SERVICE_OPTIONS, ...SUBMIT_OPTIONS },
  positionals: { min: 1, max: 1, missing: { en: 'missing EVENT', ko: 'EVENT를 지정하세요' } },
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
    throw usageError(recordsMessages().missingKey, recordsMessages().makeKey);
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
      recordsMessages().doesNotSign(shownKey(needless.key), event.type),
      recordsMessages().signedBy(asked.map(shownKeyText).join(', ')),
    );
  }
  const signed = withSignatures(unsigned, keys);
  const missing = asked.filter((text) => !hasLineOf(signed.note, parseEventKey(text))).map(shownKeyText);
  if (values.out === undefined) {
    if (missing.length > 0) {
      throw usageError(
        recordsMessages().alsoNeeds(event.type, missing.join(', ')),
        recordsMessages().howToSign,
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
      ? recordsMessages().allSigned(values.out)
      : recordsMessages().stillToSign(missing.join(', '), values.out),
  );
  return EXIT.ok;
}

function textOf(event: EventHead): string {
  try {
    return formatEvent(event);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw usageError(recordsMessages().badType(error.message), recordsMessages().eventTypes);
  }
}

/** What the rules say before anything is signed. */
function refusing<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof RecordRefusal)) throw error;
    throw new Failure('usage', recordsMessages().refusedByRules(error.code, error.message), {
      code: error.code,
      hint: error.message.endsWith('must be an object')
        ? recordsMessages().howToGiveObjects
        : recordsMessages().eventContents,
    });
  }
}
