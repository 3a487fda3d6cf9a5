/** A file of a pack. */
export interface PackFile {
  /** Below the folder that the zip unpacks to, with `/`. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Collects files, each under a path of its own. */
export class Files {
  readonly #all = new Map<string, Uint8Array>();

  /** @returns the path */
  add(path: string, bytes: Uint8Array): string {
    if (this.#all.has(path)) throw new RangeError(`there are two files ${path}`);
    this.#all.set(path, bytes);
    return path;
  }

  /** By their paths. */
  get sorted(): PackFile[] {
    return [...this.#all]
      .map(([path, bytes]) => ({ path, bytes }))
      .toSorted((a, b) => (a.path < b.path ? -1 : 1));
  }
}
