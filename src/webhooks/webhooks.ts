import { type Actor, AccessError, type Client, eventOf, isId, newId } from '../auth/index.js';
import { assertMayIn, noOrganization } from '../auth/policy.js';
import { parseName } from '../auth/values.js';
import {
  type EventKind,
  type NewAccessEvent,
  type NewWebhookAttempt,
  RECORD_TYPES,
  type Store,
  type StoredBlock,
  type Webhook,
  type WebhookAttempt,
  type WebhookPlace,
  type WebhookType,
} from '../store/index.js';
import type { AddressRules } from './address.js';
import { WebhookError } from './errors.js';
import { type Extent, type Messages, statusOf } from './messages.js';
import { type Poster, postMessage } from './post.js';
import { messageId, SECRETS_OVERLAP_MS } from './signature.js';

/** Most webhooks of an organization. */
export const MAX_WEBHOOKS = 20;
/** The type of the message that a test sends. */
const TEST_TYPE = 'webhook.test';
const TESTS = { limit: 30, windowSeconds: 3600 };

export interface WebhooksParts extends Poster {
  readonly store: Store;
  readonly messages: Messages;
  readonly rules: AddressRules;
  /** Called when there may be something to send. */
  readonly onChange: () => void;
  readonly clock?: (() => number) | undefined;
}

export interface NewWebhook {
  readonly name: string;
  readonly url: string;
  readonly types: readonly WebhookType[];
}

export interface WebhookInput extends Partial<NewWebhook> {
  readonly enabled?: boolean;
}

/** What receivers check messages with. */
export interface WebhookKeys {
  /** `whsec_…`. It is shown only now. */
  readonly secret: string;
  /** `whpk_…`. */
  readonly publicKey: string;
}

/** Where a replay begins. */
export type ReplayFrom = { readonly position: number } | { readonly time: number };

/** Webhooks for the organizations that make them. How they are told: `Deliveries`. */
export class Webhooks {
  readonly #parts: WebhooksParts;

  constructor(parts: WebhooksParts) {
    this.#parts = parts;
  }

