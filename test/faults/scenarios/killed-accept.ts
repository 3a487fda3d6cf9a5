import assert from 'node:assert/strict';
import { join } from 'node:path';
import { query, startDatabaseServer } from '../harness/database.js';
import { judge } from '../harness/judge.js';
import { Ledger } from '../harness/ledger.js';
import { startProxy, type Cut } from '../harness/pg-proxy.js';
import type { Scene } from '../harness/scene.js';
import { startService, type Service } from '../harness/service.js';
import { digestOf, submit, type Plan } from '../harness/submit.js';
import { waitFor } from '../harness/wait.js';

/**
 * kill -9 of the service around the commit of one group: after it has signed the receipt and before the
 * database has the group, while the database writes it, and after the commit but before the response. The
 * client never learns what happened. What was not committed leaves no trace; what was is sealed once, under
 * the receipt that nobody got; and in no case does sealing stop.
 */
export async function killedAroundCommit(scene: Scene, rounds: number): Promise<void> {
  const server = await startDatabaseServer(scene);
  const proxy = await startProxy(scene, server.url);
  const options = { dataDir: join(scene.directory, 'data'), databaseUrl: proxy.url };
  let service = await startService(scene, options);
  const ledger = new Ledger();
  const written = async ({ texts }: Plan): Promise<number[]> => {
    const digests = texts.map((text) => `'\\x${digestOf(text)}'`).join(', ');
    const rows = await query<{ position: string }>(
      server.url,
      `SELECT position FROM entry WHERE digest IN (${digests}) ORDER BY position`,
    );
    return rows.map(({ position }) => Number(position));
  };
  for (let round = 0; round < rounds; round++) {
    for (const cut of ['before', 'half', 'answer'] as const) {
      for (const key of [null, `${cut}-${round}`]) {
        const texts = ['a', 'b', 'c'].map((name) => `${name} of round ${round}, ${cut}, ${key ?? 'no key'}`);
        const plan: Plan = { shape: 'json', texts, key };
        for (const text of texts) ledger.sent.add(digestOf(text));
        const victim = service;
        proxy.aim('accept', cut, 1, () => {
          victim.signal('SIGKILL');
        });
        assert.equal((await submit(victim.url, plan)).answer, 'connection lost');
        await victim.kill();
        await waitFor('the database to have finished the statement', async () => {
          const [busy] = await query<{ count: string }>(
            server.url,
            "SELECT count(*) FROM pg_stat_activity WHERE state <> 'idle' AND query LIKE '%INSERT INTO receipt%' AND pid <> pg_backend_pid()",
          );
          return busy?.count === '0';
        });
        const before = await written(plan);
        assert.equal(before.length, COMMITTED[cut] ? texts.length : 0, `entries after the cut "${cut}"`);
        service = await startService(scene, options);
        await sealed(service);
        if (key === null) {
          // Nobody repeats it: what was not committed must not appear.
          if (before.length === 0) for (const text of texts) ledger.refused.add(digestOf(text));
        } else {
          const again = await submit(service.url, plan);
          assert.ok(again.complete, again.answer);
          ledger.accept(again);
          const positions = again.items.map(({ position }) => position);
          if (before.length > 0) assert.deepEqual(positions, before, 'what the repeated request got');
          await sealed(service);
        }
        assert.equal((await written(plan)).length, key === null ? before.length : texts.length);
      }
    }
  }
  await judge(scene, service.url, server.url, ledger);
}

/** Whether the database has the group in the end. A statement that has arrived is completed. */
const COMMITTED: Readonly<Record<Exclude<Cut, 'full'>, boolean>> = {
  before: false,
  half: true,
  answer: true,
};

async function sealed(service: Service): Promise<void> {
  await waitFor('everything to be sealed', async () => {
    const state = (await (await fetch(`${service.url}/v1/chain`)).json()) as Record<string, number>;
    return state['size'] === state['nextPosition'];
  });
  const { ready, problems } = await waitFor('the service to be ready', async () => {
    const readiness = await service.readiness();
    return readiness.leading && readiness;
  });
  assert.deepEqual({ ready, problems }, { ready: true, problems: [] });
}
