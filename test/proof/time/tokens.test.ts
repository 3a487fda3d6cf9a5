import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { judgeToken, loadTokenVectors, TOKEN_VECTORS } from '../../vectors/load-tokens.js';
import { makeTokenVectors } from '../../vectors/make-tokens.js';
import { unionMembers } from '../union-members.js';

const vectors = loadTokenVectors();

describe('token vectors', () => {
  it.each(vectors.map((vector) => [`${vector.folder}/${vector.name}: ${vector.about}`, vector] as const))(
    '%s',
    (_, vector) => {
      expect(judgeToken(vector)).toEqual(vector.expected);
    },
  );

  it('are in the folder of their verdict', () => {
    for (const { folder, name, expected } of vectors) {
      expect([name, folder]).toEqual([name, 'fault' in expected ? 'refused' : 'counted']);
    }
  });

  it('are exactly what the script generates', () => {
    const made = makeTokenVectors();
    expect(vectors.map(({ folder, name }) => `${folder}/${name}.json`).sort()).toEqual(
      [...made.keys()].sort(),
    );
    for (const [path, text] of made) expect(readFileSync(join(TOKEN_VECTORS, path), 'utf8')).toBe(text);
  });

  it('cover every fault, and more refused tokens than counted ones', () => {
    const faults = vectors.flatMap(({ expected }) => ('fault' in expected ? [expected.fault] : []));
    expect([...new Set(faults)].sort()).toEqual(unionMembers('time/refusal.ts', 'TokenFault').sort());
    expect(faults.length).toBeGreaterThan(vectors.length / 2);
  });
});
