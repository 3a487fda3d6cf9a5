import { expect, test } from 'vitest';
import { RecordStates } from '../../src/intake/record-states.js';
import type { PendingEvent } from '../../src/store/record-events.js';
import { digestOf, documentBody, firstEvent, newHolder, nextEvent } from '../support/records.js';

const alice = newHolder('alice.example');
const id = new Uint8Array(32).fill(1);
const value = (sequence: number) => new Uint8Array(32).fill(sequence + 1);

/** Events that wait for their block; `read` has the sequence of each that was read. */
function waiting(count: number, read: number[]): PendingEvent[] {
  return Array.from({ length: count }, (_, sequence) => {
    const record = Buffer.from(id).toString('hex');
    const place = { record, sequence: sequence - 1, value: Buffer.from(value(sequence - 1)).toString('hex') };
    const document = { document: { sha256: digestOf(`${sequence}`) } };
    const { note, body } =
      sequence === 0
        ? firstEvent('document.create', documentBody(alice, 'Title'), [alice])
        : nextEvent(place, 'document.version', document, [alice]);
    return {
      ...{ sequence, value: value(sequence), body: JSON.stringify(body) },
      get note() {
        read.push(sequence);
        return note;
      },
    };
  });
}

test('plays each waiting event of a record once, until a block or a second later', async () => {
  const read: number[] = [];
  const events = waiting(5, read);
  let [count, height, now] = [3, 7, 1_000_000];
  const states = new RecordStates(
    {
      recordSnapshots: () => Promise.resolve([{ height, sealed: null, pending: events.slice(0, count) }]),
    },
    () => now,
  );
  const next = async () => {
    read.length = 0;
    const { current } = await states.read(id);
    return {
      sequence: current?.sequence,
      versions: current?.state.kind === 'document' ? current.state.versions : null,
      read: [...read],
    };
  };
  expect(await next()).toEqual({ sequence: 2, versions: 3, read: [0, 1, 2] });
  count = 4;
  expect(await next()).toEqual({ sequence: 3, versions: 4, read: [3] });
  expect(await next()).toEqual({ sequence: 3, versions: 4, read: [] });
  now += 1000;
  expect(await next()).toEqual({ sequence: 3, versions: 4, read: [0, 1, 2, 3] });
  height++;
  count = 5;
  expect(await next()).toEqual({ sequence: 4, versions: 5, read: [0, 1, 2, 3, 4] });
});
