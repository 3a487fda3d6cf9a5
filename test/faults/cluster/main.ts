/**
 * `npm run test:ha`: a cluster of three nodes of PostgreSQL under Patroni, which is killed, stopped and cut off
 * under load. INGAM_TEST_HA_KILLS (30) and INGAM_TEST_HA_PARTITIONS (10) say how often, INGAM_TEST_HA_OTHERS
 * (2) how often each other fault, INGAM_TEST_HA_SEED repeats a run, and INGAM_TEST_HA_ONLY=synchronous or
 * asynchronous runs one of the two parts.
 */
import { randomBytes } from 'node:crypto';
import { whyNotMountable } from '../scenarios/full-disk.js';
import { play, type Scenario } from '../harness/scene.js';
import { whyNoCluster } from './programs.js';
import { asynchronousCluster, synchronousCluster } from './scenarios.js';

const number = (name: string, otherwise: number): number => {
  const value = Number(process.env[name] ?? otherwise);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${name} must be a whole number`);
  return value;
};

const kills = number('INGAM_TEST_HA_KILLS', 30);
const partitions = number('INGAM_TEST_HA_PARTITIONS', 10);
const others = number('INGAM_TEST_HA_OTHERS', 2);
const seed = process.env['INGAM_TEST_HA_SEED'] ?? randomBytes(4).toString('hex');

const reason = whyNoCluster();
if (reason !== null) throw new Error(reason);
console.log(`seed ${seed}, ${kills} kills, ${partitions} partitions, ${others} of each other fault`);
const scenarios: readonly (readonly [string, Scenario])[] = [
  [
    'a synchronous cluster loses nothing that was acknowledged',
    async (scene) => {
      const notMountable = await whyNotMountable(scene);
      if (notMountable !== null)
        scene.say(`no disk becomes full: no file system can be mounted (${notMountable})`);
      await synchronousCluster(scene, { kills, partitions, others, canMount: notMountable === null });
    },
  ],
  ['the loss of acknowledged notarizations by an asynchronous cluster is noticed', asynchronousCluster],
];
const only = process.env['INGAM_TEST_HA_ONLY'] ?? '';
const chosen = scenarios.filter(([name]) => name.includes(` ${only}`));
let failed = 0;
for (const [name, scenario] of chosen) {
  try {
    console.log(`runs    ${name}`);
    await play(name, seed, scenario, `INGAM_TEST_HA_SEED=${seed} npm run test:ha`, (line) => {
      console.log(`        ${line}`);
    });
    console.log(`passed  ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAILED  ${name}\n${error instanceof Error ? error.message : String(error)}`);
  }
}
console.log(`${chosen.length - failed} passed, ${failed} failed (seed ${seed})`);
process.exitCode = failed === 0 ? 0 : 1;
