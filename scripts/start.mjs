/** `npm start`: prepares the clone, then runs the service in this process. */
import { setup } from './setup.mjs';

endWithParent();
await setup();
process.argv.splice(2, 0, 'serve');
await import('../dist/cli/main.js');

/**
 * npm forwards signals to the shell that runs the script, and some shells exit without passing them on. Their
 * child is then adopted by another process: the changed parent is the only sign.
 */
function endWithParent() {
  if (process.env.npm_lifecycle_event !== 'start') return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 200);
  watch.unref();
}
