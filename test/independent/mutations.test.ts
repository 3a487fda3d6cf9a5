import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatProof,
  parseProof,
  ProofError,
  type PendingProof,
  type ProofFile,
} from '../../src/proof/index.js';
import { randomRuns } from '../support/random-runs.js';
import { judge } from '../vectors/judge.js';
import { loadVectors, proofBytes, type Vector } from '../vectors/load.js';
import { ACCOUNT, DETAILS, DOCUMENT, proofText } from '../vectors/make/chain.js';
import { QUORUM_TRUST } from '../vectors/make/keys.js';
import { Malformed } from './strict-json.js';
import { withoutReasons } from './reasons.js';
import { verifyIndependently } from './verifier.js';

/** All three witnesses are asked for, so that no signature line of the file is one that a verifier may ignore. */
const TRUST = QUORUM_TRUST.replace('members 2', 'members all');
const ORIGINAL = proofText({ details: DETAILS, account: ACCOUNT, cosigners: [1, 2, 3] });

function second(proof: string, trust = TRUST) {
  try {
    return verifyIndependently({
      proof: Buffer.from(proof),
      document: DOCUMENT,
      trust,
      receiptKeys: [],
      now: null,
      crls: [],
    });
  } catch (error) {
    if (error instanceof Malformed) return 'malformed';
    throw error;
  }
}

/** What a proof says, without what its owner may leave out and what nobody vouches for. */
function meaning(proof: ProofFile | PendingProof): string {
  const { details, account, ...rest } = proof;
  expect([undefined, JSON.stringify(DETAILS)]).toContain(details && JSON.stringify(sorted(details)));
  expect([undefined, ACCOUNT]).toContain(account);
  return formatProof('anchors' in rest ? { ...rest, anchors: [] } : rest);
}
const sorted = (details: object) =>
  Object.fromEntries(Object.keys(DETAILS).map((key) => [key, (details as Record<string, unknown>)[key]]));

function check(text: string): void {
  const vector: Vector = {
    about: '',
    proof: text,
    document: DOCUMENT.toString('hex'),
    trust: TRUST,
    expected: { error: '' },
  };
  const ours = judge(vector);
  expect(second(text)).toEqual('error' in ours ? 'malformed' : withoutReasons(ours));
  if ('verdict' in ours && ours.verdict === 'verified') {
    expect(meaning(parseProof(text))).toBe(meaning(parseProof(ORIGINAL)));
  }
}

