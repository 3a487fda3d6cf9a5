// Preloaded into the service (`node --import`). On SIGUSR2 it prints the longest time since the last one in which its event loop was
// blocked, and the processor time that the process used meanwhile, both in milliseconds.
import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 2;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();
let used = process.cpuUsage();

process.on('SIGUSR2', () => {
  const { user, system } = process.cpuUsage(used);
  used = process.cpuUsage();
  const delayMs = Math.max(0, delay.max / 1e6 - RESOLUTION_MS);
  delay.reset();
  process.stderr.write(`${JSON.stringify({ fuzz: { delayMs, cpuMs: (user + system) / 1000 } })}\n`);
});
