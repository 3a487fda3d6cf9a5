// Verifies the histories that are its arguments with the built command line, and prints the results as one JSON list.
import { run } from '../../../dist/cli/run.js';

const results = [];
for (const history of process.argv.slice(2)) {
  let text = '';
  await run(['verify', history, '--trust', 'service.trust', '--json'], {
    stdin: process.stdin,
    stdout: { write: (part) => (text += part) },
    stderr: process.stderr,
    isTTY: false,
    env: {},
    cwd: process.cwd(),
    signal: new AbortController().signal,
  });
  results.push(JSON.parse(text));
}
process.stdout.write(JSON.stringify(results));
