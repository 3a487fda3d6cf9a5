import { persist } from '../persist.js';
import { oneBlock } from './calls.js';
import type { SealedBlock } from './sealed-block.js';

/** More than anybody looks through; a header is small. */
const MOST = 2000;

/** Blocks never change, so none is asked for twice. */
export class KnownBlocks {
  readonly #blocks = new Map<number, SealedBlock>();

  add(blocks: readonly SealedBlock[]): void {
    if (this.#blocks.size > MOST) this.#blocks.clear();
    for (const block of blocks) this.#blocks.set(block.header.height, block);
  }

  find(height: number): SealedBlock | null {
    return this.#blocks.get(height) ?? null;
  }

  async get(height: number, signal: AbortSignal): Promise<SealedBlock> {
    const known = this.find(height);
    if (known !== null) return known;
    const block = await persist(() => oneBlock(height, signal), signal);
    this.add([block]);
    return block;
  }
}
