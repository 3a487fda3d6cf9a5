// Updates of a map of many records in memory, and as many hashes of nodes as each of them needs.
import { hash, randomBytes } from 'node:crypto';
import { nodeSha256, sha256Into } from '../../../src/crypto/primitives.js';
import { type ReadMapPages, readMapPath, updateMap } from '../../../src/merkle/map-pages.js';
import { EMPTY_MAP_ROOT, type MapLeaf } from '../../../src/proof/map.js';

const { records, updates, rounds } = JSON.parse(process.argv[2] ?? '') as {
  records: number;
  updates: number;
  rounds: number;
};
const AT_ONCE = 50_000;
/** In one measurement: one alone depends on whether garbage is collected in it. */
const TIMES = 10;

const pages = new Map<string, Uint8Array>();
const read: ReadMapPages = (prefixes) => Promise.resolve(prefixes.map((prefix) => pages.get(prefix) ?? null));
const keys: Uint8Array[] = [];
let root: Uint8Array = EMPTY_MAP_ROOT;
for (let at = 0; at < records; at += AT_ONCE) {
  const leaves = Array.from({ length: Math.min(AT_ONCE, records - at) }, () => ({
    key: randomBytes(32),
    value: randomBytes(32),
  }));
  const updated = await updateMap(read, root, leaves);
  root = updated.root;
  for (const { prefix, page } of updated.pages) pages.set(prefix, page);
  keys.push(...leaves.map(({ key }) => key));
}
const pairs: { ours: number; yardstick: number }[] = [];
const paths: number[] = [];
for (let round = 0; round < rounds; round++) {
  let hashes = 0;
  const counting = (data: Uint8Array, target: Uint8Array, offset: number) => {
    hashes++;
    sha256Into(data, target, offset);
  };
  const leaves = some(updates);
  await updateMap(read, root, leaves, counting);
  const ours = await seconds(async () => {
    for (let time = 0; time < TIMES; time++) await updateMap(read, root, leaves);
  });
  const node = randomBytes(65);
  const yardstick = await seconds(() => {
    for (let i = 0; i < TIMES * hashes; i++) {
      node.writeUInt32LE(i, 1);
      hash('sha256', node, 'binary');
    }
    return Promise.resolve();
  });
  pairs.push({ ours: ours / TIMES, yardstick: yardstick / TIMES });
  const asked = some(100);
  const took = await seconds(async () => {
    for (const { key } of asked) await readMapPath(read, root, key, nodeSha256);
  });
  paths.push((took / asked.length) * 1000);
}
let bytes = 0;
for (const page of pages.values()) bytes += page.length;
console.log(JSON.stringify({ pairs, paths, pageBytes: bytes }));

async function seconds(run: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await run();
  return (performance.now() - started) / 1000;
}

/** New values for as many records, each once. */
function some(count: number): MapLeaf[] {
  const step = Math.floor(keys.length / count);
  const from = Math.floor(Math.random() * step);
  return Array.from({ length: count }, (_, i) => ({
    key: keys[from + i * step] ?? randomBytes(32),
    value: randomBytes(32),
  }));
}
