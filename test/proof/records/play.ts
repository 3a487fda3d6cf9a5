import type { JsonObject } from '../../../src/proof/index.js';
import { apply, automatic, signersOf, watches } from '../../../src/proof/records/rules.js';
import type { AutomaticFacts, RecordState, Watches } from '../../../src/proof/records/state.js';
import { digestOf, eventOf, NOW } from './support.js';

interface Played {
  readonly state: RecordState;
  readonly value: string;
  readonly sequence: number;
}

/** A signed event that waits for its block. */
export interface Step {
  readonly id: string;
  readonly type: string;
  readonly body: JsonObject;
}

/**
 * A chain of records without signatures and proofs: blocks of signed events, and after them rounds of automatic
 * ones, in which only those records are asked that have changed or that wait for something that has happened.
 */
export class Chain {
  readonly records = new Map<string, Played>();
  readonly documents = new Set<string>();
  readonly #watches = new Map<string, Watches>();
  height = 0;
  sealedAt = NOW;
  /** All automatic events: the name of the type and of the record, and the facts. */
  readonly automatic: {
    readonly height: number;
    readonly id: string;
    readonly type: string;
    readonly facts: readonly string[];
  }[] = [];

  state(id: string): RecordState {
    const found = this.records.get(id);
    if (found === undefined) throw new RangeError(`no record ${id}`);
    return found.state;
  }

  /** The keys that must sign this event now. */
  signers({ id, type, body }: Step): readonly string[] {
    const own = this.records.get(id);
    return signersOf(own?.state ?? null, eventOf(type, body, own === undefined ? null : id, own?.sequence));
  }

  /**
   * Seals a block. @returns the events of it that are void, with their errors
   * @param later milliseconds after the block before
   * @param applied is called with each signed event of a record that has begun
   */
  seal(
    steps: readonly Step[],
    documents: readonly string[] = [],
    later = 1000,
    applied?: (step: Step, before: RecordState, after: RecordState, signers: readonly string[]) => void,
  ): unknown[] {
    this.height++;
    this.sealedAt += later;
    for (const each of documents) this.documents.add(each);
    const before = new Map(this.records);
    const errors: unknown[] = [];
    for (const step of steps) {
      const { id, type, body } = step;
      const own = this.records.get(id);
      const event = eventOf(type, body, own === undefined ? null : id, own?.sequence);
      try {
        const signers = signersOf(own?.state ?? null, event);
        const state = apply(own?.state ?? null, event, {
          id,
          height: this.height,
          sealedAt: this.sealedAt,
          record: (other) => before.get(other)?.state ?? null,
        });
        if (own !== undefined) applied?.(step, own.state, state, signers);
        this.#put(id, state, JSON.stringify([type, body]));
      } catch (error) {
        errors.push(error);
      }
    }
    let changed = [...this.records.keys()].filter((id) => this.records.get(id) !== before.get(id));
    for (
      let round = new Set([...changed, ...this.#due(documents)]);
      round.size > 0;
      round = new Set(changed)
    ) {
      for (const id of this.#watchers(changed)) round.add(id);
      changed = this.#round([...round].sort());
    }
    return errors;
  }

  /** Records that wait for a time that has come, or for one of these documents. */
  #due(documents: readonly string[]): string[] {
    return this.#watching(
      ({ times, digests }) =>
        times.some((time) => time <= this.sealedAt) || digests.some((each) => documents.includes(each)),
    );
  }

  #watchers(changed: readonly string[]): string[] {
    return this.#watching(({ records }) => records.some((each) => changed.includes(each)));
  }

  #watching(wakes: (waiting: Watches) => boolean): string[] {
    return [...this.#watches].filter(([, waiting]) => wakes(waiting)).map(([id]) => id);
  }

  /** When something is due next. */
  due(): number | undefined {
    return [...this.#watches.values()].flatMap(({ times }) => times).sort((a, b) => a - b)[0];
  }

  /** @returns the records that have changed */
  #round(candidates: readonly string[]): string[] {
    const before = new Map(this.records);
    return candidates.filter((id) => {
      const happened = automatic(this.state(id), this.facts(id, before));
      if (happened !== null) {
        this.automatic.push({ height: this.height, id, type: happened.type, facts: happened.facts });
        this.#put(id, happened.state, JSON.stringify([happened.type, happened.facts]));
      }
      this.#watches.set(id, watches(this.state(id), this.sealedAt));
      return happened !== null;
    });
  }

  facts(id: string, before: ReadonlyMap<string, Played> = this.records): AutomaticFacts {
    return {
      id,
      height: this.height,
      sealedAt: this.sealedAt,
      record: (other) => before.get(other) ?? null,
      notarized: (digest) => this.documents.has(digest),
    };
  }

  #put(id: string, state: RecordState, text: string): void {
    const { value = '', sequence = 0 } = this.records.get(id) ?? {};
    this.records.set(id, { state, value: digestOf(value + text), sequence: sequence + 1 });
  }
}
