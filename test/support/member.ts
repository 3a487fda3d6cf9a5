import type { AnonymousLimits } from '../../src/auth/index.js';
import { generateKey, type PrivateKey } from '../../src/crypto/keys.js';
import type { Member } from '../../src/member/index.js';
import { COSIGNATURE, type Evidence, parseEvidence } from '../../src/proof/index.js';
import type { MemberConfig } from '../../src/service/member-config.js';
import { buildMember, type MemberBuildOptions } from '../../src/service/member-node.js';
import type { Store } from '../../src/store/index.js';
import { createDatabase, type TestDatabase } from './database.js';
import { FORGER_KEY } from './forger.js';
import { createLogger } from './parts.js';
import { until } from './until.js';

export interface TestMember extends AsyncDisposable {
  readonly url: string;
  readonly member: Member;
  readonly anonymousLimits: AnonymousLimits;
  /** Open until the node halts. */
  readonly store: Store;
  readonly database: TestDatabase;
  readonly key: PrivateKey;
  readonly log: { readonly lines: readonly string[] };
  /** The line of a policy. */
  line(name: string): string;
  /** What it has kept, the latest first; null for what shows nothing by itself. */
  evidence(): Promise<{ readonly reason: string; readonly evidence: Evidence | null }[]>;
  /** Stops the node and leaves its database. */
  halt(): Promise<void>;
}

export interface TestMemberOptions
  extends
    MemberBuildOptions,
    Partial<Pick<MemberConfig, 'upstreamKey' | 'peers' | 'otherLogs' | 'webhook' | 'pollMs' | 'trustProxy'>> {
  readonly upstream: string;
  /** A database that a node has left. */
  readonly database?: TestDatabase;
  readonly key?: PrivateKey;
}

/** A member's node as `ingam member` builds it, in this process, on a port and (unless given) a database of its own. */
export async function startMember(options: TestMemberOptions): Promise<TestMember> {
  const { key = generateKey('member.example', COSIGNATURE), ...change } = options;
  const database = options.database ?? (await createDatabase());
  const log = createLogger();
  const config = {
    host: '127.0.0.1',
    port: 0,
    dataDir: '',
    requireVolume: false,
    logLevel: 'info',
    logFormat: null,
    metricsToken: null,
    connectionsPerNetwork: 1000,
    upstreamKey: FORGER_KEY.key,
    name: null,
    peers: [],
    otherLogs: [],
    webhook: null,
    pollMs: 100,
    trustProxy: 0,
    ...change,
    databaseUrl: database.url,
    databaseOwnerUrl: null,
    key: key.text,
  } as const;
  const node = await buildMember(config, log.logger, options);
  const url = await node.start();
  const { member, store, anonymousLimits } = node.parts;
  const halt = () => node.stop(0);
  return {
    url,
    member,
    anonymousLimits,
    store,
    database,
    key,
    log,
    line: (name) => `witness ${name} ${node.verifierKey} ${url}`,
    evidence: async () =>
      Promise.all(
        (await store.listEvidence(100)).map(async ({ reason, digest, proven }) => ({
          reason,
          evidence: proven ? parseEvidence((await store.evidenceDocument(digest)) ?? '') : null,
        })),
      ),
    halt,
    [Symbol.asyncDispose]: async () => {
      await halt();
      if (options.database === undefined) await database.drop();
    },
  };
}

/** What it says of itself. */
export async function stateOf({ url }: { readonly url: string }): Promise<{
  readonly blocks: number;
  readonly entries: number;
  readonly cosigned: number;
  readonly problem: { readonly code: string } | null;
  readonly peers: { readonly size: number | null; readonly problem: string | null }[];
}> {
  return (await (await fetch(`${url}/v1/member`)).json()) as Awaited<ReturnType<typeof stateOf>>;
}

/** Waits until the member has cosigned a checkpoint of exactly this size. */
export async function untilCosigned(member: { readonly url: string }, size: number): Promise<void> {
  await until(
    `the member to cosign ${size} blocks`,
    () => stateOf(member),
    (seen) => seen.cosigned === size,
  );
}

/** Waits until the member reports a problem with this code. */
export async function untilProblem(member: { readonly url: string }, code: string): Promise<void> {
  await until(
    `the member to report ${code}`,
    () => stateOf(member),
    (seen) => seen.problem?.code === code,
  );
}
