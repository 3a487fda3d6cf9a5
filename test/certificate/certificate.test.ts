import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CertificateError, type CertificateInput } from '../../src/certificate/facts.js';
import { createCertificate } from '../../src/certificate/certificate.js';
import {
  canonicalJson,
  formatProof,
  formatVerifierKey,
  idWithDetails,
  NO_FINDINGS,
  parseProofOrCertificate,
  type TimeConflict,
  utf8Decode,
  toHex,
  type Verification,
} from '../../src/proof/index.js';
import { verifyVector } from '../vectors/judge.js';
import { loadVectors, proofBytes } from '../vectors/load.js';
import { ACCEPTED, DOCUMENT, SEALED, type Wish } from '../vectors/make/chain.js';
import { LOG, ORIGIN, signer } from '../vectors/make/keys.js';
import { Pdf, type PdfPage, type Piece } from './pdf-reader.js';
import { readQrCode } from './qr-reader.js';
import { certificateOf, inputOf, logoPng, VERIFY_PAGE } from './support.js';

const NAME = '임대차계약서 최종본(賃貸借契約書) – signed by 홍길동.pdf';
const DIGEST = createHash('sha256').update(DOCUMENT).digest('hex');

const textOf = ({ pieces }: PdfPage) => pieces.map(({ text }) => text).join('\n');
const flowing = (page: PdfPage) => textOf(page).replaceAll('\n', ' ');

const VERIFIER = { address: 'https://ingam.example.co.kr/verifier.html', sha256: 'ab'.repeat(32) };
const { version: VERSION } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { version: string };

async function pagesOf(...args: Parameters<typeof certificateOf>): Promise<[PdfPage, PdfPage]> {
  const [first, second, ...rest] = new Pdf(await certificateOf(...args)).pages;
  if (first === undefined || second === undefined || rest.length > 0)
    throw new Error('two pages are expected');
  return [first, second];
}

