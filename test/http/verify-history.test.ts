import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Checker } from '../../src/anchoring/index.js';
import { MAX_HISTORY_BYTES } from '../../src/http/routes/verify.js';
import { AcceptedEvent, HistoryVerification } from '../../src/http/schemas/records.js';
import { Problem } from '../../src/http/schemas/resources.js';
import {
  HISTORY_MEDIA_TYPE,
  type Json,
  parseHistory,
  type Policy,
  ProofError,
  utf8,
} from '../../src/proof/index.js';
import { historyReport } from '../../src/proof/records/history-report.js';
import { verifyHistory } from '../../src/proof/records/history.js';
import { judgeAnchors } from '../../src/proof/time/anchors.js';
import { mutateJson } from '../fuzz/mutate.js';
import { Random } from '../fuzz/random.js';
import { documentBody, firstEvent, newHolder, nextEvent, recordKey } from '../support/records.js';
import { startService, type TestService } from '../support/service.js';
import { loadHistories } from '../vectors/load.js';

const alice = newHolder('alice.example');

let service: TestService;
let policy: Policy;
let record: string;
/** Of a document with two versions. */
let file: string;
beforeAll(async () => {
  service = await startService();
  policy = await service.deps.log.policy();
  const first = await accept('/v1/records', firstEvent('document.create', documentBody(alice, 'A'), [alice]));
  record = first.record;
  const document = documentBody(alice, 'B')['document'] ?? null;
  await accept(`${first.links.record}/events`, nextEvent(first, 'document.version', { document }, [alice]));
  const headers = { 'ingam-record-key': recordKey(record, alice) };
  file = await (await fetch(service.url + first.links.history, { headers })).text();
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

async function accept(path: string, event: object): Promise<AcceptedEvent> {
  const res = await fetch(service.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', prefer: 'wait=30' },
    body: JSON.stringify(event),
  });
  return AcceptedEvent.parse(await res.json());
}

const post = (body: string | Uint8Array<ArrayBuffer>, type = 'application/json') =>
  fetch(`${service.url}/v1/verify/history`, { method: 'POST', headers: { 'content-type': type }, body });

async function judged(text: string, type?: string): Promise<HistoryVerification> {
  const res = await post(text, type);
  expect([res.status, res.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
  return HistoryVerification.parse(await res.json());
}

async function refused(body: string | Uint8Array<ArrayBuffer>, type?: string) {
  const res = await post(body, type);
  const { code, detail } = Problem.parse(await res.json());
  return { status: res.status, code, detail, retryAfter: res.headers.get('retry-after') };
}

/** What the verifier says offline with the policy of the service, as JSON without anchors. */
function offline(text: string): unknown {
  const time = { judge: judgeAnchors, now: Date.now() };
  const report = historyReport(verifyHistory({ history: parseHistory(utf8(text)), policy, time }), policy);
  return JSON.parse(
    JSON.stringify(report, (name, value: unknown) => (name === 'anchors' ? undefined : value)),
  );
}

function parses(text: string): boolean {
  try {
    parseHistory(utf8(text));
    return true;
  } catch (error) {
    if (error instanceof ProofError) return false;
    throw error;
  }
}

interface Changeable {
  records: Record<string, { events: { note: string; body?: object }[] }>;
}

/** The file after a change to its events. */
function changed(change: (events: Changeable['records'][string]['events']) => void): string {
  const parsed = JSON.parse(file) as Changeable;
  change(parsed.records[record]?.events ?? []);
  return JSON.stringify(parsed);
}

describe('POST /v1/verify/history', () => {
  test('verifies a history of the service, in either media type', async () => {
    const result = await judged(file);
    expect(result).toMatchObject({
      ...{ verdict: 'verified', record, title: 'A', missing: [] },
      state: { kind: 'document', status: 'current', holder: alice.text },
      timeline: [
        { sequence: 0, type: 'document.create', signers: [alice.text], automatic: false },
        {
          sequence: 1,
          type: 'document.version',
          signers: [alice.text],
          time: { notAfter: null, sources: [] },
        },
      ],
    });
    expect(result.steps.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
    expect(result.steps.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(result.asOf?.height).toBeGreaterThanOrEqual(result.timeline[1]?.height ?? Infinity);
    expect(result).toEqual(offline(file));
    expect(await judged(file, HISTORY_MEDIA_TYPE)).toEqual(result);
  });

  test('says what is wrong with a changed history, and where', async () => {
    const cases: [string, string, object, (events: { note: string; body?: object }[]) => void][] = [
      [
        'events',
        'body_mismatch',
        { event: 1 },
        ([, second]) => second && (second.body = { nonce: '0'.repeat(32) }),
      ],
      ['state', 'state_mismatch', { block: 1 }, (events) => events.pop()],
    ];
    for (const [name, code, at, change] of cases) {
      const text = changed(change);
      const result = await judged(text);
      const failed = result.steps.filter(({ outcome }) => outcome === 'failed');
      expect({ name, verdict: result.verdict, failed }).toMatchObject({
        ...{ name, verdict: 'invalid' },
        failed: expect.arrayContaining([expect.objectContaining({ name, code, at })]) as unknown,
      });
      expect(result).toEqual(offline(text));
    }
  });

  test('lists what an incomplete history lacks', async () => {
    const text = changed(([first]) => first && delete first.body);
    const result = await judged(text);
    expect(result).toMatchObject({
      verdict: 'incomplete',
      state: null,
      missing: [{ what: 'body', event: 0 }],
    });
    expect(result).toEqual(offline(text));
  });

  test.each(['contract-executed', 'signature-bad', 'rule-broken', 'execution-left-out', 'times-missing'])(
    'trusts its own policy alone, and finds what the verifier finds offline: %s',
    async (name) => {
      const vector = loadHistories().find((each) => each.name === name) ?? expect.fail();
      const text = JSON.stringify(vector.history);
      const result = await judged(text);
      expect(['untrusted', 'invalid']).toContain(result.verdict);
      expect(result).toEqual(offline(text));
    },
  );

  test('refuses what is no history', async () => {
    for (const text of ['', '{', '{}', '[]', '{"format":"ingam-proof-v1"}', `{"a":1,"a":2}`, '\ufeff{}']) {
      expect(await refused(text)).toMatchObject({ status: 400, code: 'malformed_history' });
    }
    expect(await refused(file.replace('{', '{"more":1,'))).toMatchObject({ code: 'malformed_history' });
    expect(await refused(file, 'text/plain')).toMatchObject({ status: 415, code: 'unsupported_media_type' });
  });

  test('refuses a history above the limit, and says what verifies it', async () => {
    const answer = await refused(new Uint8Array(MAX_HISTORY_BYTES + 1));
    expect(answer).toMatchObject({ status: 413, code: 'too_large' });
    expect(answer.detail).toContain('ingam verify');
  });

  test('reads a history of the largest size, and none that is malformed', async () => {
    const largest = file + ' '.repeat(MAX_HISTORY_BYTES - utf8(file).length);
    expect(await judged(largest)).toEqual(await judged(file));
    const [before, after] = [file.slice(0, 200), file.slice(200)];
    const malformed: Record<string, string | Buffer<ArrayBuffer>> = {
      'a byte that no UTF-8 has': Buffer.concat([utf8(before), Uint8Array.of(0xff), utf8(after)]),
      'an overlong character': Buffer.concat([utf8(before), Uint8Array.of(0xc0, 0xaf), utf8(after)]),
      'UTF-16': Buffer.from(file, 'utf16le'),
      'half of a character at the end': Buffer.concat([utf8(file), Uint8Array.of(0xe2, 0x82)]),
      'half of a surrogate pair': file.replace('"A"', String.raw`"\ud800"`),
      'a member twice in a body': file.replace('"title":', '"title":"B","title":'),
      'a record twice': file.replace(`"${record}":{`, `"${record}":{},"${record}":{`),
      'a number that is none': file.replace('"height":0', '"height":1e999'),
      'a half': file.slice(0, file.length / 2),
      'a million arrays': '['.repeat(1_000_000),
      'arrays in a body': file.replace('"title":', `"more":${'['.repeat(40)}${']'.repeat(40)},"title":`),
      'a million members': `{${Array.from({ length: 700_000 }, (_, i) => `"${i}":1`).join()}}`,
      'more records than there may be': file.replace(
        `"${record}":{`,
        `${Array.from({ length: 1024 }, (_, i) => `"${String(i).padStart(64, '0')}":{"events":[],"state":{"height":0,"siblings":[],"leaf":null}}`).join()},$&`,
      ),
      'more anchors than there may be': file.replace(
        '"anchors":[]',
        `"anchors":[${Array.from({ length: 65 }, () => '{"type":"x"}').join()}]`,
      ),
      'a longer path than there may be': file.replace(
        '"siblings":[',
        `$&${`"${'A'.repeat(43)}=",`.repeat(257)}`,
      ),
    };
    for (const [name, body] of Object.entries(malformed)) {
      expect(body, name).not.toBe(file);
      expect([name, await refused(body)]).toMatchObject([name, { status: 400, code: 'malformed_history' }]);
    }
  });

  test('judges many events that nobody can read while it answers others', async () => {
    const event = `{"automatic":"${'x'.repeat(8)}"},`;
    const many = file.replace('"events":[', `$&${event.repeat(20_000)}`);
    const [result, ...healthy] = await Promise.all([
      judged(many),
      ...Array.from({ length: 5 }, () => fetch(`${service.url}/healthz`)),
    ]);
    expect(healthy.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(result.verdict).toBe('invalid');
    expect(result.steps.find(({ name }) => name === 'events')).toMatchObject({ code: 'malformed_automatic' });
    expect(result.timeline[0]).toMatchObject({ type: null, height: null, sealedAt: null, time: null });
  });

  test('finds in every mutant what the verifier finds offline, and verifies none that shows something else', async () => {
    const random = new Random(14);
    const whole = await judged(file);
    for (let i = 0; i < 60; i++) {
      const mutant = JSON.stringify(mutateJson(random, JSON.parse(file) as Json));
      const isHistory = parses(mutant);
      if (mutant.length > MAX_HISTORY_BYTES) continue;
      if (!isHistory) expect(await refused(mutant)).toMatchObject({ status: 400, code: 'malformed_history' });
      else {
        const result = await judged(mutant);
        expect(result).toEqual(offline(mutant));
        if (result.verdict === 'verified') expect({ ...result, steps: [] }).toEqual({ ...whole, steps: [] });
      }
    }
  });

  test('answers 503 while too many histories wait', async () => {
    const { checker } = service.deps;
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => checker.history({ source: utf8(file), policy })),
    );
    expect(answers.slice(0, 4)).toEqual(
      Array.from({ length: 4 }, () => ({ json: expect.any(String) as string })),
    );
    expect(answers.at(-1)).toBeNull();
    const full = vi.spyOn(checker, 'history').mockResolvedValueOnce(null);
    expect(await refused(file)).toMatchObject({ status: 503, code: 'queue_full', retryAfter: '15' });
    full.mockRestore();
    expect((await judged(file)).verdict).toBe('verified');
  });

  test('gives up on a history that takes too long', async () => {
    // Less than it takes to verify those before the last.
    const checker = new Checker({ historyMs: 1 });
    const answers = Array.from({ length: 4 }, () => checker.history({ source: utf8(file), policy }));
    expect((await Promise.all(answers)).at(-1)).toBeNull();
    await checker.close();
  });
});
