import { randomBytes } from 'node:crypto';
import type { AccessStore, ApiKey, KeyFacts } from '../../store/index.js';
import { assertMayIn, noAccount } from '../authority.js';
import { batched } from '../batches.js';
import type { Client } from '../client.js';
import { AccessError } from '../errors.js';
import { eventOf } from '../events.js';
import { KeyUse } from './key-use.js';
import { RememberedKeys } from './remembered-keys.js';
import { isWithin, parseNetworks } from '../networks.js';
import type { AccessParts } from '../parts.js';
import type { Actor, KeyPrincipal } from '../principal.js';
import { hashSecret, isId, newSecret, sameBytes } from '../secrets.js';
import { allLimits, parseName, parseScopes, parseTimeToCome, type LimitsInput } from '../values.js';

/** So that people, and scanners for leaked secrets, know one when they see one. */
export const API_KEY_PREFIX = 'ingam_';
const TEXT = /^ingam_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;
const ID = /^[0-9a-f]{16}$/;

export interface NewKey {
  readonly name: string;
  readonly scopes: readonly string[];
  /** Addresses and CIDR networks; none: from anywhere. */
  readonly networks?: readonly string[] | undefined;
  /** Milliseconds; null: it does not expire. */
  readonly expiresAt?: number | null | undefined;
  readonly limits?: LimitsInput | undefined;
}

export interface CreatedKey {
  readonly key: ApiKey;
  /** The whole text of the key, shown this once: only a hash of it is kept. */
  readonly secret: string;
}

/** API keys: `ingam_<id>_<secret>`, for machines. */
export class ApiKeys {
  readonly #parts: AccessParts;
  readonly #facts: (id: string) => Promise<KeyFacts | null>;
  readonly #remembered = new RememberedKeys();
  readonly #use: KeyUse;

  constructor(parts: AccessParts) {
    this.#parts = parts;
    this.#facts = batched((ids) => parts.store.keyFacts(ids));
    this.#use = new KeyUse(parts);
  }

  /**
   * Who a key is, as of now.
   * @throws {AccessError} invalid_token; token_expired, address_not_allowed for whoever holds the secret
   */
  async principal(text: string, client: Client): Promise<KeyPrincipal> {
    const [, id, secret] = TEXT.exec(text) ?? [];
    const facts = id === undefined ? null : await this.#facts(id);
    if (facts !== null) this.#remembered.keep(facts);
    return this.#judge(facts, secret, client);
  }

  /** The same as of when it was last asked for, with that version. null: it is not remembered, or not as good: ask anew. */
  remembered(text: string, client: Client): KeyPrincipal | null {
    const [, id, secret] = TEXT.exec(text) ?? [];
    const facts = id === undefined ? null : this.#remembered.get(id);
    if (facts === null) return null;
    try {
      return { ...this.#judge(facts, secret, client), asOf: facts.version };
    } catch {
      return null;
    }
  }

  #judge(facts: KeyFacts | null, secret: string | undefined, client: Client): KeyPrincipal {
    if (facts === null || secret === undefined || !sameBytes(facts.key.secretHash, hashSecret(secret))) {
      throw invalid();
    }
    const { key, account } = facts;
    if (key.revokedAt !== null || account.disabledAt !== null) throw invalid();
    if (key.expiresAt !== null && key.expiresAt <= this.#parts.clock()) {
      throw new AccessError('token_expired', 'the API key has expired');
    }
    if (!isWithin(client.address, key.networks)) {
      throw new AccessError('address_not_allowed', `the API key is not to be used from ${client.address}`);
    }
    this.#use.mark(key.id, key.lastUsedAt);
    return { kind: 'key', keyId: key.id, account, scopes: key.scopes, limits: key.limits };
  }

  async create(by: Actor, accountId: string, input: NewKey, client: Client): Promise<CreatedKey> {
    assertMayIn(by, accountId, 'keys');
    const { store, clock } = this.#parts;
    await assertAccount(store, accountId);
    const secret = newSecret();
    const now = clock();
    const key = {
      id: randomBytes(8).toString('hex'),
      accountId,
      name: parseName(input.name),
      secretHash: hashSecret(secret),
      scopes: parseScopes(input.scopes),
      networks: parseNetworks(input.networks ?? []),
      createdAt: now,
      createdBy: by.kind === 'user' ? by.personId : 'cli',
      expiresAt: parseTimeToCome(input.expiresAt ?? null, now),
      limits: allLimits(input.limits),
    };
    const detail = { name: key.name, scopes: key.scopes.join(' '), networks: key.networks.join(' ') };
    await store.createKey(key, eventOf(by, client, now, 'key_created', { accountId, keyId: key.id, detail }));
    return {
      key: { ...key, revokedAt: null, lastUsedAt: null },
      secret: `${API_KEY_PREFIX}${key.id}_${secret}`,
    };
  }

  async list(by: Actor, accountId: string): Promise<ApiKey[]> {
    assertMayIn(by, accountId, 'keys');
    await assertAccount(this.#parts.store, accountId);
    return this.#parts.store.keys(accountId);
  }

  /** @throws {AccessError} key_not_found: there is none in this account, or it had been revoked */
  async revoke(by: Actor, accountId: string, keyId: string, client: Client): Promise<void> {
    assertMayIn(by, accountId, 'keys');
    const { store, clock } = this.#parts;
    const now = clock();
    const event = eventOf(by, client, now, 'key_revoked', { accountId, keyId });
    const known = isId('acct', accountId) && ID.test(keyId);
    if (!known || !(await store.revokeKey({ accountId, id: keyId }, now, event))) {
      throw new AccessError('key_not_found', 'there is no such key that could be revoked');
    }
  }

  async close(): Promise<void> {
    await this.#use.close();
  }
}

async function assertAccount(store: AccessStore, accountId: string): Promise<void> {
  if (!isId('acct', accountId) || (await store.account(accountId)) === null) throw noAccount();
}

function invalid(): AccessError {
  return new AccessError('invalid_token', 'the API key is not, or no longer, good');
}