describe('the first page', () => {
  it('states in English what was notarized, when, where and by whom', async () => {
    const wish = {
      details: { name: NAME, title: 'Lease', author: '김민수 (金敏洙)', reference: '2026-가합-1', note: 'x' },
    };
    const [page] = await pagesOf({ ...wish, account: 'account-7f3e' });
    const lines = textOf(page).split('\n');
    for (const line of [
      'Certificate of notarization',
      `Notarization 5-${toHex(inputOf().proof.entry.salt.slice(0, 8))}`,
      NAME,
      ...['Lease', '김민수 (金敏洙)', '2026-가합-1', '52 bytes', 'account-7f3e'],
      'Further details in the attached proof: 1',
      ...(DIGEST.match(/.{8}/g) ?? []),
      '2026-01-02 03:04:05.678 UTC',
      '2 January 2026 at 12:04:05 GMT+9',
      '2026-01-02 03:04:06.789 UTC',
      '2 January 2026 at 12:04:06 GMT+9',
      ORIGIN,
      '3 (entry 3 of 5)',
      formatVerifierKey(LOG.key),
      `None. Only ${ORIGIN} vouches for the times above.`,
      VERIFY_PAGE,
      'Page 1 of 2',
    ]) {
      expect(lines).toContain(line);
    }
    expect(flowing(page)).toContain(
      `existed when block 3 of the chain ${ORIGIN} was sealed: 2026-01-02 03:04:06.789 UTC, according to the chain`,
    );
  });

  it.each([
    [
      'en',
      ['Registered after', 'Registered by'],
      'time-stamp authority seoul',
      'and the interval of the registration that independent time sources confirm (seoul)',
    ],
    [
      'ko',
      ['등록(이 시각 이후)', '등록(늦어도 이 시각)'],
      '시점 확인 기관(TSA) seoul',
      '독립된 시각 출처(seoul)',
    ],
  ] as const)(
    'states what time sources show of the registration: %s',
    async (language, labels, sources, limit) => {
      const vector = loadVectors('time').find(({ name }) => name === 'interval') ?? expect.fail();
      const proof = parseProofOrCertificate(proofBytes(vector));
      if (!('anchors' in proof)) throw new Error('a final proof is expected');
      const verification = verifyVector(vector);
      const [page, second] = await pagesOf({}, { proof, verification, language });
      const lines = textOf(page).split('\n');
      for (const line of [...labels, '2023-09-15 11:00:03.000 UTC', '2026-01-02 03:05:01.000 UTC'])
        expect(lines).toContain(line);
      expect(flowing(page)).toContain(sources);
      expect(flowing(second).replaceAll(/\s+/g, ' ')).toContain(limit);
    },
  );

  it('states the same in Korean', async () => {
    const [page, second] = await pagesOf({ details: { name: NAME }, cosigners: [1, 3] }, { language: 'ko' });
    const lines = textOf(page).split('\n');
    for (const line of [
      '문서 등록 증명서',
      NAME,
      '52바이트',
      '해시값(SHA-256)',
      '2026년 1월 2일 12시 4분 6초 GMT+9',
      '공동 서명: w1',
      '공동 서명: w3',
      '체인의 참여 기관 3곳 중 2곳(각각 위에 적힌 시각 이전)',
      '3번(5건 중 3번째)',
      '1 / 2쪽',
    ]) {
      expect(lines).toContain(line);
    }
    expect(lines).not.toContain('공동 서명: w2');
    expect(flowing(second)).toContain('공동 서명한 참여 기관(w1, w3)이 뒷받침하는 범위');
    expect(flowing(page)).toContain('공증인법에 따른 공증이나 인감증명이 아닙니다');
  });

  it('has a QR code with the address of the verify page', async () => {
    const [page] = await pagesOf();
    expect(readQrCode(page.rectangles)).toBe(VERIFY_PAGE);
    const long = `https://ingam.example.co.kr/${'x'.repeat(215)}/verify`;
    expect(readQrCode((await pagesOf({}, { verifyPage: long }))[0].rectangles)).toBe(long);
  });

  it('has no QR code without a verify page', async () => {
    const [page] = await pagesOf({}, { verifyPage: null });
    expect(page.rectangles.filter(({ colour }) => colour.every((part) => part === 0))).toEqual([]);
    expect(flowing(page)).toContain('ingam verify FILE CERTIFICATE.pdf --trust POLICY');
    expect(textOf(page)).not.toContain('http');
  });

  it('prints the address without the digest, which the QR code holds', async () => {
    const proofPage = `https://notary.example.com/p/5-0123456789abcdef#sha256=${DIGEST}`;
    const [page] = await pagesOf({}, { verifyPage: proofPage });
    expect(readQrCode(page.rectangles)).toBe(proofPage);
    expect(textOf(page)).toContain('https://notary.example.com/p/5-0123456789abcdef\n');
  });

  it('says what checks it without a network, with its digest, also when there is no address', async () => {
    for (const address of [VERIFIER.address, null]) {
      const pages = await pagesOf({}, { verifyPage: null, verifier: { ...VERIFIER, address } });
      const [first, second] = pages.map(flowing);
      expect(first).toContain(
        `the verifier of Ingam ${VERSION}, one HTML file. Its SHA-256: ${VERIFIER.sha256}`,
      );
      expect(first).toContain(`the free program Ingam ${VERSION}`);
      for (const text of [first, second]) expect(text?.includes(VERIFIER.address)).toBe(address !== null);
    }
    expect(flowing((await pagesOf())[0])).not.toContain('HTML file');
  });

  it('names who issues it, and through which service', async () => {
    const headOf = async (more: Parameters<typeof pagesOf>[1]) =>
      textOf((await pagesOf({}, more))[0])
        .split('\n')
        .slice(2, 4);
    const issuer = { name: '법무법인 가나다', contact: '02-123-4567', logo: null };
    const service = 'notary.example.com';
    expect(await headOf({ issuer, service })).toEqual([
      'Issued by 법무법인 가나다 through notary.example.com',
      'Contact: 02-123-4567',
    ]);
    expect((await headOf({ service }))[0]).toBe('Issued through notary.example.com');
    expect((await headOf({ issuer, service, language: 'ko' }))[0]).toBe(
      '발급처: 법무법인 가나다 (notary.example.com)',
    );
    expect((await headOf({})).join(' ')).not.toContain('Issued');
  });

  it('names the organization only if the proof discloses its id', async () => {
    const organization = '법무법인 가나다';
    const [named] = await pagesOf({ account: 'account-7f3e' }, { organization });
    expect(textOf(named)).toContain(`${organization} (account-7f3e)`);
    expect(flowing(named)).toContain('Its name is as it is registered with the service.');
    expect(textOf((await pagesOf({}, { organization }))[0])).not.toContain(organization);
  });

  it('has the whole id, which gives the details of an anonymous notarization', async () => {
    const details = { name: NAME };
    const id = idWithDetails(5, inputOf({ details }).proof.entry, canonicalJson(details));
    expect(id).toMatch(/^5-[0-9a-f]{16}-[0-9a-f]{24}$/);
    expect(textOf((await pagesOf({ details }))[0])).toContain(`Notarization ${id}\n`);
  });

  it('says that time sources contradict each other', async () => {
    const { verification } = inputOf();
    const of = (conflict: TimeConflict) => ({
      verification: { ...verification, time: { ...NO_FINDINGS, conflict } },
    });
    const sentences: Readonly<Record<TimeConflict, string>> = {
      sources: 'The time sources contradict each other',
      sealed_too_early: 'the block was made later',
      sealed_too_late: 'the block existed before',
    };
    for (const [conflict, sentence] of Object.entries(sentences))
      expect(flowing((await pagesOf({}, of(conflict as TimeConflict)))[0])).toContain(sentence);
  });

  it('says of time-stamps over the document itself what was found, and that one was not checked', async () => {
    const anchors = [{ type: 'document-renewal' }];
    const proof = { ...inputOf().proof, anchors };
    const counts = { index: 0, counts: true, source: 'seoul', time: SEALED } as const;
    const said = async (documentRenewals: CertificateInput['documentRenewals']) =>
      flowing((await pagesOf({}, { proof, documentRenewals: documentRenewals ?? null }))[0]);
    const missing = { index: 0, counts: false, fault: 'document_missing', message: '' } as const;
    for (const none of [null, [missing]]) expect(await said(none)).toContain('which was not checked');
    expect(await said([{ ...missing, fault: 'rests_on_sha256' }])).toContain('which does not count');
    expect(await said([counts, { ...counts, time: SEALED + 1 }])).toContain(
      'existed together no later than 2026-01-02 03:04:06.789 UTC: seoul stamped both, without SHA-256.',
    );
    expect(flowing((await pagesOf({}, { documentRenewals: [counts] }))[0])).not.toContain('seoul');
  });

  it('states times once when the time zone is UTC itself', async () => {
    const [page] = await pagesOf({ cosigners: [1, 2] }, { timeZone: 'UTC' });
    const utc = textOf(page)
      .split('\n')
      .filter((line) => line.endsWith('UTC'));
    expect(utc).toEqual([
      'UTC',
      '2026-01-02 03:04:05.678 UTC',
      '2026-01-02 03:04:06.789 UTC',
      ...Array<string>(2).fill('2026-01-02 03:04:11.000 UTC'),
    ]);
  });

  it('distinguishes what the proof discloses from what was added', async () => {
    const added = 'Name given by the person who requested this certificate. The proof does not contain it.';
    expect(textOf((await pagesOf())[0])).toContain('Name not disclosed');
    const [named] = await pagesOf({}, { name: NAME });
    expect(textOf(named)).toContain(`${NAME}\n${added}`);
    const [disclosed, second] = await pagesOf({ details: { name: NAME } }, { name: 'other.pdf' });
    expect(textOf(disclosed)).not.toContain(added);
    expect(textOf(disclosed)).not.toContain('other.pdf');
    expect(textOf(second)).toContain('were notarized together with the document');
    expect(textOf((await pagesOf({}, { name: NAME }))[1])).not.toContain('were notarized together');
  });

  it('shows every character, or its code', async () => {
    const [page] = await pagesOf({
      details: { name: 'e\u0301t\u00e9 \u1100\u1161 🏠 ř עב \u202e\u200b\ufeff\ntab\t.pdf' },
    });
    const text = flowing(page);
    for (const part of ['été 가', '🏠', 'ř', '\\u{202e}\\u{200b}\\u{feff}\\u{a}tab\\u{9}.pdf']) {
      expect(text).toContain(part);
    }
    // In the order on paper.
    expect(text).toContain('בע');
    expect(text).toContain('printed as codes');
    expect(page.pieces.filter(({ missing }) => missing)).toEqual([]);
  });

  it.each([
    ['Arabic', 'دفتر حسابات.pdf'],
    ['Hebrew', 'שלום עולם.pdf'],
    ['Thai', 'ภาษาไทย.doc'],
    ['Devanagari', 'हिन्दी'],
    ['emoji', '👩‍👩‍👧 🏠'],
    ['rare Hanja', '㐂龘傕'],
    ['Vietnamese and Czech', 'Nguyễn Dvořák'],
  ])('shows a name in %s with glyphs', async (_, name) => {
    const [page] = await pagesOf({ details: { name, title: name.repeat(3) } });
    const text = textOf(page);
    expect(text).not.toContain('\\u{');
    expect(page.pieces.filter(({ missing }) => missing)).toEqual([]);
    // In whatever order the glyphs stand, every character of the name is among their texts.
    for (const character of name.replaceAll(/\s/g, '')) expect(text).toContain(character);
  });

  it('states that only a digest was notarized', async () => {
    expect(textOf((await pagesOf({ size: null }))[0])).toContain(
      'Not recorded: only the digest was notarized',
    );
  });
});

