import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const LOADER = new URL('./ts-loader.mjs', import.meta.url).href;

export interface ScriptProcess {
  readonly child: ChildProcess;
  /** The next line on standard output. @throws when the process ends without one */
  line(): Promise<string>;
  /** The exit code or signal, and everything on standard error. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; stderr: string }>;
}

/** Runs a TypeScript file, named relative to test/, in a child process. */
export function runScript(file: string, ...args: string[]): ScriptProcess {
  const path = fileURLToPath(new URL(`../${file}`, import.meta.url));
  const child = spawn(process.execPath, ['--import', LOADER, path, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const ended = once(child, 'exit').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
    stderr,
  }));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    ended,
    line: async () => {
      const next = await lines.next();
      if (next.done === true) throw new Error(`${file} ended without a line: ${stderr}`);
      return next.value;
    },
  };
}
