import { basename } from 'node:path';
import { NODE } from '../crypto/primitives.js';
import {
  type DocumentFacts,
  equal,
  isPdf,
  MAX_PROOF_SOURCE,
  PENDING_FORMAT,
  type PendingProof,
  type ProofFile,
  verify,
} from '../proof/index.js';
import { MAX_HISTORY_LENGTH } from '../proof/records/history-file.js';
import { Failure, failureJson, failureOf } from './failure.js';
import { evidenceOf, hashFile, HISTORY_SUFFIX, isRegularFile, PROOF_SUFFIX, readHead } from './files.js';
import { findFiles } from './find-files.js';
import { historyOf } from './history.js';
import {
  createProgress,
  EXIT,
  type ExitCode,
  formatBytes,
  grouped,
  type Io,
  printJson,
  printLine,
  printNote,
  printTable,
  Rate,
} from './io.js';
import { progressMessages } from './messages/progress.js';
import { type Counts, type FileVerdict, verifyMessages } from './messages/verify.js';
import { withSuffix } from './paths.js';
import { GREEN, painter, RED, YELLOW } from './report.js';
import { timeInput } from './time.js';
import type { Trust } from './trust-store.js';
import {
  adviceFor,
  headline,
  isByLogAlone,
  type Outcome,
  printExplanation,
  verificationJson,
  wordOf,
} from './verify-report.js';
import { isContainer } from './verify-subject.js';
import { readStamp } from './verify-token.js';
import type { OpenZip } from './zip.js';

/** `ingam verify` of many files: documents, proofs, histories, folders of them and our zips. */

export interface ManyOptions {
  readonly trust: Trust;
  readonly crls: readonly Uint8Array[];
  readonly json: boolean;
  readonly verbose: boolean;
  /** Whether to leave out what is verified. */
  readonly quiet: boolean;
}

/** A file to look at, on disk or in a zip. */
interface Source {
  /** Absolute path; in a zip, that of the zip, a slash and the name inside. */
  readonly path: string;
  readonly shown: string;
  readonly size: number;
  readonly isOnDisk: boolean;
  hash(onBytes: (count: number) => void): Promise<DocumentFacts>;
  read(limit: number): Promise<Uint8Array>;
}

/** A proof that was given. */
interface Evidence {
  readonly source: Source;
  readonly proof: ProofFile | PendingProof;
  readonly fromCertificate: boolean;
  used: boolean;
}

interface Row {
  readonly file: string;
  readonly verdict: FileVerdict;
  /** What is said of it in one line. */
  readonly says: string;
  readonly isAlone?: boolean;
  readonly json: object;
  readonly outcome?: Outcome;
}

/** @throws {Failure} interrupted */
export async function verifyMany(args: readonly string[], options: ManyOptions, io: Io): Promise<ExitCode> {
  const zips: OpenZip[] = [];
  try {
    const rows = await new Judge(options, io).judge(await collect(args, zips, io));
    report(rows, options, io);
    return exitCodeOf(rows);
  } finally {
    for (const zip of zips) zip.close();
  }
}

interface Collected {
  readonly sources: readonly Source[];
  readonly failed: readonly Row[];
}

/** The files of an evidence pack that are judged; the others are parts of them, for stock tools. */
const PACKED = /^(document\/.*|proof-[0-9]+\/(proof\.ingam\.json|certificate\.pdf))$/;

function isPack(zip: OpenZip): boolean {
  const names = new Set(zip.members.map(({ name }) => name));
  return names.has('claims.json') && names.has('proof-1/proof.ingam.json');
}

