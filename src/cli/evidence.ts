import { resolve } from 'node:path';
import {
  compareTrees,
  openSignedByAny,
  RefusedError,
  remoteLog,
  type SignedTree,
  UnavailableError,
} from '../member/index.js';
import {
  checkEvidence,
  type EventFault,
  type Evidence,
  type EvidenceVerdict,
  formatEvidence,
  formatNote,
  logKeysFor,
  MAX_HISTORY_LENGTH,
  parseCheckpoint,
  parseEvidence,
  parseNote,
  parseProof,
  PENDING_FORMAT,
  ProofError,
  utf8Decode,
} from '../proof/index.js';
import { defineCommand } from './command.js';
import { Failure, usageError } from './failure.js';
import { malformed, readHead, readText, writeWhole } from './files.js';
import { counted, EXIT, type Io, printJson, printLine, printNote } from './io.js';
import { loadTrust, type Trust, TRUST_OPTIONS } from './trust-store.js';

export const evidenceCommand = defineCommand({
  name: 'evidence',
  summary: 'check evidence that a log misbehaved',
  usage: 'FILE [--trust FILE | --key VKEY]',
  text: `Checks, offline, an evidence file written by "ingam compare", by "ingam record check" or by a member: that the log
whose key you give has signed two histories, or a block that breaks a rule. Nobody without the log's key can forge such
evidence.

Exit code: 0 the evidence is valid, 1 it proves nothing, 2 it cannot be read.`,
  options: { ...TRUST_OPTIONS, json: { type: 'boolean', help: 'print the outcome as JSON' } },
  positionals: { min: 1, max: 1, missing: 'missing FILE' },
  async run({ values, positionals: [path = ''] }, io) {
    const evidence = await read(resolve(io.cwd, path), path);
    const { policy } = await loadTrust(values, io);
    // Size 0 selects retired keys as well: signing with one of them is misbehaviour too.
    const keys = policy === null ? [] : logKeysFor(policy, originOf(evidence), 0);
    if (keys.length === 0)
      throw usageError(`missing the public key of ${originOf(evidence)}: give it with --key VKEY`);
    const verdict = checkEvidence(evidence, ...keys);
    if (values.json) printJson(io.stdout, verdict);
    else printLine(io.stdout, `${verdict.holds ? 'VALID' : 'PROVES NOTHING'}  ${path}: ${inWords(verdict)}`);
    return verdict.holds ? EXIT.ok : EXIT.failed;
  },
});

async function read(path: string, shown: string): Promise<Evidence> {
  const text = await readEvidenceText(path, shown);
  if (text.includes('"ingam-observation-v1"')) {
    throw new Failure(
      'malformed',
      `${shown} is an observation of a member, which nothing signed by the log proves to others`,
      {
        code: 'not_provable',
      },
    );
  }
  try {
    return parseEvidence(text);
  } catch (error) {
    throw malformed(error, shown, 'evidence file');
  }
}

/** Evidence about an event holds whole histories. */
const MAX_EVIDENCE_LENGTH = 2 * MAX_HISTORY_LENGTH;

async function readEvidenceText(path: string, shown: string): Promise<string> {
  const bytes = await readHead(path, shown, MAX_EVIDENCE_LENGTH + 1);
  if (bytes.length > MAX_EVIDENCE_LENGTH)
    throw new Failure('malformed', `${shown} has more than ${MAX_EVIDENCE_LENGTH} bytes`, {
      code: 'too_long',
    });
  try {
    return utf8Decode(bytes);
  } catch (error) {
    throw malformed(error, shown, 'text file');
  }
}

function originOf(evidence: Evidence): string {
  try {
    return parseCheckpoint((evidence.kind === 'fork' ? evidence.first : evidence.checkpoint).text).origin;
  } catch (error) {
    if (error instanceof ProofError) return '';
    throw error;
  }
}

function inWords(verdict: EvidenceVerdict): string {
  if (!verdict.holds) return verdict.message;
  if (verdict.kind === 'rule')
    return `${verdict.origin} has signed block ${verdict.height}, which breaks the rule ${verdict.rule}`;
  if (verdict.kind === 'map')
    return `${verdict.origin} has signed block ${verdict.height}, whose map of records does not follow from the block before: ${verdict.fault}`;
  if (verdict.kind === 'event')
    return `${verdict.origin} has signed block ${verdict.height}, which ${eventFault(verdict)}`;
  const [first, second] = verdict.sizes;
  return `${verdict.origin} has signed two histories: its checkpoints over ${first} and ${second} blocks contradict each other`;
}

function eventFault({ fault, record, refusal }: EventFault): string {
  return fault === 'dropped'
    ? `leaves out a valid event of record ${record}`
    : `applies to record ${record} what the rules refuse: ${refusal ?? ''}`;
}

