import { printable as printableText, printableJson } from '../proof/index.js';
import { progressMessages } from './messages/progress.js';

/** The environment of a command. Tests pass their own; main.ts passes the process's. */
export interface Io {
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Results: lines for people, or JSON for programs. */
  readonly stdout: Output;
  /** Explanations, progress and errors. */
  readonly stderr: Output;
  /** Whether stderr is a terminal. Progress bars and colours are shown only then. */
  readonly isTTY: boolean;
  /** Whether stdout is a terminal, where long lists are cut. Programs get them whole. */
  readonly isOutputTTY: boolean;
  /** Asks for a line that is not shown; undefined: standard input is no terminal. */
  readonly askSecret?: ((question: string) => Promise<string>) | undefined;
  /** Asks for a line that is shown; undefined: standard input is no terminal. */
  readonly ask?: ((question: string) => Promise<string>) | undefined;
  /** Width of the terminal; undefined: unknown. */
  readonly columns?: number | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute. Relative paths in arguments are resolved against it. */
  readonly cwd: string;
  /** Aborts when the user or the system asks the command to stop. */
  readonly signal: AbortSignal;
  /** Milliseconds after which a pending proof is asked for again at the latest; by default as the service says. */
  readonly longestPollMs?: number | undefined;
  /** Calls `reload` on SIGHUP, which otherwise ends the process. */
  readonly onReload?: (reload: () => void) => void;
}

export interface Output {
  write(text: string): unknown;
  /** The reader has closed the pipe. */
  readonly isClosed?: boolean;
}

/** Stable: scripts depend on these numbers. `ingam --help` documents them. */
export const EXIT = {
  ok: 0,
  /**
   * Not verified, findings, some files failed, rejected by a rule of the service, or the service cannot
   * start.
   */
  failed: 1,
  /** Wrong usage, unreadable or malformed input, or no connection to the service or database. */
  usage: 2,
  /** Accepted, not yet sealed. */
  pending: 3,
  /** EX_SOFTWARE of sysexits.h. */
  bug: 70,
  /** 128 + SIGINT, the shell convention. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

// What a command writes passes through these functions, and through no others: text from outside, such as
// the name of a file, must not steer the terminal that shows it. test/structure enforces it.

/** The same environment with other members. */
export function withChanges(io: Io, changes: Partial<Io>): Io {
  // Not by a spread, which would open standard input.
  return Object.create(io, Object.getOwnPropertyDescriptors(changes)) as Io;
}

/** One line, in printable form. */
export function printLine(output: Output, text = ''): void {
  output.write(`${printable(text)}\n`);
}

/** Text of this program that has several lines, such as help. */
export function printText(output: Output, text: string): void {
  for (const line of text.split('\n')) printLine(output, line);
}

/** Lines for people, on standard error. */
export function printNote({ stderr }: Io, ...lines: readonly string[]): void {
  for (const line of lines) printLine(stderr, line);
}

/** For `--quiet`: no notes and no progress bars. Errors are reported by run.ts, which has the whole Io. */
export function withoutNotes(io: Io): Io {
  return {
    get stdin() {
      return io.stdin;
    },
    ...{ stdout: io.stdout, stderr: { write: () => undefined }, isTTY: false, isOutputTTY: io.isOutputTTY },
    ...{ env: io.env, cwd: io.cwd, signal: io.signal, longestPollMs: io.longestPollMs },
    ...{ ask: io.ask, askSecret: io.askSecret },
  };
}

/** A line after a coloured mark. @param colour of ECMA-48; null: none */
export function printMarked(output: Output, mark: string, colour: number | null, text: string): void {
  output.write(`${colour === null ? mark : `\u001b[${colour}m${mark}\u001b[0m`}${printable(text)}\n`);
}

export function printJson(output: Output, value: unknown): void {
  printText(output, jsonText(value, 2));
}

/** JSON with an escape for every character that `printable` would replace. */
export function jsonText(value: unknown, indent = 0): string {
  return printableJson(JSON.stringify(value, null, indent));
}

export interface Progress {
  /** @param note shown after the bar */
  update(done: number, note?: string): void;
  /** Removes the bar, so that the next output starts on a clean line. */
  clear(): void;
}

const WIDTH = 30;
const INTERVAL_MS = 100;
const SILENT: Progress = { update: () => undefined, clear: () => undefined };
const USUAL_COLUMNS = 80;

/** A progress bar on stderr if that is a terminal, otherwise nothing. */
export function createProgress(io: Io, label: string, total: number): Progress {
  if (!io.isTTY) return SILENT;
  let drawnAt = -Infinity;
  const shown = printable(label);
  return {
    update(done, note = '') {
      const now = performance.now();
      if (now - drawnAt < INTERVAL_MS && done < total) return;
      drawnAt = now;
      const part = total === 0 ? 1 : Math.min(1, done / total);
      const full = Math.round(part * WIDTH);
      const bar = `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)}`;
      const line = `${shown} ${bar} ${Math.floor(part * 100)} % ${printable(note)}`.trimEnd();
      // A line that wraps cannot be removed again.
      io.stderr.write(`\r\u001b[K${cutToWidth(line, (io.columns ?? USUAL_COLUMNS) - 1)}`);
    },
    clear() {
      if (drawnAt !== -Infinity) io.stderr.write('\r\u001b[K');
    },
  };
}

/** Measures work since its first update. */
export class Rate {
  readonly #total: number;
  #first: { readonly at: number; readonly done: number } | null = null;

  constructor(total: number) {
    this.#total = total;
  }

  /**
   * The rate and the time left, for the end of a line.
   * @param now milliseconds of a monotonic clock
   */
  describe(done: number, show: (count: number) => string, now = performance.now()): string {
    this.#first ??= { at: now, done };
    const seconds = (now - this.#first.at) / 1000;
    const perSecond = (done - this.#first.done) / seconds;
    if (!(seconds > 0) || perSecond <= 0) return '';
    const rate = `, ${show(Math.round(perSecond))}/s`;
    const left = (this.#total - done) / perSecond;
    return left > 0 ? `${rate}, ${progressMessages().left(formatSeconds(left))}` : rate;
  }
}

/** `40 s`, `12 min`, `3 h`. */
export function formatSeconds(seconds: number): string {
  const t = progressMessages();
  if (seconds < 100) return t.seconds(Math.ceil(seconds));
  return seconds < 6000 ? t.minutes(Math.ceil(seconds / 60)) : t.hours(Math.ceil(seconds / 3600));
}

export interface Column<Row> {
  readonly title: string;
  readonly right?: true;
  readonly cell: (row: Row) => string;
  /** Of ECMA-48; null: none. */
  readonly colour?: (row: Row) => number | null;
}

const GAP = '  ';

/** Aligned columns under their titles. Nothing is truncated; programs read `--json`. */
export function printTable<Row>(output: Output, columns: readonly Column<Row>[], rows: readonly Row[]): void {
  const lines = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ cell }) => printable(cell(row)))),
  ];
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => displayWidth(line[i] ?? ''))));
  for (const [number, line] of lines.entries()) {
    const row = rows[number - 1];
    const cells = line.map((text, i) => {
      const fill = ' '.repeat((widths[i] ?? 0) - displayWidth(text));
      const colour = row === undefined ? null : (columns[i]?.colour?.(row) ?? null);
      const shown = colour === null ? text : `\u001b[${colour}m${text}\u001b[0m`;
      return columns[i]?.right === true ? fill + shown : shown + fill;
    });
    output.write(`${cells.join(GAP).trimEnd()}\n`);
  }
}

