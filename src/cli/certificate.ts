import { basename, resolve } from 'node:path';
import { CertificateError, type Issuer } from '../certificate/facts.js';
import { createCertificate } from '../certificate/certificate.js';
import { certificateSigner, type CertificateSigner } from '../certificate/signature.js';
import type { Language } from '../certificate/words.js';
import { PENDING_FORMAT, toBase64, verify, type Verification } from '../proof/index.js';
import { defineCommand } from './command.js';
import { Failure, usageError } from './failure.js';
import {
  hashDocument,
  PROOF_SUFFIX,
  readProofOrCertificate,
  readSmall,
  readText,
  withoutSuffix,
  writeNew,
} from './files.js';
import { withSuffix } from './paths.js';
import { compareReceipt, type KeptReceipt, promiseSentences, readReceipt } from './receipt.js';
import { loadTrust, TRUST_OPTIONS } from './trust-store.js';
import { timeInput } from './time.js';
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
    verifier: { type: 'string', value: 'URL', help: 'where the verifier can be had as one file' },
    issuer: { type: 'string', value: 'NAME', help: 'who issues the certificate, as it is printed' },
    contact: { type: 'string', value: 'TEXT', help: 'where to ask about it: an address or number' },
    logo: { type: 'string', value: 'FILE', help: 'logo of the issuer, a PNG' },
    'sign-key': {
      type: 'string',
      value: 'FILE',
      help: 'sign the PDF (PAdES) with this private key, in PEM; needs --sign-chain',
    },
    'sign-chain': {
      type: 'string',
      value: 'FILE',
      help: 'X.509 certificates in PEM: that of the key first, then those above it',
    },
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
    const verification = verify({ proof, document, policy: trust.policy, ...(await timeInput(proof)) });
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
    const { issuer, signer } = await issuing(values, io);
    const made = await createCertificate({
      proof,
      verification,
      name: file === undefined ? null : basename(file),
      promise:
        receipt === null ? null : { deadline: receipt.pending.receipt.deadline, lateMs: receipt.lateMs },
      language,
      timeZone: values.tz ?? new Intl.DateTimeFormat().resolvedOptions().timeZone,
      verifyPage: values['verify-page'] ?? null,
      verifier: values.verifier ?? null,
      issuer,
      signature: signer === null ? null : { name: signer.name, at: Date.now() },
    }).catch(asUsage);
    const bytes = signer === null ? made : await signer.sign(made).catch(asUsage);
    await writeNew(resolve(io.cwd, shown), shown, bytes);
    printLine(io.stdout, shown);
    return EXIT.ok;
  },
});

type IssuingOption = 'issuer' | 'contact' | 'logo' | 'sign-key' | 'sign-chain';

async function issuing(
  values: Readonly<Partial<Record<IssuingOption, string | undefined>>>,
  io: Io,
): Promise<{ issuer: Issuer | null; signer: CertificateSigner | null }> {
  const { issuer: name, contact = null, logo } = values;
  const { 'sign-key': key, 'sign-chain': chain } = values;
  if (name === undefined && (contact !== null || logo !== undefined))
    throw usageError('--contact and --logo need --issuer');
  if ((key === undefined) !== (chain === undefined))
    throw usageError('--sign-key and --sign-chain go together');
  const issuer =
    name === undefined
      ? null
      : {
          name,
          contact,
          logo: logo === undefined ? null : toBase64(await readSmall(resolve(io.cwd, logo), logo)),
        };
  if (key === undefined || chain === undefined) return { issuer, signer: null };
  const [keyPem, chainPem] = [
    await readText(resolve(io.cwd, key), key),
    await readText(resolve(io.cwd, chain), chain),
  ];
  try {
    return { issuer, signer: certificateSigner(keyPem, chainPem, null) };
  } catch (error) {
    return asUsage(error);
  }
}

export function asUsage(error: unknown): never {
  throw error instanceof CertificateError
    ? new Failure('usage', error.message, { code: error.code, cause: error })
    : error;
}

/** Whether the receipt is for this entry, and a key that the user trusts has signed it. */
function isPrintable({ outcome, signed }: KeptReceipt): boolean {
  return signed && (outcome === 'kept' || outcome === 'late');
}

export function languageOf(given: string | undefined, { env }: Io): Language {
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
