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

const READ_OPTIONS = { ...HOLDER_KEY_OPTION, ...RECORD_SERVICE_OPTIONS } as const;

export const showCommand = defineCommand({
  name: 'record show',
  summary: 'show a record: its state, its events, and what can come next',
  usage: 'RECORD [--key FILE | --api-key API_KEY]',
  text: `Shows what the service says of the record: who holds it, its state, its events, and which events can come next, signed
by whom. Only its parties see a record: with the API key of an organization that takes part, or with a key that has a
role in it.

This is the service's word. To verify it yourself: ingam record history RECORD, then ingam verify FILE`,
  options: { ...READ_OPTIONS, json: { type: 'boolean', help: 'print JSON' } },
  positionals: { min: 1, max: 1, missing: 'missing RECORD' },
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
    printLine(io.stdout, 'events:');
    for (const event of events) printLine(io.stdout, `  ${eventLine(event)}`);
    printLine(io.stdout, 'next:');
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
  const place = height === undefined ? 'waits for its block' : `block ${word(height)}, ${word(sealedAt)}`;
  const itself = automatic === undefined ? '' : ', by itself';
  const isVoid = status === 'void' ? `, void (${word(reason)})` : '';
  return `${word(sequence)} ${word(type)}: ${place}${itself}${isVoid}`;
}

function stepLine({ type, signers, condition }: JsonObject): string {
  const names = Array.isArray(signers)
    ? (signers as readonly Json[]).map((key) => shownKeyText(word(key)))
    : [];
  return `${word(type)}${typeof condition === 'string' ? ` (${condition})` : ''} by ${names.join(' and ')}`;
}

interface Row {
  readonly id: string;
  readonly kind: string;
  readonly status: string;
  readonly sequence: string;
  readonly title: string;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'RECORD', cell: ({ id }) => id },
  { title: 'KIND', cell: ({ kind }) => kind },
  { title: 'STATUS', cell: ({ status }) => status },
  { title: 'EVENTS', right: true, cell: ({ sequence }) => sequence },
  { title: 'TITLE', cell: ({ title }) => title },
];

const PAGE = 200;

export const listCommand = defineCommand({
  name: 'record list',
  summary: 'list the records of your organization',
  usage: '[--kind KIND] [--status STATUS] [--words TEXT]',
  text: `Lists the records in which your organization has taken part, newest first.`,
  options: {
    kind: { type: 'string', value: 'KIND', help: 'document, work, item or contract' },
    status: { type: 'string', value: 'STATUS', help: 'such as current, offered or executed' },
    words: { type: 'string', value: 'TEXT', help: "words in your organization's events" },
    limit: { type: 'string', value: 'N', help: `how many (default: ${PAGE})` },
    ...RECORD_SERVICE_OPTIONS,
    json: { type: 'boolean', help: 'print JSON' },
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
    else if (records.length === 0) printNote(io, 'There are no such records.');
    else printTable(io.stdout, COLUMNS, records.map(rowOf));
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
  summary: 'save the history of a record, which verifies offline',
  usage: 'RECORD [--out FILE] [--key FILE | --api-key API_KEY]',
  text: `Saves a history file: all events of the record with their proofs, and a proof that nothing came later up to a block.
Whoever has it and a trust policy verifies it without the service: ingam verify FILE

The path of the file is written to standard output. An existing file is never replaced.`,
  options: {
    out: {
      type: 'string',
      value: 'FILE',
      help: `file for the history (default: the first 16 digits of RECORD with ${HISTORY_SUFFIX})`,
    },
    ...READ_OPTIONS,
  },
  positionals: { min: 1, max: 1, missing: 'missing RECORD' },
  async run({ values, positionals: [id = ''] }, io) {
    const record = parseRecord(id);
    const service = await RecordService.open(values, await readHolderKeys(values.key, io), io);
    const answer = await service.read(record, '/history');
    const shown = values.out ?? `${id.slice(0, 16)}${HISTORY_SUFFIX}`;
    await writeNew(resolve(io.cwd, shown), shown, answer.bytes);
    printLine(io.stdout, shown);
    printNote(io, `Verify it with: ingam verify ${shown}`);
    return EXIT.ok;
  },
});
