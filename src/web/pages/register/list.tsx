import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { toHex } from '../../../proof/bytes.js';
import { Button } from '../../components/button.js';
import { FileButton, useDrops } from '../../components/drop-area.js';
import { EmptyState } from '../../components/empty-state.js';
import { Choice, Select } from '../../components/fields.js';
import { Load } from '../../components/load.js';
import { Menu } from '../../components/menu.js';
import { Problem } from '../../components/problem.js';
import { type Column, Pager, Table } from '../../components/table.js';
import { Time } from '../../components/time.js';
import { Action } from '../../lib/action.js';
import { announce } from '../../lib/announce.js';
import type { ChosenFile } from '../../lib/files.js';
import { counted, formatBytes, groupHex } from '../../lib/format.js';
import { Hasher, UnreadableFile } from '../../lib/hasher.js';
import { recall, remember } from '../../lib/language.js';
import { openHashWorker } from '../../lib/open-hash-worker.js';
import { connection, localProblem, UnreachableError } from '../../lib/request.js';
import { session } from '../../lib/session.js';
import { common } from '../../messages/common.js';
import { messages } from '../../messages/register.js';
import { maySeeHolds } from './erasure.js';
import { Export } from './export.js';
import {
  EVERYTHING,
  isEverything,
  MAX_COUNTED,
  ORDERS,
  orderOf,
  type Place,
  placeAddress,
  type Query,
  SIZES,
  sortOf,
} from './query.js';
import type { Registered, Results } from './results.js';
import { documentName, DocumentLink, isNamed, Status, submitterText, Tags } from './row.js';
import { Search } from './search.js';
import { SelectionBar } from './selection.js';
import { tagsOf } from './tags.js';

/** Columns that can be left out. */
const OPTIONAL = ['reference', 'tags', 'size', 'accepted', 'status', 'submitter'] as const;
type Optional = (typeof OPTIONAL)[number];
const FIRST_SHOWN: readonly Optional[] = ['accepted', 'status', 'submitter'];
const COLUMNS_KEY = 'ingam-register-columns';

function recalledColumns(): readonly Optional[] {
  const kept = recall(COLUMNS_KEY)?.split(' ');
  return kept === undefined ? FIRST_SHOWN : OPTIONAL.filter((column) => kept.includes(column));
}

function go(place: Place): void {
  location.hash = placeAddress(place);
}

interface ListProps {
  readonly results: Results;
  readonly query: Query;
  readonly organization: string;
}

/** The search and what it found. */
export function ListView({ results, query, organization }: ListProps) {
  const t = messages();
  const exported = useMemo(() => new Export(), []);
  const { page } = results;
  const address = placeAddress({ kind: 'list', query });
  useEffect(() => {
    // Back from a document: nothing to load.
    const known = page.value !== null && placeAddress({ kind: 'list', query: results.query }) === address;
    if (known) return;
    exported.forget();
    void results.open(query).then(() => {
      if (page.value !== null) announce(countSentence(page.value.total));
    });
  }, [address]);
  useEffect(() => {
    if (!connection.offline && page.state.kind === 'failed') void page.load();
  }, [connection.offline]);
  const navigate = (to: Place) => {
    // The same search again loads what is new.
    if (to.kind === 'list' && placeAddress(to) === address) void page.load();
    else go(to);
  };
  const isEmpty = page.value?.total === 0 && isEverything(query);
  return (
    <div class="page is-dense">
      <div class="page-head">
        <h1 tabIndex={-1}>{common().register}</h1>
        <p class="lead">
          {t.lead(organization)}{' '}
          {maySeeHolds() ? <a href={placeAddress({ kind: 'holds', query })}>{t.holds}</a> : null}
        </p>
      </div>
      {isEmpty ? null : (
        <div class="finding">
          <Search query={query} names={results.names.value} go={navigate} />
          <FindFile query={query} />
        </div>
      )}
      <div class="panels" aria-busy={page.busy && page.value !== null}>
        <Load of={page} own={t.problems}>
          {({ total }) =>
            total === 0 ? (
              <Empty query={query} />
            ) : (
              <Found results={results} query={query} total={total} exported={exported} />
            )
          }
        </Load>
      </div>
    </div>
  );
}

