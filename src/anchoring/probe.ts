import { randomBytes } from 'node:crypto';
import { toHex, utf8Decode } from '../proof/index.js';
import { parseDrandRound } from '../proof/time/drand.js';
import { tipOf } from './bitcoin-node.js';
import { submitDigest } from './calendar.js';
import { Checker } from './checker.js';
import { reading, requestFrom, SourceError, type Limits } from './request.js';
import type { TimeSources } from './sources.js';
import { RevocationLists, stamp } from './tsa.js';

const PROBE_LENGTH = 32;
const MAX_ROUND_ANSWER = 4096;
/** A person waits for it. */
const PROBE_MS = 5000;

export interface Probe {
  readonly name: string;
  /** Why it gives nothing that counts; null: it does. */
  readonly problem: string | null;
}

/** Asks each time source once for what the service would ask it: a time-stamp of random bytes, a round, a height. */
export async function probeTimeSources(
  { anchors, drand, node }: TimeSources,
  signal: AbortSignal,
): Promise<Probe[]> {
  const limits: Limits = { signal, timeoutMs: PROBE_MS };
  const checker = new Checker();
  const lists = new RevocationLists(checker);
  const message = () => new Uint8Array(randomBytes(PROBE_LENGTH));
  try {
    return await Promise.all([
      ...anchors.map((source) =>
        probe(source.name, () =>
          source.type === 'tsa'
            ? stamp(source, message(), checker, lists, limits)
            : submitDigest(source, message(), limits),
        ),
      ),
      ...(drand === null
        ? []
        : [
            probe('drand', async () => {
              const url = `${drand.url}/${toHex(drand.chain.hash)}/public/latest`;
              const { body } = await requestFrom(url, { limit: MAX_ROUND_ANSWER, ...limits });
              const round = reading(() => parseDrandRound(utf8Decode(body)));
              if (!(await checker.round({ chain: drand.chain, round })))
                throw new SourceError('wrong_answer', `the signature of round ${round.round} is not valid`);
            }),
          ]),
      ...(node === null ? [] : [probe(node.name, () => tipOf(node, limits))]),
    ]);
  } finally {
    await checker.close();
  }
}

async function probe(name: string, ask: () => Promise<unknown>): Promise<Probe> {
  try {
    await ask();
    return { name, problem: null };
  } catch (error) {
    if (error instanceof SourceError) return { name, problem: error.message };
    throw error;
  }
}
