import { expect, test } from 'vitest';
import { cookieHeader, cookiesOf } from '../support/browser-session.js';
import { createOrganization, createUser, PASSWORD } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';

/** More than can wait: 2 are checked at a time, and 64 wait. */
const ATTACKERS = 90;
const OFFICE = '203.0.113.7';

interface Answer {
  readonly status: number;
  readonly headers: Headers;
}

async function signIn(
  { url }: TestService,
  email: string,
  password: string,
  from: string,
  cookie = '',
): Promise<Answer> {
  const response = await fetch(`${url}/v1/session`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Forwarded-For': from, Cookie: cookie },
    body: JSON.stringify({ email, password, cookies: true }),
  });
  await response.arrayBuffer();
  return { status: response.status, headers: response.headers };
}

/**
 * Attackers, each attempt of whom comes from a network of its own, until it is told to end. Those who find the queue full try again when
 * somebody's password was checked, two for the one place that became free: it is always full.
 */
function flood(service: TestService, half: number) {
  const seen = { busy: 0, checked: 0, ended: false };
  let attempts = 0;
  const refused: (() => void)[] = [];
  const wake = (count: number) => {
    for (const tryAgain of refused.splice(0, count)) tryAgain();
  };
  const hasEnded = () => seen.ended;
  const attack = async () => {
    while (!hasEnded()) {
      const i = attempts++;
      const from = `${10 + half}.${(i >> 8) & 255}.${i & 255}.1`;
      const { status } = await signIn(service, `nobody${i}@example.com`, 'spring2026!!', from);
      if (status === 503) {
        seen.busy++;
        if (!hasEnded()) await new Promise<void>((resolve) => refused.push(resolve));
      } else if (status === 401) {
        seen.checked++;
        wake(2);
      } else throw new Error(`an attempt got ${status}`);
    }
  };
  const all = Promise.all(Array.from({ length: ATTACKERS }, attack));
  return {
    seen,
    end: async () => {
      seen.ended = true;
      wake(ATTACKERS);
      await all;
    },
  };
}

test('a flood of sign-ins from many networks keeps out nobody who has signed in before, in any process', async () => {
  await using one = await startService({ sealing: false, trustProxy: 1 });
  await using two = await startService({ sealing: false, trustProxy: 1, beside: one });
  const { id } = await createOrganization(one);
  const person = await createUser(one, id, 'owner');
  const colleague = await createUser(one, id, 'notary');
  const first = await signIn(one, person.email, PASSWORD, OFFICE);
  expect(first.status).toBe(200);
  const { 'ingam-device': device = '' } = cookiesOf({
    headers: { 'set-cookie': first.headers.getSetCookie() },
  });
  const floods = [flood(one, 0), flood(two, 1)];
  try {
    for (const { seen } of floods) {
      await until(
        'the queue to be full',
        () => Promise.resolve(seen.busy),
        (busy) => busy > ATTACKERS,
      );
    }
    for (const service of [one, two]) {
      const tries = {
        'the person in a network of theirs': () => signIn(service, person.email, PASSWORD, '203.0.113.99'),
        'the person with a known browser elsewhere': () =>
          signIn(service, person.email, PASSWORD, '192.0.2.1', cookieHeader({ 'ingam-device': device })),
        'somebody else in a network that is known': () =>
          signIn(service, colleague.email, PASSWORD, '203.0.113.8'),
      };
      for (const [who, attempt] of Object.entries(tries)) {
        expect([who, (await attempt()).status]).toEqual([who, 200]);
      }
    }
    // The flood went on, and guessed all the time.
    const before = floods.map(({ seen }) => seen.busy);
    for (const [i, { seen }] of floods.entries()) {
      await until(
        'the flood to go on',
        () => Promise.resolve(seen.busy),
        (busy) => busy > (before[i] ?? 0),
      );
      expect(seen.checked).toBeGreaterThan(0);
    }
  } finally {
    await Promise.all(floods.map(({ end }) => end()));
  }
});
