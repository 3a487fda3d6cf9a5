import type { ComponentChildren } from 'preact';
import { Panel } from '../../components/panel.js';
import { type Drawing, fine, Picture, shortHex } from '../../components/picture.js';
import { Table } from '../../components/table.js';
import { Time } from '../../components/time.js';
import { counted, formatNumber, formatTime } from '../../lib/format.js';
import { locale } from '../../lib/language.js';
import { blockLink } from '../../lib/links.js';
import { messages } from '../../messages/explorer.js';
import { isLinked, type SealedBlock } from './blocks.js';

const BOX = { width: 190, height: 100, least: 150 };
const GAP = { across: 40, down: 34 };
/** Below this width the chain is drawn vertically. */
const UPRIGHT_BELOW = 480;

interface LinksProps {
  /** Highest first. */
  readonly blocks: readonly SealedBlock[];
  /** As many as fit are drawn, at most these. */
  readonly most: number;
  /** Height of the block that the page is about. */
  readonly current?: number;
}

/** Blocks and the links between them: earlier blocks on the left, or at the bottom where it is narrow. */
export function LinksPanel({ blocks, most, current }: LinksProps) {
  const t = messages();
  return (
    <Panel heading={t.linksHeading}>
      <p class="hint">{t.linksExplained}</p>
      <Picture role="group" draw={(width) => drawLinks(blocks, most, current, width)} />
      <div class="broken-links">
        {blocks.map((block, i) => {
          const previous = blocks[i + 1];
          const { height } = block.header;
          return previous === undefined || isLinked(previous, block) ? null : (
            <p key={height} class="problem">
              {t.linksBroken(formatNumber(height))}
            </p>
          );
        })}
      </div>
    </Panel>
  );
}

function drawLinks(
  all: readonly SealedBlock[],
  most: number,
  current: number | undefined,
  width: number,
): Drawing {
  const upright = width < UPRIGHT_BELOW;
  const fitting = upright ? 3 : Math.max(1, Math.floor(width / (BOX.least + GAP.across)));
  const blocks = all.slice(0, Math.min(most, fitting));
  const [first, last] = [blocks.at(-1), blocks[0]].map((block) => formatNumber(block?.header.height ?? 0));
  const across = upright ? Math.min(width - 4, 280) : Math.min(BOX.width, width / blocks.length - GAP.across);
  const step = upright ? BOX.height + GAP.down : across + GAP.across;
  // A stub hints at earlier blocks.
  const left = (width - blocks.length * step - GAP.across) / 2 + GAP.across;
  const placeOf = (i: number): Point =>
    upright
      ? [(width - across) / 2, 4 + i * step]
      : [Math.max(GAP.across, left) + (blocks.length - 1 - i) * step, 4];
  const isWhole = blocks.at(-1)?.header.height === 0;
  return {
    label: messages().linksLabel(first ?? '', last ?? ''),
    height: upright ? blocks.length * step - (isWhole ? GAP.down : 0) + 8 : BOX.height + 8,
    // In reading order.
    parts: (upright ? blocks : [...blocks].reverse()).map((block) => {
      const i = blocks.indexOf(block);
      const { height } = block.header;
      const [x, y] = placeOf(i);
      const [from, to]: readonly [Point, Point] = upright
        ? [
            [width / 2, y + step],
            [width / 2, y + BOX.height],
          ]
        : [
            [x - GAP.across, y + BOX.height / 2],
            [x, y + BOX.height / 2],
          ];
      return (
        <g key={height}>
          {height === 0 ? null : <Link previous={blocks[i + 1]} block={block} from={from} to={to} />}
          <Box block={block} x={x} y={y} width={across} isCurrent={height === current} />
        </g>
      );
    }),
  };
}

type Point = readonly [x: number, y: number];

interface BoxProps {
  readonly block: SealedBlock;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly isCurrent: boolean;
}

function Box({ block: { header, hash }, x, y, width, isCurrent }: BoxProps) {
  const t = messages();
  const { height, entryCount, previousHash } = header;
  const line = (row: number, kind: string, words: string, at: number) => (
    // The space separates the words for screen readers.
    <>
      {' '}
      <text x={fine(at)} y={y + row} class={kind}>
        {words}
      </text>
    </>
  );
  const [left, right] = [x + 12, x + width - 12];
  return (
    <a
      href={blockLink(height)}
      class={isCurrent ? 'block-box is-current' : 'block-box'}
      aria-current={isCurrent ? 'true' : undefined}
    >
      <rect x={fine(x)} y={y} width={fine(width)} height={BOX.height} rx={8} class="box" />
      {line(25, 'box-title', t.blockHeading(formatNumber(height)), left)}
      {line(45, 'box-name', t.entries(counted(entryCount)), left)}
      {line(68, 'box-name', t.boxHash, left)}
      {line(68, 'box-hash', shortHex(hash), right)}
      {line(87, 'box-name', t.boxPrevious, left)}
      {line(87, 'box-before', height === 0 ? '–' : shortHex(previousHash), right)}
    </a>
  );
}

