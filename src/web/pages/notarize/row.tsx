import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { CertificateButton } from '../../components/certificate.js';
import { Icon } from '../../components/icon.js';
import { Problem } from '../../components/problem.js';
import { Progress } from '../../components/progress.js';
import { Time } from '../../components/time.js';
import { Values } from '../../components/values.js';
import { Action } from '../../lib/action.js';
import * as api from '../../lib/api.js';
import type { Details } from '../../lib/api.js';
import { saveProof } from '../../lib/files.js';
import {
  formatBytes,
  formatDuration,
  formatNumber,
  formatPercent,
  formatSpeed,
  groupHex,
} from '../../lib/format.js';
import type { IconName } from '../../lib/icons.js';
import { entryLink } from '../../lib/links.js';
import { Meter } from '../../lib/meter.js';
import { connection, ProblemError } from '../../lib/request.js';
import { common } from '../../messages/common.js';
import { messages } from '../../messages/notarize.js';
import { documents } from './documents.js';
import { isCancellableAlone, isUnsubmitted, type Item, type Known, type Phase } from './item.js';

const ICONS: Readonly<Record<Phase, IconName>> = {
  waiting: 'file',
  hashing: 'file',
  checking: 'file',
  ready: 'file',
  known: 'check',
  sending: 'clock',
  uploading: 'clock',
  uploaded: 'clock',
  retrying: 'clock',
  accepted: 'clock',
  sealed: 'check',
  cancelled: 'dash',
  failed: 'warning',
};

interface RowProps {
  readonly item: Item;
  /** Whether it is the only document: its details are those for all. */
  readonly only: boolean;
  readonly onEdit: () => void;
}

/** One document of the list. */
export function Row({ item, only, onEdit }: RowProps) {
  const { state } = item;
  const saving = useMemo(() => new Action(), []);
  // All kinds of waiting for the service look the same.
  const looks = state.phase === 'checking' && state.retrying ? 'retrying' : state.phase;
  const cosigned = state.phase === 'sealed' ? state.cosigned : null;
  const busy = state.phase === 'hashing' || state.phase === 'uploading';
  return (
    <li
      class="row"
      data-phase={looks}
      data-cosigned={cosigned === null ? undefined : cosigned.signed >= cosigned.needed ? 'met' : 'waiting'}
    >
      <span class="row-icon">
        <Icon name={ICONS[looks]} />
      </span>
      <div class="row-main">
        <div class="row-head">
          <p class="row-name">
            <bdi>{item.path}</bdi>
          </p>
          <span class="row-size">{formatBytes(item.file.size)}</span>
        </div>
        <p class="row-status">
          <Status item={item} />
        </p>
        <p class="row-cosigned">{confirmations(item)}</p>
      </div>
      <div class="row-actions">
        <Actions item={item} only={only} saving={saving} onEdit={onEdit} />
      </div>
      <div class="row-extra">
        {busy ? <Progress value={fraction(item)} label={messages().progressOf(item.path)} /> : null}
        {state.phase === 'failed' ? <Failure problem={state.problem} /> : null}
        <SavingProblem error={saving.error.value} />
        <Technical item={item} />
      </div>
    </li>
  );
}

function Status({ item }: { readonly item: Item }) {
  const t = messages();
  const meter = useMemo(() => new Meter(), []);
  const { state, notarization } = item;
  switch (state.phase) {
    case 'hashing':
      return <>{[t.hashing(formatPercent(fraction(item))), ...pace(item, meter)].join(' · ')}</>;
    case 'uploading':
      return <>{[t.uploading(formatPercent(fraction(item))), ...pace(item, meter)].join(' · ')}</>;
    case 'checking':
      return <>{state.retrying ? t.checkingOffline : t.checking}</>;
    case 'known':
      return <KnownStatus known={state.known} />;
    case 'accepted':
      return <>{t.accepted(<Time at={notarization?.acceptedAt ?? Date.now()} />)}</>;
    case 'sealed': {
      const { height, sealedAt } = state.seal;
      const block = <a href={entryLink(state.seal)}>{t.block(formatNumber(height))}</a>;
      return (
        <>
          {t.sealedIn(block, <Time at={sealedAt} />)}
          {item.wanted === 'keep' ? ` · ${t.keptNow}` : null}
        </>
      );
    }
    case 'failed':
      // After an internal error, the request may have been processed.
      return (
        <>
          {state.problem !== 'unreadable' && (state.problem.status >= 500 || state.problem.status === 0)
            ? t.failedUnsure
            : t.failed}
        </>
      );
    case 'cancelled':
      return <>{state.sent ? t.cancelledLate : t.cancelled}</>;
    case 'retrying':
      return <>{connection.offline ? t.offline : t.busy}</>;
    default:
      return <>{t[state.phase]}</>;
  }
}

