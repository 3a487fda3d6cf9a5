import './browser.js';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  parsePolicy,
  parseProof,
  parseVerifierKey,
  formatVerifierKey,
  ProofError,
  verify,
} from '../../src/proof/index.js';
import type { Notarization } from '../../src/web/lib/api.js';
import { messages } from '../../src/web/messages/verify.js';
import { bestEvidence, statementOf } from '../../src/web/pages/verify/check.js';
import { isProof, readProof } from '../../src/web/pages/verify/files.js';
import { quorumOf, isUnusable, ownTrust, parseTrust } from '../../src/web/pages/verify/trust.js';

const vector = JSON.parse(
  readFileSync(new URL('../vectors/proof/valid/plain.json', import.meta.url), 'utf8'),
) as { proof: string; document: string; trust: string };
const cosigned = JSON.parse(
  readFileSync(new URL('../vectors/proof/valid/cosigned-2-of-3.json', import.meta.url), 'utf8'),
) as { proof: string; trust: string };
const KEY = /log (\S+)/.exec(vector.trust)?.[1] ?? '';

describe('the trusted signers', () => {
  it('accepts a key, several keys or a policy', () => {
    expect(parseTrust(`  ${KEY}\n`)?.logs.map(formatVerifierKey)).toEqual([KEY]);
    expect(parseTrust(`\r\n${KEY}\r\n${KEY}\r\n`)?.logs).toHaveLength(2);
    expect(parseTrust(vector.trust.replaceAll('\n', '\r\n'))?.logs).toEqual([parseVerifierKey(KEY)]);
    expect(parseTrust(' \n ')).toBeNull();
  });

  it.each(['nonsense', KEY.slice(0, -4), `log ${KEY}`, '# only a comment', `${KEY} ${KEY}`])(
    'is never %j',
    (text) => {
      expect(() => parseTrust(text)).toThrow(ProofError);
      expect(ownTrust(text)).toBeNull();
      expect(isUnusable({ source: 'own', pasted: text })).toBe(true);
    },
  );
});

type KnownDocument = { readonly name: string; readonly size: number; readonly sha256: Uint8Array };

describe('the result of a verification', () => {
  const proof = parseProof(vector.proof);
  const document: KnownDocument = { name: 'd', size: 52, sha256: proof.document.sha256 };
  const own = (text: string) => ownTrust(text) ?? expect.fail(text);
  const nobody = { source: 'service', policy: null, receiptKeys: [], waives: false } as const;
  const state = (given: KnownDocument | null, trust: ReturnType<typeof own>, text = vector.proof) =>
    statementOf(verify({ proof: parseProof(text), document: given, policy: trust.policy }), given, trust);

  it('is that of the log alone, unless somebody else confirms it or one’s own policy wants nobody to', () => {
    expect(state(document, own(KEY))).toBe('alone');
    expect(state(null, own(KEY))).toBe('holds_alone');
    expect(state(document, own(vector.trust))).toBe('verified');
    expect(state(null, own(vector.trust))).toBe('holds');
    const service = { ...own(cosigned.trust), source: 'service', waives: false } as const;
    expect(state(null, service, cosigned.proof)).toBe('holds');
    // A published policy that asks for nobody waives nothing.
    expect(state(document, { ...own(vector.trust), source: 'service', waives: false })).toBe('alone');
  });

  it('is never good for another document or without a key', () => {
    expect(state(document, nobody)).toBe('no_key');
    expect(state({ ...document, sha256: new Uint8Array(32) }, own(KEY))).toBe('other_document');
    expect(state({ ...document, size: 51 }, own(KEY))).toBe('other_document');
  });
});