async function collect(args: readonly string[], zips: OpenZip[], io: Io): Promise<Collected> {
  const found = await findFiles(args, io);
  const failed = found.failed.map(({ shown, failure }) => unreadable(shown, failure));
  const sources: Source[] = [];
  for (const { path, shown, size } of found.files) {
    if (!(await isContainer(path))) {
      sources.push({
        ...{ path, shown, size, isOnDisk: true },
        hash: (onBytes) => hashFile(path, shown, io.signal, onBytes),
        read: (limit) => readHead(path, shown, limit),
      });
      continue;
    }
    try {
      const { openZip } = await import('./zip.js');
      const zip = await openZip(path, shown);
      zips.push(zip);
      const members = isPack(zip) ? zip.members.filter(({ name }) => PACKED.test(name)) : zip.members;
      if (members.length < zip.members.length) {
        printNote(io, verifyMessages().packParts(shown, zip.members.length - members.length));
      }
      for (const member of members) {
        sources.push({
          ...{ path: `${path}/${member.name}`, shown: `${shown}/${member.name}`, size: member.size },
          isOnDisk: false,
          hash: (onBytes) => member.hash(io.signal, onBytes),
          read: (limit) => member.read(limit),
        });
      }
    } catch (error) {
      failed.push(unreadable(shown, failureOf(error)));
    }
  }
  return { sources, failed };
}

class Judge {
  readonly #options: ManyOptions;
  readonly #io: Io;
  /** By absolute path. */
  readonly #proofs = new Map<string, Evidence>();
  readonly #rows = new Map<Source, Row>();
  /** Proofs that cannot be read, by absolute path. */
  readonly #broken = new Map<string, { readonly source: Source; readonly failure: Failure }>();
  readonly #documents: { readonly source: Source; readonly document: DocumentFacts }[] = [];

  constructor(options: ManyOptions, io: Io) {
    this.#options = options;
    this.#io = io;
  }

  async judge({ sources, failed }: Collected): Promise<Row[]> {
    const documents: Source[] = [];
    for (const source of sources) {
      await this.#guard(source, async () => {
        if (!(await this.#takeEvidence(source))) documents.push(source);
      });
    }
    await this.#judgeDocuments(documents);
    for (const evidence of this.#proofs.values()) {
      if (!evidence.used) await this.#guard(evidence.source, () => this.#judgeEvidence(evidence));
    }
    return [...sources.flatMap((source) => this.#rows.get(source) ?? []), ...failed];
  }

  /** @returns whether the file is a proof, a certificate or a history, and no document */
  async #takeEvidence(source: Source): Promise<boolean> {
    const name = source.path.toLowerCase();
    if (name.endsWith(HISTORY_SUFFIX)) {
      await this.#judgeHistory(source);
      return true;
    }
    if (name.endsWith(PROOF_SUFFIX)) {
      this.#addProof(source, evidenceOf(await source.read(MAX_PROOF_SOURCE), source.shown));
      return true;
    }
    if (!name.endsWith('.pdf')) return false;
    const head = await source.read(MAX_PROOF_SOURCE);
    if (!isPdf(head)) return false;
    try {
      this.#addProof(source, evidenceOf(head, source.shown));
      return true;
    } catch (error) {
      // Any other PDF.
      if (error instanceof Failure && error.reason === 'malformed') return false;
      throw error;
    }
  }

  #addProof(source: Source, read: Pick<Evidence, 'proof' | 'fromCertificate'>): void {
    this.#proofs.set(source.path, { source, ...read, used: false });
  }

