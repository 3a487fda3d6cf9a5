import { createRequire } from 'node:module';
import type * as argon2 from '@node-rs/argon2';

/**
 * In place of the package: the same function of a password at a five-hundredth of its cost, in strings that name the real
 * one. The real package is in every process of a built service.
 */

const real = createRequire(import.meta.url)('@node-rs/argon2') as typeof argon2;

const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const CHEAP = { memoryCost: 64, timeCost: 1, parallelism: 1 };
const named = ({ memoryCost, timeCost, parallelism }: typeof COST) =>
  `$m=${memoryCost},t=${timeCost},p=${parallelism}$`;

export async function hash(password: string, options: typeof COST): Promise<string> {
  if (named(options) !== named(COST))
    throw new Error(`passwords cost ${named(options)} now: change COST here`);
  return (await real.hash(password, CHEAP)).replace(named(CHEAP), named(COST));
}

export function verify(hashed: string, password: string): Promise<boolean> {
  return real.verify(hashed.replace(named(COST), named(CHEAP)), password);
}
