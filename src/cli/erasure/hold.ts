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
  summary: 'keep notarizations from being erased: legal holds',
  usage:
    'ID… --reason TEXT | --search WORDS | --tag TAG --reason TEXT | --lift HOLD --reason TEXT | --approve HOLD | --list',
  text: `A legal hold keeps notarizations from being erased, by anybody, until two owners of the organization have lifted it: one
requests it with a reason (--lift), another one approves (--approve). --keep withdraws or rejects the request.

A hold is for the notarizations with these ids, or for all that a search of the register finds now; not for later ones.
Its id is written to standard output. Owners place and lift holds, owners and auditors list them.
Exit code: 0 done, 1 refused by a rule, such as the approval by who requested it, 2 wrong usage or no connection.`,
  options: {
    ...PERSON_OPTIONS,
    reason: { type: 'string', value: 'TEXT', help: 'why the hold is placed, or no longer needed' },
    search: { type: 'string', value: 'WORDS', help: 'instead of ids: words of the details, all must match' },
    tag: { type: 'string', value: 'TAG', help: 'instead of ids: a complete tag' },
    lift: { type: 'string', value: 'HOLD', help: 'request that this hold be lifted' },
    approve: { type: 'string', value: 'HOLD', help: 'approve that this hold is lifted, as another owner' },
    keep: { type: 'string', value: 'HOLD', help: 'withdraw or reject the request to lift this hold' },
    list: { type: 'boolean', help: 'list the holds of the organization' },
    ...LANG_OPTION,
    json: { type: 'boolean', help: 'print JSON, as the API gives it' },
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
