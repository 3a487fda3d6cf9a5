import { spawnSync } from 'node:child_process';
import type { MetricObject, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { Background } from '../../src/background/index.js';
import { AnchoringMetrics, CosigningMetrics, MemberMetrics, Metrics } from '../../src/http/metrics.js';
import { createLogger } from '../support/parts.js';

/** Every metric that a service or a member's node can have. */
function all(): Registry[] {
  const background = new Background(createLogger().logger);
  const service = new Metrics();
  service.watch(
    {
      queued: () => 1,
      lagSeconds: () => Promise.resolve(1),
      sealingProblem: () => 'x',
      durability: () => 'local',
      unconfirmedCommits: () => 1,
    },
    background,
  );
  service.watchAuthority(
    {
      clockProblem: () => Promise.resolve(null),
      clockOffset: () => 1,
      certificateEnds: () => Promise.resolve(1),
    },
    background,
  );
  new CosigningMetrics(service.registry).requested('m', 'cosigned', 1);
  const state = { name: 's', lastAt: 1, waitingSince: 1, pending: 1 };
  new AnchoringMetrics(service.registry, background.task('anchors'), () => Promise.resolve([state]));
  service.accepted('json', 1);
  service.request({ method: 'GET', route: '/', status: '200' }, 1);
  service.backgroundFailed('x', 1);
  const member = new MemberMetrics();
  member.watch(() => Promise.resolve({ blocks: 1, of: 1 }), background);
  return [service.registry, member.registry];
}

/** https://prometheus.io/docs/practices/naming/ and what promtool checks. */
function faultOf({ name, type, help }: MetricObject): string | null {
  const kind = String(type);
  if (!/^[a-z][a-z0-9_]*$/.test(name)) return 'is not in snake case';
  if (help.trim() === '') return 'has no help';
  if (/_(?:milliseconds|ms|minutes|hours|kilobytes|mib|percent)(?:_|$)/.test(name))
    return 'is not in a base unit';
  if ((kind === 'counter') !== name.endsWith('_total'))
    return 'ends with _total although it is no counter, or does not';
  if (/_(?:count|sum|bucket|info)$/.test(name) && kind !== 'gauge') return 'ends as a part of a histogram';
  if (new RegExp(`_${kind}(?:_|$)`).test(name)) return 'has its type in its name';
  return null;
}

test('metrics are named and explained by the rules of Prometheus', async () => {
  for (const registry of all()) {
    const metrics = await registry.getMetricsAsJSON();
    expect(metrics.length).toBeGreaterThan(20);
    const faults = metrics
      .map((metric) => `${metric.name} ${faultOf(metric) ?? ''}`)
      .filter((each) => !each.endsWith(' '));
    expect(faults).toEqual([]);
    for (const { name, help } of metrics) {
      if (name.startsWith('ingam_')) expect(help, name).toMatch(/^[A-Z0-9].*\.$/);
    }
    // The tool itself, where Debian's package prometheus is installed.
    const checked = spawnSync('promtool', ['check', 'metrics'], {
      input: await registry.metrics(),
      encoding: 'utf8',
    });
    if (checked.error === undefined) expect(checked.stderr + checked.stdout).toBe('');
  }
});
