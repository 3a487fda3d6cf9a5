import { basename, resolve } from 'node:path';
import { NODE } from '../../crypto/primitives.js';
import {
  shownKey,
  type JsonObject,
  PENDING_FORMAT,
  type Policy,
  toHex,
  verify,
  withoutTimes,
} from '../../proof/index.js';
import { defineCommand } from '../command.js';
import { failedLine, Failure, failureJson, hintsOf, usageError } from '../failure.js';
import { readObject } from '../files.js';
import { isAboutCaller, KEY_OPTION, openService, SERVER_OPTIONS } from '../service-client.js';
import { loadTrust } from '../trust-store.js';
import { isText } from '../paths.js';
import { findDocuments } from './documents.js';
import { shownPath } from '../find-files.js';
import { assertForStream, notarizeStream, STANDARD_INPUT } from './standard-input.js';
import { type DetailsOf, type DocumentResult, Notarizing } from './submit.js';
import {
  EXIT,
  type ExitCode,
  grouped,
  type Io,
  isoTime,
  printJson,
  printLine,
  printNote,
  withoutNotes,
} from '../io.js';
import { LANG_OPTION } from '../language.js';
import { notarizeMessages } from '../messages/notarize.js';

const DETAILS_OPTIONS = {
  title: {
    type: 'string',
    value: 'TEXT',
    help: 'details of the documents, sealed as a salted hash: title',
  },
  author: { type: 'string', value: 'TEXT', help: 'author' },
  reference: {
    type: 'string',
    value: 'TEXT',
    help: 'your reference number: of a case, an order, a contract',
  },
  note: { type: 'string', value: 'TEXT', help: 'note' },
  tag: {
    type: 'string',
    multiple: true,
    value: 'TEXT',
    help: 'tag for searching; may be repeated',
  },
  details: { type: 'string', value: 'FILE', help: 'JSON file with details; options take precedence' },
  names: { type: 'boolean', help: 'include the name of each file' },
} as const;

interface DetailsValues {
  readonly title: string | undefined;
  readonly author: string | undefined;
  readonly reference: string | undefined;
  readonly note: string | undefined;
  readonly tag: readonly string[];
  readonly details: string | undefined;
  readonly names: boolean;
}

/** @throws {Failure} when the file of --details is not a JSON object. The service validates its contents. */
export async function readDetails(values: DetailsValues, io: Io): Promise<DetailsOf> {
  const base =
    values.details === undefined ? {} : await readObject(resolve(io.cwd, values.details), values.details);
  const common: JsonObject = {
    ...base,
    ...(values.title === undefined ? {} : { title: values.title }),
    ...(values.author === undefined ? {} : { author: values.author }),
    ...(values.reference === undefined ? {} : { reference: values.reference }),
    ...(values.note === undefined ? {} : { note: values.note }),
    ...(values.tag.length === 0 ? {} : { tags: values.tag }),
  };
  return (path) => {
    if (values.names && !isText(basename(path))) {
      throw new Failure('usage', 'its name is not UTF-8, and --names can include only text', {
        hint: 'Rename the file, or notarize it without --names.',
      });
    }
    const details = values.names ? { ...common, name: basename(path) } : common;
    return Object.keys(details).length === 0 ? undefined : details;
  };
}

const DEFAULT_TIMEOUT_SECONDS = 120;

