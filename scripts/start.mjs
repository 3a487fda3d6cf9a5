/** `npm start`: set up what is missing, then be the service, in this one process. */
import { setup } from './setup.mjs';

setup();
endWithParent();
process.argv.splice(2, 0, 'serve');
await import('../dist/cli/main.js');

/**
 * npm hands a signal on to the shell that it runs scripts in, and many a shell dies of it without telling its own child. The
 * child sees only that it has another parent.
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
