import { describe, toHex, utf8 } from '../bytes.js';
import { isObject, type Json } from '../canonical-json.js';
import { sha256 } from '../hash.js';
import { arrayOf, digest, integer, oneOf, readObject, recordId, text, time, WHOLE } from './body.js';
import { RecordRefusal } from './refusal.js';
import type { AutomaticFacts, Condition, Leaf, Watches } from './state.js';

// The language of conditions (docs/records.md, "Conditions"): closed, without negation, and about nothing but
// what the chain says.

const MAX_DEPTH = 8;
const MAX_LEAVES = 64;
export const MAX_CONDITION_NAME = 64;

/** Who has signed and what is fulfilled in the contract that a condition belongs to. */
export interface Answers {
  signed(party: number): Answer;
  /** @param digest of the name */
  fulfilled(digest: string): Answer;
}

/** For conditions of records without parties. */
export const NO_PARTIES: Answers = { signed: () => 'no', fulfilled: () => 'no' };

/** `yes`: it holds. `maybe`: it can still come to hold. `no`: it never will. */
export type Answer = 'yes' | 'maybe' | 'no';

/** The answer, and the lines of an automatic event for the facts of records and documents that it rests on. */
export interface Judgement {
  readonly answer: Answer;
  readonly facts: readonly string[];
}

/**
 * A condition without white lies: exact members, depth and size within the limits.
 * @throws {RecordRefusal} malformed_body, or too_large beyond the limits
 */
export function readCondition(json: Json, what: string): Condition {
  const condition = readAt(json, what, 1);
  if (leavesOf(condition).length > MAX_LEAVES)
    throw new RecordRefusal('too_large', `${what} may have ${MAX_LEAVES} parts at most`);
  return condition;
}

function readAt(json: Json, what: string, depth: number): Condition {
  if (depth > MAX_DEPTH) throw new RecordRefusal('too_large', `${what} may nest ${MAX_DEPTH} deep at most`);
  if (!isObject(json)) throw malformed(`${what} must be an object`);
  const branches = arrayOf((each, name) => readAt(each, name, depth + 1), 1, MAX_LEAVES);
  return readObject(json, what, (o): Condition => {
    const [operator] = OPERATORS.filter((each) => Object.hasOwn(json, each));
    switch (operator) {
      case 'all':
        return { all: o.get('all', branches) };
      case 'any':
        return { any: o.get('any', branches) };
      case 'atLeast': {
        const of = o.get('of', branches);
        return { atLeast: o.get('atLeast', integer(1, of.length)), of };
      }
      case 'signed':
        return { signed: o.get('signed', integer(0, WHOLE)) };
      case 'before':
        return { before: o.get('before', time) };
      case 'after':
        return { after: o.get('after', time) };
      case 'fulfilled':
        return { fulfilled: o.get('fulfilled', text(MAX_CONDITION_NAME)) };
      case 'notarized':
        return { notarized: o.get('notarized', digest) };
      case 'record':
        return { record: o.get('record', recordId), is: o.get('is', oneOf(STATUSES)) };
      default:
        throw malformed(
          `${what} must be one of ${OPERATORS.join(', ')}, got ${describe(JSON.stringify(json))}`,
        );
    }
  });
}

const OPERATORS = [
  'all',
  'any',
  'atLeast',
  'signed',
  'before',
  'after',
  'fulfilled',
  'notarized',
  'record',
] as const;

/** What a state keeps of the name of a condition: names are texts, which an erasure takes away. */
export function conditionDigest(name: string): string {
  return toHex(sha256(utf8(name)));
}

/** The condition as a state keeps it. */
export function withDigests(condition: Condition): Condition {
  if ('all' in condition) return { all: condition.all.map(withDigests) };
  if ('any' in condition) return { any: condition.any.map(withDigests) };
  if ('of' in condition) return { atLeast: condition.atLeast, of: condition.of.map(withDigests) };
  return 'fulfilled' in condition ? { fulfilled: conditionDigest(condition.fulfilled) } : condition;
}

/** All leaves, from left to right. */
function leavesOf(condition: Condition): readonly Leaf[] {
  return branchesOf(condition)?.flatMap(leavesOf) ?? [condition as Leaf];
}

function branchesOf(condition: Condition): readonly Condition[] | null {
  if ('all' in condition) return condition.all;
  if ('any' in condition) return condition.any;
  return 'of' in condition ? condition.of : null;
}

