import { resolve } from 'node:path';
import { isObject, type Json, type JsonObject } from '../../proof/index.js';
import { parseCount } from '../arguments.js';
import { defineCommand } from '../command.js';
import { type Fields, printFields } from '../fields.js';
import { writeNew } from '../files.js';
import { type Column, EXIT, printJson, printLine, printNote, printTable } from '../io.js';
import { openService } from '../service-client.js';
import { HOLDER_KEY_OPTION, readHolderKeys, shownKeyText } from './keys.js';
import { parseRecord, RECORD_SERVICE_OPTIONS, RecordService, word } from './service.js';
import { recordsMessages } from '../messages/records.js';

const READ_OPTIONS = { ...HOLDER_KEY_OPTION, ...RECORD_SERVICE_OPTIONS } as const;

export const showCommand = defineCommand({
  name: 'record show',
  summary: {
    en: 'show a record: its state, its events, and what can come next',
    ko: '기록의 상태, 이벤트, 다음에 할 수 있는 일을 보여 줍니다',
  },
  usage: 'RECORD [--key FILE | --api-key API_KEY]',
  text: {
    en: `Shows what the service says of the record: who holds it, its state, its events, and which events can come next, signed
by whom. Only its parties see a record: with the API key of an organization that takes part, or with a key that has a
role in it.

This is the service's word. To verify it yourself: ingam record history RECORD, then ingam verify FILE`,
    ko: `서비스가 밝힌 기록의 내용을 보여 줍니다: 보유자, 상태, 이벤트, 다음에 할 수 있는 이벤트와 서명할 사람. 기록은
당사자만 볼 수 있습니다: 참여한 조직의 API 키나 기록에서 역할이 있는 키가 필요합니다.

서비스가 밝힌 내용입니다. 직접 확인하려면 ingam record history RECORD 다음에 ingam verify FILE을 실행하세요.`,
  },
  options: { ...READ_OPTIONS, json: { type: 'boolean', help: { en: 'print JSON', ko: 'JSON으로 출력' } } },
  positionals: { min: 1, max: 1, missing: { en: 'missing RECORD', ko: 'RECORD를 지정하세요' } },
  async run({ values, positionals: [id = ''] }, io) {
    const record = parseRecord(id);
    const service = await RecordService.open(values, await readHolderKeys(values.key, io), io);
    const { json } = await service.record(record);
    const events = await service.events(record);
    if (values.json) {
      printJson(io.stdout, { ...json, events });
      return EXIT.ok;
    }
    const { kind, status, title = null, holder, sequence, value, state, next, waiting } = json;
    const { kind: _, status: __, holder: ___, ...more } = state as JsonObject;
    const titled = title === null ? {} : { title };
    const head = { record: id, kind, status, ...titled, holder, sequence, value, waiting };
    printFields({ ...head, ...withoutNothing(more) } as Fields, io.stdout);
    printLine(io.stdout, recordsMessages().events);
    for (const event of events) printLine(io.stdout, `  ${eventLine(event)}`);
    printLine(io.stdout, recordsMessages().next);
    for (const step of listOf(next)) printLine(io.stdout, `  ${stepLine(step)}`);
    return EXIT.ok;
  },
});

/** Members of a state that are null say nothing to people. */
function withoutNothing(state: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(state).filter(([, value]) => value !== null));
}

function listOf(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter(isObject) : [];
}

function eventLine({ sequence, type, status, reason, height, sealedAt, automatic }: JsonObject): string {
  const place =
    height === undefined ? recordsMessages().waits : recordsMessages().inBlock(word(height), word(sealedAt));
  const itself = automatic === undefined ? '' : recordsMessages().byItself;
  const isVoid = status === 'void' ? recordsMessages().isVoid(word(reason)) : '';
  return `${word(sequence)} ${word(type)}: ${place}${itself}${isVoid}`;
}

function stepLine({ type, signers, condition }: JsonObject): string {
  const names = Array.isArray(signers)
    ? (signers as readonly Json[]).map((key) => shownKeyText(word(key)))
    : [];
  return recordsMessages().step(
    `${word(type)}${typeof condition === 'string' ? ` (${condition})` : ''}`,
    names,
  );
}

interface Row {
  readonly id: string;
  readonly kind: string;
  readonly status: string;
  readonly sequence: string;
  readonly title: string;
}

function columns(): Column<Row>[] {
  const { columns: c } = recordsMessages();
  return [
    { title: c.record, cell: ({ id }) => id },
    { title: c.kind, cell: ({ kind }) => kind },
    { title: c.status, cell: ({ status }) => status },
    { title: c.events, right: true, cell: ({ sequence }) => sequence },
    { title: c.title, cell: ({ title }) => title },
  ];
}

const PAGE = 200;

