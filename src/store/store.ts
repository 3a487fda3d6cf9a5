import { Background } from '../background/index.js';
import { digestRows, type DigestStore } from './digests.js';
import { accountMailRows, type AccountMailStore } from './account-mail.js';
import type { ErasureKeys } from '../crypto/erasure-keys.js';
import {
  addAnchor,
  addRenewal,
  anchoredSize,
  anchorsOver,
  anchorStates,
  type AnchorStore,
  pendingAnchors,
  pendingCounts,
  renewableTokens,
  renewalLeaves,
  renewalsOf,
} from './anchors.js';
import { accept, type AcceptStore, expireIdempotency, findRun, idempotencyRecord } from './accept.js';
import { accessRows, type AccessStore } from './auth/index.js';
import { rateLimitRows, type RateLimits } from './auth/rate-limits.js';
import { commitBlock, findCommitted } from './block-commit.js';
import {
  block,
  blocks,
  blocksBetween,
  blocksAt,
  blocksContaining,
  type BlockStore,
  checkpoint,
  head,
  sealingState,
  stateStatements,
  tip,
} from './blocks.js';
import { blockTiles, logTile } from './tiles.js';
import {
  Connections,
  type DatabaseProblem,
  type StoreLog,
  ANCHORED_CHANNEL,
  COSIGNED_CHANNEL,
  SEALED_CHANNEL,
} from './connections.js';
import { ControlConnection, type Leadership, type Subscription } from './control-connection.js';
import {
  addCosignature,
  cosignatures,
  type CosignatureStore,
  cosignedSizes,
  latestCosignedSizes,
} from './cosignatures.js';
import { detailsIn, entries, entriesByDigest, entry, type EntryStore, erase } from './entries.js';
import {
  erasure,
  erasures,
  type ErasureStore,
  countersignErasure,
  eraseNotarization,
  unnotarizedErasures,
} from './erasures.js';
import {
  destroyErasureKeys,
  type ErasureKeyStore,
  keyTrees,
  restoreWords,
  useKeyTree,
  withErasureKeys,
} from './erasure-keys.js';
import { heldBy, holds, type HoldStore, liftHold, placeHold } from './holds.js';
import { acceptKeyStatement, logKeyStatements, type LogKeyStore, storeKeyStatements } from './log-keys.js';
import {
  addEvidence,
  cosignedCheckpoint,
  evidenceDocument,
  followBlocks,
  followedState,
  leafHashes,
  listEvidence,
  type MemberStore,
  replaceCosignedCheckpoint,
  storeCheckpoint,
} from './member.js';
import { blocksWithChanges, changeLists, mapPages, type MapStore } from './map.js';
import { PrismaAccess } from './prisma-client.js';
import { eventsWithin, lostAmong, recoverBlocks, type RecoveryStore } from './recovery.js';
import { receiptOf, receipts, type ReceiptStore } from './receipts.js';
import {
  eraseEventBody,
  eventAt,
  eventsOfSequence,
  namingBodies,
  mayReadRecord,
  recordEvents,
  type RecordEventStore,
  recordSnapshots,
  searchRecords,
  takenEvents,
} from './record-events.js';
import {
  publishRecord,
  recordPublication,
  type RecordPublicationStore,
  withdrawRecord,
} from './record-publications.js';
import {
  notarizedDocuments,
  recordsDue,
  type RecordSealingStore,
  recordsWaitingFor,
  recordsWaitingForDocuments,
  sealedRecords,
  waitingEvents,
} from './record-sealing.js';
import {
  marksOf,
  publish,
  publishedAmong,
  type RegisterStore,
  searchRegister,
  submissionAt,
  withdraw,
} from './register.js';
import { countRegister, pageRegister } from './register-pages.js';
import { Replica, type ReplicaOptions, type ReplicaReads } from './replica.js';
import type { Durability } from './replication.js';
import { settingsFor } from './server-checks.js';
import { serverFacts, type ServerFacts } from './server-facts.js';
import { signingRows, type SigningStore } from './signing.js';
import { claimWebhooks, stepWebhook, toldEvents, type WebhookDeliveryStore } from './webhook-deliveries.js';
import {
  addDeadlineEvents,
  addAlarm,
  webhookEvent,
  webhookEventsBefore,
  type WebhookEventStore,
} from './webhook-events.js';
import { webhookRows, type WebhookStore } from './webhooks.js';
import { type ChainSnapshot, snapshot } from './snapshot.js';
import { changeTags, type TagStore } from './tags.js';
import {
  beginVaultObject,
  dropAbandonedObjects,
  dropVaultObject,
  finishVaultObject,
  forgetVaultObjects,
  keepDocuments,
  keptByDigest,
  keptDocument,
  keptForRecord,
  replaceVaultKey,
  touchVaultObject,
  vaultKeys,
  keptObjects,
  vaultRemovals,
  type VaultStore,
  vaultUse,
} from './vault.js';

