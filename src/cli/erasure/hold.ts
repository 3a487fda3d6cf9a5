import { isObject, type Json, type JsonObject } from '../../proof/index.js';
import { defineCommand } from '../command.js';
import { usageError } from '../failure.js';
import {
  type Column,
  EXIT,
  type ExitCode,
  formatTime,
  grouped,
  type Io,
  printJson,
  printLine,
  printNote,
  printTable,
} from '../io.js';
import { LANG_OPTION } from '../language.js';
import { erasureMessages } from '../messages/erasure.js';
import type { ServiceClient } from '../service-client.js';
import { asPerson, PERSON_OPTIONS, post } from './person.js';
import { SUMMARIES } from '../summaries.js';

interface Hold {
  readonly id: string;
  readonly reason: string;
  readonly status: 'in_force' | 'lift_requested' | 'lifted';
  readonly placedAt: string;
  readonly count: number;
  readonly json: JsonObject;
}

const STATUSES: readonly string[] = ['in_force', 'lift_requested', 'lifted'];

export const holdCommand = defineCommand({
  name: 'hold',
  summary: SUMMARIES.hold,
  usage: 'ID…|--search WORDS --reason TEXT | --lift HOLD --reason TEXT | --approve HOLD | --list',
  text: {
    en: `A legal hold keeps notarizations from being erased, by anybody, until two owners of the organization have lifted it: one
requests it with a reason (--lift), another one approves (--approve). --keep withdraws or rejects the request.

A hold is for the notarizations with these ids, or for all that a search of the register finds now; not for later ones.
Its id is written to standard output. Owners place and lift holds, owners and auditors list them.
Exit code: 0 done, 1 refused by a rule, such as the approval by who requested it, 2 wrong usage or no connection.`,
    ko: `법적 보존을 설정하면 조직의 소유자 두 명이 해제할 때까지 아무도 등록을 삭제할 수 없습니다. 한 소유자가 사유를 적어
해제를 요청하고(--lift) 다른 소유자가 승인합니다(--approve). --keep은 요청을 철회하거나 거부합니다.

보존 대상은 지정한 ID의 등록, 또는 지금 등록 내역 검색에서 찾은 모든 등록이며, 나중에 등록한 것은 포함하지 않습니다.
보존의 ID를 표준 출력에 씁니다. 설정과 해제는 소유자가, 목록 조회는 소유자와 감사 담당자가 할 수 있습니다.
종료 코드: 0 완료, 1 규칙에 따라 거부(예: 요청한 사람이 승인), 2 잘못된 사용 또는 연결 실패.`,
  },
  options: {
    ...PERSON_OPTIONS,
    reason: {
      type: 'string',
      value: 'TEXT',
      help: {
        en: 'why the hold is placed, or no longer needed',
        ko: '보존하는 사유, 또는 더 필요하지 않은 사유',
      },
    },
    search: {
      type: 'string',
      value: 'WORDS',
      help: {
        en: 'instead of ids: words of the details, all must match',
        ko: 'ID 대신: 문서 정보의 낱말. 모두 맞아야 합니다',
      },
    },
    tag: {
      type: 'string',
      value: 'TAG',
      help: { en: 'instead of ids: a complete tag', ko: 'ID 대신: 태그 전체' },
    },
    lift: {
      type: 'string',
      value: 'HOLD',
      help: { en: 'request that this hold be lifted', ko: '이 보존의 해제를 요청' },
    },
    approve: {
      type: 'string',
      value: 'HOLD',
      help: {
        en: 'approve that this hold is lifted, as another owner',
        ko: '다른 소유자로서 이 보존의 해제를 승인',
      },
    },
    keep: {
      type: 'string',
      value: 'HOLD',
      help: {
        en: 'withdraw or reject the request to lift this hold',
        ko: '이 보존의 해제 요청을 철회하거나 거부',
      },
    },
    list: { type: 'boolean', help: { en: 'list the holds of the organization', ko: '조직의 보존 목록' } },
    ...LANG_OPTION,
    json: {
      type: 'boolean',
      help: { en: 'print JSON, as the API gives it', ko: 'API의 응답 그대로 JSON으로 출력' },
    },
  },
  positionals: { min: 0, max: Infinity },
  async run({ values, positionals: ids }, io) {
    const t = erasureMessages();
    const { reason, search, tag, lift, approve, keep, list, json } = values;
    const isSearch = search !== undefined || tag !== undefined;
    const isPlacing = ids.length > 0 || isSearch;
    const actions = [isPlacing, lift !== undefined, approve !== undefined, keep !== undefined, list];
    if (actions.filter((each) => each).length !== 1 || (ids.length > 0 && isSearch))
      throw usageError(t.oneAction);
    if ((isPlacing || lift !== undefined) && (reason ?? '') === '') throw usageError(t.needsReason);
    return asPerson(values, io, async (service) => {
      if (list) return printHolds(await allHolds(service), json, io);
      const [answer, told] =
        lift !== undefined
          ? [await post(service, pathOf(lift, 'lift'), { reason }), t.liftRequested]
          : approve !== undefined
            ? [await post(service, pathOf(approve, 'lift/approval'), {}), t.lifted]
            : keep !== undefined
              ? [await service.request(pathOf(keep, 'lift'), { method: 'DELETE' }), t.stays]
              : [await post(service, 'v1/holds', newHold(reason ?? '', ids, search, tag)), null];
      const hold = readHold(service, service.object(answer));
      if (json) printJson(io.stdout, hold.json);
      else printLine(io.stdout, hold.id);
      printNote(io, told === null ? t.placed(hold.id, grouped(hold.count)) : told(hold.id));
      return EXIT.ok;
    });
  },
});

