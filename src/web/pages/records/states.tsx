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
      ['stolen', 'destroyed'],
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

const BOX = { height: 40, gap: 16, pad: 8 };
/** A narrower picture has the stages below each other. */
const WIDE = 560;
const WIDEST = 200;

export function StatePicture({ kind, status }: { readonly kind: Kind; readonly status: Status }) {
  return <Picture role="img" draw={(width) => drawStates(kind, status, width)} />;
}

/** @param width in units of the picture */
export function drawStates(kind: Kind, status: Status, width: number): Drawing {
  const t = recordMessages();
  const { stages, ways, final } = MODELS[kind];
  const most = Math.max(...stages.map(({ length }) => length));
  const isWide = width >= WIDE;
  const [columns, rows] = isWide ? [stages.length, most] : [most, stages.length];
  const between = isWide ? 56 : 8;
  const across = Math.min(WIDEST, (width - 2 * BOX.pad - (columns - 1) * between) / columns);
  const down = BOX.height + (isWide ? BOX.gap : 44);
  const places = new Map(
    stages.flatMap((stage, i) =>
      stage.map((each, j) => {
        const [column, row] = isWide ? [i, j] : [j, i];
        return [each, { x: BOX.pad + column * (across + between), y: BOX.pad + row * down }] as const;
      }),
    ),
  );
  const middle = (each: Status) => {
    const { x, y } = places.get(each) ?? { x: 0, y: 0 };
    return { x: x + across / 2, y: y + BOX.height / 2 };
  };
  return {
    height: 2 * BOX.pad + rows * BOX.height + (rows - 1) * (down - BOX.height),
    label: messages().pictureLabel(
      t.kinds[kind],
      stages.flat().map((each) => t.statuses[each]).join(', '),
      t.statuses[status],
    ),
    parts: (
      <>
        {ways.map(([from, to]) => {
          const [a, b] = [middle(from), middle(to)];
          return <line key={`${from} ${to}`} class="state-way" x1={a.x} y1={a.y} x2={b.x} y2={b.y} />;
        })}
        {[...places].map(([each, { x, y }]) => (
          <g
            key={each}
            class="state-box"
            data-now={String(each === status)}
            data-final={String(final.includes(each))}
          >
            <rect x={x} y={y} width={across} height={BOX.height} rx={8} />
            <text x={x + across / 2} y={y + BOX.height / 2 + 5} text-anchor="middle">
              {t.statuses[each]}
            </text>
          </g>
        ))}
      </>
    ),
  };
}
