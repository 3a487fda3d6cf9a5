import { isObject, type JsonObject } from '../../proof/index.js';
import { defineCommand } from '../command.js';
import { bodyFields, type Fields, printFields } from '../fields.js';
import { EXIT, formatTime, grouped, printJson, printLine, printNote } from '../io.js';
import { LANG_OPTION } from '../language.js';
import { registerMessages } from '../messages/register.js';
import { KEY_OPTION, openService, SERVER_OPTIONS, type ServiceClient } from '../service-client.js';
import { type History, historyLines, readHistory } from './history.js';
import { findNotarizations, type Notarization, readNotarization } from './notarizations.js';
import { SUMMARIES } from '../summaries.js';

export const showCommand = defineCommand({
  name: 'show',
  summary: SUMMARIES.show,
  usage: 'ID|DIGEST|FILE [--all]',
  text: {
    en: `Shows what the service states about a notarization: its id, or the digest or the file of its document. Of a file, only
the digest is sent. Of several notarizations the earliest sealed one is shown, or with --all every one.

Details are shown to the organization that notarized, to everybody if they are published, and of an anonymous
notarization by the id from its submission. The organization sees added tags and the history too: who notarized,
published, downloaded, exported. Exit code: 0 found, 1 not found.`,
    ko: `서비스가 밝힌 등록의 내용을 보여 줍니다. 등록의 ID, 또는 문서의 해시값이나 파일을 지정합니다. 파일은 해시값만
보냅니다. 등록이 여럿이면 가장 먼저 봉인된 것을, --all을 쓰면 모두 보여 줍니다.

문서 정보는 등록한 조직에, 공개되었다면 모두에게, 익명 등록이라면 등록할 때 받은 ID로 볼 수 있습니다. 등록한
조직에는 추가한 태그와 이력(등록, 공개, 내려받기, 내보내기)도 보여 줍니다. 종료 코드: 0 찾음, 1 찾지 못함.`,
  },
  options: {
    ...SERVER_OPTIONS,
    ...KEY_OPTION,
    all: { type: 'boolean', help: { en: 'every notarization of the document', ko: '문서의 모든 등록' } },
    ...LANG_OPTION,
    json: {
      type: 'boolean',
      help: { en: 'print JSON, as the API gives it', ko: 'API의 응답 그대로 JSON으로 출력' },
    },
  },
  positionals: {
    min: 1,
    max: 1,
    missing: { en: 'missing ID, DIGEST or FILE', ko: 'ID, DIGEST 또는 FILE을 지정하세요' },
  },
  async run({ values, positionals: [word = ''] }, io) {
    const t = registerMessages();
    const service = await openService(values, io);
    const { notarizations } = await findNotarizations(service, word, io);
    const found = values.all ? notarizations : notarizations.slice(0, 1);
    const shown: Shown[] = [];
    for (const each of found) shown.push(await complete(service, each));
    if (values.json) {
      printJson(io.stdout, {
        notarizations: shown.map(({ notarization: { json }, history }) =>
          history === null ? json : { ...json, history },
        ),
      });
      return EXIT.ok;
    }
    for (const [i, { notarization, history }] of shown.entries()) {
      if (i > 0) printLine(io.stdout);
      printFields(fieldsOf(notarization), io.stdout);
      if (history === null) continue;
      printLine(io.stdout, `${t.fields.history}:`);
      for (const line of historyLines(history)) printLine(io.stdout, `  ${line}`);
    }
    if (shown.length < notarizations.length) {
      printNote(io, t.severalFound(word, grouped(notarizations.length)));
    }
    printNote(io, `${t.notVerified} ${word}`);
    return EXIT.ok;
  },
});

interface Shown {
  readonly notarization: Notarization;
  /** null: it is not of the caller's organization. */
  readonly history: History | null;
}

/** What is found by a digest does not have all that the organization may see. */
async function complete(service: ServiceClient, notarization: Notarization): Promise<Shown> {
  const { id, json } = notarization;
  if (json['published'] === undefined) return { notarization, history: null };
  const whole = notarization.addedTags === null ? await service.request(`v1/notarizations/${id}`) : null;
  return {
    notarization: whole === null ? notarization : readNotarization(service, service.object(whole)),
    history: await readHistory(service, id),
  };
}

function fieldsOf(notarization: Notarization): Fields {
  const { fields: f, statuses, ...t } = registerMessages();
  const { id, sha256, size, status, acceptedAt, sealedAt, position, details, addedTags, json } = notarization;
  const { block, cosigned, published, held, kept, submittedBy } = json;
  const time = (text: string) => formatTime(Date.parse(text));
  const memberOf = (value: unknown, name: string) =>
    isObject((value ?? null) as never) ? (value as JsonObject)[name] : undefined;
  const height = memberOf(block, 'height');
  const [signed, of] = ['signed', 'of'].map((name) => memberOf(cosigned, name));
  return {
    [f.id]: id,
    [f.status]: Object.hasOwn(statuses, status) ? statuses[status as keyof typeof statuses] : status,
    [f.accepted]: time(acceptedAt),
    ...(sealedAt === null ? {} : { [f.sealed]: time(sealedAt) }),
    ...(typeof height === 'number' ? { [f.block]: height } : {}),
    [f.position]: position,
    ...(typeof signed === 'number' && typeof of === 'number'
      ? { [f.cosigned]: t.cosignedBy(String(signed), String(of)) }
      : {}),
    [f.sha256]: sha256,
    [f.size]: size === null ? t.unknown : t.bytes(grouped(size)),
    ...(details === null ? {} : { [f.details]: bodyFields(details) }),
    ...(addedTags === null || addedTags.length === 0 ? {} : { [f.addedTags]: addedTags.join(', ') }),
    ...(typeof published === 'boolean' ? { [f.published]: published ? t.yes : t.no } : {}),
    ...(typeof held === 'boolean' ? { [f.held]: held ? t.yes : t.no } : {}),
    ...(kept === true ? { [f.kept]: t.yes } : {}),
    ...(typeof submittedBy === 'string' ? { [f.submittedBy]: submittedBy } : {}),
  };
}