function newHold(
  reason: string,
  ids: readonly string[],
  search: string | undefined,
  tag: string | undefined,
) {
  if (ids.length > 0) return { reason, notarizations: ids };
  return {
    reason,
    search: { ...(search === undefined ? {} : { q: search }), ...(tag === undefined ? {} : { tag }) },
  };
}

const pathOf = (hold: string, step: string): string => `v1/holds/${encodeURIComponent(hold)}/${step}`;

function readHold(service: ServiceClient, value: Json): Hold {
  const json: JsonObject = isObject(value) ? value : {};
  const { id, reason, status, placedAt, notarizations: count } = json;
  if (
    typeof id !== 'string' ||
    typeof reason !== 'string' ||
    typeof status !== 'string' ||
    !STATUSES.includes(status) ||
    typeof placedAt !== 'string' ||
    typeof count !== 'number'
  ) {
    throw service.unexpected('a legal hold has no id, reason, status, time or number');
  }
  return { id, reason, status: status as Hold['status'], placedAt, count, json };
}

async function allHolds(service: ServiceClient): Promise<Hold[]> {
  const all: Hold[] = [];
  for (let cursor: Json = ''; typeof cursor === 'string';) {
    const after = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: JsonObject = service.object(await service.request(`v1/holds?limit=1000${after}`));
    const { holds, next = null } = page;
    if (!Array.isArray(holds)) throw service.unexpected('it has no list of legal holds');
    all.push(...(holds as readonly Json[]).map((each) => readHold(service, each)));
    cursor = next;
  }
  return all;
}

function printHolds(holds: readonly Hold[], asJson: boolean, io: Io): ExitCode {
  const t = erasureMessages();
  if (asJson) {
    printJson(io.stdout, { holds: holds.map(({ json }) => json) });
    return EXIT.ok;
  }
  if (holds.length === 0) {
    printNote(io, t.none);
    return EXIT.ok;
  }
  const columns: readonly Column<Hold>[] = [
    { title: t.columns.id, cell: ({ id }) => id },
    { title: t.columns.placed, cell: ({ placedAt }) => formatTime(Date.parse(placedAt)) },
    { title: t.columns.status, cell: ({ status }) => t.statuses[status] },
    { title: t.columns.count, cell: ({ count }) => grouped(count) },
    { title: t.columns.reason, cell: ({ reason }) => reason },
  ];
  printTable(io.stdout, columns, holds);
  return EXIT.ok;
}
