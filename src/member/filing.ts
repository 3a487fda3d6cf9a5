import { indexPath, levelWidth, rowPath, TILE_WIDTH, type TileId } from '../proof/index.js';
import { type Archive, ArchiveError, isSame } from './archive.js';

/** The most that an archive waits for at once: each write lasts until it is on disk. */
const WRITES_AT_ONCE = 16;

/** How long the rows of an archive are. */
export interface Lengths {
  readonly blocks: number;
  readonly entries: number;
}

export const NOTHING: Lengths = { blocks: 0, entries: 0 };

/** A growing row of items, filed 256 at a time. */
export class Row<T> {
  #index: number;
  #items: T[];
  readonly #file: (index: number, items: readonly T[]) => Promise<void>;

  /** @param last those at the end of `length` that do not fill a file */
  constructor(
    length: number,
    last: readonly T[],
    file: (index: number, items: readonly T[]) => Promise<void>,
  ) {
    this.#index = Math.floor(length / TILE_WIDTH);
    this.#items = [...last];
    this.#file = file;
  }

  async add(items: readonly T[]): Promise<void> {
    for (const item of items) {
      this.#items.push(item);
      if (this.#items.length < TILE_WIDTH) continue;
      await this.#file(this.#index, this.#items);
      this.#index++;
      this.#items = [];
    }
  }

  async end(): Promise<void> {
    if (this.#items.length > 0) await this.#file(this.#index, this.#items);
  }
}

/** Writes what an archive lacks, several files at a time. */
export class Filing {
  written = 0;
  mended = 0;
  /** Folders with the partial tiles of tiles that are full now. */
  readonly outgrown: string[] = [];
  readonly #archive: Archive;
  readonly #check: boolean;
  /** What the archive has by its checkpoint. */
  readonly #had: Lengths;
  readonly #running = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | null = null;

  constructor(archive: Archive, check: boolean, had: Lengths) {
    this.#archive = archive;
    this.#check = check;
    this.#had = had;
  }

  /** A file of a row of headers, statements (`blocks`) or leaf hashes (`entries`). */
  async row(
    folder: string,
    of: keyof Lengths,
    file: Pick<TileId, 'index' | 'width'>,
    bytes: Uint8Array,
  ): Promise<void> {
    await this.#file(folder, this.#had[of], file, bytes);
  }

  async tile(tile: TileId, bytes: Uint8Array): Promise<void> {
    await this.#file(`tile/${tile.level}`, levelWidth(this.#had.blocks, tile.level), tile, bytes);
  }

  async changes(height: number, bytes: Uint8Array): Promise<void> {
    await this.#put(`v1/blocks/${height}/changes`, bytes, height < this.#had.blocks);
  }

  /** @param had how long the row is in the archive */
  async #file(
    folder: string,
    had: number,
    { index, width }: Pick<TileId, 'index' | 'width'>,
    bytes: Uint8Array,
  ): Promise<void> {
    await this.#put(`${folder}/${rowPath(index, width)}`, bytes, index * TILE_WIDTH + width <= had);
    const full = Math.floor(had / TILE_WIDTH);
    // Those of the tile before, if a call ended before it could remove them.
    const isOutgrown = (index === full && had % TILE_WIDTH > 0) || (this.#check && index === full - 1);
    if (width === TILE_WIDTH && isOutgrown) this.outgrown.push(`${folder}/${indexPath(index)}.p`);
  }

  /** @param isKnown whether it should be there already */
  async #put(name: string, bytes: Uint8Array, isKnown: boolean): Promise<void> {
    while (this.#running.size >= WRITES_AT_ONCE) await Promise.race(this.#running);
    if (this.#failure !== null) throw this.#failure.error;
    const running = this.#complete(name, bytes, isKnown)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #complete(name: string, bytes: Uint8Array, isKnown: boolean): Promise<void> {
    const there = await this.#archive.read(name);
    if (isSame(there, bytes)) return;
    // What nobody was shown a checkpoint of is what an interrupted call has left: the same bytes, or of another log.
    if (there !== null && !this.#check) throw new ArchiveError('differs', name);
    await this.write(name, bytes, isKnown || there !== null);
  }

  /** Writes or replaces a file. @param isMended whether what was there was missing or wrong */
  async write(name: string, bytes: Uint8Array, isMended: boolean): Promise<void> {
    await this.#archive.write(name, bytes);
    this.written++;
    if (isMended) this.mended++;
  }

  /** Resolves when nothing is being written. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Resolves when everything is written; rejects with what has failed. */
  async settled(): Promise<void> {
    await this.idle();
    if (this.#failure !== null) throw this.#failure.error;
  }
}