/**
 * The chain in PostgreSQL. Positions, heights and sizes are safe integers. Times are milliseconds since the
 * Unix epoch unless stated otherwise. Every method can be called at any time, by any number of callers and
 * processes.
 *
 * Every method rejects with a StoreError: `unavailable` when the database cannot be used now, `refused` when
 * it holds something that no version of this program writes. A write ends in `outcome_unknown` only where
 * that is stated, with the way to find out.
 */
export interface Store
  extends
    AcceptStore,
    ReceiptStore,
    EntryStore,
    RegisterStore,
    ErasureStore,
    ErasureKeyStore,
    HoldStore,
    TagStore,
    VaultStore,
    RecordEventStore,
    RecordPublicationStore,
    BlockStore,
    CosignatureStore,
    AnchorStore,
    MemberStore,
    LogKeyStore,
    MapStore,
    RecordSealingStore,
    RecoveryStore,
    SigningStore,
    WebhookStore,
    WebhookDeliveryStore,
    WebhookEventStore,
    AccountMailStore,
    DigestStore {
  /** People, and what they may do. */
  readonly access: AccessStore;

  readonly rateLimits: RateLimits;

  /**
   * Makes this process the leader unless another one is, or this one already. Leadership only saves work:
   * `commitBlock` is safe without it. It belongs to a database session, and ends with it.
   */
  acquireLeadership(): Promise<Leadership | null>;

  /**
   * Terminates the session of a leader that has stopped sealing (a paused process keeps its session), and
   * makes this process the leader. null: another process was faster.
   */
  takeOverLeadership(): Promise<Leadership | null>;

  /**
   * Calls `listener` with the height of each block that is committed, and with null after every
   * (re)connection: notifications may have been lost. Notifications can be late, and are missing while the
   * connection is lost: read the tip to be sure. The connection is reopened with increasing delays. The
   * listener must not throw.
   */
  onSealed(listener: (height: number | null) => void): Subscription;

  /** As `onSealed`, with the size of each checkpoint that gets a cosignature. */
  onCosigned(listener: (size: number | null) => void): Subscription;

  /** The same for each checkpoint that gets an anchor. */
  onAnchored(listener: (size: number | null) => void): Subscription;

  /**
   * Runs `read` on one unchanging view of all chain tables, on a connection of its own without time limit. A
   * long run delays vacuum, not writers.
   */
  snapshot<T>(read: (snapshot: ChainSnapshot) => Promise<T>): Promise<T>;

  /** @param owner the role whose powers are wanted, beside the connection's own */
  serverFacts(owner: string | null): Promise<ServerFacts>;

  /** Resolves when the database answers. */
  ping(): Promise<void>;

  /** What the heartbeat of a long-running process knows against the database; null: nothing. */
  problem(): DatabaseProblem | null;

  /**
   * Where a commit is when PostgreSQL confirms it, as of the last heartbeat. null: the store has no
   * heartbeat.
   */
  durability(): Durability | null;

  /** Commits that PostgreSQL reported although their wait for the standby was cancelled, in this process. */
  unconfirmedCommits(): number;

  /**
   * Resolves when the database has just made a commit durable: an `accept` would too.
   * @throws {StoreError} unavailable, refused
   */
  confirmWrites(): Promise<void>;

  /**
   * The same reads, from a standby where it knows the answer: for those who only look. null: the store has no
   * standby to read from.
   */
  readonly replica: ReplicaReads | null;

  /**
   * Breaks every connection at once, also those that are still to be made: calls that wait for a database
   * that does not answer fail as if it were unreachable. For a service that has to stop now. Only `close` may
   * be called after it.
   */
  abandon(): void;

  /** Ends every connection when its running statement has ended. Calls after it reject. */
  close(): Promise<void>;
}

