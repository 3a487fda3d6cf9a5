import { LOCAL } from '../auth/policy.js';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Access } from '../auth/index.js';
import { EVENT_KINDS, type EventKind } from '../store/auth/model.js';
import type { AccessEvent, EventFilter } from '../store/index.js';
import {
  ORGANIZATION_OPTION,
  defineAdminCommand,
  findOrganization,
  findPerson,
  type Administration,
} from './admin-command.js';
import { closest, parseCount, parseMoment } from './arguments.js';
import { usageError } from './failure.js';
import {
  displayWidth,
  EXIT,
  formatTime,
  type Io,
  isoTime,
  jsonText,
  printable,
  printLine,
  printNote,
} from './io.js';
import { usageMessages } from './messages/usage.js';
import { administrationMessages } from './messages/administration.js';
import { SUMMARIES } from './summaries.js';

const DEFAULT_LIMIT = 100;
/** They are reversed in memory. */
const LARGEST_LIMIT = 1_000_000;

export const accessLogCommand = defineAdminCommand({
  name: 'access-log',
  summary: SUMMARIES['access-log'],
  usage: '[--organization ID] [--user PERSON] [--kind KIND]… [--from TIME] [--to TIME] [--follow]',
  text: {
    en: `Shows the access log, latest events last. docs/access.md explains the kinds of events.

Works directly on the database of a service on this machine. The service may be running.`,
    ko: `접속 기록을 보여 줍니다. 최근 이벤트가 맨 아래에 나옵니다. 이벤트의 종류는 docs/access.md에 있습니다.

이 컴퓨터에 있는 서비스의 데이터베이스에서 바로 읽습니다. 서비스가 실행 중이어도 됩니다.`,
  },
  options: {
    ...ORGANIZATION_OPTION,
    user: {
      type: 'string',
      value: 'PERSON',
      help: {
        en: 'events of this person: e-mail address or id',
        ko: '이 사람의 이벤트만: 이메일 주소 또는 ID',
      },
    },
    kind: {
      type: 'string',
      multiple: true,
      value: 'KIND',
      help: { en: 'events of this kind; may be repeated', ko: '이 종류의 이벤트만. 여러 번 쓸 수 있습니다' },
    },
    from: {
      type: 'string',
      value: 'TIME',
      help: {
        en: 'start time: 2026-11-23 (00:00 UTC), 2026-11-23T09:00:00+09:00, or 7d, 12h, 15m ago',
        ko: '시작 시각: 2026-11-23(00:00 UTC), 2026-11-23T09:00:00+09:00, 또는 7d, 12h, 15m 전',
      },
    },
    to: {
      type: 'string',
      value: 'TIME',
      help: { en: 'end time (exclusive)', ko: '끝 시각(이 시각은 포함하지 않음)' },
    },
    limit: {
      type: 'string',
      value: 'N',
      help: {
        en: `show the latest N events (default: ${DEFAULT_LIMIT})`,
        ko: `최근 N개의 이벤트를 표시(기본값: ${DEFAULT_LIMIT})`,
      },
    },
    follow: {
      type: 'boolean',
      help: { en: 'keep printing new events until stopped', ko: '중지할 때까지 새 이벤트를 계속 출력' },
    },
  },
  jsonHelp: { en: 'print JSON, one event per line', ko: '이벤트를 한 줄에 하나씩 JSON으로 출력' },
  positionals: { min: 0, max: 0 },
  plan({ values }, io) {
    if (values.follow && values.to !== undefined)
      throw usageError(usageMessages().notTogether('--follow', '--to'));
    const limit =
      values.limit === undefined ? DEFAULT_LIMIT : parseCount('--limit', values.limit, 0, LARGEST_LIMIT);
    const kinds = values.kind.map(parseKind);
    const chosen = {
      ...(kinds.length === 0 ? {} : { kinds }),
      ...(values.from === undefined ? {} : { from: parseMoment('--from', values.from, 'ago') }),
      ...(values.to === undefined ? {} : { to: parseMoment('--to', values.to, 'ago') }),
    };
    return async (administration) => {
      const reader = new EventReader(administration.access, {
        ...chosen,
        ...(await filterOf(administration, values.organization, values.user)),
      });
      const printer = new EventPrinter(administration, io, values.json);
      const { events, more } = await reader.latest(limit);
      await printer.print(events);
      if (values.follow) {
        for await (const fresh of reader.follow(io.signal)) {
          await printer.print(fresh);
          // As in `ingam access-log --follow | head`.
          if (io.stdout.isClosed === true) break;
        }
      } else if (events.length === 0) {
        printNote(io, administrationMessages().noEvents);
      } else if (more) {
        printNote(io, administrationMessages().earlierEvents);
      }
      return EXIT.ok;
    };
  },
});

function eventJson({ id, at, kind, organizationId, personId, keyId, address, detail }: AccessEvent) {
  return { id, at: isoTime(at), kind, organizationId, personId, keyId, address, detail };
}

async function filterOf(
  administration: Administration,
  organization: string | undefined,
  user: string | undefined,
) {
  return {
    ...(organization === undefined
      ? {}
      : { organizationId: (await findOrganization(administration, organization)).id }),
    ...(user === undefined ? {} : { personId: await personId(administration, user) }),
  };
}

/** People of an external issuer have no row, only an id. */
async function personId(administration: Administration, who: string): Promise<string> {
  return who.startsWith('oidc:') ? who : (await findPerson(administration, who)).id;
}

