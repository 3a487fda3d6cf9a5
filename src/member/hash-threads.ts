import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import { fillTileRoots, type LeafRun } from './tile-roots.js';

/** Under vitest this file runs as TypeScript, which a worker thread cannot load: the built one does the same. */
const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/member/tile-roots.js' : './tile-roots.js',
  import.meta.url,
);

/** 4,096 leaf hashes are 2 ms of work: a member that is not behind needs no thread. */
const LITTLE = 128 * 1024;

/** The threads that hash while a member catches up, so that it goes on to answer. They end when there is nothing to do. */
export class HashThreads {
  readonly #pool = new Piscina({
    filename: WORKER.href,
    minThreads: 0,
    // One core is busy with what is fetched and written.
    maxThreads: Math.max(1, availableParallelism() - 1),
    idleTimeout: 1000,
  });

  /** @param run is handed over: its bytes are empty afterwards, and those that come back are to be used. */
  async fillTileRoots(run: LeafRun): Promise<LeafRun['bytes']> {
    if (run.bytes.length <= LITTLE) return fillTileRoots(run);
    const transferList = [run.bytes.buffer];
    return (await this.#pool.run(run, { name: 'fillAndReturn', transferList })) as LeafRun['bytes'];
  }

  /** Resolves when no thread runs any more. */
  async destroy(): Promise<void> {
    await this.#pool.destroy();
  }
}
