import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { createRandom, type Random } from './random.js';

/** Where one scenario plays: a directory, a sequence of chances, and a list of what is to be cleared away. */
export interface Scene {
  readonly random: Random;
  readonly directory: string;
  /** Keeps a line of what happened, for the report of a failure. */
  say(line: string): void;
  /** Something to be shown when the scenario fails. */
  evidence(title: string, text: () => string): void;
  /** Something to be done at the end, whatever happens; last in, first out. */
  defer(clear: () => Promise<void>): void;
}

export type Scenario = (scene: Scene) => Promise<void>;

/** @throws when the scenario does, with everything needed to run it again */
export async function play(name: string, seed: string, scenario: Scenario): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'ingam-faults-'));
  // Under root, PostgreSQL's own user must be able to pass.
  await chmod(directory, 0o711);
  const started = performance.now();
  const said: string[] = [];
  const shown: { title: string; text: () => string }[] = [];
  const clear: (() => Promise<void>)[] = [() => rm(directory, { recursive: true, force: true })];
  const scene: Scene = {
    random: createRandom(`${seed}/${name}`),
    directory,
    say: (line) => said.push(`${((performance.now() - started) / 1000).toFixed(3).padStart(8)} s  ${line}`),
    evidence: (title, text) => shown.push({ title, text }),
    defer: (task) => clear.push(task),
  };
  try {
    await scenario(scene);
  } catch (error) {
    const evidence = shown.map(({ title, text }) => `--- ${title}\n${text()}`);
    throw new Error(
      [
        `scenario "${name}" failed. To run it again: INGAM_TEST_FAULTS_SEED=${seed} INGAM_TEST_FAULTS_ONLY="${name}" npm run test:faults`,
        inspect(error, { depth: 6 }),
        '--- what happened',
        ...said,
        ...evidence,
      ].join('\n'),
      { cause: error },
    );
  } finally {
    for (const task of clear.reverse()) await task().catch((error: unknown) => said.push(inspect(error)));
  }
  return said;
}
