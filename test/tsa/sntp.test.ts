import { describe, expect, test } from 'vitest';
import { askTime } from '../../src/tsa/sntp.js';
import { startNtpServer, type NtpAnswer } from '../support/ntp-server.js';

const never = new AbortController().signal;

describe('askTime', () => {
  test.each([0, 700, -700, 3_600_000, -3_600_000])('measures a clock that is %i ms ahead', async (shift) => {
    await using server = await startNtpServer({ shift, rootDispersion: 10 });
    const { offset, uncertainty } = await askTime(server, Date.now, never);
    // Half of the way there and back, and what the server says of itself.
    expect(uncertainty).toBeGreaterThanOrEqual(9.9);
    expect(Math.abs(offset - shift)).toBeLessThanOrEqual(uncertainty);
  });

  test('reads times after 7 February 2036, when the seconds of NTP begin anew', async () => {
    const years = 12 * 365.25 * 86_400_000;
    await using server = await startNtpServer({ shift: years });
    const { offset, uncertainty } = await askTime(server, () => Date.now() + years, never);
    expect(Math.abs(offset)).toBeLessThanOrEqual(uncertainty);
  });

  test('tells the server nothing but a random number', async () => {
    await using server = await startNtpServer();
    await askTime(server, Date.now, never);
    await askTime(server, Date.now, never);
    const [first, second] = server.requests;
    for (const request of [first, second]) {
      expect(request?.length).toBe(48);
      expect(request?.[0]).toBe(0x23);
      expect(request?.subarray(1, 40).every((octet) => octet === 0)).toBe(true);
    }
    expect(first?.subarray(40)).not.toEqual(second?.subarray(40));
  });

  test('skips packets that do not answer its request', async () => {
    const wrong: NtpAnswer[] = [
      { echo: false, shift: 9000 },
      { mode: 3, shift: 9000 },
      { length: 47, shift: 9000 },
      { length: 0 },
    ];
    await using server = await startNtpServer([...wrong, { shift: 0 }]);
    const { offset, uncertainty } = await askTime(server, Date.now, never);
    expect(Math.abs(offset)).toBeLessThanOrEqual(uncertainty);
  });

  test.each<[string, NtpAnswer]>([
    ['it is not synchronized', { leap: 3 }],
    ['it is asked too often (kiss of death)', { stratum: 0 }],
    ['it is unsynchronized by its stratum', { stratum: 16 }],
  ])('rejects a server that says that %s', async (_, answer) => {
    await using server = await startNtpServer(answer);
    await expect(askTime(server, Date.now, never)).rejects.toMatchObject({ code: 'no_time' });
  });

  test('gives up on a server that does not answer, that is not there, or when it is stopped', async () => {
    const server = await startNtpServer(null);
    await expect(askTime(server, Date.now, never)).rejects.toThrow('it did not answer');
    await expect(askTime(server, Date.now, AbortSignal.abort())).rejects.toMatchObject({ code: 'no_time' });
    const { port } = server;
    await server[Symbol.asyncDispose]();
    await expect(askTime({ host: '127.0.0.1', port }, Date.now, never)).rejects.toMatchObject({
      code: 'no_time',
    });
    await expect(askTime({ host: 'no.such.invalid', port }, Date.now, never)).rejects.toMatchObject({
      code: 'no_time',
    });
  });
});
