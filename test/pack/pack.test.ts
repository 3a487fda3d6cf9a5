import { sha3_512 } from '@noble/hashes/sha3.js';
import { describe, expect, it } from 'vitest';
import { buildPack, zipPack, type PackInput } from '../../src/pack/index.js';
import {
  parsePolicy,
  parseProof,
  PENDING_FORMAT,
  sha256,
  utf8,
  verify,
  type ProofFile,
} from '../../src/proof/index.js';
import { judgeAnchors } from '../../src/proof/time/anchors.js';
import { judgeDocumentRenewals, type JudgedDocumentRenewal } from '../../src/proof/time/document-renewal.js';
import { readZipBytes } from '../support/zip.js';
import { loadVectors, proofBytes, type NamedVector } from '../vectors/load.js';
import { ACCOUNT, DETAILS, DOCUMENT, makeProof } from '../vectors/make/chain.js';
import { DOC, NOW, POLICY, PROOF, renewal, RENEWAL_TRUST } from '../vectors/make/document-renewal.js';
import { QUORUM_TRUST, TRUST } from '../vectors/make/keys.js';
import { Unpacked } from './support.js';

const VERIFIER = utf8('<!doctype html><title>verifier</title>');

interface Wish {
  readonly proofs: readonly ProofFile[];
  readonly trust?: string | null;
  readonly document?: Uint8Array;
  readonly name?: string;
  readonly without?: boolean;
  readonly now?: number;
  readonly renewals?: readonly JudgedDocumentRenewal[];
}

function packOf({
  proofs,
  trust = TRUST,
  document = DOCUMENT,
  name = 'contract.pdf',
  without = false,
  now,
  renewals,
}: Wish) {
  const facts = { sha256: sha256(document), size: document.length };
  const policy = trust === null ? null : parsePolicy(trust);
  const input: PackInput = {
    proofs: proofs.map((proof) => ({
      proof,
      verification: verify({
        proof,
        document: facts,
        policy,
        time: { judge: judgeAnchors, ...(now !== undefined && { now }) },
      }),
      certificate: null,
      ...(renewals === undefined ? {} : { documentRenewals: renewals }),
    })),
    document: { facts, name, bytes: without ? null : document },
    policy,
    verifier: VERIFIER,
  };
  return buildPack(input);
}

const unpacked = (wish: Wish) => new Unpacked(new Map(packOf(wish).map(({ path, bytes }) => [path, bytes])));

/** A proof with a time-stamp over the document itself. */
function renewed(change: Partial<Wish> = {}): Wish {
  const proof = { ...PROOF, anchors: [renewal()] };
  const document = { sha256: sha256(DOC), size: DOC.length, sha3: sha3_512(DOC) };
  const renewals = judgeDocumentRenewals({ proof, document, policy: POLICY, now: NOW });
  return { proofs: [proof], trust: RENEWAL_TRUST, renewals, ...change };
}

const VECTORS = new Map(loadVectors('valid', 'time', 'invalid').map((vector) => [vector.name, vector]));

function wishOf(vector: NamedVector): Wish | null {
  if ('error' in vector.expected) return null;
  const proof = parseProof(proofBytes(vector));
  if (proof.format === PENDING_FORMAT) return null;
  return {
    proofs: [proof],
    trust: vector.trust,
    ...(vector.document !== null && { document: new Uint8Array(Buffer.from(vector.document, 'hex')) }),
    ...(vector.now !== undefined && { now: Date.parse(vector.now) }),
  };
}

function wish(name: string): Wish {
  const vector = VECTORS.get(name);
  const found = vector === undefined ? null : wishOf(vector);
  if (found === null) throw new Error(`no vector ${name}`);
  return found;
}

/** Runs every command of a pack with stock tools: its exit status is 0 exactly when the claim holds. */
function judgePack(pack: Unpacked): void {
  const { claims } = pack.claims;
  const withCommand = claims.filter(({ command }) => command !== null);
  const statuses = pack.statuses(withCommand.map(({ command }) => command ?? ''));
  const shown = withCommand.map(({ id, verdict, command }, i) => ({
    id,
    ok: statuses[i] === 0,
    verdict,
    command,
  }));
  expect(shown.filter(({ ok, verdict }) => ok !== (verdict === 'holds'))).toEqual([]);
}

const ids = (pack: Unpacked) => pack.claims.claims.map(({ id }) => id);

