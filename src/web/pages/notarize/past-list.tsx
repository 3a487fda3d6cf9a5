import { signal, useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { CertificateButton } from '../../components/certificate.js';
import { Confirm } from '../../components/modal.js';
import { Problem } from '../../components/problem.js';
import { type Column, Pager, type Sort, Table } from '../../components/table.js';
import { Time } from '../../components/time.js';
import { Action } from '../../lib/action.js';
import * as api from '../../lib/api.js';
import { printedName } from '../../lib/certificate.js';
import { saveProof } from '../../lib/files.js';
import { formatBytes, formatNumber } from '../../lib/format.js';
import { locale } from '../../lib/language.js';
import { messages } from '../../messages/notarize.js';
import { type Kept, past } from './past.js';

const PAGE = 20;

const sort = signal<Sort>({ column: 'time', descending: true });
const words = signal('');
const page = signal(0);

/** What this browser remembers of earlier visits without an account. */
export function PastList() {
  const t = messages();
  const asking = useSignal(false);
  const { entries } = past;
  if (entries.length === 0) return null;
  const wanted = words.value.toLocaleLowerCase();
  const shown = sorted(
    entries.filter(({ name, id }) => `${name} ${id}`.toLocaleLowerCase().includes(wanted)),
  );
  const columns: Column<Kept>[] = [
    { id: 'name', head: t.pastName, cell: ({ name }) => <bdi>{name}</bdi>, sortable: true },
    { id: 'time', head: t.pastTime, cell: ({ acceptedAt }) => <Time at={acceptedAt} />, sortable: true },
    {
      id: 'size',
      head: t.pastSize,
      cell: ({ length }) => formatBytes(length),
      sortable: true,
      numeric: true,
    },
    { id: 'files', head: t.pastFiles, cell: (entry) => <Files entry={entry} /> },
  ];
  return (
    <section class="panel past" aria-labelledby="past-heading">
      <div class="list-head">
        <h2 id="past-heading">{t.pastHeading(formatNumber(entries.length))}</h2>
        <Button tone="quiet" onPress={() => (asking.value = true)}>
          {t.pastClear}
        </Button>
      </div>
      <p class="hint">{t.pastExplained}</p>
      {entries.length > PAGE ? (
        <div class="field">
          <label for="past-words">{t.filterLabel}</label>
          <input
            class="input"
            id="past-words"
            type="search"
            value={words.value}
            onInput={({ currentTarget }) => {
              words.value = currentTarget.value;
              page.value = 0;
            }}
          />
        </div>
      ) : null}
      <Table
        caption={t.pastHeading(formatNumber(entries.length))}
        columns={columns}
        rows={shown.slice(page.value * PAGE, (page.value + 1) * PAGE)}
        keyOf={({ id }) => id}
        sort={sort}
      />
      <Pager page={page} size={PAGE} all={shown.length} />
      {asking.value ? (
        <Confirm
          heading={t.pastClearQuestion}
          yes={t.pastClear}
          run={() => past.clear()}
          onClose={() => (asking.value = false)}
        >
          {t.pastClearExplained}
        </Confirm>
      ) : null}
    </section>
  );
}

function sorted(entries: readonly Kept[]): Kept[] {
  const { compare } = new Intl.Collator(locale(), { numeric: true });
  const { column, descending } = sort.value;
  const by = (a: Kept, b: Kept) => {
    if (column === 'name') return compare(a.name, b.name);
    return column === 'size' ? a.length - b.length : Date.parse(a.acceptedAt) - Date.parse(b.acceptedAt);
  };
  return [...entries].sort((a, b) => (descending ? by(b, a) : by(a, b)) || compare(a.name, b.name));
}

function Files({ entry: { id, name } }: { readonly entry: Kept }) {
  const t = messages();
  const saving = useMemo(() => new Action(), []);
  const file = name.split('/').at(-1) ?? name;
  return (
    <>
      <span class="past-files">
        <Button
          icon="download"
          held={saving.busy}
          aria-label={t.downloadProofOf(name)}
          onPress={() => void saving.run(async () => saveProof(file, await api.proofText(id)))}
        >
          {t.downloadProof}
        </Button>
        <CertificateButton
          icon="file"
          get={api.certificate}
          of={{ id, name: printedName(file) }}
          fileName={file}
          saving={saving}
          aria-label={t.downloadCertificateOf(name)}
        >
          {t.downloadCertificate}
        </CertificateButton>
      </span>
      <Problem error={saving.error.value} own={t.problems} />
    </>
  );
}
