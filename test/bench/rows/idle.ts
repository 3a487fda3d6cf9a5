import { chmod } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Row } from '../harness/bench.js';
import { absolute, atMost } from '../harness/figure.js';
import { treeMiB } from '../harness/memory.js';

/** 300 MB. */
const GOAL_MIB = 286;
/** By then the garbage of the start is collected, and what was freed is given back. */
const SETTLED_MS = 20_000;

/** The memory of a service with two workers and the embedded PostgreSQL that nobody uses; what its processes share counts once. */
export const idle: Row = {
  name: 'idle',
  async measure(bench) {
    // The user that the embedded PostgreSQL runs as has to reach its folder.
    await chmod(bench.directory, 0o711);
    const mebibytes: number[] = [];
    for (let i = 0; i < bench.repetitions; i++) {
      const service = await bench.service(`idle-${i}`, { INGAM_WORKERS: '2', DATABASE_URL: '' });
      await sleep(SETTLED_MS);
      mebibytes.push(await treeMiB(service.pid));
      await service.stop();
    }
    const what = 'memory of an idle service, two workers and PostgreSQL';
    return [absolute({ what, unit: 'MiB', goal: atMost(GOAL_MIB) }, mebibytes)];
  },
};
