import type { JsonObject } from '../canonical-json.js';
import { readBody, type Members } from './body.js';
import { RecordRefusal } from './refusal.js';
import type {
  Automatic,
  AutomaticFacts,
  BlockFacts,
  HolderKey,
  NextStep,
  RecordState,
  RuledEvent,
  Watches,
} from './state.js';

/** What the rules say of one type of event. `S`: the state before; null: there is none. */
export interface Rule<S extends RecordState | null, T extends RecordState> {
  signers(state: S, event: RuledEvent): readonly HolderKey[];
  apply(state: S, event: RuledEvent, facts: BlockFacts): T;
}

/**
 * A rule for the events whose body `read` reads.
 * @param signers from the state and the body alone: whoever signs cannot know the event's block
 */
export function rule<B extends object | null, S extends RecordState | null, T extends RecordState>(
  read: (members: Members) => B,
  signers: (body: B, state: S) => readonly HolderKey[],
  apply: (body: B, state: S, facts: BlockFacts, event: RuledEvent) => T,
): Rule<S, T> {
  // Who signs and what follows are asked one after the other, and many keys take milliseconds to read.
  const known = new WeakMap<JsonObject, B>();
  const bodyOf = ({ body }: RuledEvent): B => {
    const found = known.get(body) ?? readBody(body, read);
    known.set(body, found);
    return found;
  };
  return {
    signers: (state, event) => signers(bodyOf(event), state),
    apply: (state, event, facts) => apply(bodyOf(event), state, facts, event),
  };
}

/** The rules of one kind of record, besides those that all kinds have (holder.ts). */
export interface KindRules<S extends RecordState> {
  readonly rules: ReadonlyMap<string, Rule<S, S>>;
  automatic(state: S, facts: AutomaticFacts): Automatic | null;
  watches(state: S): Watches;
  /** The keys that have a role. */
  parties(state: S): readonly HolderKey[];
  nextSteps(state: S): readonly NextStep[];
}

/** A step of these keys. */
export function step(type: string, ...signers: readonly HolderKey[]): NextStep {
  return { type, signers: [...new Set(signers)], party: null, condition: null };
}

/** @throws {RecordRefusal} wrong_status unless the record has one of these statuses */
export function assertStatus(state: RecordState, ...allowed: readonly string[]): void {
  if (allowed.includes(state.status)) return;
  throw new RecordRefusal(
    'wrong_status',
    `the record is ${state.status}; this event needs one that is ${allowed.join(' or ')}`,
  );
}