function KnownStatus({ known: { notarization, count, more } }: { readonly known: Known }) {
  const t = messages();
  const { block, sealedAt, acceptedAt } = notarization;
  if (block === undefined) return <>{t.knownAccepted(<Time at={acceptedAt} />)}</>;
  const shown = t.knownSealed(
    <a href={entryLink(block)}>{t.block(formatNumber(block.height))}</a>,
    <Time at={sealedAt ?? acceptedAt} />,
  );
  const often = more ? t.moreThanTimes(formatNumber(count)) : t.times(formatNumber(count));
  return (
    <>
      {shown}
      {count > 1 ? ` · ${often}` : null}
    </>
  );
}

function confirmations({ state }: Item): string {
  if (state.phase !== 'sealed') return '';
  const t = common();
  const { cosigned, anchored } = state;
  const counts = cosigned === null ? null : ([cosigned.signed, cosigned.of] as const);
  const [signed = '', of = ''] = counts?.map(formatNumber) ?? [];
  return [
    ...(cosigned === null
      ? []
      : [
          cosigned.signed >= cosigned.needed
            ? t.cosigned(signed, of)
            : t.cosignedSoFar(signed, of, formatNumber(cosigned.needed)),
        ]),
    ...(anchored ? [t.anchored] : []),
  ].join(' · ');
}

function fraction(item: Item): number {
  return item.file.size === 0 ? 1 : item.bytesDone / item.file.size;
}

function pace(item: Item, meter: Meter): string[] {
  meter.add(performance.now(), item.bytesDone, item.state.phase);
  const { speed } = meter;
  const left = meter.timeLeft(item.file.size - item.bytesDone);
  return [
    ...(speed === null ? [] : [formatSpeed(speed)]),
    ...(left === null ? [] : [messages().timeLeft(formatDuration(left))]),
  ];
}

/** @param name what the button does to which document, for screen readers */
function act(key: string, label: string, name: string | undefined, run: () => void, tone?: 'quiet') {
  return (
    <Button key={key} tone={tone} aria-label={name} onPress={run}>
      {label}
    </Button>
  );
}

interface ActionsProps extends RowProps {
  readonly saving: Action;
}

function Actions({ item, only, saving, onEdit }: ActionsProps) {
  const t = messages();
  const { state, path, proven } = item;
  const [label, name] =
    item.details === null ? [t.addDetails, t.addDetailsTo] : [t.editDetails, t.editDetailsOf];
  const edit = act('details', label, name(path), onEdit, 'quiet');
  const again = () => {
    documents.submitAgain([item]);
  };
  const retry = () => {
    documents.retry(item);
  };
  const cancel = () => {
    documents.cancel([item]);
  };
  const remove = () => {
    documents.remove(item);
  };
  const out = (
    <Button key="remove" tone="quiet" icon="cross" iconOnly title={t.remove} onPress={remove}>
      {t.removeNamed(path)}
    </Button>
  );
  const files =
    proven === null ? null : <Downloads key="files" target={proven} item={item} saving={saving} />;
  switch (state.phase) {
    case 'known':
      return [act('again', t.notarizeAgain, t.notarizeAgainNamed(path), again, 'quiet'), files, out];
    case 'sealed':
      return files;
    case 'failed':
      return [isForDetails(item) ? edit : null, act('retry', common().tryAgain, undefined, retry), out];
    case 'cancelled':
      return [act('retry', common().tryAgain, undefined, retry), out];
    default:
      if (isUnsubmitted(item) && state.phase !== 'hashing') return [only ? null : edit, out];
      return isCancellableAlone(item)
        ? act('cancel', common().cancel, t.cancelNamed(path), cancel, 'quiet')
        : null;
  }
}

