import { NODE } from '../../crypto/primitives.js';
import { formatVerifierKey, PENDING_FORMAT, toHex, verify, type Policy } from '../../proof/index.js';
import { failureJson, hintsOf, type Failure } from '../failure.js';
import { EXIT, printLine, type ExitCode, type Io, counted, isoTime, printable } from '../io.js';
import { isAboutCaller } from '../service-client.js';
import { shownPath } from './documents.js';
import type { DocumentResult } from './notarize.js';

export interface NotarizeResult {
  readonly origin: string;
  readonly results: readonly DocumentResult[];
  readonly skippedProofs: number;
  readonly skippedOthers: number;
  readonly stopped: boolean;
  /** --no-wait: pending proofs are what was asked for. */
  readonly pendingWanted: boolean;
  /** Whom the user trusts, to say so in time when it is somebody else who signs. */
  readonly policy: Policy | null;
}

/** More failures than this scroll past the eye: `--json` names them all. */
const SHOWN_FAILURES = 20;

export function exitCodeOf({ results, stopped, pendingWanted }: NotarizeResult): ExitCode {
  const failed = results.filter(({ status }) => status === 'failed');
  if (stopped) return EXIT.interrupted;
  // As for every command: a service out of reach, or one that refuses the caller, is exit code 2, unless something was achieved.
  if (failed.length > 0) {
    const none = failed.length === results.length;
    return none && failed.every(({ failure }) => failure !== undefined && stopsEverything(failure))
      ? EXIT.usage
      : EXIT.failed;
  }
  return !pendingWanted && results.some(({ status }) => status === 'pending') ? EXIT.pending : EXIT.ok;
}

export function summaryJson({ origin, results, skippedProofs, skippedOthers }: NotarizeResult) {
  return {
    origin,
    documents: results.map(({ found, document, status, id, proof, keptAs, failure }) => ({
      file: found.shown,
      status,
      ...(document === null ? {} : { sha256: toHex(document.sha256), size: document.size }),
      ...(id === undefined ? {} : { id }),
      ...(proof === undefined ? {} : { proof: found.proofPath, acceptedAt: isoTime(proof.entry.acceptedAt) }),
      ...(proof === undefined || proof.format === PENDING_FORMAT
        ? {}
        : { sealedAt: isoTime(proof.block.header.sealedAt), block: proof.block.header.height }),
      ...(keptAs === undefined ? {} : { earlierProof: keptAs }),
      ...(failure === undefined ? {} : { error: failureJson(failure) }),
    })),
    skipped: { proofs: skippedProofs, others: skippedOthers },
  };
}

export function printSummary(result: NotarizeResult, io: Io): void {
  const { results, origin, stopped } = result;
  const of = (status: DocumentResult['status']) => results.filter((one) => one.status === status);
  const [sealed, pending, present, failed] = [of('sealed'), of('pending'), of('present'), of('failed')];
  const say = (text: string) => {
    printLine(io.stderr, printable(text));
  };
  for (const { found } of [...sealed, ...pending]) printLine(io.stdout, shownPath(found.proofPath, io.cwd));
  for (const { found, keptAs } of results) {
    if (keptAs !== undefined)
      say(`${found.shown} has changed: its earlier proof is kept as ${shownPath(keptAs, io.cwd)}`);
  }
  if (sealed.length > 0) say(`${counted(sealed.length, 'document')} notarized by ${origin}.`);
  if (pending.length > 0)
    say(`${counted(pending.length, 'document')} accepted, not yet sealed. Later: ingam upgrade PROOF…`);
  if (present.length > 0)
    say(`${counted(present.length, 'document')} skipped: their proofs are there already.`);
  const { skippedProofs, skippedOthers } = result;
  if (skippedProofs > 0) say(`${counted(skippedProofs, 'proof file')} skipped: proofs are not notarized.`);
  if (skippedOthers > 0) say(`${counted(skippedOthers, 'link or device')} skipped.`);
  if (results.length === 0) say('There was nothing to notarize.');
  for (const { found, failure } of failed.slice(0, SHOWN_FAILURES)) {
    say(`FAILED ${found.shown}: ${failure?.message ?? ''}`);
  }
  if (failed.length > SHOWN_FAILURES) say(`… and ${counted(failed.length - SHOWN_FAILURES, 'more failure')}`);
  for (const hint of hintsOf(failed)) say(hint);
  if (failed.length > 0) {
    say(
      `${stopped ? 'Stopped before the end. ' : ''}Run the same command again for the rest: what is done is skipped.`,
    );
  }
  sayTrust(result, say);
}

/** The service is out of reach, or lets this caller do nothing. */
function stopsEverything(failure: Failure): boolean {
  return failure.reason === 'unreachable' || isAboutCaller(failure);
}

/** Years later it would be too late to notice that the proofs are signed by somebody else than one believes. */
function sayTrust({ results, policy, origin }: NotarizeResult, say: (text: string) => void): void {
  const proof = results.find(({ status }) => status === 'sealed')?.proof;
  if (proof === undefined) return;
  if (policy === null) {
    say(`To be able to verify the proofs, keep the log's key: ingam trust`);
  } else if (verify({ proof, document: null, policy, primitives: NODE }).verdict !== 'verified') {
    const trusted = policy.logs.map(formatVerifierKey).join(', ');
    say(
      `Note: by your trust policy these proofs are not verified: ${origin} is not (or not enough) vouched for. You trust: ${trusted}`,
    );
  }
}
