import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { parseCheckpointNote, toHex } from '../../../src/proof/index.js';
import { openStore } from '../../../src/store/index.js';
import type { Scene } from '../harness/scene.js';
import type { Service } from '../harness/service.js';

/** Every checkpoint that somebody could have seen, to compare with the log that is there in the end. */
export class SeenCheckpoints {
  /** Roots in hexadecimal, by size. Two of one size are a fork. */
  readonly roots = new Map<number, Set<string>>();

  constructor(scene: Scene, services: () => readonly Service[]) {
    const stop = new AbortController();
    const watching = this.#watch(services, stop.signal);
    scene.defer(async () => {
      stop.abort();
      await watching;
    });
  }

  /** @throws {assert.AssertionError} one that was seen is no part of the log */
  async compare(databaseUrl: string): Promise<void> {
    const store = await openStore({ url: databaseUrl });
    try {
      for (const [size, roots] of this.roots) {
        const found = await store.checkpoint(size);
        assert.ok(found !== null, `a checkpoint over ${size} blocks was published, and is not in the log`);
        assert.deepEqual([...roots], [toHex(found.root)], `the log has forked at ${size} blocks`);
      }
    } finally {
      await store.close();
    }
  }

  async #watch(services: () => readonly Service[], signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await Promise.all(services().map(({ url }) => this.#look(url)));
      await delay(100, undefined, { signal }).catch(() => undefined);
    }
  }

  async #look(url: string): Promise<void> {
    const response = await fetch(`${url}/checkpoint`, { signal: AbortSignal.timeout(5000) }).catch(
      () => null,
    );
    if (response?.status !== 200) return;
    const { size, root } = parseCheckpointNote(await response.text()).checkpoint;
    const roots = this.roots.get(size) ?? new Set();
    this.roots.set(size, roots.add(toHex(root)));
  }
}
