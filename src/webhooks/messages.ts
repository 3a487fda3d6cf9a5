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

/** What a webhook is told next. */
export interface Told {
  /** Up to where it goes. */
  readonly to: WebhookPlace;
  /** null: there is nothing to tell, it only goes on. */
  readonly message: { readonly at: number; readonly data: object } | null;
  /** Whether it goes just so far when it is read again later, unless something in it was erased. */
  readonly isFixed: boolean;
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

  async #notarizations(
    { organization, type, from, to }: Range & { readonly type: NotarizationType },
    { heights, positions }: Extent,
  ): Promise<Told | null> {
    const { store } = this.#options;
    const status = STATUS[type];
    const end = Math.min(positions[status], to?.place ?? Infinity);
    if (from.place >= end) return null;
    const found = await store.searchRegister({
      ...{ organization, order: 'oldest', status: 'sealed', belowHeight: heights[status] },
      ...{ beyond: from.place - 1, limit: MAX_TOLD },
    });
    const entries = found.map(({ entry }) => entry).filter(({ position }) => position < end);
    const last = entries.at(-1);
    if (last === undefined) return { to: { place: end, sub: 0 }, message: null, isFixed: true };
    const [block] = await store.blocksContaining([{ first: last.position, count: 1 }]);
    if (block === undefined) throw new Error(`the notarization at position ${last.position} has no block`);
    return {
      to: { place: to?.place ?? last.position + 1, sub: 0 },
      message: {
        at: (await this.#timeOf(status, block)) ?? block.sealedAt,
        data: { notarizations: entries.map(({ position, salt }) => notarizationId(position, salt)) },
      },
      isFixed: entries.length === MAX_TOLD,
    };
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
    if (last === undefined) return { to: end, message: null, isFixed: true };
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
      isFixed: events.length === MAX_TOLD,
    };
  }

  async #others({ organization, type, from }: Range): Promise<Told | null> {
    const event = await this.#options.store.webhookEvent({ organization, type, after: from.place });
    return event === null
      ? null
      : { to: { place: event.id, sub: 0 }, message: { at: event.at, data: event.data }, isFixed: true };
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
