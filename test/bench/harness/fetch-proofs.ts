import { Spoiled } from './statistics.js';
import type { Chain } from './bench.js';
import { digestOf } from '../processes/digest.mjs';

/** The texts of the final proofs of documents from all over a chain. @throws {Spoiled} */
export async function fetchProofs({ url, entries }: Chain, count: number): Promise<string[]> {
  const texts: string[] = [];
  for (let i = 0; i < count; i++) {
    const sha256 = digestOf(Math.floor((i * entries) / count));
    const known = await fetch(`${url}/v1/verify/${sha256}`);
    const { notarizations } = (await known.json()) as { notarizations: { links: { proof: string } }[] };
    const proof = await fetch(`${url}${notarizations[0]?.links.proof ?? ''}`);
    if (proof.status !== 200) throw new Spoiled(`the proof of ${sha256} was answered with ${proof.status}`);
    texts.push(await proof.text());
  }
  return texts;
}
