import { performance } from 'node:perf_hooks';
import type { CosignedView } from '../log/index.js';
import { notarizationId, toHex } from '../proof/index.js';
import {
  type ChainExtent,
  RECORD_TYPES,
  type Store,
  type StoredBlock,
  type WebhookPlace,
  type WebhookType,
} from '../store/index.js';

/** Most notarizations, or events, of one message. */
const MAX_TOLD = 100;
/** Messages that are read together: the webhooks of an organization are mostly told the same, one after the other. */
const READ_TOGETHER = 10;
/** How long what was read ahead counts, in milliseconds: notarizations may be erased meanwhile. */
const FRESH_MS = 250;

/** What a webhook is told next. */
export interface Told {
  /** Up to where it goes. */
  readonly to: WebhookPlace;
  /** null: there is nothing to tell, it only goes on. */
  readonly message: { readonly at: number; readonly data: object } | null;
}

/** For a type: heights below which blocks are told, and the positions that they hold. */
export interface Extent extends ChainExtent {
  readonly heights: ChainExtent['positions'];
}

interface Range {
  /** The organization's number. */
  readonly organization: number;
  readonly type: WebhookType;
  readonly from: WebhookPlace;
  /** The end of a message that was made before. */
  readonly to?: WebhookPlace;
}

const STATUS = {
  'notarization.sealed': 'sealed',
  'notarization.cosigned': 'cosigned',
  'notarization.anchored': 'anchored',
} as const satisfies Partial<Record<WebhookType, keyof ChainExtent['positions']>>;

type NotarizationType = keyof typeof STATUS;
type NotarizationRange = Range & { readonly type: NotarizationType };

const keyOf = ({ organization, type, from }: Range) => `${organization} ${type} ${from.place}`;

/** Which status of notarizations a type is about; null: none. */
export function statusOf(type: WebhookType): keyof ChainExtent['positions'] | null {
  return isNotarization(type) ? STATUS[type] : null;
}

export interface MessagesOptions {
  readonly store: Store;
  /** null: the log has no members. */
  readonly cosigned: Pick<CosignedView, 'size' | 'metAt'> | null;
}

/**
 * Reads what there is to tell: from the chain and the registers, behind the place where a webhook is. A message is
 * not kept: it is read again for each attempt, and has the same id. Notarizations that were erased meanwhile are not in it.
 */
export class Messages {
  readonly #options: MessagesOptions;
  #ends = new Map<number, number>();
  /** What was read ahead, by organization, type and place; the oldest first. */
  readonly #ahead = new Map<string, { readonly readAt: number; readonly told: Promise<Told | null> }>();

  constructor(options: MessagesOptions) {
    this.#options = options;
  }

  /** How far the chain is by now. */
  async extent(): Promise<Extent> {
    const { store, cosigned } = this.#options;
    const [tip, anchoredSize] = await Promise.all([store.tip(), store.anchoredSize()]);
    const blocks = tip === null ? 0 : tip.height + 1;
    const heights = {
      sealed: blocks,
      cosigned: Math.min(blocks, cosigned?.size ?? 0),
      anchored: Math.min(blocks, anchoredSize, cosigned?.size ?? Infinity),
    };
    const ends = await this.#endsOf(Object.values(heights));
    const end = (height: number) => ends.get(height) ?? 0;
    return {
      heights,
      blocks,
      positions: {
        sealed: end(heights.sealed),
        cosigned: end(heights.cosigned),
        anchored: end(heights.anchored),
      },
    };
  }

  /** null: there is nothing more. */
  read(range: Range, extent: Extent): Promise<Told | null> {
    const { type } = range;
    if (isNotarization(type)) return this.#notarizations({ ...range, type }, extent);
    return RECORD_TYPES.includes(type) ? this.#records(range, extent) : this.#others(range);
  }