  async #judgeDocuments(documents: readonly Source[]): Promise<void> {
    const total = documents.reduce((sum, { size }) => sum + size, 0);
    const progress = createProgress(this.#io, progressMessages().verifying, total);
    const rate = new Rate(total);
    let done = 0;
    for (const [i, source] of documents.entries()) {
      await this.#guard(source, async () => {
        const document = await source.hash((count) => {
          done += count;
          const place = `${grouped(i + 1)}/${grouped(documents.length)}`;
          const pace = `${formatBytes(done)}${rate.describe(done, formatBytes)}`;
          progress.update(done, `${place}, ${pace}, ${basename(source.path)}`);
        });
        this.#documents.push({ source, document });
        const evidence = await this.#proofOf(source, document);
        if (evidence === null) this.#rows.set(source, withoutProof(source));
        else await this.#judgeDocument(source, document, evidence);
      });
    }
    progress.clear();
  }

  /** The proof beside the document, else one for its digest among all that were given. */
  async #proofOf(source: Source, { sha256 }: DocumentFacts): Promise<Evidence | null> {
    const path = withSuffix(source.path, PROOF_SUFFIX);
    const beside = this.#proofs.get(path);
    if (beside !== undefined) return beside;
    const broken = this.#broken.get(path);
    if (broken !== undefined) {
      // Said once, of the document.
      this.#rows.delete(broken.source);
      throw broken.failure;
    }
    if (source.isOnDisk && (await isRegularFile(path))) {
      const shown = withSuffix(source.shown, PROOF_SUFFIX);
      const read = evidenceOf(await readHead(path, shown, MAX_PROOF_SOURCE), shown);
      return { source: { ...source, path, shown }, ...read, used: true };
    }
    const fitting = [...this.#proofs.values()].filter(({ proof }) => equal(proof.document.sha256, sha256));
    // Of several one that no other document needed, and a final one rather than a certificate.
    const rank = ({ used, proof, fromCertificate }: Evidence) =>
      (used ? 4 : 0) + (proof.format === PENDING_FORMAT ? 2 : 0) + (fromCertificate ? 1 : 0);
    const [best = null] = fitting.sort((a, b) => rank(a) - rank(b));
    return best;
  }

  async #judgeDocument(source: Source, facts: DocumentFacts, evidence: Evidence): Promise<void> {
    let document = facts;
    evidence.used = true;
    if (source.isOnDisk && !equal(evidence.proof.document.sha256, facts.sha256)) {
      // The log has the token of a time-stamp's response.
      const { crls } = this.#options;
      const stamp = await readStamp(source.path, { data: undefined, 'tsa-root': undefined, crls }, this.#io);
      document = stamp?.document ?? facts;
    }
    const outcome = await this.#outcomeOf(source, document, evidence);
    this.#rows.set(source, rowOf(source.shown, outcome, headline(outcome)));
  }

  /** A proof that no document needed: another one of a document here, or one without a document. */
  async #judgeEvidence(evidence: Evidence): Promise<void> {
    const { source, proof } = evidence;
    const found = this.#documents.find(({ document }) => equal(document.sha256, proof.document.sha256));
    if (found !== undefined) {
      const outcome = await this.#outcomeOf(found.source, found.document, evidence);
      const says = verifyMessages().alsoOf(found.source.shown, headline(outcome));
      this.#rows.set(source, rowOf(source.shown, outcome, says));
      return;
    }
    const verification = await this.#verify(proof, null);
    const isFalse = wordOf(verification.verdict) === 'not_verified';
    const says = headline({ verification, proof });
    this.#rows.set(source, {
      file: source.shown,
      verdict: isFalse ? 'not_verified' : 'no_document',
      says: isFalse ? says : verifyMessages().noDocument(says),
      json: {
        ...{ file: source.shown, verdict: isFalse ? verification.verdict : 'no_document' },
        ...{ proofVerdict: verification.verdict, steps: verification.steps },
      },
    });
  }

  async #outcomeOf(
    { shown: name }: Source,
    document: DocumentFacts,
    { proof, fromCertificate, source }: Evidence,
  ): Promise<Outcome> {
    const { trust, crls } = this.#options;
    const verification = await this.#verify(proof, document);
    const given = { document, trust, name, proofPath: source.shown, gaveLists: crls.length > 0 };
    return { verification, proof, fromCertificate, ...given };
  }

  async #verify(proof: ProofFile | PendingProof, document: DocumentFacts | null) {
    const { trust, crls } = this.#options;
    const time = await timeInput(proof, crls);
    const { policy, receiptKeys } = trust;
    return verify({ proof, document, policy, receiptKeys, primitives: NODE, ...time });
  }

  async #judgeHistory(source: Source): Promise<void> {
    const history = historyOf(await source.read(MAX_HISTORY_LENGTH + 1), source.shown);
    const { judgeHistory, historyHeadline, historyJson } = await import('./verify-history.js');
    const { trust, crls } = this.#options;
    const outcome = judgeHistory(history, { path: source.shown, trust, document: null, crls });
    const { verdict, cosignatures } = outcome.verification;
    this.#rows.set(source, {
      file: source.shown,
      verdict: verdict === 'verified' ? 'verified' : 'not_verified',
      says: historyHeadline(outcome),
      isAlone: verdict === 'verified' && cosignatures.length === 0,
      json: { file: source.shown, ...historyJson(outcome) },
    });
  }

  /** One bad file costs no other file its verdict. */
  async #guard(source: Source, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const failure = failureOf(error);
      if (failure.reason === 'interrupted') throw failure;
      this.#rows.set(source, unreadable(source.shown, failure));
      this.#broken.set(source.path, { source, failure });
    }
  }
}

