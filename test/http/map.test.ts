import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSignedByAny } from '../../src/member/index.js';
import { MapProof } from '../../src/http/schemas/map.js';
import { AcceptedEvent } from '../../src/http/schemas/records.js';
import { Problem } from '../../src/http/schemas/resources.js';
import {
  decodeHeader,
  fromBase64,
  fromHex,
  leafHash,
  parseVerifierKey,
  rootFromInclusionPath,
  sha256,
  toHex,
  utf8,
} from '../../src/proof/index.js';
import { EMPTY_MAP_ROOT, lookUp } from '../../src/proof/map.js';
import { parseChanges } from '../../src/proof/records/changes.js';
import { parseStatement } from '../../src/proof/time/state.js';
import { bearer, createKey, createOrganization } from '../support/people.js';
import { documentBody, firstEvent, newHolder, nextEvent, type SentEvent } from '../support/records.js';
import { startService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';

let service: TestService;
let key: string;
beforeAll(async () => {
  service = await startService();
  key = (await createKey(service, (await createOrganization(service, 'Own')).id)).secret;
});
afterAll(() => service[Symbol.asyncDispose]());

const alice = newHolder('alice.example');

/** @returns the event, in a block that a checkpoint covers */
async function sealed(path: string, event: SentEvent) {
  const res = await fetch(`${service.url}${path}?wait=sealed`, {
    method: 'POST',
    headers: { ...bearer(key), 'content-type': 'application/json' },
    body: JSON.stringify(event),
  });
  expect(res.status).toBe(201);
  const accepted = AcceptedEvent.parse(await res.json());
  await until('the event to be sealed', async () => {
    const { nextPosition, firstUnsealed } = await service.store.sealingState();
    return nextPosition === firstUnsealed;
  });
  return { accepted, height: (await service.store.tip())?.height ?? -1 };
}

async function mapProof(record: string, at?: number): Promise<MapProof> {
  const res = await fetch(`${service.url}/v1/map/${record}${at === undefined ? '' : `?at=${at}`}`);
  expect(res.status).toBe(200);
  return MapProof.parse(await res.json());
}

/** What the answer shows to somebody who knows nothing but the log's key. */
async function shown(proof: MapProof) {
  const chain = (await (await fetch(`${service.url}/v1/chain`)).json()) as { verifierKey: string };
  const { checkpoint } = openSignedByAny(proof.checkpoint, [parseVerifierKey(chain.verifierKey)]);
  const header = fromBase64(proof.header);
  const path = proof.headerPath.map((hash) => fromBase64(hash));
  expect(rootFromInclusionPath(leafHash(header), proof.height, checkpoint.size, path)).toEqual(
    checkpoint.root,
  );
  const { state, height } = decodeHeader(header);
  expect(height).toBe(proof.height);
  if (proof.statement === null) expect(state).toEqual(new Uint8Array(32));
  else expect(sha256(utf8(proof.statement))).toEqual(state);
  const root = proof.statement === null ? EMPTY_MAP_ROOT : parseStatement(proof.statement).map.root;
  const { siblings, leaf } = proof.path;
  return lookUp(root, fromHex(proof.record, 32), {
    siblings: siblings.map((hash) => fromBase64(hash)),
    leaf: leaf && { key: fromHex(leaf.key, 32), value: fromHex(leaf.value, 32) },
  });
}

test('a record’s value after any block, and its absence, are shown with their proof', async () => {
  const stranger = 'ab'.repeat(32);
  const { accepted: first, height } = await sealed(
    '/v1/records',
    firstEvent('document.create', documentBody(alice, 'one'), [alice]),
  );
  const { record } = first;
  expect(await shown(await mapProof(record))).toEqual({ state: 'present', value: fromHex(first.value, 32) });
  expect(await shown(await mapProof(stranger))).toEqual({ state: 'absent' });
  const { accepted: second, height: later } = await sealed(
    `/v1/records/${record}/events`,
    nextEvent(first, 'document.withdraw', {}, [alice]),
  );
  expect(await shown(await mapProof(record))).toEqual({ state: 'present', value: fromHex(second.value, 32) });
  expect(await shown(await mapProof(record, later))).toMatchObject({ state: 'present' });
  // The past stays provable.
  const past = await mapProof(record, height);
  expect(past.height).toBe(height);
  expect(await shown(past)).toEqual({ state: 'present', value: fromHex(first.value, 32) });

  const res = await fetch(`${service.url}/v1/blocks/${later}/changes`);
  const list = new Uint8Array(await res.arrayBuffer());
  expect(parseChanges(list)).toEqual([
    { key: fromHex(record, 32), value: fromHex(second.value, 32), index: 0 },
  ]);
  const statement = parseStatement((await mapProof(record, later)).statement ?? '');
  expect(toHex(statement.map.changes)).toBe(toHex(sha256(list)));
  expect(statement.map.records).toBe(1);
});

test('what the map cannot answer gets an error', async () => {
  const code = async (path: string) => Problem.parse(await (await fetch(service.url + path)).json()).code;
  expect(await code(`/v1/map/${'ab'.repeat(32)}?at=100000`)).toBe('block_not_found');
  expect(await code('/v1/map/AB')).toBe('invalid_parameter');
  expect(await code(`/v1/map/${'ab'.repeat(32)}?at=-1`)).toBe('invalid_parameter');
  expect(await code('/v1/blocks/100000/changes')).toBe('block_not_found');
});
