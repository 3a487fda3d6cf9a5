import { resolve } from 'node:path';
import { readDigest, toHex } from '../proof/index.js';
import { usageError } from './failure.js';
import { HISTORY_SUFFIX, isRegularFile, PROOF_SUFFIX } from './files.js';
import { isFolder } from './find-files.js';
import type { Io } from './io.js';
import { withSuffix } from './paths.js';
import { verifyMessages } from './messages/verify.js';
import { usageMessages } from './messages/usage.js';

// What the arguments of `ingam verify` mean.

const ZIP_SUFFIX = '.zip';

/**
 * Whether these arguments are several files: not FILE PROOF, and not one document.
 * @param args as given, without options
 */
export async function areMany(args: readonly string[], io: Io): Promise<boolean> {
  if (args.length > 2) return true;
  const paths = args.map((each) => resolve(io.cwd, each));
  for (const path of paths) if ((await isFolder(path)) || (await isContainer(path))) return true;
  const [first = '', second] = args;
  if (second === undefined || first === '-' || second === '-') return false;
  if (isProofName(first) && isProofName(second)) return true;
  // A document that has a proof of its own is not the proof of the first one.
  return isRegularFile(withSuffix(resolve(io.cwd, second), PROOF_SUFFIX));
}

function isProofName(name: string): boolean {
  const lower = name.toLowerCase();
  return lower.endsWith(PROOF_SUFFIX) || lower.endsWith(HISTORY_SUFFIX);
}

/** Whether a file is a zip of proofs, and not a document that happens to be a zip and has a proof itself. */
export async function isContainer(path: string): Promise<boolean> {
  if (!path.toLowerCase().endsWith(ZIP_SUFFIX) || !(await isRegularFile(path))) return false;
  return !(await isRegularFile(withSuffix(path, PROOF_SUFFIX)));
}

export interface Subject {
  /** Path of the document, `-` for standard input, or null if only a digest was given. */
  readonly file: string | null;
  readonly digest: Uint8Array | null;
  readonly proof: string;
  /** The document's name in the report. */
  readonly name: string;
  readonly proofNamed: boolean;
}

export function chooseSubject(hex: string | undefined, positionals: readonly string[]): Subject {
  const [first, second] = positionals;
  if (first === '-' && second === '-') throw usageError(verifyMessages().bothStreams);
  if (hex !== undefined) {
    if (first === undefined)
      throw usageError(
        verifyMessages().digestNeedsProof,
        `${usageMessages().usage} ingam verify --sha256 HEX PROOF`,
      );
    if (second !== undefined) throw usageError(verifyMessages().digestOrFile);
    const digest = parseDigest(hex);
    return { file: null, digest, proof: first, name: `sha256:${toHex(digest)}`, proofNamed: true };
  }
  if (first === undefined)
    throw usageError(
      verifyMessages().missingFile,
      `${usageMessages().usage} ingam verify FILE [PROOF] [--key VKEY | --trust FILE]`,
    );
  if (first === '-' && second === undefined) {
    throw usageError(verifyMessages().streamNeedsProof, `${usageMessages().usage} ingam verify - PROOF`);
  }
  return {
    file: first,
    digest: null,
    proof: second ?? withSuffix(first, PROOF_SUFFIX),
    name: first === '-' ? verifyMessages().standardInput : first,
    proofNamed: second !== undefined,
  };
}

function parseDigest(hex: string): Uint8Array {
  const digest = readDigest(hex);
  if (digest === null) throw usageError(verifyMessages().badDigest);
  return digest;
}
