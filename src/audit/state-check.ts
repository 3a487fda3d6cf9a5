import { statementFault } from '../log/state-statements.js';
import { isZero, toHex } from '../proof/index.js';
import { stateHash } from '../proof/time/state.js';
import type { ChainRows, ChainSnapshot } from '../store/index.js';
import { finding, type Findings } from './finding.js';
import { RowReader } from './row-reader.js';

const PAGE = 256;

/** Reads the state statements alongside the blocks, and compares them with the headers. */
export class StateCheck {
  readonly #rows: RowReader<'state_statement'>;
  readonly #findings: Findings;

  private constructor(rows: RowReader<'state_statement'>, findings: Findings) {
    this.#rows = rows;
    this.#findings = findings;
  }

  static async open(snapshot: ChainSnapshot, findings: Findings): Promise<StateCheck> {
    return new StateCheck(await RowReader.open(snapshot, 'state_statement', PAGE), findings);
  }

  /** The statement of the block of this height; null: there is none. Names those of blocks that are not there. */
  async at(height: number): Promise<string | null> {
    for (let row = this.#before(height); row !== null; row = this.#before(height)) {
      const message = `There is a state statement of block ${row.height}, but the chain has no such block.`;
      this.#findings.add(finding('state_statement', { height: row.height }, null, 'extra', message));
      await this.#rows.next();
    }
    const { row } = this.#rows;
    if (row === null || Number(row.height) !== height) return null;
    await this.#rows.next();
    return row.statement;
  }

  /** @param state of the header as it was mined */
  check(height: number, state: Uint8Array, statement: string | null): void {
    const fault = statementFault(state, statement);
    if (fault === null) return;
    const message = `The state statement of block ${height} ${statement === null ? 'is missing' : fault}.`;
    const problem = statement === null ? 'missing' : isZero(state) ? 'extra' : 'state_mismatch';
    const values = { expected: toHex(state), found: toHex(stateHash(statement)) };
    this.#findings.add(finding('state_statement', { height }, null, problem, message, values));
  }

  #before(height: number): ChainRows['state_statement'] | null {
    const { row } = this.#rows;
    return row !== null && Number(row.height) < height ? row : null;
  }
}