  /**
   * It is told what happens from now on.
   * @throws {WebhookError} invalid_webhook_url, too_many_webhooks; {AccessError} forbidden, invalid_value
   */
  async create(
    by: Actor,
    organizationId: string,
    { name, url, types }: NewWebhook,
    client: Client,
  ): Promise<WebhookKeys & { readonly webhook: Webhook }> {
    const { store, rules } = this.#parts;
    const organization = await this.#organization(by, organizationId);
    const now = this.#now();
    const extent = await this.#parts.messages.extent();
    const latest = await store.webhookEventsBefore(Number.MAX_SAFE_INTEGER);
    const webhook: Webhook = {
      ...{ id: newId('whk'), organization, name: parseName(name), url: rules.parseUrl(url) },
      ...{ createdAt: now, createdBy: by.kind === 'user' ? by.personId : 'cli' },
      ...{ secret: 1, secretSince: now, disabledAt: null, disabledBecause: null, attempts: 0, dueAt: now },
      cursors: new Map(some(types).map((type) => [type, placeNow(type, extent, latest)])),
    };
    const event = this.#event(by, client, 'webhook_created', organizationId, webhook);
    if (!(await store.addWebhook(webhook, event, MAX_WEBHOOKS))) {
      throw new WebhookError(
        'too_many_webhooks',
        `an organization can have ${MAX_WEBHOOKS} webhooks: delete one that you do not need`,
      );
    }
    return { webhook, ...this.#keysOf(webhook) };
  }

  /** The earliest first. @throws {AccessError} forbidden */
  async list(by: Actor, organizationId: string): Promise<Webhook[]> {
    return this.#parts.store.webhooks(await this.#organization(by, organizationId));
  }

  /** @throws {WebhookError} webhook_not_found; {AccessError} forbidden */
  async find(by: Actor, organizationId: string, id: string): Promise<Webhook> {
    const organization = await this.#organization(by, organizationId);
    const found = isId('whk', id) ? await this.#parts.store.webhook(organization, id) : null;
    if (found === null) throw notFound();
    return found;
  }

  publicKeyOf(webhook: Webhook): string {
    return this.#parts.secrets.publicKeyOf(webhook);
  }

  /** Until when the secret before is used besides; null: there is none, or no longer. */
  formerSecretUntil({ secret, secretSince }: Webhook): number | null {
    const until = secretSince + SECRETS_OVERLAP_MS;
    return secret > 1 && this.#now() < until ? until : null;
  }

  /**
   * Types that are new are told from now on. One that was disabled goes on where it was when it is enabled.
   * @throws {WebhookError} webhook_not_found, invalid_webhook_url; {AccessError} forbidden, invalid_value
   */
  async change(
    by: Actor,
    organizationId: string,
    id: string,
    { name, url, types, enabled }: WebhookInput,
    client: Client,
  ): Promise<Webhook> {
    const { store, rules } = this.#parts;
    const webhook = await this.find(by, organizationId, id);
    const now = this.#now();
    const cursors =
      types === undefined ? new Map<WebhookType, null>() : await this.#cursorsFor(webhook, types);
    const isSwitched = enabled !== undefined && enabled === (webhook.disabledAt !== null);
    const changed = await store.changeWebhook({
      ...{ organization: webhook.organization, id, cursors },
      changes: {
        ...(name === undefined ? {} : { name: parseName(name) }),
        ...(url === undefined ? {} : { url: rules.parseUrl(url) }),
        // What failed at the former address, or before, is tried at once.
        ...(url === undefined && !isSwitched ? {} : { dueAt: now }),
      },
      ...(isSwitched ? { disabled: enabled ? null : { at: now, because: 'person' as const } } : {}),
      event: this.#event(by, client, 'webhook_changed', organizationId, webhook, {
        ...(url === undefined ? {} : { host: new URL(rules.parseUrl(url)).host }),
        ...(types === undefined ? {} : { types: types.join(' ') }),
        ...(enabled === undefined ? {} : { enabled }),
      }),
    });
    if (!changed) throw notFound();
    this.#parts.onChange();
    return this.find(by, organizationId, id);
  }

  /** @throws {WebhookError} webhook_not_found; {AccessError} forbidden */
  async remove(by: Actor, organizationId: string, id: string, client: Client): Promise<void> {
    const webhook = await this.find(by, organizationId, id);
    const event = this.#event(by, client, 'webhook_removed', organizationId, webhook);
    if (!(await this.#parts.store.removeWebhook(webhook.organization, id, event))) throw notFound();
  }

  /** Makes a new secret. For a day, messages are signed with the one before as well. */
  async rotate(
    by: Actor,
    organizationId: string,
    id: string,
    client: Client,
  ): Promise<WebhookKeys & { readonly webhook: Webhook }> {
    const before = await this.find(by, organizationId, id);
    const webhook = { ...before, secret: before.secret + 1, secretSince: this.#now() };
    const changed = await this.#parts.store.changeWebhook({
      ...{ organization: webhook.organization, id },
      changes: { secret: webhook.secret, secretSince: webhook.secretSince },
      event: this.#event(by, client, 'webhook_secret_rotated', organizationId, webhook),
    });
    if (!changed) throw notFound();
    return { webhook, ...this.#keysOf(webhook) };
  }

  /**
   * Sends a message of the type `webhook.test` now, once, also to one that is disabled.
   * @throws {AccessError} limit_exceeded
   */
  async test(by: Actor, organizationId: string, id: string): Promise<NewWebhookAttempt> {
    const { store } = this.#parts;
    const webhook = await this.find(by, organizationId, id);
    const { granted, resetSeconds } = await store.rateLimits.consume(`webhook-tests:${id}`, 1, TESTS);
    if (!granted) {
      throw new AccessError('limit_exceeded', `the limit is ${TESTS.limit} tests an hour for each webhook`, {
        retryAfterSeconds: Math.max(1, resetSeconds),
      });
    }
    const at = this.#now();
    const message = messageId(webhook.id, TEST_TYPE, newId('whk'));
    const { ms, status, outcome } = await postMessage(
      this.#parts,
      webhook,
      { id: message, type: TEST_TYPE, at, data: { webhook: id } },
      at,
      new AbortController().signal,
    );
    const attempt = { message, type: TEST_TYPE, attempt: 1, at, ms, status, outcome };
    await store.addWebhookAttempt(id, attempt);
    return attempt;
  }

  /**
   * Puts the webhook back, or forward: what follows is told, again or not. Events that are not in the chain are kept for
   * 30 days.
   * @throws {WebhookError} webhook_not_found, unknown_place
   */
  async replay(
    by: Actor,
    organizationId: string,
    id: string,
    from: ReplayFrom,
    client: Client,
  ): Promise<Webhook> {
    const { store, messages } = this.#parts;
    const webhook = await this.find(by, organizationId, id);
    const extent = await messages.extent();
    const block =
      'position' in from ? await this.#blockOf(from.position) : await this.#blockSince(from.time, extent);
    const position = 'position' in from ? from.position : (block?.firstPosition ?? extent.positions.sealed);
    const others = await store.webhookEventsBefore(
      'time' in from ? from.time : (block?.sealedAt ?? this.#now()),
    );
    const cursors = new Map(
      [...webhook.cursors.keys()].map((type) => [
        type,
        placeAt(type, { position, height: block?.height ?? extent.blocks, others }),
      ]),
    );
    const changed = await store.changeWebhook({
      ...{ organization: webhook.organization, id, cursors, changes: { dueAt: this.#now() } },
      event: this.#event(by, client, 'webhook_replayed', organizationId, webhook, { position }),
    });
    if (!changed) throw notFound();
    this.#parts.onChange();
    return this.find(by, organizationId, id);
  }

  /** The latest first. @throws {WebhookError} webhook_not_found; {AccessError} forbidden */
  async attempts(
    by: Actor,
    organizationId: string,
    id: string,
    query: { readonly before?: number; readonly failed?: boolean; readonly limit: number },
  ): Promise<WebhookAttempt[]> {
    await this.find(by, organizationId, id);
    return this.#parts.store.webhookAttempts({ ...query, webhook: id });
  }

  /** @throws {AccessError} unauthenticated, forbidden, organization_not_found */
  async #organization(by: Actor, organizationId: string): Promise<number> {
    assertMayIn(by, organizationId, 'webhooks');
    const found = isId('org', organizationId)
      ? await this.#parts.store.access.organization(organizationId)
      : null;
    if (found === null) throw noOrganization();
    return found.number;
  }

  async #cursorsFor(
    { cursors }: Webhook,
    types: readonly WebhookType[],
  ): Promise<ReadonlyMap<WebhookType, WebhookPlace | null>> {
    const wanted = some(types);
    const extent = await this.#parts.messages.extent();
    const latest = await this.#parts.store.webhookEventsBefore(Number.MAX_SAFE_INTEGER);
    const added = wanted.filter((type) => !cursors.has(type));
    const removed = [...cursors.keys()].filter((type) => !wanted.includes(type));
    return new Map([
      ...added.map((type) => [type, placeNow(type, extent, latest)] as const),
      ...removed.map((type) => [type, null] as const),
    ]);
  }

  /** The block that holds a position. @throws {WebhookError} unknown_place */
  async #blockOf(position: number): Promise<StoredBlock> {
    const [block] = await this.#parts.store.blocksContaining([{ first: position, count: 1 }]);
    if (block !== undefined) return block;
    throw new WebhookError('unknown_place', `no block has the position ${position} yet: give an earlier one`);
  }

  /** The first block that was sealed at this time or later; null: none was. */
  async #blockSince(time: number, { blocks }: Extent): Promise<StoredBlock | null> {
    let [low, high] = [0, blocks];
    let found: StoredBlock | null = null;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const block = await this.#parts.store.block(middle);
      if (block !== null && block.sealedAt < time) low = middle + 1;
      else [high, found] = [middle, block];
    }
    return found;
  }

  #keysOf(webhook: Webhook): WebhookKeys {
    const { secrets } = this.#parts;
    return { secret: secrets.secretOf(webhook), publicKey: secrets.publicKeyOf(webhook) };
  }

  #event(
    by: Actor,
    client: Client,
    kind: EventKind,
    organizationId: string,
    { id, name, url }: Webhook,
    detail: NewAccessEvent['detail'] = {},
  ): NewAccessEvent {
    // The rest of the address may be a secret of the receiver.
    const own = { webhook: id, name, host: new URL(url).host };
    return eventOf(by, client, this.#now(), kind, { organizationId, detail: { ...own, ...detail } });
  }

  #now(): number {
    return this.#parts.clock?.() ?? Date.now();
  }
}

/** @throws {AccessError} invalid_value */
function some(types: readonly WebhookType[]): WebhookType[] {
  if (types.length === 0) throw new AccessError('invalid_value', 'a webhook has at least one type');
  return [...new Set(types)];
}

function placeNow(type: WebhookType, { positions, blocks }: Extent, latest: number): WebhookPlace {
  const status = statusOf(type);
  const position = status === null ? 0 : positions[status];
  return placeAt(type, { position, height: blocks, others: latest });
}

function placeAt(
  type: WebhookType,
  {
    position,
    height,
    others,
  }: { readonly position: number; readonly height: number; readonly others: number },
): WebhookPlace {
  if (statusOf(type) !== null) return { place: position, sub: 0 };
  // Before every event of the block.
  if (RECORD_TYPES.includes(type)) return { place: height, sub: -1 };
  return { place: others, sub: 0 };
}

function notFound(): WebhookError {
  return new WebhookError('webhook_not_found', 'your organization has no such webhook');
}
