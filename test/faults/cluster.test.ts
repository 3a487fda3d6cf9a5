import { test } from 'vitest';
import { synchronousCluster } from './cluster/scenarios.js';
import { play, type Scene } from './harness/scene.js';

/** A last resort: every wait within a scenario has its own limit and says what it waited for. */
const LIMIT_MS = 1_800_000;
const ONE_KILL = { kills: 1, partitions: 0, others: 0, canMount: false };

test(
  'a synchronous cluster of three nodes loses nothing when its primary is killed',
  { timeout: LIMIT_MS },
  async () => {
    const scenario = (scene: Scene) => synchronousCluster(scene, ONE_KILL);
    await play('killed primary', '1', scenario, 'npm test -- test/faults/cluster.test.ts');
  },
);
