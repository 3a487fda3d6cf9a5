import { join } from 'node:path';
import type { Logger } from 'pino';
import {
  closeServer,
  createMemberApp,
  createServer,
  listen,
  MemberMetrics,
  type MemberDeps,
} from '../http/index.js';
import { loadMemberKey } from './keys.js';
import { LogReader } from '../log/index.js';
import { Member, type Progress } from '../member/index.js';
import type { MemberConfig } from './member-config.js';
import { formatVerifierKey } from '../proof/index.js';
import { migrate, openStore, type Store } from '../store/index.js';
import { startEmbeddedPostgres } from '../postgres/index.js';

export interface RunningMember {
  /** Where it answers. */
  readonly url: string;
  /** Its verifier key: what an operator names it by. */
  readonly verifierKey: string;
  readonly databaseUrl: string;
  /** Ordered. Safe to call twice. */
  stop(): Promise<void>;
}

/** How long a database that does not answer may hold the end up. */
const ABANDON_MS = 7000;

/**
 * Builds a member's node from its parts and starts it. What was started before a failure is stopped again.
 * @throws {StoreError}, {ProofError} malformed_key, or the listening socket's error
 */
export async function startMember(
  config: MemberConfig,
  logger: Logger,
  onProgress: (progress: Progress) => void = () => undefined,
): Promise<RunningMember> {
  const started: (() => Promise<void>)[] = [];
  const stopStarted = async () => {
    for (const stop of started.splice(0).reverse()) await stop();
  };
  try {
    const signer = await loadMemberKey(config);
    const databaseUrl = config.databaseUrl ?? (await startDatabase(config, logger, started));
    const migrations = await migrate(databaseUrl);
    if (migrations.length > 0) logger.info({ migrations }, 'database migrated');
    const store = await openStore({ url: databaseUrl, log: logger });
    let patience: NodeJS.Timeout | undefined;
    started.push(async () => {
      await store.close();
      clearTimeout(patience);
    });
    const metrics = new MemberMetrics();
    const member = new Member({
      ...config,
      store,
      signer,
      log: logger,
      onProgress,
      onRefusal: (reason) => {
        metrics.refused(reason);
      },
    });
    started.push(() => member.stop());
    const url = await serve({ member, metrics, store, logger }, config, started);
    member.start();
    let stopped: Promise<void> | null = null;
    const stop = () => {
      patience ??= setTimeout(() => {
        logger.warn('the database does not answer; the node ends without it');
        store.abandon();
      }, ABANDON_MS);
      return (stopped ??= stopStarted());
    };
    return { url, verifierKey: formatVerifierKey(signer.key), databaseUrl, stop };
  } catch (error) {
    await stopStarted();
    throw error;
  }
}

async function startDatabase(
  { dataDir }: MemberConfig,
  logger: Logger,
  started: (() => Promise<void>)[],
): Promise<string> {
  const database = await startEmbeddedPostgres({ directory: join(dataDir, 'postgres'), log: logger });
  started.push(() => database.stop());
  return database.url;
}

async function serve(
  parts: Pick<MemberDeps, 'member' | 'metrics' | 'logger'> & { readonly store: Store },
  config: MemberConfig,
  started: (() => Promise<void>)[],
): Promise<string> {
  const stopping = new AbortController();
  const reader = new LogReader(parts.store);
  const server = createServer(createMemberApp({ ...parts, reader, stopping: stopping.signal }));
  const url = await listen(server, config);
  started.push(async () => {
    stopping.abort();
    await closeServer(server);
  });
  return url;
}