interface DownloadsProps {
  readonly target: NonNullable<Item['proven']>;
  readonly item: Item;
  readonly saving: Action;
}

function Downloads({ target: { id, sealedAt, name: unknownName }, item, saving }: DownloadsProps) {
  const t = messages();
  const { name } = item.file;
  const save = async (run: () => Promise<unknown>) => {
    if (await saving.run(run)) documents.saved([item]);
  };
  return (
    <>
      <Button
        key="proof"
        icon="download"
        held={saving.busy}
        aria-label={t.downloadProofOf(item.path)}
        onPress={() => void save(async () => saveProof(name, await api.proofText(id)))}
      >
        {t.downloadProof}
      </Button>
      {sealedAt === null ? null : (
        <CertificateButton
          key="certificate"
          icon="file"
          get={api.certificate}
          of={{ id, name: unknownName }}
          fileName={name}
          saving={saving}
          aria-label={t.downloadCertificateOf(item.path)}
        >
          {t.downloadCertificate}
        </CertificateButton>
      )}
    </>
  );
}

/** Cosignatures may still follow, so that a certificate is missing is not an error. */
function SavingProblem({ error }: { readonly error: unknown }) {
  if (error instanceof ProblemError && error.problem.code === 'quorum_missing') {
    return (
      <p class="row-note" role="status">
        {common().problems.quorum_missing}
      </p>
    );
  }
  return <Problem error={error} own={messages().problems} />;
}

/** Whether it was rejected because of its details. */
function isForDetails({ state }: Item): boolean {
  if (state.phase !== 'failed' || state.problem === 'unreadable') return false;
  return ['invalid_body', 'invalid_details'].includes(state.problem.code);
}

function Failure({ problem }: { readonly problem: ProblemError['problem'] | 'unreadable' }) {
  return problem === 'unreadable' ? (
    <p class="problem">{messages().unreadable}</p>
  ) : (
    <Problem error={new ProblemError(problem)} own={messages().problems} />
  );
}

/** The technical details of one document; nothing if there are none yet. */
function Technical({ item }: { readonly item: Item }) {
  const { sha256, notarization, state } = item;
  if (sha256 === null) return null;
  const t = messages();
  const values: [string, ComponentChildren][] = [[t.digest, <code>{groupHex(sha256)}</code>]];
  if (notarization !== null) {
    values.push(
      [t.id, <code>{notarization.id}</code>],
      [t.position, formatNumber(notarization.position)],
      [t.acceptedAt, <Time at={notarization.acceptedAt} />],
    );
  }
  if (state.phase === 'sealed') {
    values.push(
      [t.sealedAt, <Time at={state.seal.sealedAt} />],
      [t.blockName, formatNumber(state.seal.height)],
    );
  }
  // The stored details if it was notarized, otherwise what would be sent.
  const details = notarization === null ? documents.describe(item).details : notarization.details;
  return (
    <details>
      <summary aria-label={t.recordOf(item.path)}>{t.record}</summary>
      <Values of={[...values, ...written(details ?? {})]} />
    </details>
  );
}

function written({ name, title, author, reference, note, tags }: Details): [string, ComponentChildren][] {
  const t = messages();
  const lines: (readonly [string, string | undefined])[] = [
    [t.detailName, name],
    [t.detailTitle, title],
    [t.detailAuthor, author],
    [t.detailReference, reference],
    [t.detailNote, note],
    [t.detailTags, tags?.join(', ')],
  ];
  return lines.flatMap(([label, text]): [string, ComponentChildren][] =>
    text === undefined ? [] : [[label, <bdi>{text}</bdi>]],
  );
}
