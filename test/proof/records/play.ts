import type { JsonObject } from '../../../src/proof/index.js';
import { apply, automatic, signersOf, watches } from '../../../src/proof/records/rules.js';
import type { AutomaticFacts, RecordState } from '../../../src/proof/records/state.js';
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
 * ones.
 */
export class Chain {
  readonly records = new Map<string, Played>();
  readonly documents = new Set<string>();
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
    for (let found = true; found;) found = this.#round();
    return errors;
  }

  /** When something is due next. */
  due(): number | undefined {
    const times = [...this.records.values()].flatMap(({ state }) => watches(state, this.sealedAt).times);
    return times.sort((a, b) => a - b)[0];
  }

  #round(): boolean {
    const before = new Map(this.records);
    let found = false;
    for (const id of [...before.keys()].sort()) {
      const facts = this.facts(id, before);
      const happened = automatic(before.get(id)?.state ?? this.state(id), facts);
      if (happened === null) continue;
      found = true;
      this.automatic.push({ height: this.height, id, type: happened.type, facts: happened.facts });
      this.#put(id, happened.state, JSON.stringify([happened.type, happened.facts]));
    }
    return found;
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
