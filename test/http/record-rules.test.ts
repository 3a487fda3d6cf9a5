import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EventResultLine } from '../../src/http/schemas/records.js';
import {
  canonicalBody,
  fromHex,
  type JsonObject,
  type NoteSigner,
  parseStrictJson,
  ProofError,
  RecordRefusal,
  type RecordState,
  signersOf,
} from '../../src/proof/index.js';
import { query } from '../support/database.js';
import { firstEvent, newHolder, nextEvent, type SentEvent } from '../support/records.js';
import { startService, type TestService } from '../support/service.js';
import { VECTORS } from '../vectors/load.js';
import { keyOf, type RuleVector, type RuleVectors } from '../vectors/make/records/rules/rule-vector.js';

/** The vectors of the rules, given to the service as signed events of records in the state before. */

/** In place of the keys of the vectors, which nobody can sign with. */
const holders = ['alice', 'bob', 'carol', 'dave', 'safe', 'erin', 'frank'].map((name) => newHolder(name));
const signer = (text: string): NoteSigner | undefined => holders.find((each) => each.text === text);

function withKeys(text: string): string {
  return holders.reduce((all, { key, text: own }) => all.replaceAll(keyOf(key.name), own), text);
}

const vectors = JSON.parse(
  withKeys(readFileSync(join(VECTORS, 'records/rules.json'), 'utf8')),
) as RuleVectors;

interface Case {
  readonly vector: RuleVector;
  readonly event: SentEvent;
  /** The state before. */
  readonly state: RecordState | null;
  readonly record: string;
  readonly others: Readonly<Record<string, RecordState>>;
  readonly value: string;
}

/** Each vector is about a record of its own, and about others of its own. */
function caseOf(vector: RuleVector): Case {
  const ids = [vectors.id, ...Object.keys(vector.facts.records)];
  const own = new Map(ids.map((id) => [id, randomBytes(32).toString('hex')]));
  const moved = <T>(json: T): T =>
    JSON.parse([...own].reduce((text, [from, to]) => text.replaceAll(from, to), JSON.stringify(json))) as T;
  const stateOf = (name: string): RecordState => moved(vectors.states[name] ?? expect.fail());
  const record = own.get(vectors.id) ?? expect.fail();
  const { type, body } = moved(vector.event);
  const state = vector.before === null ? null : stateOf(vector.before);
  const value = randomBytes(32).toString('hex');
  const place = { record, sequence: vector.event.sequence - 1, value };
  const signers = signersFor(state, type, body, vector.event.record === null ? null : record);
  const sign = (members: JsonObject): SentEvent =>
    vector.event.record === null
      ? firstEvent(type, members, signers)
      : nextEvent({ ...place, sequence: Math.max(0, place.sequence) }, type, members, signers);
  return {
    vector: moved(vector),
    state,
    record,
    value,
    others: Object.fromEntries(
      Object.entries(vector.facts.records).map(([id, name]) => [own.get(id) ?? id, stateOf(name)]),
    ),
    event: signedWith(body, sign),
  };
}

/** A body that no note can name goes with the note of another one. */
function signedWith(body: JsonObject, sign: (members: JsonObject) => SentEvent): SentEvent {
  try {
    if ('nonce' in body) return sign(body);
  } catch (error) {
    if (!(error instanceof RecordRefusal)) throw error;
  }
  return { ...sign({}), body };
}

/** Why no event may have this body, whatever the rules say; null: one may. A fraction is no JSON that is read here. */
function faultOf(body: JsonObject): string | null {
  try {
    parseStrictJson(JSON.stringify(body));
    canonicalBody(body);
    return null;
  } catch (error) {
    if (error instanceof RecordRefusal) return error.code;
    if (error instanceof ProofError) return 'malformed_json';
    throw error;
  }
}

/** Whom the rules ask for; where they refuse to say, a party, who may learn why. */
function signersFor(
  state: RecordState | null,
  type: string,
  body: JsonObject,
  record: string | null,
): readonly NoteSigner[] {
  const id = record === null ? null : fromHex(record, 32, 'the record');
  try {
    const keys = signersOf(state, { record: id, sequence: record === null ? 0 : 7, type, body });
    return keys.map((key) => signer(key) ?? expect.fail());
  } catch (error) {
    if (!(error instanceof RecordRefusal)) throw error;
    return [signer(state?.holder ?? '') ?? holders[0] ?? expect.fail()];
  }
}

const cases = vectors.events
  // A line names its record itself: it begins one, or is for the one that it names.
  .filter(({ before, event }) => event.record === (before === null ? event.record : vectors.id))
  .map(caseOf);

let now = Math.min(...cases.map(({ vector }) => vector.facts.sealedAt));
let service: TestService;
beforeAll(async () => {
  service = await startService({ sealing: false, clock: () => now });
  await putRecords();
});
afterAll(() => service[Symbol.asyncDispose]());

/** As if blocks had brought them there. */
async function putRecords(): Promise<void> {
  const rows = cases.flatMap(({ vector, state, record, value, others }) => [
    ...(state === null ? [] : [rowOf(record, state, vector.event.sequence - 1, value)]),
    ...Object.entries(others).map(([id, other]) => rowOf(id, other, 0, value)),
  ]);
  await query(
    service.adminUrl,
    `INSERT INTO record (sequence, height, id, value, kind, status, holder, parties, state)
     SELECT sequence, 0, decode(id, 'hex'), decode(value, 'hex'), state->>'kind', state->>'status', state->>'holder', ARRAY[state->>'holder'], state::text
     FROM json_to_recordset($1) AS item (sequence bigint, id text, value text, state json)`,
    [JSON.stringify(rows)],
  );
}

const rowOf = (id: string, state: RecordState, sequence: number, value: string) => ({
  id,
  state,
  sequence,
  value,
});

async function submit(events: readonly SentEvent[]): Promise<EventResultLine[]> {
  const body = events.map((event) => JSON.stringify(event)).join('\n');
  const headers = { 'content-type': 'application/x-ndjson' };
  const res = await fetch(`${service.url}/v1/records/events`, { method: 'POST', headers, body });
  expect(res.status).toBe(200);
  return (await res.text())
    .trimEnd()
    .split('\n')
    .map((line) => EventResultLine.parse(JSON.parse(line)));
}

test('the service takes what the rules take, and refuses the rest with the same code', async () => {
  const times = [...new Set(cases.map(({ vector }) => vector.facts.sealedAt))].sort((a, b) => a - b);
  for (const time of times) {
    now = time;
    const own = cases.filter(({ vector }) => vector.facts.sealedAt === time);
    const results = await submit(own.map(({ event }) => event));
    for (const [i, { vector, state }] of own.entries()) {
      const result = results[i] ?? expect.fail();
      const { rule, about, expected } = vector;
      const answer = 'error' in result ? result.error.code : 'taken';
      const ruled = 'refused' in expected ? expected.refused : 'taken';
      expect([rule, about, answer]).toEqual([rule, about, faultOf(own[i]?.event.body ?? {}) ?? ruled]);
      if ('error' in result || 'refused' in expected) continue;
      const { current } = await service.deps.records.find(fromHex(result.record, 32, 'the record'));
      expect([about, current?.state]).toEqual([about, { ...state, ...expected.changes }]);
    }
  }
});
