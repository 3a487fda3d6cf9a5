// Preloaded into the service (`node --import`). On SIGUSR2 it prints the longest time since the last one in which its event loop was
// blocked, in milliseconds. Counted as processor time between two turns of the loop: on a busy machine the loop waits as well, which
// is no fault of a request.
import { performance } from 'node:perf_hooks';

const PERIOD_MS = 5;
let longest = 0;
let used = process.cpuUsage();
let turned = performance.now();

setInterval(() => {
  const { user, system } = process.cpuUsage(used);
  const now = performance.now();
  longest = Math.max(longest, Math.min((user + system) / 1000, now - turned - PERIOD_MS));
  used = process.cpuUsage();
  turned = now;
}, PERIOD_MS).unref();

process.on('SIGUSR2', () => {
  process.stderr.write(`${JSON.stringify({ blockedMs: longest })}\n`);
  longest = 0;
});
