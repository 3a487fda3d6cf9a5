#!/usr/bin/env node
import { isatty } from 'node:tty';
import { EXIT, type Io } from './io.js';
import { run } from './run.js';

const stop = new AbortController();

function onSignal(signal: NodeJS.Signals): void {
  // The first asks for an orderly end, the second does not wait for it.
  if (stop.signal.aborted) process.exit(signal === 'SIGINT' ? EXIT.interrupted : 143);
  stop.abort();
}
process.on('SIGINT', onSignal);
process.on('SIGTERM', onSignal);

// `ingam … | head` closes the pipe early: what could not be written changes neither the work nor its exit code.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

const io: Io = {
  get stdin() {
    return process.stdin;
  },
  stdout: process.stdout,
  stderr: process.stderr,
  isTTY: isatty(2),
  env: process.env,
  cwd: process.cwd(),
  signal: stop.signal,
};

try {
  process.exitCode = await run(process.argv.slice(2), io);
} catch (error) {
  // Node would end with 1, which says "not verified".
  process.exitCode = EXIT.bug;
  console.error('ingam: an error that nobody foresaw; please report it with these lines:');
  console.error(error);
}
