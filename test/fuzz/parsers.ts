import {
  formatLogLines,
  formatProof,
  formatPublication,
  formatTimeLines,
  formatWitnessLines,
  fromHex,
  type Json,
  parsePolicy,
  parseProof,
  parseProofOrCertificate,
  ProofError,
  readPublication,
  RecordRefusal,
  utf8,
  verify,
  type Policy,
  type ProofFile,
} from '../../src/proof/index.js';
import { formatHistory, parseHistory } from '../../src/proof/records/history-file.js';
import { verifyHistory } from '../../src/proof/records/history.js';
import { judgeAnchors } from '../../src/proof/time/anchors.js';
import { loadHistories, loadPublications, loadVectors, proofBytes } from '../vectors/load.js';
import { mutateBytes, mutateJson, mutateText } from './mutate.js';
import type { Random } from './random.js';
import type { Report } from './report.js';

/** Parses one mutant. What is accepted must mean the same when it is written and read again. */
export type ParserTarget = (random: Random, report: Report) => void;

const valid = loadVectors('valid', 'pending');
const proofs = valid.map((vector) => Buffer.from(proofBytes(vector)).toString());
const policies = [...new Set([...valid, ...loadVectors('time')].flatMap(({ trust }) => trust ?? []))];

export const proofParser: ParserTarget = (random, report) => {
  const original = random.pick(proofs);
  const mutant = random.chance(0.7)
    ? `${JSON.stringify(mutateJson(random, JSON.parse(original) as Json), null, 2)}\n`
    : mutateText(random, original);
  expectProofError(report, mutant, () => {
    const proof = parseProof(mutant);
    const written = formatProof(proof);
    if (formatProof(parseProof(written)) !== written)
      report.disagreement('a proof changes when it is written again', mutant);
    const policy = parsePolicy(random.pick(policies));
    const { verdict } = verify({ proof, document: null, policy });
    if (verdict === 'verified' && !proofs.some((known) => claimOf(known) === claimOf(written))) {
      report.disagreement('a changed proof is verified', mutant);
    }
  });
  const bytes = mutateBytes(random, Buffer.from(original));
  expectProofError(report, bytes.toString('latin1'), () => parseProofOrCertificate(bytes));
};

/** What a verdict stands for: not what is disclosed beside it, nor anchors and signatures of others. */
function claimOf(text: string): string {
  const { entry, block, log } = JSON.parse(text) as Record<string, Record<string, string>>;
  return JSON.stringify([entry, block, log?.['path'], log?.['checkpoint']?.split('\n\n')[0]]);
}

const anchored = loadVectors('time').flatMap((vector) => {
  const proof = parseProof(proofBytes(vector));
  return 'anchors' in proof && vector.trust !== null && !vector.trust.includes('#times')
    ? [{ proof, policy: parsePolicy(vector.trust) }]
    : [];
});

/** Anchors are from anybody: no mutant of them throws, or changes the verdict. */
export const anchorParser: ParserTarget = (random, report) => {
  const { proof, policy } = random.pick(anchored);
  const mutant = mutateJson(random, JSON.parse(JSON.stringify(proof.anchors)) as Json);
  const text = JSON.stringify({ ...(JSON.parse(formatProof(proof)) as object), anchors: mutant });
  expectProofError(report, text, () => {
    const read = parseProof(text) as ProofFile;
    const without = verify({ proof: { ...read, anchors: [] }, document: null, policy });
    const { verdict } = verify({ proof: read, document: null, policy, time: { judge: judgeAnchors } });
    if (verdict !== without.verdict) report.disagreement('an anchor changes the verdict', text);
  });
};

export const policyParser: ParserTarget = (random, report) => {
  const mutant = mutateText(random, random.pick(policies));
  expectProofError(report, mutant, () => {
    const policy = parsePolicy(mutant);
    const written = (read: typeof policy) =>
      [...formatLogLines(read), ...formatWitnessLines(read), ...formatTimeLines(read.time), ''].join('\n');
    const text = written(policy);
    if (written(parsePolicy(text)) !== text)
      report.disagreement('a policy changes when it is written again', mutant);
  });
};

const histories = loadHistories().flatMap(({ history, trust }) =>
  trust === null ? [] : [{ text: JSON.stringify(history), policy: parsePolicy(trust) }],
);
/** What of each history is verified: no mutant can show anything else. */
const shown = new Set(histories.map(({ text, policy }) => shownBy(text, policy)));

/** The record, its events and as of which block; null: it is not verified. */
function shownBy(text: string, policy: Policy): string | null {
  const history = parseHistory(utf8(text));
  const { verdict, record, timeline, asOf } = verifyHistory({ history, policy });
  if (formatHistory(parseHistory(utf8(formatHistory(history)))) !== formatHistory(history))
    return 'rewritten';
  return verdict === 'verified' ? JSON.stringify([record, timeline.map(({ body }) => body), asOf]) : null;
}

export const historyParser: ParserTarget = (random, report) => {
  const { text, policy } = random.pick(histories);
  const mutant = random.chance(0.7)
    ? JSON.stringify(mutateJson(random, JSON.parse(text) as Json))
    : mutateText(random, text);
  expectProofError(report, mutant, () => {
    if (!shown.has(shownBy(mutant, policy))) report.disagreement('a changed history is verified', mutant);
  });
};

const publications = Object.values(loadPublications()).map(({ note, expected, ...of }) => ({
  note,
  isGood: expected !== null,
  of: { ...of, record: fromHex(of.record, 32, 'the record') },
}));
/** What the holders have signed: no mutant publishes anything else. */
const signed = new Set(
  publications.flatMap(({ note, isGood }) => (isGood ? [note.slice(0, note.indexOf('\n\n') + 1)] : [])),
);

export const publicationParser: ParserTarget = (random, report) => {
  const { note, of } = random.pick(publications);
  const mutant = mutateText(random, note);
  expectProofError(report, mutant, () => {
    if (!signed.has(formatPublication(readPublication(mutant, of))))
      report.disagreement('a changed note publishes a record', mutant);
  });
  const bytes = mutateBytes(random, Buffer.from(note));
  expectProofError(report, bytes.toString('latin1'), () => readPublication(bytes, of));
};

function expectProofError(report: Report, input: string, parse: () => void): void {
  const used = process.cpuUsage();
  try {
    parse();
  } catch (error) {
    if (!(error instanceof ProofError || error instanceof RecordRefusal)) report.crash(error, input);
  }
  const { user, system } = process.cpuUsage(used);
  report.took((user + system) / 1000, input);
}
