import { resolve } from 'node:path';
import { parseCount, parseMoment } from '../arguments.js';
import { defineCommand } from '../command.js';
import { Failure, usageError } from '../failure.js';
import { writeNew, writeWhole } from '../files.js';
import { EXIT, formatTime, grouped, type Io, printJson, printNote, printTable } from '../io.js';
import { LANG_OPTION } from '../language.js';
import { registerMessages } from '../messages/register.js';
import {
  KEY_OPTION,
  openService,
  SERVER_OPTIONS,
  type ServiceClient,
  ServiceRefusal,
} from '../service-client.js';
import { detail, type Notarization, readNotarization, tagsOf } from './notarizations.js';
import type { Json } from '../../proof/index.js';
import { SUMMARIES } from '../summaries.js';

const STATUSES = ['accepted', 'sealed', 'anchored'] as const;
const ORDERS = ['newest', 'oldest'] as const;
const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 1000;

export const listCommand = defineCommand({
  name: 'list',
  summary: SUMMARIES.list,
  usage: '[WORD…] [--tag TAG] [--status STATUS] [--from TIME] [--to TIME] [--limit N | --all | --csv FILE]',
  text: {
    en: `Lists what the organization of your API key has notarized, newest first. All conditions must match; WORDs are words,
parts of words or beginnings of words in name, title, author, reference, note or tags. A part has at least three
letters. Sign in with "ingam login"; the key must be allowed to read.

A page has ${DEFAULT_LIMIT} notarizations, or as many as --limit says. The cursor of the next page is printed on standard error, and
is "next" in the JSON. --csv writes all that match to a file, for spreadsheets.`,
    ko: `API 키의 조직이 등록한 문서를 최근 것부터 보여 줍니다. 모든 조건이 맞아야 하며, WORD는 이름, 제목, 작성자, 관리
번호, 메모, 태그에 있는 낱말 또는 그 일부입니다. 영문은 세 글자부터 낱말 중간도 찾습니다. "ingam login"으로
로그인하세요. 키에 조회 권한이 있어야 합니다.

한 쪽에 ${DEFAULT_LIMIT}건, 또는 --limit에 지정한 만큼 보여 줍니다. 다음 쪽의 커서는 표준 오류에, JSON에서는
"next"에 나옵니다. --csv는 조건에 맞는 모든 내역을 스프레드시트용 파일에 씁니다.`,
  },
  options: {
    ...SERVER_OPTIONS,
    ...KEY_OPTION,
    tag: {
      type: 'string',
      value: 'TAG',
      help: {
        en: 'with this tag, in upper or lower case',
        ko: '이 태그가 있는 것. 대소문자를 가리지 않습니다',
      },
    },
    status: {
      type: 'string',
      value: 'STATUS',
      choices: STATUSES,
      help: { en: 'accepted, sealed or anchored', ko: 'accepted, sealed, anchored' },
    },
    sha256: {
      type: 'string',
      value: 'HEX',
      help: {
        en: 'whose digest begins so: 8 to 64 hexadecimal digits',
        ko: '해시값의 앞부분: 16진수 8~64자리',
      },
    },
    from: {
      type: 'string',
      value: 'TIME',
      help: {
        en: 'accepted at or after: 2027-01-31, 2027-01-31T09:00:00Z, 30d',
        ko: '이 시각부터 접수: 2027-01-31, 2027-01-31T09:00:00Z, 30d',
      },
    },
    to: { type: 'string', value: 'TIME', help: { en: 'accepted before', ko: '이 시각 전에 접수' } },
    order: {
      type: 'string',
      value: 'ORDER',
      choices: ORDERS,
      help: {
        en: 'newest (default) or oldest first',
        ko: 'newest(최근 것부터, 기본값) 또는 oldest(오래된 것부터)',
      },
    },
    limit: {
      type: 'string',
      value: 'N',
      help: {
        en: `size of a page, at most ${MAX_LIMIT} (default: ${DEFAULT_LIMIT})`,
        ko: `한 쪽의 크기, 최대 ${MAX_LIMIT}(기본값: ${DEFAULT_LIMIT})`,
      },
    },
    cursor: {
      type: 'string',
      value: 'CURSOR',
      help: {
        en: 'the next page of an earlier list, with the same conditions',
        ko: '같은 조건으로 본 목록의 다음 쪽',
      },
    },
    all: { type: 'boolean', help: { en: 'all pages', ko: '모든 쪽' } },
    csv: {
      type: 'string',
      value: 'FILE',
      help: { en: 'write all that match to a CSV file', ko: '조건에 맞는 모든 내역을 CSV 파일로 저장' },
    },
    force: { type: 'boolean', help: { en: 'replace an existing CSV file', ko: '이미 있는 CSV 파일을 바꿈' } },
    ...LANG_OPTION,
    json: {
      type: 'boolean',
      help: { en: 'print JSON, as the API gives it', ko: 'API의 응답 그대로 JSON으로 출력' },
    },
  },
  positionals: { min: 0, max: Infinity },
  async run({ values, positionals }, io) {
    const { limit, cursor, all, csv, json } = values;
    const t = registerMessages();
    for (const [name, value] of [
      ['--limit', limit],
      ['--cursor', cursor],
    ] as const) {
      if (value !== undefined && all) throw usageError(t.notBoth('--all', name));
      if (value !== undefined && csv !== undefined) throw usageError(t.notBoth('--csv', name));
    }
    if (csv !== undefined && json) throw usageError(t.notBoth('--csv', '--json'));
    const query = new URLSearchParams();
    const add = (name: string, value: string | undefined) => {
      if (value !== undefined) query.set(name, value);
    };
    const moment = (option: string, text: string | undefined) =>
      text === undefined ? undefined : new Date(parseMoment(option, text, 'ago')).toISOString();
    if (positionals.length > 0) add('q', positionals.join(' '));
    add('tag', values.tag);
    add('status', values.status);
    add('sha256', values.sha256);
    add('from', moment('--from', values.from));
    add('to', moment('--to', values.to));
    add('order', values.order);
    const service = await openService(values, io);
    if (csv !== undefined) {
      query.set('format', 'csv');
      const { bytes } = await ask(service, query);
      const file = resolve(io.cwd, csv);
      if (values.force) await writeWhole(file, csv, bytes, true);
      else await writeNew(file, csv, bytes);
      printNote(io, t.csvWritten(csv));
      return EXIT.ok;
    }
    const size = all
      ? MAX_LIMIT
      : limit === undefined
        ? DEFAULT_LIMIT
        : parseCount('--limit', limit, 1, MAX_LIMIT);
    query.set('limit', String(size));
    add('cursor', cursor);
    const found: Notarization[] = [];
    let next: string | null = null;
    do {
      const page = await pageOf(service, query);
      found.push(...page.notarizations);
      next = page.next;
      if (next !== null) query.set('cursor', next);
    } while (all && next !== null);
    if (json) printJson(io.stdout, { notarizations: found.map((each) => each.json), next });
    else printList(found, next, io);
    return EXIT.ok;
  },
});

