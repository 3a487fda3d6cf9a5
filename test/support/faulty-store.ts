import { StoreError, type Store } from '../../src/store/index.js';

/** The methods of a store that write. */
export type WriteMethod = 'accept' | 'commitBlock';
/** fails: nothing is written, and it is said so. lost: nothing is written. persisted: it is written; both times nobody says. */
export type Fault = 'fails' | 'lost' | 'persisted';

export interface FaultyStore {
  readonly store: Store;
  /** The next call of `method` suffers `fault`; several are suffered in the order they were asked for. */
  break(method: WriteMethod, fault: Fault): void;
  /** The next `times` questions about what became of a write are not answered. */
  hide(times: number): void;
  /** Faults that were asked for and have not come yet. */
  readonly left: number;
}

const unavailable = () => new StoreError('unavailable', 'asked for by the test');
const unknown = () => new StoreError('outcome_unknown', 'asked for by the test');

/** A store whose writes go wrong in the three ways in which writes go wrong. Everything else is the real one. */
export function faulty(real: Store): FaultyStore {
  const faults: Record<WriteMethod, Fault[]> = { accept: [], commitBlock: [] };
  let hidden = 0;
  const suffer = async <T>(method: WriteMethod, write: () => Promise<T>): Promise<T> => {
    const fault = faults[method].shift();
    if (fault === undefined) return write();
    if (fault === 'persisted') await write();
    throw fault === 'fails' ? unavailable() : unknown();
  };
  const ask = async <T>(read: () => Promise<T>): Promise<T> => {
    if (hidden === 0) return read();
    hidden--;
    throw unavailable();
  };
  return {
    store: {
      ...real,
      accept: (group) => suffer('accept', () => real.accept(group)),
      commitBlock: (commit) => suffer('commitBlock', () => real.commitBlock(commit)),
      findAccepted: (entries) => ask(() => real.findAccepted(entries)),
      findCommitted: (block) => ask(() => real.findCommitted(block)),
    },
    break: (method, fault) => {
      faults[method].push(fault);
    },
    hide: (times) => {
      hidden = times;
    },
    get left() {
      return faults.accept.length + faults.commitBlock.length + hidden;
    },
  };
}
