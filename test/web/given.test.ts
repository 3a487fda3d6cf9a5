import { beforeAll, describe, expect, it } from 'vitest';
import { formatProof, notarizationId, sha256 } from '../../src/proof/index.js';
import type { ChosenFile } from '../../src/web/lib/files.js';
import { arrange, type Read, withoutPackTools } from '../../src/web/pages/verify/arrange.js';
import { isProof, isRewrittenCertificate, readProof } from '../../src/web/pages/verify/files.js';
import { certificateOf } from '../certificate/support.js';
import { DOCUMENT as DOCUMENT_BYTES, makeProof } from '../vectors/make/chain.js';
import { makePending } from '../vectors/make/pending.js';

let certificate: Uint8Array<ArrayBuffer>;
let rewritten: Uint8Array<ArrayBuffer>;
/** The same with the type spelt otherwise. */
let respelt: Uint8Array<ArrayBuffer>;
beforeAll(async () => {
  certificate = new Uint8Array(await certificateOf({ details: { name: 'lease.pdf' } }));
  const text = Buffer.from(certificate).toString('latin1').replace('%PDF-1.7', '%PDF-1.6');
  rewritten = latin1(text);
  respelt = latin1(text.replace('proof+json', 'proof#2Bjson'));
});

function chosen(name: string, content: string | Uint8Array<ArrayBuffer>): ChosenFile {
  const file = new File([content], name);
  return { file, path: name };
}

const latin1 = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
const PDF = latin1('%PDF-1.7\n%\xff\xff\xff\xff\n1 0 obj\n<<>>\nendobj\n');
const DOCUMENT = new Uint8Array(DOCUMENT_BYTES);
const proofOf = (name: string, document?: Uint8Array) =>
  chosen(name, formatProof(makeProof(document === undefined ? {} : { document })));

describe('a certificate', () => {
  it('is a proof, while any other PDF is a document', async () => {
    const verdicts = await Promise.all(
      [
        chosen('renamed', certificate),
        chosen('c.pdf', certificate.slice(0, 900)),
        chosen('c.pdf', Buffer.concat([certificate, Buffer.alloc(2_000_000)])),
        chosen('document.pdf', PDF),
        chosen('c.pdf', rewritten),
      ].map(isProof),
    );
    expect(verdicts).toEqual([true, true, true, false, false]);
  });

  it('is parsed like the proof that it contains', async () => {
    expect(await readProof(chosen('c', certificate).file)).toEqual({
      proof: makeProof({ details: { name: 'lease.pdf' } }),
      certificate: true,
    });
    expect(await readProof(proofOf('p').file)).toEqual({
      proof: makeProof(),
      certificate: false,
    });
    for (const content of [PDF, rewritten, certificate.slice(0, 900)])
      expect(await readProof(chosen('c', content).file)).toMatchObject({
        unreadable: 'malformed_certificate',
      });
  });

  it('is recognized after another program has saved it again', async () => {
    const verdicts = await Promise.all(
      [rewritten, respelt, PDF, 'vnd.ingam.proof+json', ''].map((content) =>
        isRewrittenCertificate(chosen('c.pdf', content).file),
      ),
    );
    expect(verdicts).toEqual([true, true, false, false, false]);
  });
});

describe('a history', () => {
  it('is known by its beginning or its name, and read whole', async () => {
    const text = '{"format":"ingam-history-v1","record":""}';
    const [named, renamed] = [chosen('lease.ingam-history.json', '{}'), chosen('lease.json', ` ${text}`)];
    expect(await Promise.all([named, renamed, chosen('a', '"ingam-history-v1"')].map(isProof))).toEqual([
      true,
      true,
      false,
    ]);
    expect(await readProof(renamed.file)).toEqual({ history: latin1(` ${text}`) });
    expect(await arranged(chosen('lease.pdf', PDF), renamed)).toEqual(['lease.pdf + lease.json']);
  });
});

/** What is checked together, as "document + proof (receipt)". */
async function arranged(...files: readonly (ChosenFile | Read)[]): Promise<string[]> {
  const read = await Promise.all(
    files.map(async (file, i): Promise<Read> => {
      if ('reading' in file) return file;
      const given = { key: String(i), file, name: file.path };
      const bytes = new Uint8Array(await file.file.arrayBuffer());
      const hashed = { name: file.file.name, size: bytes.length, sha256: sha256(bytes) };
      if (!(await isProof(file))) return { ...given, reading: { as: 'document', document: hashed } };
      const isPdf = file.path.endsWith('.pdf');
      return {
        ...given,
        reading: { as: 'proof', parsed: await readProof(file.file), sha256: isPdf ? hashed.sha256 : null },
      };
    }),
  );
  return arrange(read).map(
    ({ document, proof, receipt, id }) =>
      [document?.name, proof?.path, id].filter((name) => name != null).join(' + ') +
      (receipt === null ? '' : ' (receipt)'),
  );
}

