import { keptPrivateKey } from '../crypto/keys.js';
import { type Note, signNote } from '../proof/index.js';

/** @param keys the private keys as texts */
export default function sign({ text, keys }: { text: string; keys: readonly string[] }): Note {
  return signNote(text, ...keys.map(keptPrivateKey));
}