describe('in both languages', () => {
  it('has both on the first page, and the explanation in each, marked with its language', async () => {
    const wish: Wish = { details: { name: NAME }, cosigners: [1, 3] };
    const more = { language: 'ko-en', verifier: VERIFIER } as const;
    const pdf = new Pdf(await certificateOf(wish, more));
    const [front, korean, english, ...rest] = pdf.pages.map(flowing);
    expect(rest).toEqual([]);
    for (const text of [
      ...['문서 등록 증명서', 'Certificate of notarization', '봉인 · Sealed', '52바이트 · 52 bytes'],
      ...['체인의 참여 기관 3곳 중 2곳', '2 of 3 members of the chain', '2026-01-02 12:04:06 GMT+9'],
      ...['3번(5건 중 3번째) · 3 (entry 3 of 5)', '1 / 3쪽 · Page 1 of 3'],
    ])
      expect(front).toContain(text);
    expect(korean).toContain('이 증명서로 알 수 없는 것');
    expect(english).toContain('What it does not show');
    expect(pdf.catalog).toContain('/Lang (ko)');
    const text = Buffer.from(await certificateOf(wish, more)).toString('latin1');
    expect(text).toMatch(/\/S \/Sect[^>]*\/Lang \(en\)/);
    expect(text.match(/\/S \/P\n[^>]*\/Lang \(en\)/g)?.length).toBeGreaterThan(3);
  });
});