export const notarizeCommand = defineCommand({
  name: 'notarize',
  summary: 'notarize files and folders, and save their proofs',
  usage: 'FILE…|FOLDER… [--server URL] [--out DIR]',
  text: `Hashes the files on this machine and sends only their digests (and details that you give, such as --title), waits
until they are sealed, and writes FILE.ingam.json next to each file. Folders are processed recursively; files named
*.ingam.json are skipped.

A file or folder that cannot be read, or whose proof cannot be written, is reported and the others are notarized.
As soon as the service has accepted a file, its pending proof with the signed receipt is written, and replaced with the
final one after the seal. Files that have a final proof are skipped: after an interruption or a failure, run the same
command again, and pending proofs become final. If a seal came later than promised, the receipt is kept as well. If a
file has changed since its proof was made, the old proof is renamed with its time, and FILE.ingam.json becomes the
proof of the current file.

FILE can be - for standard input: then the proof itself is written to standard output.

The paths of the proofs are written to standard output, one per line; a terminal shows the first 20. Characters that do
not print are shown as escapes, as in every output of ingam; --json has the exact paths. Where FILE.ingam.json would be
longer than the 255 bytes that file systems allow, the name is cut and marked with a hash; "ingam verify FILE" finds it.
Exit code: 0 all done, 1 some files failed, 2 nothing could be done, 3 accepted but not sealed in time.`,
  options: {
    ...SERVER_OPTIONS,
    ...KEY_OPTION,
    out: { type: 'string', value: 'DIR', help: 'write the proofs to this folder' },
    wait: { type: 'boolean', help: 'wait until sealed (default)' },
    'no-wait': { type: 'boolean', help: 'write pending proofs now; run "ingam upgrade" later' },
    timeout: {
      type: 'string',
      value: 'SECONDS',
      help: `how long to wait until sealed (default: ${DEFAULT_TIMEOUT_SECONDS})`,
    },
    upload: { type: 'boolean', help: 'upload the documents, so that the service hashes them too' },
    force: { type: 'boolean', help: 'notarize files again that have a proof, and replace the proof' },
    ...DETAILS_OPTIONS,
    quiet: { type: 'boolean', short: 'q', help: 'print only the paths of proofs, failures and warnings' },
    ...LANG_OPTION,
    json: { type: 'boolean', help: 'print the outcome for each file as JSON' },
  },
  positionals: { min: 1, max: Infinity, missing: 'missing FILE or FOLDER' },
  async run({ values, positionals }, given) {
    const io = values.quiet ? withoutNotes(given) : given;
    if (values.wait && values['no-wait']) throw usageError('--wait and --no-wait cannot be used together');
    const waitMs = values['no-wait'] ? 0 : parseSeconds(values.timeout) * 1000;
    const isStream = positionals.includes(STANDARD_INPUT);
    if (isStream) assertForStream(positionals, values);
    const service = await openService(values, io);
    const detailsOf = await readDetails(values, io);
    const trust = await loadTrust({ trust: undefined, key: [] }, io);
    if (isStream) {
      const given = { policy: trust.policy, details: detailsOf(STANDARD_INPUT), waitMs, json: values.json };
      return notarizeStream({ service, ...given }, io);
    }
    const found = await findDocuments(positionals, values.out ?? null, io);
    // Check that the service answers before hashing for hours.
    const chain = service.object(await service.request('v1/chain'));
    const notarizing = new Notarizing({
      io,
      service,
      detailsOf,
      policy: trust.policy,
      waitMs,
      upload: values.upload,
      force: values.force,
    });
    await notarizing.run(found.documents);
    const result = {
      ...found,
      origin: typeof chain['origin'] === 'string' ? chain['origin'] : service.url.href,
      results: [
        ...notarizing.results,
        ...found.failed.map((task) => ({ ...task, document: null, status: 'failed' as const })),
      ],
      stopped: io.signal.aborted,
      pendingWanted: values['no-wait'],
      policy: trust.policy,
    };
    if (values.json) printJson(io.stdout, summaryJson(result));
    else printSummary(result, values.quiet, given);
    return exitCodeOf(result);
  },
});

function parseSeconds(text: string | undefined): number {
  if (text === undefined) return DEFAULT_TIMEOUT_SECONDS;
  if (!/^[0-9]{1,7}$/.test(text)) throw usageError('--timeout must be a whole number of seconds');
  return Number(text);
}

