import type { KeyFacts, Limits } from '../../store/index.js';

/** A key's facts take some hundred bytes. */
const MAX_KEYS = 10_000;

/**
 * What was last read of API keys, all as of one version of the access data. A key that is used for one submission after another would
 * otherwise be asked for before each, and that round trip to the database is as long as what the submission itself waits for.
 */
export class RememberedKeys {
  readonly #facts = new Map<string, KeyFacts>();
  #version = 0;

  get(id: string): KeyFacts | null {
    return this.#facts.get(id) ?? null;
  }

  keep(facts: KeyFacts): void {
    const { key, account, version } = facts;
    // An answer may be overtaken by one that was asked for later.
    if (version < this.#version) return;
    if (version > this.#version || this.#facts.size >= MAX_KEYS) this.#facts.clear();
    this.#version = version;
    // What has limits is counted in the database anyway.
    if (isUnlimited(key.limits) && isUnlimited(account.limits)) this.#facts.set(key.id, facts);
  }
}

function isUnlimited(limits: Limits): boolean {
  return Object.values(limits).every((limit) => limit === null);
}
