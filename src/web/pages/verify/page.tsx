import { parsePolicy } from '../../../proof/policy.js';
import { parseVerifierKey } from '../../../proof/verifier-key.js';
import { mountPage } from '../../components/frame.js';
import { Icon } from '../../components/icon.js';
import * as api from '../../lib/api.js';
import type { ChosenFile } from '../../lib/files.js';
import { handOver } from '../../lib/handover.js';
import { InPageHashWorker } from '../../lib/hash-slices.js';
import { entryLink } from '../../lib/links.js';
import { openHashWorker } from '../../lib/open-hash-worker.js';
import { localProblem, onDemand } from '../../lib/request.js';
import { common } from '../../messages/common.js';
import { messages } from '../../messages/verify.js';
import { Checks } from './checks.js';
import { readPasted } from '../../lib/pasted.js';
import type { Trust } from './trust.js';
import { VerifyPage } from './verify-page.js';

/** The page as the service serves it. */
const checks = new Checks({
  workers: { open: openHashWorker, instead: () => new InPageHashWorker() },
  judgeAnchors: async () => (await import('../../../proof/time/anchors.js')).judgeAnchors,
  histories: () => onDemand(import('./history.js')),
  trust: serviceTrust,
  directory: { lookUp: api.lookUp, proofText: api.proofText, certificate: api.certificate },
  pack: { load: () => onDemand(import('../../../pack/index.js')), verifier: offlineVerifier },
  entryLink,
  notarize,
});

async function offlineVerifier(): Promise<Uint8Array> {
  return new TextEncoder().encode(await api.offlineVerifier());
}

async function serviceTrust(signal: AbortSignal): Promise<Trust> {
  const { policy, receiptKeys } = await api.chain(signal);
  return {
    source: 'service',
    policy: parsePolicy(policy),
    receiptKeys: receiptKeys.map(parseVerifierKey),
    waives: false,
  };
}

async function notarize(files: readonly ChosenFile[]): Promise<void> {
  try {
    await handOver(files);
  } catch {
    throw localProblem('not_handed_over');
  }
  location.assign('./');
}

/** The panel with the link to the offline verifier. */
function OfflineOffer() {
  const t = messages();
  return (
    <section class="offline-offer" aria-labelledby="offline-heading">
      <h2 id="offline-heading">{t.offlineHeading}</h2>
      <p>{t.offlineExplained}</p>
      <a class="button" href="./verify-offline.html" download="">
        <Icon name="download" />
        {t.offlineDownload}
      </a>
    </section>
  );
}

mountPage('verify', () => common().verify, <VerifyPage checks={checks} about={<OfflineOffer />} />);

/**
 * What the address leads to is shown like what is pasted: the proof of `?id=`, to which /p/ID leads, and a
 * fingerprint in the fragment, which browsers do not send.
 */
function followLink(): void {
  const here = new URL('./', document.baseURI);
  const id = new URLSearchParams(location.search).get('id');
  const link = new URL(
    location.hash,
    id === null ? location.href : new URL(`p/${encodeURIComponent(id)}`, here),
  );
  const linked = id === null && link.hash === '' ? null : readPasted(link.href, here.href);
  if (linked === null || linked === 'elsewhere') return;
  checks.clear();
  checks.paste(id ?? link.hash.replace(/^#(sha256=)?/, ''), linked);
}
window.addEventListener('hashchange', followLink);
followLink();
