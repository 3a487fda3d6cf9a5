import { encodeHeader, formatProof, leadingZeroBits, toBase64, type Header } from '../../../src/proof/index.js';
import type { Vector } from '../load.js';
import { makeProof, mine, proofText, SEALED } from './chain.js';
import { edited, flip } from './edit.js';
import { invalid } from './expect.js';
import { sha256 } from './keys.js';

const BLOCK = '4 merkle_root_mismatch';
const WORK = '5 proof_of_work_missing';
const LOGGED = '7 log_root_mismatch';

export function headerCases(): Record<string, Vector> {
  const flipped = (what: string, byte: number, failed: string[]) => [
    `header-flip-${what}`,
    invalid(`one bit of the header's ${what} flipped`, edited((file) => (file.block.header = flip(file.block.header, byte))), failed),
  ];
  const remined = (about: string, change: Partial<Header>, failed: string[]) => {
    const proof = makeProof();
    const header = mine({ ...proof.block.header, ...change, nonce: 0n });
    return invalid(about, formatProof({ ...proof, block: { ...proof.block, header } }), failed);
  };
  return {
    ...(Object.fromEntries([
      flipped('height', 8, [WORK, LOGGED]),
      flipped('previous-hash', 9, [WORK, LOGGED]),
      flipped('merkle-root', 41, [BLOCK, WORK, LOGGED]),
      flipped('state', 73, [WORK, LOGGED]),
      flipped('first-position', 112, [WORK, LOGGED]),
      flipped('entry-count', 116, ['4 block_path_length', WORK, LOGGED]),
      flipped('time', 124, [WORK, LOGGED]),
      flipped('difficulty', 125, [WORK, LOGGED]),
      flipped('nonce', 133, [WORK, LOGGED]),
    ]) as Record<string, Vector>),
    'header-time-changed-and-mined': remined('back-dated, with new proof of work', { sealedAt: SEALED - 1 }, [LOGGED]),
    'header-difficulty-raised-and-mined': remined('more work than the log knows of', { difficulty: 9 }, [LOGGED]),
    'header-difficulty-lowered': remined('less work than the log knows of', { difficulty: 0 }, [LOGGED]),
    'header-of-another-height-and-mined': remined('another height, with new proof of work', { height: 2 }, [LOGGED]),
    'header-beyond-the-log': remined('a height that the log does not have', { height: 6 }, ['7 height_outside_log']),
    'proof-of-work-missing': invalid('logged and signed, but never mined', proofText({ nonce: 1n }), [WORK]),
    'proof-of-work-impossible': invalid('255 zero bits are claimed', proofText({ nonce: 1n, header: { difficulty: 255 } }), [WORK]),
    'proof-of-work-one-bit-short': invalid('9 zero bits are claimed, the hash has 8', proofText({ header: { difficulty: 9 }, nonce: oneBitShort() }), [WORK]),
    'sealed-before-accepted': invalid('logged and signed, but the times contradict each other', proofText({ acceptedAt: SEALED + 1 }), ['6 sealed_before_accepted']),
  };
}

/** The first nonce with which the block of difficulty 9 begins with exactly 8 zero bits. */
function oneBitShort(): bigint {
  const { header } = makeProof({ header: { difficulty: 9 } }).block;
  let nonce = 0n;
  while (leadingZeroBits(sha256(encodeHeader({ ...header, nonce }))) !== 8) nonce++;
  return nonce;
}

export function blockCases(): Record<string, Vector> {
  const path = (about: string, edit: (path: unknown[]) => unknown[], failed: string[]) =>
    invalid(about, edited((file) => (file.block.path = edit(file.block.path))), failed);
  const hash = toBase64(sha256('one more'));
  const index = (about: string, value: number, failed: string[]) =>
    invalid(about, edited((file) => (file.block.index = value)), failed);
  return {
    'block-path-too-short': path('the last hash is missing', (hashes) => hashes.slice(0, -1), ['4 block_path_length']),
    'block-path-too-long': path('one hash too many', (hashes) => [...hashes, hash], ['4 block_path_length']),
    'block-path-empty': path('no hashes', () => [], ['4 block_path_length']),
    'block-path-longest': path('53 hashes, the most a file may have', () => Array<string>(53).fill(hash), ['4 block_path_length']),
    'block-path-swapped': path('two hashes have changed places', ([a, b, ...rest]) => [b, a, ...rest], [BLOCK]),
    'block-path-flip': path('one bit of a hash flipped', ([a, ...rest]) => [flip(String(a), 31), ...rest], [BLOCK]),
    'block-path-flip-last': path('one bit of the last hash flipped', (hashes) => [...hashes.slice(0, -1), flip(String(hashes.at(-1)), 0, 7)], [BLOCK]),
    'block-path-of-single-entry': invalid('a block of one entry has an empty path', edited((file) => (file.block.path = [hash]), { entries: 1, index: 0 }), ['4 block_path_length']),
    'index-of-neighbour': index('the index of the entry beside it', 3, [BLOCK]),
    'index-of-last': index('the promoted last entry has a shorter path', 4, ['4 block_path_length']),
    'index-equals-count': index('indexes end before the count', 5, ['4 index_outside_block']),
    'index-largest': index('2^53 - 1', Number.MAX_SAFE_INTEGER, ['4 index_outside_block']),
    'entry-count-lies': invalid('the header, logged and signed, says 4 entries where there are 5', proofText({ header: { entryCount: 4 } }), ['4 block_path_length']),
    'entry-of-another-block': invalid('logged and signed, but its root is of other entries', proofText({ header: { merkleRoot: sha256('other') } }), [BLOCK]),
  };
}
