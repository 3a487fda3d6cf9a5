import {
  formatNote,
  formatPublication,
  isPublishable,
  PUBLISHABLE,
  type PublishableKind,
  type Shown,
  signNote,
  toHex,
} from '../../proof/index.js';
import { defineCommand } from '../command.js';
import { Failure, usageError } from '../failure.js';
import { EXIT, printJson, printLine, printNote } from '../io.js';
import { recordsMessages } from '../messages/records.js';
import { HOLDER_KEY_OPTION, keyOf, readHolderKeys, shownKeyText } from './keys.js';
import { parseRecord, RECORD_SERVICE_OPTIONS, RecordService } from './service.js';

export const publishCommand = defineCommand({
  name: 'record publish',
  summary: {
    en: 'show a work or an item to everybody, on a public page',
    ko: '저작물이나 물품을 공개 페이지로 누구나 보게 합니다',
  },
  usage: 'RECORD --key FILE --show WORDS',
  text: {
    en: `Publishes the record under /r/RECORD at the service's address, signed with the key of its holder. It needs the API
key of an organization that takes part in the record. WORDS say what is shown, with commas between them: of a work
title, kind, authors, creation, documents, licences, licensees, disputes, keys, history, search; of an item title,
serial, features, documents, appraisals, reports, keys, history, search. "history" is the whole history file,
"search" lets search engines list the page (docs/record-files.md). The status and the type and time of each event
are always shown.

What was published before is replaced. It ends with: ingam record unpublish RECORD, and when another key holds the
record.`,
    ko: `보유자의 키로 서명하여 서비스 주소의 /r/RECORD에 기록을 공개합니다. 기록에 참여한 조직의 API 키가 필요합니다. WORDS에는
공개할 내용을 쉼표로 나열합니다. 저작물: title, kind, authors, creation, documents, licences, licensees, disputes, keys,
history, search. 물품: title, serial, features, documents, appraisals, reports, keys, history, search. "history"는 이력
파일 전체, "search"는 검색 엔진 노출입니다(docs/record-files.md). 상태와 각 이벤트의 종류, 시각은 항상 공개됩니다.

전에 공개한 내용을 대신합니다. ingam record unpublish RECORD를 실행하거나 다른 키가 기록을 보유하면 공개가 끝납니다.`,
  },
  options: {
    ...HOLDER_KEY_OPTION,
    ...RECORD_SERVICE_OPTIONS,
    show: {
      type: 'string',
      value: 'WORDS',
      help: { en: 'what is shown, with commas between the words', ko: '공개할 내용, 쉼표로 구분' },
    },
    json: {
      type: 'boolean',
      help: { en: "print the service's answer as JSON", ko: '서비스의 응답을 JSON으로 출력' },
    },
  },
  positionals: { min: 1, max: 1, missing: { en: 'missing RECORD', ko: 'RECORD를 지정하세요' } },
  async run({ values, positionals: [id = ''] }, io) {
    const t = recordsMessages();
    const record = parseRecord(id);
    const keys = await readHolderKeys(values.key, io);
    if (keys.length === 0) throw usageError(t.missingHolderKey, t.makeHolderKey);
    const service = await RecordService.open(values, keys, io);
    const { state } = await service.record(record);
    if (!isPublishable(state.kind)) throw new Failure('refused', t.notPublishable(state.kind));
    const shows = wordsOf(state.kind, values.show);
    const key = keys.find((each) => keyOf(each) === state.holder);
    if (key === undefined) throw usageError(t.notTheHolder(shownKeyText(state.holder)), t.giveHolder);
    const text = formatPublication({ origin: await service.origin(), record, shows, time: Date.now() });
    const note = formatNote(signNote(text, key));
    const { client } = service;
    const answer = await client.request(`v1/records/${toHex(record)}/publication`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: () => JSON.stringify({ note }),
    });
    if (values.json) printJson(io.stdout, client.object(answer));
    else printLine(io.stdout, new URL(`r/${toHex(record)}`, client.url).href);
    printNote(io, t.isPublished(shows.join(', ')));
    return EXIT.ok;
  },
});

export const unpublishCommand = defineCommand({
  name: 'record unpublish',
  summary: { en: 'withdraw the public page of a record', ko: '기록의 공개 페이지를 내립니다' },
  usage: 'RECORD [--api-key API_KEY]',
  text: {
    en: `Withdraws what your organization has published of the record: nobody sees it any more. What others have copied
stays with them.`,
    ko: `조직이 공개한 기록을 내립니다. 더는 아무도 볼 수 없습니다. 다른 사람이 이미 복사한 내용은 그대로 남습니다.`,
  },
  options: RECORD_SERVICE_OPTIONS,
  positionals: { min: 1, max: 1, missing: { en: 'missing RECORD', ko: 'RECORD를 지정하세요' } },
  async run({ values, positionals: [id = ''] }, io) {
    const record = parseRecord(id);
    const { client } = await RecordService.open(values, [], io);
    await client.request(`v1/records/${toHex(record)}/publication`, { method: 'DELETE' });
    printNote(io, recordsMessages().isWithdrawn);
    return EXIT.ok;
  },
});

/** @throws {Failure} usage */
function wordsOf(kind: PublishableKind, given: string | undefined): readonly Shown[] {
  const t = recordsMessages();
  const all: readonly Shown[] = PUBLISHABLE[kind];
  const words = (given ?? '').split(',').filter((word) => word !== '');
  const unknown = words.find((word) => !(all as readonly string[]).includes(word));
  if (unknown !== undefined) throw usageError(t.notShowable(unknown, kind), t.showable(all.join(', ')));
  if (words.length === 0) throw usageError(t.missingShow, t.showable(all.join(', ')));
  return all.filter((each) => words.includes(each));
}
