import { expect, test } from 'vitest';
import { ANONYMOUS_LIMITS, AnonymousLimits } from '../../src/auth/limits.js';
import { ANONYMOUS_PRINCIPAL, LimitError, type Client, type Principal } from '../../src/auth/index.js';

const STRANGER: Client = { address: '203.0.113.7', agent: '' };
const NEIGHBOUR: Client = { address: '203.0.113.99', agent: '' };
const ELSEWHERE: Client = { address: '198.51.100.7', agent: '' };
const LOCALHOST: Client = { address: '127.0.0.1', agent: '' };
const PERSON = { kind: 'user' } as Principal;

function create() {
  const clock = { now: 1_000_000 };
  return { clock, limits: new AnonymousLimits(() => clock.now) };
}

function refusalOf(act: () => unknown): LimitError {
  try {
    act();
  } catch (error) {
    if (error instanceof LimitError) return error;
    throw error;
  }
  throw new Error('a limit was expected');
}

test.each([
  ['consumeVerification', ANONYMOUS_LIMITS.verificationsPerMinute],
  ['consumeCertificate', ANONYMOUS_LIMITS.certificatesPerMinute],
] as const)('%s limits a network by the minute, and refills continuously', (method, perMinute) => {
  const { clock, limits } = create();
  for (let i = 0; i < perMinute; i++) {
    limits[method](ANONYMOUS_PRINCIPAL, i % 2 === 0 ? STRANGER : NEIGHBOUR);
  }
  const refusal = refusalOf(() => {
    limits[method](ANONYMOUS_PRINCIPAL, STRANGER);
  });
  expect([refusal.code, refusal.retryAfterSeconds]).toEqual(['limit_exceeded', 1]);
  limits[method](ANONYMOUS_PRINCIPAL, ELSEWHERE);
  limits[method](ANONYMOUS_PRINCIPAL, LOCALHOST);
  limits[method](PERSON, STRANGER);
  clock.now += 30_000;
  for (let i = 0; i < perMinute / 2; i++) limits[method](ANONYMOUS_PRINCIPAL, STRANGER);
  refusalOf(() => {
    limits[method](ANONYMOUS_PRINCIPAL, STRANGER);
  });
  // A clock that is set back takes nothing away, and a long pause gives no more than a full bucket.
  clock.now -= 3_600_000;
  refusalOf(() => {
    limits[method](ANONYMOUS_PRINCIPAL, STRANGER);
  });
  clock.now += 2 * 3_600_000;
  for (let i = 0; i < perMinute; i++) limits[method](ANONYMOUS_PRINCIPAL, STRANGER);
  refusalOf(() => {
    limits[method](ANONYMOUS_PRINCIPAL, STRANGER);
  });
});

test('limits how many event streams a network has open at once', () => {
  const { limits } = create();
  const open = Array.from({ length: ANONYMOUS_LIMITS.eventStreams }, () =>
    limits.openEventStream(ANONYMOUS_PRINCIPAL, STRANGER),
  );
  const refusal = refusalOf(() => limits.openEventStream(ANONYMOUS_PRINCIPAL, NEIGHBOUR));
  expect([refusal.code, refusal.retryAfterSeconds]).toEqual(['limit_exceeded', 60]);
  for (const close of [
    limits.openEventStream(ANONYMOUS_PRINCIPAL, ELSEWHERE),
    limits.openEventStream(ANONYMOUS_PRINCIPAL, LOCALHOST),
    limits.openEventStream(PERSON, STRANGER),
  ]) {
    close();
  }
  open.pop()?.();
  open.push(limits.openEventStream(ANONYMOUS_PRINCIPAL, NEIGHBOUR));
  refusalOf(() => limits.openEventStream(ANONYMOUS_PRINCIPAL, STRANGER));
  for (const close of open) close();
  limits.openEventStream(ANONYMOUS_PRINCIPAL, STRANGER)();
});

test('passes uploads on whole, and delays them once a network has used up its share', async () => {
  const { limits } = create();
  // Chunks that only claim their length: the share is gigabytes.
  const chunk = (length: number) => ({ length }) as Uint8Array;
  const passed = async (client: Client, lengths: readonly number[]) => {
    async function* upload() {
      for (const length of lengths) yield await Promise.resolve(chunk(length));
    }
    const started = performance.now();
    const seen: number[] = [];
    for await (const { length } of limits.pace(ANONYMOUS_PRINCIPAL, client, upload())) seen.push(length);
    return { seen, elapsedMs: performance.now() - started };
  };
  const share = ANONYMOUS_LIMITS.uploadBytesPerMinute;
  expect((await passed(STRANGER, [share / 2, share / 2])).seen).toEqual([share / 2, share / 2]);
  // Two thousandths of a minute: 120 ms.
  const { seen, elapsedMs } = await passed(NEIGHBOUR, [share / 1000, share / 1000]);
  expect(seen).toHaveLength(2);
  expect(elapsedMs).toBeGreaterThan(120);
  expect((await passed(LOCALHOST, [share, share])).seen).toEqual([share, share]);
});
