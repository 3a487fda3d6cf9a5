import HashWorker from '../hash-worker.ts?worker&inline';
import { parseVerifierKey } from '../../proof/note.js';
import { parsePolicy } from '../../proof/policy.js';
import { InPageHashWorker } from '../hash-in-page.js';
import { adaptWords } from '../messages/verify.js';
import { offlineWords } from '../messages/verify-offline.js';
import { readMade, type Made } from './made.js';
import { madePanel, mountOfflineFrame } from './offline-frame.js';
import type { Trust } from './trust.js';
import { mountVerify } from './verify-page.js';

/** The page as one file: what it knows of the service is what the service wrote into it. */

const made = readMade(document.getElementById('made')?.textContent ?? '');
adaptWords((words, language) => offlineWords(words, language, made));
mountVerify({
  frame: mountOfflineFrame,
  workers: { open: openWorker, instead: () => new InPageHashWorker() },
  trust: () => Promise.resolve(trustOf(made)),
  directory: null,
  entryAddress: null,
  about: () => madePanel(made),
});

function trustOf(given: Made | null): Trust {
  return {
    source: 'service',
    policy: given === null ? null : parsePolicy(given.policy),
    receiptKeys: given === null ? [] : [parseVerifierKey(given.receiptKey)],
  };
}

/** Some browsers refuse a worker to a page that was opened from disk. */
function openWorker() {
  try {
    return new HashWorker();
  } catch {
    return new InPageHashWorker();
  }
}
