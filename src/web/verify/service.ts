import { parseVerifierKey } from '../../proof/note.js';
import { parsePolicy } from '../../proof/policy.js';
import * as api from '../api.js';
import { element, icon } from '../dom.js';
import { blockAddress } from '../explorer/address.js';
import { mountFrame } from '../frame.js';
import { InPageHashWorker } from '../hash-in-page.js';
import { words } from '../messages/verify.js';
import { openHashWorker } from '../open-hash-worker.js';
import type { Surroundings } from './surroundings.js';
import type { Trust } from './trust.js';

/** The page as this service serves it. */
export const service: Surroundings = {
  frame: (render) => {
    mountFrame('verify', render);
  },
  workers: { open: openHashWorker, instead: () => new InPageHashWorker() },
  trust: serviceTrust,
  directory: { lookUp: api.lookUp, proofText: api.proofText, certificate: api.certificate },
  entryAddress: (height, entry) => `./explorer.html${blockAddress(height, entry)}`,
  about: offlinePanel,
};

async function serviceTrust(signal: AbortSignal): Promise<Trust> {
  const { policy, receiptKey } = await api.chain(signal);
  return { source: 'service', policy: parsePolicy(policy), receiptKeys: [parseVerifierKey(receiptKey)] };
}

/** The way to the file that needs no service. */
function offlinePanel(): HTMLElement {
  const t = words();
  const link = element(
    'a',
    { class: 'button', href: './verify-offline.html', download: '' },
    icon('download'),
    t.offlineDownload,
  );
  return element(
    'section',
    { class: 'offline-offer', 'aria-labelledby': 'offline-heading' },
    element('h2', { id: 'offline-heading' }, t.offlineHeading),
    element('p', {}, t.offlineExplained),
    link,
  );
}