describe('the second page', () => {
  it('leads from the digest to the signature, with every value in full', async () => {
    const { proof } = inputOf();
    const [, page] = await pagesOf();
    const lines = textOf(page).split('\n');
    const values = [
      DIGEST,
      toHex(proof.block.header.merkleRoot),
      toHex(proof.log.checkpoint.root),
      formatVerifierKey(LOG.key),
    ];
    const places = values.map((value) => lines.indexOf(value));
    expect(places).not.toContain(-1);
    expect(places.toSorted((a, b) => a - b)).toEqual(places);
  });

  it('says who vouches for the time before a seal that came late, and what a kept receipt shows', async () => {
    const said = async (...args: Parameters<typeof pagesOf>) => flowing((await pagesOf(...args))[1]);
    const late = { acceptedAt: SEALED - 3_600_000 };
    const unusual =
      'the seal came 3,600 s later, longer than usual. For this time there is only the word of the service.';
    expect(await said(late)).toContain(unusual);
    expect(await said({ acceptedAt: SEALED - 60_000 })).not.toContain('time of acceptance is right');
    expect(await said(late, { language: 'ko' })).toContain('3,600초가 지나 봉인되었으며');
    const kept = await said(late, { promise: { deadline: SEALED, lateMs: 0 } });
    expect(kept).toContain('promised the seal by 2026-01-02 03:04:06.789 UTC; this promise was kept.');
    expect(kept).not.toContain('longer than usual');
    expect(await said({}, { promise: { deadline: ACCEPTED, lateMs: SEALED - ACCEPTED } })).toContain(
      'promised the seal by 2026-01-02 03:04:05.678 UTC; it came 1 s later.',
    );
  });

  it('states the limits of the proof, with and without cosigners', async () => {
    expect(flowing((await pagesOf())[1])).toContain('no independent member of the chain has confirmed them');
    const cosigned = flowing((await pagesOf({ cosigners: [1, 2] }))[1]);
    expect(cosigned).toContain('confirm with their cosignatures (w1, w2)');
    expect(cosigned).not.toContain('no independent member');
  });
});

