export { keyStatementsJson, showKeyStatements } from './key-statements.js';
export { LogReader } from './tiles.js';
export { type ChainState, PublishedLog } from './published-log.js';
export {
  NOTARIZATION_ID,
  parseNotarizationId,
  type Disclosure,
  type Notarization,
  type Place,
  NOWHERE,
  Notarizations,
} from './notarizations.js';
export { HistoryTooLarge } from './history-plan.js';
export type { HistoryReader } from './record-history.js';
export { type ListedRecord, Records } from './records.js';
export { type LogStep } from './document-history.js';
export { Register, type Registered } from './register.js';
export { Erasures } from './erasures.js';
export { Checkpoints, CosignedView } from './cosigned-view.js';
export { Cosigning, type CosigningOptions } from './cosigning.js';
