import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | null = null;

/**
 * Collects all garbage, which takes up to a tenth of a second. V8 would keep that of the start for long (some 25 MiB), because a
 * process that is idle has no reason to look for garbage.
 */
export function collectGarbage(): void {
  if (collect === null) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
}

/**
 * For a process that serves, after its start: drops the garbage of the start, and from now on lets the heap grow to three
 * times its size before V8 searches all of it. The bytes of uploads that pass through count as well: with its own limit,
 * V8 would search every 30 milliseconds during a long upload (docs/performance.md).
 */
export function settleHeap(): void {
  setFlagsFromString('--heap-growing-percent=200');
  collectGarbage();
}