describe('a pack, judged with stock tools alone', () => {
  const cases: Record<string, Wish> = {
    'of a plain proof': { proofs: [makeProof()] },
    'of a proof with details, an account and members': {
      proofs: [makeProof({ details: DETAILS, account: ACCOUNT, cosigners: [1, 3] })],
      trust: QUORUM_TRUST,
    },
    'of two proofs': {
      proofs: [makeProof({ entries: 1, index: 0, blocks: 1, height: 0 }), makeProof({ index: 4 })],
    },
    'without the document': { proofs: [makeProof()], without: true },
    'of tokens of two authorities': wish('two-tokens'),
    'of a renewed token': wish('renewed-with-list'),
    'of a token that was renewed twice': wish('renewed-twice'),
    'of a token whose certificate was given up later': wish('token-revoked-later'),
    'of a token whose certificate is pinned itself': wish('token-of-leaf-pinned'),
    'of an anchor in Bitcoin': wish('bitcoin'),
    'of Bitcoin and a token': wish('bitcoin-and-token'),
    'of both beacons': wish('beacon-both'),
    'of an interval': wish('interval'),
    'of a document renewal': renewed(),
    'of a document renewal, without the document': renewed({ without: true }),
    'of a document renewal that nobody looked at': { proofs: renewed().proofs, trust: RENEWAL_TRUST },
    'of an anchor that does not count': wish('token-of-a-stranger'),
  };

  /** What has every kind of claim: the script runs the commands that have just been run one by one. */
  const withScript = new Set([
    ...['of two proofs', 'without the document', 'of Bitcoin and a token', 'of an interval'],
    ...['of a document renewal', 'of an anchor that does not count'],
  ]);

  it.each(Object.entries(cases))('%s, shows each claim that holds', (name, given) => {
    using pack = unpacked(given);
    judgePack(pack);
    expect(pack.claims.verified).toBe(true);
    expect(pack.sh('sha256sum -c --quiet SHA256SUMS')).toEqual({ status: 0, output: '' });
    if (withScript.has(name)) {
      const { status, output } = pack.sh('sh check.sh');
      expect(status).toBe(0);
      expect(output).not.toContain('DOES NOT HOLD');
    }
    for (const { files } of pack.claims.claims)
      for (const file of files) expect([...pack.files.keys()]).toContain(file);
  });

  it('has claims about every kind of evidence', () => {
    using renewed = unpacked(wish('renewed-with-list'));
    expect(ids(renewed)).toEqual(
      expect.arrayContaining([
        'proof-1/anchor-1/token',
        'proof-1/anchor-1/crl-1',
        'proof-1/anchor-1/crl-2',
        'proof-1/anchor-1/renewal-1/renewed',
        'proof-1/anchor-1/renewal-1/token',
      ]),
    );
    using bitcoin = unpacked(wish('bitcoin'));
    expect(ids(bitcoin)).toEqual(
      expect.arrayContaining([
        'proof-1/anchor-1/ots',
        'proof-1/anchor-1/bitcoin-time',
        'proof-1/anchor-1/bitcoin-header',
      ]),
    );
    using beacons = unpacked(wish('beacon-both'));
    expect(ids(beacons)).toEqual(
      expect.arrayContaining(['proof-1/anchor-1/drand', 'proof-1/anchor-1/bitcoin']),
    );
    using members = unpacked(cases['of a proof with details, an account and members'] ?? { proofs: [] });
    expect(ids(members)).toEqual(
      expect.arrayContaining([
        'proof-1/details',
        'proof-1/account',
        'proof-1/cosignature-1',
        'proof-1/cosignature-3',
        'proof-1/quorum',
      ]),
    );
  });

  it('shows a document renewal without SHA-256, and says when it was not checked or does not count', () => {
    using pack = unpacked(renewed());
    const claimOf = ({ claims }: Unpacked) =>
      claims.claims.find(({ id }) => id === 'proof-1/anchor-1/document') ?? expect.fail();
    expect(claimOf(pack).command).toContain('openssl dgst -sha3-512 -binary document/contract.pdf');
    expect(ids(pack)).toContain('proof-1/anchor-1/token');
    expect(pack.text('README.md')).toContain('existed together no later than 2026-06-01 12:00:01.000 UTC');
    // The document with another byte and the same claims.
    pack.change('document/contract.pdf', new Uint8Array([...DOC.slice(1), 0]));
    expect(pack.statuses([claimOf(pack).command ?? ''])).not.toEqual([0]);
    using open = unpacked({ proofs: renewed().proofs, trust: RENEWAL_TRUST });
    expect(claimOf(open)).toMatchObject({ verdict: 'not_checked', command: null });
    expect(open.text('README.md')).not.toContain('existed together no later');
    const refused = {
      index: 0,
      counts: false,
      fault: 'rests_on_sha256',
      message: 'x rests on SHA-256',
    } as const;
    using weak = unpacked(renewed({ renewals: [refused] }));
    expect(claimOf(weak)).toMatchObject({ verdict: 'not_counted' });
    expect(weak.text('README.md')).toContain('It does not count: x rests on SHA-256.');
  });

  it('says of a claim that stock tools cannot check what else checks it', () => {
    using pack = unpacked(wish('interval'));
    const drand = pack.claims.claims.find(({ id }) => id === 'proof-1/anchor-1/drand');
    expect(drand).toMatchObject({ verdict: 'holds', command: null });
    expect(drand?.note?.en).toContain('verify.html');
  });
});

