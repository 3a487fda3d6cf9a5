import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '../../faults/harness/random.js';
import type { Scene } from '../../faults/harness/scene.js';

export interface OpenScene extends Scene {
  /** The last output of the processes that were started. */
  evidenceText(): string;
  /** Stops everything that was started, in reverse order, and removes the directory. Safe to call twice. */
  close(): Promise<void>;
}

/** What a run of the benchmark works with: a directory, and a list of clean-up tasks. */
export async function openScene(): Promise<OpenScene> {
  const directory = await mkdtemp(join(tmpdir(), 'ingam-bench-'));
  // As root, PostgreSQL runs as another user, which must be able to reach the directory.
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
      // The run was interrupted while this was being started.
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
