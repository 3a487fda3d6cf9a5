import { describe, expect, it } from 'vitest';
import {
  drandChain,
  drandRoundAt,
  drandTime,
  parseDrandRound,
  QUICKNET,
  verifyDrandRound,
  type DrandChain,
} from '../../../src/proof/time/drand.js';
import { Random } from '../../fuzz/random.js';
import type { DrandVectors } from '../../vectors/make/time/drand.js';
import { bytesOf, fastSha256, flipped, hex } from '../support.js';
import { timeVectors } from './support.js';

const { chains, malformedChains, rounds, forged, malformed } = timeVectors('drand') as DrandVectors;
const isMalformed = expect.objectContaining({ name: 'TimeError', code: 'malformed_drand' }) as Error;

function chainOf(
  written: DrandVectors['chains'][string],
  more: Record<string, string | number> = {},
): DrandChain {
  const { publicKey, genesis, period, seed, id, hash } = { ...written, ...more };
  return drandChain(
    { publicKey: bytesOf(publicKey, 'hex'), genesis, period, seed: bytesOf(seed, 'hex'), id },
    bytesOf(hash, 'hex'),
  );
}

describe('a drand chain', () => {
  it.each(Object.entries(chains))('has the hash of its parameters: %s', (_, written) => {
    expect(hex(chainOf(written).hash)).toBe(written.hash);
  });

  it('is known: quicknet', () => {
    const { hash, ...parameters } = QUICKNET;
    expect(drandChain(parameters, hash)).toEqual(QUICKNET);
    expect(drandChain(parameters)).toEqual(QUICKNET);
    const [written] = Object.values(chains);
    expect(written && chainOf(written)).toEqual(QUICKNET);
  });

  it.each(Object.entries(malformedChains))('is refused: %s', (_, change) => {
    const { quicknet } = chains;
    if (quicknet === undefined) throw new Error('no chain');
    expect(() => chainOf(quicknet, change)).toThrow(isMalformed);
  });

  it('says when a round is published', () => {
    for (const { round, time } of rounds) {
      expect(drandTime(QUICKNET, round)).toBe(time);
      expect(drandRoundAt(QUICKNET, time)).toBe(round);
      expect(drandRoundAt(QUICKNET, time + 2999)).toBe(round);
      expect(drandRoundAt(QUICKNET, time - 1)).toBe(round - 1);
    }
    expect(drandRoundAt(QUICKNET, 0)).toBe(0);
    expect(drandRoundAt(QUICKNET, 1_692_803_367_000)).toBe(1);
  });
});

describe('a drand round', () => {
  it.each(rounds)('is verified: $round', ({ round, signature, randomness }) => {
    const answer = parseDrandRound(JSON.stringify({ round, randomness, signature }));
    expect(answer).toEqual({ round, signature: bytesOf(signature, 'hex') });
    expect(parseDrandRound(JSON.stringify({ signature, round }))).toEqual(answer);
    expect(hex(fastSha256(answer.signature))).toBe(randomness);
    expect(verifyDrandRound(QUICKNET, answer)).toBe(true);
  });

  it.each(Object.entries(forged))('is not verified: %s', (_, { round, signature }) => {
    expect(verifyDrandRound(QUICKNET, { round, signature: bytesOf(signature, 'hex') })).toBe(false);
  });

  it('is not verified with another key', () => {
    const { fastnet } = chains;
    const [round] = rounds;
    if (fastnet === undefined || round === undefined) throw new Error('no vectors');
    const signed = { round: round.round, signature: bytesOf(round.signature, 'hex') };
    expect(verifyDrandRound(chainOf(fastnet), signed)).toBe(false);
    const changed = { ...QUICKNET, publicKey: flipped(QUICKNET.publicKey, 767) };
    expect(verifyDrandRound(changed, signed)).toBe(false);
    expect(verifyDrandRound({ ...QUICKNET, publicKey: new Uint8Array(0) }, signed)).toBe(false);
    const infinity = new Uint8Array(96);
    infinity[0] = 0xc0;
    const infinite = { round: round.round, signature: new Uint8Array(48) };
    infinite.signature[0] = 0xc0;
    expect(verifyDrandRound({ ...QUICKNET, publicKey: infinity }, infinite)).toBe(false);
  });

  it('is not verified after any change of its signature', () => {
    const random = new Random(381);
    const [, round] = rounds;
    if (round === undefined) throw new Error('no round');
    for (let i = 0; i < 12; i++) {
      const signature = flipped(bytesOf(round.signature, 'hex'), random.below(384));
      expect(verifyDrandRound(QUICKNET, { round: round.round, signature })).toBe(false);
    }
  });

  it.each(Object.entries(malformed))('is refused when malformed: %s', (_, text) => {
    expect(() => parseDrandRound(text)).toThrow(isMalformed);
  });
});
