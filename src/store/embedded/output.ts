import type { ChildProcess } from 'node:child_process';

/** Waits for a short program and answers its exit code (null: not started, or killed) and all that it printed. */
export function output(
  child: ChildProcess,
): Promise<{ readonly code: number | null; readonly text: string }> {
  return new Promise((resolve) => {
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
    }
    child.once('error', (error) => {
      resolve({ code: null, text: error.message });
    });
    child.once('close', (code) => {
      resolve({ code, text });
    });
  });
}
