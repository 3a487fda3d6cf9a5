import { createHash } from 'node:crypto';

// Prefix trees, from their definition: all leaves at once, and no code of the service.

interface WrittenPath {
  readonly siblings: readonly string[];
  readonly leaf: { readonly key: string; readonly value: string } | null;
}

export interface MapVector {
  readonly about: string;
  readonly root: string;
  readonly key: string;
  readonly path: WrittenPath;
  /** `present` has the value; `malformed`: no map has such a path for this key. */
  readonly expected: 'present' | 'absent' | 'wrong_root' | 'malformed';
  readonly value?: string;
}

export interface MapVectors {
  readonly roots: readonly { readonly about: string; readonly leaves: readonly (readonly [key: string, value: string])[]; readonly root: string }[];
  readonly lookUps: Record<string, MapVector>;
}

type Leaf = readonly [key: string, value: string];

const ZERO = '00'.repeat(32);
const sha256 = (hex: string) => createHash('sha256').update(Buffer.from(hex, 'hex')).digest('hex');
const named = (name: string) => sha256(Buffer.from(name).toString('hex'));
const bit = (key: string, depth: number) => (Number.parseInt(key.charAt(Math.floor(depth / 4)), 16) >> (3 - (depth % 4))) & 1;

function rootOf(leaves: readonly Leaf[], depth = 0): string {
  const [first] = leaves;
  if (first === undefined) return ZERO;
  if (leaves.length === 1) return sha256(`00${first[0]}${first[1]}`);
  return sha256(`01${[0, 1].map((side) => rootOf(leaves.filter(([key]) => bit(key, depth) === side), depth + 1)).join('')}`);
}

function pathOf(leaves: readonly Leaf[], key: string, depth = 0): WrittenPath {
  const [first] = leaves;
  if (leaves.length < 2) return { siblings: [], leaf: first === undefined ? null : { key: first[0], value: first[1] } };
  const side = bit(key, depth);
  const below = pathOf(leaves.filter(([each]) => bit(each, depth) === side), key, depth + 1);
  return { siblings: [...below.siblings, rootOf(leaves.filter(([each]) => bit(each, depth) !== side), depth + 1)], leaf: below.leaf };
}

const leavesOf = (count: number): Leaf[] => Array.from({ length: count }, (_, i) => [named(`key ${i}`), named(`value ${i}`)]);
const flip = (hex: string, at = 0) => `${hex.slice(0, at)}${(Number.parseInt(hex.charAt(at), 16) ^ 1).toString(16)}${hex.slice(at + 1)}`;

/** Two keys that differ in their last bit only. */
const TWINS: Leaf[] = [['ab'.repeat(31) + '00', named('left')], ['ab'.repeat(31) + '01', named('right')]];
/** Keys under the same first 8 bits: seven children that are not there on the way. */
const CLOSE: Leaf[] = [[`00${'11'.repeat(31)}`, named('a')], [`00${'91'.repeat(31)}`, named('b')]];

export function mapVectors(): MapVectors {
  const sets: readonly (readonly [about: string, leaves: readonly Leaf[]])[] = [
    ['no keys', []],
    ['one key: the root is its leaf', leavesOf(1)],
    ['two keys', leavesOf(2)],
    ['three keys', leavesOf(3)],
    ['seven keys', leavesOf(7)],
    ['fifty keys', leavesOf(50)],
    ['keys that differ in the last bit', TWINS],
    ['keys that differ in the last bit, and another', [...TWINS, [named('other'), named('value')]]],
    ['keys with the same first bits', CLOSE],
    ['the first and the last key', [[ZERO, ZERO], ['ff'.repeat(32), 'ff'.repeat(32)]]],
  ];
  return {
    roots: sets.map(([about, leaves]) => ({ about, leaves, root: rootOf(leaves) })),
    lookUps: { ...good(), ...broken() },
  };
}

function lookUp(about: string, leaves: readonly Leaf[], key: string): MapVector {
  const value = leaves.find(([each]) => each === key)?.[1];
  return { about, root: rootOf(leaves), key, path: pathOf(leaves, key), expected: value === undefined ? 'absent' : 'present', ...(value === undefined ? {} : { value }) };
}

