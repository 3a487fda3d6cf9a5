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
 * POSTs of one digest: by the same 64 clients in this process. It signs between the measurements.
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
      /** Signed beforehand: a signature takes the client as long as the service, and is not its work. */
      const events = (calls: number) =>
        Array.from({ length: calls }, () => {
          const at = next++ % places.length;
          const place = places[at];
          if (place === undefined) throw new Spoiled('there are no records');
          const body = { document: { sha256: digestOf(`${at} ${place.sequence}`) } };
          const sent = JSON.stringify(nextEvent(place, 'document.version', body, [holder], { origin }));
          return async () => {
            const answer = await post(`${url}/v1/records/${place.record}/events`, 'application/json', sent);
            places[at] = Answer.parse(JSON.parse(answer));
          };
        });
      const documents = (calls: number) =>
        Array.from({ length: calls }, () => {
          const body = JSON.stringify({ documents: [{ sha256: randomBytes(32).toString('hex') }] });
          return () => post(`${url}/v1/notarizations`, 'application/json', body);
        });
      // Each record has one event in each measurement, at most.
      const calls = Math.min(count, bench.quick ? 2000 : 20_000);
      await rateOf(events(calls));
      await rateOf(documents(calls));
      const figure = await compare(
        {
          what: `durable events of ${count.toLocaleString('en')} records, ${CLIENTS} clients`,
          unit: '/s',
          ours: 'POST /v1/records/{id}/events',
          yardstick: 'POST /v1/notarizations',
          goal: atLeast(0.5),
        },
        bench.repetitions,
        () => rateOf(events(calls)),
        () => rateOf(documents(calls)),
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
async function rateOf(calls: readonly (() => Promise<unknown>)[]): Promise<number> {
  const begun = performance.now();
  const left = calls[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      for (const call of left) await call();
    }),
  );
  return (1000 * calls.length) / (performance.now() - begun);
}
