import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { createMemberApp, createServer, MemberMetrics } from '../../src/http/index.js';
import { generateKey, type PrivateKey } from '../../src/crypto/keys.js';
import { LogReader } from '../../src/log/index.js';
import { Member, type MemberOptions } from '../../src/member/index.js';
import { COSIGNATURE, formatVerifierKey, type Evidence, parseEvidence } from '../../src/proof/index.js';
import type { Store } from '../../src/store/index.js';
import { createStore, type TestStore } from './database.js';
import { FORGER_KEY } from './forger.js';
import { createLog } from './parts.js';
import { until } from './until.js';

export interface TestMember extends AsyncDisposable {
  readonly url: string;
  readonly member: Member;
  readonly store: Store;
  readonly database: TestStore;
  readonly key: PrivateKey;
  readonly log: ReturnType<typeof createLog>;
  /** The line of a policy. */
  line(name: string): string;
  /** What it has kept, the latest first; null for what shows nothing by itself. */
  evidence(): Promise<{ readonly reason: string; readonly evidence: Evidence | null }[]>;
  /** Stops the node and leaves its database. */
  halt(): Promise<void>;
}

export interface TestMemberOptions extends Partial<Omit<MemberOptions, 'store' | 'upstream'>> {
  readonly upstream: string;
  /** A database that a node has left. */
  readonly database?: TestStore;
  readonly key?: PrivateKey;
  readonly wrapStore?: (store: Store) => Store;
}

/** A member's node in this process, on a database and a port of its own. */
export async function startMember(options: TestMemberOptions): Promise<TestMember> {
  const { upstream, key = generateKey('member.example', COSIGNATURE), wrapStore, ...change } = options;
  const database = options.database ?? (await createStore());
  const store = wrapStore?.(database.store) ?? database.store;
  const log = createLog();
  const member = new Member({
    upstreamKey: FORGER_KEY.key,
    peers: [],
    otherLogs: [],
    webhook: null,
    pollMs: 20,
    log,
    ...change,
    store,
    signer: key,
    upstream,
  });
  const stopping = new AbortController();
  const server = createServer(
    createMemberApp({
      member,
      reader: new LogReader(store),
      store,
      metrics: new MemberMetrics(),
      logger: pino({ level: 'silent' }),
      stopping: stopping.signal,
    }),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  member.start();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let halted: Promise<void> | null = null;
  const halt = () =>
    (halted ??= (async () => {
      stopping.abort();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      await member.stop();
    })());
  return {
    url,
    member,
    store,
    database,
    key,
    log,
    line: (name) => `witness ${name} ${formatVerifierKey(key.key)} ${url}`,
    evidence: async () =>
      (await store.evidence(100)).map(({ reason, document }) => ({
        reason,
        evidence: document.includes('"ingam-evidence-v1"') ? parseEvidence(document) : null,
      })),
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
