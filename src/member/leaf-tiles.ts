import { leafTileWidths, assertTile } from './block-tree.js';
import type { WalkedHeader } from './header-walk.js';
import type { RemoteLog } from './remote-log.js';

/** Requests at a time: enough to hide the way there and back, few enough to leave the operator alone. */
const REQUESTS = 16;
/** Tiles asked for ahead of the block that is being checked: half a megabyte. */
const AHEAD = 64;

export interface ServedBlock extends WalkedHeader {
  readonly leafTiles: readonly Uint8Array[];
}

/** Each block with the leaf hashes that are served for it, in order; those of the next are on their way meanwhile. */
export async function* withLeafTiles(
  headers: AsyncIterable<WalkedHeader>,
  source: RemoteLog,
): AsyncGenerator<ServedBlock> {
  const limit = new Limit(REQUESTS);
  const queue: { walked: WalkedHeader; tiles: Promise<Uint8Array[]>; count: number }[] = [];
  let ahead = 0;
  const first = async function* () {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      ahead -= next.count;
      yield { ...next.walked, leafTiles: await next.tiles };
      if (ahead < AHEAD) return;
    }
  };
  for await (const walked of headers) {
    const { header } = walked;
    const widths = leafTileWidths(header);
    const tiles = Promise.all(
      widths.map((width, index) =>
        limit.run(async () =>
          assertTile(
            await source.blockTile(header.height, { level: 0, index, width }),
            width,
            `tile ${index} of block ${header.height}`,
          ),
        ),
      ),
    );
    // Whoever stops reading does not wait for the rest; nobody else must be told of its failure.
    tiles.catch(() => undefined);
    queue.push({ walked, tiles, count: widths.length });
    ahead += widths.length;
    if (ahead >= AHEAD) yield* first();
  }
  while (queue.length > 0) yield* first();
}

/** Lets `count` at a time do their work. */
class Limit {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free--;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}
