import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '../../faults/harness/random.js';
import type { Scene } from '../../faults/harness/scene.js';

export interface OpenScene extends Scene {
  /** What the processes that were started said last. */
  evidenceText(): string;
  /** Ends everything that was started, last first, and removes the directory. Safe to call twice. */
  close(): Promise<void>;
}

/** Where a run of the benchmark plays: a directory, and a list of what is to be ended. */
export async function openScene(): Promise<OpenScene> {
  const directory = await mkdtemp(join(tmpdir(), 'ingam-bench-'));
  // Under root, PostgreSQL's own user must be able to pass.
  await chmod(directory, 0o711);
  const shown: { title: string; text: () => string }[] = [];
  const tasks: (() => Promise<void>)[] = [() => rm(directory, { recursive: true, force: true })];
  let closing = false;
  return {
    random: createRandom('bench'),
    directory,
    say: () => undefined,
    evidence: (title, text) => shown.push({ title, text }),
    defer: (task) => {
      tasks.push(task);
      // Interrupted while something was being started.
      if (closing) void clear(tasks);
    },
    evidenceText: () =>
      shown
        .map(({ title, text }) => ({ title, text: text() }))
        .filter(({ text }) => text !== '')
        .map(({ title, text }) => `--- ${title}\n${text}`)
        .join('\n'),
    close: () => {
      closing = true;
      return clear(tasks);
    },
  };
}

async function clear(tasks: (() => Promise<void>)[]): Promise<void> {
  for (const task of tasks.splice(0).reverse()) {
    await task().catch((error: unknown) => {
      console.error('something was left behind:', error);
    });
  }
}