describe('the layout', () => {
  const long = 'WWWWWWWWMMMMMM 긴 이름 '.repeat(80);
  const extreme: Wish = {
    details: Object.fromEntries(['name', 'title', 'author', 'reference', 'note'].map((key) => [key, long])),
    account: 'W'.repeat(400),
    cosigners: [1, 2, 3],
  };
  const issuer = { name: '긴 이름 '.repeat(40), contact: 'W'.repeat(200), logo: logoPng() };
  const longNames = ['partner-law-firm-of-seoul', 'audit-house', 'registry.example.co.kr'];
  const unbroken = 'long-file-name'.repeat(30);
  const longOrigin = `log.example/${'w'.repeat(150)}`;

  it.each([
    ['English', {}, 'en'],
    ['Korean', {}, 'ko'],
    ['long values', extreme, 'en'],
    ['long values in Korean', extreme, 'ko'],
    ['a word longer than a line', { details: { name: unbroken } }, 'en'],
    ['a chain with a long name', { ...extreme, origin: longOrigin, signer: signer(longOrigin) }, 'en'],
    ['both languages', { details: { name: NAME } }, 'ko-en'],
    ['long values in both languages', extreme, 'ko-en'],
  ] as const)('shows every text whole, without overlaps: %s', async (_, wish, language) => {
    // With everything that a first page can say.
    const promise = 'cosigners' in wish ? { deadline: ACCEPTED, lateMs: 7_200_000 } : null;
    const more = { issuer, service: 'notary.example.com', verifier: VERIFIER };
    const input = inputOf(wish, { language, promise, ...(promise === null ? {} : more) });
    const verification = renamed('origin' in wish ? vouched(input) : input.verification, longNames);
    const { pages } = new Pdf(await createCertificate({ ...input, verification }));
    const texts = [
      ...Object.entries(input.proof.details ?? {}).flatMap(([key, text]) => (key === 'note' ? [] : [text])),
      input.proof.account,
      input.proof.log.checkpoint.origin,
      ...(promise === null ? [] : [issuer.name, issuer.contact]),
    ].filter((text) => typeof text === 'string');
    const printed = pages.map(solid).join('');
    for (const text of texts) expect(printed).toContain(text.replaceAll(/\s/g, ''));
    const usual = language === 'ko-en' ? 3 : 2;
    expect(pages.length > usual).toBe(texts.some((text) => text.length > 100));
    for (const { pieces } of pages) {
      expect(pieces.filter(({ left, right, y }) => left < 61 || right > 535 || y < 30 || y > 800)).toEqual(
        [],
      );
      expect(pieces.flatMap((a, i) => pieces.slice(i + 1).filter((b) => covers(a, b)))).toEqual([]);
      expect(pieces.filter(({ missing }) => missing)).toEqual([]);
    }
    // Two languages and long values do not fit the first page.
    const shown = (language === 'ko-en' ? pages : pages.slice(0, 1)).map(solid).join('');
    for (const { witness } of verification.cosignatures) expect(shown).toContain(witness);
  });
});

/** The text of a page without its spaces, at which lines are broken. */
function solid({ pieces }: PdfPage): string {
  return pieces
    .map(({ text }) => text)
    .join('')
    .replaceAll(/\s/g, '');
}

/** As under a policy whose witnesses have these names. */
function renamed(verification: Verification, names: readonly string[]): Verification {
  const cosignatures = verification.cosignatures.map(({ time }, i) => ({ witness: names[i] ?? '', time }));
  return { ...verification, cosignatures };
}

/** As under a policy that knows the log's key, which the vectors' policies do not. */
function vouched({ verification }: ReturnType<typeof inputOf>) {
  const steps = verification.steps.map((step) =>
    step.name === 'log_signature'
      ? { ...step, outcome: 'passed' as const, code: null, computed: 'k'.repeat(300) }
      : step,
  );
  return { ...verification, verdict: 'verified' as const, steps };
}

/**
 * Whether the letters of two pieces share space; a letter reaches 0.2 of its size below the base line, 0.75
 * above.
 */
function covers(a: Piece, b: Piece): boolean {
  const beside = a.right <= b.left || b.right <= a.left;
  const apart = a.y - 0.2 * a.size >= b.y + 0.75 * b.size || b.y - 0.2 * b.size >= a.y + 0.75 * a.size;
  return !beside && !apart && a.text.trim() !== '' && b.text.trim() !== '';
}

