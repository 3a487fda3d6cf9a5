/**
 * `npm run test:faults`: repeats every scenario for INGAM_TEST_FAULTS_MINUTES (default 10), each round longer
 * and with another seed. INGAM_TEST_FAULTS_SEED repeats a run, and INGAM_TEST_FAULTS_ONLY runs a single
 * scenario.
 */
import { randomBytes } from 'node:crypto';
import { play } from './harness/scene.js';
import { SCENARIOS } from './scenarios/index.js';

const MOST_ROUNDS = 1000;

const env = process.env;
const seed = env['INGAM_TEST_FAULTS_SEED'] ?? randomBytes(4).toString('hex');
const only = env['INGAM_TEST_FAULTS_ONLY'];
const minutes = Number(env['INGAM_TEST_FAULTS_MINUTES'] ?? '10');
const names = Object.keys(SCENARIOS).filter((name) => only === undefined || name === only);
if (names.length === 0)
  throw new Error(`unknown scenario "${only ?? ''}"; known: ${Object.keys(SCENARIOS).join(', ')}`);
if (!(minutes > 0)) throw new Error('INGAM_TEST_FAULTS_MINUTES must be a number above 0');

console.log(`seed ${seed}, ${minutes} minutes`);
const deadline = performance.now() + minutes * 60_000;
let played = 0;
let failed = 0;
// The first round always runs in full: a run without faults proves nothing.
for (let round = 0; round < MOST_ROUNDS && (round === 0 || performance.now() < deadline); round++) {
  for (const name of names) {
    if (round > 0 && performance.now() >= deadline) break;
    failed += (await attempt(name, round === 0 ? seed : `${seed}-${round}`, 1 + round)) ? 0 : 1;
    played++;
  }
}
console.log(`${played - failed} passed, ${failed} failed (seed ${seed})`);
process.exitCode = failed === 0 ? 0 : 1;

async function attempt(name: string, roundSeed: string, length: number): Promise<boolean> {
  const started = performance.now();
  try {
    const said = await play(
      name,
      roundSeed,
      SCENARIOS[name]?.(Math.min(length, 5)) ?? (() => Promise.reject(new Error(name))),
    );
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`passed  ${seconds.padStart(6)} s  ${name}`);
    for (const line of said.filter((text) => /acknowledged|could be mounted/.test(text)))
      console.log(`        ${line}`);
    return true;
  } catch (error) {
    console.log(
      `FAILED  ${name} (seed ${roundSeed})\n${error instanceof Error ? error.message : String(error)}`,
    );
    return false;
  }
}