const oneOf = (characters: string) => fc.constantFrom(...Array.from(characters));
const place = fc.nat(ORIGINAL.length - 1);
const character = fc.oneof(
  oneOf('0123456789abcdefABCDEF+/=-._ \\"\n\t{}[],:nu\u2014\ufeff\u00a0'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
);

describe('a verified proof that is changed at random', () => {
  it('is verified before the change', () => {
    expect(second(ORIGINAL)).toEqual({ verdict: 'verified', failed: [] });
    check(ORIGINAL);
  });

  it('is never verified with another meaning: characters', () => {
    const edits = fc.array(fc.tuple(place, fc.nat(3), character, place), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(edits, (list) => {
        let text = ORIGINAL;
        for (const [at, kind, by, other] of list) {
          if (kind === 0) text = text.slice(0, at) + by + text.slice(at + 1);
          else if (kind === 1) text = text.slice(0, at) + by + text.slice(at);
          else if (kind === 2) text = text.slice(0, at) + text.slice(at + 1);
          else text = text.slice(0, at) + text.slice(other, other + 40) + text.slice(at + 40);
        }
        check(text);
      }),
      randomRuns(150),
    );
  });

  it('is never verified with another meaning: a character of base64 or hexadecimal', () => {
    const coded = [...ORIGINAL.matchAll(/[A-Za-z0-9+/]/g)].map(({ index }) => index);
    fc.assert(
      fc.property(fc.constantFrom(...coded), oneOf('0123456789abcdefxyzABXYZ+/'), (at, by) => {
        check(ORIGINAL.slice(0, at) + by + ORIGINAL.slice(at + 1));
      }),
      randomRuns(100),
    );
  });

  it('is never verified with another meaning: members of the file', () => {
    const json = fc.jsonValue({ maxDepth: 2 });
    const member = fc.constantFrom(...members(JSON.parse(ORIGINAL)));
    fc.assert(
      fc.property(member, member, fc.nat(4), json, (path, other, kind, value) => {
        const file = JSON.parse(ORIGINAL) as unknown;
        const [target, key] = find(file, path);
        const [source, otherKey] = find(file, other);
        if (kind === 0) Reflect.deleteProperty(target, key);
        else if (kind === 1) target[key] = value;
        else if (kind === 2) target[key] = JSON.parse(JSON.stringify(source[otherKey] ?? null));
        else if (kind === 3) target[`${key}2`] = value;
        else target[key] = String(target[key]);
        check(JSON.stringify(file));
      }),
      randomRuns(150),
    );
  });

  it('is refused with a coded error when it is cut anywhere', () => {
    for (let length = 0; length < ORIGINAL.length - 1; length += 7) {
      expect(() => parseProof(ORIGINAL.slice(0, length))).toThrow(ProofError);
    }
  });
});

describe('anchors that are changed at random', () => {
  const originals = loadVectors('time').filter(({ name }) =>
    ['interval', 'beacon-both', 'renewed-twice', 'bitcoin-and-token', 'token-revoked-later'].includes(name),
  );
  const texts = originals.map((original) => {
    const file = JSON.parse(Buffer.from(proofBytes(original)).toString()) as { anchors: unknown };
    return { anchors: file.anchors, file, trust: original.trust?.replace(/#times .*\n/, '') ?? '' };
  });

  it('never change the verdict, and both verifiers count the same', () => {
    const json = fc.jsonValue({ maxDepth: 2 });
    const edit = fc.tuple(fc.nat(), fc.nat(), fc.nat(5), fc.nat(), oneOf('09afAZ+/='), json);
    const any = fc.constantFrom(...texts);
    fc.assert(
      fc.property(any, fc.array(edit, { minLength: 1, maxLength: 2 }), ({ anchors, file, trust }, edits) => {
        const holder = { anchors: structuredClone(anchors) };
        for (const [at, from, kind, place, by, value] of edits) {
          // The list itself and its objects are the strict part of the format.
          const inner = members(holder).filter((path) => path.length > 2 && path.at(-1) !== 'type');
          if (inner.length === 0) break;
          const [target, key] = find(holder, inner[at % inner.length] ?? []);
          const [source, other] = find(holder, inner[from % inner.length] ?? []);
          const old = target[key];
          if (kind === 0) Reflect.deleteProperty(target, key);
          else if (kind === 1) target[key] = value;
          else if (kind === 2) target[key] = structuredClone(source[other]);
          else if (kind === 3) target[`${key}2`] = old;
          else if (typeof old === 'string') {
            const i = place % (old.length + 1);
            target[key] = old.slice(0, i) + by + old.slice(i + (kind === 4 ? 1 : 0));
          }
        }
        const text = JSON.stringify({ ...file, ...holder });
        const ours = judge({
          about: '',
          proof: text,
          document: DOCUMENT.toString('hex'),
          trust,
          expected: { error: '' },
        });
        if ('error' in ours) {
          // Such as -0 or 1.5: malformed JSON of this format, wherever it is.
          expect(second(text, trust)).toBe('malformed');
          return;
        }
        expect(ours.verdict).toBe('verified');
        expect(second(text, trust)).toEqual(withoutReasons(ours));
      }),
      randomRuns(80),
    );
  });
});

/** The path of every member of a JSON value, in keys. */
function members(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [[...path, key], ...members(item, [...path, key])]);
}

function find(file: unknown, path: readonly string[]): [target: Record<string, unknown>, key: string] {
  let target = file as Record<string, unknown>;
  for (const key of path.slice(0, -1)) target = target[key] as Record<string, unknown>;
  return [target, path.at(-1) ?? ''];
}