/**
 * Judges every leaf, so that everybody names the same facts. A `yes` rests on the leaves that hold, a `no` on
 * those that never will.
 * @param chain what the chain says; null: nothing yet, so that only the answers of the parties count
 */
export function judge(condition: Condition, answers: Answers, chain: AutomaticFacts | null): Judgement {
  const answer = answerOf(condition, answers, chain);
  if (answer === 'maybe') return { answer, facts: [] };
  const named = leavesOf(condition)
    .filter((leaf) => judgeLeaf(leaf, answers, chain) === answer)
    .flatMap((leaf) => {
      if ('notarized' in leaf) return [`notarized ${leaf.notarized}`];
      if ('record' in leaf) return [recordFact(leaf.record, chain)];
      return [];
    });
  return { answer, facts: sorted(named) };
}

/** The line of an automatic event for another record. */
export function recordFact(id: string, chain: AutomaticFacts | null): string {
  return `record ${id} ${chain?.record(id)?.value ?? ''}`;
}

/** Sorted, each once. */
export function sorted(facts: readonly string[]): string[] {
  return [...new Set(facts)].sort((a, b) => (a < b ? -1 : 1));
}

function answerOf(condition: Condition, answers: Answers, chain: AutomaticFacts | null): Answer {
  const branches = branchesOf(condition);
  if (branches === null) return judgeLeaf(condition as Leaf, answers, chain);
  const each = branches.map((branch) => answerOf(branch, answers, chain));
  const needed = 'atLeast' in condition ? condition.atLeast : 'all' in condition ? branches.length : 1;
  if (each.filter((answer) => answer === 'yes').length >= needed) return 'yes';
  return each.filter((answer) => answer !== 'no').length >= needed ? 'maybe' : 'no';
}

function judgeLeaf(leaf: Leaf, answers: Answers, chain: AutomaticFacts | null): Answer {
  if ('signed' in leaf) return answers.signed(leaf.signed);
  if ('fulfilled' in leaf) return answers.fulfilled(leaf.fulfilled);
  if (chain === null) return 'maybe';
  if ('before' in leaf) return chain.sealedAt < leaf.before ? 'yes' : 'no';
  if ('after' in leaf) return chain.sealedAt >= leaf.after ? 'yes' : 'maybe';
  if ('notarized' in leaf) return chain.notarized(leaf.notarized) ? 'yes' : 'maybe';
  const other = chain.record(leaf.record)?.state;
  if (other === undefined) return 'maybe';
  if (other.status === leaf.is) return 'yes';
  return FINAL.has(other.status) ? 'no' : 'maybe';
}

/** Every status that a record can have. */
const STATUSES = [
  ...['current', 'withdrawn', 'claimed', 'contested'],
  ...['held', 'offered', 'promised', 'lost', 'stolen', 'destroyed'],
  ...['open', 'executed', 'expired', 'declined', 'cancelled'],
] as const;

/** Statuses that never change. */
const FINAL: ReadonlySet<string> = new Set(['executed', 'expired', 'declined', 'cancelled', 'destroyed']);

/**
 * Checks a condition of a record.
 * @param own the record's own id
 * @param of how many parties there are, and which conditions have a name
 * @throws {RecordRefusal} cyclic_effect, unknown_party or unknown_condition
 */
export function assertCondition(
  condition: Condition,
  own: string,
  of: { readonly parties: number; readonly names: readonly string[] },
): void {
  for (const leaf of leavesOf(condition)) {
    if ('record' in leaf && leaf.record === own)
      throw new RecordRefusal('cyclic_effect', 'a condition must not depend on its own record');
    if ('signed' in leaf && leaf.signed >= of.parties)
      throw new RecordRefusal('unknown_party', `a condition names party ${leaf.signed}, which is not there`);
    if ('fulfilled' in leaf && !of.names.includes(leaf.fulfilled))
      throw new RecordRefusal(
        'unknown_condition',
        `a condition names ${describe(leaf.fulfilled)}, which is not there`,
      );
  }
}

/** What `watches` must hold for a condition. */
export function watchesOf(condition: Condition | null): Watches {
  const leaves = condition === null ? [] : leavesOf(condition);
  return {
    times: leaves.flatMap((leaf) => ('before' in leaf ? leaf.before : 'after' in leaf ? leaf.after : [])),
    digests: leaves.flatMap((leaf) => ('notarized' in leaf ? leaf.notarized : [])),
    records: leaves.flatMap((leaf) => ('record' in leaf ? leaf.record : [])),
  };
}

function malformed(message: string): RecordRefusal {
  return new RecordRefusal('malformed_body', message);
}
