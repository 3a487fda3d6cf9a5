import type { ServerResponse } from 'node:http';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, test as alone } from 'vitest';
import { generateKey } from '../../src/crypto/keys.js';
import {
  COSIGNATURE,
  formatVerifierKey,
  parsePolicy,
  parseVerifierKey,
  parseWitnesses,
  verify,
  parseProof,
} from '../../src/proof/index.js';
import type { ProofFile, VerifierKey } from '../../src/proof/index.js';
import { startService, type ServiceOptions, type TestService } from '../support/service.js';
import { StoreError, type Store } from '../../src/store/index.js';
import { createBackground, createLogger } from '../support/parts.js';
import { until } from '../support/until.js';
import { lineOf, startWitness, type TestWitness } from '../support/witness.js';

const test = alone.concurrent;

interface Scene extends AsyncDisposable {
  readonly service: TestService;
  readonly witnesses: readonly TestWitness[];
}

/** A service with `count` witnesses w0, w1, …, of which `needed` make the quorum. */
async function scene(count: number, needed: number, options: ServiceOptions = {}): Promise<Scene> {
  let key: VerifierKey | null = null;
  const logKey = () => {
    if (key === null) throw new Error('requested before the service has started');
    return key;
  };
  const witnesses: TestWitness[] = [];
  for (let i = 0; i < count; i++) witnesses.push(await startWitness(`w${i}`, logKey));
  const names = witnesses.map(({ name }) => name).join(' ');
  const policy = [...witnesses.map(({ line }) => line), `group g ${needed} ${names}`, 'quorum g'].join('\n');
  const service = await startService({ members: parseWitnesses(policy), ...options });
  key = parseVerifierKey(service.verifierKey);
  const dispose = async (): Promise<void> => {
    await service[Symbol.asyncDispose]();
    for (const witness of witnesses) await witness[Symbol.asyncDispose]();
  };
  return { service, witnesses, [Symbol.asyncDispose]: dispose };
}

const nth = (witnesses: readonly TestWitness[], i: number): TestWitness => {
  const found = witnesses[i];
  if (found === undefined) throw new Error(`no witness ${i}`);
  return found;
};

interface Shown {
  readonly id: string;
  readonly status: string;
  readonly block?: { readonly height: number };
  readonly cosigned?: { readonly signed: number; readonly of: number; readonly needed: number };
}

async function notarize(service: TestService, digit: string): Promise<Shown> {
  const response = await fetch(`${service.url}/v1/notarizations?wait=sealed`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ documents: [{ sha256: digit.repeat(64) }] }),
  });
  const { notarizations } = (await response.json()) as { notarizations: Shown[] };
  const [shown] = notarizations;
  if (shown === undefined) throw new Error('nothing was notarized');
  return shown;
}

async function show(service: TestService, id: string): Promise<Shown> {
  return (await (await fetch(`${service.url}/v1/notarizations/${id}`)).json()) as Shown;
}

async function untilCosigned(service: TestService, id: string): Promise<void> {
  await until(
    `${id} to be cosigned`,
    () => show(service, id),
    (seen) => seen.status === 'cosigned',
  );
}

async function proofOf(service: TestService, id: string): Promise<ProofFile> {
  const text = await (await fetch(`${service.url}/v1/notarizations/${id}/proof`)).text();
  return parseProof(text) as ProofFile;
}

const problems = ({ cosigning }: TestService) =>
  cosigning?.status.map(({ problem }) => problem?.code ?? null);

