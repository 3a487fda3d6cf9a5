import type { TileId } from '../proof/index.js';

/** Reads a published log (c2sp.org/tlog-tiles). null: the log does not serve it. */
export interface LogSource {
  checkpoint(): Promise<string | null>;
  tile(tile: TileId): Promise<Uint8Array | null>;
  entryBundle(index: number, width: number): Promise<Uint8Array | null>;
  /**
   * The state statements of the blocks from height `first` on, null for those without. Other implementations have
   * none.
   */
  statements?(first: number, count: number): Promise<readonly (string | null)[] | null>;
  /** The change list of a block. Other implementations have none. */
  changes?(height: number): Promise<Uint8Array | null>;
  /**
   * Reads leaf hashes from this position on into `target`, as many as fit. Other implementations have none.
   * @returns the number of bytes received, `target.length + 1` for any longer response; null: not all of them are
   *   sealed there
   */
  leaves?(first: number, target: Uint8Array): Promise<number | null>;
  /** Its key statements: the body of `GET /v1/log-keys`. Other implementations have none. */
  keyStatements?(): Promise<string | null>;
}

export interface LogFinding {
  /** `checkpoint`, `log keys`, `block 12`, `tile/0/000`, `tile/entries/000`. */
  readonly where: string;
  /** The value at fault, as named in the docs. */
  readonly what: string;
  readonly expected: string;
  readonly found: string;
}