export const listCommand = defineCommand({
  name: 'record list',
  summary: { en: 'list the records of your organization', ko: '조직의 기록 목록을 보여 줍니다' },
  usage: '[--kind KIND] [--status STATUS] [--words TEXT]',
  text: {
    en: `Lists the records in which your organization has taken part, newest first.`,
    ko: '조직이 참여한 기록을 최근 것부터 보여 줍니다.',
  },
  options: {
    kind: {
      type: 'string',
      value: 'KIND',
      help: { en: 'document, work, item or contract', ko: 'document, work, item, contract' },
    },
    status: {
      type: 'string',
      value: 'STATUS',
      help: { en: 'such as current, offered or executed', ko: '예: current, offered, executed' },
    },
    words: {
      type: 'string',
      value: 'TEXT',
      help: { en: "words in your organization's events", ko: '조직의 이벤트에 있는 낱말' },
    },
    limit: {
      type: 'string',
      value: 'N',
      help: { en: `how many (default: ${PAGE})`, ko: `몇 개(기본값: ${PAGE})` },
    },
    ...RECORD_SERVICE_OPTIONS,
    json: { type: 'boolean', help: { en: 'print JSON', ko: 'JSON으로 출력' } },
  },
  positionals: { min: 0, max: 0 },
  async run({ values }, io) {
    const limit = values.limit === undefined ? PAGE : parseCount('--limit', values.limit, 1, 100_000);
    const service = await openService({ server: values.server, key: values['api-key'] }, io);
    const records: JsonObject[] = [];
    let cursor: Json = null;
    do {
      const query = new URLSearchParams({ limit: String(Math.min(PAGE, limit - records.length)) });
      if (values.kind !== undefined) query.set('kind', values.kind);
      if (values.status !== undefined) query.set('status', values.status);
      if (values.words !== undefined) query.set('q', values.words);
      if (typeof cursor === 'string') query.set('cursor', cursor);
      const answer: JsonObject = service.object(await service.request(`v1/records?${query.toString()}`));
      records.push(...listOf(answer['records']));
      cursor = answer['next'] ?? null;
    } while (typeof cursor === 'string' && records.length < limit);
    if (values.json) printJson(io.stdout, { records });
    else if (records.length === 0) printNote(io, recordsMessages().noRecords);
    else printTable(io.stdout, columns(), records.map(rowOf));
    return EXIT.ok;
  },
});

function rowOf({ id, kind, status, sequence, title }: JsonObject): Row {
  return {
    id: word(id),
    kind: word(kind),
    status: word(status),
    sequence: String(Number(sequence) + 1),
    title: typeof title === 'string' ? title : '',
  };
}

const HISTORY_SUFFIX = '.ingam-history.json';

export const historyCommand = defineCommand({
  name: 'record history',
  summary: {
    en: 'save the history of a record, which verifies offline',
    ko: '오프라인으로 확인할 수 있는 기록의 이력을 저장합니다',
  },
  usage: 'RECORD [--out FILE] [--key FILE | --api-key API_KEY]',
  text: {
    en: `Saves a history file: all events of the record with their proofs, and a proof that nothing came later up to a block.
Whoever has it and a trust policy verifies it without the service: ingam verify FILE

The path of the file is written to standard output. An existing file is never replaced.`,
    ko: `이력 파일을 저장합니다: 기록의 모든 이벤트와 그 증명, 그리고 어느 블록까지 그 뒤에 아무 일도 없었다는 증명. 이
파일과 신뢰 정책이 있으면 서비스 없이 확인할 수 있습니다: ingam verify FILE

파일의 경로를 표준 출력에 씁니다. 이미 있는 파일은 바꾸지 않습니다.`,
  },
  options: {
    out: {
      type: 'string',
      value: 'FILE',
      help: {
        en: `file for the history (default: the first 16 digits of RECORD with ${HISTORY_SUFFIX})`,
        ko: `이력을 쓸 파일(기본값: RECORD의 처음 16자리에 ${HISTORY_SUFFIX})`,
      },
    },
    ...READ_OPTIONS,
  },
  positionals: { min: 1, max: 1, missing: { en: 'missing RECORD', ko: 'RECORD를 지정하세요' } },
  async run({ values, positionals: [id = ''] }, io) {
    const record = parseRecord(id);
    const service = await RecordService.open(values, await readHolderKeys(values.key, io), io);
    const answer = await service.read(record, '/history');
    const shown = values.out ?? `${id.slice(0, 16)}${HISTORY_SUFFIX}`;
    await writeNew(resolve(io.cwd, shown), shown, answer.bytes);
    printLine(io.stdout, shown);
    printNote(io, recordsMessages().verifyIt(shown));
    return EXIT.ok;
  },
});
