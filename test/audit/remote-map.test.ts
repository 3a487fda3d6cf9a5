import { describe, expect, test } from 'vitest';
import { auditLog } from '../../src/audit/remote.js';
import { remoteLog } from '../../src/member/remote-log.js';
import { policyOfKeys, toHex } from '../../src/proof/index.js';
import { EMPTY_MAP_ROOT } from '../../src/proof/map.js';
import { FORGER_KEY, serveChain, type View } from '../support/forger.js';
import { Operator, random } from '../support/record-operator.js';

/** What the audit of a served log finds, one text each. */
async function findings(view: View): Promise<string[]> {
  await using operator = await serveChain(view);
  const source = remoteLog(operator.url, 10_000, new AbortController().signal);
  const found: string[] = [];
  for await (const { where, what, found: value } of auditLog({
    source,
    policy: policyOfKeys([FORGER_KEY.key]),
  }))
    found.push(`${where}: ${what}: ${value}`);
  return found;
}

const [a, b, c] = [random(), random(), random()];
const begun = Operator.EMPTY.with([])
  .with([{ key: a }])
  .with([{ key: b }])
  .with([]);
const sound = begun.with([{ key: c }, { key: a, automatic: begun.automatic(a) }]);
const size = sound.chain.size;
const factOf = (key: Uint8Array, value = sound.valueOf(key)) => `record ${toHex(key)} ${toHex(value)}`;

test('the audit of a served log recomputes the map of its records', async () => {
  expect(await findings(sound.view)).toEqual([]);
  // One rests on the other, as it is after the signed event of the block.
  const signed = sound.with([{ key: c }]);
  const facts = [factOf(c, signed.valueOf(c))];
  const more = sound.with(
    [{ key: c }, { key: a, automatic: sound.automatic(a, { sequence: 2, facts }) }],
    {},
    {
      second: signed.chain.blocks.at(-1)?.leaves[1] ?? random(),
    },
  );
  expect(await findings(more.view)).toEqual([]);
});

describe('it finds a log', () => {
  test.each<readonly [string, string, Operator]>([
    ['that gives a record the value of no event', 'wrong_value', sound.with([{ key: a, value: random() }])],
    ['that names a leaf which the block does not have', 'wrong_value', sound.with([{ key: a, index: 3 }])],
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
  ])('%s', async (_, fault, forged) => {
    // What comes after follows from nothing, and is not named.
    expect(await findings(forged.with([{ key: b }]).view)).toEqual([`block ${size}: map: ${fault}`]);
  });

  test('that lets something rest on what was not so', async () => {
    const value = random();
    const text = sound.automatic(a, { sequence: 2, facts: [factOf(b, value)] });
    const forged = sound.with([{ key: a, automatic: text }]);
    expect(await findings(forged.view)).toEqual([
      `block ${size}: automatic event of record ${toHex(a)}: ${toHex(value)}`,
    ]);
    // The value before a signed event of the block.
    const stale = sound.automatic(a, { sequence: 2, facts: [factOf(b)] });
    expect(await findings(sound.with([{ key: b }, { key: a, automatic: stale }]).view)).toHaveLength(1);
    expect(await findings(sound.with([{ key: a, automatic: stale }]).view)).toEqual([]);
  });

  test.each([
    ['another change list', (path: string) => path.endsWith('/changes'), `block ${size}: changes: `],
    [
      'other leaf hashes',
      (path: string) => path.startsWith('/v1/leaves'),
      'block 1: leaves: others, or none',
    ],
  ])('that serves %s', async (_, isIt, expected) => {
    const { view } = sound.with([{ key: a }]);
    const found = await findings({
      ...view,
      instead: (path, res) => {
        if (!isIt(path) || (path.endsWith('/changes') && !path.includes(`/${size}/`)))
          return view.instead?.(path, res) ?? false;
        res.end(Buffer.alloc(96));
        return true;
      },
    });
    expect(found).toEqual([expect.stringContaining(expected)]);
  });
});
