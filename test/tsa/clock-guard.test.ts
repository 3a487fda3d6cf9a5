import { describe, expect, test } from 'vitest';
import { ClockGuard, type NtpServer } from '../../src/tsa/index.js';
import { startNtpServer } from '../support/ntp-server.js';
import { createBackground, createLog } from '../support/parts.js';

/** Clocks that stand still until a test moves them. */
function guardWith(servers: readonly NtpServer[] = []) {
  const clocks = { wall: Date.now(), steady: 1000 };
  const guard = new ClockGuard({
    accuracyMs: 1000,
    servers,
    background: createBackground().background,
    clock: () => clocks.wall,
    steady: () => clocks.steady,
  });
  const pass = (milliseconds: number) => {
    clocks.wall += milliseconds;
    clocks.steady += milliseconds;
  };
  return { guard, clocks, pass, code: () => guard.problem(0)?.code ?? null };
}

describe('a guard without time servers', () => {
  test('trusts a clock that is not behind the chain by more than the accuracy', () => {
    const { guard, clocks } = guardWith();
    expect(guard.problem(clocks.wall)).toBeNull();
    expect(guard.problem(clocks.wall + 1000)).toBeNull();
    expect(guard.problem(clocks.wall + 1001)?.code).toBe('behind_chain');
    expect(guard.problem(clocks.wall + 3_600_000)?.message).toBe(
      'The clock of this machine is 3600 s behind the latest time in the chain: correct it.',
    );
    expect(guard.problem(clocks.wall)).toBeNull();
  });

  test('does not trust a clock that was set while it watched, forward or back', () => {
    for (const step of [1001, -1001, 86_400_000]) {
      const { clocks, pass, code } = guardWith();
      pass(60_000);
      expect(code()).toBeNull();
      clocks.wall += step;
      expect(code()).toBe('was_set');
      pass(3_600_000);
      expect(code()).toBe('was_set');
      // Set back to where it was.
      clocks.wall -= step;
      expect(code()).toBeNull();
    }
  });

  test('trusts a clock that is corrected slowly', () => {
    const { clocks, pass, code } = guardWith();
    for (let i = 0; i < 100; i++) {
      pass(1000);
      clocks.wall += 500;
      expect(code()).toBeNull();
    }
  });

  test('does not take an interruption of the process for a clock that was set', () => {
    const clocks = { wall: Date.now(), steady: 1000, pause: 0 };
    const guard = new ClockGuard({
      accuracyMs: 100,
      servers: [],
      background: createBackground().background,
      clock: () => clocks.wall,
      // Suspended between two looks at this clock.
      steady: () => (clocks.steady += clocks.pause),
    });
    clocks.pause = 5000;
    expect(guard.problem(0)).toBeNull();
  });
});

describe('a guard with time servers', () => {
  test('trusts the clock after most of them agree with it, and not before', async () => {
    await using one = await startNtpServer({});
    await using two = await startNtpServer({ shift: 100 });
    await using wrong = await startNtpServer({ shift: 60_000 });
    const guard = new ClockGuard({
      accuracyMs: 1000,
      servers: [one, wrong, two],
      background: createBackground().background,
    });
    expect(guard.problem(0)?.code).toBe('unchecked');
    expect(guard.offset).toBeNull();
    await guard.compare();
    expect(guard.problem(0)).toBeNull();
    expect(guard.offset).not.toBeNull();
    guard.stop();
  });

  test('does not trust a clock that most of them contradict, until they agree', async () => {
    await using server = await startNtpServer({ shift: 3500 });
    const guard = new ClockGuard({
      accuracyMs: 1000,
      servers: [server],
      background: createBackground().background,
    });
    await guard.compare();
    expect(guard.problem(0)?.code).toBe('wrong');
    expect(guard.problem(0)?.message).toMatch(
      /^The clock of this machine is 3\.[45] s behind the time servers/,
    );
    server.answer = null;
    await guard.compare();
    expect(guard.problem(0)?.code).toBe('wrong');
    server.answer = { shift: -3500 };
    await guard.compare();
    expect(guard.problem(0)?.message).toMatch(/ahead of the time servers/);
    server.answer = {};
    await guard.compare();
    expect(guard.problem(0)).toBeNull();
    guard.stop();
  });

  test.each([
    ['do not answer', null],
    ['are not accurate enough', { rootDispersion: 2000 }],
    ['contradict each other', undefined],
  ] as const)('does not trust the clock when they %s', async (_, answer) => {
    await using one = await startNtpServer(answer === undefined ? {} : answer);
    await using two = await startNtpServer(answer === undefined ? { shift: 9000 } : answer);
    const log = createLog();
    const { background } = createBackground(log);
    const guard = new ClockGuard({ accuracyMs: 1000, servers: [one, two], background });
    await guard.compare();
    expect(guard.problem(0)?.code).toBe('unchecked');
    expect(log.lines.join('\n')).toContain('comparing the clock with time servers stalled');
    guard.stop();
  });

  test('trusts a comparison for 15 minutes', async () => {
    await using server = await startNtpServer({});
    const clocks = { wall: 0, steady: 1000 };
    const guard = new ClockGuard({
      ...{ accuracyMs: 1000, servers: [server], background: createBackground().background },
      clock: () => Date.now() + clocks.wall,
      steady: () => performance.now() + clocks.steady,
    });
    await guard.compare();
    const pass = (milliseconds: number) => {
      clocks.wall += milliseconds;
      clocks.steady += milliseconds;
    };
    pass(14 * 60_000);
    expect(guard.problem(0)).toBeNull();
    pass(2 * 60_000);
    expect(guard.problem(0)?.code).toBe('unchecked');
    guard.stop();
  });

  test('asks again at once when the clock was set, and trusts it again when they agree', async () => {
    await using server = await startNtpServer({});
    let shift = 0;
    const guard = new ClockGuard({
      ...{ accuracyMs: 1000, servers: [server], background: createBackground().background },
      clock: () => Date.now() + shift,
    });
    guard.start();
    await expect.poll(() => guard.problem(0)).toBeNull();
    shift = 5000;
    expect(guard.problem(0)?.code).toBe('was_set');
    await expect.poll(() => guard.problem(0)?.code).toBe('wrong');
    shift = 0;
    await expect.poll(() => guard.problem(0)).toBeNull();
    guard.stop();
  });
});
