import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { askTime, type ClockOffset, NtpError, type NtpServer } from '../../tsa/index.js';
import { systemCode } from '../failure.js';
import { formatBytes } from '../io.js';
import { finding, type Finding } from './finding.js';

/** Beyond it, times of the machine and of the database can disagree in the register. */
const CLOCK_LIMIT_MS = 1000;
/** As the service tolerates it. */
const CHAIN_LIMIT_MS = 5000;
const LOW_BYTES = 1024 ** 3;
const LOW_PERCENT = 5;

const seconds = (milliseconds: number) => `${(Math.abs(milliseconds) / 1000).toFixed(3)} s`;

/**
 * @param aheadMs how far the database's clock is ahead of this machine's
 * @param uncertaintyMs by how much that may be wrong
 */
export function judgeDatabaseClock(aheadMs: number, uncertaintyMs: number): Finding {
  return Math.abs(aheadMs) - uncertaintyMs > CLOCK_LIMIT_MS
    ? finding('clock', 'problem', 'clockDatabaseWrong', seconds(aheadMs), aheadMs > 0)
    : finding('clock', 'ok', 'clockDatabase', seconds(aheadMs));
}

/** @param latest the latest time in the chain, in milliseconds since the Unix epoch */
export function judgeChainClock(latest: number, now: number): Finding[] {
  const behind = latest - now;
  return behind > CHAIN_LIMIT_MS ? [finding('clock', 'problem', 'clockBehindChain', seconds(behind))] : [];
}

/** @param latest the time of the latest block that a member has */
export function judgeBlocksClock(latest: number, now: number): Finding[] {
  const behind = latest - now;
  return behind > CHAIN_LIMIT_MS ? [finding('clock', 'problem', 'clockBehindBlocks', seconds(behind))] : [];
}

/** @param aheadMs how far the clock of the followed service is ahead. @param uncertaintyMs by how much that may be wrong */
export function judgeLogClock(aheadMs: number, uncertaintyMs: number): Finding {
  return Math.abs(aheadMs) - uncertaintyMs > CHAIN_LIMIT_MS
    ? finding('clock', 'problem', 'clockLogWrong', seconds(aheadMs), aheadMs > 0)
    : finding('clock', 'ok', 'clockLog');
}

export function judgeServerClock(
  { host }: NtpServer,
  { offset, uncertainty }: ClockOffset,
  accuracyMs: number,
): Finding {
  return Math.abs(offset) - uncertainty > accuracyMs
    ? finding('clock', 'problem', 'clockServerWrong', host, seconds(offset))
    : finding('clock', 'ok', 'clockServer', host, seconds(offset));
}

export function examineTimeServers(
  servers: readonly NtpServer[],
  accuracyMs: number,
  stop: AbortSignal,
): Promise<Finding[]> {
  return Promise.all(
    servers.map(async (server) => {
      try {
        return judgeServerClock(server, await askTime(server, Date.now, stop), accuracyMs);
      } catch (error) {
        if (!(error instanceof NtpError)) throw error;
        return finding('clock', 'warning', 'clockServerSilent', error.message);
      }
    }),
  );
}

export interface Space {
  readonly free: number;
  readonly total: number;
}

export function judgeSpace(folder: string, { free, total }: Space): Finding {
  const percent = total === 0 ? 0 : Math.floor((free / total) * 100);
  const isLow = free < LOW_BYTES || (percent < LOW_PERCENT && free < 10 * LOW_BYTES);
  return isLow
    ? finding('disk', 'warning', 'diskLow', folder, formatBytes(free), percent)
    : finding('disk', 'ok', 'diskFree', folder, formatBytes(free), percent);
}

/** @param space of a file system; tests give their own */
export async function examineDisk(dataDir: string, space = spaceOf): Promise<Finding[]> {
  try {
    await access(dataDir, constants.W_OK | constants.X_OK);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') return [finding('disk', 'problem', 'diskUnwritable', dataDir)];
    return [
      finding('disk', 'warning', 'diskMissing', dataDir),
      judgeSpace(dataDir, await spaceAbove(dataDir)),
    ];
  }
  return [judgeSpace(dataDir, await space(dataDir))];
}

async function spaceOf(path: string): Promise<Space> {
  const { bavail, blocks, bsize } = await statfs(path);
  return { free: bavail * bsize, total: blocks * bsize };
}

/** Of the nearest directory that exists. */
async function spaceAbove(path: string): Promise<Space> {
  try {
    return await spaceOf(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' || dirname(path) === path) throw error;
    return spaceAbove(dirname(path));
  }
}
