import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { JsonObject } from '../../../src/proof/index.js';
import {
  digestOf,
  firstEvent,
  type Holder,
  nextEvent,
  type Place,
  type SentEvent,
} from '../../support/records.js';
import type { Scene } from './scene.js';
import { WAIT_LIMIT_MS, waitFor } from './wait.js';

/** An event of a record as a service acknowledged it. */
export interface AcknowledgedEvent extends Place {
  readonly note: string;
}

/** A record, and what must have become of it when everything is over. */
export interface SentRecord {
  readonly id: string;
  /** May read it in the end. */
  readonly reader: Holder;
  readonly status: string;
  /** null: any. */
  readonly holder: Holder | null;
  readonly events: AcknowledgedEvent[];
  /** Its first event may have come too late: then there is no such record. */
  readonly canBeVoid: boolean;
}

export interface EventLoad {
  readonly records: readonly SentRecord[];
  /** Notes that were sent, whether or not they were acknowledged. */
  readonly sent: ReadonlySet<string>;
  /** Resolves when at least `count` more events have been acknowledged since the call. */
  progress(count: number): Promise<void>;
  /** Begins no more records, and resolves when every event has been acknowledged. */
  finish(): Promise<void>;
}

const RETRY_MS = 50;
const PAUSE_MS = 40;
const CLIENTS = 3;
/** How soon a contract expires by itself. */
const DEADLINE_MS = 2000;

export interface EventLoadOptions {
  /** The address of the service now. */
  readonly url: () => string;
  readonly origin: string;
  readonly alice: Holder;
  readonly bob: Holder;
}

/**
 * Clients that begin records and add events to them, whatever happens to the service: each event is sent with a key
 * until it is acknowledged.
 */
export function startEventLoad(scene: Scene, { url, origin, alice, bob }: EventLoadOptions): EventLoad {
  const stop = new AbortController();
  const records: SentRecord[] = [];
  const sent = new Set<string>();
  const wrong: string[] = [];
  let acknowledged = 0;
  scene.evidence(
    'the load of events',
    () => `${acknowledged} of ${sent.size} acknowledged in ${records.length} records`,
  );

  /** null: what it says until when (in ms) it holds was refused, because that time came while the service was away. */
  const sendUntil = async (
    until: number,
    event: SentEvent,
    after: Place | null,
  ): Promise<AcknowledgedEvent | null> => {
    sent.add(event.note);
    const key = randomBytes(16).toString('hex');
    const path = after === null ? '/v1/records' : `/v1/records/${after.record}/events`;
    let deadline = Number.POSITIVE_INFINITY;
    for (;;) {
      const answer = await post(`${url()}${path}`, key, event);
      if (typeof answer !== 'string') {
        acknowledged++;
        return { ...answer, note: event.note };
      }
      if (answer === '409 too_late' && Date.now() >= until) return null;
      if (answer !== 'unavailable') wrong.push(answer);
      if (stop.signal.aborted) deadline = Math.min(deadline, performance.now() + WAIT_LIMIT_MS);
      if (performance.now() > deadline) wrong.push('an event is not accepted although all faults are over');
      if (wrong.length > 0) throw new Error(wrong.join('; '));
      await delay(RETRY_MS);
    }
  };
  const send = async (event: SentEvent, after: Place | null): Promise<AcknowledgedEvent> => {
    const acknowledged = await sendUntil(Number.POSITIVE_INFINITY, event, after);
    if (acknowledged === null) throw new Error('an event without a deadline was refused as too late');
    return acknowledged;
  };
  const begin = async (
    type: string,
    body: JsonObject,
    signers: readonly Holder[],
    expected: Pick<SentRecord, 'reader' | 'status' | 'holder'>,
  ): Promise<SentRecord> => {
    const first = await send(firstEvent(type, body, signers, origin), null);
    const record = { id: first.record, ...expected, events: [first], canBeVoid: false };
    records.push(record);
    return record;
  };
  const add = async ({ events }: SentRecord, type: string, body: JsonObject, signers: readonly Holder[]) => {
    const last = events.at(-1);
    if (last === undefined) throw new Error('the record has no event');
    events.push(await send(nextEvent(last, type, body, signers, { origin }), last));
  };

  const terms = (text: string, more: object) => ({
    ...{ title: text, document: { sha256: digestOf(text) }, holder: alice.text },
    parties: [{ name: 'Bob', key: bob.text, order: 1 }],
    ...more,
  });
  const plans = [
    async (text: string) => {
      const body = { document: { sha256: digestOf(text) }, holder: alice.text };
      const paper = await begin('document.create', body, [alice], {
        reader: alice,
        status: 'current',
        holder: alice,
      });
      for (const version of ['a', 'b'])
        await add(paper, 'document.version', { document: { sha256: digestOf(text + version) } }, [alice]);
    },
    // Expires by itself, also when the chain is quiet.
    async (text: string) => {
      const deadline = Date.now() + DEADLINE_MS;
      const first = await sendUntil(
        deadline,
        firstEvent('contract.propose', terms(text, { deadline }), [alice], origin),
        null,
      );
      const expected = { reader: alice, status: 'expired', holder: alice, canBeVoid: true };
      if (first !== null) records.push({ id: first.record, ...expected, events: [first] });
    },
    // Is executed by itself, and the item changes hands by itself.
    async (text: string) => {
      const made = {
        title: text,
        serial: text,
        features: [],
        documents: [],
        issuer: alice.text,
        holder: alice.text,
      };
      const item = await begin('item.register', made, [alice], { reader: bob, status: 'held', holder: bob });
      const body = terms(text, { effects: [{ item: item.id, to: 0 }] });
      const contract = await begin('contract.propose', body, [alice], {
        reader: alice,
        status: 'executed',
        holder: alice,
      });
      await add(item, 'item.offer', { to: bob.text, on: { record: contract.id, is: 'executed' } }, [alice]);
      await add(item, 'item.accept', {}, [bob]);
      await add(contract, 'contract.sign', { party: 0 }, [bob]);
    },
  ];
  const client = async (name: string): Promise<void> => {
    for (let turn = 0; !stop.signal.aborted; turn++) {
      await plans[turn % plans.length]?.(`${name} ${turn}`);
      await delay(PAUSE_MS, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  };
  const clients = Array.from({ length: CLIENTS }, (_, i) => client(`client ${i}`));
  for (const each of clients) each.catch(() => undefined);
  scene.defer(async () => {
    stop.abort();
    await Promise.allSettled(clients);
  });
  return {
    records,
    sent,
    progress: async (count) => {
      const goal = acknowledged + count;
      await waitFor(`${count} more events`, () => wrong.length > 0 || acknowledged >= goal);
      if (wrong.length > 0) throw new Error(`responses that no service may give: ${wrong.join('; ')}`);
    },
    finish: async () => {
      stop.abort();
      await Promise.all(clients);
      scene.say(`${acknowledged} events of ${records.length} records acknowledged`);
    },
  };
}

/** What was acknowledged; `unavailable`: perhaps nothing; any other text: what no service may answer. */
async function post(url: string, key: string, event: SentEvent): Promise<Place | string> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
      body: JSON.stringify(event),
      signal: AbortSignal.timeout(60_000),
    });
    const answer = (await response.json()) as Place & { readonly code?: string };
    if (response.ok) return { record: answer.record, sequence: answer.sequence, value: answer.value };
    return response.status === 503 ? 'unavailable' : `${response.status} ${answer.code ?? ''}`;
  } catch {
    return 'unavailable';
  }
}
