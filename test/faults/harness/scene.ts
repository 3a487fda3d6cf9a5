import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { createRandom, type Random } from './random.js';

/** What a scenario works with: a directory, random numbers, a report, and clean-up tasks. */
export interface Scene {
  readonly random: Random;
  readonly directory: string;
  /** Adds a line to the report of a failure. */
  say(line: string): void;
  /** Adds a section to the report of a failure. */
  evidence(title: string, text: () => string): void;
  /** Runs `clear` at the end, whatever happens; the last one added runs first. */
  defer(clear: () => Promise<void>): void;
}

export type Scenario = (scene: Scene) => Promise<void>;

/**
 * @param command what runs it again
 * @param hear gets each line of the report when it is said
 * @throws when the scenario does, with everything that is needed to repeat it
 */
export async function play(
  name: string,
  seed: string,
  scenario: Scenario,
  command = `INGAM_TEST_FAULTS_SEED=${seed} INGAM_TEST_FAULTS_ONLY="${name}" npm run test:faults`,
  hear: (line: string) => void = () => undefined,
): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'ingam-faults-'));
  // As root, PostgreSQL runs as another user, which must be able to reach the directory.
  await chmod(directory, 0o711);
  const started = performance.now();
  const said: string[] = [];
  const shown: { title: string; text: () => string }[] = [];
  const clear: (() => Promise<void>)[] = [() => rm(directory, { recursive: true, force: true })];
  const scene: Scene = {
    random: createRandom(`${seed}/${name}`),
    directory,
    say: (text) => {
      const line = `${((performance.now() - started) / 1000).toFixed(3).padStart(8)} s  ${text}`;
      said.push(line);
      hear(line);
    },
    evidence: (title, text) => shown.push({ title, text }),
    defer: (task) => clear.push(task),
  };
  try {
    await scenario(scene);
  } catch (error) {
    const evidence = shown.map(({ title, text }) => `--- ${title}\n${text()}`);
    throw new Error(
      [
        `scenario "${name}" failed. To run it again: ${command}`,
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
