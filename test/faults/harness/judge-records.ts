import assert from 'node:assert/strict';
import { audit } from '../../../src/audit/audit.js';
import { NODE } from '../../../src/crypto/primitives.js';
import {
  eventDigest,
  KIND_EVENT,
  parseHistory,
  parsePolicy,
  parseVerifierKey,
  toHex,
} from '../../../src/proof/index.js';
import { verifyHistory } from '../../../src/proof/records/history.js';
import { openStore, type Store } from '../../../src/store/index.js';
import { recordKey } from '../../support/records.js';
import type { EventLoad, SentRecord } from './events.js';
import type { Scene } from './scene.js';
import { waitFor } from './wait.js';

const PAGE = 10_000;

interface Chain {
  readonly origin: string;
  readonly verifierKey: string;
  readonly size: number;
  readonly nextPosition: number;
  readonly policy: string;
}

/**
 * Checks the records after the faults: each acknowledged event is in the chain once, and applied at its place; all that
 * had to happen by itself has happened; every history verifies offline and gives the state that the service has; the
 * audit, which plays all events again, finds nothing.
 */
export async function judgeRecords(
  scene: Scene,
  url: string,
  databaseUrl: string,
  load: EventLoad,
): Promise<void> {
  assert.ok(load.records.length > 0, 'nothing was acknowledged, so the faults proved nothing');
  const chainNow = async () => (await (await fetch(`${url}/v1/chain`)).json()) as Chain;
  const { origin } = await chainNow();
  const statuses: Record<string, number> = {};
  for (const record of load.records) {
    // Deadlines come by themselves, also when nobody submits anything.
    const status = await waitFor(`record ${record.id} to be ${record.status}`, async () => {
      const { state, sealed, missing } = await shown(url, origin, record);
      if (missing) return record.canBeVoid && 'void';
      if (record.holder !== null && state['holder'] !== record.holder.text) return false;
      return sealed && state['status'] === record.status && record.status;
    });
    statuses[status] = (statuses[status] ?? 0) + 1;
  }
  scene.say(`in the end: ${JSON.stringify(statuses)}`);
  const chain = await waitFor('everything to be sealed', async () => {
    const state = await chainNow();
    return state.size > 0 && state.size === state.nextPosition && state;
  });
  const policy = parsePolicy(chain.policy);
  for (const record of load.records) {
    const { state, missing } = await shown(url, origin, record);
    if (missing) continue;
    const response = await fetch(`${url}/v1/records/${record.id}/history`, {
      headers: headersOf(origin, record),
    });
    const history = parseHistory(new Uint8Array(await response.arrayBuffer()));
    const found = verifyHistory({ history, policy, primitives: NODE });
    // A party sees of other records what their holders have tied to it.
    assert.equal(found.verdict, 'verified', JSON.stringify([found.steps, found.missing]));
    assert.deepEqual(JSON.parse(JSON.stringify(found.state)), state, 'the state that a verifier comes to');
    const events = history.records.get(record.id)?.events ?? [];
    for (const { note, sequence } of record.events) {
      const event = events[sequence];
      assert.ok(
        event !== undefined && 'note' in event && event.note === note,
        `event ${sequence} of ${record.id}`,
      );
    }
    assert.equal(events.filter((event) => 'note' in event).length, record.events.length);
  }
  const store = await openStore({ url: databaseUrl });
  try {
    const { findings, database } = await audit({ store, logKey: parseVerifierKey(chain.verifierKey) });
    assert.deepEqual(findings, [], 'findings of the audit');
    assert.deepEqual(
      database.findings.filter(({ problem }) => problem === 'record_mismatch'),
      [],
      'findings of the audit about records',
    );
    await checkEntries(store, chain.nextPosition, load);
  } finally {
    await store.close();
  }
}

async function checkEntries(store: Store, count: number, { records, sent }: EventLoad): Promise<void> {
  const digests = new Map([...sent].map((note) => [toHex(eventDigest(note)), 0]));
  for (let first = 0; first < count; first += PAGE) {
    for (const entry of await store.entries(first, Math.min(PAGE, count - first))) {
      if (entry.erased || entry.kind !== KIND_EVENT) continue;
      const { position } = entry;
      const digest = toHex(entry.digest);
      const times = digests.get(digest);
      assert.notEqual(times, undefined, `position ${position} has an event that nobody sent`);
      digests.set(digest, (times ?? 0) + 1);
    }
  }
  for (const { note } of records.flatMap(({ events }) => events))
    assert.equal(
      digests.get(toHex(eventDigest(note))),
      1,
      `how often an acknowledged event is in the chain: ${note}`,
    );
}

function headersOf(origin: string, { id, reader }: SentRecord): Record<string, string> {
  return { 'ingam-record-key': recordKey(id, reader, { origin }) };
}

async function shown(url: string, origin: string, record: SentRecord) {
  const response = await fetch(`${url}/v1/records/${record.id}`, { headers: headersOf(origin, record) });
  const { state = {}, waiting = 0 } = (await response.json()) as {
    state?: Record<string, unknown>;
    waiting?: number;
  };
  return { state, sealed: waiting === 0, missing: response.status === 404 };
}
