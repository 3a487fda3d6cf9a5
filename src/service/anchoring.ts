import {
  Anchoring,
  Beacons,
  Checker,
  Renewing,
  RevocationLists,
  stamp,
  type StatusView,
} from '../anchoring/index.js';
import type { Background } from '../background/index.js';
import { Webhook } from '../background/webhook.js';
import { certificateSigner, type CertificateSigner } from '../certificate/signature.js';
import { AnchoringMetrics, type Metrics } from '../http/index.js';
import type { Sealer } from '../sealer/index.js';
import type { Store } from '../store/index.js';
import type { Logger } from 'pino';
import type { Config } from './config.js';
import type { ServiceKeys } from './keys.js';
import type { Shutdown } from './lifecycle.js';

/** What asks time sources: for anchors and beacons of the log, and for time-stamps of certificates. */

/** What differs from the configuration's meaning, for tests. */
export interface AnchoringOptions {
  readonly timeoutMs?: number;
  readonly lateMarginMs?: number;
  readonly alarmAfterMs?: number;
  readonly beaconsEveryMs?: number;
}

export function buildAnchoring(
  {
    store,
    sealer,
    keys,
    config,
    logger,
    background,
    metrics,
    anchors,
    onLate,
    options,
  }: {
    readonly store: Store;
    readonly sealer: Sealer;
    readonly keys: ServiceKeys;
    readonly config: Config;
    readonly logger: Logger;
    readonly background: Background;
    readonly metrics: Metrics;
    readonly anchors: StatusView;
    readonly onLate: (alarm: object) => void;
    readonly options: AnchoringOptions | undefined;
  },
  shutdown: Shutdown,
): { readonly beacons: Beacons | null; readonly start: () => void } {
  const { timeSources: sources } = config;
  if (sources.anchors.length === 0 && sources.drand === null && sources.node === null)
    return { beacons: null, start: () => undefined };
  const checker = new Checker();
  shutdown.add(() => checker.close());
  const stop = new AbortController();
  const webhook = new Webhook({ url: config.alarmWebhook, log: logger, background, stop: stop.signal });
  shutdown.add(() => {
    stop.abort();
    return webhook.idle();
  });
  const counts = new AnchoringMetrics(metrics.registry, background.task('reading the state of anchors'), () =>
    anchors.read(),
  );
  const { beaconsEveryMs, ...pace } = options ?? {};
  const leads = () => sealer.status.leading;
  const anchoring = new Anchoring({
    ...{ store, sources, leads, checker, log: logger, background, webhook, onLate, ...pace },
    origin: keys.log.key.name,
    onResponse: (source, outcome) => {
      counts.requested(source, outcome);
    },
  });
  shutdown.add(() => anchoring.stop());
  const { timeoutMs } = pace;
  const beacons = new Beacons({ sources, leads, checker, background, timeoutMs, everyMs: beaconsEveryMs });
  shutdown.add(() => beacons.stop());
  const renewing = new Renewing({ store, sources, leads, checker, background, timeoutMs });
  shutdown.add(() => renewing.stop());
  const start = () => {
    anchoring.start();
    renewing.start();
    beacons.start();
  };
  return { beacons, start };
}

/** After a failure, certificates are signed without a time-stamp for so long. */
const STAMPING_PAUSE_MS = 60_000;

/** The operator's signature on certificates; null: there is none. */
export function buildSigner(
  { pdfSigning, timeSources }: Config,
  background: Background,
  shutdown: Shutdown,
): CertificateSigner | null {
  if (pdfSigning === null) return null;
  const { key, chain, tsa } = pdfSigning;
  const source = timeSources.anchors.find((each) => each.type === 'tsa' && each.name === tsa);
  if (source?.type !== 'tsa') return certificateSigner(key, chain, null);
  const checker = new Checker();
  shutdown.add(() => checker.close());
  const stop = new AbortController();
  shutdown.add(() => {
    stop.abort();
    return Promise.resolve();
  });
  const lists = new RevocationLists(checker);
  const task = background.task('time-stamping certificates');
  let pausedUntil = 0;
  return certificateSigner(key, chain, async (signature) => {
    if (performance.now() < pausedUntil) return null;
    try {
      const { token } = await stamp(source, signature, checker, lists, { signal: stop.signal });
      task.succeeded();
      return token;
    } catch (error) {
      // A certificate without a time-stamp is better than none.
      task.failed(error);
      pausedUntil = performance.now() + STAMPING_PAUSE_MS;
      return null;
    }
  });
}
