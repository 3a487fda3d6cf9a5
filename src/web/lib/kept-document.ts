import { toHex } from '../../proof/bytes.js';
import { Hasher } from './hasher.js';
import { openHashWorker } from './open-hash-worker.js';
import { address, localProblem, readBlob } from './request.js';
import { sessionRequest } from './session.js';

/** Documents that the vault of the service keeps. */

export interface KeptPlace {
  /** As the notarization says. Hexadecimal. */
  readonly sha256: string;
  /** The bytes. */
  readonly read: () => Promise<Response>;
  /** Downloads it as a file. */
  readonly download: () => Promise<void>;
}

/** @param path of the document, for who is signed in, such as `v1/notarizations/ID/document` */
export function keptAt(path: string, sha256: string): KeptPlace {
  return { sha256, read: () => sessionRequest(path, {}), download: () => downloadAt(path) };
}

/** A document that a page can show, with a type that was found in its bytes. */
export interface ViewableDocument {
  readonly blob: Blob;
  readonly isPdf: boolean;
}

/** A page holds the whole document in memory. */
export const MOST_SHOWN = 64 * 1024 * 1024;

/**
 * What browsers show without running anything of it: images of dots, and PDF in a viewer of their own. Not SVG or HTML,
 * which can have scripts.
 */
const TYPES: readonly (readonly [type: string, beginning: RegExp])[] = [
  ['application/pdf', /^%PDF-/],
  ['image/png', /^\x89PNG\r\n\x1a\n/],
  ['image/jpeg', /^\xff\xd8\xff/],
  ['image/gif', /^GIF8[79]a/],
  ['image/webp', /^RIFF[^]{4}WEBP/],
  ['image/avif', /^[^]{4}ftypavi[fs]/],
];
const BEGINNING = 16;

/** The type by the first bytes: names and types that somebody states are not trusted. null: it is not shown. */
export function typeOf(beginning: Uint8Array): string | null {
  const text = String.fromCharCode(...beginning.subarray(0, BEGINNING));
  return TYPES.find(([, pattern]) => pattern.test(text))?.[0] ?? null;
}

/**
 * Fetches a document, and compares it with the notarization.
 * @throws ProblemError also `wrong_digest`
 */
export async function checked({ read, sha256 }: Pick<KeptPlace, 'read' | 'sha256'>): Promise<Blob> {
  const blob = await readBlob(await read());
  const hasher = new Hasher({ open: openHashWorker }, 1);
  const digest = await hasher.hash(new File([blob], ''), new AbortController().signal, () => undefined);
  if (toHex(digest) !== sha256) throw localProblem('wrong_digest');
  return blob;
}

/** @throws ProblemError as `checked`, and `not_viewable`: it is no PDF or image; `no_pdf_viewer` */
export async function viewable(place: KeptPlace): Promise<ViewableDocument> {
  const blob = await checked(place);
  const type = typeOf(new Uint8Array(await blob.slice(0, BEGINNING).arrayBuffer()));
  if (type === null) throw localProblem('not_viewable');
  const isPdf = type === 'application/pdf';
  if (isPdf && !navigator.pdfViewerEnabled) throw localProblem('no_pdf_viewer');
  return { blob: blob.slice(0, blob.size, type), isPdf };
}

/**
 * Has the browser download a document, of any length, to disk. The first byte is asked for before: what cannot be read
 * is a problem of this page, and not an answer that is saved as a file.
 */
async function downloadAt(path: string): Promise<void> {
  await readBlob(await sessionRequest(path, { headers: { Range: 'bytes=0-0' } }));
  const link = document.createElement('a');
  link.href = address(path);
  link.download = '';
  document.body.append(link);
  link.click();
  link.remove();
}
