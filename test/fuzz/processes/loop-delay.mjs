// Preloaded into the service (`node --import`). On SIGUSR2 it prints the longest time since the last one in which its event loop was
// blocked, in milliseconds. Counted as processor time of the main thread between two turns of the loop: on a busy machine the loop
// waits as well, which is no fault of a request.
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

const PERIOD_MS = 5;
let longest = 0;
let used = threadTime();
let turned = performance.now();

/** Linux counts it for each thread; elsewhere it is that of the process, and other threads add to it. */
function threadTime() {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[0]) / 1e6;
  } catch {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  }
}

setInterval(() => {
  const time = threadTime();
  const now = performance.now();
  longest = Math.max(longest, Math.min(time - used, now - turned - PERIOD_MS));
  used = time;
  turned = now;
}, PERIOD_MS).unref();

process.on('SIGUSR2', () => {
  process.stderr.write(`${JSON.stringify({ blockedMs: longest })}\n`);
  longest = 0;
});
