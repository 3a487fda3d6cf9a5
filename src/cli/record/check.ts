import { resolve } from 'node:path';
import {
  checkEvidence,
  encodeHeader,
  type EventFault,
  type EventStep,
  type Evidence,
  formatEvidence,
  fromHex,
  HASH_LENGTH,
  type History,
  isObject,
  type JsonObject,
  logKeysFor,
  parseHistory,
  parseProof,
  PENDING_FORMAT,
  type ProofFile,
  sha256,
  toHex,
  utf8,
  type VerifierKey,
} from '../../proof/index.js';
import { mapPathOf } from '../../proof/records/history-file.js';
import { defineCommand } from '../command.js';
import { Failure, usageError } from '../failure.js';
import { malformed, readProof, writeWhole } from '../files.js';
import { EXIT, type ExitCode, type Io, printJson, printLine, printNote } from '../io.js';
import { loadTrust } from '../trust-store.js';
import { eventJson, readEvent, type SignedEvent } from './event-file.js';
import { HOLDER_KEY_OPTION, readHolderKeys } from './keys.js';
import { RECORD_SERVICE_OPTIONS, RecordService, word } from './service.js';
import { recordsMessages } from '../messages/records.js';

export const checkCommand = defineCommand({
  name: 'record check',
  summary: {
    en: 'check that a block treats an event as the rules say',
    ko: '블록이 이벤트를 규칙대로 처리했는지 확인합니다',
  },
  usage: 'EVENT [--proof FILE] [--key FILE | --api-key API_KEY] [--out FILE]',
  text: {
    en: `Checks what the block of a submitted event made of it: that it was applied, or that the rules refuse it, so that it is
void. EVENT is the file from "ingam record new" or "ingam record add" with --out.

If the log has signed a block that leaves out a valid event, or applies one that the rules refuse, the evidence is
written to FILE: anyone can check it with "ingam evidence FILE". Keep the proof of an event (--proof) if you fear that
the service will not show the event any more.

Exit code: 0 the block is right, 1 there is evidence that it is wrong, 2 cannot be decided, 3 not sealed yet.`,
    ko: `제출한 이벤트를 블록이 어떻게 처리했는지 확인합니다: 적용되었는지, 아니면 규칙에 맞지 않아 무효인지. EVENT는 "ingam
record new"나 "ingam record add"에서 --out으로 쓴 파일입니다.

로그가 유효한 이벤트를 뺀 블록이나 규칙에 맞지 않는 이벤트를 적용한 블록에 서명했다면 증거를 FILE에 씁니다. 누구나
"ingam evidence FILE"로 확인할 수 있습니다. 서비스가 이벤트를 더 보여 주지 않을까 걱정된다면 이벤트의 증명
파일(--proof)을 보관하세요.

종료 코드: 0 블록이 옳음, 1 블록이 틀렸다는 증거가 있음, 2 판단할 수 없음, 3 아직 봉인되지 않음.`,
  },
  options: {
    proof: {
      type: 'string',
      value: 'FILE',
      help: {
        en: 'proof of the event; by default it is fetched from the service',
        ko: '이벤트의 증명 파일. 없으면 서비스에서 받습니다',
      },
    },
    trust: {
      type: 'string',
      value: 'FILE',
      help: {
        en: 'trust policy file (default: $INGAM_TRUST, else the policy saved by "ingam trust")',
        ko: '신뢰 정책 파일(기본값: $INGAM_TRUST, 없으면 "ingam trust"로 저장한 정책)',
      },
    },
    out: {
      type: 'string',
      value: 'FILE',
      help: {
        en: 'file for the evidence (default: evidence.json)',
        ko: '증거를 쓸 파일(기본값: evidence.json)',
      },
    },
    ...HOLDER_KEY_OPTION,
    ...RECORD_SERVICE_OPTIONS,
    json: { type: 'boolean', help: { en: 'print the outcome as JSON', ko: '결과를 JSON으로 출력' } },
  },
  positionals: { min: 1, max: 1, missing: { en: 'missing EVENT', ko: 'EVENT를 지정하세요' } },
  async run({ values, positionals: [file = ''] }, io) {
    const signed = await readEvent(file, io);
    const keys = await readHolderKeys(values.key, io);
    const service = await RecordService.open(values, keys, io);
    const { policy } = await loadTrust({ trust: values.trust, key: [] }, io);
    const logKeys = policy === null ? [] : logKeysFor(policy, signed.event.origin, 0);
    if (logKeys.length === 0)
      throw usageError(recordsMessages().missingPolicy(signed.event.origin), recordsMessages().saveFirst);
    const proof =
      values.proof === undefined
        ? await fetchProof(signed, service)
        : await readProof(resolve(io.cwd, values.proof), values.proof);
    if (proof.format === PENDING_FORMAT) {
      printNote(io, recordsMessages().notSealed);
      return EXIT.pending;
    }
    const outcome = await judgeTreatment(signed, proof, logKeys, service);
    return report(outcome, signed, { out: values.out ?? 'evidence.json', json: values.json }, io);
  },
});

