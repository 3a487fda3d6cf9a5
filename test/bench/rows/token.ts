import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fromBase64, toBase64 } from '../../../src/proof/index.js';
import { pemOf } from '../../support/openssl.js';
import { loadTokenVectors, tokenBytes, type NamedTokenVector } from '../../vectors/load-tokens.js';
import type { Bench, Row } from '../harness/bench.js';
import { run, runJob } from '../harness/child.js';
import { atMost, compared, type Figure } from '../harness/figure.js';
import { Spoiled, type Pair } from '../harness/statistics.js';

const KEYS = { plain: 'P-256', rsa: 'RSA' } as const;

/**
 * One time-stamp token of a file judged by the portable code that browsers run, against `openssl ts -verify`
 * from the start of its process to the end: the first judgement in a process, and each of many.
 */
export const token: Row = {
  name: 'token',
  async measure(bench) {
    const figures: Figure[] = [];
    for (const name of ['plain', 'rsa'] as const) figures.push(...(await judge(bench, name)));
    return figures;
  },
};

async function judge(bench: Bench, name: keyof typeof KEYS): Promise<Figure[]> {
  const vector = loadTokenVectors('counted').find((each) => each.name === name);
  if (vector === undefined) throw new Spoiled(`there is no vector "${name}"`);
  const argv = await opensslOf(vector, bench.directory);
  const input = {
    token: toBase64(tokenBytes(vector)),
    root: vector.roots[0] ?? '',
    message: Buffer.from(vector.message, 'hex').toString('base64'),
    count: bench.quick ? 100 : 1000,
  };
  const first: Pair[] = [];
  const each: Pair[] = [];
  for (let i = 0; i < bench.repetitions; i++) {
    const ours = await runJob<{ first: number; each: number }>('tokens.ts', input);
    const yardstick = (await run('openssl', argv)).seconds * 1000;
    first.push({ ours: ours.first, yardstick });
    each.push({ ours: ours.each, yardstick });
  }
  const comparison = {
    unit: 'ms' as const,
    ours: 'in portable code',
    yardstick: 'openssl ts -verify, process and all',
    goal: atMost(1),
  };
  const what = `a time-stamp of a key of ${KEYS[name]} judged`;
  return [
    compared({ ...comparison, what: `${what}, the first` }, first),
    compared({ ...comparison, what: `${what}, each of many` }, each),
  ];
}

/** The arguments of the command that judges the vector at the time that its token states. */
async function opensslOf(vector: NamedTokenVector, directory: string): Promise<string[]> {
  const { name, message, roots, expected } = vector;
  if (!('time' in expected)) throw new Spoiled(`the vector "${name}" states no time`);
  const file = async (ending: string, content: Uint8Array | string): Promise<string> => {
    const path = join(directory, `token-${name}.${ending}`);
    await writeFile(path, content);
    return path;
  };
  return [
    ...['ts', '-verify', '-data', await file('data', Buffer.from(message, 'hex'))],
    ...['-in', await file('der', tokenBytes(vector)), '-token_in'],
    ...['-CAfile', await file('pem', roots.map((root) => pemOf(fromBase64(root))).join(''))],
    ...['-attime', String(Date.parse(expected.time) / 1000)],
  ];
}
