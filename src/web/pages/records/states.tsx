import type { RecordState } from '../../../proof/records/state.js';
import { type Drawing, Picture } from '../../components/picture.js';
import { recordMessages } from '../../messages/records.js';
import { messages } from '../../messages/records-page.js';
import type { Kind } from './place.js';

/** The states that a record can have, as a picture, and where it stands. */

type Status = RecordState['status'];

interface Model {
  /** In the order of a record's life, from the first event on. */
  readonly stages: readonly (readonly Status[])[];
  readonly ways: readonly (readonly [from: Status, to: Status])[];
  /** Those that never change. */
  readonly final: readonly Status[];
}

export const MODELS: Readonly<Record<Kind, Model>> = {
  document: {
    stages: [['current'], ['withdrawn']],
    ways: [
      ['current', 'withdrawn'],
      ['withdrawn', 'current'],
    ],
    final: [],
  },
  work: {
    stages: [['claimed'], ['contested'], ['withdrawn']],
    ways: [
      ['claimed', 'contested'],
      ['contested', 'claimed'],
      ['contested', 'withdrawn'],
      ['claimed', 'withdrawn'],
    ],
    final: ['withdrawn'],
  },
  item: {
    stages: [['held'], ['offered', 'lost', 'stolen'], ['promised', 'destroyed']],
    ways: [
      ['held', 'offered'],
      ['offered', 'held'],
      ['offered', 'promised'],
      ['held', 'lost'],
      ['lost', 'held'],
      ['held', 'stolen'],
      ['stolen', 'held'],
      ['lost', 'destroyed'],
      ['stolen', 'destroyed'],
      ['held', 'destroyed'],
      ['promised', 'held'],
    ],
    final: ['destroyed'],
  },
  contract: {
    stages: [['open'], ['executed', 'declined', 'cancelled', 'expired']],
    ways: [
      ['open', 'executed'],
      ['open', 'declined'],
      ['open', 'cancelled'],
      ['open', 'expired'],
    ],
    final: ['executed', 'declined', 'cancelled', 'expired'],
  },
};

const BOX = { height: 40, gap: 16, pad: 8, top: 12 };
/** A narrower picture has the states below each other, each indented by its stage. */
const WIDE = 560;
const WIDEST = 200;
const BETWEEN = 56;
const INDENT = 28;

interface Placed {
  readonly status: Status;
  readonly stage: number;
}

interface Box extends Placed {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

export function StatePicture({ kind, status }: { readonly kind: Kind; readonly status: Status }) {
  return <Picture role="img" draw={(width) => drawStates(kind, status, width)} />;
}

/** @param width in units of the picture */
export function drawStates(kind: Kind, status: Status, width: number): Drawing {
  const t = recordMessages();
  const { final } = MODELS[kind];
  const boxes = boxesOf(MODELS[kind], width);
  return {
    height: BOX.pad + Math.max(...boxes.map(({ y }) => y + BOX.height)),
    label: messages().pictureLabel(
      t.kinds[kind],
      boxes.map((box) => t.statuses[box.status]).join(', '),
      t.statuses[status],
    ),
    parts: (
      <>
        <Ways kind={kind} boxes={boxes} isWide={width >= WIDE} />
        {boxes.map((box) => (
          <g
            key={box.status}
            class="state-box"
            data-now={String(box.status === status)}
            data-final={String(final.includes(box.status))}
          >
            <rect x={box.x} y={box.y} width={box.width} height={BOX.height} rx={8} />
            <text x={box.x + box.width / 2} y={box.y + BOX.height / 2 + 5} text-anchor="middle">
              {t.statuses[box.status]}
            </text>
          </g>
        ))}
      </>
    ),
  };
}

function boxesOf({ stages, ways }: Model, width: number): readonly Box[] {
  const inner = width - 2 * BOX.pad;
  const step = BOX.height + BOX.gap;
  if (width >= WIDE) {
    const across = Math.min(WIDEST, (inner - (stages.length - 1) * BETWEEN) / stages.length);
    return stages.flatMap((stage, i) =>
      stage.map((status, j) => ({
        ...{ status, stage: i, width: across },
        ...{ x: BOX.pad + i * (across + BETWEEN), y: BOX.top + j * step },
      })),
    );
  }
  const across = Math.min(WIDEST, inner - (stages.length - 1) * INDENT);
  return belowEachOther(stages, ways).map((box, row) => ({
    ...box,
    ...{ width: across, x: BOX.pad + box.stage * INDENT, y: BOX.top + row * step },
  }));
}

/** Each behind the last one that leads to it, so that few are between the two. */
function belowEachOther(stages: Model['stages'], ways: Model['ways']): readonly Placed[] {
  const all = stages.flatMap((stage, i) => stage.map((status) => ({ status, stage: i })));
  const leadingTo = (to: Placed) =>
    all.findLast(
      (from) => from.stage < to.stage && ways.some(([a, b]) => a === from.status && b === to.status),
    );
  const behind = (from: Placed | undefined): readonly Placed[] =>
    all.filter((each) => leadingTo(each) === from).flatMap((each) => [each, ...behind(each)]);
  return behind(undefined);
}

const middleOf = ({ y }: Box): number => y + BOX.height / 2;

/** From the right edge of one to the left edge of another. Past a column between them it goes through a gap. */
function wayAcross(a: Box, b: Box): string {
  const bend = BETWEEN / 2;
  const curve = (x: number, from: number, to: number) =>
    `C${x + bend} ${from} ${x + bend} ${to} ${x + BETWEEN} ${to}`;
  const start = a.x + a.width;
  const [from, to] = [middleOf(a), middleOf(b)];
  if (b.stage === a.stage + 1) return `M${start} ${from}${curve(start, from, to)}`;
  const gap = Math.max(a.y, b.y) - BOX.gap / 2;
  const end = b.x - BETWEEN;
  return `M${start} ${from}${curve(start, from, gap)}H${end}${curve(end, gap, to)}`;
}

/** Down, and to the left edge of one of a later stage. It begins below the first; past others of its stage, on its left. */
function wayDown(a: Box, b: Box, boxes: readonly Box[]): string {
  const isFree = !boxes.some(({ stage, y }) => stage <= a.stage && y > a.y && y < b.y);
  const end = `V${middleOf(b)}H${b.x}`;
  if (isFree) return `M${a.x + INDENT / 2} ${a.y + BOX.height}${end}`;
  return `M${a.x} ${middleOf(a)}H${a.x - INDENT / 4}${end}`;
}

/** Lines from state to state. Below each other, only those that lead on: the way back is the same line. */
function Ways({ kind, boxes, isWide }: WaysProps) {
  const at = new Map(boxes.map((box) => [box.status, box]));
  return (
    <>
      {MODELS[kind].ways.map(([from, to]) => {
        const [a, b] = [at.get(from), at.get(to)];
        if (a === undefined || b === undefined) return null;
        const key = `${from} ${to}`;
        if (isWide) {
          return <path key={key} class="state-way" d={a.x < b.x ? wayAcross(a, b) : wayAcross(b, a)} />;
        }
        if (b.stage <= a.stage) return null;
        return <path key={key} class="state-way" d={wayDown(a, b, boxes)} />;
      })}
    </>
  );
}

interface WaysProps {
  readonly kind: Kind;
  readonly boxes: readonly Box[];
  readonly isWide: boolean;
}
