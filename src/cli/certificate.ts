import { writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { CertificateError, createCertificate, type Language } from '../certificate/index.js';
import { PENDING_FORMAT, verify, type Verification } from '../proof/index.js';
import { defineCommand } from './command.js';
import { Failure, fileFailure, systemCode, usageError } from './failure.js';
import { hashDocument, PROOF_SUFFIX, readProofOrCertificate } from './files.js';
import { loadTrust, TRUST_OPTIONS } from './trust-store.js';
import { EXIT, printLine, type ExitCode, type Io, printable } from './io.js';

export const certificateCommand = defineCommand({
  name: 'certificate',
  summary: 'make a certificate for print, a PDF, from a proof',
  usage: 'PROOF [--document FILE] [--lang en|ko] [--out FILE.pdf]',
  text: `Writes two pages about a proof, with the proof inside: "ingam verify FILE CERTIFICATE.pdf" verifies it. No network is
used. The proof is verified first, with the keys that you trust; there is no certificate of one that is not.
A file that exists is never replaced.

PROOF may itself be a certificate: to have it in another language, or with cosignatures that you trust.`,
  options: {
    ...TRUST_OPTIONS,
    document: {
      type: 'string',
      value: 'FILE',
      help: 'the document, which must be that of the proof; its name is printed where the\nproof discloses none',
    },
    lang: {
      type: 'string',
      value: 'LANG',
      help: 'en or ko (default: by $LC_ALL, $LC_MESSAGES or $LANG, else en)',
    },
    tz: {
      type: 'string',
      value: 'ZONE',
      help: 'time zone beside UTC, as Asia/Seoul (default: the one of this computer)',
    },
    'verify-page': { type: 'string', value: 'URL', help: 'address of a page that verifies, for a QR code' },
    out: {
      type: 'string',
      value: 'FILE',
      help: `where it goes (default: PROOF less ${PROOF_SUFFIX}, and .certificate.pdf)`,
    },
  },
  positionals: { min: 1, max: 1, missing: 'of which proof?' },
  async run({ values, positionals: [path = ''] }, io) {
    const language = languageOf(values.lang, io);
    const shown =
      values.out ??
      `${path.endsWith(PROOF_SUFFIX) ? path.slice(0, -PROOF_SUFFIX.length) : path}.certificate.pdf`;
    const trust = await loadTrust(values, io);
    const proof = await readProofOrCertificate(resolve(io.cwd, path), path);
    if (proof.format === PENDING_FORMAT) {
      printLine(
        io.stderr,
        printable(`${path} is not sealed yet. Get the final proof with: ingam upgrade ${path}`),
      );
      return EXIT.pending;
    }
    const { document: file } = values;
    const document = file === undefined ? null : await hashDocument(resolve(io.cwd, file), file, io);
    const verification = verify({ proof, document, policy: trust.policy });
    if (verification.verdict !== 'verified') return refuse(path, verification, io);
    const bytes = await createCertificate({
      proof,
      verification,
      name: file === undefined ? null : basename(file),
      language,
      timeZone: values.tz ?? new Intl.DateTimeFormat().resolvedOptions().timeZone,
      verifyPage: values['verify-page'] ?? null,
    }).catch((error: unknown) => {
      throw error instanceof CertificateError
        ? new Failure('usage', error.message, { code: error.code, cause: error })
        : error;
    });
    await writeNew(resolve(io.cwd, shown), shown, bytes);
    printLine(io.stdout, printable(shown));
    return EXIT.ok;
  },
});

function languageOf(given: string | undefined, { env }: Io): Language {
  if (given === 'en' || given === 'ko') return given;
  if (given !== undefined) throw usageError('--lang is en or ko');
  const locale = [env['LC_ALL'], env['LC_MESSAGES'], env['LANG']].find((value) => (value ?? '') !== '');
  return /^ko\b|^ko_/.test(locale ?? '') ? 'ko' : 'en';
}

function refuse(path: string, { steps }: Verification, io: Io): ExitCode {
  const failure = steps.find(({ outcome }) => outcome === 'failed');
  printLine(
    io.stderr,
    printable(`There is no certificate of ${path}, which is not verified: ${failure?.says ?? ''}`),
  );
  if (failure?.code === 'no_trusted_key')
    printLine(io.stderr, 'Get the key of the log from its owner, and give it with --key VKEY.');
  return EXIT.failed;
}

async function writeNew(path: string, shown: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(path, bytes, { flag: 'wx' });
  } catch (error) {
    if (systemCode(error) === 'EEXIST')
      throw new Failure('conflict', `${shown} exists, and was left as it is`, {
        hint: 'Name another file with --out.',
      });
    throw fileFailure(error, shown);
  }
}
