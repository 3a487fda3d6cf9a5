/**
 * `npm run dev`: runs the service and rebuilds it and the web pages whenever a source file changes. The
 * service restarts when its types have no errors; reload the page in the browser yourself. Takes the same
 * settings as `npm start`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { bundle } from './bundle.mjs';
import { binary, root, setup } from './setup.mjs';

await setup();
const compiler = run(
  [binary('typescript', 'tsc'), '-p', 'tsconfig.json', '--noEmit', '--watch', '--preserveWatchOutput'],
  'pipe',
);
const pages = run([
  binary('vite', 'vite'),
  ...['build', '--watch', '--config', 'src/web/vite.config.ts', '--logLevel', 'warn'],
]);
let service = null;
let restarted = Promise.resolve();
let stopping = false;

compiler.stdout.setEncoding('utf8').on('data', (text) => {
  process.stdout.write(text);
  if (text.includes('Found 0 errors')) restarted = restarted.then(restart);
});
// Ctrl-C reaches the children by itself.
process.on('SIGINT', () => (stopping = true));
process.on('SIGTERM', () => {
  stopping = true;
  for (const child of [compiler, pages, service]) child?.kill('SIGTERM');
});

async function restart() {
  if (isRunning(service)) {
    const exit = once(service, 'exit');
    service.kill('SIGTERM');
    await exit;
  }
  try {
    await bundle();
  } catch (error) {
    console.error(error);
    return;
  }
  if (!stopping) service = run(['dist/cli/main.js', 'serve']);
}

function isRunning(child) {
  return child !== null && child.exitCode === null && child.signalCode === null;
}

function run(args, stdout = 'inherit') {
  return spawn(process.execPath, args, { cwd: root, stdio: ['ignore', stdout, 'inherit'] });
}
