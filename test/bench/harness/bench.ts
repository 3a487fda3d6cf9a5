import { join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { query } from '../../faults/harness/database.js';
import { startService, type Service } from '../../faults/harness/service.js';
import type { Scene } from '../../faults/harness/scene.js';
import { migrate } from '../../../src/store/index.js';
import { createOrganization, createKey } from './organization.js';
import { runJob } from './child.js';
import { startBenchDatabase, untilSealed, type BenchDatabase } from './database.js';
import type { Figure } from './figure.js';
import { blockEntries } from './fill-chain.js';
import type { FilledRecords, RecordFilling } from './fill-records.js';
import { Spoiled } from './statistics.js';

/** A row of the table: one kind of work. Its file in rows/ describes what is measured and how. */
export interface Row {
  readonly name: string;
  /** Measured only when it is named, because it needs more than `npm install` brings. */
  readonly onDemand?: boolean;
  measure(bench: Bench): Promise<Figure[]>;
}

export interface BenchService {
  readonly url: string;
  readonly pid: number;
  readonly verifierKey: string;
  readonly databaseUrl: string;
  readonly dataDir: string;
  stop(): Promise<void>;
}

/**
 * A service whose chain has this many entries, all sealed. Document number i has the digest that digest.mjs
 * computes.
 */
export interface Chain extends BenchService {
  readonly entries: number;
}

/** A chain in which an organization owns some entries, with a key that reads the organization's register. */
export interface FilledChain extends Chain {
  readonly blocks: number;
  readonly key: string;
}

/** A chain of records that an organization owns. */
export interface RecordChain extends FilledChain, Pick<FilledRecords, 'record' | 'some' | 'pairs'> {
  readonly records: number;
  /** Of the record with many. */
  readonly events: number;
}

export type RecordSizes = Pick<RecordFilling, 'records' | 'events' | 'perBlock' | 'measured'>;

export interface Load {
  readonly url: string;
  readonly lines: number;
  /** Number of the first document. */
  readonly first: number;
  /** API key to send; none by default. */
  readonly key?: string;
}

/** What rows use for their measurements. */
export interface Bench {
  readonly quick: boolean;
  /** With the sizes that take many times as long. */
  readonly huge: boolean;
  readonly repetitions: number;
  readonly directory: string;
  /**
   * Starts a service with default settings except for these, on its own database. It stops at the end of the
   * run, if not before.
   */
  service(name: string, settings?: Readonly<Record<string, string>>): Promise<BenchService>;
  database(): Promise<BenchDatabase>;
  /** Loaded once, and shared by all rows. */
  chain(size: 'few' | 'many'): Promise<Chain>;
  /** A chain that was filled without the service, in blocks of this many entries, or as full as possible. */
  filled(entries: number, perBlock?: number): Promise<FilledChain>;
  /** A chain that was filled with records without the service. */
  records(sizes: RecordSizes): Promise<RecordChain>;
  /** Lengths of long chains, to measure how costs grow. */
  readonly lengths: readonly number[];
}

export interface BenchSize {
  readonly quick: boolean;
  readonly huge: boolean;
}

/** An empty value means the default. Only the log is quieter, because it is no part of the work. */
const DEFAULTS: Readonly<Record<string, string>> = {
  INGAM_MIN_DIFFICULTY: '',
  INGAM_MINING_TARGET_MS: '',
  INGAM_SEAL_INTERVAL_MS: '',
  INGAM_WORKERS: '',
  INGAM_LOG_LEVEL: 'warn',
};
const STOP_LIMIT_MS = 30_000;
/** A million signed events. */
const RECORDS_LIMIT_MS = 1_800_000;

export function createBench(scene: Scene, { quick, huge }: BenchSize): Bench {
  const sizes = quick ? { few: 10_000, many: 100_000 } : { few: 10_000, many: 1_000_000 };
  const chains = new Map<string, Promise<Chain>>();
  let server: Promise<BenchDatabase> | null = null;
  let fills = 0;
  const database = () => (server ??= startBenchDatabase(scene));
  const place = async (name: string): Promise<{ dataDir: string; databaseUrl: string }> => {
    const databaseUrl = await (await database()).create(name);
    const dataDir = join(scene.directory, name);
    await mkdir(dataDir);
    return { dataDir, databaseUrl };
  };
  const serve = async (
    { dataDir, databaseUrl }: Awaited<ReturnType<typeof place>>,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<BenchService> => {
    const started = await startService(scene, { dataDir, databaseUrl, env: { ...DEFAULTS, ...settings } });
    let stopped: Promise<void> | null = null;
    const stop = () => (stopped ??= end(started));
    scene.defer(stop);
    const { url, pid, verifierKey } = started;
    return { url, pid, verifierKey, databaseUrl, dataDir, stop };
  };
  const service: Bench['service'] = async (name, settings) => serve(await place(name), settings);
  const fill = async (entries: number, perBlock = blockEntries(entries)): Promise<FilledChain> => {
    // Several rows fill a chain of the same length.
    const where = await place(`filled_${entries}_${perBlock}_${++fills}`);
    await migrate(where.databaseUrl);
    const organization = await createOrganization(where);
    const key = await createKey(where, organization, 'read');
    const holder = { ...organization, submittedBy: `key:${key.split('_')[1] ?? ''}` };
    await runJob('fill.ts', { url: where.databaseUrl, dataDir: where.dataDir, entries, perBlock, holder });
    await query(where.databaseUrl, 'VACUUM ANALYZE');
    return { ...(await serve(where)), entries, blocks: Math.ceil(entries / perBlock), key };
  };
  const records = async (sizes: RecordSizes): Promise<RecordChain> => {
    const where = await place(`records_${sizes.records}_${++fills}`);
    await migrate(where.databaseUrl);
    const organization = await createOrganization(where);
    const key = await createKey(where, organization, 'read');
    const holder = { ...organization, submittedBy: `key:${key.split('_')[1] ?? ''}` };
    const filling = { url: where.databaseUrl, dataDir: where.dataDir, holder, ...sizes };
    const filled = await runJob<FilledRecords>('fill-records.ts', filling, RECORDS_LIMIT_MS);
    await query(where.databaseUrl, 'VACUUM ANALYZE');
    // One process: its memory is that of the service.
    const served = await serve(where, { INGAM_WORKERS: '1' });
    return { ...served, ...filled, key, records: sizes.records, events: sizes.events };
  };
  const load = async (size: 'few' | 'many'): Promise<Chain> => {
    const started = await service(size);
    await loadLines({ url: started.url, lines: sizes[size], first: 0 });
    await untilSealed(started.databaseUrl);
    // Autovacuum would do it within a minute, but then in the middle of a measurement.
    await query(started.databaseUrl, 'VACUUM ANALYZE');
    return { ...started, entries: sizes[size] };
  };
  return {
    quick,
    huge,
    repetitions: quick ? 3 : 5,
    directory: scene.directory,
    service,
    database,
    chain: (size) => {
      const chain = chains.get(size) ?? load(size);
      chains.set(size, chain);
      return chain;
    },
    filled: fill,
    records,
    lengths: [quick ? 100_000 : 1_000_000, ...(huge ? [10_000_000] : [])],
  };
}

/**
 * Notarizes this many documents by NDJSON in one request.
 * @returns seconds
 * @throws {Spoiled} unless every line was accepted
 */
export async function loadLines(load: Load): Promise<number> {
  const { seconds, accepted } = await runJob<{ seconds: number; accepted: number }>('ndjson.mjs', load);
  if (accepted !== load.lines) throw new Spoiled(`${accepted} of ${load.lines} lines were accepted`);
  return seconds;
}

async function end(service: Service): Promise<void> {
  const timer = setTimeout(() => void service.kill(), STOP_LIMIT_MS);
  await service.stop();
  clearTimeout(timer);
}
