import { equal, fromHex, isZero, toHex } from '../bytes.js';
import { ProofError } from '../errors.js';
import { HASH_LENGTH } from '../hash.js';
import { headerHashes } from '../header.js';
import { lookUp } from '../map.js';
import type { Policy } from '../policy.js';
import {
  failed,
  failedAt,
  mismatch,
  passed,
  skipped,
  StepList,
  type NumberedStep,
  type StepResult,
} from '../step.js';
import { NO_FINDINGS, type TimeFindings } from '../time/findings.js';
import { parseStatement, stateHash } from '../time/state.js';
import { TimeError } from '../time/time-error.js';
import {
  checkCosignatures,
  checkLog,
  checkLogSignature,
  checkProofOfWork,
  formatTime,
  PORTABLE,
  TRUST_CODES,
  type FailureCode,
  type Primitives,
  type TimeInput,
  type Verification,
} from '../verify.js';
import { readEvents, type EventCode, type ReadRecord } from './history-events.js';
import type { History, HistoryBlock } from './history-file.js';
import { type MissingPart, Replay, type Played, type RuleCode } from './history-replay.js';
import type { RecordState } from './state.js';
import { type RecordTexts, textsAfter } from './texts.js';

/** Judges history files (docs/record-files.md, "Verification"). Pure; the current time comes from the caller. */

export interface HistoryInput {
  readonly history: History;
  /** The logs and witnesses that the verifier trusts; null: none, so the verdict is never `verified`. */
  readonly policy: Policy | null;
  /** Absent: anchors are not looked at, and none counts. */
  readonly time?: TimeInput;
  /** Faster implementations, where the platform has them. */
  readonly primitives?: Primitives;
}

/**
 * - verified: no step failed.
 * - invalid: something in the file is wrong.
 * - untrusted: the file is consistent, but not vouched for by those the verifier trusts.
 * - incomplete: nothing in the file is wrong, but bodies or other records that events rest on are not in it, so
 *   the rules cannot be checked further.
 */
export type HistoryVerdict = 'verified' | 'invalid' | 'untrusted' | 'incomplete';

export type HistoryStepName =
  | 'blocks'
  | 'log_signature'
  | 'cosignatures'
  | 'events'
  | 'values'
  | 'signatures'
  | 'rules'
  | 'automatic'
  | 'state'
  | 'times';

/** Why a step failed. Stable: scripts may depend on it. */
export type HistoryCode = FailureCode | EventCode | RuleCode | StateCode | 'blocks_out_of_order';

type StateCode =
  | 'block_missing'
  | 'statement_missing'
  | 'statement_mismatch'
  | 'malformed_statement'
  | 'malformed_map_path'
  | 'map_root_mismatch'
  | 'record_absent'
  | 'state_mismatch' // the map has another value: events are missing, or were added
  | 'state_too_old'; // of a block before the last event

export type HistoryStep = NumberedStep<HistoryStepName, HistoryCode>;

/** One event of the record, in their order. */
export interface TimelineEvent extends Played {
  /** The block's time of sealing, milliseconds since the Unix epoch; null: the block is not in the file. */
  readonly sealedAt: number | null;
  /** What the anchors of the block show: it was registered in this interval; null: they were not looked at. */
  readonly time: TimeFindings | null;
}

export interface HistoryVerification {
  readonly verdict: HistoryVerdict;
  readonly steps: readonly HistoryStep[];
  /** The id of the record, in hexadecimal. */
  readonly record: string;
  readonly timeline: readonly TimelineEvent[];
  /** What the events make of the record; null: unknown, because a step failed or bodies are missing. */
  readonly state: RecordState | null;
  /** What the record is called, as far as bodies are in the file. */
  readonly texts: RecordTexts;
  /** Nothing later happened up to this block; null: the map does not show it. */
  readonly asOf: { readonly height: number; readonly sealedAt: number } | null;
  /** What is not in the file and would be needed. */
  readonly missing: readonly MissingPart[];
  readonly cosignatures: Verification['cosignatures'];
}