/** The beginning of a text that fits in so many terminal columns. */
function cutToWidth(text: string, width: number): string {
  let used = 0;
  let kept = '';
  for (const character of text) {
    used += displayWidth(character);
    if (used > width) return kept;
    kept += character;
  }
  return kept;
}

/** Terminal columns: two for East Asian wide characters (Unicode UAX #11), none for combining marks. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/\p{Mn}|\p{Me}/u.test(character)) continue;
    width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}

/** Hangul with its leading consonants, Kana, CJK ideographs and punctuation, full-width forms, emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;

/**
 * Untrusted text made safe for a terminal: control characters (escape sequences, line feeds), invisible and
 * bidirectional ones are replaced by their code points, and bytes of a path that are not UTF-8 by `\\x` and
 * their digits.
 */
export function printable(text: string): string {
  return printableText(
    text.replace(/[\udc80-\udcff]/gu, (byte) => `\\x${(byte.charCodeAt(0) - 0xdc00).toString(16)}`),
  );
}

/** `2026-11-22 01:49:03.120 UTC`, from milliseconds since the Unix epoch. */
export function formatTime(milliseconds: number): string {
  const text = isoTime(milliseconds);
  return text.endsWith('Z') ? text.replace('T', ' ').replace('Z', ' UTC') : text;
}

/** RFC 3339 with milliseconds; the plain number for times that a Date cannot hold (after year 275760). */
export function isoTime(milliseconds: number): string {
  return Math.abs(milliseconds) <= 8.64e15 ? new Date(milliseconds).toISOString() : `${milliseconds} ms`;
}

export function formatBytes(count: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = count < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(count) / 10));
  const value = count / 1024 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${units[power] ?? ''}`;
}

/** `1 file`, `1,234 files`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${grouped(count)} ${count === 1 ? noun : plural}`;
}

/** `1,234`. */
export function grouped(count: number): string {
  // Not toLocaleString: loading its tables takes a noticeable part of a verification.
  return String(count).replace(/\B(?=(?:[0-9]{3})+$)/g, ',');
}
