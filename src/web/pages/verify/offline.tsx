import { effect } from '@preact/signals';
import { render } from 'preact';
import * as pack from '../../../pack/index.js';
import { parsePolicy } from '../../../proof/policy.js';
import { judgeAnchors } from '../../../proof/time/anchors.js';
import { parseVerifierKey } from '../../../proof/verifier-key.js';
import { Brand, LanguageSwitch, SkipLink, ThemeSwitch } from '../../components/brand.js';
import { announcement } from '../../lib/announce.js';
import { guardFocus } from '../../lib/focus.js';
import { formatTime } from '../../lib/format.js';
import { InPageHashWorker } from '../../lib/hash-slices.js';
import HashWorker from '../../lib/hash-worker.ts?worker&inline';
import { language } from '../../lib/language.js';
import { followTheme } from '../../lib/theme.js';
import { common } from '../../messages/common.js';
import { adaptMessages } from '../../messages/verify.js';
import { offlineMessages } from '../../messages/verify-offline.js';
import { Checks } from './checks.js';
import * as history from './history.js';
import { type EmbeddedTrust, readEmbeddedTrust, type Trust, withoutTrust } from './trust.js';
import { VerifyPage } from './verify-page.js';

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
      pending_unvouched: { ...statements.pending_unvouched, message: t.pending },
    },
  };
});

const checks = new Checks({
  workers: { open: openWorker, instead: () => new InPageHashWorker() },
  judgeAnchors: () => Promise.resolve(judgeAnchors),
  histories: () => Promise.resolve(history),
  trust: () => Promise.resolve(trustOf(made)),
  directory: null,
  pack: { load: () => Promise.resolve(pack), verifier: () => Promise.resolve(new TextEncoder().encode(own)) },
  entryLink: null,
  notarize: null,
});

function trustOf(given: EmbeddedTrust | null): Trust {
  return {
    source: 'service',
    policy: given === null ? null : parsePolicy(given.policy),
    receiptKeys: given === null ? [] : given.receiptKeys.map(parseVerifierKey),
    waives: false,
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

/** Header, footer and content, as components/frame.tsx has them on the service's pages. */
function OfflinePage() {
  return (
    <>
      <header class="site-header">
        <SkipLink />
        <div class="site-header-inner">
          <div class="brand">
            <Brand />
          </div>
          <p class="frame-note">{offlineMessages().frameNote}</p>
          <LanguageSwitch />
        </div>
      </header>
      <main id="content" tabIndex={-1}>
        <VerifyPage checks={checks} about={<About />} />
      </main>
      <footer class="site-footer">
        <p class="fine-print">{common().notANotary}</p>
        <div class="footer-links">
          <ThemeSwitch />
        </div>
      </footer>
      <span class="visually-hidden" role="status">
        {announcement.value}
      </span>
    </>
  );
}

/** The panel about the file's origin, its trust policy and its limits. */
function About() {
  const t = offlineMessages();
  return (
    <section class="offline-offer" aria-labelledby="made-heading">
      <h2 id="made-heading">{t.heading}</h2>
      <p>{made === null ? t.notIssued : t.issued(made.origin, formatTime(made.at))}</p>
      <p>{t.absent}</p>
      {made === null ? null : (
        <details>
          <summary>{t.showPolicy}</summary>
          <pre tabIndex={0} role="region" aria-label={t.showPolicy}>
            {made.policy.trim()}
          </pre>
        </details>
      )}
    </section>
  );
}

effect(() => {
  document.title = common().pageTitle(common().verify);
  document.documentElement.lang = language();
});
followTheme();
document.body.replaceChildren();
render(<OfflinePage />, document.body);
guardFocus(document.body);
