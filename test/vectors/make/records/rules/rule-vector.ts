import { createHash } from 'node:crypto';
import type { Json, JsonObject } from '../../../../../src/proof/index.js';
import type { RefusalCode } from '../../../../../src/proof/records/refusal.js';
import type { RecordState } from '../../../../../src/proof/records/state.js';

// What is expected is stated by hand, from docs/records.md: nothing here calls the rules.

export interface RuleVector {
  /** Of docs/records.md. */
  readonly rule: string;
  readonly about: string;
  /** The name of the state before; null: the event begins a record. */
  readonly before: string | null;
  readonly event: {
    readonly type: string;
    /** null: the event begins a record. */
    readonly record: string | null;
    readonly sequence: number;
    readonly body: JsonObject;
  };
  /** The block's time of sealing; other records and the names of their states. */
  readonly facts: { readonly sealedAt: number; readonly records: Readonly<Record<string, string>> };
  readonly expected:
    /** `changes`: the members of the state that are others than before; of a first event all. */
    | { readonly signers: readonly string[]; readonly changes: Partial<RecordState> }
    | { readonly refused: RefusalCode };
}

export interface AutomaticVector {
  readonly rule: string;
  readonly about: string;
  readonly before: string;
  readonly facts: {
    readonly sealedAt: number;
    /** Other records, with the names of their states; a record's value is SHA-256 of its id. */
    readonly records: Readonly<Record<string, string>>;
    readonly notarized: readonly string[];
  };
  /** null: nothing happens. */
  readonly expected: { readonly type: string; readonly changes: Partial<RecordState>; readonly facts: readonly string[] } | null;
}

export interface RuleVectors {
  /** The id of the record that every vector is about. */
  readonly id: string;
  readonly states: Readonly<Record<string, RecordState>>;
  readonly events: readonly RuleVector[];
  readonly automatic: readonly AutomaticVector[];
}

export const digest = (text: string) => createHash('sha256').update(text).digest('hex');
export const ID = digest('the record');
export const NOW = Date.UTC(2027, 0, 1);
export const DAY = 86_400_000;
const NONCE = '5f0c6f0f0f1d4d0a9c1a7c3b2e4d6a81';

/** An Ed25519 key without a private key that anybody knows. */
export function keyOf(name: string, type = 1): string {
  const material = Buffer.concat([Buffer.of(type), createHash('sha256').update(name).digest()]);
  const id = createHash('sha256').update(`${name}\n`).update(material).digest().subarray(0, 4);
  return `${name}+${id.toString('hex')}+${material.toString('base64')}`;
}

export const ALICE = keyOf('alice');
export const BOB = keyOf('bob');
export const CAROL = keyOf('carol');
export const DAVE = keyOf('dave');
export const SAFE = keyOf('safe');

/** Of every new state. */
export const HELD = { holder: ALICE, recovery: null, recovering: null } as const;

type Facts = Partial<RuleVector['facts']>;

const vectorOf = (rule: string, about: string, before: string | null, type: string, body: Json, facts: Facts, more: { readonly record?: string | null; readonly noNonce?: true }) => ({
  rule,
  about,
  before,
  event: {
    type,
    record: more.record === undefined ? (before === null ? null : ID) : more.record,
    sequence: before === null ? 0 : 7,
    body: { ...(more.noNonce === true ? {} : { nonce: NONCE }), ...(body as JsonObject) },
  },
  facts: { sealedAt: NOW, records: {}, ...facts },
});

/** @param after what differs from the state before; of a first event the whole state */
export function accepted(rule: string, about: string, before: string | null, type: string, body: Json, signers: readonly string[], after: Partial<RecordState>, facts: Facts = {}): RuleVector {
  return { ...vectorOf(rule, about, before, type, body, facts, {}), expected: { signers, changes: after } };
}

export function refused(rule: string, code: RefusalCode, about: string, before: string | null, type: string, body: Json, facts: Facts = {}, more: { readonly record?: string | null; readonly noNonce?: true } = {}): RuleVector {
  return { ...vectorOf(rule, about, before, type, body, facts, more), expected: { refused: code } };
}

type AutomaticGiven = Partial<AutomaticVector['facts']>;

/** @param after what differs from the state before */
export function happens(rule: string, about: string, before: string, given: AutomaticGiven, type: string, after: Partial<RecordState>, facts: readonly string[] = []): AutomaticVector {
  return { rule, about, before, facts: factsOf(given), expected: { type, changes: after, facts } };
}

export function waits(rule: string, about: string, before: string, given: AutomaticGiven = {}): AutomaticVector {
  return { rule, about, before, facts: factsOf(given), expected: null };
}

const factsOf = (given: AutomaticGiven): AutomaticVector['facts'] => ({ sealedAt: NOW, records: {}, notarized: [], ...given });

export interface Part {
  readonly states: Readonly<Record<string, RecordState>>;
  readonly events: readonly RuleVector[];
  readonly automatic: readonly AutomaticVector[];
}
