import type { Scenario, Scene } from '../harness/scene.js';
import { clockSetBack, databaseRolledBack } from './clock-and-copies.js';
import { killedAroundCommit } from './killed-accept.js';
import { fullDisk, fullDiskReported, whyNotMountable } from './full-disk.js';
import { frozenDatabase } from './frozen-database.js';
import { killedWithRecords } from './killed-records.js';
import { killedOwnDatabase, killedService, lostWorker } from './killed-service.js';
import { cutConnections, killedAtMoments, killedServer, pausedLeader } from './shared-database.js';

/**
 * Every scenario by the name that failures report. Length 1 is the shortest that still includes every fault.
 */
export const SCENARIOS: Readonly<Record<string, (length: number) => Scenario>> = {
  'keeps everything through kill -9 of the service': (length) => (scene) => killedService(scene, 2 * length),
  'keeps everything through kill -9 in the middle of an acceptance': (length) => (scene) =>
    killedAtMoments(scene, length, ['accept']),
  'keeps everything through kill -9 in the middle of a commit': (length) => (scene) =>
    killedAtMoments(scene, length, ['commit', 'block']),
  'seals exactly what was committed through kill -9 around the commit of a group': (length) => (scene) =>
    killedAroundCommit(scene, length),
  'keeps everything when a worker is killed': (length) => (scene) => lostWorker(scene, length, 'SIGKILL'),
  'keeps everything when a worker stops responding': (length) => (scene) =>
    lostWorker(scene, length, 'SIGSTOP'),
  'keeps everything when its own PostgreSQL is killed or stopped': (length) => (scene) =>
    killedOwnDatabase(scene, 2 * length),
  'keeps every event of records, and all that happens by itself, through kill -9': (length) => (scene) =>
    killedWithRecords(scene, length),
  'keeps everything when the PostgreSQL of two services is killed or stopped': (length) => (scene) =>
    killedServer(scene, 2 * length),
  'keeps everything when connections are cut in the middle of a commit': (length) => (scene) =>
    cutConnections(scene, length),
  'another service leads while the leader is paused': (length) => (scene) => pausedLeader(scene, length),
  'recovers from a database that does not respond, and still stops on SIGTERM': (length) => (scene) =>
    frozenDatabase(scene, length),
  'rejects submissions while PostgreSQL reports a full disk': () => fullDiskReported,
  'rejects submissions while the disk is full': () => fullDiskIfMountable,
  'accepts nothing while the clock is set back': () => clockSetBack,
  'refuses a database that was rolled back': () => databaseRolledBack,
};

/** Uses the proxy where no file system can be mounted, and says so in the report. */
async function fullDiskIfMountable(scene: Scene): Promise<void> {
  const reason = await whyNotMountable(scene);
  if (reason === null) return fullDisk(scene);
  scene.say(`no file system could be mounted (${reason}); PostgreSQL’s error was simulated instead`);
  return fullDiskReported(scene);
}