/** What the block made of an event. */
export type Treatment =
  | { readonly evidence: Evidence; readonly fault: EventFault; readonly height: number }
  | { readonly evidence: null; readonly message: string; readonly height: number };

/**
 * Judges, from what the service publishes and the proof, what a block made of an event.
 * @throws {Failure} undecided, and what the service refuses
 */
export async function judgeTreatment(
  signed: SignedEvent,
  proof: ProofFile,
  logKeys: readonly VerifierKey[],
  service: RecordService,
): Promise<Treatment> {
  const { note, body } = eventJson(signed);
  const { entry, block, log } = proof;
  const { height } = block.header;
  const record = signed.event.record ?? sha256(utf8(note));
  const { client } = service;
  const map = client.object(await client.request(`v1/map/${toHex(record)}?at=${height}`));
  const statement = map['statement'] ?? null;
  if (typeof statement !== 'string' && statement !== null)
    throw client.unexpected('its map has no state statement');
  const changes = (await client.request(`v1/blocks/${height}/changes`)).bytes;
  const base: Omit<EventStep, 'histories'> = {
    statement,
    changes,
    event: { note, body, entry, height, index: block.index, path: block.path },
    absent: signed.event.record === null ? absence(map, service) : null,
  };
  const histories = new Map<string, History>();
  for (;;) {
    const evidence: Evidence = {
      kind: 'event',
      checkpoint: log.note,
      block: { index: height, header: encodeHeader(block.header), path: log.path },
      step: { ...base, histories: [...histories.values()] },
    };
    const verdict = checkEvidence(evidence, ...logKeys);
    if (verdict.holds) {
      if (verdict.kind !== 'event') throw new TypeError('evidence of an event has this kind');
      const { fault, record: of, refusal } = verdict;
      return { evidence, fault: { fault, record: of, refusal }, height };
    }
    const { message, sound = false, needs } = verdict;
    if (sound) return { evidence: null, message, height };
    const known = needs === undefined ? undefined : histories.get(needs.record);
    const isKnown = known?.records.get(needs?.record ?? '')?.state.height === needs?.height;
    if (needs === undefined || (known !== undefined && isKnown)) {
      throw new Failure('malformed', recordsMessages().undecided(message), {
        code: 'undecided',
        hint: recordsMessages().needsHistory,
      });
    }
    histories.set(needs.record, await fetchHistory(needs, service));
  }
}

function absence(map: JsonObject, { client }: RecordService) {
  const path = map['path'] ?? null;
  if (!isObject(path)) throw client.unexpected('its map has no path');
  try {
    return mapPathOf(path);
  } catch (error) {
    throw client.unexpected('its map has no valid path', error);
  }
}

async function fetchHistory(
  { record, height }: { readonly record: string; readonly height: number },
  service: RecordService,
): Promise<History> {
  const answer = await service.read(fromHex(record, HASH_LENGTH), `/history?at=${height}`);
  try {
    return parseHistory(answer.bytes);
  } catch (error) {
    throw service.client.unexpected('the history is not valid', error);
  }
}

/** The proof of an event that the service shows. @throws {Failure} */
async function fetchProof(signed: SignedEvent, service: RecordService) {
  const { note } = eventJson(signed);
  const record = signed.event.record ?? sha256(utf8(note));
  const hint = recordsMessages().giveProof;
  let found: JsonObject | undefined;
  try {
    found = (await service.events(record)).find((event) => event['note'] === note);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'unknown_record') throw error;
    throw new Failure('refused', recordsMessages().notShown(error.message), {
      hint,
      cause: error,
    });
  }
  if (found === undefined) throw new Failure('refused', recordsMessages().notShownNote, { hint });
  return readProofOf(word(found['notarization']), service);
}

/** @param id of the notarization */
export async function readProofOf(id: string, { client }: RecordService) {
  const answer = await client.request(`v1/notarizations/${id}/proof`);
  try {
    return parseProof(answer.bytes);
  } catch (error) {
    throw malformed(error, client.url.href, 'proof');
  }
}

interface ReportOptions {
  /** File for evidence. */
  readonly out: string;
  readonly json: boolean;
}

export async function report(
  treatment: Treatment,
  { event }: SignedEvent,
  { out, json }: ReportOptions,
  io: Io,
): Promise<ExitCode> {
  const { height } = treatment;
  const what = recordsMessages().eventInBlock(event.sequence, event.type, height);
  if (treatment.evidence === null) {
    if (json) printJson(io.stdout, { outcome: 'right', height, message: treatment.message });
    else printLine(io.stdout, recordsMessages().right(what, treatment.message));
    return EXIT.ok;
  }
  await writeWhole(resolve(io.cwd, out), out, formatEvidence(treatment.evidence), true);
  const { fault, record, refusal } = treatment.fault;
  if (json) printJson(io.stdout, { outcome: fault, height, record, refusal, evidence: out });
  else {
    const words =
      fault === 'dropped' ? recordsMessages().droppedWords : recordsMessages().appliedWords(refusal ?? '');
    printLine(io.stdout, recordsMessages().wrong(what, words));
    printNote(io, recordsMessages().evidenceIn(out));
  }
  return EXIT.failed;
}
