import type { Scenario, Scene } from '../harness/scene.js';
import { clockSetBack, databaseRolledBack } from './clock-and-copies.js';
import { fullDisk, fullDiskSaid, mountingFails } from './full-disk.js';
import { frozenDatabase } from './frozen-database.js';
import { killedOwnDatabase, killedService, killedWorker } from './killed-service.js';
import { cutConnections, killedAtMoments, killedServer, pausedLeader } from './shared-database.js';

/** Every scenario by the name under which a failure reports it, at a length: 1 is the shortest that still meets every fault. */
export const SCENARIOS: Readonly<Record<string, (length: number) => Scenario>> = {
  'kill -9 of the service': (length) => (scene) => killedService(scene, 2 * length),
  'kill -9 of the service at marked moments': (length) => (scene) => killedAtMoments(scene, length),
  'a worker killed and a worker stopped under load': (length) => (scene) => killedWorker(scene, length),
  'the service’s own PostgreSQL killed and stopped': (length) => (scene) =>
    killedOwnDatabase(scene, 2 * length),
  'the PostgreSQL of two services killed and stopped': (length) => (scene) => killedServer(scene, 2 * length),
  'connections cut at marked moments': (length) => (scene) => cutConnections(scene, length),
  'the leading of three services paused': (length) => (scene) => pausedLeader(scene, length),
  'a database that does not answer': (length) => (scene) => frozenDatabase(scene, length),
  'a disk that PostgreSQL calls full': () => fullDiskSaid,
  'a disk that is full': () => fullDiskOrWhyNot,
  'the clock set back': () => clockSetBack,
  'the database rolled back': () => databaseRolledBack,
};

/** Where no file system can be mounted, the proxy’s way is taken again, and the report says so. */
async function fullDiskOrWhyNot(scene: Scene): Promise<void> {
  const reason = await mountingFails(scene);
  if (reason === null) return fullDisk(scene);
  scene.say(
    `no file system could be mounted (${reason}): PostgreSQL was made to say that its disk is full instead`,
  );
  return fullDiskSaid(scene);
}