function good(): Record<string, MapVector> {
  const fifty = leavesOf(50);
  const [twin = ['', '']] = TWINS;
  const absent = Array.from({ length: 400 }, (_, i) => named(`absent ${i}`));
  const beside = absent.find((key) => pathOf(fifty, key).leaf === null) ?? '';
  const other = absent.find((key) => pathOf(fifty, key).leaf !== null) ?? '';
  return {
    'present-alone': lookUp('the only key', leavesOf(1), named('key 0')),
    'present-of-two': lookUp('one of two keys', leavesOf(2), named('key 1')),
    'present-of-fifty': lookUp('one of fifty keys', fifty, named('key 31')),
    'present-deepest': lookUp('a path of 256 hashes', TWINS, twin[0]),
    'present-first': lookUp('a key and a value of zeros', [[ZERO, ZERO], ...fifty], ZERO),
    'absent-empty': lookUp('the empty map', [], named('key 0')),
    'absent-other-alone': lookUp('the only key is another', leavesOf(1), named('key 1')),
    'absent-other': lookUp('another leaf at the place', fifty, other),
    'absent-no-child': lookUp('no child at the place', fifty, beside),
    'absent-twin': lookUp('a key that differs from another in the last bit', [TWINS[0] ?? ['', ''], ...leavesOf(3)], TWINS[1]?.[0] ?? ''),
    'absent-close': lookUp('no child, seven levels below the root', CLOSE, `01${'11'.repeat(31)}`),
    'absent-between-twins': lookUp('no child, 255 levels below the root', TWINS, 'ab'.repeat(31) + '02'),
  };
}

