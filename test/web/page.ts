import { afterAll, vi } from 'vitest';

/**
 * Runs before each file of tests of views: the files that one process runs have the same page, one after the other, because
 * making one takes longer than most files. Each has modules of its own, and leaves nothing in the page.
 */

vi.resetModules();

afterAll(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  document.body.replaceChildren();
  localStorage.clear();
  sessionStorage.clear();
  location.hash = '';
});
