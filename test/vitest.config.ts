import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
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

const inFolder = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Files that take long because they wait, for processes and time limits; the longest first. */
const WAITING = [
  ...['service/workers', 'faults/service', 'faults/cluster', 'store/silence', 'faults/silence'],
  ...['member/consortium', 'faults/replication', 'cli/backup', 'postgres/embedded', 'cli/serve'],
  ...['faults/database', 'member/log-key', 'cli/key-changes', 'store/replica', 'service/time-stamps'],
  ...['http/time-stamps', 'docs/access', 'docs/start', 'cli/publish-faults', 'cli/access/first-start'],
  ...['http/readiness', 'service/killed-webhook', 'faults/records', 'member/post-quantum'],
  ...['faults/anchoring', 'cli/watch', 'docs/readme', 'service/second-service', 'store/server-checks'],
];

/** Files that take long because they compute, or let the browser. */
const COMPUTING = [
  ...['e2e/verify', 'e2e/explorer', 'audit/manipulations', 'audit/tampering', 'pack/pack', 'e2e/ask-by-link'],
  ...['e2e/records', 'e2e/account', 'e2e/register', 'e2e/verify-offline', 'http/isolation', 'e2e/sign'],
  ...['store/auth/register', 'e2e/register-states', 'cli/verify', 'sealer/sealer', 'e2e/notarize-offline'],
  ...['e2e/notarize-many', 'e2e/how', 'cli/odd-files', 'e2e/account-states'],
];

const testFile = (name: string): string => `/test/${name}.test.ts`;
for (const name of [...WAITING, ...COMPUTING]) {
  if (!existsSync(inFolder(`..${testFile(name)}`))) {
    throw new Error(`test/vitest.config.ts names ${name}, which does not exist: change its lists`);
  }
}

/**
 * The order of the files. What waits runs beside what computes, so that the processor has always something to do, and no long
 * file is left for the end, when the other workers have nothing to do any more. How long a file takes is in
 * test-results/results.json. The projects of the web run one after the other, because a worker that has loaded the modules
 * of one project ends when the next file is of another, beside the first two that wait.
 */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const shared = sorted.filter(({ project }) => project.name === SHARED);
    const named = (names: readonly string[]) =>
      names.flatMap((name) => shared.filter(({ moduleId }) => moduleId.endsWith(testFile(name))));
    const [waiting, computing] = [named(WAITING), named(COMPUTING)];
    const long = Array.from({ length: Math.max(waiting.length - 2, computing.length) }, (_, i) => [
      ...waiting.slice(i + 2, i + 3),
      ...computing.slice(i, i + 1),
    ]).flat();
    const first = waiting.slice(0, 2);
    const placed = new Set([...first, ...long]);
    return [
      ...first,
      ...sorted.filter((file) => !shared.includes(file)),
      ...long,
      ...shared.filter((file) => !placed.has(file)),
    ];
  }
}

export const databaseSetup = inFolder('support/global-setup.ts');

export const common = {
  root: inFolder('..'),
  pool: 'forks',
  // The files of a worker share its modules: loading all of src/ for each file would take a third of the whole run.
  isolate: false,
  execArgv: ['--require', inFolder('support/liftoff.cjs')],
  // Hang detectors: no test may fail because the machine is slow. `until` gives up earlier and says what it waited for.
  // `npm run fuzz -- properties` runs tests for as long as it is told to.
  testTimeout: process.env['INGAM_TEST_MINUTES'] === undefined ? 600_000 : 0,
  hookTimeout: 600_000,
  expect: { poll: { timeout: 240_000, interval: 20 } },
} satisfies TestProjectInlineConfiguration['test'];

export default defineConfig({
  test: {
    globalSetup: [inFolder('support/memory-setup.ts'), databaseSetup],
    // Twice the cores of a small machine: files also wait for processes and time limits. With six, the run takes a quarter more
    // processor time, and longer.
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
    teardownTimeout: 60_000,
    projects: [
      {
        // Hashing passwords as they are to be hashed, and starting threads, compiling queries and watching the process for every
        // service, would take minutes of the run.
        resolve: {
          alias: {
            '@node-rs/argon2': inFolder('support/cheap-argon2.ts'),
            piscina: inFolder('support/kept-threads.ts'),
            'prom-client': inFolder('support/kept-metrics.ts'),
            '@prisma/client/runtime/query_compiler_small_bg.postgresql.mjs':
              inFolder('support/kept-plans.mjs'),
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