function broken(): Record<string, MapVector> {
  const fifty = leavesOf(50);
  // All of its siblings are there.
  const present = fifty.map(([key]) => lookUp('', fifty, key)).find(({ path }) => path.siblings.length > 4 && !path.siblings.includes(ZERO)) ?? lookUp('', fifty, ZERO);
  const absentKey = Array.from({ length: 400 }, (_, i) => named(`absent ${i}`));
  const other = lookUp('', fifty, absentKey.find((key) => pathOf(fifty, key).leaf !== null) ?? '');
  const noChild = lookUp('', fifty, absentKey.find((key) => pathOf(fifty, key).leaf === null) ?? '');
  const twin = lookUp('', TWINS, TWINS[0]?.[0] ?? '');
  const leaf = present.path.leaf ?? { key: '', value: '' };
  const otherLeaf = other.path.leaf ?? { key: '', value: '' };
  const changed = (about: string, from: MapVector, path: Partial<WrittenPath>, expected: MapVector['expected'] = 'wrong_root', more: Partial<MapVector> = {}): MapVector => ({
    about,
    root: from.root,
    key: from.key,
    path: { ...from.path, ...path },
    expected,
    ...more,
  });
  const siblings = (from: MapVector, edit: (all: readonly string[]) => readonly string[]) => ({ siblings: edit(from.path.siblings) });
  return {
    'value-changed': changed('another value', present, { leaf: { ...leaf, value: flip(leaf.value, 63) } }),
    'value-of-another': changed('the value of another key', present, { leaf: { ...leaf, value: fifty.find(([key]) => key !== leaf.key)?.[1] ?? '' } }),
    'value-and-key-swapped': changed('key and value swapped', present, { leaf: { key: leaf.value, value: leaf.key } }, 'malformed'),
    'leaf-dropped': changed('a key that is there, said to be absent', present, { leaf: null }),
    'leaf-of-another-key': changed('a key that is there, hidden behind another leaf', present, { leaf: { key: flip(leaf.key, 63), value: leaf.value } }),
    'leaf-elsewhere': changed('a leaf from another place', present, { leaf: { key: flip(leaf.key), value: leaf.value } }, 'malformed'),
    'leaf-elsewhere-first-bit': changed('a leaf from the other half', other, { leaf: { key: (Number.parseInt(otherLeaf.key.charAt(0), 16) ^ 8).toString(16) + otherLeaf.key.slice(1), value: otherLeaf.value } }, 'malformed'),
    'leaf-added': changed('a leaf where no child is', noChild, { leaf: { key: noChild.key, value: ZERO } }),
    'leaf-added-alone': { about: 'a leaf in the empty map', root: ZERO, key: named('key 0'), path: { siblings: [], leaf: { key: named('key 0'), value: ZERO } }, expected: 'wrong_root' },
    'sibling-changed-deepest': changed('one bit of the deepest hash', present, siblings(present, ([first = '', ...rest]) => [flip(first, 63), ...rest])),
    'sibling-changed-highest': changed('one bit of the highest hash', present, siblings(present, (all) => [...all.slice(0, -1), flip(all.at(-1) ?? '', 63)])),
    'siblings-swapped': changed('two hashes swapped', present, siblings(present, ([a = '', b = '', ...rest]) => [b, a, ...rest])),
    'siblings-reversed': changed('the highest first', present, siblings(present, (all) => all.toReversed())),
    'sibling-dropped-deepest': changed('without the deepest hash', present, siblings(present, (all) => all.slice(1))),
    'sibling-dropped-highest': changed('without the highest hash', present, siblings(present, (all) => all.slice(0, -1))),
    'siblings-dropped': changed('without hashes', present, { siblings: [] }),
    'sibling-doubled': changed('the deepest hash twice', present, siblings(present, (all) => [all[0] ?? '', ...all])),
    'sibling-added-above': changed('a hash too many', present, siblings(present, (all) => [...all, named('more')])),
    'sibling-zero-deepest': changed('a leaf beside no child: it would be further up', present, siblings(present, (all) => [ZERO, ...all]), 'malformed'),
    'sibling-zero-deepest-absent': changed('no child beside no child', noChild, siblings(noChild, (all) => [ZERO, ...all]), 'malformed'),
    'sibling-zero-only': { about: 'one leaf under a root of its own', root: sha256(`01${sha256(`00${ZERO}${ZERO}`)}${ZERO}`), key: ZERO, path: { siblings: [ZERO], leaf: { key: ZERO, value: ZERO } }, expected: 'malformed' },
    'sibling-zero-higher': changed('a subtree that is there, said not to be', present, siblings(present, ([first = '', , ...rest]) => [first, ZERO, ...rest])),
    'sibling-cut': changed('a hash of 31 bytes', present, siblings(present, ([first = '', ...rest]) => [first.slice(2), ...rest]), 'malformed'),
    'sibling-empty': changed('a hash of no bytes', present, siblings(present, ([, ...rest]) => ['', ...rest]), 'malformed'),
    'siblings-257': changed('257 hashes', twin, siblings(twin, (all) => [...all, named('more')]), 'malformed'),
    'siblings-256-absent': changed('no child at the 256th level', twin, { leaf: null }, 'malformed'),
    'siblings-300': changed('300 hashes', present, { siblings: Array.from({ length: 300 }, () => named('x')) }, 'malformed'),
    'key-cut': changed('a key of 31 bytes', present, {}, 'malformed', { key: present.key.slice(2) }),
    'key-empty': changed('a key of no bytes', present, {}, 'malformed', { key: '' }),
    'key-of-another': changed('the path of another key', present, {}, 'malformed', { key: flip(present.key) }),
    'leaf-key-cut': changed('a leaf with a key of 31 bytes', present, { leaf: { ...leaf, key: leaf.key.slice(2) } }, 'malformed'),
    'leaf-value-longer': changed('a leaf with a value of 33 bytes', present, { leaf: { ...leaf, value: `${leaf.value}00` } }, 'malformed'),
    'boundary-moved': changed('key and value cut elsewhere', present, { leaf: { key: leaf.key + leaf.value.slice(0, 2), value: leaf.value.slice(2) } }, 'malformed'),
    'root-of-another-map': { ...present, about: 'an older map', root: rootOf(leavesOf(49)), expected: 'wrong_root' },
    'root-zero': { ...present, about: 'the empty map', root: ZERO, expected: 'wrong_root' },
    'root-empty-rfc6962': { ...lookUp('the empty tree of RFC 6962 is another', [], named('key 0')), root: sha256(''), expected: 'wrong_root' },
    'node-as-leaf': { about: 'a parent given as a leaf', root: present.root, key: present.key, path: { siblings: present.path.siblings.slice(1), leaf: { key: present.key, value: present.path.siblings[0] ?? '' } }, expected: 'wrong_root' },
  };
}