describe('the file', () => {
  it('is read as the proof', async () => {
    for (const wish of [
      {},
      { details: { name: NAME }, cosigners: [1, 2, 3] },
      { entries: 300, index: 255 },
    ]) {
      const { proof } = inputOf(wish);
      expect(parseProofOrCertificate(await certificateOf(wish))).toEqual(proof);
    }
  });

  it('has the proof as its only attachment, declared as the source of the pages', async () => {
    const pdf = new Pdf(await certificateOf());
    const [, files = ''] =
      /\/Names \[\s*\(proof\.ingam\.json\) ([0-9]+) 0 R\s*\]/.exec(pdf.follow(pdf.catalog, 'Names')) ?? [];
    expect(pdf.catalog).toContain(`/AF [${files} 0 R]`);
    const specification = pdf.object(Number(files));
    expect(specification).toContain('/AFRelationship /Source');
    const attached = pdf.stream(pdf.reference(specification.slice(specification.indexOf('/EF')), 'F'));
    expect(utf8Decode(attached)).toBe(formatProof(inputOf().proof));
  });

  it('declares PDF/A-3a, its language and its structure', async () => {
    const pdf = new Pdf(await certificateOf({}, { language: 'ko' }));
    const metadata = pdf.stream(pdf.reference(pdf.catalog, 'Metadata')).toString();
    expect(metadata).toMatch(/<pdfaid:part>3<.*<pdfaid:conformance>A</s);
    expect(pdf.catalog).toContain('/Lang (ko)');
    expect(pdf.follow(pdf.catalog, 'MarkInfo')).toContain('/Marked true');
  });

  it('contains submitted text only where it is drawn or attached', async () => {
    const text = '<x>&amp; \\) /Type /EmbeddedFile endstream';
    const bytes = Buffer.from(await certificateOf({ details: { name: text, title: text } }));
    const proof = Buffer.from(formatProof(inputOf({ details: { name: text, title: text } }).proof));
    const rest = bytes.subarray(bytes.indexOf(proof) + proof.length).toString('latin1');
    expect(rest).not.toContain('EmbeddedFile endstream');
    expect(flowing(new Pdf(bytes).pages[0] ?? { pieces: [], rectangles: [] })).toContain(text);
  });

  it('has the same bytes for the same input, and different ones for different input', async () => {
    const [first, again, other] = await Promise.all([
      certificateOf({}),
      certificateOf({}),
      certificateOf({}, { timeZone: 'UTC' }),
    ]);
    expect(Buffer.compare(first, again)).toBe(0);
    expect(Buffer.compare(first, other)).not.toBe(0);
  });
});

it('has the same bytes whatever was made before, also for characters that share a glyph', async () => {
  const name = 'a\u00a0b – c\u2011d.pdf';
  const before = await certificateOf({ details: { name: name.replaceAll('\u00a0', ' ') } });
  const after = await certificateOf({ details: { name } });
  const again = await certificateOf({ details: { name: name.replaceAll('\u00a0', ' ') } });
  expect(Buffer.compare(before, again)).toBe(0);
  expect(Buffer.compare(before, after)).not.toBe(0);
});

describe('there is no certificate', () => {
  const codeOf = async (...args: Parameters<typeof certificateOf>) =>
    certificateOf(...args).then(
      () => null,
      (error: unknown) => (error instanceof CertificateError ? error.code : error),
    );

  it('for a proof that is not verified', async () => {
    const { verification } = inputOf();
    for (const verdict of ['untrusted', 'invalid', 'pending'] as const)
      expect(await codeOf({}, { verification: { ...verification, verdict } })).toBe('not_verified');
    expect(await codeOf({ signer: signer('other.example/log') })).toBe('not_verified');
  });

  it('in an unknown time zone', async () => {
    for (const timeZone of ['Mars/Olympus', '', 'Asia/Seoul\n'])
      expect(await codeOf({}, { timeZone })).toBe('unknown_time_zone');
  });

  it('for times after the year 9999', async () => {
    expect(await codeOf({ acceptedAt: 253_402_300_799_998, sealedAt: 253_402_300_799_999 })).toBeNull();
    expect(await codeOf({ acceptedAt: 0, sealedAt: 253_402_300_800_000 })).toBe('time_out_of_range');
    expect(await codeOf({ acceptedAt: 0, sealedAt: 2 ** 53 - 3000 })).toBe('time_out_of_range');
  });

  it('with an address that is not an http or https URL', async () => {
    for (const verifyPage of [
      '',
      '/verify',
      'javascript:alert(1)',
      'file:///etc',
      `https://x/${'y'.repeat(250)}`,
    ])
      expect(await codeOf({}, { verifyPage })).toBe('bad_address');
  });
});