describe.concurrent('a quorum of 2 of 3', () => {
  test('is collected, shown in responses, included in proofs and required by the policy', async () => {
    await using it = await scene(3, 2);
    const { service, witnesses } = it;
    const { id } = await notarize(service, 'a');
    const shown = await until('all three cosignatures', async () => {
      const now = await show(service, id);
      return now.cosigned?.signed === 3 && now.status === 'cosigned' ? now : null;
    });
    expect(shown.cosigned).toEqual({ signed: 3, of: 3, needed: 2 });
    const chain = (await (await fetch(`${service.url}/v1/chain`)).json()) as {
      policy: string;
      cosigned: number;
      members: { name: string; size: number; verifierKey: string }[];
    };
    expect(chain.cosigned).toBe(1);
    expect(chain.members).toEqual(
      witnesses.map(({ name, key }) => ({ name, size: 1, verifierKey: formatVerifierKey(key.key) })),
    );
    const policy = parsePolicy(chain.policy);
    expect([policy.witnesses.size, policy.quorum]).toEqual([3, 'g']);
    expect(chain.policy).not.toContain('127.0.0.1');
    const proof = await proofOf(service, id);
    const verification = verify({ proof, document: null, policy });
    expect(verification.verdict).toBe('verified');
    expect(verification.cosignatures.map(({ witness }) => witness)).toEqual(['w0', 'w1', 'w2']);
    const checkpoint = await (await fetch(`${service.url}/checkpoint`)).text();
    expect(checkpoint.split('\n').filter((line) => line.startsWith('—'))).toHaveLength(4);
    const byDigest = (await (await fetch(`${service.url}/v1/verify/${'a'.repeat(64)}`)).json()) as {
      verdict: string;
    };
    expect(byDigest.verdict).toBe('verified');
    // An operator that rewrites the chain could make a proof without the cosignatures.
    const stripped = {
      ...proof,
      log: { ...proof.log, note: { ...proof.log.note, signatures: proof.log.note.signatures.slice(0, 1) } },
    };
    expect(verify({ proof: stripped, document: null, policy }).verdict).toBe('untrusted');
  });

  test('is announced as an event after the seal', async () => {
    await using it = await scene(2, 2);
    let released = false;
    const pending: (() => void)[] = [];
    const w1 = nth(it.witnesses, 1);
    w1.behaviour = (request, res) => {
      const answer = () =>
        res.end(lineOf(w1.key, request.note.slice(0, request.note.lastIndexOf('\n\n') + 1)));
      // Whoever gives up waiting and asks again gets an answer too.
      if (released) answer();
      else pending.push(answer);
    };
    const { id, status, cosigned } = await notarize(it.service, 'b');
    expect([status, cosigned?.needed]).toEqual(['sealed', 2]);
    const response = await fetch(`${it.service.url}/v1/notarizations/${id}/events`);
    const release = until('a request that the witness has not answered', () => pending.length > 0).then(
      () => {
        released = true;
        for (const answer of pending) answer();
      },
    );
    const text = await response.text();
    await release;
    expect([...text.matchAll(/^event: (.*)$/gm)].map(([, name]) => name)).toEqual(['sealed', 'cosigned']);
  });

  test('is met while one witness is unreachable, which cosigns again once it is back', async () => {
    await using it = await scene(3, 2);
    const { service, witnesses } = it;
    const lost = nth(witnesses, 2);
    lost.behaviour = (_, res) => res.destroy();
    const first = await notarize(service, 'c');
    await untilCosigned(service, first.id);
    await until('the witness to be reported as unreachable', () => problems(service)?.[2], 'unreachable');
    expect(problems(service)).toEqual([null, null, 'unreachable']);
    lost.behaviour = null;
    await until('the witness to sign again', () => lost.signed.length > 0);
    await until('the third cosignature', async () => (await show(service, first.id)).cosigned?.signed, 3);
  });

  test('is met by two slow witnesses, which are sent the same checkpoints while new blocks are sealed', async () => {
    await using it = await scene(3, 2);
    const { service, witnesses } = it;
    nth(witnesses, 0).behaviour = (_, res) => res.writeHead(503).end();
    // Each responds only after two more blocks: if each were sent the newest checkpoint, they would never
    // sign the same one.
    let blocks = 0;
    let pending: { readonly dueAt: number; readonly respond: () => void }[] = [];
    for (const slow of witnesses.slice(1)) {
      slow.behaviour = (request, res) => {
        pending.push({
          dueAt: blocks + 2,
          respond: () => {
            res.end(lineOf(slow.key, request.note.slice(0, request.note.lastIndexOf('\n\n') + 1)));
          },
        });
      };
    }
    const seal = async (name: string) => {
      const notarized = await notarize(service, name);
      blocks++;
      for (const { dueAt, respond } of pending) if (dueAt <= blocks) respond();
      pending = pending.filter(({ dueAt }) => dueAt > blocks);
      return notarized;
    };
    const { id } = await seal('d');
    while ((await show(service, id)).status !== 'cosigned') await seal('e');
  });
});

