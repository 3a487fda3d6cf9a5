import type { Logger } from 'pino';
import type { Background } from '../background/index.js';
import type { Metrics } from '../http/index.js';
import type { CosignedView } from '../log/index.js';
import type { Outbox } from '../mail/index.js';
import type { Store } from '../store/index.js';
import {
  AddressRules,
  Deliveries,
  Messages,
  type Resolve,
  Sender,
  Webhooks,
  WebhookSecrets,
} from '../webhooks/index.js';
import type { Config } from './config.js';
import type { ServiceKeys } from './keys.js';

/** What differs from the configuration's meaning, for tests. */
export interface WebhookOptions {
  readonly resolve?: Resolve;
  readonly timeoutMs?: number;
  /** Milliseconds since the Unix epoch. */
  readonly clock?: () => number;
  /** How often to look for webhooks that are due again. */
  readonly everyMs?: number;
}

/** The webhooks of organizations, and what tells them. */
export function buildWebhooks(
  {
    store,
    cosigned,
    keys,
    config,
    metrics,
    background,
    logger,
    outbox,
  }: {
    readonly store: Store;
    readonly cosigned: CosignedView | null;
    readonly keys: Pick<ServiceKeys, 'access'>;
    readonly config: Pick<Config, 'webhookPrivate'>;
    readonly metrics: Metrics;
    readonly background: Background;
    readonly logger: Logger;
    /** null: no e-mails are sent. */
    readonly outbox: Pick<Outbox, 'wake'> | null;
  },
  { clock, everyMs, ...options }: WebhookOptions = {},
): { readonly webhooks: Webhooks; readonly deliveries: Deliveries } {
  const rules = new AddressRules(config.webhookPrivate);
  const parts = {
    ...{ store, rules, clock },
    secrets: new WebhookSecrets(keys.access),
    sender: new Sender({ rules, ...options }),
    messages: new Messages({ store, cosigned }),
  };
  const deliveries = new Deliveries({
    ...{ ...parts, background, log: logger, mails: outbox !== null, everyMs },
    onAttempt: ({ outcome }) => {
      metrics.webhookPosted(outcome);
    },
    onDisabled: () => {
      outbox?.wake();
    },
  });
  const webhooks = new Webhooks({
    ...parts,
    onChange: () => {
      deliveries.wake();
    },
  });
  return { webhooks, deliveries };
}
