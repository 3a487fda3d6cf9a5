import type { Io } from '../io.js';

export interface Progress {
  /** `note` is shown behind the bar. */
  update(done: number, note?: string): void;
  /** Removes the bar, so that what is printed next starts on a clean line. */
  clear(): void;
}

const WIDTH = 30;
/** Ten times a second is smooth; more only costs time. */
const INTERVAL_MS = 100;
const SILENT: Progress = { update: () => undefined, clear: () => undefined };

/** A bar on stderr when that is a terminal, else nothing. */
export function createProgress(io: Io, label: string, total: number): Progress {
  if (!io.isTTY) return SILENT;
  let drawnAt = -Infinity;
  return {
    update(done, note = '') {
      const now = performance.now();
      if (now - drawnAt < INTERVAL_MS && done < total) return;
      drawnAt = now;
      const part = total === 0 ? 1 : Math.min(1, done / total);
      const full = Math.round(part * WIDTH);
      const bar = `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)}`;
      io.stderr.write(`\r\u001b[K${label} ${bar} ${Math.floor(part * 100)} % ${note}`.trimEnd());
    },
    clear() {
      if (drawnAt !== -Infinity) io.stderr.write('\r\u001b[K');
    },
  };
}
