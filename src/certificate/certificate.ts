import PDFDocument from 'pdfkit';
import { formatProof, parseProof, PENDING_FORMAT, PROOF_MEDIA_TYPE } from '../proof/index.js';
import { Canvas } from './canvas.js';
import {
  CertificateError,
  type CertificateErrorCode,
  type CertificateInput,
  type Facts,
  factsOf,
} from './facts.js';
import { footer, pagesOf } from './pages.js';
import { reserveSignature } from './signature.js';

/** The name of the proof among the PDF's attachments. */
const ATTACHMENT = 'proof.ingam.json';

/**
 * Makes a PDF/A-3a of A4 pages about a verified proof: the facts, an explanation in each language, and further
 * pages for texts that are too long for the first. The PDF begins with the proof itself, where every
 * reader of proofs finds it (docs/proof-format.md, "Files"). The same input gives the same bytes with the
 * same release of Ingam and Node: nothing depends on the clock.
 * @throws {CertificateError} all codes but queue_full
 */
export async function createCertificate(input: CertificateInput): Promise<Uint8Array> {
  const facts = factsOf(input);
  const doc = openDocument(input, facts);
  attachProof(doc, input, facts);
  const root = doc.struct('Document');
  doc.addStructure(root);
  const pages = pagesOf(facts, () => new Canvas(doc, null));
  pages.forEach((draw, i) => {
    doc.addPage();
    const canvas = new Canvas(doc, root);
    draw(canvas);
    if (i === 0 && input.signature) reserveSignature(doc, input.signature);
    footer(canvas, facts, String(i + 1), String(pages.length));
  });
  root.end();
  doc.end();
  const chunks: Buffer[] = [];
  for await (const chunk of doc) chunks.push(chunk as Buffer);
  return new Uint8Array(Buffer.concat(chunks));
}

function openDocument(
  { proof }: CertificateInput,
  { languages: [words], digest }: Facts,
): PDFKit.PDFDocument {
  return new PDFDocument({
    size: 'A4',
    margin: 0,
    pdfVersion: '1.7',
    subset: 'PDF/A-3a',
    tagged: true,
    lang: words.language,
    displayTitle: true,
    autoFirstPage: false,
    // The library's default font is not embedded, which PDF/A does not allow.
    font: '',
    // No untrusted text: the library does not escape it in the XML metadata.
    info: {
      Title: `${words.title} ${digest.slice(0, 16)}`,
      Creator: 'Ingam',
      CreationDate: new Date(proof.block.header.sealedAt),
    },
  });
}

/** Before everything else, and uncompressed: verifiers look for it at the very beginning of the file. */
function attachProof(
  doc: PDFKit.PDFDocument,
  { proof }: CertificateInput,
  { languages: [words] }: Facts,
): void {
  const sealed = new Date(proof.block.header.sealedAt);
  const options = {
    name: ATTACHMENT,
    type: PROOF_MEDIA_TYPE,
    description: words.attachment,
    creationDate: sealed,
    modifiedDate: sealed,
    // ISO 19005-3, Annex E: the pages were made from the attachment.
    relationship: 'Source',
  };
  doc.compress = false;
  doc.file(Buffer.from(formatProof(proof)), options);
  doc.compress = true;
}

/** A CertificateInput that can be passed between threads: the proof is the text of its file. */
export type CertificateOrder = Omit<CertificateInput, 'proof' | 'signature'> & { readonly proof: string };

/** Errors lose their code between threads, so the code is returned as a value. */
export type CertificateResult =
  | { readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly code: CertificateErrorCode; readonly message: string };

/** Runs in a worker thread, so that the process keeps answering requests. */
export async function make({
  proof: text,
  ...rest
}: CertificateOrder & Pick<CertificateInput, 'signature'>): Promise<CertificateResult> {
  const proof = parseProof(text);
  if (proof.format === PENDING_FORMAT) throw new TypeError('a pending proof has no certificate');
  try {
    return { bytes: new Uint8Array(await createCertificate({ ...rest, proof })) };
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    return { code: error.code, message: error.message };
  }
}