  async #notarizations(range: NotarizationRange, extent: Extent): Promise<Told | null> {
    const { type, from, to } = range;
    if (from.place >= Math.min(extent.positions[STATUS[type]], to?.place ?? Infinity)) return null;
    if (to !== undefined) {
      const [told] = await this.#readNotarizations(range, extent, 1);
      return told === undefined ? null : { ...told, to };
    }
    const now = performance.now();
    for (const [key, { readAt }] of this.#ahead) {
      if (now - readAt < FRESH_MS) break;
      this.#ahead.delete(key);
    }
    const known = this.#ahead.get(keyOf(range));
    if (known !== undefined) return known.told;
    const reading = this.#readNotarizations(range, extent, READ_TOGETHER);
    const first = reading.then(([told]) => told ?? null);
    this.#ahead.set(keyOf(range), { readAt: now, told: first });
    try {
      let place = from;
      for (const told of await reading) {
        this.#ahead.set(keyOf({ ...range, from: place }), { readAt: now, told: Promise.resolve(told) });
        place = told.to;
      }
    } catch {
      this.#ahead.delete(keyOf(range));
    }
    return first;
  }

  /** What follows, in at most so many messages. */
  async #readNotarizations(
    { organization, type, from, to }: NotarizationRange,
    { heights, positions }: Extent,
    most: number,
  ): Promise<Told[]> {
    const { store } = this.#options;
    const status = STATUS[type];
    const end = Math.min(positions[status], to?.place ?? Infinity);
    const found = await store.searchRegister({
      ...{ organization, order: 'oldest', status: 'sealed', belowHeight: heights[status] },
      ...{ beyond: from.place - 1, limit: most * MAX_TOLD },
    });
    const entries = found.map(({ entry }) => entry).filter(({ position }) => position < end);
    const parts = Array.from({ length: Math.ceil(entries.length / MAX_TOLD) }, (_, i) =>
      entries.slice(i * MAX_TOLD, (i + 1) * MAX_TOLD),
    );
    const lasts = parts.map((part) => part.at(-1)?.position ?? 0);
    if (lasts.length === 0) return [{ to: { place: end, sub: 0 }, message: null }];
    const blocks = await store.blocksContaining(lasts.map((first) => ({ first, count: 1 })));
    const times = new Map<number, Promise<number | null>>();
    return Promise.all(
      parts.map(async (part, i) => {
        const last = lasts[i] ?? 0;
        const block = blocks.find((each) => last < each.firstPosition + each.entryCount);
        if (block === undefined) throw new Error(`the notarization at position ${last} has no block`);
        const time = times.get(block.height) ?? this.#timeOf(status, block);
        times.set(block.height, time);
        return {
          to: { place: last + 1, sub: 0 },
          message: {
            at: (await time) ?? block.sealedAt,
            data: { notarizations: part.map(({ position, salt }) => notarizationId(position, salt)) },
          },
        };
      }),
    );
  }

  /** When the block got this status; null: it is not known. */
  async #timeOf(status: keyof ChainExtent['positions'], block: StoredBlock): Promise<number | null> {
    switch (status) {
      case 'sealed':
        return block.sealedAt;
      case 'cosigned':
        return this.#options.cosigned?.metAt(block.height) ?? null;
      case 'anchored': {
        const anchors = await this.#options.store.anchorsOver(block.height);
        return anchors.length === 0 ? null : Math.min(...anchors.map(({ madeAt }) => madeAt));
      }
    }
  }

  async #records({ organization, type, from, to }: Range, { blocks }: Extent): Promise<Told | null> {
    const { store } = this.#options;
    const { events, to: end } = await store.toldEvents({
      ...{ organization, type: type === 'record.event' ? null : type, after: from, upTo: to, blocks },
      limit: MAX_TOLD,
    });
    if (end === null) return null;
    const last = events.at(-1);
    if (last === undefined) return { to: end, message: null };
    const block = await store.block(last.height);
    return {
      to: to ?? end,
      message: {
        at: block?.sealedAt ?? 0,
        data: {
          events: events.map(({ record, kind, sequence, type: of, void: why }) => ({
            ...{ record: toHex(record), kind, sequence, type: of },
            ...(why === null ? {} : { void: why }),
          })),
        },
      },
    };
  }

  async #others({ organization, type, from }: Range): Promise<Told | null> {
    const event = await this.#options.store.webhookEvent({ organization, type, after: from.place });
    return event === null
      ? null
      : { to: { place: event.id, sub: 0 }, message: { at: event.at, data: event.data } };
  }

  /** The positions below these heights. Blocks never change: those of the last time are remembered. */
  async #endsOf(heights: readonly number[]): Promise<ReadonlyMap<number, number>> {
    const missing = [...new Set(heights)].filter((height) => height > 0 && !this.#ends.has(height));
    const blocks =
      missing.length === 0 ? [] : await this.#options.store.blocksAt(missing.map((height) => height - 1));
    const ends = new Map(heights.map((height) => [height, this.#ends.get(height) ?? 0]));
    for (const block of blocks) ends.set(block.height + 1, block.firstPosition + block.entryCount);
    this.#ends = ends;
    return ends;
  }
}

function isNotarization(type: WebhookType): type is NotarizationType {
  return Object.hasOwn(STATUS, type);
}