describe('a pack of a proof that is not verified', () => {
  it.each([
    'document-one-bit',
    'details-changed',
    'block-path-flip',
    'checkpoint-flip-root',
    'cosignature-flip',
    'header-flip-time',
  ])('of %s, says so first, names the step, and its commands fail', (name) => {
    using pack = unpacked(wish(name));
    judgePack(pack);
    const { verified, proofs } = pack.claims;
    expect(verified).toBe(false);
    const [first] = proofs[0]?.failed ?? [];
    expect(first).toBeDefined();
    expect(pack.text('README.md').split('\n').slice(0, 6).join('\n')).toContain(
      'NOT VERIFIED: proof-1 is invalid.',
    );
    expect(pack.text('README.md')).toContain(`Step ${first?.step ?? 0} (`);
    expect(pack.text('README.ko.md').split('\n').slice(0, 6).join('\n')).toContain('확인되지 않음: proof-1');
    expect(pack.sh('sh check.sh').status).toBe(1);
    expect(pack.text('README.md')).not.toContain('Registered between');
  });

  it('says so when nobody is trusted', () => {
    using pack = unpacked({ proofs: [makeProof()], trust: null });
    judgePack(pack);
    expect(pack.claims.proofs[0]).toMatchObject({
      verdict: 'untrusted',
      failed: [{ step: 8, code: 'no_trusted_key' }],
    });
    expect(pack.files.has('policy.txt')).toBe(false);
  });
});

/** Commands look at the lines of a policy that matter, and at entry and header in a proof file. */
function placeIn(path: string, bytes: Uint8Array): number {
  const marks: Record<string, string> = {
    'policy.txt': 'log log.',
    'proof-1/proof.ingam.json': '"entry": "AQ',
  };
  const mark = marks[path];
  return mark === undefined
    ? Math.floor(bytes.length / 2)
    : Buffer.from(bytes).indexOf(mark) + mark.length + 10;
}

describe('a changed byte', () => {
  // Packs have files in common, about which each says the same.
  const changedBefore = new Set<string>();
  const spoiltBefore = new Set<string>();

  it.each(['renewed-before-the-leak', 'bitcoin-and-token', 'interval'])(
    'anywhere in the pack of %s is named by sha256sum, and the commands about evidence fail',
    (name) => {
      using pack = unpacked({ ...wish(name), name: '계약서 (최종).pdf' });
      const { claims } = pack.claims;
      for (const [path, bytes] of pack.files) {
        if (bytes.length === 0) continue;
        const at = placeIn(path, bytes);
        const changed = Uint8Array.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ 1;
        const restore = pack.change(path, changed);
        const { status, output } = pack.sh('sha256sum -c --quiet SHA256SUMS');
        expect([path, status]).toEqual([path, 1]);
        if (path !== 'SHA256SUMS') expect(output).toContain(`${path}: FAILED`);
        const about = claims.filter(({ files, command }) => files.includes(path) && command !== null);
        const said = [path, ...about.map(({ id }) => id)].join(' ');
        if (about.length > 0 && !changedBefore.has(said))
          expect([path, pack.fails(about.map(({ command }) => command ?? ''))]).toEqual([path, true]);
        changedBefore.add(said);
        restore();
      }
    },
  );

  it.each(['renewed-before-the-leak', 'bitcoin', 'beacon-both'])(
    'or a file that is missing or empty, fails every command about the file: pack of %s',
    (name) => {
      using pack = unpacked(wish(name));
      const { claims } = pack.claims;
      for (const path of new Set(claims.flatMap(({ files }) => files))) {
        const about = claims.filter(
          ({ id, files, command }) =>
            files.includes(path) && command !== null && !spoiltBefore.has(`${path} ${id}`),
        );
        for (const { id } of about) spoiltBefore.add(`${path} ${id}`);
        if (about.length === 0) continue;
        const commands = about.map(({ command }) => command ?? '');
        for (const spoil of [() => pack.change(path, new Uint8Array(0)), () => pack.remove(path)]) {
          const restore = spoil();
          const statuses = pack.statuses(commands);
          expect([path, about.filter((_, i) => statuses[i] === 0).map(({ id }) => id)]).toEqual([path, []]);
          restore();
        }
      }
    },
  );

  it('at every place of entry, header, paths, texts, keys and signatures is noticed by a command', () => {
    using pack = unpacked({ proofs: [makeProof({ cosigners: [1] })], trust: QUORUM_TRUST });
    const { claims } = pack.claims;
    const evidence = /\/(entry\.bin|header\.bin|checkpoint-text\.txt|.*\.(key\.der|sig|message)|.*path\/.*)$/;
    for (const [path, bytes] of pack.files) {
      if (!evidence.test(path)) continue;
      const about = claims.filter(({ files, command }) => files.includes(path) && command !== null);
      // Entry and header have many fields.
      const places = /(entry|header)\.bin$/.test(path) ? 6 : 2;
      for (let at = 0; at < bytes.length; at += Math.max(1, Math.floor(bytes.length / places))) {
        const changed = Uint8Array.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ 0x10;
        const restore = pack.change(path, changed);
        expect([path, at, pack.fails(about.map(({ command }) => command ?? ''))]).toEqual([path, at, true]);
        restore();
      }
    }
  });
});