function countSentence(total: number): string {
  const t = messages();
  if (total === 0) return t.nothingHeading;
  return (total >= MAX_COUNTED ? t.foundMore : t.found)(counted(total));
}

/** A file that is dropped anywhere, or chosen, is found by its fingerprint. */
function FindFile({ query }: { readonly query: Query }) {
  const t = messages();
  const action = useMemo(() => new Action(), []);
  const hasher = useMemo(() => new Hasher({ open: openHashWorker }), []);
  const find = async (files: readonly ChosenFile[]) => {
    await action.run(async () => {
      const [first, ...others] = files;
      if (first === undefined || others.length > 0) throw localProblem('one_file');
      try {
        const digest = await hasher.hash(first.file, new AbortController().signal, () => undefined);
        go({ kind: 'list', query: { ...EVERYTHING, size: query.size, digest: toHex(digest) } });
      } catch (error) {
        throw error instanceof UnreadableFile ? localProblem('unreadable') : error;
      }
    });
  };
  useDrops((files) => void find(files));
  return (
    <div class="find-file">
      <FileButton single label={t.chooseFile} onFiles={(files) => void find(files)} />
      <p class="hint">{action.busy ? t.findingFile : t.findFile}</p>
      <Problem error={action.error.value} own={t.problems} />
    </div>
  );
}

function Empty({ query }: { readonly query: Query }) {
  const t = messages();
  if (!isEverything(query)) {
    const isFile = query.digest.length === 64;
    return (
      <EmptyState
        heading={t.nothingHeading}
        message={isFile ? t.nothingOfFile : t.nothingExplained}
        icon="question"
      >
        <Button
          onPress={() => {
            go({ kind: 'list', query: { ...EVERYTHING, order: query.order, size: query.size } });
            document.querySelector<HTMLElement>('[name=words]')?.focus();
          }}
        >
          {t.clear}
        </Button>
      </EmptyState>
    );
  }
  const isAuditor = session.current?.user?.role === 'auditor';
  return (
    <EmptyState
      heading={t.emptyHeading}
      message={isAuditor ? t.emptyForAuditors : t.emptyExplained}
      icon="file"
    >
      {isAuditor ? null : (
        <a class="button is-primary" href="./">
          {t.toNotarize}
        </a>
      )}
    </EmptyState>
  );
}

interface FoundProps {
  readonly results: Results;
  readonly query: Query;
  readonly total: number;
  readonly exported: Export;
}

function Found({ results, query, total, exported }: FoundProps) {
  const t = messages();
  const shown = useSignal<readonly Optional[]>(recalledColumns());
  const list = (changed: Partial<Query>) => {
    go({ kind: 'list', query: { ...query, page: 0, ...changed } });
  };
  const all = columnsOf(results, query, shown.value);
  return (
    <>
      <div class="list-head">
        <p class="summary">{countSentence(total)}</p>
        <div class="list-tools">
          <div class="order">
            <Select
              name="order"
              label={t.order}
              options={ORDERS.map((order) => [order, t.orders[order]] as const)}
              value={query.order}
              onChange={(order) => {
                list({ order });
              }}
            />
          </div>
          <Menu label={t.columns} tone="quiet">
            {() =>
              OPTIONAL.map((column) => (
                <Choice
                  key={column}
                  type="checkbox"
                  name={column}
                  label={all.find(({ id }) => id === column)?.head ?? ''}
                  checked={shown.value.includes(column)}
                  onChange={(on) => {
                    shown.value = OPTIONAL.filter((each) =>
                      each === column ? on : shown.value.includes(each),
                    );
                    remember(COLUMNS_KEY, shown.value.join(' '));
                  }}
                />
              ))
            }
          </Menu>
          <ExportAction of={exported} query={query} />
        </div>
      </div>
      <ExportMessage of={exported} />
      <SelectionBar results={results} total={total} />
      <div class="panel is-list">
        <Table
          class="register"
          caption={t.listLabel}
          columns={all.filter(({ id }) => id === 'name' || shown.value.some((column) => column === id))}
          rows={results.rows}
          keyOf={({ id }) => id}
          nameOf={documentName}
          sort={{
            get value() {
              return sortOf(query.order);
            },
            set value(sort) {
              list({ order: orderOf(sort) });
            },
          }}
          selected={results.selected}
        />
      </div>
      <Pager
        page={{
          get value() {
            return query.page;
          },
          set value(page) {
            list({ page });
          },
        }}
        size={query.size}
        all={total}
        sizes={SIZES}
        onSize={(size) => {
          list({ size: SIZES.find((each) => each === size) ?? EVERYTHING.size });
        }}
      />
    </>
  );
}

