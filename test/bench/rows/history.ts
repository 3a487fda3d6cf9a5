import { NODE, nodeVerifyEd25519, rememberValid } from '../../../src/crypto/primitives.js';
import {
  formatProof,
  parseEvent,
  parseHistory,
  parsePolicy,
  parseProof,
  type Primitives,
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
import { absolute, atMost, compare } from '../harness/figure.js';
import { Spoiled } from '../harness/statistics.js';

const EVENTS = 100;

/** Of each side before it is measured: until its code is optimized. */
const WARM_UP = 20;

/**
 * A record's history of 100 events, against the 100 proof files of the same event notes: both read and verified.
 * First with every signature checked: those of the 100 events and of one checkpoint, against that of the checkpoint
 * 100 times. Then as the command line does, which remembers signatures that were valid: so the proofs have one to
 * check, while each of the events has its own; what those take alone is the last figure.
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
    const verifyFile = (primitives: Primitives) => {
      const { verdict } = verifyHistory({ history: parseHistory(file), policy, primitives });
      if (verdict !== 'verified') throw new Spoiled(`the history is ${verdict}`);
    };
    const verifyProofs = (primitives: Primitives) => {
      for (const text of proofs) {
        const { verdict } = verify({ proof: parseProof(text), document: null, policy, primitives });
        if (verdict !== 'verified') throw new Spoiled(`a proof is ${verdict}`);
      }
    };
    const forgetful = (): Primitives => ({ ...NODE, verifyEd25519: nodeVerifyEd25519 });
    const fresh = (): Primitives => ({
      ...NODE,
      verifyEd25519: rememberValid(nodeVerifyEd25519, EVENTS * 4),
    });
    const runs = bench.quick ? 20 : 100;
    const measure = (verifying: typeof verifyFile, primitives: () => Primitives) =>
      timed(runs, () => {
        verifying(primitives());
      });
    const every = await compare(
      {
        what: `a history of ${EVENTS} events, every signature checked`,
        unit: 'ms',
        ours: 'verifyHistory()',
        yardstick: `verify() of ${EVENTS} proofs, the same`,
        goal: atMost(1.3),
      },
      bench.repetitions,
      measure(verifyFile, forgetful),
      measure(verifyProofs, forgetful),
    );
    const remembering = await compare(
      {
        what: `the same, as the command line does`,
        unit: 'ms',
        ours: 'verifyHistory()',
        yardstick: `verify() of ${EVENTS} proofs: one signature`,
        goal: null,
      },
      bench.repetitions,
      measure(verifyFile, fresh),
      measure(verifyProofs, fresh),
    );
    const signatures = signaturesOf(made);
    const alone = timed(runs, () => {
      for (const [signature, message, key] of signatures) nodeVerifyEd25519(signature, message, key);
    });
    const times: number[] = [];
    for (let i = 0; i < bench.repetitions; i++) times.push(await alone());
    return [
      every,
      remembering,
      absolute({ what: `the signatures of ${EVENTS} events alone`, unit: 'ms', goal: null }, times),
    ];
  },
};

/** Milliseconds per run. */
function timed(runs: number, run: () => void): () => Promise<number> {
  return () => {
    for (let i = 0; i < WARM_UP; i++) run();
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

/** What checks the signature of each event. */
function signaturesOf({ record, records }: History): Parameters<typeof nodeVerifyEd25519>[] {
  return (records.get(record)?.events ?? []).flatMap((event) => {
    if ('automatic' in event) return [];
    const { note } = parseEvent(event.note);
    const [line] = note.signatures;
    const { publicKey } = signer('holder').key;
    return line === undefined ? [] : [[line.signature, utf8(note.text), publicKey]];
  });
}
