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
import { EXIT, grouped, type Io, printJson, printLine, printNote } from './io.js';
import { loadTrust, type Trust, TRUST_OPTIONS } from './trust-store.js';
import { evidenceMessages } from './messages/evidence.js';
import { SUMMARIES } from './summaries.js';

export const evidenceCommand = defineCommand({
  name: 'evidence',
  summary: SUMMARIES.evidence,
  usage: 'FILE [--trust FILE | --key VKEY]',
  text: {
    en: `Checks, offline, an evidence file written by "ingam compare", by "ingam record check" or by a member: that the log
whose key you give has signed two histories, or a block that breaks a rule. Nobody without the log's key can forge such
evidence.

Exit code: 0 the evidence is valid, 1 it proves nothing, 2 it cannot be read.`,
    ko: `"ingam compare", "ingam record check" 또는 참여 기관이 쓴 증거 파일을 오프라인으로 확인합니다. 지정한 키의 로그가
서로 다른 두 이력에, 또는 규칙을 어긴 블록에 서명했다는 증거입니다. 로그의 키가 없으면 아무도 이런 증거를 위조할 수
없습니다.

종료 코드: 0 유효한 증거, 1 아무것도 증명하지 못함, 2 읽을 수 없음.`,
  },
  options: {
    ...TRUST_OPTIONS,
    json: { type: 'boolean', help: { en: 'print the outcome as JSON', ko: '결과를 JSON으로 출력' } },
  },
  positionals: { min: 1, max: 1, missing: { en: 'missing FILE', ko: 'FILE을 지정하세요' } },
  async run({ values, positionals: [path = ''] }, io) {
    const evidence = await read(resolve(io.cwd, path), path);
    const { policy } = await loadTrust(values, io);
    // Size 0 selects retired keys as well: signing with one of them is misbehaviour too.
    const keys = policy === null ? [] : logKeysFor(policy, originOf(evidence), 0);
    if (keys.length === 0) throw usageError(evidenceMessages().missingKeyOf(originOf(evidence)));
    const verdict = checkEvidence(evidence, ...keys);
    if (values.json) printJson(io.stdout, verdict);
    else
      printLine(
        io.stdout,
        `${verdict.holds ? evidenceMessages().valid : evidenceMessages().provesNothing}  ${path}: ${inWords(verdict)}`,
      );
    return verdict.holds ? EXIT.ok : EXIT.failed;
  },
});

