import { isatty } from 'node:tty';
import { pino, type Logger } from 'pino';
import { printableJson } from '../proof/index.js';
import type { LogConfig } from './settings.js';

const STDERR = 2;

/**
 * Logs on standard error, which leaves standard output to messages for people: text on a
 * terminal, else a JSON object per line.
 */
export function createLogger(
  { logLevel, logFormat }: LogConfig,
  worker: number | null = null,
  isTerminal = isatty(STDERR),
): Logger {
  const destination = pino.destination({ fd: STDERR, sync: true });
  const options = {
    level: logLevel,
    base: { pid: process.pid, ...(worker === null ? {} : { worker }) },
    serializers: { err: describeError },
  };
  const isText = (logFormat ?? (isTerminal ? 'text' : 'json')) === 'text';
  const format = isText ? formatLine : printableJson;
  return pino(options, { write: (line: string) => destination.write(format(line)) });
}

/**
 * Errors of libraries carry what they were about, down to a connection and its password: only these fields
 * are logged.
 */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: String(error) };
  return {
    type: error.name,
    message: error.message,
    ...('code' in error ? { code: error.code } : {}),
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}

interface LogLine {
  readonly level: number;
  readonly time: number;
  readonly msg?: string;
  readonly err?: { readonly stack?: string };
}

/**
 * One JSON log line as text: local time, level, message, fields, and the stack of an error below.
 * @param line as pino writes it
 */
export function formatLine(line: string): string {
  const { level, time, msg = '', pid: _, err, ...fields } = JSON.parse(line) as LogLine & { pid: number };
  const clock = new Date(time).toTimeString().slice(0, 8);
  const label = (pino.levels.labels[level] ?? String(level)).toUpperCase().padEnd(5);
  const shown = Object.entries(fields).map(([name, value]) => `  ${name}=${formatValue(value)}`);
  const stack = (err?.stack ?? '').split('\n').filter((each) => each !== '');
  return [`${clock} ${label} ${msg}${shown.join('')}`, ...stack.map((each) => `    ${each.trim()}`)]
    .map((each) => `${escapeControls(each)}\n`)
    .join('');
}

function formatValue(value: unknown): string {
  return typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}

/** What others write into a log line must not steer the terminal that shows it. */
function escapeControls(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}