describe('names of documents', () => {
  it.each([
    ['계약서 – 최종.pdf'.normalize('NFD'), 'document/계약서 – 최종.pdf'],
    ['it\'s $(rm -rf ~) `x` & "y".txt', "document/it's $(rm -rf ~) `x` & _y_.txt"],
    ['-n', 'document/-n'],
    ['a/../b\\c', 'document/a_.._b_c'],
    ['..', 'document/document'],
    ['CON.pdf', 'document/_CON.pdf'],
    ['line\nbreak\u202e.pdf', 'document/line_break_.pdf'],
    [`${'긴'.repeat(100)}.pdf`, `document/${'긴'.repeat(65)}.pdf`],
  ])('%j becomes %s, and the commands hold', (name, path) => {
    using pack = unpacked({ proofs: [makeProof()], name });
    expect([...pack.files.keys()].find((each) => each.startsWith('document/'))).toBe(path);
    judgePack(pack);
    expect(pack.sh('sha256sum -c --quiet SHA256SUMS')).toEqual({ status: 0, output: '' });
  });
});

describe('what a pack says', () => {
  it('is bound to what is shown', () => {
    using pack = unpacked(wish('interval'));
    const [en, ko] = [pack.text('README.md'), pack.text('README.ko.md')];
    expect(en).toMatch(
      /Registered between 20.* UTC and 2026-01-02 03:05:01\.000 UTC\. The document itself existed no later than/,
    );
    expect(en).toContain('1 of the');
    expect(en).toContain('This is not a notarial deed');
    expect(ko).toContain('사이에 등록되었습니다');
    expect(ko).toContain('공증이 아니고, 공인전자문서센터 보관도 아닙니다');
    for (const text of [en, ko, pack.text('claims.json')]) {
      expect(text).not.toMatch(/qualified/i);
      expect(text).not.toMatch(/created between/i);
    }
  });

  it('leaves blank in declarations what only a person can say', () => {
    using pack = unpacked(wish('interval'));
    const vermont = pack.text('declarations/vermont-1913.md');
    expect([...vermont.matchAll(/^\*\*\(([A-D])\)/gm)].map(([, letter]) => letter)).toEqual([
      'A',
      'B',
      'C',
      'D',
    ]);
    expect(vermont).toMatch(/\(A\)[^]*2026-01-02 03:04:06\.789 UTC[^]*\(B\)/);
    expect(vermont).toMatch(/\(C\)[^\n]*____/);
    expect(vermont).toMatch(/\(D\)[^\n]*____/);
    for (const name of ['fre-902-13', 'fre-902-14']) {
      expect(pack.text(`declarations/${name}.md`)).toContain(
        'I declare under penalty of perjury that the foregoing is true and correct.',
      );
    }
  });
});

describe('the zip', () => {
  const zipped = async (files: ReturnType<typeof packOf>) =>
    Buffer.from(await new Response(zipPack(files, 1_767_323_046_789)).arrayBuffer());

  it('has the same bytes for the same input, in every time zone', async () => {
    const { TZ } = process.env;
    try {
      const made: Buffer[] = [];
      for (const zone of ['UTC', 'Asia/Seoul', 'America/St_Johns']) {
        process.env['TZ'] = zone;
        made.push(await zipped(packOf(wish('interval'))));
      }
      const [first, ...others] = made;
      for (const other of others) expect(first?.equals(other)).toBe(true);
    } finally {
      if (TZ === undefined) delete process.env['TZ'];
      else process.env['TZ'] = TZ;
    }
  });

  it('holds the files as they are', async () => {
    const files = packOf(wish('bitcoin'));
    const read = readZipBytes(await zipped(files));
    expect([...read.keys()]).toEqual(files.map(({ path }) => path));
    for (const { path, bytes } of files) expect([path, read.get(path)?.equals(bytes)]).toEqual([path, true]);
  });
});
