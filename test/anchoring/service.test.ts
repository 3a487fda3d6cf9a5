import request from 'supertest';
import { expect, test } from 'vitest';
import type { TimeSources } from '../../src/anchoring/index.js';
import { createLogger } from '../support/parts.js';
import { startService, type TestService } from '../support/service.js';
import { startCalendar, startNode, startTsa } from '../support/time-sources.js';
import { until } from '../support/until.js';

interface Readiness {
  readonly ready: boolean;
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
}

async function notarize(service: TestService, digit: string): Promise<void> {
  await request(service.url)
    .post('/v1/notarizations?wait=sealed')
    .send({ documents: [{ sha256: digit.repeat(64) }] })
    .expect(201);
}

const readiness = async (service: TestService) =>
  (await request(service.url).get('/readyz').expect(200)).body as Readiness;
const metrics = async (service: TestService) => (await request(service.url).get('/metrics').expect(200)).text;

test('the service anchors what it seals, and its metrics say when, how much is pending and what waits', async () => {
  await using node = await startNode();
  await using calendar = await startCalendar();
  await using tsa = await startTsa();
  await using service = await startService({
    timeSources: { anchors: [tsa.source(), calendar.source()], node: node.source() },
  });
  await notarize(service, 'a');
  await until(
    'a token',
    () => service.store.anchorsOver(0),
    (found) => found.length > 0,
  );
  const text = await until(
    'the metrics to show it',
    () => metrics(service),
    (shown) => shown.includes('ingam_anchor_pending{source="alice"} 1'),
  );
  expect(text).toMatch(/ingam_anchor_last_success_seconds\{source="seoul"\} 1[0-9]{9}/);
  expect(text).toContain('ingam_anchor_lag_seconds{source="seoul"} 0');
  expect(text).toContain('ingam_anchor_requests_total{source="seoul",outcome="anchored"} 1');
  expect(await readiness(service)).toMatchObject({ ready: true, warnings: [] });
});

test('an authority that the file names no more is named at the start, and stays in the trust policy as a former one', async () => {
  await using tsa = await startTsa();
  await using service = await startService({ timeSources: { anchors: [tsa.source()] } });
  await notarize(service, 'a');
  await until(
    'a token',
    () => service.store.anchorsOver(0),
    (found) => found.length > 0,
  );
  const startedWith = async (timeSources: Partial<TimeSources>) => {
    const { logger, lines } = createLogger();
    await using later = await startService({ beside: service, timeSources, logger });
    const { policy } = (await request(later.url).get('/v1/chain').expect(200)).body as { policy: string };
    const [line] = policy.split('\n').filter((each) => each.startsWith('#tsa'));
    return { warned: lines.some((each) => each.includes('former seoul root FILE')), line };
  };
  const { name, owner, roots } = tsa.source();
  expect(await startedWith({})).toEqual({ warned: true, line: undefined });
  const { warned, line } = await startedWith({ former: [{ type: 'former', name, owner, roots }] });
  expect([warned, line]).toEqual([false, expect.stringContaining('#tsa seoul ')]);
});

test('time sources that are silent delay neither acceptance nor sealing, and are a warning in /readyz', async () => {
  await using silent = await startTsa();
  silent.behaviour = () => undefined;
  await using service = await startService({
    timeSources: { anchors: [silent.source()] },
    anchoring: { lateMarginMs: 1 },
  });
  await notarize(service, '1');
  await until('the source to be asked', () => silent.requests.length > 0);
  for (const digit of ['2', '3']) await notarize(service, digit);
  const { ready, warnings } = await until(
    'the warning',
    () => readiness(service),
    (seen) => seen.warnings.length > 0,
  );
  expect(ready).toBe(true);
  expect(warnings).toEqual([
    {
      code: 'anchoring_late',
      message: 'Anchoring is late: blocks from height 0 on have no anchor of the time source seoul.',
    },
  ]);
});

test('without time sources there are no metrics and no warnings about them', async () => {
  await using service = await startService();
  await notarize(service, 'a');
  expect(await metrics(service)).not.toContain('ingam_anchor');
  expect(await readiness(service)).toMatchObject({ ready: true, warnings: [] });
});
