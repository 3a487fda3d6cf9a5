import { beforeAll, describe, expect, it } from 'vitest';
import { formatProof } from '../../src/proof/index.js';
import type { ChosenFile } from '../../src/web/lib/files.js';
import { isProof, isRewrittenCertificate, readProof, sortFiles } from '../../src/web/pages/verify/files.js';
import { certificateOf } from '../certificate/support.js';
import { makeProof } from '../vectors/make/chain.js';
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
    const document = chosen('lease.pdf', PDF);
    expect(await sortFiles([document, renamed], null)).toEqual({ document, proof: renamed, documents: 1 });
  });
});

describe('several files', () => {
  it('are sorted into one document and one proof', async () => {
    const [document, proof, other] = [chosen('d.pdf', PDF), proofOf('d.ingam.json'), chosen('e', 'e')];
    const paper = chosen('c.pdf', certificate);
    expect(await sortFiles([proof, document, other], null)).toEqual({ document, proof, documents: 2 });
    expect(await sortFiles([document], proof)).toEqual({ document, documents: 1 });
    expect(await sortFiles([paper, document], null)).toEqual({ document, proof: paper, documents: 1 });
    expect(await sortFiles([paper, proof], null)).toEqual({ proof: paper, documents: 0 });
    expect(await sortFiles([], null)).toEqual({ documents: 0 });
  });

  it('can be a proof and a receipt that was kept for the same document', async () => {
    const [document, proof] = [chosen('d.pdf', PDF), proofOf('d.ingam.json')];
    const receipt = chosen('kept.json', formatProof(makePending()));
    const pair = { proof, receipt, documents: 0 };
    expect(await sortFiles([receipt, proof], null)).toEqual(pair);
    expect(await sortFiles([receipt], proof)).toEqual(pair);
    expect(await sortFiles([proof, document], receipt)).toEqual({ ...pair, document, documents: 1 });
    // The receipt of another document, or beside another receipt, is just the proof that was given first.
    const other = chosen('other.json', formatProof(makePending({ document: Buffer.from('other') })));
    expect(await sortFiles([other, proof], null)).toEqual({ proof: other, documents: 0 });
    expect(await sortFiles([receipt, other], null)).toEqual({ proof: receipt, documents: 0 });
    expect(await sortFiles([document], receipt)).toEqual({ document, documents: 1 });
  });

  it('can be a certificate and its own proof, so that the certificate is the document', async () => {
    const paper = chosen('c.pdf', certificate);
    const own = proofOf('c.pdf.ingam.json', certificate);
    const pair = { document: paper, proof: own, documents: 1 };
    expect(await sortFiles([own, paper], null)).toEqual(pair);
    expect(await sortFiles([own], paper)).toEqual(pair);
    expect(await sortFiles([paper], own)).toEqual(pair);
    // With the document that it certifies, it remains the proof, whatever other files are given.
    const document = chosen('d.pdf', PDF);
    expect(await sortFiles([own, paper, document], null)).toEqual({ document, proof: paper, documents: 1 });
  });
});