describe.concurrent('one witness', () => {
  test('that has cosigned another size gets a proof from that size', async () => {
    await using it = await scene(1, 1, { sealing: false });
    const { service, witnesses } = it;
    const witness = nth(witnesses, 0);
    service.startSealing();
    await notarize(service, 'a');
    await until('the first cosignature', () => witness.signed.length, 1);
    // As after a cosignature that was not stored.
    witness.remember({ ...(witness.signed[0] as (typeof witness.signed)[0]) });
    const second = await notarize(service, 'b');
    await untilCosigned(service, second.id);
    expect(witness.requests.at(-1)?.oldSize).toBe(1);
  });

  test('that has lost its state gets a proof from the empty log', async () => {
    await using it = await scene(1, 1);
    const witness = nth(it.witnesses, 0);
    await notarize(it.service, 'a');
    await until('the first cosignature', () => witness.signed.length, 1);
    (witness.signed as unknown[]).length = 0;
    const { id } = await notarize(it.service, 'b');
    await untilCosigned(it.service, id);
    expect(witness.requests.slice(-2).map(({ oldSize }) => oldSize)).toEqual([1, 0]);
  });

  test('that has cosigned a larger log than the stored one is reported as ahead', async () => {
    await using it = await scene(1, 1);
    const witness = nth(it.witnesses, 0);
    witness.remember({ origin: 'test.example/log', size: 900, root: new Uint8Array(32), extensions: [] });
    const { id } = await notarize(it.service, 'a');
    await until('the alarm that the witness is ahead', () => problems(it.service)?.[0], 'ahead');
    expect(it.service.cosigning?.status[0]?.problem?.message).toMatch(/900 blocks .* 1 here/);
    expect((await show(it.service, id)).status).toBe('sealed');
  });

  test.each<[string, string, (request: { note: string }, res: ServerResponse) => void]>([
    ['an empty response', 'wrong_answer', (_, res) => res.end('')],
    ['the cosignature of another key', 'wrong_answer', (_, res) => res.end('— other.example AAAAAAAAAAA=\n')],
    ['bytes that are not UTF-8', 'wrong_answer', (_, res) => res.end(Buffer.of(0xff, 0xfe))],
    ['a response that is too long', 'wrong_answer', (_, res) => res.end('x'.repeat(100_000))],
    ['429', 'busy', (_, res) => res.writeHead(429).end()],
    ['503', 'busy', (_, res) => res.writeHead(503, { 'retry-after': '1' }).end()],
    ['400', 'refused', (_, res) => res.writeHead(400).end('no\n')],
    ['403', 'refused', (_, res) => res.writeHead(403).end()],
    ['404', 'refused', (_, res) => res.writeHead(404).end()],
    ['422', 'refused', (_, res) => res.writeHead(422).end()],
    ['409 without a size', 'refused', (_, res) => res.writeHead(409).end()],
    [
      '409 with an invalid size',
      'wrong_answer',
      (_, res) => res.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end('many\n'),
    ],
    [
      '409 to every request',
      'wrong_answer',
      (_, res) => res.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end('0\n'),
    ],
    ['a redirect', 'unreachable', (_, res) => res.writeHead(307, { location: 'http://127.0.0.1:1/' }).end()],
    ['no response', 'unreachable', () => undefined],
  ])('that responds with %s is reported and retried, and delays no seal', async (_, code, behaviour) => {
    await using it = await scene(1, 1, { memberTimeoutMs: 300 });
    const witness = nth(it.witnesses, 0);
    witness.behaviour = behaviour;
    const { id } = await notarize(it.service, 'a');
    await until(`the witness to be reported as ${code}`, () => problems(it.service)?.[0], code);
    expect((await show(it.service, id)).status).toBe('sealed');
    const byDigest = (await (await fetch(`${it.service.url}/v1/verify/${'a'.repeat(64)}`)).json()) as {
      verdict: string;
    };
    expect(byDigest.verdict).toBe('pending');
    witness.behaviour = null;
    await untilCosigned(it.service, id);
    expect(problems(it.service)).toEqual([null]);
  });

  test('whose cosignature is invalid adds none to the checkpoint', async () => {
    await using it = await scene(1, 1);
    const witness = nth(it.witnesses, 0);
    witness.behaviour = (_, res) => res.end(lineOf(witness.key, 'another text\n'));
    const { id } = await notarize(it.service, 'a');
    await until('the wrong cosignature to be reported', () => problems(it.service)?.[0], 'wrong_answer');
    expect(await it.service.store.cosignatures(1)).toEqual([]);
    expect((await proofOf(it.service, id)).log.note.signatures).toHaveLength(1);
  });
});

