import { sha3_512 } from '@noble/hashes/sha3.js';
import { describe, expect, it } from 'vitest';
import {
  parsePolicy,
  parseProof,
  type ProofFile,
  formatProof,
  fromBase64,
  sha256,
  toBase64,
  utf8,
  verify,
} from '../../../src/proof/index.js';
import { formatDocumentRenewal, type Anchor } from '../../../src/proof/time/anchor.js';
import { judgeAnchors } from '../../../src/proof/time/anchors.js';
import {
  documentRenewalBytes,
  judgeDocumentRenewals,
  type DocumentRenewalInput,
} from '../../../src/proof/time/document-renewal.js';
import { withOpenssl } from '../../support/openssl.js';
import { makeLog } from '../../vectors/make/chain.js';
import { DOC, NOW, POLICY, PROOF, renewal } from '../../vectors/make/document-renewal.js';
import { TRUST } from '../../vectors/make/keys.js';
import {
  ca,
  CA_USAGE,
  certificate,
  crl,
  name,
  REASON,
  ROOT,
  tsa,
} from '../../vectors/make/tokens/certificates.js';
import { ecKey } from '../../vectors/make/tokens/keys.js';
import { unionMembers } from '../union-members.js';

const document = { sha256: sha256(DOC), size: DOC.length, sha3: sha3_512(DOC) };

const withAnchors = (...anchors: Anchor[]): ProofFile => ({ ...PROOF, anchors });
const judge = (anchor: Anchor, change: Partial<DocumentRenewalInput> = {}) =>
  judgeDocumentRenewals({ proof: withAnchors(anchor), document, policy: POLICY, now: NOW, ...change })[0];

const other = makeLog({ blocks: 8, index: 1 }).proof;
const broken = { ...PROOF, block: { ...PROOF.block, path: [] } };
const stranger = certificate({
  subject: name('S'),
  key: ecKey('stranger'),
  issuer: null,
  extensions: [ca(), CA_USAGE],
});

const CASES: readonly [about: string, fault: string, run: () => ReturnType<typeof judge>][] = [
  ['another member', 'malformed_anchor', () => judge({ ...renewal(), more: 1 })],
  ['a member too few', 'malformed_anchor', () => judge({ type: 'document-renewal', token: '', crls: [] })],
  ['base64 that is none', 'malformed_anchor', () => judge({ ...renewal(), proof: '?' })],
  ['text that is no proof', 'malformed_anchor', () => judge(renewal({ proof: utf8('{}') }))],
  ['no document', 'document_missing', () => judge(renewal(), { document: null })],
  ['no policy', 'untrusted_source', () => judge(renewal(), { policy: null })],
  [
    'another authority',
    'untrusted_root',
    () => judge(renewal({ signer: tsa({ issuer: stranger, digest: 'sha512' }) })),
  ],
  [
    'another document with the same SHA-256',
    'imprint_mismatch',
    () => judge(renewal({ doc: utf8('forged') })),
  ],
  [
    'another proof than was stamped',
    'imprint_mismatch',
    () => judge({ ...renewal(), proof: toBase64(utf8(`${formatProof(PROOF)} `)) }),
  ],
  ['an imprint by SHA-256', 'rests_on_sha256', () => judge(renewal({ imprint: 'sha256' }))],
  ['an imprint by SHA-384', 'rests_on_sha256', () => judge(renewal({ imprint: 'sha384' }))],
  ['a signature with SHA-256', 'rests_on_sha256', () => judge(renewal({ signs: 'sha256' }))],
  ['a certificate signed with SHA-256', 'rests_on_sha256', () => judge(renewal({ signer: tsa() }))],
  [
    'the proof of another notarization',
    'other_proof',
    () => judge(renewal({ proof: utf8(formatProof(other)) })),
  ],
  [
    'a proof that was not good',
    'proof_not_verified',
    () => judge(renewal({ proof: utf8(formatProof(broken)) })),
  ],
  [
    'the ninth',
    'too_many',
    () =>
      judgeDocumentRenewals({
        ...{
          proof: withAnchors(...Array.from({ length: 9 }, () => renewal())),
          document,
          policy: POLICY,
          now: NOW,
        },
      })[8],
  ],
];