describe('choosing among several proofs', () => {
  const at = (position: number, size: number | null, sealed: boolean): Notarization => ({
    id: String(position),
    sha256: '',
    size,
    acceptedAt: '',
    status: sealed ? 'sealed' : 'accepted',
    position,
  });

  it.each([
    ['none', [], null],
    ['the earliest that is sealed', [at(1, null, false), at(2, 9, true), at(3, null, true)], '2'],
    ['the earliest when none is sealed', [at(1, null, false), at(2, 9, false)], '1'],
    ['not one of another length', [at(1, 8, true), at(2, 9, false)], '2'],
    ['another length when there is nothing else', [at(1, 8, true)], '1'],
  ] as const)('is %s', (_, given, id) => {
    expect(bestEvidence(given, 9)?.id ?? null).toBe(id);
  });

  it('knows no length when only a digest was given', () => {
    expect(bestEvidence([at(1, 8, true), at(2, 9, true)], null)?.id).toBe('1');
  });
});

describe('a dropped file', () => {
  const chosen = (name: string, content: string | Uint8Array<ArrayBuffer>) => {
    const file = new File([content], name);
    return { file, path: name };
  };

  it('is a proof by its name or by its content', async () => {
    const verdicts = await Promise.all(
      [
        chosen('a.ingam.json', 'broken'),
        chosen('renamed.txt', vector.proof),
        chosen('pending', '{"format":"ingam-pending-v1"}'),
        chosen('data.json', '{"format":"other"}'),
        chosen('paper.pdf', '%PDF'),
        chosen('empty', ''),
      ].map(isProof),
    );
    expect(verdicts).toEqual([true, true, true, false, false, false]);
  });

  it('is parsed strictly', async () => {
    const read = async (content: string | Uint8Array<ArrayBuffer>) => {
      const parsed = await readProof(chosen('p', content).file);
      return 'unreadable' in parsed ? parsed.unreadable : 'proof';
    };
    expect(await read(vector.proof)).toBe('proof');
    expect(await read(Uint8Array.of(0xff, 0x7b))).toBe('malformed_text');
    // An editor or a shell has saved it anew: the page says so, and does not call it damaged.
    const utf16 = new Uint8Array(Buffer.from(`\uFEFF${vector.proof}`, 'utf16le'));
    for (const content of [`\uFEFF${vector.proof}`, utf16, utf16.slice(2)]) {
      expect(await read(content)).toBe('reencoded_text');
    }
    expect(messages().unreadableProof('reencoded_text')).toContain('BOM');
    expect(await read('{}')).toBe('unsupported_format');
    expect(await read(' '.repeat(4 * 1024 * 1024))).toBe('malformed_proof');
  });
});

describe('the quorum of a policy', () => {
  const of = (text: string) => {
    const policy = parsePolicy(text);
    const { cosignatures } = verify({ proof: parseProof(cosigned.proof), document: null, policy });
    return quorumOf(policy, cosignatures);
  };

  it('counts the members who signed and names all of them', () => {
    const quorum = of(cosigned.trust);
    expect(quorum).toMatchObject({ needed: 2, signed: 2, of: 3 });
    expect(quorum?.signers.filter(({ time }) => time !== null)).toHaveLength(2);
  });

  it('handles a quorum of one, nested groups and no quorum', () => {
    const [first] = quorumOf(parsePolicy(cosigned.trust))?.signers ?? [];
    const one = of(cosigned.trust.replace(/^quorum .*$/m, `quorum ${first?.name ?? ''}`));
    expect(one).toMatchObject({ needed: 1, of: 1 });
    expect(one?.signers.filter(({ counts }) => counts)).toHaveLength(1);
    expect(of(cosigned.trust.replace(/^quorum .*$/m, 'quorum none'))).toMatchObject({ needed: 0, of: 3 });
    const nested = cosigned.trust.replace(/^quorum (.*)$/m, 'group outer all $1\nquorum outer');
    expect(of(nested)).toMatchObject({ needed: 2, of: 3 });
    expect(quorumOf(null)).toBeNull();
    expect(quorumOf(parseTrust(KEY))).toBeNull();
  });
});
