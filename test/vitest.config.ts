import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { whyNoCluster } from './faults/cluster/programs.js';

/** They have a page. */
const VIEW_TESTS = ['test/web/**/*.test.tsx', 'test/web/record-keys.test.ts'];

/** The others of the web: they all need the same stubs of a browser, which no other test expects. */
const WEB_TESTS = 'test/web/**/*.test.ts';

/** The project of all others. */
const SHARED = 'shared';

/** What this machine has no programs for. */
const IMPOSSIBLE_TESTS: string[] = [];
const noCluster = whyNoCluster();
if (noCluster !== null) {
  console.error(noCluster);
  IMPOSSIBLE_TESTS.push('test/faults/cluster.test.ts');
}
if (spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 10))']).status !== 0) {
  console.error('The Python client is not tested, because there is no python3 of version 3.10 or newer.');
  IMPOSSIBLE_TESTS.push('test/packages/python.test.ts');
}

/**
 * Project by project, because a worker that has loaded the modules of one ends when the next file is of another. The last one
 * begins with the files that take longest, or wait for a minute, so that at the end no worker waits long for another.
 */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isShared = ({ project }: TestSpecification) => project.name === SHARED;
    const isLong = ({ moduleId }: TestSpecification) =>
      /\/test\/(faults|member|e2e)\/|\/(workers|silence)\.test/.test(moduleId);
    const sorted = await super.sort(files);
    const shared = sorted.filter(isShared);
    return [
      ...sorted.filter((file) => !isShared(file)),
      ...shared.filter(isLong),
      ...shared.filter((file) => !isLong(file)),
    ];
  }
}

const inFolder = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export const databaseSetup = inFolder('support/global-setup.ts');

export const common = {
  root: inFolder('..'),
  pool: 'forks',
  // The files of a worker share its modules: loading all of src/ for each file would take a third of the whole run.
  isolate: false,
  execArgv: ['--require', inFolder('support/liftoff.cjs')],
  // Hang detectors: no test may fail because the machine is slow. `until` gives up earlier and says what it waited for.
  testTimeout: 600_000,
  hookTimeout: 600_000,
  expect: { poll: { timeout: 240_000, interval: 20 } },
} satisfies TestProjectInlineConfiguration['test'];

export default defineConfig({
  test: {
    globalSetup: [databaseSetup],
    // Twice the cores of a small machine: files also wait for processes and time limits. With six, the run takes a quarter more
    // processor time, and longer.
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
    teardownTimeout: 60_000,
    projects: [
      {
        // Hashing passwords as they are to be hashed, and starting threads for every test, would take a minute of the run.
        resolve: {
          alias: {
            '@node-rs/argon2': inFolder('support/cheap-argon2.ts'),
            piscina: inFolder('support/kept-threads.ts'),
          },
        },
        test: {
          ...common,
          name: SHARED,
          include: ['test/**/*.test.ts'],
          exclude: [...VIEW_TESTS, ...IMPOSSIBLE_TESTS, WEB_TESTS, 'test/bench/**'],
        },
      },
      { test: { ...common, name: 'web', include: [WEB_TESTS], exclude: VIEW_TESTS } },
      {
        test: { ...common, name: 'views', include: VIEW_TESTS, setupFiles: [inFolder('web/page.ts')] },
      },
    ],
  },
});