function parseKind(text: string): EventKind {
  const kind = EVENT_KINDS.find((each) => each === text);
  if (kind !== undefined) return kind;
  const near = closest(text, EVENT_KINDS);
  throw usageError(
    administrationMessages().unknownKind(text),
    near === null
      ? administrationMessages().kinds(EVENT_KINDS.join(', '))
      : administrationMessages().meantKind(near),
  );
}

/** Longer names and e-mail addresses shift the rest of the line. */
const WIDTHS = { kind: 24, organization: 25, person: 28, address: 15 } as const;

/** Prints one event per line. */
export class EventPrinter {
  readonly #administration: Pick<Administration, 'access' | 'store'>;
  readonly #io: Io;
  readonly #json: boolean;
  /** E-mail addresses by person. */
  readonly #people = new Map<string, string>();

  constructor(administration: Pick<Administration, 'access' | 'store'>, io: Io, json: boolean) {
    this.#administration = administration;
    this.#io = io;
    this.#json = json;
  }

  async print(events: readonly AccessEvent[]): Promise<void> {
    if (this.#json) {
      for (const event of events) printLine(this.#io.stdout, jsonText(eventJson(event)));
      return;
    }
    for (let i = 0; i < events.length; i += PAGE) {
      const page = events.slice(i, i + PAGE);
      const names = await this.#administration.access.log.names(LOCAL, page);
      for (const event of page) printLine(this.#io.stdout, await this.#line(event, names));
    }
  }

  /** Names where there are some; `--json` has the ids. */
  async #line(event: AccessEvent, names: ReadonlyMap<string, string>): Promise<string> {
    const { at, kind, organizationId, keyId, address, detail } = event;
    const named = (id: string) => names.get(id) ?? id;
    const facts = Object.entries(detail);
    const cells = [
      formatTime(at),
      kind.padEnd(WIDTHS.kind),
      padded(organizationId === null ? '-' : named(organizationId), WIDTHS.organization),
      padded(await this.#person(event), WIDTHS.person),
      padded(address ?? administrationMessages().thisMachine, WIDTHS.address),
      ...(keyId === null ? [] : [`key=${named(keyId)}`]),
      ...facts.map(([name, value]) => `${name}=${value === null ? 'none' : named(String(value))}`),
    ];
    return printable(cells.join('  ')).trimEnd();
  }

  async #person({ personId }: AccessEvent): Promise<string> {
    if (personId === null) return '-';
    const known = this.#people.get(personId);
    if (known !== undefined) return known;
    const person = personId.startsWith('oidc:') ? null : await this.#administration.store.person(personId);
    const who = person?.email ?? personId;
    this.#people.set(personId, who);
    return who;
  }
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

const PAGE = 1000;
const POLL_MS = 1000;
/** Transactions can commit out of order of their ids: late events are found among this many of the latest. */
const REMEMBERED = 1000;

/** Reads the access log backwards from its end. */
export class EventReader {
  readonly #access: Access;
  readonly #filter: Omit<EventFilter, 'limit' | 'before'>;
  /** Ids of the latest events already returned. */
  readonly #seen = new Set<number>();
  /** Events with lower ids are ignored. */
  #floor = 0;

  constructor(access: Access, filter: Omit<EventFilter, 'limit' | 'before'>) {
    this.#access = access;
    this.#filter = filter;
  }

  /** The latest `limit` events, oldest first. */
  async latest(limit: number): Promise<{ readonly events: AccessEvent[]; readonly more: boolean }> {
    const found = await this.#read(limit + 1, () => false);
    const events = found.slice(0, limit);
    this.#floor = events.at(-1)?.id ?? (found[0]?.id ?? 0) + 1;
    this.#remember(events);
    return { events: events.reverse(), more: found.length > limit };
  }

  /** New events in batches, oldest first, until `signal` aborts. */
  async *follow(signal: AbortSignal): AsyncGenerator<AccessEvent[]> {
    while (!signal.aborted) {
      const found = await this.#read(Infinity, ({ id }) => this.#seen.has(id) || id < this.#floor);
      const fresh = found.filter(({ id }) => id >= this.#floor && !this.#seen.has(id)).reverse();
      this.#remember(fresh);
      if (fresh.length > 0) yield fresh;
      await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Newest first, in whole pages, until `isKnown` holds for the last event of a page. */
  async #read(limit: number, isKnown: (event: AccessEvent) => boolean): Promise<AccessEvent[]> {
    const all: AccessEvent[] = [];
    while (all.length < limit) {
      const last = all.at(-1);
      if (last !== undefined && isKnown(last)) break;
      const size = Math.min(PAGE, limit - all.length);
      const page = await this.#access.log.read(LOCAL, {
        ...this.#filter,
        limit: size,
        ...(last === undefined ? {} : { before: last.id }),
      });
      all.push(...page);
      if (page.length < size) break;
    }
    return all;
  }

  #remember(events: readonly AccessEvent[]): void {
    for (const { id } of events) this.#seen.add(id);
    if (this.#seen.size <= REMEMBERED) return;
    const latest = [...this.#seen].sort((a, b) => b - a).slice(0, REMEMBERED);
    this.#floor = latest.at(-1) ?? this.#floor;
    this.#seen.clear();
    for (const id of latest) this.#seen.add(id);
  }
}
