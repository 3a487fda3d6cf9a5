import { query } from '../../faults/harness/database.js';
import { waitFor } from '../../faults/harness/wait.js';
import { type Bench, type BenchService, loadLines, type Row } from '../harness/bench.js';
import { startJob } from '../harness/child.js';
import { untilSealed } from '../harness/database.js';
import { absolute, atLeast, atMost, compare, type Figure } from '../harness/figure.js';
import { requestsPerSecond } from '../harness/http-load.js';
import { createKey, createOrganization, createWebhook, replayWebhooks } from '../harness/organization.js';
import type { Organization } from '../harness/fill-chain.js';

const CONNECTIONS = 64;
const NAMES = ['one', 'two', 'three'];
const NETWORK = '127.0.0.0/8';
const DELIVERED_LIMIT_MS = 1_800_000;

/** By name. */
type Counts = Readonly<Record<string, { readonly messages: number; readonly notarizations: number }>>;

/** One of the two services, with an organization. */
interface Side extends BenchService {
  readonly organization: Organization;
  readonly key: string;
}

/**
 * The work of an organization that has three webhooks, told of everything that is sealed, against that of one that has none:
 * durable POSTs of one digest each, and many digests by NDJSON until all are sealed. The receivers are in one process of their
 * own. All is delivered before the other side is measured. With --huge the NDJSON has 1,000,000 digests, which are then all told again.
 */
export const webhooks: Row = {
  name: 'webhooks',
  async measure(bench) {
    const receivers = startJob('receivers.mjs');
    try {
      const { url } = JSON.parse(await receivers.line()) as { readonly url: string };
      const told = async () => (await (await fetch(url)).json()) as Counts;
      const ours = await sideOf(bench, 'with_webhooks', { INGAM_WEBHOOK_PRIVATE: NETWORK }, url);
      const yardstick = await sideOf(bench, 'without_webhooks');
      const delays: number[] = [];
      let first = 0;
      /** Notarizations that were told of a second time. */
      let repeated = 0;
      /** Until everything is sealed, and told. */
      const settled = async (side: Side): Promise<void> => {
        const from = performance.now();
        await untilSealed(side.databaseUrl);
        if (side !== ours) return;
        const count = (await accepted(ours)) + repeated;
        const isTold = (counts: Counts) => NAMES.every((name) => (counts[name]?.notarizations ?? 0) >= count);
        await waitFor('everything to be told', async () => isTold(await told()), DELIVERED_LIMIT_MS);
        delays.push((performance.now() - from) / 1000);
      };
      const posts = (side: Side, seconds: number) => async (): Promise<number> => {
        const load = { url: side.url, key: side.key, seconds };
        const rate = await requestsPerSecond({ ...load, connections: CONNECTIONS, work: 'notarize' });
        await settled(side);
        return rate;
      };
      const lines = bench.huge ? 1_000_000 : bench.quick ? 100_000 : 400_000;
      const digests = (side: Side) => async (): Promise<number> => {
        const from = performance.now();
        await loadLines({ url: side.url, key: side.key, lines, first });
        first += lines;
        await untilSealed(side.databaseUrl);
        const rate = (1000 * lines) / (performance.now() - from);
        await settled(side);
        return rate;
      };
      for (const side of [ours, yardstick]) await posts(side, bench.quick ? 1 : 3)();
      const sides = { unit: '/s', ours: 'three webhooks', yardstick: 'none', goal: atLeast(0.98) } as const;
      const seconds = bench.quick ? 3 : 10;
      delays.length = 0;
      const figures: Figure[] = [
        await compare(
          { ...sides, what: 'durable POSTs of one digest, 64 clients, with three webhooks' },
          bench.repetitions,
          posts(ours, seconds),
          posts(yardstick, seconds),
        ),
        absolute({ what: 'until all three are told of the last of them', unit: 's', goal: null }, delays),
      ];
      const before = await told();
      delays.length = 0;
      const many = `${lines.toLocaleString('en')} digests by NDJSON, sealed, with three webhooks`;
      figures.push(
        await compare(
          { ...sides, what: many },
          bench.huge ? 1 : bench.repetitions,
          digests(ours),
          digests(yardstick),
        ),
        absolute({ what: 'until all three are told of the last of them', unit: 's', goal: null }, delays),
        absolute(
          { what: 'messages of a webhook for 1,000 of them', unit: 'requests', goal: atMost(11) },
          perThousand(before, await told()),
        ),
      );
      if (bench.huge) {
        const earlier = await told();
        repeated = lines;
        await replayWebhooks(ours, ours.organization, (await accepted(ours)) - lines);
        await settled(ours);
        const what = `messages of a webhook that is told all ${lines.toLocaleString('en')} again`;
        const messages = messagesBetween(earlier, await told());
        figures.push(absolute({ what, unit: 'requests', goal: atMost(lines / 100) }, messages));
      }
      await Promise.all([ours.stop(), yardstick.stop()]);
      return figures;
    } finally {
      receivers.child.kill();
    }
  },
};

async function sideOf(
  bench: Bench,
  name: string,
  settings: Readonly<Record<string, string>> = {},
  receivers: string | null = null,
): Promise<Side> {
  const service = await bench.service(name, settings);
  const organization = await createOrganization(service);
  const key = await createKey(service, organization, 'notarize');
  for (const each of receivers === null ? [] : NAMES)
    await createWebhook(service, organization, `${receivers ?? ''}/${each}`, NETWORK);
  return { ...service, organization, key };
}

async function accepted({ databaseUrl }: Side): Promise<number> {
  const [row] = await query<{ count: string }>(databaseUrl, 'SELECT next_position AS count FROM head');
  return Number(row?.count);
}

const messagesBetween = (before: Counts, after: Counts): number[] =>
  NAMES.map((name) => (after[name]?.messages ?? 0) - (before[name]?.messages ?? 0));

function perThousand(before: Counts, after: Counts): number[] {
  const messages = messagesBetween(before, after);
  return NAMES.map((name, i) => {
    const notarizations = (after[name]?.notarizations ?? 0) - (before[name]?.notarizations ?? 0);
    return (1000 * (messages[i] ?? Number.NaN)) / notarizations;
  });
}
