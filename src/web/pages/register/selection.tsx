import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { Menu } from '../../components/menu.js';
import { Confirm } from '../../components/modal.js';
import { Problem } from '../../components/problem.js';
import { Collecting, ZipMessage } from '../../components/zip-download.js';
import { Action } from '../../lib/action.js';
import { announce } from '../../lib/announce.js';
import { csv } from '../../lib/csv.js';
import { saveBlob } from '../../lib/files.js';
import { counted } from '../../lib/format.js';
import { retryWhileUnavailable } from '../../lib/request.js';
import { session } from '../../lib/session.js';
import { type Parts, ZipDownload } from '../../lib/zip-download.js';
import { common } from '../../messages/common.js';
import { messages } from '../../messages/register.js';
import { EraseDialog } from './erase.js';
import { mayErase } from './erasure.js';
import { csvName } from './export.js';
import { HoldDialog } from './holds.js';
import { type Registered, type Results, setPublished } from './results.js';
import { documentName, submitterText } from './row.js';
import { mayTag, TagDialog } from './tag-dialog.js';

/** The most rows that can be selected at once: each is two files in the zip. */
const MOST_SELECTED = 2000;

interface SelectionProps {
  readonly results: Results;
  /** How many match. */
  readonly total: number;
}

/** What can be done with the selected rows; in sight as long as there are some. */
export function SelectionBar({ results, total }: SelectionProps) {
  const t = messages();
  const zip = useMemo(() => new ZipDownload(), []);
  const action = useMemo(() => new Action(), []);
  const asking = useSignal<'publish' | 'tags' | 'hold' | 'erase' | null>(null);
  const { chosen, selected } = results;
  if (chosen.length === 0) return <ZipMessage of={zip} />;
  const sealed = chosen.filter(({ block }) => block !== undefined);
  const wholePage = results.rows.every(({ id }) => selected.value.has(id));
  const most = Math.min(total, MOST_SELECTED);
  const download = (parts: Parts) => {
    const wanted = sealed.map((row) => ({
      id: row.id,
      path: documentName(row),
      time: Date.parse(row.sealedAt ?? row.acceptedAt),
      own: true,
    }));
    void zip.start(wanted, parts, common().zipName);
  };
  const close = () => {
    asking.value = null;
  };
  const mayPublish = session.current?.user?.role !== 'auditor';
  const publishable = chosen.filter(({ details, published }) => details !== undefined && published === false);
  const published = chosen.filter((row) => row.published === true);
  return (
    <div class="selection" role="group" aria-label={t.selection}>
      <p class="selection-count" role="status">
        {t.selected(counted(chosen.length))}
      </p>
      <div class="list-actions">
        {zip.state.kind === 'collecting' ? (
          <Collecting of={zip} />
        ) : (
          <Menu label={t.download} icon="download">
            {(close) => {
              const offer = (label: string, parts: Parts) => (
                <Button
                  tone="quiet"
                  held={sealed.length === 0}
                  onPress={() => {
                    close();
                    download(parts);
                  }}
                >
                  {label}
                </Button>
              );
              return (
                <>
                  {offer(t.downloadBoth, ['proof', 'certificate'])}
                  {offer(t.downloadProofs, ['proof'])}
                  {offer(t.downloadCertificates, ['certificate'])}
                </>
              );
            }}
          </Menu>
        )}
        <Button
          onPress={() => {
            saveCsv(chosen, results);
          }}
        >
          {t.exportSelected}
        </Button>
        {mayPublish && publishable.length > 0 ? (
          <Button onPress={() => (asking.value = 'publish')}>{t.publish}</Button>
        ) : null}
        {mayPublish && published.length > 0 ? (
          <Button
            held={action.busy}
            onPress={() => void action.run(() => publish(results, published, false))}
          >
            {t.makePrivate}
          </Button>
        ) : null}
        {mayTag() ? <Button onPress={() => (asking.value = 'tags')}>{t.tagsAsk}</Button> : null}
        {mayErase() ? (
          <>
            <Button onPress={() => (asking.value = 'hold')}>{t.holdAsk}</Button>
            <Button onPress={() => (asking.value = 'erase')}>{t.eraseAsk}</Button>
          </>
        ) : null}
        {wholePage && chosen.length < most ? (
          <Button
            tone="quiet"
            held={action.busy}
            onPress={() => void action.run(() => results.selectAll(MOST_SELECTED))}
          >
            {most < total ? t.selectFirst(counted(most)) : t.selectAll(counted(total))}
          </Button>
        ) : null}
        <Button tone="quiet" onPress={() => (results.selected.value = new Set())}>
          {t.selectNone}
        </Button>
      </div>
      {sealed.length < chosen.length ? (
        <p class="hint">{t.notSealedYet(counted(chosen.length - sealed.length))}</p>
      ) : null}
      <ZipMessage of={zip} />
      <Problem error={action.error.value} own={t.problems} />
      {asking.value === 'tags' ? (
        <TagDialog rows={chosen} results={results} onClose={close} />
      ) : asking.value === 'hold' ? (
        <HoldDialog rows={chosen} results={results} onClose={close} />
      ) : asking.value === 'erase' ? (
        <EraseDialog rows={chosen} results={results} onClose={close} />
      ) : null}
      {asking.value === 'publish' ? (
        <Confirm
          heading={t.publishHeading}
          yes={t.publishYes}
          run={() => publish(results, publishable, true)}
          onClose={close}
        >
          <p>{t.publishMany(counted(publishable.length))}</p>
          <p>{t.publishExplained}</p>
        </Confirm>
      ) : null}
    </div>
  );
}

/** One after the other; what was done before a failure stays done, and is shown. */
async function publish(results: Results, rows: readonly Registered[], published: boolean): Promise<void> {
  const never = new AbortController().signal;
  for (const row of rows) {
    await retryWhileUnavailable(() => setPublished(row.id, published), never);
    results.put([{ ...(results.row(row.id) ?? row), published }]);
  }
  announce(published ? messages().publishedNow : messages().privateNow);
}

/** The selected rows as CSV, with the columns of the service's export, and names of submitters as they are shown. */
function saveCsv(rows: readonly Registered[], { names }: Results): void {
  const head = ['id', 'position', 'sha256', 'size', 'acceptedAt', 'status', 'sealedAt', 'blockHeight'];
  const texts = ['name', 'title', 'author', 'reference', 'tags', 'addedTags', 'note'] as const;
  const lines = rows.map((row) => [
    ...[row.id, row.position, row.sha256, row.size, row.acceptedAt, row.status, row.sealedAt].map(cell),
    cell(row.block?.height),
    ...texts.map((key) => {
      if (key === 'addedTags') return cell(row.addedTags?.join('; '));
      return cell(key === 'tags' ? row.details?.tags?.join('; ') : row.details?.[key]);
    }),
    cell(row.published),
    cell(submitterText(row.submittedBy, names.value)),
    cell(row.submittedBy),
  ]);
  const content = csv([[...head, ...texts, 'published', 'submittedBy', 'submitterId'], ...lines]);
  saveBlob(csvName(new Date()), new Blob([content], { type: 'text/csv;charset=utf-8' }));
}

const cell = (value: string | number | boolean | null | undefined): string => String(value ?? '');