async function read(path: string, shown: string): Promise<Evidence> {
  const text = await readEvidenceText(path, shown);
  if (text.includes('"ingam-observation-v1"')) {
    throw new Failure('malformed', evidenceMessages().observation(shown), {
      code: 'not_provable',
    });
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
    throw new Failure('malformed', evidenceMessages().tooLong(shown, MAX_EVIDENCE_LENGTH), {
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
  if (!verdict.holds) return evidenceMessages().detail(verdict.message);
  if (verdict.kind === 'rule')
    return evidenceMessages().brokenRule(verdict.origin, verdict.height, verdict.rule);
  if (verdict.kind === 'map')
    return evidenceMessages().brokenMap(verdict.origin, verdict.height, verdict.fault);
  if (verdict.kind === 'event')
    return evidenceMessages().badEvent(verdict.origin, verdict.height, eventFault(verdict));
  const [first, second] = verdict.sizes;
  return evidenceMessages().twoHistories(verdict.origin, first, second);
}

function eventFault({ fault, record, refusal }: EventFault): string {
  return fault === 'dropped'
    ? evidenceMessages().dropped(record)
    : evidenceMessages().applied(record, refusal ?? '');
}

const REQUEST_TIMEOUT_MS = 30_000;
const DEFAULT_OUT = 'evidence.json';

export const compareCommand = defineCommand({
  name: 'compare',
  summary: SUMMARIES.compare,
  usage: 'A B [--trust FILE | --key VKEY] [--out FILE]',
  text: {
    en: `A and B are each the address of a service or of a member, or a file with a checkpoint or a proof. Both must be
signed by the same log. If neither extends the other, the log has signed two histories: the evidence is written to
FILE, and anyone can check it with "ingam evidence FILE".

Two files with checkpoints of different sizes cannot be compared: one must be an address, whose tiles are read.

Exit code: 0 same history, 1 two histories, 2 cannot be decided.`,
    ko: `A와 B는 각각 서비스나 참여 기관의 주소, 또는 체크포인트나 증명이 든 파일입니다. 둘 다 같은 로그가 서명한 것이어야
합니다. 어느 쪽도 다른 쪽을 이어 가지 않으면 로그가 두 이력에 서명한 것입니다. 그 증거를 FILE에 쓰며, 누구나 "ingam
evidence FILE"로 확인할 수 있습니다.

크기가 다른 체크포인트가 든 두 파일은 비교할 수 없습니다. 하나는 타일을 읽을 수 있는 주소여야 합니다.

종료 코드: 0 같은 이력, 1 두 이력, 2 판단할 수 없음.`,
  },
  options: {
    ...TRUST_OPTIONS,
    out: {
      type: 'string',
      value: 'FILE',
      help: {
        en: `file for the evidence (default: ${DEFAULT_OUT})`,
        ko: `증거를 쓸 파일(기본값: ${DEFAULT_OUT})`,
      },
    },
    json: { type: 'boolean', help: { en: 'print the outcome as JSON', ko: '결과를 JSON으로 출력' } },
  },
  positionals: { min: 2, max: 2, missing: { en: 'missing A and B', ko: 'A와 B를 지정하세요' } },
  async run({ values, positionals: [a = '', b = ''] }, io) {
    const trust = await loadTrust(values, io);
    const [first, second] = await Promise.all([open(a, trust, io), open(b, trust, io)]);
    const origins = [first, second].map(({ signed }) => signed.checkpoint.origin);
    if (origins[0] !== origins[1]) throw usageError(evidenceMessages().differentLogs(origins.join(', ')));
    const outcome = await compareTrees(first, second).catch((error: unknown) => {
      throw error instanceof UnavailableError ? unavailable(error) : error;
    });
    const sizes = [first, second].map(({ signed }) => signed.checkpoint.size);
    const about = evidenceMessages().checkpoints(
      origins[0] ?? '',
      grouped(sizes[0] ?? 0),
      grouped(sizes[1] ?? 0),
    );
    switch (outcome.kind) {
      case 'consistent':
        if (values.json) printJson(io.stdout, { outcome: 'consistent', origin: origins[0], sizes });
        else printLine(io.stdout, evidenceMessages().sameHistory(about));
        return EXIT.ok;
      case 'fork': {
        const file = values.out ?? DEFAULT_OUT;
        await writeWhole(resolve(io.cwd, file), file, formatEvidence(outcome.evidence), true);
        if (values.json) printJson(io.stdout, { outcome: 'fork', origin: origins[0], sizes, evidence: file });
        else {
          printLine(io.stdout, evidenceMessages().fork(about));
          printNote(io, evidenceMessages().evidenceIn(file));
        }
        return EXIT.failed;
      }
      case 'unknown':
        throw new Failure('malformed', evidenceMessages().undecided(outcome.message), {
          code: 'undecided',
          hint: evidenceMessages().needsTiles,
        });
    }
  },
});

async function open(place: string, trust: Trust, io: Io): Promise<SignedTree> {
  const isAddress = /^https?:\/\//.test(place);
  if (isAddress && /^[^/]+\/\/[^/?#]*@/.test(place)) throw usageError(evidenceMessages().addressWithPassword);
  const remote = remoteLog(place, REQUEST_TIMEOUT_MS, io.signal);
  const nothing = { tile: () => Promise.resolve(null), entryBundle: () => Promise.resolve(null) };
  try {
    const text = isAddress
      ? await remote.checkpoint()
      : noteIn(await readText(resolve(io.cwd, place), place), place);
    if (text === null) throw new Failure('malformed', evidenceMessages().noCheckpointYet(place));
    const { origin, size } = parseCheckpoint(parseNote(text).text);
    const keys = trust.policy === null ? [] : logKeysFor(trust.policy, origin, size);
    if (keys.length === 0) {
      throw usageError(evidenceMessages().missingKeyOf(origin), evidenceMessages().saveFirst);
    }
    return { signed: openSignedByAny(text, keys), source: isAddress ? remote : nothing };
  } catch (error) {
    if (error instanceof UnavailableError) throw unavailable(error);
    if (error instanceof RefusedError)
      throw new Failure('malformed', evidenceMessages().refused(place, error.message), {
        code: error.reason,
        cause: error,
      });
    throw malformed(error, place, 'signed checkpoint');
  }
}

function unavailable(error: UnavailableError): Failure {
  return new Failure('unreachable', evidenceMessages().unavailable(error.message), { cause: error });
}

/** The checkpoint in a proof, or the file itself. */
function noteIn(text: string, shown: string): string {
  if (!text.trimStart().startsWith('{')) return text;
  const proof = parseProof(text);
  if (proof.format === PENDING_FORMAT)
    throw new Failure('malformed', evidenceMessages().pendingHasNone(shown));
  return formatNote(proof.log.note);
}
