import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  ACCOUNT_TAG_LENGTH,
  ENTRY_LENGTH,
  HEADER_LENGTH,
  MAX_BLOCK_ENTRIES,
  MAX_DETAILS_DEPTH,
  MAX_DETAILS_LENGTH,
  MAX_JSON_DEPTH,
  MAX_PROOF_LENGTH,
  NONCE_OFFSET,
  parsePolicy,
  parseProof,
  PENDING_FORMAT,
  PROOF_FORMAT,
  PROOF_MEDIA_TYPE,
  SALT_LENGTH,
  sha256,
  utf8,
  verify,
} from '../../src/proof/index.js';
import { loadVectors } from '../vectors/load.js';
import { unionMembers } from './union-members.js';

const root = join(import.meta.dirname, '../..');
const specification = readFileSync(join(root, 'docs/proof-format.md'), 'utf8');
const section = (title: string) =>
  specification.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? '';
const fences = (language: string, text: string) =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, body = '']) => body);

/** The numbered steps: of proofs first, then those that only pending proofs have. */
const steps = [...section('Verification').matchAll(/^([0-9]+)\. \*\*([a-z_]+)\*\* — (.*)$/gm)].map(
  ([, number, name = '', text = '']) => ({
    number: Number(number),
    name,
    codes: [...text.matchAll(/`([a-z0-9_]+)`:/g)].map(([, code = '']) => code),
  }),
);

describe('docs/proof-format.md', () => {
  it('has the steps of the code, in the same order', () => {
    const source = readFileSync(join(root, 'src/proof/verify.ts'), 'utf8');
    const inCode = [...source.matchAll(/steps\.add\(([0-9]+), '([a-z_]+)'/g)].map(([, number, name]) => [
      Number(number),
      name,
    ]);
    const numbered = ([number, name]: (string | number | undefined)[]) => `${number ?? ''} ${name ?? ''}`;
    expect(steps.map(({ number, name }) => numbered([number, name])).sort()).toEqual(
      inCode.map(numbered).sort(),
    );
    expect([...new Set(steps.map(({ name }) => name))].sort()).toEqual(
      unionMembers('verify.ts', 'StepName').sort(),
    );
  });

  it('has every failure code, at the same step as the code', () => {
    const named = steps.flatMap(({ codes }) => codes);
    expect(named.toSorted()).toEqual(unionMembers('verify.ts', 'FailureCode').sort());
    for (const { expected, name, proof } of loadVectors()) {
      if ('error' in expected) continue;
      const isPending = typeof proof === 'string' && proof.includes(PENDING_FORMAT);
      for (const { step, code } of expected.failed) {
        const found = steps.filter(({ number, name: stepName }) => {
          const ofPending = stepName.startsWith('receipt');
          return number === step && (number <= 3 || ofPending === isPending);
        });
        expect([name, found.map(({ codes }) => codes.includes(code))]).toEqual([name, [true]]);
      }
    }
  });

  it('has every error code and every verdict', () => {
    const [, errors = ''] = section('Verification').split('Errors have the codes');
    expect([...errors.matchAll(/`([a-z0-9_]+)`/g)].map(([, code = '']) => code).sort()).toEqual(
      unionMembers('errors.ts', 'ProofErrorCode').sort(),
    );
    for (const verdict of unionMembers('verify.ts', 'Verdict'))
      expect(specification).toContain(`\`${verdict}\``);
  });

  it.each([
    ['Entry', `${ENTRY_LENGTH} bytes`],
    ['Entry', `| ${SALT_LENGTH} | salt`],
    ['Entry', `| ${ACCOUNT_TAG_LENGTH} | account tag`],
    ['Entry', `at most ${MAX_DETAILS_DEPTH} deep`],
    ['Entry', `at most ${MAX_DETAILS_LENGTH} bytes`],
    ['Header', `${HEADER_LENGTH} bytes`],
    ['Header', `1 to 2^${Math.log2(MAX_BLOCK_ENTRIES)}`],
    ['Header', `| ${NONCE_OFFSET} | 8 | nonce`],
    ['Conventions', `at most ${MAX_JSON_DEPTH} deep`],
    ['Files', `at most ${MAX_PROOF_LENGTH} bytes`],
    ['Files', `\`"${PROOF_FORMAT}"\``],
    ['Files', `\`"${PENDING_FORMAT}"\``],
    ['Files', PROOF_MEDIA_TYPE],
  ])('states the constants of the code: %s, %s', (title, text) => {
    expect(section(title)).toContain(text);
  });

  it.each([
    ['Entry', ENTRY_LENGTH],
    ['Header', HEADER_LENGTH],
  ])('has fields without gaps: %s', (title, length) => {
    const fields = [...section(title).matchAll(/^\| ([0-9]+) \| ([0-9]+) \|/gm)].map(([, offset, size]) => [
      Number(offset),
      Number(size),
    ]);
    let end = 0;
    for (const [offset = NaN, size = NaN] of fields) {
      expect(offset).toBe(end);
      end += size;
    }
    expect(end).toBe(length);
  });

  it('has an example that is verified as shown', () => {
    const example = section('Example');
    const [proof = ''] = fences('json', example);
    const [trust = ''] = fences('text', example);
    const text = `${/bytes `([^`]*)` and a line feed/.exec(example)?.[1] ?? ''}\n`;
    const document = { sha256: sha256(utf8(text)), size: utf8(text).length };
    expect(example).toContain(`the ${document.size} bytes`);
    const { verdict, steps: taken } = verify({
      proof: parseProof(proof),
      document,
      policy: parsePolicy(trust),
    });
    expect(verdict).toBe('verified');
    expect(taken.filter(({ outcome }) => outcome === 'passed')).toHaveLength(8);
    expect(proof).toBe(loadVectors('valid').find(({ name }) => name === 'specification-example')?.proof);
  });
});