describe('a document renewal', () => {
  it('shows by when document and proof existed together, also after the end of the certificate', () => {
    expect(judge(renewal())).toEqual({
      index: 0,
      counts: true,
      source: 'seoul',
      time: Date.parse('2026-06-01T12:00:01Z'),
    });
  });

  it('counts with digests and a time-stamp that stock openssl made', () => {
    const CONFIG = `[tsa]\nserial=serial\nsigner_cert=tsa.pem\nsigner_key=key.pem\nsigner_digest=sha512\ndefault_policy=1.2.3.4\ndigests=sha512\n`;
    const text = formatProof(PROOF);
    const { anchor, root } = withOpenssl(({ file, run, read }) => {
      const openssl = (...argv: string[]) => {
        const { passed, output } = run(...argv);
        if (!passed) throw new Error(output);
        return output;
      };
      const hexOf = (name: string) =>
        / ([0-9a-f]{128})\s*$/.exec(openssl('dgst', '-sha3-512', name))?.[1] ?? '';
      const digests = hexOf(file('document', DOC)) + hexOf(file('proof', text));
      file('message', Buffer.concat([utf8('ingam/document-renewal/v1\n'), Buffer.from(digests, 'hex')]));
      file('tsa.cnf', CONFIG);
      file('serial', '01');
      openssl(
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384', '-sha512', '-nodes'],
        ...[
          '-keyout',
          'key.pem',
          '-out',
          'tsa.pem',
          '-subj',
          '/CN=TSA',
          '-addext',
          'basicConstraints=CA:FALSE',
        ],
        ...[
          '-addext',
          'extendedKeyUsage=critical,timeStamping',
          '-addext',
          'keyUsage=critical,digitalSignature',
        ],
      );
      openssl('ts', '-query', '-data', 'message', '-sha512', '-cert', '-out', 'query');
      openssl(
        ...['ts', '-reply', '-config', 'tsa.cnf', '-section', 'tsa', '-queryfile', 'query', '-token_out'],
        ...['-out', 'token'],
      );
      openssl('base64', '-A', '-in', 'token', '-out', 'token.txt');
      const token = fromBase64(read('token.txt').trim());
      const pem = read('tsa.pem').replaceAll(/-----.*-----|\s/g, '');
      return { anchor: formatDocumentRenewal({ proof: utf8(text), token, crls: [] }), root: pem };
    });
    const policy = parsePolicy(`${TRUST}#tsa stock ${root}\n`);
    expect(judge(anchor, { policy })).toMatchObject({ counts: true, source: 'stock' });
    const forged = { ...document, sha3: sha3_512(utf8('forged')) };
    expect(judge(anchor, { policy, document: forged })).toMatchObject({ fault: 'imprint_mismatch' });
  });

  it('stamps the prefix, SHA3-512 of the document and SHA3-512 of the proof', () => {
    const bytes = documentRenewalBytes(sha3_512(DOC), utf8('proof'));
    const text = Buffer.from(bytes);
    expect(text.subarray(0, 26).toString()).toBe('ingam/document-renewal/v1\n');
    expect(text.subarray(26)).toEqual(Buffer.concat([sha3_512(DOC), sha3_512(utf8('proof'))]));
  });

  it.each(CASES)('does not count with %s', (_, fault, run) => {
    expect(run()).toMatchObject({ counts: false, fault });
  });

  it('has a case for each reason of its own', () => {
    const stated = new Set(CASES.map(([, fault]) => fault));
    const own = unionMembers('time/document-renewal.ts', 'DocumentRenewalFault');
    expect(own).toContain('rests_on_sha256');
    for (const fault of own) expect(stated).toContain(fault);
  });

  it('is renewed by another one over the whole proof, which shows it to be older than the theft of its key', () => {
    const first = withAnchors(renewal());
    const stolen = crl(ROOT, '2030-01-01T00:00:00Z', [
      { serial: 77, at: '2027-06-01T00:00:00Z', reason: REASON.keyCompromise },
    ]);
    const now = { crls: [stolen] };
    expect(judge(renewal(), now)).toMatchObject({ counts: false, fault: 'revoked' });
    const next = tsa({ serial: 78, key: ecKey('next'), digest: 'sha512' });
    const second = renewal({ proof: utf8(formatProof(first)), time: '20270101000000Z', signer: next });
    expect(judge(second, now)).toMatchObject({ counts: true, time: Date.parse('2026-06-01T12:00:01Z') });
    const late = renewal({ proof: utf8(formatProof(first)), time: '20270701000000Z', signer: next });
    expect(judge(late, now)).toMatchObject({ counts: true, time: Date.parse('2027-07-01T00:00:01Z') });
  });

  it('changes no verdict and no interval, whatever it contains', () => {
    for (const anchor of [renewal(), renewal({ doc: utf8('forged') }), { type: 'document-renewal' }]) {
      const proof = parseProof(formatProof(withAnchors(anchor)));
      const { verdict, time } = verify({
        proof,
        document,
        policy: POLICY,
        time: { judge: judgeAnchors, now: NOW },
      });
      expect({ verdict, anchors: time?.anchors }).toEqual({ verdict: 'verified', anchors: [] });
    }
  });
});
