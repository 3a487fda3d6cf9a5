import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseVerifierKey } from '../../src/proof/index.js';
import { loadVectors, proofBytes, type NamedVector } from '../vectors/load.js';
import { createFolder, invoke, type Invocation, type TestFolder } from './invoke.js';

const EXIT_CODES: Readonly<Record<string, number>> = { verified: 0, invalid: 1, untrusted: 1, pending: 3 };

let folder: TestFolder;
beforeAll(async () => {
  folder = await createFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

/** Lays a vector out as files and verifies it as a user would. */
async function verifyVector(vector: NamedVector, ...extra: string[]): Promise<Invocation> {
  const proof = folder.at(`${vector.folder}-${vector.name}.ingam.json`);
  await writeFile(proof, proofBytes(vector));
  const argv = ['verify', ...extra];
  if (vector.trust !== null) {
    await writeFile(folder.at('trust'), vector.trust);
    argv.push('--trust', folder.at('trust'));
  }
  for (const key of vector.receiptKeys ?? []) argv.push('--key', key);
  if (vector.document === null) {
    argv.push('--sha256', claimedDigest(vector), proof);
  } else {
    const file = folder.at('document');
    await writeFile(file, Buffer.from(vector.document, 'hex'));
    argv.push(file, proof);
  }
  return invoke(argv);
}

function claimedDigest(vector: NamedVector): string {
  const text = Buffer.from(proofBytes(vector)).toString('utf8');
  return /"sha256":\s*"([0-9a-f]{64})"/.exec(text)?.[1] ?? '0'.repeat(64);
}

function isWitnessKey(text: string): boolean {
  try {
    return parseVerifierKey(text).type !== 1;
  } catch {
    return false;
  }
}

/**
 * `--key` stands for logs and receipts alike, and refuses keys of witnesses: the vectors that tell these apart are about the
 * library, not the command.
 */
const vectors = loadVectors().filter(
  ({ name, receiptKeys }) => name !== 'receipt-key-is-no-log-key' && receiptKeys?.some(isWitnessKey) !== true,
);

describe('every vector', () => {
  test.each(vectors.map((vector) => [vector.folder, vector.name, vector] as const))(
    '%s: %s',
    async (_, __, vector) => {
      const { code, stdout } = await verifyVector(vector, '--json');
      const answer = JSON.parse(stdout) as {
        verdict?: string;
        steps?: { number: number; outcome: string; code: string | null }[];
        error?: { code: string };
      };
      if ('error' in vector.expected) {
        expect(code).toBe(2);
        expect(answer.error?.code).toBe(vector.expected.error);
        return;
      }
      expect(answer.verdict).toBe(vector.expected.verdict);
      expect(code).toBe(EXIT_CODES[vector.expected.verdict]);
      const failed = (answer.steps ?? []).filter(({ outcome }) => outcome === 'failed');
      expect(failed.map(({ number, code: why }) => ({ step: number, code: why }))).toEqual(
        vector.expected.failed,
      );
    },
  );

  test.each(vectors.map((vector) => [vector.folder, vector.name, vector] as const))(
    '%s: %s is never answered with silence, nor with terminal codes',
    async (_, __, vector) => {
      const { code, stdout, stderr } = await verifyVector(vector);
      if (code === 2) expect(stderr).toMatch(/^ingam: /);
      else
        expect(stdout).toMatch(
          code === 0 ? /^VERIFIED {2}/ : code === 3 ? /^PENDING {2}/ : /^NOT VERIFIED {2}/,
        );
      expect(stdout + stderr).not.toMatch(
        /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/,
      );
    },
  );
});
