import { Counter, Gauge, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import type { ProcessMetrics } from '../../src/service/messages.js';
import { MetricsSum } from '../../src/service/workers.js';

/** What a process with these metrics reports. @param lag null: it could not be read */
async function report(counted: number, queued: number, lag: number | null): Promise<ProcessMetrics> {
  const registers = [new Registry()];
  new Counter({ name: 'documents_total', help: 'h', labelNames: ['shape'], registers }).inc(
    { shape: 'json' },
    counted,
  );
  new Gauge({ name: 'queue', help: 'h', registers }).set(queued);
  const gauge = new Gauge({ name: 'lag', help: 'h', registers, aggregator: 'max' });
  if (lag === null) gauge.remove();
  else gauge.set(lag);
  return (await registers[0]?.getMetricsAsJSON()) ?? [];
}

const linesOf = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

test('adds up the metrics of several processes, and keeps the counts of ended ones', async () => {
  const states = new Map([
    [1, await report(5, 2, 0.5)],
    [2, await report(7, 1, null)],
  ]);
  const unresponsive = new Set<number>();
  const sum = new MetricsSum((worker, id) => {
    if (!unresponsive.has(worker)) sum.add(worker, id, states.get(worker) ?? []);
  });
  const collected = async (...workers: number[]) => linesOf(await sum.collect(workers));
  expect(await collected(1, 2)).toEqual(['documents_total{shape="json"} 12', 'queue 3', 'lag 0.5']);

  // One ends before it replies: the collection completes without it, and its counts stay.
  unresponsive.add(2);
  const collecting = collected(1, 2);
  sum.remove(2);
  expect(await collecting).toContain('documents_total{shape="json"} 12');
  states.set(3, await report(1, 4, 0.25));
  expect(await collected(1, 3)).toEqual(['documents_total{shape="json"} 13', 'queue 6', 'lag 0.5']);
  sum.remove(1);
  sum.remove(3);
  expect(await collected()).toEqual(['documents_total{shape="json"} 13']);

  for (let worker = 10; worker < 30; worker++) {
    states.set(worker, await report(1, 1, 1));
    await collected(worker);
    sum.remove(worker);
  }
  expect(await collected()).toEqual(['documents_total{shape="json"} 33']);

  const own = new Registry();
  new Counter({ name: 'restarts_total', help: 'h', registers: [own] }).inc(2);
  expect(linesOf(await sum.collect([], await own.getMetricsAsJSON()))).toEqual([
    'restarts_total 2',
    'documents_total{shape="json"} 33',
  ]);
});
