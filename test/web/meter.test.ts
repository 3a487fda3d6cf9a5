import './browser.js';
import { describe, expect, it } from 'vitest';
import { Meter } from '../../src/web/lib/meter.js';

describe('the speed meter', () => {
  it('shows no speed at first, then the speed of the last seconds', () => {
    const meter = new Meter();
    meter.add(0, 0);
    meter.add(100, 1e6);
    expect(meter.speed).toBeNull();
    for (let time = 1000; time <= 20_000; time += 500) meter.add(time, time * 1000);
    expect(meter.speed).toBe(1e6);
    expect(meter.timeLeft(3e6)).toBe(3);
    // Twice as fast from here: after the window only that counts.
    for (let time = 20_500; time <= 30_000; time += 500) meter.add(time, 20e6 + (time - 20_000) * 2000);
    expect(meter.speed).toBe(2e6);
  });

  it('restarts when work is removed, and shows no speed while nothing moves', () => {
    const meter = new Meter();
    meter.add(0, 5e6);
    meter.add(1000, 9e6);
    meter.add(2000, 1e6);
    expect(meter.speed).toBeNull();
    meter.add(9000, 1e6);
    expect([meter.speed, meter.timeLeft(1)]).toEqual([null, null]);
  });
});