function columnsOf({ names }: Results, query: Query, shown: readonly Optional[]): Column<Registered>[] {
  const t = messages();
  const isBelow = (column: Optional) => !shown.includes(column);
  return [
    {
      id: 'name',
      head: t.document,
      sortable: true,
      cell: (row) => (
        <>
          <DocumentLink of={row} query={query} />
          <p class="hint">
            {row.details?.name !== undefined && row.details.title !== undefined ? (
              <bdi>{row.details.title}</bdi>
            ) : isNamed(row) ? (
              <code>{groupHex(row.sha256.slice(0, 16))}</code>
            ) : null}
          </p>
          {isBelow('reference') && row.details?.reference !== undefined ? (
            <p class="hint">
              <bdi>{row.details.reference}</bdi>
            </p>
          ) : null}
          {isBelow('tags') && tagsOf(row).length > 0 ? <Tags of={tagsOf(row)} /> : null}
        </>
      ),
    },
    {
      id: 'reference',
      head: t.reference,
      sortable: true,
      cell: ({ details }) => <bdi>{details?.reference}</bdi>,
    },
    { id: 'tags', head: t.tags, cell: (row) => <Tags of={tagsOf(row)} /> },
    {
      id: 'size',
      head: t.size,
      numeric: true,
      cell: ({ size }) => (size === null ? '' : formatBytes(size)),
    },
    {
      id: 'accepted',
      head: t.accepted,
      sortable: true,
      cell: ({ acceptedAt }) => <Time at={acceptedAt} />,
    },
    { id: 'status', head: t.status, cell: (row) => <Status of={row} /> },
    {
      id: 'submitter',
      head: t.submittedBy,
      cell: ({ submittedBy }) =>
        submittedBy === undefined ? null : (
          <a
            href={placeAddress({ kind: 'list', query: { ...EVERYTHING, size: query.size, by: submittedBy } })}
          >
            <bdi>{submitterText(submittedBy, names.value)}</bdi>
          </a>
        ),
    },
  ];
}

function ExportAction({ of, query }: { readonly of: Export; readonly query: Query }) {
  const t = messages();
  return of.state.kind === 'running' ? (
    <Button key="cancel" onPress={of.cancel}>
      {t.cancelExport}
    </Button>
  ) : (
    <Button
      key="export"
      onPress={() => {
        announce(t.exportBegun);
        void of.run(query);
      }}
    >
      {isEverything(query) ? t.exportAll : t.exportFound}
    </Button>
  );
}

function ExportMessage({ of }: { readonly of: Export }) {
  const t = messages();
  const { state } = of;
  switch (state.kind) {
    case 'idle':
      return <p role="status" class="export-said" />;
    case 'running':
      return <p class="export-said hint">{t.exporting(counted(state.rows))}</p>;
    case 'cancelled':
      return (
        <p role="status" class="export-said hint">
          {t.exportCancelled}
        </p>
      );
    case 'done':
      return (
        <p role="status" class="export-said done">
          {t.exported(counted(state.rows), state.name)}
        </p>
      );
    case 'failed':
      return state.error instanceof UnreachableError ? (
        <p role="alert" class="export-said problem">
          {t.exportFailed}
        </p>
      ) : (
        <Problem error={state.error} own={t.problems} />
      );
  }
}
