import { readdir, readFile } from 'node:fs/promises';
import { Spoiled } from './statistics.js';

/** The process that started this one. Linux only, like all of this file. @throws {Spoiled} when there is none */
export async function parentOf(pid: number): Promise<number> {
  const parent = /^PPid:\s+(\d+)$/m.exec(await read(`/proc/${pid}/status`))?.[1];
  if (parent === undefined) throw new Spoiled(`process ${pid} has exited`);
  return Number(parent);
}

/** Memory of a process and all its descendants, in MiB; what several of them map counts once (PSS). */
export async function treeMiB(root: number): Promise<number> {
  let kilobytes = 0;
  for (const pid of await treeOf(root))
    kilobytes += Number(/^Pss:\s+(\d+) kB$/m.exec(await read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
  if (kilobytes === 0) throw new Spoiled(`the memory of process ${root} cannot be read`);
  return kilobytes / 1024;
}

/** Open descriptors of a process and all its descendants. */
export async function descriptorsOfTree(root: number): Promise<number> {
  let count = 0;
  for (const pid of await treeOf(root)) {
    const open = await readdir(`/proc/${pid}/fd`).catch(() => []);
    count += open.length;
  }
  if (count === 0) throw new Spoiled(`the descriptors of process ${root} cannot be read`);
  return count;
}

async function treeOf(root: number): Promise<number[]> {
  const children = new Map<number, number[]>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = /^PPid:\s+(\d+)$/m.exec(await read(`/proc/${name}/status`))?.[1];
    children.set(Number(parent), [...(children.get(Number(parent)) ?? []), Number(name)]);
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

/** Empty for a process that has exited. */
async function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
