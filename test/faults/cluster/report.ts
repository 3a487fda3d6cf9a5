import { inspect } from 'node:util';
import type { Service } from '../harness/service.js';
import { etcdInterface } from './programs.js';
import type { Cluster, ClusterNode } from './cluster.js';

const ANSWER_MS = 5000;
const LINES = 12;

/** What Patroni has in etcd: who leads, who may be promoted, and who has been the primary. */
const KEYS = ['leader', 'sync', 'failover', 'status', 'history'] as const;

/**
 * What everything that may be waited for says of itself: Patroni and PostgreSQL of each node, etcd, and the services. One line
 * for each; what does not answer is named with its error. Asks each node itself, whatever network of it is cut.
 */
export async function reportOn(cluster: Cluster, services: readonly Service[]): Promise<string[]> {
  const reports = await Promise.all([
    ...cluster.nodes.flatMap((node) => [
      line(`Patroni of ${node.name}`, () => ask(`http://127.0.0.1:${node.restPort}/patroni`)),
      line(`PostgreSQL of ${node.name}`, () => serverState(cluster, node)),
    ]),
    ...KEYS.map((key) => line(`etcd /${key}`, () => valueIn(cluster.etcdUrl, `/service/ingam/${key}`))),
    ...services.map(({ url, pid }) => line(`service ${pid} /readyz`, () => ask(`${url}/readyz`))),
  ]);
  return [
    ...reports,
    ...cluster.nodes.flatMap((node) => [
      `  the last lines of ${node.name}:`,
      ...node.lastLines(LINES).map((text) => `    ${text}`),
    ]),
  ];
}

async function line(name: string, look: () => Promise<string>): Promise<string> {
  const answer = await look().catch(
    (error: unknown) => `no answer: ${inspect(error, { depth: 0 }).split('\n', 1).join('')}`,
  );
  return `  ${name}: ${answer}`;
}

async function ask(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
  return `${response.status} ${(await response.text()).replaceAll(/\s+/g, ' ')}`;
}

/** Where its log ends, and who receives it. */
async function serverState(cluster: Cluster, node: ClusterNode): Promise<string> {
  const [state] = await cluster.query(
    node,
    `SELECT pg_is_in_recovery() AS recovers,
       CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_flush_lsn() END AS lsn,
       current_setting('synchronous_standby_names') AS waits_for,
       (SELECT json_agg(json_build_array(application_name, state, sync_state, flush_lsn)) FROM pg_stat_replication) AS standbys,
       (SELECT json_agg(json_build_array(status, received_tli, sender_port)) FROM pg_stat_wal_receiver) AS receives,
       (SELECT count(*)::integer FROM pg_stat_activity WHERE wait_event = 'SyncRep') AS waiting_commits`,
  );
  return JSON.stringify(state);
}

/** By the interface that Patroni uses: the two do not share their keys. The newer one has keys and values in base64. */
async function valueIn(etcdUrl: string, key: string): Promise<string> {
  if (etcdInterface() === 'etcd') return ask(`${etcdUrl}/v2/keys${key}`);
  const response = await fetch(`${etcdUrl}/v3/kv/range`, {
    method: 'POST',
    body: JSON.stringify({ key: Buffer.from(key).toString('base64') }),
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  const { kvs = [] } = (await response.json()) as { kvs?: { value: string }[] };
  return kvs.length === 0
    ? 'not there'
    : kvs.map(({ value }) => Buffer.from(value, 'base64').toString('utf8')).join(' ');
}