describe('what was given', () => {
  const bytes = (text: string) => Buffer.from(text);

  it('is put together by digests, then by names, and nothing is left out', async () => {
    const given = [
      chosen('b.txt', 'b'),
      proofOf('renamed.json', bytes('a')),
      chosen('a.txt', 'a'),
      chosen('c.txt', 'c, but changed'),
      proofOf('c.txt.ingam.json', bytes('c')),
      chosen('folder/c.txt', 'c'),
      proofOf('of-nothing-here.ingam.json', bytes('d')),
      chosen('cut.ingam.json', '{'),
    ];
    expect(await arranged(...given)).toEqual([
      'b.txt',
      'a.txt + renamed.json',
      'c.txt',
      'folder/c.txt + c.txt.ingam.json',
      'of-nothing-here.ingam.json',
      'cut.ingam.json',
    ]);
    expect(
      await arranged(chosen('c.txt', 'changed'), proofOf('c.txt.ingam.json', bytes('c')), chosen('e', 'e')),
    ).toEqual(['c.txt + c.txt.ingam.json', 'e']);
    expect(await arranged()).toEqual([]);
  });

  it('may be one document and one proof, whatever they say and are called', async () => {
    expect(await arranged(proofOf('p.json', bytes('a')), chosen('other', 'b'))).toEqual(['other + p.json']);
    expect(await arranged(chosen('cut.ingam.json', '{'), chosen('a', 'a'))).toEqual(['a + cut.ingam.json']);
  });

  it('may be a link and one document, which is checked against that proof alone', async () => {
    const { block, entry } = makeProof();
    const id = notarizationId(block.header.firstPosition + block.index, entry.salt);
    const link: Read = { key: 'link', file: null, name: id, reading: { as: 'link', id, document: null } };
    const [one, other] = [chosen('one', 'changed'), chosen('other', 'b')];
    expect(await arranged(link, one)).toEqual([`one + ${id}`]);
    expect(await arranged(link, one, other)).toEqual([id, 'one', 'other']);
    // The proof itself says all that the link does.
    expect(await arranged(link, one, proofOf('p.json'))).toEqual(['one + p.json']);
    const elsewhere: Read = { ...link, reading: { as: 'link', id: '9-00', document: null } };
    expect(await arranged(elsewhere, proofOf('p.json'))).toEqual(['9-00', 'p.json']);
  });

  it('may have several proofs of one document, and several copies of it', async () => {
    const paper = chosen('c.pdf', certificate);
    const proof = proofOf('p.ingam.json');
    const [first, second] = [chosen('one', DOCUMENT), chosen('two', DOCUMENT)];
    expect(await arranged(paper, first, proof, second)).toEqual([
      'one + c.pdf',
      'one + p.ingam.json',
      'two + c.pdf',
      'two + p.ingam.json',
    ]);
  });

  it('can be a proof and a receipt that was kept for the same document', async () => {
    const proof = proofOf('d.ingam.json');
    const receipt = chosen('kept.json', formatProof(makePending()));
    expect(await arranged(receipt, proof)).toEqual(['d.ingam.json (receipt)']);
    const other = chosen('other.json', formatProof(makePending({ document: bytes('other') })));
    expect(await arranged(other, proof)).toEqual(['other.json', 'd.ingam.json']);
    expect(await arranged(receipt)).toEqual(['kept.json']);
  });

  it('can be a certificate and its own proof, so that the certificate is the document', async () => {
    const paper = chosen('c.pdf', certificate);
    const own = proofOf('c.pdf.ingam.json', certificate);
    expect(await arranged(own, paper)).toEqual(['c.pdf + c.pdf.ingam.json']);
    // With the document that it certifies, it is a proof as well.
    const certified = chosen('lease', DOCUMENT);
    expect(await arranged(own, paper, certified)).toEqual(['c.pdf + c.pdf.ingam.json', 'lease + c.pdf']);
  });

  it('of an evidence pack is only what is checked here', () => {
    const paths = [
      'document/a.txt',
      'proof-1/proof.ingam.json',
      'proof-1/certificate.pdf',
      'SHA256SUMS',
      'verify.html',
    ];
    const pack = paths.map((path) => ({ ...chosen('x', ''), path: `a.zip/${path}` }));
    const { files, leftOut } = withoutPackTools([...pack, chosen('verify.html', '')]);
    expect(files.map(({ path }) => path)).toEqual([
      'a.zip/document/a.txt',
      'a.zip/proof-1/proof.ingam.json',
      'a.zip/proof-1/certificate.pdf',
      'verify.html',
    ]);
    expect(leftOut).toEqual(['a.zip/SHA256SUMS', 'a.zip/verify.html']);
  });
});