async function ask(service: ServiceClient, query: URLSearchParams) {
  try {
    return await service.request(`v1/notarizations?${query.toString()}`);
  } catch (error) {
    if (!(error instanceof ServiceRefusal) || ![401, 403].includes(error.status)) throw error;
    const { message, code } = error;
    throw new Failure('refused', message, { code, cause: error, hint: registerMessages().needsKey });
  }
}

async function pageOf(service: ServiceClient, query: URLSearchParams) {
  const { notarizations, next } = service.object(await ask(service, query));
  if (!Array.isArray(notarizations) || (typeof next !== 'string' && next !== null)) {
    throw service.unexpected('its register has no list');
  }
  const list = (notarizations as readonly Json[]).map((each) => readNotarization(service, each));
  return { notarizations: list, next };
}

function printList(found: readonly Notarization[], next: string | null, io: Io): void {
  const t = registerMessages();
  const { columns, statuses } = t;
  if (found.length === 0) {
    printNote(io, t.none);
    return;
  }
  printTable(
    io.stdout,
    [
      { title: columns.accepted, cell: ({ acceptedAt }) => formatTime(Date.parse(acceptedAt)) },
      {
        title: columns.status,
        cell: ({ status }) =>
          Object.hasOwn(statuses, status) ? statuses[status as keyof typeof statuses] : status,
      },
      { title: columns.document, cell: nameOf },
      { title: columns.reference, cell: (each) => detail(each, 'reference') ?? '' },
      { title: columns.tags, cell: (each) => tagsOf(each).join(', ') },
      { title: columns.id, cell: ({ id }) => id },
    ],
    found,
  );
  if (next !== null) printNote(io, t.more(grouped(found.length), next));
}

/** How people call it: by its name or title, else by the beginning of its digest. */
function nameOf(each: Notarization): string {
  return detail(each, 'name') ?? detail(each, 'title') ?? `${each.sha256.slice(0, 16)}…`;
}