/**
 * Judges a history by the numbered steps of docs/record-files.md. All steps are taken, even after one failed.
 * Never throws for input that comes from parseHistory and parsePolicy.
 */
export function verifyHistory(input: HistoryInput): HistoryVerification {
  const { history, policy, primitives = PORTABLE } = input;
  const { sha256 } = primitives;
  const steps = new StepList<HistoryStepName, HistoryCode>();
  const blocks = new Map(history.blocks.map((block) => [block.header.height, block]));
  steps.add(1, 'blocks', checkBlocks(history, primitives));
  steps.add(2, 'log_signature', checkLogSignature(history, policy, primitives));
  const cosigned = checkCosignatures(history, policy, primitives);
  steps.add(3, 'cosignatures', cosigned.result);
  const read = readEvents(history, blocks, sha256);
  steps.add(4, 'events', read.events);
  steps.add(5, 'values', read.values);
  const replay = new Replay(history, read.records, primitives);
  steps.add(6, 'signatures', replay.signatures);
  steps.add(7, 'rules', replay.rules);
  steps.add(8, 'automatic', replay.automatic);
  const state = checkStates(history, read.records, blocks, primitives);
  steps.add(9, 'state', state);
  const times = new Times(input, blocks);
  const timeline = replay.timeline.map((event): TimelineEvent => ({
    ...event,
    sealedAt: event.height === null ? null : (blocks.get(event.height)?.header.sealedAt ?? null),
    time: event.height === null ? null : times.at(event.height),
  }));
  steps.add(10, 'times', checkTimes(policy, timeline));
  const height = history.records.get(history.record)?.state.height ?? -1;
  const asOf = state.outcome === 'passed' ? blocks.get(height)?.header : undefined;
  const onlyTrustMissing = steps.failures.every(({ code }) => TRUST_CODES.includes(code));
  return {
    verdict: steps.failed
      ? onlyTrustMissing
        ? 'untrusted'
        : 'invalid'
      : replay.missing.length > 0
        ? 'incomplete'
        : 'verified',
    steps: steps.all,
    record: history.record,
    timeline,
    state: replay.state,
    texts: textsAfter(timeline),
    asOf: asOf === undefined ? null : { height, sealedAt: asOf.sealedAt },
    missing: replay.missing,
    cosignatures: cosigned.valid,
  };
}

// 1
function checkBlocks({ blocks, log }: History, { sha256 }: Primitives): StepResult<HistoryCode> {
  let before: HistoryBlock | null = null;
  for (const block of blocks) {
    const { header, path } = block;
    const hashes = headerHashes(header, sha256);
    const checks = [
      checkProofOfWork(header, hashes.block),
      checkLog(header, { path, checkpoint: log.checkpoint }, hashes.leaf, sha256),
    ];
    const fault = checks.find(({ outcome }) => outcome === 'failed');
    if (fault !== undefined) return failedAt({ block: header.height }, fault);
    if (before !== null && header.sealedAt < before.header.sealedAt) {
      return failedAt(
        { block: header.height },
        mismatch('blocks_out_of_order', 'it was sealed before an earlier one.', {
          expected: `not before ${formatTime(before.header.sealedAt)}`,
          computed: formatTime(header.sealedAt),
        }),
      );
    }
    before = block;
  }
  const { size } = log.checkpoint;
  return passed(`The log of ${size} blocks contains the ${blocks.length} blocks of the history.`);
}

