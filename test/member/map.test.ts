import { describe, expect, test } from 'vitest';
import { FORGER_KEY, serveChain } from '../support/forger.js';
import { Operator, random } from '../support/record-operator.js';
import { checkEvidence, equal, formatEvidence, parseEvidence, toHex } from '../../src/proof/index.js';
import { EMPTY_MAP_ROOT } from '../../src/proof/map.js';
import { automaticLeaf } from '../../src/proof/records/automatic.js';
import { FULL_AUTOMATIC, nextValue } from '../../src/proof/records/changes.js';
import { startMember, stateOf, untilCosigned } from '../support/member.js';
import { until } from '../support/until.js';

const ORIGIN = FORGER_KEY.key.name;

const [a, b, c] = [random(), random(), random()];
/** Three records, the first of which has changed twice, once by itself. */
const sound = (() => {
  const begun = Operator.EMPTY.with([])
    .with([{ key: a }])
    .with([{ key: b }])
    .with([]);
  return begun.with([{ key: c }, { key: a, automatic: begun.automatic(a) }]);
})();
const size = sound.chain.size;

test('a member keeps its own map of the records, and serves the change lists', async () => {
  await using operator = await serveChain(sound.view);
  await using member = await startMember({ upstream: operator.url });
  await untilCosigned(member, size);
  const later = sound.with([{ key: b }]);
  operator.view = later.view;
  await untilCosigned(member, size + 1);
  const stored = await member.store.changeLists(0, size + 1);
  expect(stored.map(({ height, list }) => [height, toHex(list)])).toEqual(
    [...later.lists].map(([height, list]) => [height, toHex(list)]),
  );
  const [top] = await member.store.mapPages([''], size);
  expect(top).not.toBeNull();
  const served = await fetch(`${member.url}/v1/blocks/${size}/changes`);
  expect(equal(new Uint8Array(await served.arrayBuffer()), later.lists.get(size) ?? new Uint8Array())).toBe(
    true,
  );
  // A full block, and one behind it, in which its time counts.
  const full = later.with(filling(later), { full: true });
  const behind = full.with([{ key: b }], { now: full.chain.blocks.at(-1)?.header.sealedAt ?? 0 });
  operator.view = behind.view;
  await untilCosigned(member, size + 3);
});

/** Texts of this length, so that few fill a block. */
const FACTS = Array.from({ length: 460 }, () => `record ${toHex(random())} ${toHex(random())}`);

/** So much happens to a record by itself that the block is full. */
function filling(chain: Operator) {
  const wishes = [];
  let value = chain.valueOf(a);
  for (let bytes = 0; bytes < FULL_AUTOMATIC;) {
    const automatic = chain.automatic(a, { before: value, sequence: wishes.length + 2, facts: FACTS });
    wishes.push({ key: a, automatic });
    value = nextValue(value, automaticLeaf(automatic));
    bytes += automatic.length;
  }
  return wishes;
}

const flipped = (bytes: Uint8Array) => bytes.map((byte, i) => (i === 0 ? byte ^ 1 : byte));

describe('a member refuses a log, with evidence that anybody can check,', () => {
  test.each<readonly [string, string, Operator]>([
    ['that gives a record the value of no event', 'wrong_value', sound.with([{ key: a, value: random() }])],
    ['that names a leaf which the block does not have', 'wrong_value', sound.with([{ key: a, index: 3 }])],
    [
      'that lets something happen to another record than it says',
      'wrong_value',
      sound.with([{ key: b, automatic: sound.automatic(a) }]),
    ],
    [
      'that lets something happen in another block than it says',
      'wrong_value',
      sound.with([{ key: a, automatic: sound.automatic(a, { height: 2 }) }]),
    ],
    ['that states the root of before', 'wrong_root', sound.with([{ key: a }], sound.map)],
    [
      'that adds a record to the map without an event',
      'wrong_root',
      sound.with([], { ...sound.with([{ key: random() }]).map }),
    ],
    ['that removes all records', 'wrong_root', sound.with([], { records: 0, root: EMPTY_MAP_ROOT })],
    ['that counts one record too many', 'wrong_root', sound.with([{ key: random() }], { records: 5 })],
    [
      'whose change list is none',
      'malformed_changes',
      sound.with([{ key: a }], { list: Uint8Array.of(7, 7, 7) }),
    ],
    [
      'that says of a block with room that it is full',
      'wrong_full',
      sound.with([{ key: a }], { full: true }),
    ],
    ['that names another time than that of sealing', 'wrong_now', sound.with([{ key: a }], { now: 1 })],
  ])('%s', async (_, fault, forged) => {
    await using operator = await serveChain(forged.view);
    await using member = await startMember({ upstream: operator.url });
    const found = await until('the evidence', async () =>
      (await member.evidence()).find(({ reason }) => reason === 'map'),
    );
    if (found.evidence?.kind !== 'map') throw new Error('no evidence of the map');
    const verdict = checkEvidence(found.evidence, FORGER_KEY.key);
    expect(verdict).toEqual({ holds: true, kind: 'map', origin: ORIGIN, height: size, fault });
    // The blocks before are stored; the checkpoint is not cosigned.
    const state = await stateOf(member);
    expect([state.cosigned, state.blocks]).toEqual([0, size]);

    // It shows nothing under another key, nor when a part of it is another one.
    const { step } = found.evidence;
    const spoiled = [
      { ...found.evidence, step: { ...step, statement: sound.statements[2] ?? null } },
      { ...found.evidence, step: { ...step, before: sound.statements[2] ?? null } },
      { ...found.evidence, step: { ...step, changes: Uint8Array.of(1) } },
      { ...found.evidence, previous: null },
      { ...found.evidence, block: { ...found.evidence.block, header: flipped(found.evidence.block.header) } },
    ];
    for (const evidence of spoiled)
      expect(checkEvidence(parseEvidence(formatEvidence(evidence)), FORGER_KEY.key)).toMatchObject({
        holds: false,
      });
  });

  test('but only observes that it was served another list', async () => {
    const honest = sound.with([{ key: a }]);
    const [list] = [honest.lists.get(size) ?? new Uint8Array()];
    await using operator = await serveChain({
      ...honest.view,
      instead: (path, res) => {
        if (path !== `/v1/blocks/${size}/changes`) return honest.view.instead?.(path, res) ?? false;
        res.end(flipped(list));
        return true;
      },
    });
    await using member = await startMember({ upstream: operator.url });
    await until('the refusal', async () =>
      (await member.evidence()).some(({ reason }) => reason === 'changes'),
    );
    expect((await member.evidence()).map(({ evidence }) => evidence)).toEqual([null]);
    operator.view = honest.view;
    await untilCosigned(member, size + 1);
  });
});
