import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { generateKey } from '../../src/crypto/keys.js';
import { Witness, type WitnessResponse } from '../../src/member/index.js';
import {
  checkSignature,
  consistencyPath,
  COSIGNATURE,
  EMPTY_ROOT,
  formatAddCheckpoint,
  formatCheckpoint,
  formatNote,
  leafHash,
  parseNote,
  parseVerifierKey,
  signNote,
  utf8,
} from '../../src/proof/index.js';
import { createStore } from '../support/database.js';
import { FORGER_KEY, ForgedChain, serveChain } from '../support/forger.js';
import { startMember, stateOf, untilCosigned } from '../support/member.js';
import { until } from '../support/until.js';

const KEY = generateKey('witness.example', COSIGNATURE);

interface Sequence {
  readonly logVkey: string;
  readonly steps: readonly {
    readonly desc?: string;
    readonly request: string;
    readonly specStatus: number;
    readonly contentType?: string;
    readonly responseBody?: string;
  }[];
}

const sequence = JSON.parse(
  readFileSync(new URL('../vectors/tlog-witness/add-checkpoint-sequence.json', import.meta.url), 'utf8'),
) as Sequence;

async function post(url: string, body: string | Uint8Array<ArrayBuffer>) {
  const response = await fetch(`${url}/add-checkpoint`, { method: 'POST', body });
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}

test('responds to the published sequence of requests with the statuses of the specification', async () => {
  const logKey = parseVerifierKey(sequence.logVkey);
  await using operator = await serveChain({ chain: new ForgedChain(), checkpoint: null });
  await using member = await startMember({ upstream: operator.url, otherLogs: [logKey] });
  const hash = createHash('sha256').update(logKey.name).digest('hex');
  expect((await fetch(`${member.url}/${hash}/checkpoint`)).status).toBe(404);
  for (const step of sequence.steps) {
    const answer = await post(member.url, step.request);
    expect([step.desc, answer.status]).toEqual([step.desc, step.specStatus]);
    if (step.contentType !== undefined) {
      expect([answer.type, answer.text]).toEqual([step.contentType, step.responseBody]);
    }
    if (answer.status === 200) {
      const { text } = parseNote(step.request.slice(step.request.indexOf('\n\n') + 2));
      const cosigned = parseNote(`${text}\n${answer.text}`);
      expect(checkSignature(cosigned, member.key.key).state).toBe('good');
      const shown = parseNote(await (await fetch(`${member.url}/${hash}/checkpoint`)).text());
      expect(shown.text).toBe(text);
      expect(checkSignature(shown, logKey).state).toBe('good');
      expect(checkSignature(shown, member.key.key).state).toBe('good');
    }
  }
});

describe('add-checkpoint', () => {
  test.each<[string, number, string | Uint8Array<ArrayBuffer>]>([
    ['an empty body', 400, ''],
    ['a body that is not UTF-8', 400, Uint8Array.of(0xff, 0xfe)],
    ['a body without a note', 400, 'old 0\n\nhello\n'],
    [
      'a note that is no checkpoint',
      400,
      formatAddCheckpoint({ oldSize: 0, path: [], note: formatNote(signNote('a\nb\nc\n', FORGER_KEY)) }),
    ],
    [
      'an old size beyond the checkpoint',
      400,
      formatAddCheckpoint({ oldSize: 9, path: [], note: new ForgedChain().grown(1).checkpoint() }),
    ],
    [
      'an empty log with another root',
      422,
      formatAddCheckpoint({ oldSize: 0, path: [], note: note(0, new Uint8Array(32)) }),
    ],
    [
      'a consistency proof from the empty log',
      422,
      formatAddCheckpoint({
        oldSize: 0,
        path: [new Uint8Array(32)],
        note: new ForgedChain().grown(1).checkpoint(),
      }),
    ],
    ['a body that is too long', 413, 'x'.repeat(70_000)],
  ])('rejects %s with status %i', async (_, status, body) => {
    await using operator = await serveChain({ chain: new ForgedChain(), checkpoint: null });
    await using member = await startMember({ upstream: operator.url });
    expect((await post(member.url, body)).status).toBe(status);
    expect(await member.evidence()).toEqual([]);
  });
});

