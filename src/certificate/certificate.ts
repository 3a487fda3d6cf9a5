import PDFDocument from 'pdfkit';
import { formatProof, PROOF_MEDIA_TYPE } from '../proof/index.js';
import { Canvas, loadFonts } from './canvas.js';
import { type CertificateInput, type Facts, factsOf } from './facts.js';
import { firstPage, footer, secondPage } from './pages.js';

export const CERTIFICATE_MEDIA_TYPE = 'application/pdf';
/** How the proof is called among the PDF's attachments. */
const ATTACHMENT = 'proof.ingam.json';

/**
 * Two A4 pages about a proof that was verified, and the proof itself: the PDF begins with it, so that whatever reads proofs
 * can read it there (docs/proof-format.md, "Files"). PDF/A-3a. The same input gives the same bytes, as long as the program, its
 * libraries and Node stay the same; nothing in it depends on the clock.
 * @throws {CertificateError}
 */
export async function createCertificate(input: CertificateInput): Promise<Uint8Array> {
  const facts = factsOf(input);
  const fonts = loadFonts();
  const doc = openDocument(input, facts);
  attachProof(doc, input, facts);
  doc.registerFont('regular', fonts.data.regular);
  doc.registerFont('bold', fonts.data.bold);
  const root = doc.struct('Document');
  doc.addStructure(root);
  const pages = [firstPage, secondPage];
  pages.forEach((draw, i) => {
    doc.addPage();
    const canvas = new Canvas(doc, fonts, root);
    draw(canvas, facts, new Canvas(doc, fonts, null));
    footer(canvas, { digest: facts.digest, page: facts.words.page(String(i + 1), String(pages.length)) });
  });
  root.end();
  doc.end();
  const chunks: Buffer[] = [];
  for await (const chunk of doc) chunks.push(chunk as Buffer);
  return new Uint8Array(Buffer.concat(chunks));
}

function openDocument({ proof, language }: CertificateInput, { words, digest }: Facts): PDFKit.PDFDocument {
  return new PDFDocument({
    size: 'A4',
    margin: 0,
    pdfVersion: '1.7',
    subset: 'PDF/A-3a',
    tagged: true,
    lang: language,
    displayTitle: true,
    autoFirstPage: false,
    // Not the library's own default, which a PDF/A may not use.
    font: '',
    // Nothing that strangers have written: the library puts it into XML as it is.
    info: {
      Title: `${words.title} ${digest.slice(0, 16)}`,
      Creator: 'Ingam',
      CreationDate: new Date(proof.block.header.sealedAt),
    },
  });
}

/** First of all, and as it is: readers look for it at the very beginning of the file. */
function attachProof(doc: PDFKit.PDFDocument, { proof }: CertificateInput, { words }: Facts): void {
  const sealed = new Date(proof.block.header.sealedAt);
  const options = {
    name: ATTACHMENT,
    type: PROOF_MEDIA_TYPE,
    description: words.attachment,
    creationDate: sealed,
    modifiedDate: sealed,
    // ISO 19005-3, Annex E: the pages are made from the attachment.
    relationship: 'Source',
  };
  doc.compress = false;
  doc.file(Buffer.from(formatProof(proof)), options);
  doc.compress = true;
}

/** Why there is no certificate. Closed: a new code is a change of the public interface. */
export type CertificateErrorCode =
  | 'not_verified' // the proof does not hold, or nobody whom the maker believes vouches for it
  | 'unknown_time_zone'
  | 'time_out_of_range' // after the year 9999, which dates in a PDF cannot state
  | 'bad_address' // of the verify page: no http or https URL, or too long for the paper
  | 'queue_full'; // too many are being made at once

export class CertificateError extends Error {
  override readonly name = 'CertificateError';
  readonly code: CertificateErrorCode;

  constructor(code: CertificateErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
