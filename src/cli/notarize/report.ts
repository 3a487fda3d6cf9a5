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
  /** With --no-wait pending proofs are a success. */
  readonly pendingWanted: boolean;
  /** The user's trust policy, to warn when the proofs are signed by an untrusted log. */
  readonly policy: Policy | null;
}

/** The output lists at most this many failures; `--json` lists all. */
const SHOWN_FAILURES = 20;

export function exitCodeOf({ results, stopped, pendingWanted }: NotarizeResult): ExitCode {
  const failed = results.filter(({ status }) => status === 'failed');
  if (stopped) return EXIT.interrupted;
  // An unreachable service, or one that rejects the caller, is exit code 2 unless some files succeeded.
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
      say(`${found.shown} has changed; its earlier proof was renamed to ${shownPath(keptAs, io.cwd)}`);
  }
  if (sealed.length > 0) say(`${counted(sealed.length, 'document')} notarized by ${origin}.`);
  if (pending.length > 0)
    say(`${counted(pending.length, 'document')} accepted, not yet sealed. Run later: ingam upgrade PROOF…`);
  if (present.length > 0) say(`${counted(present.length, 'document')} skipped: already notarized.`);
  const { skippedProofs, skippedOthers } = result;
  if (skippedProofs > 0) say(`${counted(skippedProofs, 'proof file')} skipped.`);
  if (skippedOthers > 0) say(`${counted(skippedOthers, 'link or device', 'links or devices')} skipped.`);
  if (results.length === 0) say('Nothing to notarize.');
  for (const { found, failure } of failed.slice(0, SHOWN_FAILURES)) {
    say(`FAILED ${found.shown}: ${failure?.message ?? ''}`);
  }
  if (failed.length > SHOWN_FAILURES) say(`… and ${counted(failed.length - SHOWN_FAILURES, 'more failure')}`);
  for (const hint of hintsOf(failed)) say(hint);
  if (failed.length > 0) {
    say(
      `${stopped ? 'Interrupted. ' : ''}Run the same command again to continue: finished files are skipped.`,
    );
  }
  sayTrust(result, say);
}

/** Whether the service is unreachable or rejects every request of the caller. */
function stopsEverything(failure: Failure): boolean {
  return failure.reason === 'unreachable' || isAboutCaller(failure);
}

/** Warns now, not years later, when the proofs are signed by a log that the user does not trust. */
function sayTrust({ results, policy, origin }: NotarizeResult, say: (text: string) => void): void {
  const proof = results.find(({ status }) => status === 'sealed')?.proof;
  if (proof === undefined) return;
  if (policy === null) {
    say(`To verify the proofs later, save the log's key now: ingam trust`);
  } else if (verify({ proof, document: null, policy, primitives: NODE }).verdict !== 'verified') {
    const trusted = policy.logs.map(formatVerifierKey).join(', ');
    say(
      `Warning: your trust policy does not verify these proofs: it does not trust ${origin}, or requires more cosignatures. You trust: ${trusted}`,
    );
  }
}
