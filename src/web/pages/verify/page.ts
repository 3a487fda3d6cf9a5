import { parseVerifierKey } from '../../../proof/verifier-key.js';
import { parsePolicy } from '../../../proof/policy.js';
import { mountFrame } from '../../components/dom-page.js';
import * as api from '../../lib/api.js';
import { element, icon } from '../../lib/dom.js';
import { InPageHashWorker } from '../../lib/hash-slices.js';
import { entryLink } from '../../lib/links.js';
import { openHashWorker } from '../../lib/open-hash-worker.js';
import type { VerifyContext } from './examination.js';
import type { Trust } from './trust.js';
import { mountVerify } from './verify-page.js';
import { messages } from '../../messages/verify.js';
import { withoutTrust } from './trust.js';

/** The page as the service serves it. */
const service: VerifyContext = {
  frame: (render) => {
    mountFrame('verify', render);
  },
  workers: { open: openHashWorker, instead: () => new InPageHashWorker() },
  judgeAnchors: async () => (await import('../../../proof/time/anchors.js')).judgeAnchors,
  histories: async () => {
    const [{ parseHistory }, { verifyHistory }] = await Promise.all([
      import('../../../proof/records/history-file.js'),
      import('../../../proof/records/history.js'),
    ]);
    return { parseHistory, verifyHistory };
  },
  trust: serviceTrust,
  directory: { lookUp: api.lookUp, proofText: api.proofText, certificate: api.certificate },
  pack: { load: () => import('../../../pack/index.js'), verifier: offlineVerifier },
  entryLink,
  about: offlinePanel,
};

async function offlineVerifier(): Promise<Uint8Array> {
  return new TextEncoder().encode(withoutTrust(await api.offlineVerifier()));
}

async function serviceTrust(signal: AbortSignal): Promise<Trust> {
  const { policy, receiptKeys } = await api.chain(signal);
  return { source: 'service', policy: parsePolicy(policy), receiptKeys: receiptKeys.map(parseVerifierKey) };
}

/** The panel with the link to the offline verifier. */
function offlinePanel(): HTMLElement {
  const t = messages();
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

mountVerify(service);
