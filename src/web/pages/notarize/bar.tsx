import { useSignal } from '@preact/signals';
import { Button } from '../../components/button.js';
import { Confirm } from '../../components/modal.js';
import { Progress } from '../../components/progress.js';
import { Collecting, ZipMessage } from '../../components/zip-download.js';
import { counted, formatBytes, formatDuration, formatNumber, formatSpeed } from '../../lib/format.js';
import { session } from '../../lib/session.js';
import { ZipDownload } from '../../lib/zip-download.js';
import { common } from '../../messages/common.js';
import { messages } from '../../messages/notarize.js';
import { CopyLinks } from './copy-links.js';
import { documents } from './documents.js';
import type { Item } from './item.js';
import type { Summary } from './summary.js';

const download = new ZipDownload();

/** Whether the proofs stay within reach without this list: an organization has a register. */
export function hasRegister(): boolean {
  return session.current?.user?.organization != null;
}

/** The document, or the newest that the person has notarized. */
function registerLink(items: readonly Item[]): string {
  const sealed = items.flatMap(({ state, notarization }) =>
    state.phase === 'sealed' && notarization !== null ? [notarization] : [],
  );
  const [only, ...others] = sealed;
  const conditions: [string, string] =
    only !== undefined && others.length === 0
      ? ['id', only.id]
      : ['by', `person:${session.current?.user?.id ?? ''}`];
  return `./register.html#${new URLSearchParams([conditions]).toString()}`;
}

interface BarProps {
  readonly onEdit: () => void;
}

/** What can be done with all documents, always in sight; when all is sealed, the receipt. */
export function Bar({ onEdit }: BarProps) {
  const t = messages();
  const { summary } = documents;
  const asking = useSignal(false);
  const { progress } = summary;
  const editable = summary.editable && (summary.unsubmitted > 0 || summary.sealed === 0);
  const clear = () => {
    if (summary.typed || (summary.unsaved > 0 && !hasRegister())) asking.value = true;
    else documents.clear();
  };
  return (
    <div class="bar" role="group" aria-label={t.barLabel}>
      <div class="bar-text">
        <h2 id="documents-heading" tabIndex={-1}>
          {t.documents(counted(summary.all))}
        </h2>
        <p class="summary">{partsOf(summary).join(' · ')}</p>
      </div>
      <div class="list-actions">
        <MainActions summary={summary} />
        {summary.failed > 1
          ? act('retry', t.retryAll(formatNumber(summary.failed)), documents.retryAll)
          : null}
        {editable ? act('details', documents.common === null ? t.addDetails : t.editDetails, onEdit) : null}
        {summary.known > 1
          ? act('again', t.notarizeAllAgain(formatNumber(summary.known)), documents.submitKnownAgain, 'quiet')
          : null}
        {summary.proven > 0 && summary.unsubmitted === 0 && !summary.working ? (
          <CopyLinks key="links" items={documents.items} count={summary.proven} />
        ) : null}
        {hasRegister() && summary.sealed > 0 ? (
          <a key="register" class="button is-quiet" href={registerLink(documents.items)}>
            {t.openRegister}
          </a>
        ) : null}
        {summary.cancellable
          ? act('cancel', common().cancel, documents.cancelAll)
          : act('clear', t.clear, clear, 'quiet')}
      </div>
      {progress === null ? null : (
        <Progress
          value={progress.allBytes === 0 ? 1 : progress.bytes / progress.allBytes}
          label={t.documents(counted(summary.all))}
        />
      )}
      <ZipMessage of={download} />
      {asking.value ? (
        <Confirm
          heading={t.clearQuestion}
          yes={t.clear}
          run={documents.clear}
          onClose={() => (asking.value = false)}
        >
          {summary.typed ? <p>{t.clearLosesDetails}</p> : null}
          {summary.unsaved > 0 ? <p>{t.clearLosesProofs(counted(summary.unsaved))}</p> : null}
        </Confirm>
      ) : null}
    </div>
  );
}

function act(key: string, label: string, run: () => void, tone?: 'primary' | 'quiet') {
  return (
    <Button key={key} tone={tone} onPress={run}>
      {label}
    </Button>
  );
}

function MainActions({ summary }: { readonly summary: Summary }) {
  const t = messages();
  if (summary.unsubmitted > 0) {
    return act('submit', t.notarizeAll(counted(summary.unsubmitted)), documents.submit, 'primary');
  }
  if (download.state.kind === 'collecting') return <Collecting of={download} />;
  if (summary.proven === 0 || summary.working) return null;
  const save = async (certificates: boolean) => {
    const { items } = documents;
    const wanted = items.flatMap(({ proven, path }) =>
      proven?.sealedAt == null ? [] : [{ id: proven.id, path, time: proven.sealedAt, name: proven.name }],
    );
    if (await download.start(wanted, certificates ? ['proof', 'certificate'] : ['proof'], common().zipName))
      documents.saved(items.filter(({ proven }) => proven?.sealedAt != null));
  };
  return (
    <>
      <Button key="both" tone="primary" icon="download" onPress={() => void save(true)}>
        {t.downloadBoth}
      </Button>
      {summary.proven > 1
        ? act('proofs', t.downloadProofs(counted(summary.proven)), () => void save(false))
        : null}
    </>
  );
}

function partsOf(summary: Summary): string[] {
  const t = messages();
  const { progress, wanted, sealed, all, unsubmitted, known, blocks } = summary;
  if (progress !== null) {
    const { work, files, allFiles, bytes, allBytes, speed, left } = progress;
    return [
      (work === 'hashing' ? t.hashed : t.uploadedSoFar)(formatNumber(files), formatNumber(allFiles)),
      t.bytes(formatBytes(bytes), formatBytes(allBytes)),
      ...(speed === null ? [] : [formatSpeed(speed)]),
      ...(left === null ? [] : [t.timeLeft(formatDuration(left))]),
    ];
  }
  const [first, ...more] = blocks;
  const allSealed = wanted > 0 && sealed === wanted;
  return [
    ...(unsubmitted > 0 && known > 0 ? [t.newOnes(formatNumber(unsubmitted))] : []),
    ...(known > 0 ? [t.knownOnes(formatNumber(known))] : []),
    ...(allSealed && sealed === all ? [t.allSealed(counted(sealed))] : []),
    ...(wanted > 0 && !(allSealed && sealed === all)
      ? [t.someSealed(formatNumber(sealed), formatNumber(wanted))]
      : []),
    ...(allSealed && first !== undefined && more.length === 0 ? [t.block(formatNumber(first))] : []),
  ];
}
