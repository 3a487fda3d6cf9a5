#!/usr/bin/env node
import { isatty } from 'node:tty';
import { EXIT, type Io } from './io.js';
import { run } from './run.js';

const stop = new AbortController();

function onSignal(signal: NodeJS.Signals): void {
  // The first signal requests a graceful stop, the second ends the process at once.
  if (stop.signal.aborted) process.exit(signal === 'SIGINT' ? EXIT.interrupted : 143);
  stop.abort();
}
process.on('SIGINT', onSignal);
process.on('SIGTERM', onSignal);

// `ingam … | head` closes the pipe early: that changes neither the work nor the exit code.
let isClosed = false;
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    isClosed ||= stream === process.stdout;
  });
}

const io: Io = {
  get stdin() {
    return process.stdin;
  },
  stdout: {
    write: (text) => process.stdout.write(text),
    get isClosed() {
      return isClosed;
    },
  },
  stderr: process.stderr,
  isTTY: isatty(2),
  env: process.env,
  cwd: process.cwd(),
  signal: stop.signal,
};

try {
  process.exitCode = await run(process.argv.slice(2), io);
} catch (error) {
  // Node's own exit code would be 1, which means "not verified".
  process.exitCode = EXIT.bug;
  console.error('ingam: unexpected error. Please report it with the lines below:');
  console.error(error);
}
