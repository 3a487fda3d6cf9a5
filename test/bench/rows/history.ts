import { NODE } from '../../../src/crypto/primitives.js';
import {
  formatProof,
  parseHistory,
  parsePolicy,
  parseProof,
  PROOF_FORMAT,
  toHex,
  utf8,
  verify,
} from '../../../src/proof/index.js';
import { formatHistory, type History } from '../../../src/proof/records/history-file.js';
import { verifyHistory } from '../../../src/proof/records/history.js';
import { signer, TRUST, vkey } from '../../vectors/make/keys.js';
import { World } from '../../vectors/make/records/world.js';
import type { Row } from '../harness/bench.js';
import { atMost, compare } from '../harness/figure.js';
import { Spoiled } from '../harness/statistics.js';

const EVENTS = 100;

/**
 * A record's history of 100 events, against the 100 proof files of the same event notes: both read and verified,
 * with every signature checked. The history has one checkpoint for all, but checks who signed each event, and
 * plays the rules.
 */
export const history: Row = {
  name: 'history',
  async measure(bench) {
    const world = new World(8);
    const holder = signer('holder');
    const document = (text: string) => ({ sha256: toHex(utf8(text.padStart(32, '0'))) });
    const record = world.play({
      type: 'document.create',
      body: { document: document('0'), holder: vkey(holder) },
      by: [holder],
    });
    for (let i = 1; i < EVENTS; i++) {
      world.play({ type: 'document.version', record, body: { document: document(`${i}`) }, by: [holder] });
    }
    const made = world.history(record);
    const file = utf8(formatHistory(made));
    const proofs = proofsOf(made);
    const policy = parsePolicy(TRUST);
    const runs = bench.quick ? 5 : 50;
    const figure = await compare(
      {
        what: `a history of ${EVENTS} events`,
        unit: 'ms',
        ours: 'verifyHistory()',
        yardstick: `verify() of ${EVENTS} proofs`,
        goal: atMost(1.3),
      },
      bench.repetitions,
      timed(runs, () => {
        const { verdict } = verifyHistory({ history: parseHistory(file), policy, primitives: NODE });
        if (verdict !== 'verified') throw new Spoiled(`the history is ${verdict}`);
      }),
      timed(runs, () => {
        for (const text of proofs) {
          const { verdict } = verify({ proof: parseProof(text), document: null, policy, primitives: NODE });
          if (verdict !== 'verified') throw new Spoiled(`a proof is ${verdict}`);
        }
      }),
    );
    return [figure];
  },
};

/** Milliseconds per run. */
function timed(runs: number, run: () => void): () => Promise<number> {
  return () => {
    const start = performance.now();
    for (let i = 0; i < runs; i++) run();
    return Promise.resolve((performance.now() - start) / runs);
  };
}

/** The proof file of each signed event. */
function proofsOf({ record, records, blocks, log }: History): Uint8Array[] {
  return (records.get(record)?.events ?? []).flatMap((event) => {
    if ('automatic' in event) return [];
    const block = blocks.find(({ header }) => header.height === event.height);
    if (block === undefined) throw new RangeError('a block is missing');
    const { entry, index, path, body } = event;
    const text = formatProof({
      format: PROOF_FORMAT,
      document: { sha256: entry.digest, ...(entry.size === null ? {} : { size: entry.size }) },
      entry,
      ...(body === null ? {} : { details: body }),
      block: { header: block.header, index, path },
      log: { ...log, path: block.path },
      anchors: [],
    });
    return [utf8(text)];
  });
}