const REQUEST_TIMEOUT_MS = 30_000;
const DEFAULT_OUT = 'evidence.json';

export const compareCommand = defineCommand({
  name: 'compare',
  summary: 'check that two checkpoints belong to the same log history',
  usage: 'A B [--trust FILE | --key VKEY] [--out FILE]',
  text: `A and B are each the address of a service or of a member, or a file with a checkpoint or a proof. Both must be
signed by the same log. If neither extends the other, the log has signed two histories: the evidence is written to
FILE, and anyone can check it with "ingam evidence FILE".

Two files with checkpoints of different sizes cannot be compared: one must be an address, whose tiles are read.

Exit code: 0 same history, 1 two histories, 2 cannot be decided.`,
  options: {
    ...TRUST_OPTIONS,
    out: { type: 'string', value: 'FILE', help: `file for the evidence (default: ${DEFAULT_OUT})` },
    json: { type: 'boolean', help: 'print the outcome as JSON' },
  },
  positionals: { min: 2, max: 2, missing: 'missing A and B' },
  async run({ values, positionals: [a = '', b = ''] }, io) {
    const trust = await loadTrust(values, io);
    const [first, second] = await Promise.all([open(a, trust, io), open(b, trust, io)]);
    const origins = [first, second].map(({ signed }) => signed.checkpoint.origin);
    if (origins[0] !== origins[1]) throw usageError(`these are two different logs: ${origins.join(' and ')}`);
    const outcome = await compareTrees(first, second).catch((error: unknown) => {
      throw error instanceof UnavailableError
        ? new Failure('unreachable', error.message, { cause: error })
        : error;
    });
    const sizes = [first, second].map(({ signed }) => signed.checkpoint.size);
    const about = `${origins[0] ?? ''}: checkpoints over ${counted(sizes[0] ?? 0, 'block')} and ${counted(sizes[1] ?? 0, 'block')}`;
    switch (outcome.kind) {
      case 'consistent':
        if (values.json) printJson(io.stdout, { outcome: 'consistent', origin: origins[0], sizes });
        else printLine(io.stdout, `CONSISTENT  ${about} belong to the same history`);
        return EXIT.ok;
      case 'fork': {
        const file = values.out ?? DEFAULT_OUT;
        await writeWhole(resolve(io.cwd, file), file, formatEvidence(outcome.evidence), true);
        if (values.json) printJson(io.stdout, { outcome: 'fork', origin: origins[0], sizes, evidence: file });
        else {
          printLine(io.stdout, `FORK  ${about} contradict each other`);
          printNote(io, `The evidence is in ${file}. Send it to everybody who relies on this log.`);
        }
        return EXIT.failed;
      }
      case 'unknown':
        throw new Failure('malformed', `cannot be decided: ${outcome.message}`, {
          code: 'undecided',
          hint: 'With checkpoints of different sizes, the larger one must be an address that serves its tiles.',
        });
    }
  },
});

async function open(place: string, trust: Trust, io: Io): Promise<SignedTree> {
  const isAddress = /^https?:\/\//.test(place);
  if (isAddress && /^[^/]+\/\/[^/?#]*@/.test(place))
    throw usageError('an address must not contain a user name or password: it is printed');
  const remote = remoteLog(place, REQUEST_TIMEOUT_MS, io.signal);
  const nothing = { tile: () => Promise.resolve(null), entryBundle: () => Promise.resolve(null) };
  try {
    const text = isAddress
      ? await remote.checkpoint()
      : noteIn(await readText(resolve(io.cwd, place), place), place);
    if (text === null) throw new Failure('malformed', `${place} has no checkpoint yet`);
    const { origin, size } = parseCheckpoint(parseNote(text).text);
    const keys = trust.policy === null ? [] : logKeysFor(trust.policy, origin, size);
    if (keys.length === 0) {
      throw usageError(
        `missing the public key of ${origin}: give it with --key VKEY`,
        'Or save it first: ingam trust --server URL',
      );
    }
    return { signed: openSignedByAny(text, keys), source: isAddress ? remote : nothing };
  } catch (error) {
    if (error instanceof UnavailableError) throw new Failure('unreachable', error.message, { cause: error });
    if (error instanceof RefusedError)
      throw new Failure('malformed', `${place}: ${error.message}`, { code: error.reason, cause: error });
    throw malformed(error, place, 'signed checkpoint');
  }
}

/** The checkpoint in a proof, or the file itself. */
function noteIn(text: string, shown: string): string {
  if (!text.trimStart().startsWith('{')) return text;
  const proof = parseProof(text);
  if (proof.format === PENDING_FORMAT)
    throw new Failure('malformed', `${shown} is a pending proof, which has no checkpoint yet`);
  return formatNote(proof.log.note);
}
