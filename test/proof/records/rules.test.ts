import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, type Json, type JsonObject } from '../../../src/proof/index.js';
import { RecordRefusal } from '../../../src/proof/records/refusal.js';
import { apply, automatic, signersOf } from '../../../src/proof/records/rules.js';
import type { RecordState, RuledEvent } from '../../../src/proof/records/state.js';
import { randomRuns } from '../../support/random-runs.js';
import { VECTORS } from '../../vectors/load.js';
import type {
  AutomaticVector,
  RuleVector,
  RuleVectors,
} from '../../vectors/make/records/rules/rule-vector.js';
import { unionMembers } from '../union-members.js';
import { digestOf } from './support.js';

const vectors = JSON.parse(readFileSync(join(VECTORS, 'records/rules.json'), 'utf8')) as RuleVectors;

function stateOf(name: string | undefined): RecordState {
  const state = name === undefined ? undefined : vectors.states[name];
  if (state === undefined) throw new RangeError(`no state ${name ?? ''}`);
  return state;
}

/** The state after, or the code of the refusal. */
function judgeEvent({ before, event, facts }: RuleVector): object {
  const state = before === null ? null : stateOf(before);
  const ruled: RuledEvent = { ...event, record: event.record === null ? null : fromHex(event.record, 32) };
  const record = (id: string) => (facts.records[id] === undefined ? null : stateOf(facts.records[id]));
  try {
    const signers = signersOf(state, ruled);
    const { sealedAt } = facts;
    return { signers, state: apply(state, ruled, { id: vectors.id, height: 9, sealedAt, record }) };
  } catch (error) {
    if (error instanceof RecordRefusal) return { refused: error.code };
    throw error;
  }
}

function expectedOf({ before, expected }: RuleVector): object {
  if ('refused' in expected) return expected;
  const { signers, changes } = expected;
  return { signers, state: before === null ? changes : { ...stateOf(before), ...changes } };
}

function judgeAutomatic({ before, facts }: AutomaticVector): object | null {
  return automatic(stateOf(before), {
    id: vectors.id,
    height: 9,
    sealedAt: facts.sealedAt,
    record: (id) =>
      facts.records[id] === undefined ? null : { state: stateOf(facts.records[id]), value: digestOf(id) },
    notarized: (digest) => facts.notarized.includes(digest),
  });
}

function expectedAutomatic({ before, expected }: AutomaticVector): object | null {
  if (expected === null) return null;
  const { type, changes, facts } = expected;
  return { type, state: { ...stateOf(before), ...changes }, facts };
}

/** The rules of docs/records.md, with the codes of their refusals. */
const rules = [
  ...readFileSync(join(import.meta.dirname, '../../../docs/records.md'), 'utf8').matchAll(
    /^\| ([RBHDWICLA][0-9]+) \|.*\|([^|]*)\|$/gm,
  ),
].map(([, rule = '', codes = '']) => ({
  rule,
  codes: [...codes.matchAll(/`([a-z_]+)`/g)].map(([, code]) => code),
}));

/** These are about the note, or about what holds for all records: other tests have them. */
const ELSEWHERE = ['R1', 'R3', 'R4', 'R7', 'R9'];