const QUIET: StoreLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

interface StoreOptions {
  /**
   * postgresql://user:password@host:port/database. A direct connection: a pooler in transaction mode breaks
   * LISTEN and session locks.
   */
  readonly url: string;
  /**
   * Most connections in the pool, default 10. Listening and leading share one more (see
   * `connectionsPerStore`), and each running snapshot uses one of its own.
   */
  readonly poolSize?: number;
  /**
   * A secret of the service that is not in the database, under which rows that the chain does not prove get
   * their MACs. Default null: they get none.
   */
  readonly rowKey?: Uint8Array | null;
  /** The data keys of documents. Default null: there are none, and what is under them cannot be read. */
  readonly erasureKeys?: { readonly keys: ErasureKeys } | null;
  readonly log?: StoreLog;
  /**
   * Of a process that runs for long: it keeps a connection open on which it notices a database that does not
   * respond, and counts and logs that.
   */
  readonly background?: Background;
  /** Open also a standby, or a database that does not suit the service: to look at it. */
  readonly asItIs?: boolean;
  /** Refuse writes that no synchronous standby would confirm. Default: no. */
  readonly requireSync?: boolean;
  /** A standby to read from; only with `background`. It need not respond. */
  readonly replica?: ReplicaOptions | null;
}

/**
 * Opens the store on a migrated database (see `migrate`).
 * @throws {StoreError} unavailable, unsuitable_database, bad_url
 */
export async function openStore({
  url,
  poolSize = 10,
  rowKey = null,
  erasureKeys = null,
  log = QUIET,
  background,
  asItIs = false,
  requireSync = false,
  replica = null,
}: StoreOptions): Promise<Store> {
  const { settings, durability } = await settingsFor(url, log, asItIs, requireSync);
  const connections = new Connections(url, {
    ...{ poolSize, log, rowKey, erasureKeys, settings, requireSync },
    acceptStandby: asItIs,
    // Without a heartbeat nothing would notice that it changes.
    durability: background === undefined ? null : durability,
  });
  return createStore(
    connections,
    log,
    background,
    replica === null || background === undefined
      ? null
      : new Replica(connections, { ...replica, log, background }),
  );
}

