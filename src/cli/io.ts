/** What a command knows of the world around it. Tests pass their own; main.ts passes the process's. */
export interface Io {
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Results: one line for people, or JSON for programs. */
  readonly stdout: Output;
  /** Everything else that is said to people. */
  readonly stderr: Output;
  /** Whether stderr is a terminal: only then are there progress bars and colours. */
  readonly isTTY: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute; relative paths of arguments start here. */
  readonly cwd: string;
  /** Aborts when the user or the system asks the command to stop. */
  readonly signal: AbortSignal;
}

export interface Output {
  write(text: string): unknown;
}

/** Stable: scripts depend on these numbers. */
export const EXIT = {
  ok: 0,
  /** Not verified, findings, or not everything done. */
  failed: 1,
  /** Wrong usage, unreadable or malformed input, service out of reach. */
  usage: 2,
  /** Accepted, not yet sealed. */
  pending: 3,
  /** EX_SOFTWARE of sysexits.h. */
  bug: 70,
  /** 128 + SIGINT, as shells have it. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export function printLine(output: Output, text = ''): void {
  output.write(`${text}\n`);
}

export function printJson(output: Output, value: unknown): void {
  output.write(`${JSON.stringify(value, null, 2)}\n`);
}
