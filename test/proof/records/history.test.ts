import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NODE } from '../../../src/crypto/primitives.js';
import { parsePolicy, PORTABLE, utf8, type Primitives } from '../../../src/proof/index.js';
import { parseHistory } from '../../../src/proof/records/history-file.js';
import { verifyHistory } from '../../../src/proof/records/history.js';
import { loadHistories, type HistoryVector } from '../../vectors/load.js';

const vectors = loadHistories();

function judge({ history, trust }: HistoryVector, primitives: Primitives = NODE) {
  const policy = trust === null ? null : parsePolicy(trust);
  return verifyHistory({ history: parseHistory(utf8(JSON.stringify(history))), policy, primitives });
}

describe('a history', () => {
  it.each(vectors)('$name', (vector) => {
    const { verdict, steps, timeline, state, asOf } = judge(vector);
    const failed = steps
      .filter(({ outcome }) => outcome === 'failed')
      .map(({ number, code }) => `${number} ${code ?? ''}`);
    const { expected } = vector;
    expect({ verdict, failed }).toEqual({ verdict: expected.verdict, failed: expected.failed });
    expect(steps.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    if (expected.timeline !== undefined) expect(timeline.map(({ type }) => type)).toEqual(expected.timeline);
    if (expected.status !== undefined) expect(state?.status ?? null).toBe(expected.status);
    if (expected.asOf !== undefined) expect(asOf?.height ?? null).toBe(expected.asOf);
  });

  it.each(['three-kinds-of-keys', 'item-transferred', 'signature-bad'])(
    'gets the same answer on every platform: %s',
    (name) => {
      const vector = vectors.find((each) => each.name === name);
      if (vector === undefined) throw new Error('no such vector');
      expect(judge(vector, PORTABLE)).toEqual(judge(vector));
    },
  );

  it.each([
    ['note-changed', 'events', { event: 0 }],
    ['sequence-gap', 'values', { event: 1 }],
    ['signature-bad', 'signatures', { event: 1 }],
    ['rule-broken', 'rules', { event: 2 }],
    ['execution-left-out', 'automatic', { block: 5 }],
    ['value-in-path-changed', 'state', { block: 4 }],
    ['header-changed', 'blocks', { block: 0 }],
    ['times-missing', 'times', { event: 0 }],
  ])('says where a step of %s failed: %s', (name, step, at) => {
    const vector = vectors.find((each) => each.name === name);
    if (vector === undefined) throw new Error('no such vector');
    const fault = judge(vector).steps.find((each) => each.name === step);
    expect(fault?.at).toEqual(at);
    expect(fault?.message).toMatch(/^(Block|Event) \d+: ./);
  });

  it('says who signed each event with which key, and what happened by itself', () => {
    const vector = vectors.find(({ name }) => name === 'contract-executed');
    if (vector === undefined) throw new Error('no such vector');
    const { timeline, missing } = judge(vector);
    expect(missing).toEqual([]);
    expect(timeline.map(({ signers }) => signers?.map((key) => key.split('+')[0]) ?? null)).toEqual([
      ['alice'],
      ['alice'],
      ['bob'],
      null,
    ]);
    expect(timeline.map(({ automatic }) => automatic)).toEqual([false, false, false, true]);
    expect(timeline.at(-1)?.facts).toEqual([expect.stringMatching(/^record [0-9a-f]{64} [0-9a-f]{64}$/)]);
  });

  it.each(['signature-bad', 'signed-by-another', 'signed-by-one-of-two'])(
    'names no signers of an event whose signatures are not those that the rules ask for: %s',
    (name) => {
      const vector = vectors.find((each) => each.name === name);
      if (vector === undefined) throw new Error('no such vector');
      const { timeline, steps } = judge(vector);
      const at = steps.find((each) => each.name === 'signatures')?.at?.event ?? -1;
      expect(timeline[at]).toMatchObject({ sequence: at, signers: null });
    },
  );

  it('says what is missing, and shows what is still there, when bodies were erased', () => {
    const vector = vectors.find(({ name }) => name === 'body-erased');
    if (vector === undefined) throw new Error('no such vector');
    const { timeline, missing, steps, asOf } = judge(vector);
    expect(missing).toEqual([{ what: 'body', event: 1, message: 'The body of event 1 is not in the file.' }]);
    expect(timeline.map(({ type, state, body }) => [type, state?.status, body !== null])).toEqual([
      ['document.create', 'current', true],
      ['document.version', undefined, false],
      ['document.withdraw', undefined, true],
    ]);
    expect(steps.filter(({ outcome }) => outcome === 'skipped').map(({ name }) => name)).toEqual([
      'cosignatures',
      'signatures',
      'rules',
      'automatic',
      'times',
    ]);
    expect(asOf?.height).toBe(4);
  });
});

const docs = readFileSync(join(import.meta.dirname, '../../../docs/record-files.md'), 'utf8');

describe('docs/record-files.md', () => {
  it('has the steps, and each code at its step', () => {
    const section = docs.split('## Verification')[1] ?? '';
    const steps = [...section.matchAll(/^([0-9]+)\. \*\*([a-z_]+)\*\* — (.*)$/gm)].map(
      ([, number, name, text = '']) => ({
        number: Number(number),
        name,
        codes: [...text.matchAll(/`([a-z0-9_]+)`/g)].map(([, code]) => code),
      }),
    );
    const [any] = vectors;
    if (any === undefined) throw new Error('no vectors');
    expect(steps.map(({ number, name }) => [number, name])).toEqual(
      judge(any).steps.map(({ number, name }) => [number, name]),
    );
    for (const { name, expected } of vectors) {
      for (const failed of expected.failed) {
        const [number, code] = failed.split(' ');
        const own = steps.find((step) => step.number === Number(number));
        // Codes of the rules are in docs/records.md.
        if (own?.name !== 'rules') expect([name, own?.codes]).toEqual([name, expect.arrayContaining([code])]);
      }
    }
  });
});
