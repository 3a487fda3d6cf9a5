import { formatProof, parseProof, PENDING_FORMAT, PROOF_MEDIA_TYPE } from '../proof/index.js';
import { createPdf } from './document.js';
import { CertificateError, type CertificateErrorCode, type CertificateInput, factsOf } from './facts.js';
import { footer, pagesOf } from './pages.js';
import { createRecordCertificate, type RecordCertificateInput } from './record.js';

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
  const { proof, signature = null } = input;
  const [words] = facts.languages;
  return createPdf(
    {
      title: `${words.title} ${facts.digest.slice(0, 16)}`,
      language: words.language,
      at: proof.block.header.sealedAt,
      attachment: {
        name: ATTACHMENT,
        bytes: Buffer.from(formatProof(proof)),
        mediaType: PROOF_MEDIA_TYPE,
        description: words.attachment,
      },
      signature,
    },
    (ruler) => pagesOf(facts, ruler),
    (canvas, page, count) => {
      footer(canvas, facts, page, count);
    },
  );
}

/** A CertificateInput that can be passed between threads: the proof is the text of its file. */
export type CertificateOrder = Omit<CertificateInput, 'proof' | 'signature'> & { readonly proof: string };

/** Errors lose their code between threads, so the code is returned as a value. */
export type CertificateResult =
  | { readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly code: CertificateErrorCode; readonly message: string };

/** A RecordCertificateInput as it is passed between threads. */
export type RecordCertificateOrder = Omit<RecordCertificateInput, 'signature'>;

/** Runs in a worker thread, so that the process keeps answering requests. */
export async function make(
  order: (CertificateOrder | RecordCertificateOrder) & Pick<CertificateInput, 'signature'>,
): Promise<CertificateResult> {
  try {
    return { bytes: new Uint8Array(await create(order)) };
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    return { code: error.code, message: error.message };
  }
}

function create(order: Parameters<typeof make>[0]): Promise<Uint8Array> {
  if ('history' in order) return createRecordCertificate(order);
  const proof = parseProof(order.proof);
  if (proof.format === PENDING_FORMAT) throw new TypeError('a pending proof has no certificate');
  return createCertificate({ ...order, proof });
}
