import { parseVerifierKey } from '../../../proof/verifier-key.js';
import { parsePolicy } from '../../../proof/policy.js';
import * as pack from '../../../pack/index.js';
import { parseHistory } from '../../../proof/records/history-file.js';
import { verifyHistory } from '../../../proof/records/history.js';
import { judgeAnchors } from '../../../proof/time/anchors.js';
import { brandParts, languageSwitch, skipLink } from '../../components/frame-parts.js';
import { liveRegion, type Render } from '../../components/section.js';
import HashWorker from '../../lib/hash-worker.ts?worker&inline';
import { element } from '../../lib/dom.js';
import { formatTime } from '../../lib/format.js';
import { InPageHashWorker } from '../../lib/hash-slices.js';
import { language, onLanguageChange } from '../../lib/language.js';
import { readEmbeddedTrust, type EmbeddedTrust, type Trust, withoutTrust } from './trust.js';
import { mountVerify } from './verify-page.js';
import { common } from '../../messages/common.js';
import { adaptMessages } from '../../messages/verify.js';
import { offlineMessages } from '../../messages/verify-offline.js';

/** Mounts header, footer and content of the offline file, as frame.ts does on the service's pages. */
function mountOfflineFrame(render: Render): void {
  const header = element('header', { class: 'site-header' });
  const main = element('main', { id: 'content', tabindex: -1 });
  const footer = element('footer', { class: 'site-footer' });
  const show = () => {
    const { title, content } = render();
    document.title = common().pageTitle(title);
    document.documentElement.lang = language();
    header.replaceChildren(
      skipLink(),
      element(
        'div',
        { class: 'site-header-inner' },
        element('div', { class: 'brand' }, ...brandParts()),
        element('p', { class: 'frame-note' }, offlineMessages().frameNote),
        languageSwitch(),
      ),
    );
    main.replaceChildren(content);
    footer.replaceChildren(element('p', { class: 'fine-print' }, common().notANotary));
  };
  document.body.append(header, main, footer, liveRegion());
  onLanguageChange(show);
  show();
}

/** The panel about the file's origin, its trust policy and its limits. */
function aboutPanel(made: EmbeddedTrust | null): HTMLElement {
  const t = offlineMessages();
  return element(
    'section',
    { class: 'offline-offer', 'aria-labelledby': 'made-heading' },
    element('h2', { id: 'made-heading' }, t.heading),
    element('p', {}, made === null ? t.notIssued : t.issued(made.origin, formatTime(made.at))),
    element('p', {}, t.absent),
    made === null
      ? null
      : element(
          'details',
          {},
          element('summary', {}, t.showPolicy),
          element('pre', { tabindex: 0, role: 'region', 'aria-label': t.showPolicy }, made.policy.trim()),
        ),
  );
}

/** The offline verifier. The service has embedded its trust policy in the file. */

// Before anything of the page changes. The build writes the file as browsers write it (single-file.ts).
const own = withoutTrust(`<!doctype html>${document.documentElement.outerHTML}`);
const made = readEmbeddedTrust(document.getElementById('made')?.textContent ?? '');
adaptMessages((given) => {
  const t = offlineMessages();
  const { statements } = given;
  const pending = { ...statements.pending, message: t.pending };
  return {
    ...given,
    ...t.page,
    trustServiceExplained:
      made === null ? t.trustNothing : t.trustExplained(made.origin, formatTime(made.at)),
    statements: {
      ...statements,
      no_key: { ...statements.no_key, message: t.noKey },
      pending,
      pending_unvouched: pending,
    },
  };
});
mountVerify({
  frame: mountOfflineFrame,
  workers: { open: openWorker, instead: () => new InPageHashWorker() },
  judgeAnchors: () => Promise.resolve(judgeAnchors),
  histories: () => Promise.resolve({ parseHistory, verifyHistory }),
  trust: () => Promise.resolve(trustOf(made)),
  directory: null,
  pack: { load: () => Promise.resolve(pack), verifier: () => Promise.resolve(new TextEncoder().encode(own)) },
  entryLink: null,
  about: () => aboutPanel(made),
});

function trustOf(given: EmbeddedTrust | null): Trust {
  return {
    source: 'service',
    policy: given === null ? null : parsePolicy(given.policy),
    receiptKeys: given === null ? [] : given.receiptKeys.map(parseVerifierKey),
  };
}

/** Some browsers allow no workers on pages opened from disk. */
function openWorker() {
  try {
    return new HashWorker();
  } catch {
    return new InPageHashWorker();
  }
}