test('accepts and seals documents while nothing listens at the address of a member', async () => {
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port } = closed.address() as { port: number };
  closed.close();
  await once(closed, 'close');
  const { key } = generateKey('closed.example/witness', COSIGNATURE);
  const members = parseWitnesses(`witness w0 ${formatVerifierKey(key)} http://127.0.0.1:${port}\nquorum w0`);
  await using service = await startService({ members });
  for (const digit of ['a', 'b', 'c']) expect((await notarize(service, digit)).status).toBe('sealed');
  await until('the member to be reported as unreachable', () => problems(service)?.[0], 'unreachable');
});

test('requests cosignatures from the leader of two instances only', async () => {
  await using it = await scene(1, 1);
  const witness = nth(it.witnesses, 0);
  const { id } = await notarize(it.service, 'a');
  await untilCosigned(it.service, id);
  const before = witness.requests.length;
  const { Cosigning } = await import('../../src/log/index.js');
  const standby = new Cosigning({
    background: createBackground().background,
    store: it.service.store,
    members: parseWitnesses(`${witness.line}\nquorum w0`),
    leads: () => false,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  standby.start();
  const second = await notarize(it.service, 'b');
  await untilCosigned(it.service, second.id);
  await standby.stop();
  expect(standby.status).toEqual([]);
  expect(witness.requests.length).toBeGreaterThan(before);
});

describe.concurrent('a fault of this service', () => {
  const failures = async ({ deps }: TestService, task: string): Promise<number> => {
    const metric = deps.metrics.registry.getSingleMetric('ingam_background_failures_total');
    const values = (await metric?.get())?.values ?? [];
    return values.find(({ labels }) => labels['task'] === task)?.value ?? Number.NaN;
  };

  test.each([
    ['a rejected statement', new StoreError('refused', 'wrong column')],
    ['a programming error', new TypeError('x is not a function')],
  ])('%s is logged and counted, and cosigning resumes', async (_, error) => {
    const { logger, lines } = createLogger();
    let isBroken = true;
    const wrapStore = (store: Store): Store => ({
      ...store,
      checkpoint: (size) => (isBroken && size === undefined ? Promise.reject(error) : store.checkpoint(size)),
    });
    await using it = await scene(1, 1, { logger, wrapStore });
    const { id } = await notarize(it.service, 'a');
    await until('several failures', async () => (await failures(it.service, 'cosigning')) >= 3);
    expect(lines.filter((line) => line.startsWith(`cosigning stalled: ${error.message}`))).toHaveLength(1);
    isBroken = false;
    await untilCosigned(it.service, id);
    expect(lines.filter((line) => line.startsWith('cosigning resumed'))).toHaveLength(1);
  });

  test('a missing tile of the log is logged and counted, and cosigning resumes', async () => {
    const { logger, lines } = createLogger();
    let isMissing = true;
    const wrapStore = (store: Store): Store => ({
      ...store,
      // Of two blocks: only the consistency proof for the second checkpoint reads it.
      logTile: (level, index, width) =>
        isMissing && width === 2 ? Promise.resolve(null) : store.logTile(level, index, width),
    });
    await using it = await scene(1, 1, { logger, wrapStore });
    await untilCosigned(it.service, (await notarize(it.service, 'a')).id);
    const { id } = await notarize(it.service, 'b');
    await until('the problem of the member', () => problems(it.service)?.includes('internal'));
    const stalled = lines.filter((line) => /^cosigning by w0 stalled: the log lacks 2 hashes/.test(line));
    expect(stalled).toHaveLength(1);
    const metrics = await it.service.deps.metrics.registry.metrics();
    expect(metrics).toMatch(/ingam_cosigning_requests_total\{member="w0",outcome="internal"\} [1-9]/);
    isMissing = false;
    await untilCosigned(it.service, id);
    expect(problems(it.service)).toEqual([null]);
  });
});
