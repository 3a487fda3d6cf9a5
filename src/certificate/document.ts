import PDFDocument from 'pdfkit';
import { Canvas } from './canvas.js';
import type { SignatureClaim } from './facts.js';
import type { Page } from './parts.js';
import { reserveSignature } from './signature.js';

export interface PdfOptions {
  /** No untrusted text: the library does not escape it in the XML metadata. */
  readonly title: string;
  readonly language: string;
  /** Of the PDF and of its attachment, in milliseconds since the Unix epoch: nothing depends on the clock. */
  readonly at: number;
  readonly attachment: {
    readonly name: string;
    readonly bytes: Buffer;
    readonly mediaType: string;
    readonly description: string;
  };
  /** For whose signature room is left on the first page; null: none. */
  readonly signature: SignatureClaim | null;
}

/**
 * A PDF/A-3a of A4 pages that carries the file from which it was made.
 * @param pagesOf given what makes canvases that do not draw, to measure
 * @param footer draws the foot of a page
 */
export async function createPdf(
  options: PdfOptions,
  pagesOf: (ruler: () => Canvas) => readonly Page[],
  footer: (canvas: Canvas, page: string, count: string) => void,
): Promise<Uint8Array> {
  const doc = openDocument(options);
  attach(doc, options);
  const root = doc.struct('Document');
  doc.addStructure(root);
  const pages = pagesOf(() => new Canvas(doc, null));
  pages.forEach((draw, i) => {
    doc.addPage();
    const canvas = new Canvas(doc, root);
    draw(canvas);
    if (i === 0 && options.signature !== null) reserveSignature(doc, options.signature);
    footer(canvas, String(i + 1), String(pages.length));
  });
  root.end();
  doc.end();
  const chunks: Buffer[] = [];
  for await (const chunk of doc) chunks.push(chunk as Buffer);
  return new Uint8Array(Buffer.concat(chunks));
}

function openDocument({ title, language, at }: PdfOptions): PDFKit.PDFDocument {
  return new PDFDocument({
    size: 'A4',
    margin: 0,
    pdfVersion: '1.7',
    subset: 'PDF/A-3a',
    tagged: true,
    lang: language,
    displayTitle: true,
    autoFirstPage: false,
    // The library's default font is not embedded, which PDF/A does not allow.
    font: '',
    info: { Title: title, Creator: 'Ingam', CreationDate: new Date(at) },
  });
}

/** Before everything else, and uncompressed: verifiers look for a proof at the very beginning of the file. */
function attach(doc: PDFKit.PDFDocument, { attachment, at }: PdfOptions): void {
  const { name, bytes, mediaType, description } = attachment;
  const options = {
    name,
    type: mediaType,
    description,
    creationDate: new Date(at),
    modifiedDate: new Date(at),
    // ISO 19005-3, Annex E: the pages were made from the attachment.
    relationship: 'Source',
  };
  doc.compress = false;
  doc.file(bytes, options);
  doc.compress = true;
}
