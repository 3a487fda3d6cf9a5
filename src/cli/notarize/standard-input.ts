import {
  formatProof,
  type Json,
  type JsonObject,
  PENDING_FORMAT,
  type PendingProof,
  type Policy,
  type ProofFile,
  toHex,
} from '../../proof/index.js';
import { usageError } from '../failure.js';
import { hashStream } from '../files.js';
import { EXIT, type ExitCode, type Io, printJson, printNote } from '../io.js';
import { notarizeMessages } from '../messages/notarize.js';
import type { ServiceClient } from '../service-client.js';
import { assertFits, awaitProof, fetchProof } from './proofs.js';
import { submitDigests } from './submit.js';

/** `ingam notarize -`: a document from standard input, its proof to standard output. */

export const STANDARD_INPUT = '-';

/** @throws {Failure} usage, for what is about files */
export function assertForStream(
  args: readonly string[],
  values: Readonly<Record<'names' | 'upload' | 'keep' | 'force', boolean>> & {
    readonly out: string | undefined;
  },
): void {
  if (args.length > 1) throw usageError(notarizeMessages().streamAlone);
  for (const name of ['names', 'upload', 'keep', 'force', 'out'] as const) {
    if (values[name] !== false && values[name] !== undefined) {
      throw usageError(notarizeMessages().forFiles(name), notarizeMessages().proofToOutput);
    }
  }
}

interface StreamOptions {
  readonly service: ServiceClient;
  readonly policy: Policy | null;
  readonly details: JsonObject | undefined;
  /** How long to wait until it is sealed; 0: not at all. */
  readonly waitMs: number;
  readonly json: boolean;
}

/** @throws {Failure} refused, unreachable, interrupted; the pending proof is printed before, if there is one */
export async function notarizeStream(
  { service, policy, details, waitMs, json }: StreamOptions,
  io: Io,
): Promise<ExitCode> {
  const document = await hashStream(io.stdin, io.signal);
  const [accepted] = await submitDigests(service, [{ document, details }]);
  if (accepted === undefined) throw service.unexpected('it returned no notarization');
  const { pending, ...expected } = accepted;
  const print = (proof: ProofFile | PendingProof) => {
    const content = JSON.parse(formatProof(proof)) as Json;
    const { sha256, size } = document;
    const status = proof.format === PENDING_FORMAT ? 'pending' : 'sealed';
    if (json) printJson(io.stdout, { id: expected.id, status, sha256: toHex(sha256), size, proof: content });
    else printJson(io.stdout, content);
  };
  if (pending !== null) assertFits(service, pending, expected, policy);
  let proof: ProofFile | PendingProof;
  try {
    if (waitMs > 0) proof = await awaitProof(service, expected, policy, performance.now() + waitMs);
    else proof = pending ?? (await fetchProof(service, expected, policy)).proof;
  } catch (error) {
    // Nobody else has the receipt.
    if (pending !== null) print(pending);
    throw error;
  }
  print(proof);
  if (proof.format !== PENDING_FORMAT || waitMs === 0) return EXIT.ok;
  printNote(io, notarizeMessages().pending('1'));
  return EXIT.pending;
}
