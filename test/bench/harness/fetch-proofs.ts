import { Spoiled } from './statistics.js';
import type { Chain } from './bench.js';
import { digestOf } from '../processes/digest.mjs';

/** Addresses of the proofs of documents from the whole length of a chain. */
export async function proofPaths({ url, entries }: Chain, count: number): Promise<string[]> {
  const paths: string[] = [];
  for (let i = 0; i < count; i++) {
    const sha256 = digestOf(Math.floor((i * entries) / count));
    const known = await fetch(`${url}/v1/verify/${sha256}`);
    const { notarizations } = (await known.json()) as { notarizations: { links: { proof: string } }[] };
    const [first] = notarizations;
    if (first === undefined) throw new Spoiled(`the service does not know ${sha256}`);
    paths.push(first.links.proof);
  }
  return paths;
}

/** The texts of the final proofs at these addresses. @throws {Spoiled} */
export async function fetchProofs(chain: Chain, count: number): Promise<string[]> {
  const texts: string[] = [];
  for (const path of await proofPaths(chain, count)) {
    const proof = await fetch(`${chain.url}${path}`);
    if (proof.status !== 200) throw new Spoiled(`${path} returned ${proof.status}`);
    texts.push(await proof.text());
  }
  return texts;
}