describe('the rules', () => {
  it.each(['R', 'B', 'H', 'D', 'W', 'I', 'C', 'L'].map((letter) => [letter]))(
    'judge the events of the vectors of %s as stated',
    (letter) => {
      const own = vectors.events.filter(({ rule }) => rule.startsWith(letter));
      expect(own.length).toBeGreaterThan(0);
      for (const vector of own)
        expect([vector.about, judgeEvent(vector)]).toEqual([vector.about, expectedOf(vector)]);
    },
  );

  it('make the automatic events of the vectors', () => {
    for (const vector of vectors.automatic)
      expect([vector.about, judgeAutomatic(vector)]).toEqual([vector.about, expectedAutomatic(vector)]);
  });

  it('are those of docs/records.md, and each has a vector for each of its codes', () => {
    expect(rules.length).toBeGreaterThan(50);
    const refusals = new Set(
      vectors.events.map(
        ({ rule, expected }) => `${rule} ${'refused' in expected ? expected.refused : 'taken'}`,
      ),
    );
    const missing = rules
      .filter(({ rule }) => !ELSEWHERE.includes(rule))
      .flatMap(({ rule, codes }) => codes.map((code) => `${rule} ${code ?? ''}`))
      .filter((each) => !refusals.has(each));
    expect(missing).toEqual([]);
    const named = [...vectors.events, ...vectors.automatic].map(({ rule }) => rule);
    expect(
      rules.map(({ rule }) => rule).filter((rule) => !ELSEWHERE.includes(rule) && !named.includes(rule)),
    ).toEqual([]);
    expect(named.filter((each) => !rules.some(({ rule }) => rule === each))).toEqual([]);
  });

  it('refuse with a code that docs/records.md gives to the rule', () => {
    const strange = vectors.events.filter(
      ({ rule, expected }) =>
        'refused' in expected &&
        rules.find((each) => each.rule === rule)?.codes.includes(expected.refused) !== true,
    );
    expect(strange.map(({ rule, about }) => `${rule} ${about}`)).toEqual([]);
  });

  it('refuse more vectors than they take, and use every code', () => {
    const refused = vectors.events.filter(({ expected }) => 'refused' in expected);
    expect(refused.length).toBeGreaterThan(vectors.events.length / 2);
    const codes = rules.flatMap((each) => each.codes);
    const all = unionMembers('records/refusal.ts', 'RefusalCode');
    expect(all.filter((code) => !codes.includes(code))).toEqual(['malformed_event']);
  });

  it('keep nothing of what people write, so that bodies can be erased', () => {
    const written = (json: Json, at = ''): string[] => {
      if (typeof json === 'string') return ['nonce', 'what'].includes(at) ? [] : [json];
      if (typeof json !== 'object' || json === null) return [];
      return Array.isArray(json)
        ? json.flatMap((each: Json) => written(each, at))
        : Object.entries(json).flatMap(([key, each]) => written(each, at === '' ? key : `${at}.${key}`));
    };
    // What has an own form is no text: keys, digests, and the words of a condition.
    const isText = (text: string) => !/[+]|^[0-9a-f]{64}$|^(executed|promised|withdrawn)$/.test(text);
    let texts = 0;
    for (const { event, expected } of vectors.events) {
      if ('refused' in expected) continue;
      const state = JSON.stringify(expected.changes);
      const { when: _, ...body } = event.body;
      for (const text of written(body).filter(isText)) {
        texts++;
        expect([event.type, text, state.includes(JSON.stringify(text))]).toEqual([event.type, text, false]);
      }
    }
    expect(texts).toBeGreaterThan(50);
  });

  it('answer every body with a state or a refusal, and never with another error', () => {
    const spots = (json: Json): (string | number)[][] =>
      typeof json !== 'object' || json === null
        ? []
        : Object.entries(json).flatMap(([key, each]) => [
            [key],
            ...spots(each).map((rest) => [key, ...rest]),
          ]);
    const put = (json: Json, [key = '', ...rest]: readonly (string | number)[], value: Json): Json => {
      const copy = structuredClone(json) as Record<string, Json>;
      copy[key] = rest.length === 0 ? value : put(copy[key] ?? null, rest, value);
      return copy;
    };
    const strange = fc.oneof(
      fc.constantFrom<Json>(null, '', [], {}, -1, 0, 1.5, 2 ** 53, 'x'.repeat(3000), '\ud800', { all: [{}] }),
      fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>,
    );
    fc.assert(
      fc.property(fc.nat(), fc.nat(), strange, fc.boolean(), (which, where, value, added) => {
        const vector = vectors.events[which % vectors.events.length];
        if (vector === undefined) return;
        const { body } = vector.event;
        const all = spots(body);
        const spot = added ? ['strange'] : (all[where % Math.max(1, all.length)] ?? ['strange']);
        const judged = judgeEvent({
          ...vector,
          event: { ...vector.event, body: put(body, spot, value) as JsonObject },
        });
        if (added) expect(judged).toHaveProperty('refused');
      }),
      randomRuns(400),
    );
  });
});