interface LinkProps {
  readonly previous: SealedBlock | undefined;
  readonly block: SealedBlock;
  readonly from: Point;
  readonly to: Point;
}

/** Two interlocked rings; apart if the later block contains another hash. */
function Link({ previous, block, from, to }: LinkProps) {
  const holds = previous === undefined || isLinked(previous, block);
  const [x, y] = [fine((from[0] + to[0]) / 2), fine((from[1] + to[1]) / 2)];
  const lies = from[1] === to[1];
  const apart = holds ? 5 : 9;
  const kind = previous === undefined ? ' is-further' : holds ? '' : ' is-broken';
  return (
    <g class={`chain-link${kind}`}>
      {[-apart, apart].map((offset) => (
        <rect
          key={offset}
          x={lies ? x + offset - 8 : x - 5}
          y={lies ? y - 5 : y + offset - 8}
          width={lies ? 16 : 10}
          height={lies ? 10 : 16}
          rx={5}
          class="ring"
        />
      ))}
    </g>
  );
}

/** Scales of the charts. */

/** Round whole values from 0 to at least `highest`, in steps of 1, 2 or 5 times a power of ten. */
export function countTicks(highest: number, most: number): number[] {
  const least = Math.max(1, highest / Math.max(1, most));
  const power = 10 ** Math.floor(Math.log10(least));
  const step = Math.ceil([1, 2, 5, 10].map((n) => n * power).find((n) => n >= least) ?? least);
  const ticks: number[] = [];
  for (let tick = 0; tick < highest + step; tick += step) ticks.push(tick);
  return ticks;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Possible ticks of the time axis. */
const DURATIONS = [100, SECOND, 10 * SECOND, MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, DAY, 10 * DAY, 100 * DAY];

/** A duration in the largest unit in which it is at least 1. */
export function durationUnit(milliseconds: number): {
  readonly value: number;
  readonly unit: 'millisecond' | 'second' | 'minute' | 'hour' | 'day';
} {
  if (milliseconds < SECOND) return { value: milliseconds, unit: 'millisecond' };
  if (milliseconds < MINUTE) return { value: milliseconds / SECOND, unit: 'second' };
  if (milliseconds < HOUR) return { value: milliseconds / MINUTE, unit: 'minute' };
  if (milliseconds < DAY) return { value: milliseconds / HOUR, unit: 'hour' };
  return { value: milliseconds / DAY, unit: 'day' };
}

/** Ticks that enclose all given durations, for a logarithmic axis. */
export function durationTicks(milliseconds: readonly number[]): number[] {
  const shortest = Math.min(...milliseconds, 100 * DAY);
  const longest = Math.max(...milliseconds, 100);
  const reached = DURATIONS.findLastIndex((tick) => tick <= shortest);
  // An axis needs at least two ticks.
  const from = Math.min(Math.max(0, reached), DURATIONS.length - 2);
  const to = DURATIONS.findIndex((tick) => tick >= longest);
  return DURATIONS.slice(from, to === -1 ? undefined : Math.max(to, from + 1) + 1);
}

/** Position of `value` between the first and the last tick, 0 to 1, on a logarithmic scale. */
export function logPlace(value: number, ticks: readonly number[]): number {
  const low = Math.log(ticks[0] ?? 1);
  const high = Math.log(ticks.at(-1) ?? 10);
  const place = (Math.log(Math.max(value, 1)) - low) / (high - low);
  return Math.min(1, Math.max(0, place));
}

/** Formats a duration in one unit. */
export function formatSpell(milliseconds: number, unitDisplay: 'long' | 'narrow' = 'long'): string {
  const { value, unit } = durationUnit(milliseconds);
  return new Intl.NumberFormat(locale(), {
    style: 'unit',
    unit,
    unitDisplay,
    maximumFractionDigits: value < 10 && unit !== 'millisecond' ? 1 : 0,
  }).format(value);
}

const PLOT = { top: 10, height: 130, bottom: 24, left: 58 };
/** Minimum height of a bar. */
const LEAST_BAR = 2;

interface Mark {
  readonly block: SealedBlock;
  /** Milliseconds after the previous block; null if that is not known. */
  readonly since: number | null;
}

/** The plotted blocks, earliest first. @param latest highest first */
export function marksOf(latest: readonly SealedBlock[]): Mark[] {
  const marks = latest.map((block, i) => {
    const previous = latest[i + 1];
    const since = previous === undefined ? null : block.header.sealedAt - previous.header.sealedAt;
    return { block, since };
  });
  return marks.reverse();
}

/** Entries of the latest blocks and the time between them, as charts and as a table. @param latest highest first */
export function Charts({ latest }: { readonly latest: readonly SealedBlock[] }) {
  const t = messages();
  const marks = marksOf(latest);
  const hasIntervals = marks.some(({ since }) => since !== null);
  return (
    <Panel heading={t.chartsHeading}>
      <div class="charts">
        <figure>
          <figcaption>{t.entriesChart}</figcaption>
          <Picture role="img" draw={(width) => drawEntries(marks, width)} />
        </figure>
        {hasIntervals ? (
          <figure>
            <figcaption>{t.intervalChart}</figcaption>
            <Picture role="img" draw={(width) => drawIntervals(marks, width)} />
          </figure>
        ) : null}
      </div>
      <details>
        <summary>{t.chartTable}</summary>
        <Table
          caption={t.chartsHeading}
          rows={[...marks].reverse()}
          keyOf={({ block }) => String(block.header.height)}
          columns={[
            { id: 'block', head: t.block, cell: ({ block }) => <BlockNumber of={block} />, names: true },
            {
              id: 'entries',
              head: t.entryCount,
              cell: ({ block }) => formatNumber(block.header.entryCount),
              numeric: true,
            },
            { id: 'sealed', head: t.sealed, cell: ({ block }) => <Time at={block.header.sealedAt} /> },
            { id: 'since', head: t.since, cell: sinceOf, numeric: true },
          ]}
        />
      </details>
    </Panel>
  );
}

/** The number of a block, which leads to it. */
export function BlockNumber({ of: { header } }: { readonly of: SealedBlock }) {
  return <a href={blockLink(header.height)}>{formatNumber(header.height)}</a>;
}

function sinceOf({ block, since }: Mark): string {
  if (since !== null) return formatSpell(since);
  return block.header.height === 0 ? messages().first : '–';
}

function drawEntries(marks: readonly Mark[], width: number): Drawing {
  const t = messages();
  const most = Math.max(...marks.map(({ block }) => block.header.entryCount));
  const ticks = countTicks(Math.max(1, most), 4);
  const highest = ticks.at(-1) ?? 1;
  const thick = fine(Math.max(1, Math.min(26, stepOf(marks, width) * 0.72)));
  return {
    label: t.entriesLabel(counted(marks.length), formatNumber(most)),
    ...plot(
      marks,
      width,
      ticks.map((tick) => [tick / highest, formatNumber(tick)]),
      ({ block: { header } }, x) => {
        const length = fine(Math.max(LEAST_BAR, (header.entryCount / highest) * PLOT.height));
        return (
          <rect
            x={fine(x - thick / 2)}
            y={fine(PLOT.top + PLOT.height - length)}
            width={thick}
            height={length}
            class="bar"
          >
            <title>
              {t.bar(formatNumber(header.height), counted(header.entryCount), formatTime(header.sealedAt))}
            </title>
          </rect>
        );
      },
    ),
  };
}

function drawIntervals(marks: readonly Mark[], width: number): Drawing {
  const t = messages();
  const spells = marks.flatMap(({ since }) => (since === null ? [] : [since]));
  const ticks = durationTicks(spells);
  const [shortest, longest] = [Math.min(...spells), Math.max(...spells)].map((each) => formatSpell(each));
  return {
    label: t.intervalLabel(counted(spells.length), shortest ?? '', longest ?? ''),
    ...plot(
      marks,
      width,
      ticks.map((tick) => [logPlace(tick, ticks), formatSpell(tick, 'narrow')]),
      ({ block, since }, x) =>
        since === null ? null : (
          <circle cx={fine(x)} cy={heightOf(logPlace(since, ticks))} r={4} class="dot">
            <title>{t.interval(formatNumber(block.header.height), formatSpell(since))}</title>
          </circle>
        ),
    ),
  };
}

const stepOf = (marks: readonly Mark[], width: number) => (width - PLOT.left) / Math.max(12, marks.length);
/** @param place from 0 at the bottom to 1 */
const heightOf = (place: number) => fine(PLOT.top + PLOT.height * (1 - place));

/** A chart: lines for its ticks, what `show` draws for each block, and the numbers of the first and last block. */
function plot(
  marks: readonly Mark[],
  width: number,
  ticks: readonly (readonly [place: number, name: string])[],
  show: (mark: Mark, x: number) => ComponentChildren,
): Pick<Drawing, 'height' | 'parts'> {
  const at = (i: number) => PLOT.left + (i + 0.5) * stepOf(marks, width);
  return {
    height: PLOT.top + PLOT.height + PLOT.bottom,
    parts: [
      ...ticks.map(([place, name]) => (
        <g key={name}>
          <line x1={PLOT.left} x2={width} y1={heightOf(place)} y2={heightOf(place)} class="grid" />
          <text x={PLOT.left - 8} y={heightOf(place) + 4} class="tick is-left">
            {name}
          </text>
        </g>
      )),
      ...marks.map((mark, i) => {
        const { height } = mark.block.header;
        const isEnd = i === 0 || i === marks.length - 1;
        return (
          <g key={`block ${height}`}>
            {show(mark, at(i))}
            {isEnd ? (
              <text x={fine(at(i))} y={PLOT.top + PLOT.height + 18} class="tick">
                {formatNumber(height)}
              </text>
            ) : null}
          </g>
        );
      }),
    ],
  };
}
