import { Counter, Gauge, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { FigureSum } from '../../src/service/metrics-sum.js';
import type { Figures } from '../../src/service/messages.js';

/** What a process with these figures tells. */
async function figures(counted: number, queued: number, oldest: number): Promise<Figures> {
  const registers = [new Registry()];
  new Counter({ name: 'documents_total', help: 'h', labelNames: ['shape'], registers }).inc(
    { shape: 'json' },
    counted,
  );
  new Gauge({ name: 'queue', help: 'h', registers }).set(queued);
  new Gauge({ name: 'lag', help: 'h', registers, aggregator: 'max' }).set(oldest);
  return (await registers[0]?.getMetricsAsJSON()) ?? [];
}

const linesOf = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

test('figures of several processes are added up, and nothing that was counted is lost with a process', async () => {
  const states = new Map([
    [1, await figures(5, 2, 0.5)],
    [2, await figures(7, 1, NaN)],
  ]);
  const silent = new Set<number>();
  const sum = new FigureSum((worker, id) => {
    if (!silent.has(worker)) sum.answer(worker, id, states.get(worker) ?? []);
  });
  const collected = async (...workers: number[]) => linesOf(await sum.collect(workers));
  expect(await collected(1, 2)).toEqual(['documents_total{shape="json"} 12', 'queue 3', 'lag Nan']);

  // One dies while it is asked: nobody waits for it, and what it counted stays.
  silent.add(2);
  const collecting = collected(1, 2);
  sum.forget(2);
  expect(await collecting).toContain('documents_total{shape="json"} 12');
  states.set(3, await figures(1, 4, 0.25));
  expect(await collected(1, 3)).toEqual(['documents_total{shape="json"} 13', 'queue 6', 'lag 0.5']);
  sum.forget(1);
  sum.forget(3);
  expect(await collected()).toEqual(['documents_total{shape="json"} 13']);

  for (let worker = 10; worker < 30; worker++) {
    states.set(worker, await figures(1, 1, 1));
    await collected(worker);
    sum.forget(worker);
  }
  expect(await collected()).toEqual(['documents_total{shape="json"} 33']);
});