function note(size: number, root: Uint8Array): string {
  const text = formatCheckpoint({ origin: FORGER_KEY.key.name, size, root, extensions: [] });
  return formatNote(signNote(text, FORGER_KEY));
}

function requestFor(chain: ForgedChain, oldSize: number): string {
  const leaves = chain.blocks.map(({ bytes }) => leafHash(bytes));
  const path = oldSize === 0 ? [] : consistencyPath(oldSize, leaves);
  return formatAddCheckpoint({ oldSize, path, note: chain.checkpoint() });
}

describe('for the followed log', () => {
  test('verifies and stores the blocks before it cosigns', async () => {
    const chain = new ForgedChain().grown(4);
    await using operator = await serveChain({ chain: chain.first(2), checkpoint: null });
    await using member = await startMember({ upstream: operator.url, examineMs: 5000 });
    operator.view = { chain, checkpoint: null };
    expect((await post(member.url, requestFor(chain.first(2), 0))).status).toBe(200);
    expect((await stateOf(member)).blocks).toBe(2);
    expect((await post(member.url, requestFor(chain, 0))).status).toBe(409);
    expect((await post(member.url, requestFor(chain, 2))).status).toBe(200);
    expect(await stateOf(member)).toMatchObject({ blocks: 4, cosigned: 4 });
    // It signs the same checkpoint again.
    expect((await post(member.url, requestFor(chain, 4))).status).toBe(200);
  });

  test('responds with 503 while it cannot read the blocks', async () => {
    const chain = new ForgedChain().grown(4);
    await using operator = await serveChain({ chain: chain.first(1), checkpoint: null });
    await using member = await startMember({ upstream: operator.url });
    const response = await fetch(`${member.url}/add-checkpoint`, {
      method: 'POST',
      body: requestFor(chain, 0),
    });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2']);
    operator.view = { chain };
    await untilCosigned(member, 4);
  });

  test('responds with 422 and the reason for blocks that it refuses', async () => {
    const chain = new ForgedChain().grown(2).with({ mined: false });
    await using operator = await serveChain({ chain, checkpoint: null });
    await using member = await startMember({ upstream: operator.url });
    const answer = await post(member.url, requestFor(chain, 0));
    expect([answer.status, answer.text]).toEqual([422, expect.stringContaining('proof_of_work') as string]);
    expect((await member.evidence()).map(({ reason }) => reason)).toEqual(['proof_of_work']);
  });

  test('stores evidence of two signed checkpoints of one size', async () => {
    const common = new ForgedChain().grown(2);
    const [chain, other] = [common.grown(2), common.grown(2)];
    await using operator = await serveChain({ chain });
    await using member = await startMember({ upstream: operator.url });
    await untilCosigned(member, 4);
    const answer = await post(
      member.url,
      formatAddCheckpoint({ oldSize: 4, path: [], note: other.checkpoint() }),
    );
    expect(answer.status).toBe(422);
    await until(
      'evidence of the fork',
      () => member.evidence(),
      (seen) => seen.some(({ reason }) => reason === 'fork'),
    );
  });
});

test('cosigns one history when many requests extend the same size at once', async () => {
  await using database = await createStore();
  const witness = new Witness({
    store: database.store,
    signer: KEY,
    logs: [{ key: FORGER_KEY.key, examine: null }],
    onConflict: () => undefined,
  });
  expect(
    (
      await witness.addCheckpoint(
        utf8(formatAddCheckpoint({ oldSize: 0, path: [], note: note(0, EMPTY_ROOT) })),
      )
    ).status,
  ).toBe(200);
  const base = new ForgedChain().grown(3);
  expect((await witness.addCheckpoint(utf8(requestFor(base, 0)))).status).toBe(200);
  const rivals = Array.from({ length: 8 }, (_, i) => base.grown(1 + (i % 3)));
  const answers = await Promise.all(rivals.map((chain) => witness.addCheckpoint(utf8(requestFor(chain, 3)))));
  const statuses = answers.map(({ status }: WitnessResponse) => status).sort();
  expect(statuses).toEqual([200, ...Array.from({ length: 7 }, () => 409)]);
  const winner = rivals[answers.findIndex(({ status }) => status === 200)];
  expect((await database.store.cosignedCheckpoint(FORGER_KEY.key.name))?.size).toBe(winner?.size);
});
