import { describe, expect, it } from 'vitest';
import {
  extendProof,
  formatProof,
  fromBase64,
  parsePolicy,
  parseProof,
  PENDING_FORMAT,
  type Anchor,
  type ProofFile,
} from '../../src/proof/index.js';
import { judgeAnchors } from '../../src/proof/time/anchors.js';
import { loadVectors, proofBytes } from '../vectors/load.js';

function vector(name: string, folder: 'valid' | 'time' = 'valid') {
  const found = loadVectors(folder).find((each) => each.name === name);
  const proof = found === undefined ? null : parseProof(proofBytes(found));
  if (proof === null || proof.format === PENDING_FORMAT) return expect.fail(`there is no proof ${name}`);
  const crls = (found?.crls ?? []).map((list) => fromBase64(list));
  return { proof, policy: parsePolicy(typeof found?.trust === 'string' ? found.trust : ''), crls };
}

const { proof: three, policy } = vector('cosigned-3-of-3');
const names = three.log.note.signatures.map(({ name }) => name);
/** The proof with the signatures of the log and of so many members. */
const cosignedBy = (count: number): ProofFile => {
  const { log } = three;
  const { origin } = log.checkpoint;
  const signatures = [
    ...log.note.signatures.filter(({ name }) => name === origin),
    ...log.note.signatures.filter(({ name }) => name !== origin).slice(0, count),
  ];
  return { ...three, log: { ...log, note: { ...log.note, signatures } } };
};
const token = (text: string, more: object = {}): Anchor => ({ type: 'rfc3161', token: text, ...more });
const written = (proof: ProofFile | null) => (proof === null ? null : formatProof(proof));

describe('a proof and a later copy of it', () => {
  it('gives the checkpoint that more members have cosigned', () => {
    expect(names).toHaveLength(4);
    expect(written(extendProof(cosignedBy(1), three, { policy }))).toBe(formatProof(three));
    expect(extendProof(three, three, { policy })).toBeNull();
  });

  it('keeps the checkpoint of the proof if the copy lacks one of its cosignatures', () => {
    const { log } = three;
    const [own, ...members] = log.note.signatures;
    const others = {
      ...three,
      log: { ...log, note: { ...log.note, signatures: [own, ...members.slice(1)] } },
    };
    expect(extendProof(cosignedBy(1), others as ProofFile, { policy })).toBeNull();
    expect(extendProof(three, cosignedBy(2), { policy })).toBeNull();
  });

  it('does not count cosignatures of strangers: without a policy the checkpoint stays', () => {
    expect(extendProof(cosignedBy(1), three, { policy: null })).toBeNull();
    const [own, first] = cosignedBy(1).log.note.signatures;
    const forged = { ...first, signature: new Uint8Array(72) };
    const note = { ...three.log.note, signatures: [own, forged] } as ProofFile['log']['note'];
    const copy = { ...three, log: { ...three.log, note } };
    expect(extendProof(cosignedBy(0), copy, { policy })).toBeNull();
  });

  it('keeps the checkpoint of the proof if that of the copy does not contain its block', () => {
    const elsewhere = { ...three, log: { ...three.log, path: three.log.path.slice(1) } };
    expect(extendProof(cosignedBy(1), elsewhere, { policy })).toBeNull();
  });

  it('adds anchors, takes those with more renewals, and drops none', () => {
    const renewed = token('a', { renewals: [1] });
    const own = { ...three, anchors: [token('a', { renewals: [] }), token('own')] };
    const later = { ...three, anchors: [renewed, token('new')] };
    const extended = extendProof(own, later, { policy });
    expect(extended?.anchors).toEqual([renewed, token('own'), token('new')]);
    expect(extended?.log).toBe(own.log);
    expect(extendProof(later, { ...three, anchors: [token('a')] }, { policy })).toBeNull();
  });

  it('keeps both of two anchors about the same evidence when neither goes on from the other', () => {
    const own = { ...three, anchors: [token('a', { renewals: [1], note: 'own' })] };
    const others = [
      token('a', { renewals: [2, 3], note: 'own' }),
      token('a', { renewals: [1, 2], note: 'else' }),
    ];
    const extended = extendProof(own, { ...three, anchors: others }, { policy });
    expect(extended?.anchors).toEqual([...own.anchors, ...others]);
    expect(extendProof(extended ?? own, { ...three, anchors: others }, { policy })).toBeNull();
  });

  it('takes no anchors that keep its own from counting', () => {
    const { proof, policy: trust, crls } = vector('renewed-before-the-leak', 'time');
    const time = { judge: judgeAnchors, now: Date.parse('2031-05-01T00:00:00Z'), crls };
    const [own = {} as Anchor] = proof.anchors;
    const renewals = own['renewals'] as readonly object[];
    const junk = { size: 1, index: 0, path: [], renewedCrls: [], token: '', crls: [] };
    const copy = (count: number) => ({
      ...proof,
      anchors: [{ ...own, renewals: [...renewals, ...Array<object>(count).fill(junk)] } as Anchor],
    });
    expect(extendProof(proof, copy(1), { policy: trust, time })?.anchors).toEqual(copy(1).anchors);
    expect(extendProof(proof, copy(40), { policy: trust, time })).toBeNull();
  });

  it('never becomes longer than a proof may be', () => {
    const long = [token('x'.repeat(600_000)), token('y'.repeat(600_000)), token('z')];
    const extended = extendProof(three, { ...three, anchors: long }, { policy });
    expect(extended?.anchors).toEqual([long[0], long[2]]);
  });

  it('never has more anchors than a proof may', () => {
    const many = (from: number) => Array.from({ length: 60 }, (_, i) => token(String(from + i)));
    const extended = extendProof({ ...three, anchors: many(0) }, { ...three, anchors: many(60) }, { policy });
    expect(extended?.anchors).toHaveLength(64);
    expect(extended?.anchors.slice(0, 60)).toEqual(many(0));
  });
});
