import { describe, expect, it } from 'vitest';
import {
  concat,
  formatAnchor,
  parsePolicy,
  parseProof,
  PORTABLE,
  readAnchor,
  sha256,
  toBase64,
  utf8,
  verify,
  type Anchor,
  type ProofFile,
} from '../../../src/proof/index.js';
import { judgeAnchors, judgeAnchorsOf } from '../../../src/proof/time/anchors.js';
import { REGTEST } from '../../../src/proof/time/bitcoin.js';
import { after } from '../../../src/proof/time/ots-tree.js';
import { formatOts } from '../../../src/proof/time/ots.js';
import { verifyVector } from '../../vectors/judge.js';
import { loadVectors, proofBytes } from '../../vectors/load.js';
import { makeLog } from '../../vectors/make/chain.js';
import { TRUST } from '../../vectors/make/keys.js';
import { unionMembers } from '../union-members.js';
import { mineAfter } from './mining.js';

const vectors = loadVectors('time');
const vector = (wanted: string) => {
  const found = vectors.find(({ name }) => name === wanted);
  if (found === undefined) throw new Error(`no vector ${wanted}`);
  return found;
};
const timeOf = (name: string) => verifyVector(vector(name)).time;

describe('the anchors of a proof', () => {
  it('have vectors for each reason that is not one of a token, a header or a beacon', () => {
    const stated = vectors.flatMap(({ expected }) =>
      'error' in expected ? [] : (expected.time?.anchors ?? []),
    );
    const faults = new Set(stated.flatMap((each) => ('fault' in each ? [each.fault] : [])));
    const own = unionMembers('time/findings.ts', 'AnchorFault');
    expect(own).toContain('note_path_mismatch');
    const inRenewals = ['renewal_path_mismatch'];
    for (const fault of own.filter((each) => !inRenewals.includes(each))) expect(faults).toContain(fault);
    const counting = vectors.filter(
      ({ expected }) => !('error' in expected) && expected.time?.anchors.some((each) => 'time' in each),
    );
    expect(vectors.length).toBeGreaterThan(2 * counting.length);
  });

  it('never turn a verified proof into an invalid one', () => {
    for (const { expected, name } of vectors) {
      if ('error' in expected || expected.verdict !== 'invalid') continue;
      expect([name, expected.failed[0]?.code]).toEqual(['invalid-with-anchor', 'document_digest_mismatch']);
    }
  });

  it('are not looked at without their judge: then nothing counts, and the result says so', () => {
    const demanding = vector('two-tokens-demanded');
    const proof = parseProof(proofBytes(demanding));
    const { verdict, time, steps } = verify({
      proof,
      document: null,
      policy: parsePolicy(demanding.trust ?? ''),
    });
    expect({ verdict, time }).toEqual({ verdict: 'untrusted', time: null });
    expect(steps.at(-1)).toMatchObject({
      number: 10,
      code: 'time_missing',
      expected: '2 independent sources',
      computed: '0',
    });
  });

  it('are none in a proof without anchors, also without a judge', () => {
    const { time } = verify({ proof: makeLog({}).proof, document: null, policy: null });
    expect(time).toEqual({ anchors: [], notBefore: null, notAfter: null, owners: [], conflict: null });
  });

  it('are read and written', () => {
    const all = vectors.flatMap((each) => {
      const proof = parseProof(proofBytes(each));
      return 'anchors' in proof ? proof.anchors : [];
    });
    let known = 0;
    for (const anchor of all) {
      const read = readOrNull(anchor);
      if (read === null) continue;
      known++;
      expect(formatAnchor(read)).toEqual(anchor);
    }
    expect(known).toBeGreaterThan(100);
  });
});

function readOrNull(anchor: Anchor) {
  try {
    return readAnchor(anchor);
  } catch {
    return null;
  }
}

describe('in 2031, when the certificate of an authority has ended and its key was stolen in 2029', () => {
  it('its token counts because another authority renewed it in 2028', () => {
    const { verdict, time } = verifyVector(vector('renewed-before-the-leak'));
    expect(verdict).toBe('verified');
    expect(time?.owners).toEqual(['seoul']);
    expect(time?.anchors[0]).toMatchObject({
      counts: true,
      basis: {
        type: 'token',
        renewals: 1,
        renewalFault: null,
        validUntil: Date.parse('2040-12-31T23:59:59Z'),
      },
    });
  });

  it('its token does not count without the renewal, and the proof is verified as before', () => {
    const { verdict, time } = verifyVector(vector('not-renewed'));
    expect({ verdict, owners: time?.owners }).toEqual({ verdict: 'verified', owners: [] });
    expect(time?.anchors[0]).toMatchObject({ counts: false, fault: 'revoked' });
  });

  it('says when the certificates ended, when nobody has renewed and no list is at hand', () => {
    expect(timeOf('not-renewed-and-not-known')?.anchors[0]).toMatchObject({
      counts: true,
      basis: { renewals: 0, validUntil: Date.parse('2029-12-31T23:59:59Z') },
    });
  });
});

describe('a renewal that does not count', () => {
  it.each([
    ['renewal-broken-without-leak', 'renewal_path_mismatch', 0],
    ['renewed-twice-second-broken', 'not_der', 1],
  ])('is named: %s', (name, renewalFault, renewals) => {
    expect(timeOf(name)?.anchors[0]).toMatchObject({ counts: true, basis: { renewalFault, renewals } });
  });
});

describe('a Bitcoin header above every pin', () => {
  it('counts by its work and that of the headers behind it, and the verdict says how much', () => {
    const { proof, note } = makeLog({});
    const anchored = note(5);
    const digest = sha256(utf8(anchored.note));
    const nonce = utf8('nonce');
    const timestamp = { attestations: [{ type: 'bitcoin', height: 102 } as const], branches: [] };
    const ots = formatOts({
      digest,
      timestamp: after([{ name: 'append', argument: nonce }, { name: 'sha256' }], timestamp),
    });
    const header = mineAfter(null, { merkleRoot: sha256(concat(digest, nonce)) });
    const following = [mineAfter(header)];
    const anchor = formatAnchor({
      type: 'bitcoin',
      ...anchored,
      ots,
      header,
      height: 102,
      headerPath: [],
      following,
    });
    const policy = parsePolicy(`${TRUST}#bitcoin 101 ${toBase64(sha256(utf8('headers')))}\n`);
    const input = {
      proof: { ...proof, anchors: [anchor] } satisfies ProofFile,
      policy,
      ...PORTABLE,
    };
    expect(judgeAnchorsOf(input, REGTEST).anchors).toMatchObject([
      {
        counts: true,
        source: 'bitcoin',
        basis: { height: 102, standing: { by: 'work', headers: 2, bits: 2 } },
      },
    ]);
    // On the main network it took no work to speak of.
    expect(judgeAnchors(input).anchors).toMatchObject([{ counts: false, fault: 'proof_of_work' }]);
  });
});
