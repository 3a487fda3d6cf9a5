import { createRequire } from 'node:module';
import type * as prom from 'prom-client';

const real = createRequire(import.meta.url)('prom-client') as typeof prom;

export const { AggregatorRegistry, Counter, Gauge, Histogram, Registry } = real;

const kept = new real.Registry();

/**
 * In place of the package's function, which begins to watch the event loop and the garbage collector for each registry and never
 * ends: a test process has hundreds of registries. Here the process is watched once, for all of them.
 */
export function collectDefaultMetrics({ register }: { readonly register: prom.Registry }): void {
  if (kept.getMetricsAsArray().length === 0) real.collectDefaultMetrics({ register: kept });
  for (const { name } of kept.getMetricsAsArray()) {
    const metric = kept.getSingleMetric(name);
    if (metric !== undefined) register.registerMetric(metric);
  }
}
