import { resolve } from 'node:path';
import { NODE } from '../../node-crypto.js';
import { fromHex, ProofError, verify, type DocumentFacts, type Verdict } from '../../proof/index.js';
import { defineCommand } from '../command.js';
import { Failure, usageError } from '../failure.js';
import { hashDocument, hashStream } from '../input/hash-file.js';
import { EXIT, printJson, type ExitCode, type Io } from '../io.js';
import { PROOF_SUFFIX, readProofOrCertificate } from '../input/read-proof.js';
import { loadTrust, TRUST_OPTIONS } from '../input/trust-store.js';
import { printReport } from './verify-report.js';
import { verificationJson } from './verify-json.js';

/**
 * The verifier of those who have nothing but a file and its proof. What this file imports, all the way down, is proof/, its
 * primitives from Node, and builtins that cannot reach a network; a test holds it to that.
 */
export const verifyCommand = defineCommand({
  name: 'verify',
  summary: 'check a document against its proof, offline',
  usage: 'FILE [PROOF] [--key VKEY | --trust FILE]',
  text: `Tells whether PROOF shows that exactly this FILE existed at the time it states. No network is used, and
the service that made the proof need not exist any more.

PROOF is FILE${PROOF_SUFFIX} unless named; a certificate, which is a PDF that carries the proof, will do as well.
FILE may be - for standard input. Without a key that you trust the answer is never "verified": get the key
from the service's owner, not from where the proof came from.

The verdict is on standard output, its explanation on standard error.
Exit code: 0 verified, 1 not verified, 2 wrong usage or input that cannot be read, 3 not yet sealed.`,
  options: {
    ...TRUST_OPTIONS,
    sha256: {
      type: 'string',
      value: 'HEX',
      help: 'check this digest instead of a FILE: ingam verify --sha256 HEX PROOF',
    },
    json: { type: 'boolean', help: 'verdict, steps and values as JSON on standard output' },
  },
  positionals: { min: 0, max: 2 },
  async run({ values, positionals }, io) {
    const subject = chooseSubject(values.sha256, positionals);
    // Cheap inputs first: nobody waits for a large file to be hashed only to hear of a mistyped key.
    const trust = await loadTrust(values, io);
    const proof = await readProofOrCertificate(resolve(io.cwd, subject.proof), subject.proof).catch(
      (error: unknown) => {
        throw explainMissing(error, subject);
      },
    );
    const document = await documentFacts(subject, io);
    const verification = verify({
      proof,
      document,
      policy: trust.policy,
      receiptKeys: trust.receiptKeys,
      primitives: NODE,
    });
    const outcome = { verification, proof, document, trust, name: subject.name, proofPath: subject.proof };
    if (values.json) printJson(io.stdout, verificationJson(outcome));
    else printReport(outcome, io);
    return exitCodeOf(verification.verdict);
  },
});

interface Subject {
  /** Path of the document, `-`, or null when only a digest is at hand. */
  readonly file: string | null;
  readonly digest: Uint8Array | null;
  readonly proof: string;
  /** How the report calls the document. */
  readonly name: string;
  readonly proofNamed: boolean;
}

function chooseSubject(hex: string | undefined, positionals: readonly string[]): Subject {
  const [first, second] = positionals;
  if (hex !== undefined) {
    if (first === undefined) throw usageError('--sha256 needs the PROOF: ingam verify --sha256 HEX PROOF');
    if (second !== undefined) throw usageError('give either --sha256 or a FILE, not both');
    return { file: null, digest: parseDigest(hex), proof: first, name: `sha256:${hex}`, proofNamed: true };
  }
  if (first === undefined) throw usageError('which file? Usage: ingam verify FILE [PROOF]');
  if (first === '-' && second === undefined) {
    throw usageError('standard input has no proof beside it: ingam verify - PROOF');
  }
  return {
    file: first,
    digest: null,
    proof: second ?? `${first}${PROOF_SUFFIX}`,
    name: first === '-' ? 'standard input' : first,
    proofNamed: second !== undefined,
  };
}

function parseDigest(hex: string): Uint8Array {
  try {
    return fromHex(hex, 32, '--sha256');
  } catch (error) {
    if (error instanceof ProofError) throw usageError(error.message);
    throw error;
  }
}

/** `ingam verify contract.pdf.ingam.json` is a likely slip: say what was meant. */
function explainMissing(error: unknown, { file, proofNamed }: Subject): unknown {
  if (!(error instanceof Failure) || error.reason !== 'unreadable' || proofNamed || file === null)
    return error;
  const hint = file.endsWith(PROOF_SUFFIX)
    ? `${file} looks like a proof. Name the document: ingam verify ${file.slice(0, -PROOF_SUFFIX.length)}`
    : 'Name the proof if it lies elsewhere: ingam verify FILE PROOF';
  return new Failure('unreadable', `no proof beside the document: ${error.message}`, { hint, cause: error });
}

async function documentFacts({ file, digest }: Subject, io: Io): Promise<DocumentFacts> {
  if (digest !== null) return { sha256: digest };
  if (file === null || file === '-') return hashStream(io.stdin, io.signal);
  return hashDocument(resolve(io.cwd, file), file, io);
}

function exitCodeOf(verdict: Verdict): ExitCode {
  switch (verdict) {
    case 'verified':
      return EXIT.ok;
    case 'invalid':
    case 'untrusted':
      return EXIT.failed;
    case 'pending':
      return EXIT.pending;
  }
}
