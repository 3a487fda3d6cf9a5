/**
 * `npm test [-- FILTER…]`: prepares the clone, checks style, types and unused code, and runs all tests. The
 * last line is "N passed, N failed". No test is skipped because something is missing: it is installed, or the
 * run fails and says what to do.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { fingerprint, setup } from './setup.mjs';

const root = resolve(import.meta.dirname, '..');
const filters = process.argv.slice(2);
/** What is generated, or changes while tests run. */
const NOT_CHECKED = ['.git', 'node_modules', 'dist', 'data', 'test-results'];
const resultsFile = join(root, 'test-results', 'results.json');

await setup();
ensureChromium();
let failed = 0;
// Beside the tests, which leave some of the processor free. It checks the types, too.
const checked = filters.length === 0 ? checkStyle() : Promise.resolve(true);
rmSync(resultsFile, { force: true });
const vitest = spawn(
  process.execPath,
  [
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--config=test/vitest.config.ts',
    '--reporter=minimal',
    '--reporter=json',
    `--outputFile.json=${resultsFile}`,
    ...filters,
  ],
  { cwd: root, stdio: 'inherit' },
);
const [status] = await once(vitest, 'close');
if (!(await checked)) failed++;
const passed = countResults(status);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** `npm run lint`, unless it has passed before and nothing has changed since. */
async function checkStyle() {
  const stamp = join(root, 'node_modules', '.ingam-lint');
  const inputs = readdirSync(root).filter((name) => !NOT_CHECKED.includes(name));
  const now = fingerprint(inputs);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === now) {
    console.error('Style, types and unused code: nothing has changed since they were checked.');
    return true;
  }
  const passed = await runCheck('lint');
  if (passed) writeFileSync(stamp, now);
  return passed;
}

/** Runs an npm script; shows its output only when it fails. */
async function runCheck(name) {
  const check = spawn('npm', ['run', '--silent', name], { cwd: root, shell: process.platform === 'win32' });
  let output = '';
  for (const stream of [check.stdout, check.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (output += text));
  }
  const [status] = await once(check, 'close');
  if (status === 0) return true;
  console.log(`"npm run ${name}" failed:\n${output}`);
  return false;
}

function countResults(status) {
  let results;
  try {
    results = JSON.parse(readFileSync(resultsFile, 'utf8'));
  } catch {
    console.log('The test runner exited without results.');
    failed++;
    return 0;
  }
  const undone = results.numPendingTests + results.numTodoTests;
  if (undone > 0) console.log(`${undone} tests were skipped, and no test may be.`);
  failed += results.numFailedTests + undone;
  // A file that fails to load, or an error outside of tests, fails the run without a failed test.
  if (status !== 0 && failed === 0) failed++;
  return results.numPassedTests;
}

/**
 * The browser tests need Chromium. Installs Debian's package when there is none and this process may do so.
 */
function ensureChromium() {
  if (findChromium()) return;
  if (process.platform === 'linux' && process.getuid?.() === 0 && onPath('apt-get')) {
    console.error('The browser tests need Chromium, and none was found: installing it with apt-get…');
    const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    let output = '';
    for (const args of [
      ['update', '-qq'],
      // Its part without windows, which which costs less than half the processor time; older systems have only the whole.
      ['install', '-y', '-qq', '--no-install-recommends', 'chromium-headless-shell'],
      ['install', '-y', '-qq', '--no-install-recommends', 'chromium'],
    ]) {
      const result = spawnSync('apt-get', args, { env: environment, encoding: 'utf8' });
      if (findChromium()) return;
      output += `${result.stdout}${result.stderr}`;
    }
    console.error(output);
  }
  console.error(
    'The browser tests need Chromium, and none was found. Install it ("sudo apt-get install chromium" or\n' +
      '"brew install --cask chromium"), or set CHROMIUM_PATH to the executable of Chromium or Chrome.',
  );
  console.log('0 passed, 1 failed');
  process.exit(1);
}

function findChromium() {
  return (
    process.env.CHROMIUM_PATH ||
    ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'].some(
      onPath,
    ) ||
    [
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    ].some(isExecutable)
  );
}

function onPath(name) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => isExecutable(join(folder, name)));
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
