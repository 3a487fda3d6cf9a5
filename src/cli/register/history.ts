import { isObject, type Json, type JsonObject } from '../../proof/index.js';
import { formatTime, grouped } from '../io.js';
import { registerMessages } from '../messages/register.js';
import type { ServiceClient } from '../service-client.js';

/** What happened to a notarization of one's own organization, newest first, as the API gives it. */
export interface History {
  readonly events: readonly JsonObject[];
  /** Of the people and keys, as far as the caller may know them. */
  readonly names: JsonObject;
}

const PAGE = 1000;

/** @throws {Failure} refused, for what no Ingam service sends */
export async function readHistory(service: ServiceClient, id: string): Promise<History> {
  const events: JsonObject[] = [];
  let names: JsonObject = {};
  let cursor: string | null = null;
  do {
    const query = `limit=${PAGE}${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
    const page = service.object(await service.request(`v1/notarizations/${id}/history?${query}`));
    const { next } = page;
    if (!Array.isArray(page['events']) || (typeof next !== 'string' && next !== null)) {
      throw service.unexpected('its history has no list of events');
    }
    events.push(...(page['events'] as readonly Json[]).filter(isObject));
    names = { ...names, ...(isObject(page['names'] ?? null) ? (page['names'] as JsonObject) : {}) };
    cursor = next;
  } while (cursor !== null);
  return { events, names };
}

/** Lines for people. */
export function historyLines({ events, names }: History): string[] {
  const { happened, somebody } = registerMessages();
  return events.map(({ at, kind, by, block, source }) => {
    const who = typeof by === 'string' ? (textOf(names[by]) ?? by) : somebody;
    const what = kind === 'sealed' ? blockOf(block) : kind === 'anchored' ? (textOf(source) ?? '?') : who;
    const name = textOf(kind) ?? '?';
    const said = Object.hasOwn(happened, name)
      ? happened[name as keyof typeof happened](what)
      : `${name}: ${who}`;
    return `${formatTime(Date.parse(textOf(at) ?? ''))} ${said}`;
  });
}

function blockOf(height: Json | undefined): string {
  return typeof height === 'number' ? grouped(height) : '?';
}

function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