interface NotarizeResult {
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
/** A terminal lists at most this many proofs; a pipe gets all. */
const SHOWN_PROOFS = 20;

function exitCodeOf({ results, stopped, pendingWanted }: NotarizeResult): ExitCode {
  const failed = results.filter(({ status }) => status === 'failed');
  if (stopped) return EXIT.interrupted;
  // Nothing could be read, an unreachable service, or one that rejects the caller: exit code 2, unless some
  // files succeeded.
  if (failed.length > 0) {
    const none = failed.length === results.length;
    return none && failed.every(({ failure }) => failure !== undefined && stopsEverything(failure))
      ? EXIT.usage
      : EXIT.failed;
  }
  return !pendingWanted && results.some(({ status }) => status === 'pending') ? EXIT.pending : EXIT.ok;
}

function summaryJson({ origin, results, skippedProofs, skippedOthers }: NotarizeResult) {
  return {
    origin,
    documents: results.map(({ found, document, status, id, proof, keptAs, lateReceipt, failure }) => ({
      file: found.shown,
      status,
      ...(document === null ? {} : { sha256: toHex(document.sha256), size: document.size }),
      ...(id === undefined ? {} : { id }),
      ...(proof === undefined ? {} : { proof: found.proofPath, acceptedAt: isoTime(proof.entry.acceptedAt) }),
      ...(proof === undefined || proof.format === PENDING_FORMAT
        ? {}
        : { sealedAt: isoTime(proof.block.header.sealedAt), block: proof.block.header.height }),
      ...(keptAs === undefined ? {} : { earlierProof: keptAs }),
      ...(lateReceipt === undefined ? {} : { lateReceipt }),
      ...(failure === undefined ? {} : { error: failureJson(failure) }),
    })),
    skipped: { proofs: skippedProofs, others: skippedOthers },
  };
}

/** @param quiet whether to print only the paths of the proofs, what failed and warnings */
function printSummary(result: NotarizeResult, quiet: boolean, io: Io): void {
  const t = notarizeMessages();
  const { results, origin, stopped } = result;
  const of = (status: DocumentResult['status']) => results.filter((one) => one.status === status);
  const [sealed, pending, present, failed] = [of('sealed'), of('pending'), of('present'), of('failed')];
  const warn = (text: string) => {
    printNote(io, text);
  };
  const say = (text: string) => {
    if (!quiet) warn(text);
  };
  const written = [...sealed, ...pending];
  const shown = io.isOutputTTY ? written.slice(0, SHOWN_PROOFS) : written;
  for (const { found } of shown) printLine(io.stdout, shownPath(found.proofPath, io.cwd));
  if (shown.length < written.length) warn(t.more(grouped(written.length - shown.length)));
  for (const { found, keptAs, lateReceipt } of results) {
    if (lateReceipt !== undefined)
      warn(t.late(shownPath(found.proofPath, io.cwd), shownPath(lateReceipt, io.cwd)));
    if (keptAs !== undefined) say(t.changed(found.shown, shownPath(keptAs, io.cwd)));
  }
  if (sealed.length > 0) say(t.sealed(grouped(sealed.length), origin));
  if (pending.length > 0) say(t.pending(grouped(pending.length)));
  if (present.length > 0) say(t.present(grouped(present.length)));
  const { skippedProofs, skippedOthers } = result;
  if (skippedProofs > 0) say(t.skippedProofs(grouped(skippedProofs)));
  if (skippedOthers > 0) say(t.skippedOthers(grouped(skippedOthers)));
  if (results.length === 0) say(t.nothing);
  for (const { found, failure } of failed.slice(0, SHOWN_FAILURES)) {
    if (failure !== undefined) warn(failedLine(found.shown, failure));
  }
  if (failed.length > SHOWN_FAILURES) warn(t.moreFailures(grouped(failed.length - SHOWN_FAILURES)));
  for (const hint of hintsOf(failed)) warn(hint);
  if (failed.length > 0) warn(stopped ? `${t.interrupted} ${t.continue}` : t.continue);
  warnOfTrust(result, say, warn);
}

/** Whether the service is unreachable or rejects every request of the caller, or there is nothing to read. */
function stopsEverything(failure: Failure): boolean {
  return ['unreachable', 'unreadable', 'usage'].includes(failure.reason) || isAboutCaller(failure);
}

/** Warns now, not years later, when the proofs are signed by a log that the user does not trust. */
function warnOfTrust(
  { results, policy, origin }: NotarizeResult,
  say: (text: string) => void,
  warn: (text: string) => void,
): void {
  const t = notarizeMessages();
  const proof = results.find(({ status }) => status === 'sealed')?.proof;
  if (proof === undefined) return;
  if (policy === null) {
    say(t.saveKey);
  } else if (
    verify({ proof, document: null, policy: withoutTimes(policy), primitives: NODE }).verdict !== 'verified'
  ) {
    warn(t.untrusted(origin, policy.logs.map(shownKey).join(', ')));
  }
}
