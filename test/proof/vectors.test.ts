import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  parseProof,
  policyOfKeys,
  verify,
  type ProofError,
  type ProofErrorCode,
  type Verification,
} from '../../src/proof/index.js';
import { outcomeOf, verifyOrRefuse, verifyVector } from '../vectors/judge.js';
import { FOLDERS, loadVectors, proofBytes } from '../vectors/load.js';
import { makeVectors } from '../vectors/make.js';
import { unionMembers } from './union-members.js';

const vectors = loadVectors();

function assertSteps({ steps }: Verification): void {
  expect(steps.map(({ number }) => number)).toEqual(steps.map((_, i) => i + 1));
  const wrong = steps.filter(
    ({ outcome, code, message, expected, computed }) =>
      (code !== null) !== (outcome === 'failed') ||
      (expected !== undefined && computed === undefined) ||
      /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(`${message}${expected ?? ''}${computed ?? ''}`) ||
      !message.endsWith('.') ||
      message.length >= 500,
  );
  expect(wrong).toEqual([]);
}

describe('vectors', () => {
  it.each(vectors.map((vector) => [`${vector.folder}/${vector.name}`, vector] as const))(
    '%s: as expected, with messages that are safe to print',
    (_, vector) => {
      const found = verifyOrRefuse(vector);
      expect(outcomeOf(found)).toEqual(vector.expected);
      if (typeof found !== 'string') assertSteps(found);
    },
  );

  it('are in the folder of their verdict', () => {
    for (const { folder, name, expected } of vectors) {
      if (folder === 'time') continue;
      const verdict = 'error' in expected ? 'error' : expected.verdict;
      const folders: Record<string, string> = {
        verified: 'valid',
        invalid: 'invalid',
        untrusted: 'invalid',
        pending: 'pending',
        error: 'malformed',
      };
      expect([name, folder]).toEqual([name, folders[verdict]]);
    }
  });

  it('are exactly what the script generates', () => {
    const made = makeVectors();
    expect(vectors.map(({ folder, name }) => `${folder}/${name}.json`).sort()).toEqual(
      [...made.keys()].sort(),
    );
    for (const [path, text] of made) {
      expect(readFileSync(join(import.meta.dirname, '../vectors/proof', path), 'utf8')).toBe(text);
    }
  });

  it('cover every failure and every error, and more broken proofs than good ones', () => {
    const failures = vectors.flatMap(({ expected }) =>
      'error' in expected ? [] : expected.failed.map(({ code }) => code),
    );
    const errors = vectors.flatMap(({ expected }) => ('error' in expected ? [expected.error] : []));
    expect([...new Set(failures)].sort()).toEqual(unionMembers('verify.ts', 'FailureCode').sort());
    // A certificate is a proof in a PDF; change lists and histories have vectors of their own.
    const others = ['malformed_certificate', 'malformed_changes', 'malformed_history'];
    const codes = unionMembers('errors.ts', 'ProofErrorCode').filter((code) => !others.includes(code));
    expect([...new Set(errors)].sort()).toEqual(codes.sort());
    const [valid = 0, invalid = 0, malformed = 0] = FOLDERS.map((folder) => loadVectors(folder).length);
    expect(invalid + malformed).toBeGreaterThan(2 * valid);
  });

  it('name the witnesses with valid cosignatures, with their times', () => {
    const [vector] = vectors.filter(({ name }) => name === 'cosigned-2-of-3');
    if (vector === undefined) throw new Error('no such vector');
    expect(verifyVector(vector).cosignatures).toEqual([
      { witness: 'w1', time: 1767323050 },
      { witness: 'w3', time: 1767323050 },
    ]);
  });
});

describe('without a trusted key', () => {
  it('no proof is verified', () => {
    for (const vector of vectors.filter(({ expected }) => !('error' in expected))) {
      const proof = parseProof(proofBytes(vector));
      for (const policy of [null, policyOfKeys([])]) {
        expect(verify({ proof, document: null, policy }).verdict).not.toBe('verified');
      }
    }
  });
});

describe('errors', () => {
  it('have a code', () => {
    const code: ProofErrorCode = 'malformed_json';
    expect(() => parseProof('')).toThrow(expect.objectContaining({ name: 'ProofError', code }) as ProofError);
  });
});
