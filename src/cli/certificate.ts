import { basename, resolve } from 'node:path';
import { CertificateError } from '../certificate/facts.js';
import { createCertificate } from '../certificate/certificate.js';
import type { Language } from '../certificate/words.js';
import { PENDING_FORMAT, verify, type Verification } from '../proof/index.js';
import { defineCommand } from './command.js';
import { Failure, usageError } from './failure.js';
import { hashDocument, PROOF_SUFFIX, readProofOrCertificate, withoutSuffix, writeNew } from './files.js';
import { withSuffix } from './paths.js';
import { compareReceipt, type KeptReceipt, promiseSentences, readReceipt } from './receipt.js';
import { loadTrust, TRUST_OPTIONS } from './trust-store.js';
import { EXIT, type ExitCode, type Io, printLine, printNote } from './io.js';

export const certificateCommand = defineCommand({
  name: 'certificate',
  summary: 'create a printable PDF certificate from a proof',
  usage: 'PROOF [--document FILE] [--receipt PENDING] [--lang en|ko] [--out FILE.pdf]',
  text: `Writes a two-page PDF about a proof, with the proof embedded: "ingam verify FILE CERTIFICATE.pdf" verifies it. No
network is used. The proof is verified first with the keys that you trust; no certificate is created unless it is
verified. An existing file is never replaced.

PROOF can itself be a certificate, to create it in another language or with cosignatures that you trust.`,
  options: {
    ...TRUST_OPTIONS,
    document: {
      type: 'string',
      value: 'FILE',
      help: 'the document of the proof; its file name is printed if the proof discloses none',
    },
    receipt: {
      type: 'string',
      value: 'PENDING',
      help: 'kept pending proof: print whether its promise was kept',
    },
    lang: {
      type: 'string',
      value: 'LANG',
      help: 'en or ko (default: from $LC_ALL, $LC_MESSAGES or $LANG, else en)',
    },
    tz: {
      type: 'string',
      value: 'ZONE',
      help: 'time zone shown in addition to UTC, such as Asia/Seoul (default: of this computer)',
    },
    'verify-page': { type: 'string', value: 'URL', help: 'address of a verification page, for a QR code' },
    out: {
      type: 'string',
      value: 'FILE',
      help: `output file (default: PROOF without ${PROOF_SUFFIX}, with .certificate.pdf)`,
    },
  },
  positionals: { min: 1, max: 1, missing: 'missing PROOF' },
  async run({ values, positionals: [path = ''] }, io) {
    const language = languageOf(values.lang, io);
    const shown = values.out ?? withSuffix(withoutSuffix(path), '.certificate.pdf');
    const trust = await loadTrust(values, io);
    const proof = await readProofOrCertificate(resolve(io.cwd, path), path);
    if (proof.format === PENDING_FORMAT) {
      printNote(io, `${path} is not sealed yet. Get the final proof with: ingam upgrade ${path}`);
      return EXIT.pending;
    }
    const { document: file } = values;
    const document = file === undefined ? null : await hashDocument(resolve(io.cwd, file), file, io);
    const verification = verify({ proof, document, policy: trust.policy });
    if (verification.verdict !== 'verified') return refuse(path, verification, io);
    const receipt =
      values.receipt === undefined
        ? null
        : compareReceipt(values.receipt, await readReceipt(values.receipt, io), {
            ...{ proof, verification, trust },
            document: document ?? proof.document,
          });
    if (receipt !== null && !isPrintable(receipt)) {
      printNote(io, 'No certificate was created:', ...promiseSentences(receipt, proof, path));
      return EXIT.failed;
    }
    const bytes = await createCertificate({
      proof,
      verification,
      name: file === undefined ? null : basename(file),
      promise:
        receipt === null ? null : { deadline: receipt.pending.receipt.deadline, lateMs: receipt.lateMs },
      language,
      timeZone: values.tz ?? new Intl.DateTimeFormat().resolvedOptions().timeZone,
      verifyPage: values['verify-page'] ?? null,
    }).catch((error: unknown) => {
      throw error instanceof CertificateError
        ? new Failure('usage', error.message, { code: error.code, cause: error })
        : error;
    });
    await writeNew(resolve(io.cwd, shown), shown, bytes);
    printLine(io.stdout, shown);
    return EXIT.ok;
  },
});

/** Whether the receipt is for this entry, and a key that the user trusts has signed it. */
function isPrintable({ outcome, signed }: KeptReceipt): boolean {
  return signed && (outcome === 'kept' || outcome === 'late');
}

function languageOf(given: string | undefined, { env }: Io): Language {
  if (given === 'en' || given === 'ko') return given;
  if (given !== undefined) throw usageError('--lang must be en or ko');
  const locale = [env['LC_ALL'], env['LC_MESSAGES'], env['LANG']].find((value) => (value ?? '') !== '');
  return /^ko\b|^ko_/.test(locale ?? '') ? 'ko' : 'en';
}

function refuse(path: string, { steps }: Verification, io: Io): ExitCode {
  const failure = steps.find(({ outcome }) => outcome === 'failed');
  printNote(io, `No certificate was created because ${path} is not verified: ${failure?.message ?? ''}`);
  if (failure?.code === 'no_trusted_key')
    printNote(io, "Get the log's public key from its owner and pass it with --key VKEY.");
  return EXIT.failed;
}
