import {
  type JsonObject,
  formatNote,
  logKeysFor,
  PENDING_FORMAT,
  sha256,
  toHex,
  utf8,
} from '../../proof/index.js';
import { Failure } from '../failure.js';
import { EXIT, type ExitCode, formatTime, type Io, printJson, printLine, printNote } from '../io.js';
import { ServiceRefusal } from '../service-client.js';
import { loadTrust } from '../trust-store.js';
import { judgeTreatment, readProofOf, report } from './check.js';
import { eventJson, type SignedEvent, writeEvent } from './event-file.js';
import { type RecordService, word } from './service.js';
import { recordsMessages } from '../messages/records.js';

export const SUBMIT_OPTIONS = {
  'no-wait': {
    type: 'boolean',
    help: { en: 'do not wait until the event is sealed', ko: '이벤트가 봉인될 때까지 기다리지 않음' },
  },
  json: {
    type: 'boolean',
    help: { en: "print the service's answer as JSON", ko: '서비스의 응답을 JSON으로 출력' },
  },
} as const;

const WAIT_MS = 120_000;
const PAUSE_MS = 500;

interface SubmitValues {
  readonly 'no-wait': boolean;
  readonly json: boolean;
}

/** Submits an event, and prints what became of it. @throws {Failure} */
export async function submit(
  signed: SignedEvent,
  service: RecordService,
  values: SubmitValues,
  io: Io,
): Promise<ExitCode> {
  const answer = await post(signed, service, values['no-wait'] ? 0 : WAIT_MS);
  const { record, sequence, type, status, reason, height, sealedAt } = answer;
  if (values.json) printJson(io.stdout, answer);
  else if (status !== 'void') printLine(io.stdout, word(signed.event.record === null ? record : sequence));
  const what = recordsMessages().eventOfRecord(word(sequence), word(type), word(record));
  switch (status) {
    case 'applied':
      printNote(io, recordsMessages().sealedIn(what, word(height), formatTime(Date.parse(word(sealedAt)))));
      return EXIT.ok;
    case 'void':
      printNote(io, recordsMessages().voidIn(what, word(reason)), recordsMessages().seeWhat(word(record)));
      await checkVoid(signed, answer, service, io);
      return EXIT.failed;
    default:
      printNote(io, recordsMessages().acceptedOnly(what, word(record)));
      return EXIT.pending;
  }
}

/** Whether the rules make the event void is not left to the service's word. @throws {Failure} */
async function checkVoid(
  signed: SignedEvent,
  { notarization }: JsonObject,
  service: RecordService,
  io: Io,
): Promise<void> {
  const { policy } = await loadTrust({ trust: undefined, key: [] }, io);
  const logKeys = policy === null ? [] : logKeysFor(policy, signed.event.origin, 0);
  if (logKeys.length === 0) {
    printNote(io, recordsMessages().serviceWord);
    return;
  }
  const file = `event-${toHex(sha256(utf8(formatNote(signed.note)))).slice(0, 16)}`;
  try {
    const proof = await readProofOf(word(notarization), service);
    if (proof.format === PENDING_FORMAT) return;
    const treatment = await judgeTreatment(signed, proof, logKeys, service);
    if (treatment.evidence === null) printNote(io, recordsMessages().checked(treatment.message));
    else await report(treatment, signed, { out: `${file}.evidence.json`, json: false }, io);
  } catch (error) {
    if (!(error instanceof Failure) || error.exitCode === EXIT.interrupted) throw error;
    // The event is nowhere else.
    await writeEvent(signed, `${file}.json`, io, true);
    printNote(io, recordsMessages().notCheckable(error.message), recordsMessages().eventKept(file));
  }
}

/** A repeated request is answered like the first, with what has happened meanwhile. */
async function post(signed: SignedEvent, service: RecordService, waitMs: number): Promise<JsonObject> {
  const { record } = signed.event;
  const { client } = service;
  const path = record === null ? 'v1/records' : `v1/records/${toHex(record)}/events`;
  const text = JSON.stringify(eventJson(signed));
  const headers = {
    'content-type': 'application/json',
    'idempotency-key': toHex(sha256(utf8(formatNote(signed.note)))),
  };
  const deadline = performance.now() + waitMs;
  for (;;) {
    let answer: JsonObject;
    try {
      const url = waitMs > 0 ? `${path}?wait=sealed` : path;
      answer = client.object(await client.request(url, { method: 'POST', headers, body: () => text }));
    } catch (error) {
      throw await explainRefusal(error, signed, service);
    }
    if (answer['status'] !== 'accepted' || performance.now() >= deadline) return answer;
    await client.pause(PAUSE_MS);
  }
}

/** With a refusal by the rules, what has happened to the record since the event was made. */
async function explainRefusal(
  error: unknown,
  { event }: SignedEvent,
  service: RecordService,
): Promise<unknown> {
  if (!(error instanceof ServiceRefusal) || !isByRules(error)) return error;
  const { record } = event;
  const changed =
    record === null || error.code !== 'stale_value' ? [] : await meanwhile(service, record, event.sequence);
  return new Failure('refused', error.message, {
    code: error.code,
    exitCode: EXIT.failed,
    hint:
      changed.length > 0
        ? recordsMessages().meanwhile(changed.join(', '), toHex(record ?? new Uint8Array()))
        : recordsMessages().ruleCode(error.code),
    cause: error,
  });
}

/** Whether the rules of records refused the event, and not what the service asks of all requests. */
function isByRules({ status, code }: ServiceRefusal): boolean {
  switch (status) {
    case 403:
      return !['forbidden', 'address_not_allowed', 'csrf'].includes(code);
    case 404:
      return code === 'unknown_record';
    default:
      return status === 409 || status === 422;
  }
}

/** The events since this sequence, as the service tells whoever may know. */
async function meanwhile(service: RecordService, record: Uint8Array, from: number): Promise<string[]> {
  try {
    const events = await service.events(record);
    return events
      .filter(({ sequence, status }) => Number(sequence) >= from && status !== 'void')
      .map(({ sequence, type }) => recordsMessages().shortEvent(word(sequence), word(type)));
  } catch (error) {
    if (error instanceof Failure) return [];
    throw error;
  }
}
