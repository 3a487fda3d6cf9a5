import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { NODE_VERIFIERS } from '../../../src/crypto/primitives.js';
import {
  fromHex,
  PORTABLE_VERIFIERS,
  ProofError,
  RecordRefusal,
  verifyKeyOffer,
} from '../../../src/proof/index.js';
import { isKeyOffer } from '../../independent/key-offer.js';
import { VECTORS } from '../../vectors/load.js';
import type { KeyOfferVector } from '../../vectors/make/records/key-offers.js';

const vectors = JSON.parse(readFileSync(join(VECTORS, 'records/key-offers.json'), 'utf8')) as Record<
  string,
  KeyOfferVector
>;

it.each(Object.entries(vectors))('judges the offer of a key: %s', (_, { key, note, expected, ...of }) => {
  const offer = { ...of, document: fromHex(of.document, 32, 'the document') };
  for (const verifiers of [PORTABLE_VERIFIERS, NODE_VERIFIERS]) {
    expect(
      verdict(() => {
        verifyKeyOffer(note, offer, key, verifiers);
      }),
    ).toBe(expected);
  }
  expect(isKeyOffer(note, key, of)).toBe(expected === 'good');
});

function verdict(verify: () => void): 'good' | 'bad' {
  try {
    verify();
    return 'good';
  } catch (error) {
    if (error instanceof ProofError || error instanceof RecordRefusal) return 'bad';
    throw error;
  }
}
