import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadHistories, loadVectors, proofBytes, type NamedVector } from '../vectors/load.js';
import { failingSteps, type WrittenHistory } from './history.js';
import { Malformed } from './strict-json.js';
import { withoutReasons } from './reasons.js';
import { verifyIndependently, type Answer } from './verifier.js';

/** What the second verifier says of a vector; null: malformed. */
function second(vector: NamedVector): Answer | null {
  try {
    return verifyIndependently({
      proof: proofBytes(vector),
      document: vector.document === null ? null : Buffer.from(vector.document, 'hex'),
      trust: vector.trust,
      receiptKeys: vector.receiptKeys ?? [],
      now: vector.now === undefined ? null : Date.parse(vector.now),
      crls: (vector.crls ?? []).map((each) => Buffer.from(each, 'base64')),
    });
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}

describe('a verifier written from the specification alone agrees', () => {
  const vectors = loadVectors();
  it.each(vectors.map((vector) => [`${vector.folder}/${vector.name}`, vector] as const))(
    'on %s',
    (_, vector) => {
      // What src/proof says of it, too: test/proof/vectors.
      const { expected } = vector;
      expect(second(vector)).toEqual('error' in expected ? null : withoutReasons(expected));
    },
  );

  it.each(loadHistories())('on the blocks, events, values and map of the history $name', (vector) => {
    const expected = vector.expected.failed.map((failed) => Number(failed.split(' ')[0]));
    expect(failingSteps(vector.history as WrittenHistory)).toEqual(
      expected.filter((step) => [1, 4, 5, 9].includes(step)),
    );
  });

  it('shares no code with src/', () => {
    const files = readdirSync(import.meta.dirname).filter(
      (file) => !file.endsWith('.test.ts') && file !== 'reasons.ts',
    );
    expect(files).toContain('verifier.ts');
    for (const file of files) {
      const imports = readFileSync(join(import.meta.dirname, file), 'utf8').matchAll(/from '([^']+)'/g);
      for (const [, specifier] of imports)
        expect(specifier).toMatch(/^(node:crypto|@noble\/curves\/[a-z0-9-]+\.js|\.\/[a-z-]+\.js)$/);
    }
  });
});