function rowOf(file: string, outcome: Outcome, says: string): Row {
  const { verification } = outcome;
  return {
    ...{ file, verdict: wordOf(verification.verdict), says, outcome },
    isAlone: verification.verdict === 'verified' && isByLogAlone(verification),
    json: { file, ...verificationJson(outcome) },
  };
}

function withoutProof({ shown }: Source): Row {
  const { noProof: says } = verifyMessages();
  return { file: shown, verdict: 'no_proof', says, json: { file: shown, verdict: 'no_proof' } };
}

function unreadable(file: string, failure: Failure): Row {
  return {
    ...{ file, verdict: 'unreadable' as const, says: failure.message },
    json: { file, verdict: 'unreadable', error: failureJson(failure) },
  };
}

const COLOURS: Readonly<Record<FileVerdict, number>> = {
  verified: GREEN,
  not_verified: RED,
  pending: YELLOW,
  no_proof: YELLOW,
  no_document: YELLOW,
  unreadable: RED,
};

function countsOf(rows: readonly Row[]): Counts {
  const of = (verdict: FileVerdict) => rows.filter((row) => row.verdict === verdict).length;
  return {
    files: rows.length,
    alone: rows.filter(({ isAlone }) => isAlone === true).length,
    verified: of('verified'),
    not_verified: of('not_verified'),
    pending: of('pending'),
    no_proof: of('no_proof'),
    no_document: of('no_document'),
    unreadable: of('unreadable'),
  };
}

function report(rows: readonly Row[], { json, verbose, quiet }: ManyOptions, io: Io): void {
  const t = verifyMessages();
  const counts = countsOf(rows);
  if (json) {
    const { files, verified, alone, not_verified, pending, no_proof, no_document, unreadable } = counts;
    printJson(io.stdout, {
      files: rows.map((row) => row.json),
      summary: {
        ...{ files, verified, byServiceAlone: alone, notVerified: not_verified, pending },
        ...{ noProof: no_proof, noDocument: no_document, unreadable },
      },
    });
    return;
  }
  const paint = painter(io);
  const shown = quiet ? rows.filter(({ verdict }) => verdict !== 'verified') : rows;
  const { verdict, file, result } = t.columns;
  if (shown.length > 0) {
    printTable(
      io.stdout,
      [
        {
          title: verdict,
          cell: (row) => t.words[row.verdict],
          colour: (row) => paint(COLOURS[row.verdict]),
        },
        { title: file, cell: (row) => row.file },
        { title: result, cell: ({ says }) => says },
      ],
      shown,
    );
  }
  printLine(io.stdout, rows.length === 0 ? t.nothing : t.summary(counts));
  if (verbose) for (const row of rows) printDetails(row, io);
  if (quiet) return;
  if (counts.alone > 0) printNote(io, t.aloneExplained);
  if (!verbose) printNote(io, ...new Set(rows.flatMap(adviceOf)));
}

function printDetails({ file, outcome }: Row, io: Io): void {
  if (outcome === undefined) return;
  printNote(io, '', file);
  printExplanation(outcome, true, io);
}

/** What to do about a key that is not trusted is the same for all; other advice is for one file. */
function adviceOf({ outcome }: Row): string[] {
  return outcome?.verification.verdict === 'untrusted' ? adviceFor(outcome) : [];
}

/** By the worst verdict. Nothing to verify is not "verified". */
function exitCodeOf(rows: readonly Row[]): ExitCode {
  const has = (...verdicts: FileVerdict[]) => rows.some(({ verdict }) => verdicts.includes(verdict));
  if (has('not_verified')) return EXIT.failed;
  if (rows.length === 0 || has('unreadable', 'no_proof', 'no_document')) return EXIT.usage;
  return has('pending') ? EXIT.pending : EXIT.ok;
}
