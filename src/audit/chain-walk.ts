import { MAX_BLOCK_ENTRIES } from '../proof/index.js';
import type { ChainSnapshot } from '../store/index.js';
import { BlockCheck, TileRows } from './block-check.js';
import { CheckpointCheck, type CheckpointRow, type CheckpointNotes } from './checkpoint-check.js';
import type { EntryCheck } from './entry-check.js';
import { finding, type Findings } from './finding.js';
import { type BlockRow, HeaderCheck, type KnownBlock } from './header-check.js';
import { LogCheck } from './log-check.js';
import { RowReader } from './row-reader.js';
import { StateCheck } from './state-check.js';

const PAGE = 256;

/** Walks up the chain, height by height, through all tables that a block has rows in. */
export class ChainWalk {
  readonly #blocks: RowReader<'block'>;
  readonly #tiles: TileRows;
  readonly #states: StateCheck;
  readonly #trees: BlockCheck;
  readonly #checkpoints: CheckpointCheck;
  readonly #notes: CheckpointNotes;
  readonly #log: LogCheck;
  readonly #headers: HeaderCheck;
  readonly #findings: Findings;
  /** Number of blocks, their entries, and the last block if its header is known. */
  height = 0;
  sealed = 0;
  tip: KnownBlock | null = null;

  private constructor(
    blocks: RowReader<'block'>,
    tiles: TileRows,
    states: StateCheck,
    trees: BlockCheck,
    checkpoints: CheckpointCheck,
    notes: CheckpointNotes,
    log: LogCheck,
    findings: Findings,
  ) {
    this.#blocks = blocks;
    this.#tiles = tiles;
    this.#states = states;
    this.#trees = trees;
    this.#checkpoints = checkpoints;
    this.#notes = notes;
    this.#log = log;
    this.#headers = new HeaderCheck(findings);
    this.#findings = findings;
  }

  static async open(
    snapshot: ChainSnapshot,
    entries: EntryCheck,
    notes: CheckpointNotes,
    findings: Findings,
  ): Promise<ChainWalk> {
    const tiles = await TileRows.open(snapshot, findings);
    return new ChainWalk(
      await RowReader.open(snapshot, 'block', PAGE),
      tiles,
      await StateCheck.open(snapshot, findings),
      new BlockCheck(tiles, entries, findings),
      await CheckpointCheck.open(snapshot, notes, findings),
      notes,
      new LogCheck(snapshot, findings),
      findings,
    );
  }

  get checkpoint(): string | null {
    return this.#checkpoints.latest;
  }

  /** Checks the block of the next height; false when the chain ends below it. */
  async step(onTile: () => void): Promise<boolean> {
    const { height, sealed: first } = this;
    const row = await this.#rowAt(height);
    const checkpoint = await this.#checkpoints.at(height + 1);
    if (!(await this.#exists(height, row, checkpoint))) return this.#skipGap();
    const next = this.#rowOf(row === null ? this.#blocks.row : this.#blocks.following, height + 1);
    await this.#log.ready();
    const statement = await this.#states.at(height);
    const around = {
      height,
      first,
      next,
      statement,
      signedRoot: checkpoint?.note.good === true ? checkpoint.note.root : null,
      authenticated: this.#notes.checksSignatures,
      nextSignedRoot: () => this.#checkpoints.followingRoot(height + 2),
      log: this.#log,
    };
    const findings = this.#findings.total;
    const { block: judged, checkpointAtFault, unexplained } = this.#headers.judge(row, around);
    const { count, root } = await this.#trees.check(
      {
        height,
        first,
        count: judged?.header.entryCount ?? countUpTo(next, first),
        merkleRoot: judged?.header.merkleRoot ?? null,
        sealedAt: judged?.header.sealedAt ?? null,
      },
      onTile,
    );
    const block = unexplained === null ? judged : this.#headers.explain(unexplained, around, root);
    this.#headers.succeed(height, block);
    if (block !== null) this.#states.check(height, block.header.state, statement);
    const logRoot = await this.#log.append(block?.leaf ?? null);
    const blockAtFault = !checkpointAtFault && this.#findings.total > findings;
    await this.#checkpoints.check(height + 1, checkpoint, logRoot, blockAtFault);
    if (row !== null) await this.#blocks.next();
    this.height++;
    this.sealed += count;
    this.tip = block;
    return true;
  }

  /** Names every row beyond the end of the chain. */
  async finish(): Promise<void> {
    await this.#rowAt(Infinity);
    await this.#tiles.skipTo(Infinity);
    await this.#states.at(Infinity);
    await this.#log.finish();
    await this.#checkpoints.finish();
  }

  async #rowAt(height: number): Promise<BlockRow | null> {
    for (let row = this.#blocks.row; row !== null && Number(row.height) < height; row = this.#blocks.row) {
      const message = `There is a row for block ${row.height}, but the chain has no such block, or there are two such rows.`;
      this.#findings.add(finding('block', { height: row.height }, null, 'extra', message));
      await this.#blocks.next();
    }
    return this.#rowOf(this.#blocks.row, height);
  }

  #rowOf(row: BlockRow | null, height: number): BlockRow | null {
    return row !== null && Number(row.height) === height ? row : null;
  }

  /**
   * A block has rows in three tables. Two of them outvote a third that lacks its row or has an extra one; so
   * does a signed checkpoint, or a chain that continues above.
   */
  async #exists(height: number, row: BlockRow | null, checkpoint: CheckpointRow | null): Promise<boolean> {
    const hasTiles = await this.#tiles.has(height);
    const isSigned = this.#notes.checksSignatures && checkpoint?.note.good === true;
    const votes = [row !== null, checkpoint !== null, isSigned, hasTiles].filter((vote) => vote).length;
    return votes >= 2 || (votes === 1 && this.#continuesAt(height) !== null);
  }

  /**
   * The lowest height above this one that has both a block row and a checkpoint, in the rows read so far; or
   * null.
   */
  #continuesAt(height: number): number | null {
    const heights = [this.#blocks.row, this.#blocks.following].map((row) => Number(row?.height ?? -1));
    const sizes = this.#checkpoints.ahead();
    return heights.find((at) => at > height && sizes.includes(at + 1)) ?? null;
  }

  /** No row of this height is left: continues above it, if the chain does. */
  #skipGap(): boolean {
    const above = this.#continuesAt(this.height);
    const row = this.#blocks.row;
    if (above === null || row === null) return false;
    const message = `Blocks ${this.height} to ${above - 1} are missing, with their checkpoints and tiles.`;
    this.#findings.add(finding('block', { height: this.height }, null, 'missing', message));
    this.#headers.succeed(this.height, null);
    this.#log.lose();
    this.height = above;
    if (Number(row.height) === above) this.sealed = Number(row.first_position);
    return true;
  }
}

/** The number of entries before the next block's first, if a block can have as many. */
function countUpTo(next: BlockRow | null, first: number): number | null {
  const count = next === null ? 0 : Number(next.first_position) - first;
  return count >= 1 && count <= MAX_BLOCK_ENTRIES ? count : null;
}
