import { expect, test } from 'vitest';
import { generateKey } from '../../src/crypto/keys.js';
import { ReceiptSigning } from '../../src/intake/index.js';
import { checkSignature, ED25519, ML_DSA_44_TEXT } from '../../src/proof/index.js';

const KEYS = [ED25519, ML_DSA_44_TEXT].map((type) => generateKey('receipt.example', type));
const [ED] = KEYS;
if (ED === undefined) throw new Error('no key');

test('signs with every key, and leaves the event loop free while an ML-DSA-44 signature is made', async () => {
  const signing = new ReceiptSigning(KEYS);
  try {
    // The thread has started when the first signature is there.
    await signing.sign('start\n');
    let turns = 0;
    let waiting = true;
    const turn = () => {
      turns++;
      if (waiting) setImmediate(turn);
    };
    setImmediate(turn);
    const texts = Array.from({ length: 20 }, (_, i) => `text ${i}\n`);
    const notes = await Promise.all(texts.map((text) => Promise.resolve(signing.sign(text))));
    waiting = false;
    // Signed on this thread, all notes would be there before the event loop turns once.
    expect(turns).toBeGreaterThan(0);
    for (const [i, note] of notes.entries()) {
      expect(note.text).toBe(texts[i]);
      expect(note.signatures).toHaveLength(2);
      for (const { key } of KEYS) expect(checkSignature(note, key)).toEqual({ state: 'good', time: null });
    }
  } finally {
    await signing.close();
  }
});

test('signs at once, without a thread, when all keys are Ed25519 keys', async () => {
  const signing = new ReceiptSigning([ED]);
  const note = signing.sign('text\n');
  expect(note).not.toBeInstanceOf(Promise);
  expect(checkSignature(await note, ED.key)).toEqual({ state: 'good', time: null });
  await signing.close();
});
