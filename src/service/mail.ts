import type { Logger } from 'pino';
import { type Access, MailLimits } from '../auth/index.js';
import type { Background } from '../background/index.js';
import type { Metrics } from '../http/index.js';
import { AccountMails, type Digests, Outbox, PasswordMails } from '../mail/index.js';
import { type Signing, SigningMails } from '../signing/index.js';
import type { Store } from '../store/index.js';
import { WebhookMails } from '../webhooks/index.js';
import type { ProcessConfig } from './config.js';
import type { ServiceKeys } from './keys.js';

/** What sends e-mails; null: no mail server is configured. */
export async function buildOutbox(
  {
    store,
    access,
    signing,
    keys,
    metrics,
    background,
    logger,
    digests,
    clock,
    everyMs,
  }: {
    readonly store: Store;
    readonly access: Access;
    readonly signing: Signing;
    readonly keys: Pick<ServiceKeys, 'access'>;
    readonly metrics: Metrics;
    readonly background: Background;
    readonly logger: Logger;
    readonly digests: Digests;
    /** Milliseconds since the Unix epoch. */
    readonly clock: (() => number) | undefined;
    /** How often to look for e-mails that are due. */
    readonly everyMs: number | undefined;
  },
  { mail, access: { publicUrl } }: ProcessConfig,
): Promise<Outbox | null> {
  if (mail === null || publicUrl === null) return null;
  // Loaded only where e-mails are sent.
  const { mailServer } = await import('../mail/smtp.js');
  const limits = new MailLimits(store.rateLimits, keys.access);
  return new Outbox({
    sources: [
      new PasswordMails({ store: store.access, resets: access.passwordResets, publicUrl }),
      new AccountMails({ store, invitations: access.invitations, limits, publicUrl }),
      new SigningMails({ store, signing, publicUrl, clock }),
      new WebhookMails({ store, limits, publicUrl }),
      digests,
    ],
    ...{ server: mailServer(mail), background, log: logger, clock, everyMs },
    onAttempt: (outcome) => {
      metrics.mailTried(outcome);
    },
  });
}
