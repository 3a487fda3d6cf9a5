import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { Icon } from '../../components/icon.js';
import { Problem } from '../../components/problem.js';
import { type Column, Pager, type Sort, Table } from '../../components/table.js';
import { Time } from '../../components/time.js';
import { Action } from '../../lib/action.js';
import { saveBlob } from '../../lib/files.js';
import { counted, groupHex } from '../../lib/format.js';
import { locale } from '../../lib/language.js';
import { messages } from '../../messages/verify.js';
import type { Case, Checks } from './checks.js';
import { type Line, lineOf, reportCsv, summaryOf } from './report.js';
import { Result } from './result.js';
import { LOOKS } from './statements.js';
import { trustOf, type TrustState } from './trust.js';

const PAGE = 50;

/** One result, or a table of many with the one that was chosen below it. */
export function Results({ checks }: { readonly checks: Checks }) {
  const { cases } = checks;
  const [only] = cases;
  if (only === undefined) return null;
  return (
    <>
      <ReportHead trust={trustOf(checks.trust)} />
      {cases.length === 1 ? <Result of={only} checks={checks} /> : <Report checks={checks} cases={cases} />}
      {cases.length === 1 && only.outcome.value !== null ? <Print /> : null}
    </>
  );
}

/** What only the paper says. */
function ReportHead({ trust }: { readonly trust: TrustState }) {
  const t = messages();
  return (
    <div class="report-head">
      <h2>{t.report.heading}</h2>
      <p>{t.report.made(<Time at={Date.now()} />)}</p>
      <p>{t.trustNow[trust]}</p>
    </div>
  );
}

function Print() {
  const t = messages();
  return (
    <p class="report-print">
      <Button
        data-action="print"
        onPress={() => {
          print();
        }}
      >
        {t.print}
      </Button>{' '}
      <span class="hint">{t.printHint}</span>
    </p>
  );
}

interface ReportProps {
  readonly checks: Checks;
  readonly cases: readonly Case[];
}

function Report({ checks, cases }: ReportProps) {
  const t = messages();
  const page = useSignal(0);
  const sort = useSignal<Sort>({ column: 'file', descending: false });
  const chosen = useSignal<string | null>(null);
  const printing = useSignal(false);
  // Paper has no pages to turn.
  useEffect(() => {
    const stop = new AbortController();
    const listen = (name: string, on: boolean) => {
      window.addEventListener(name, () => (printing.value = on), { signal: stop.signal });
    };
    listen('beforeprint', true);
    listen('afterprint', false);
    return () => {
      stop.abort();
    };
  }, []);
  const lines = sorted(cases.map(lineOf), sort.value);
  const here = Math.min(page.value, Math.max(0, Math.ceil(lines.length / PAGE) - 1));
  const rows = printing.value ? lines : lines.slice(here * PAGE, (here + 1) * PAGE);
  const open = cases.find(({ about }) => about.key === chosen.value);
  const show = (key: string) => {
    chosen.value = key;
    requestAnimationFrame(() => {
      const heading = document.getElementById('statement');
      heading?.focus({ preventScroll: true });
      heading?.closest('.result')?.scrollIntoView();
    });
  };
  const missing = cases.flatMap(({ about, outcome }) => {
    const file = about.document?.file ?? null;
    return outcome.value?.statement === 'unknown' && file !== null ? [file] : [];
  });
  return (
    <>
      <section class="report" aria-labelledby="report-heading">
        <div class="list-head">
          <h2 id="report-heading" tabIndex={-1}>
            {summaryOf(lines.map(({ statement }) => statement))}
          </h2>
          <div class="list-actions">
            <Button
              data-action="print"
              onPress={() => {
                printing.value = true;
                requestAnimationFrame(() => {
                  print();
                });
              }}
            >
              {t.print}
            </Button>
            <Button
              data-action="csv"
              onPress={() => {
                const text = reportCsv(lines, Date.now());
                saveBlob('ingam-report.csv', new Blob([text], { type: 'text/csv' }));
              }}
            >
              {t.saveCsv}
            </Button>
          </div>
        </div>
        <p class="hint report-print">{t.printHint}</p>
        <div class="table-scroll">
          <Table
            caption={t.report.caption}
            class="report-table"
            columns={columns(show)}
            rows={rows}
            keyOf={({ key }) => key}
            sort={sort}
          />
        </div>
        <Pager page={page} size={PAGE} all={lines.length} />
        {missing.length === 0 || checks.context.notarize === null ? null : (
          <NotarizeAll files={missing} notarize={checks.context.notarize} />
        )}
      </section>
      {open === undefined ? null : <Result key={open.about.key} of={open} checks={checks} />}
    </>
  );
}

function columns(show: (key: string) => void): readonly Column<Line>[] {
  const t = messages();
  return [
    {
      id: 'file',
      head: t.report.file,
      sortable: true,
      cell: ({ key, name, sha256 }) => (
        <>
          <button
            type="button"
            class="link"
            aria-label={t.report.show(name)}
            onClick={() => {
              show(key);
            }}
          >
            <bdi>{name}</bdi>
          </button>
          {sha256 === null ? null : <code class="report-digest">{groupHex(sha256)}</code>}
        </>
      ),
    },
    { id: 'verdict', head: t.report.verdict, sortable: true, cell: (line) => <Verdict of={line} /> },
    {
      id: 'sealed',
      head: t.report.sealed,
      sortable: true,
      cell: ({ sealedAt, by }) =>
        sealedAt === null ? (
          <span class="none">–</span>
        ) : (
          <>
            <Time at={sealedAt} />
            <div class="soft">{by}</div>
          </>
        ),
    },
    {
      id: 'outside',
      head: t.report.outside,
      cell: ({ outside, sealedAt }) =>
        sealedAt === null ? (
          <span class="none">–</span>
        ) : (
          <>
            <span class="cell-label">{t.report.outside}: </span>
            {outside === '' ? t.report.nobody : outside}
          </>
        ),
    },
  ];
}

function Verdict({ of: { statement } }: { readonly of: Line }) {
  const t = messages();
  if (statement === null) return <span aria-busy="true">{t.lookingUp}</span>;
  const { tone, icon } = LOOKS[statement];
  return (
    <span class="verdict" data-tone={tone} data-verdict={statement}>
      <Icon name={icon} />
      <span>{t.statements[statement].short}</span>
    </span>
  );
}

/** In the order of the column; then, and for equal rows, by name. */
function sorted(lines: readonly Line[], { column, descending }: Sort): readonly Line[] {
  const compare = new Intl.Collator(locale(), { numeric: true }).compare;
  const by = (a: Line, b: Line) =>
    column === 'sealed'
      ? (a.sealedAt ?? 0) - (b.sealedAt ?? 0)
      : column === 'verdict'
        ? compare(a.statement ?? '', b.statement ?? '')
        : 0;
  const direction = descending ? -1 : 1;
  return [...lines].sort((a, b) => direction * (by(a, b) || compare(a.name, b.name)));
}

interface NotarizeAllProps {
  readonly files: Parameters<NonNullable<Checks['context']['notarize']>>[0];
  readonly notarize: NonNullable<Checks['context']['notarize']>;
}

function NotarizeAll({ files, notarize }: NotarizeAllProps) {
  const action = useMemo(() => new Action(), []);
  const t = messages();
  return (
    <p class="report-print">
      <Button
        data-action="notarize"
        held={action.busy}
        onPress={() => void action.run(() => notarize(files))}
      >
        {t.notarizeAll(counted(files.length))}
      </Button>
      <Problem error={action.error.value} own={{ not_handed_over: t.notHandedOver }} />
    </p>
  );
}