// 9
function checkStates(
  { records, record }: History,
  read: ReadonlyMap<string, ReadRecord>,
  blocks: ReadonlyMap<number, HistoryBlock>,
  { sha256 }: Primitives,
): StepResult<HistoryCode> {
  for (const [id, { state }] of records) {
    const own = read.get(id);
    const fault = own === undefined ? null : stateFault(id, own, state.path, blocks.get(state.height));
    if (fault !== null) {
      return failedAt({ block: state.height, ...(id === record ? {} : { record: id }) }, fault);
    }
  }
  const height = records.get(record)?.state.height ?? 0;
  const sealedAt = formatTime(blocks.get(height)?.header.sealedAt ?? 0);
  return passed(`As of block ${height}, sealed ${sealedAt}: nothing later.`);

  function stateFault(
    id: string,
    { value, events }: ReadRecord,
    path: Parameters<typeof lookUp>[2],
    block: HistoryBlock | undefined,
  ): StepResult<HistoryCode> | null {
    if (block === undefined) return failed('block_missing', 'the block is not in the file.');
    const { statement, header } = block;
    const last = events.at(-1);
    if (last !== undefined && last.height > header.height)
      return failed('state_too_old', 'the record has an event in a later block.');
    if (statement === null)
      return failed('statement_missing', 'the state statement of the block is not in the file.');
    if (isZero(header.state) || !equal(stateHash(statement), header.state))
      return mismatch('statement_mismatch', 'the file has another state statement than the block.', {
        expected: toHex(header.state),
        computed: toHex(stateHash(statement)),
      });
    try {
      const { root } = parseStatement(statement).map;
      const answer = lookUp(root, fromHex(id, HASH_LENGTH), path, sha256);
      if (answer.state === 'wrong_root')
        return mismatch('map_root_mismatch', "the path doesn't lead to the root of the map.", {
          expected: toHex(root),
          computed: toHex(answer.computed),
        });
      if (answer.state === 'absent')
        return last === undefined ? null : failed('record_absent', 'the map does not have the record.');
      if (!equal(answer.value, value))
        return mismatch('state_mismatch', 'the map has another value: these are not all events.', {
          expected: toHex(answer.value),
          computed: toHex(value),
        });
      return null;
    } catch (error) {
      if (error instanceof TimeError) return failed('malformed_statement', `${error.message}.`);
      if (error instanceof ProofError) return failed('malformed_map_path', `${error.message}.`);
      throw error;
    }
  }
}

// 10
function checkTimes(policy: Policy | null, timeline: readonly TimelineEvent[]): StepResult<HistoryCode> {
  const least = policy?.time.least ?? null;
  if (least === null) return skipped('The trust policy requires no time sources.');
  const late = timeline.find(({ time }) => (time?.owners.length ?? 0) < least);
  return late === undefined
    ? passed('Independent sources have confirmed the time of every event.')
    : failedAt(
        { event: late.sequence },
        mismatch('time_missing', 'too few independent sources have confirmed its time.', {
          expected: `${least} independent sources`,
          computed: String(late.time?.owners.length ?? 0),
        }),
      );
}

/** What the anchors of each block show. */
class Times {
  readonly #input: HistoryInput;
  readonly #blocks: ReadonlyMap<number, HistoryBlock>;
  readonly #known = new Map<number, TimeFindings | null>();

  constructor(input: HistoryInput, blocks: ReadonlyMap<number, HistoryBlock>) {
    this.#input = input;
    this.#blocks = blocks;
  }

  at(height: number): TimeFindings | null {
    const known = this.#known.get(height);
    if (known !== undefined) return known;
    const found = this.#judge(this.#blocks.get(height));
    this.#known.set(height, found);
    return found;
  }

  #judge(block: HistoryBlock | undefined): TimeFindings | null {
    const { history, policy, time, primitives = PORTABLE } = this.#input;
    if (block === undefined || block.anchors.length === 0) return NO_FINDINGS;
    if (time === undefined) return null;
    const { judge, ...rest } = time;
    const { header, anchors } = block;
    return judge({
      proof: { anchors, block: { header }, log: history.log },
      policy,
      ...rest,
      ...primitives,
    });
  }
}
