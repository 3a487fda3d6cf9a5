import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import {
  digestOf,
  documentBody,
  firstEvent,
  newHolder,
  nextEvent,
  type Place,
} from '../../support/records.js';
import type { Row } from '../harness/bench.js';
import { atLeast, compare } from '../harness/figure.js';
import { Spoiled } from '../harness/statistics.js';

const CLIENTS = 64;
/** Lines of one request while records are made. */
const CHUNK = 5000;

const Answer = z.looseObject({ record: z.string(), sequence: z.int(), value: z.string() });

/**
 * Durable events of records, each signed for the value that the event before had as its answer, against durable
 * POSTs of one digest: by the same 64 clients in this process, which signs as well.
 */
export const recordEvents: Row = {
  name: 'record-events',
  async measure(bench) {
    const service = await bench.service('record-events');
    try {
      const { url } = service;
      const { origin } = z
        .looseObject({ origin: z.string() })
        .parse(await (await fetch(`${url}/v1/chain`)).json());
      const holder = newHolder('holder.example');
      const count = bench.quick ? 2000 : 100_000;
      const places: Place[] = [];
      while (places.length < count) {
        const lines = Array.from({ length: Math.min(CHUNK, count - places.length) }, (_, i) =>
          JSON.stringify(
            firstEvent('document.create', documentBody(holder, `${places.length + i}`), [holder], origin),
          ),
        );
        const text = await post(`${url}/v1/records/events`, 'application/x-ndjson', lines.join('\n'));
        for (const line of text.trimEnd().split('\n')) places.push(Answer.parse(JSON.parse(line)));
      }
      let next = 0;
      const event = async () => {
        const at = next++ % places.length;
        const place = places[at];
        if (place === undefined) throw new Spoiled('there are no records');
        const body = { document: { sha256: digestOf(`${at} ${place.sequence}`) } };
        const sent = nextEvent(place, 'document.version', body, [holder], { origin });
        const answer = await post(
          `${url}/v1/records/${place.record}/events`,
          'application/json',
          JSON.stringify(sent),
        );
        places[at] = Answer.parse(JSON.parse(answer));
      };
      const document = async () => {
        const documents = [{ sha256: randomBytes(32).toString('hex') }];
        await post(`${url}/v1/notarizations`, 'application/json', JSON.stringify({ documents }));
      };
      const seconds = bench.quick ? 2 : 10;
      await rateOf(event, 1)();
      await rateOf(document, 1)();
      const figure = await compare(
        {
          what: `durable events of ${count.toLocaleString('en')} records, ${CLIENTS} clients`,
          unit: '/s',
          ours: 'POST /v1/records/{id}/events',
          yardstick: 'POST /v1/notarizations',
          goal: atLeast(0.5),
        },
        bench.repetitions,
        rateOf(event, seconds),
        rateOf(document, seconds),
      );
      return [figure];
    } finally {
      await service.stop();
    }
  },
};

async function post(url: string, type: string, body: string): Promise<string> {
  const res = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body });
  const text = await res.text();
  if (!res.ok) throw new Spoiled(`${url} answered ${res.status}: ${text.slice(0, 300)}`);
  return text;
}

/** Calls a second, by all clients together. */
function rateOf(call: () => Promise<void>, seconds: number): () => Promise<number> {
  return async () => {
    const begun = performance.now();
    let calls = 0;
    await Promise.all(
      Array.from({ length: CLIENTS }, async () => {
        while (performance.now() - begun < seconds * 1000) {
          await call();
          calls++;
        }
      }),
    );
    return (1000 * calls) / (performance.now() - begun);
  };
}
