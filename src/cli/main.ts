#!/usr/bin/env node
import { readFileSync, readlinkSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { isatty } from 'node:tty';
import { inspect } from 'node:util';
import { EXIT, type Io, printText } from './io.js';
import { decodePath } from './paths.js';
import { run } from './run.js';
import { languageOf, withLanguage } from './language.js';
import { failureMessages } from './messages/failures.js';

/** What Node puts in place of bytes that are not UTF-8. */
const REPLACEMENT = '\ufffd';

/**
 * The arguments, with the bytes that are not UTF-8. Node loses those, and Linux has kept them. (macOS and
 * Windows have no such names.)
 */
function givenArguments(): string[] {
  const given = process.argv.slice(2);
  if (!given.some((each) => each.includes(REPLACEMENT))) return given;
  try {
    // Each ends with a zero byte.
    const all = readFileSync('/proc/self/cmdline', 'latin1').split('\0').slice(0, -1);
    return all.slice(-given.length).map((each) => decodePath(Buffer.from(each, 'latin1')));
  } catch {
    return given;
  }
}

function workingDirectory(): string {
  const given = process.cwd();
  if (!given.includes(REPLACEMENT)) return given;
  try {
    return decodePath(readlinkSync('/proc/self/cwd', 'buffer'));
  } catch {
    return given;
  }
}

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

/** Node's readline echoes what is typed to its output: here to nothing. */
async function askSecret(question: string): Promise<string> {
  process.stderr.write(question);
  const output = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  lines.on('SIGINT', () => {
    onSignal('SIGINT');
  });
  try {
    return await lines.question('', { signal: stop.signal });
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}

async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: true });
  lines.on('SIGINT', () => {
    onSignal('SIGINT');
  });
  try {
    return await lines.question(question, { signal: stop.signal });
  } finally {
    lines.close();
  }
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
  isOutputTTY: isatty(1),
  get columns() {
    return process.stderr.columns;
  },
  ask: isatty(0) ? ask : undefined,
  askSecret: isatty(0) ? askSecret : undefined,
  env: process.env,
  cwd: workingDirectory(),
  signal: stop.signal,
  onReload: (reload) => {
    // Of a terminal that is closed: nobody watches any more what was started there.
    const isWatched = isatty(1) || isatty(2);
    process.on('SIGHUP', isWatched ? onSignal : reload);
  },
};

try {
  process.exitCode = await run(givenArguments(), io);
} catch (error) {
  // Node's own exit code would be 1, which means "not verified".
  process.exitCode = EXIT.bug;
  printText(process.stderr, `ingam: ${withLanguage(languageOf(process.env), () => failureMessages().bug)}`);
  printText(process.stderr, inspect(error));
}
