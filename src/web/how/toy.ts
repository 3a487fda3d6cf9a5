import { words } from '../messages/how.js';
import { nodeKey } from '../pictures/tree-shape.js';
import { SHAPE, treeHashes, type Hashes } from './model.js';

/** The four documents that the tree, the block and the proof of the page are about. */
export class Toy {
  #changed: (string | null)[] = [null, null, null, null];
  readonly #listeners: (() => void)[] = [];

  get documents(): readonly string[] {
    return words().samples.map((sample, i) => this.#changed[i] ?? sample);
  }

  get hashes(): Hashes {
    return treeHashes(this.documents);
  }

  get originalHashes(): Hashes {
    return treeHashes(words().samples);
  }

  get root(): Uint8Array {
    return this.hashes.get(nodeKey(SHAPE)) ?? new Uint8Array(32);
  }

  change(index: number, text: string): void {
    this.#changed[index] = text;
    this.#tell();
  }

  reset(): void {
    this.#changed = this.#changed.map(() => null);
    this.#tell();
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** The page is built anew: its old parts are gone. */
  forgetListeners(): void {
    this.#listeners.length = 0;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