function createStore(
  connections: Connections,
  log: StoreLog,
  background: Background | undefined,
  replica: Replica | null,
): Store {
  const prisma = new PrismaAccess(connections, log);
  const control = new ControlConnection(connections, log, background ?? new Background(log));
  if (background !== undefined) control.keepOpen();
  return {
    access: accessRows(connections, prisma),
    rateLimits: rateLimitRows(connections, prisma),
    ...signingRows(prisma),
    ...webhookRows(prisma),
    ...accountMailRows(prisma),
    ...digestRows(connections, prisma),
    ...bindTo(connections, {
      ...{ accept, idempotencyRecord, expireIdempotency, receipts, receiptOf },
      ...{ head, entries, entry, entriesByDigest, detailsIn },
      ...{
        tip,
        sealingState,
        block,
        blocks,
        blocksBetween,
        blocksAt,
        blocksContaining,
        stateStatements,
        blockTiles,
        logTile,
        checkpoint,
        commitBlock,
      },
      ...{ searchRegister, pageRegister, countRegister, publishedAmong, marksOf, submissionAt },
      ...{ erasure, erasures, unnotarizedErasures, holds, heldBy, keyTrees, restoreWords },
      ...{
        recordSnapshots,
        takenEvents,
        mayReadRecord,
        recordEvents,
        eventsOfSequence,
        namingBodies,
        eventAt,
        searchRecords,
        recordPublication,
      },
      ...{ addCosignature, cosignatures, latestCosignedSizes, cosignedSizes },
      ...{ anchorsOver, anchoredSize, anchorStates, pendingAnchors, pendingCounts },
      ...{ renewalsOf, renewalLeaves, renewableTokens },
      ...{
        followBlocks,
        followedState,
        leafHashes,
        storeCheckpoint,
        cosignedCheckpoint,
        replaceCosignedCheckpoint,
        addEvidence,
        evidenceDocument,
        listEvidence,
      },
      ...{ logKeyStatements, acceptKeyStatement, storeKeyStatements },
      ...{ recoverBlocks, lostAmong, eventsWithin },
      ...{ mapPages, blocksWithChanges, changeLists },
      ...{ waitingEvents, sealedRecords, notarizedDocuments },
      ...{ recordsDue, recordsWaitingFor, recordsWaitingForDocuments },
      ...{ vaultUse, keptDocument, keptByDigest, keptForRecord, keptObjects, vaultKeys, vaultRemovals },
      ...{ claimWebhooks, stepWebhook, toldEvents, webhookEvent, webhookEventsBefore },
      ...{ serverFacts },
    }),
    ...bindTo(prisma, { publish, withdraw, addAnchor, addRenewal, eraseEventBody }),
    ...bindTo(prisma, { publishRecord, withdrawRecord, addAlarm, addDeadlineEvents }),
    ...bindTo(prisma, { countersignErasure, placeHold, liftHold, changeTags }),
    ...bindTo(prisma, { withErasureKeys, useKeyTree }),
    ...noticed(
      {
        ...bindTo(connections, { erase }),
        ...bindTo(prisma, { eraseNotarization, destroyErasureKeys }),
      },
      () => replica?.changed(),
    ),
    replica: replica?.reads ?? null,
    ...bindTo(prisma, {
      beginVaultObject,
      touchVaultObject,
      finishVaultObject,
      keepDocuments,
      replaceVaultKey,
    }),
    ...bindTo(prisma, { dropVaultObject, dropAbandonedObjects, forgetVaultObjects }),
    findAccepted: async (run) => {
      await connections.fence();
      const first = await findRun(connections, run);
      if (first !== null) await connections.confirm();
      return first;
    },
    findCommitted: async (wanted) => {
      await connections.fence();
      const isCommitted = await findCommitted(connections, wanted);
      if (isCommitted) await connections.confirm();
      return isCommitted;
    },
    acquireLeadership: () => control.acquireLeadership(),
    takeOverLeadership: () => control.takeOverLeadership(),
    onSealed: (listener) => control.subscribe(SEALED_CHANNEL, listener),
    onCosigned: (listener) => control.subscribe(COSIGNED_CHANNEL, listener),
    onAnchored: (listener) => control.subscribe(ANCHORED_CHANNEL, listener),
    snapshot: (read) => {
      // Its statements have no time limit: only the heartbeat notices a database that does not respond.
      control.keepOpen();
      return snapshot(connections, read);
    },
    ping: async () => {
      await connections.read('SELECT 1');
    },
    problem: () => connections.problem,
    durability: () => connections.durability,
    unconfirmedCommits: () => connections.unconfirmed,
    confirmWrites: () => connections.confirm(),
    abandon: () => {
      connections.abandon();
      replica?.abandon();
    },
    close: async () => {
      await control.close();
      await replica?.close();
      // Waits for running statements and transactions, those of Prisma too.
      await connections.close();
      await prisma.close();
    },
  };
}

type Bound<First, Functions> = {
  [Name in keyof Functions]: Functions[Name] extends (first: First, ...rest: infer Rest) => infer Result
    ? (...rest: Rest) => Result
    : never;
};

/** The same functions without their first parameter, which is always `first`. */
function bindTo<First, Functions extends Record<string, (first: First, ...rest: never[]) => unknown>>(
  first: First,
  functions: Functions,
): Bound<First, Functions> {
  const bound = Object.entries(functions).map(([name, run]) => [name, run.bind(null, first)]);
  return Object.fromEntries(bound) as Bound<First, Functions>;
}

/** The same functions; `notice` is called when a call of one has ended. */
function noticed<Functions extends Record<string, (...rest: never[]) => Promise<unknown>>>(
  functions: Functions,
  notice: () => void,
): Functions {
  const noticing = Object.entries(functions).map(([name, run]) => [
    name,
    (...rest: never[]) => run(...rest).finally(notice),
  ]);
  return Object.fromEntries(noticing) as Functions;
}
