import { describe, expect, test } from 'vitest';
import {
  blockHash,
  encodeHeader,
  hasProofOfWork,
  leadingZeroBits,
  MAX_DIFFICULTY,
  NO_STATE,
  toHex,
  type Header,
} from '../../src/proof/index.js';
import { DifficultyControl } from '../../src/sealer/seal-block.js';
import { mine } from '../../src/sealer/worker.js';
import { miningNiceness } from '../../src/sealer/workers.js';

const header = (difficulty: number): Omit<Header, 'nonce'> => ({
  height: 7,
  previousHash: new Uint8Array(32).fill(1),
  merkleRoot: new Uint8Array(32).fill(2),
  state: NO_STATE,
  firstPosition: 1000,
  entryCount: 3,
  sealedAt: 1_700_000_000_000,
  difficulty,
});

describe('mine', () => {
  test.each([0, 1, 7, 8, 9, 13])(
    'finds the lowest nonce whose hash begins with %i zero bits',
    (difficulty) => {
      const mined = mine(header(difficulty));
      const hashOf = (nonce: bigint) => blockHash(encodeHeader({ ...header(difficulty), nonce }));
      expect(toHex(mined.hash)).toBe(toHex(hashOf(mined.nonce)));
      expect(leadingZeroBits(mined.hash)).toBeGreaterThanOrEqual(difficulty);
      for (let nonce = 0n; nonce < mined.nonce; nonce++) {
        expect(hasProofOfWork(hashOf(nonce), difficulty)).toBe(false);
      }
      expect(mined.attempts).toBe(Number(mined.nonce) + 1);
      expect(mined.milliseconds).toBeGreaterThanOrEqual(0);
    },
  );
});

describe('DifficultyControl', () => {
  test('keeps the difficulty until it has measured the speed of this machine', () => {
    expect(new DifficultyControl(200).next(17, 4)).toBe(17);
  });

  test('changes by at most one towards the target, and never falls below the minimum', () => {
    const control = new DifficultyControl(100);
    control.observe(1024 * 10, 10); // 1,024 hashes per ms: 100 ms are 2^16.6 of them
    expect(control.next(12, 4)).toBe(13);
    expect(control.next(16, 4)).toBe(16);
    expect(control.next(20, 4)).toBe(19);
    expect(control.next(20, 20)).toBe(20);
    expect(control.next(4, 4)).toBe(5);
  });

  test('reaches the difficulty of the target, and stays there', () => {
    const control = new DifficultyControl(200);
    control.observe(400_000, 1000);
    let difficulty = 8;
    const seen: number[] = [];
    for (let i = 0; i < 20; i++) seen.push((difficulty = control.next(difficulty, 8)));
    expect(seen.slice(-10)).toEqual(Array.from({ length: 10 }, () => 16));
  });

  test('ignores measurements that are too short, and stays in range for extreme targets and speeds', () => {
    const control = new DifficultyControl(0);
    control.observe(1, 0);
    expect(control.next(9, 9)).toBe(9);
    control.observe(1e9, 1);
    expect(control.next(9, 3)).toBe(8);
    const endless = new DifficultyControl(3_600_000);
    endless.observe(Number.MAX_SAFE_INTEGER, 1);
    expect(endless.next(MAX_DIFFICULTY, 0)).toBeLessThanOrEqual(MAX_DIFFICULTY);
    const slow = new DifficultyControl(200);
    slow.observe(1, 1e6);
    expect(slow.next(1, 0)).toBe(0);
    expect(slow.next(0, 0)).toBe(0);
  });
});

describe('miningNiceness', () => {
  test('leaves a process of any priority with a thread that is nicer, and never at -1', () => {
    for (let priority = -20; priority < 20; priority++) {
      const niceness = miningNiceness(priority);
      expect(niceness, `of a process at ${priority}`).toBeGreaterThan(0);
      expect(priority + niceness, `of a process at ${priority}`).not.toBe(-1);
    }
  });
});
