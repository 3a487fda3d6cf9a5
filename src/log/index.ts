export { keyStatementsJson, showKeyStatements } from './key-statements.js';
export { LogReader, PublishedLog, type ChainState } from './published-log.js';
export { parseNotarizationId, type Disclosure, type Notarization, Notarizations } from './notarizations.js';
export { Register, type Registered } from './register.js';
export { CosignedView, type CosignedCount } from './cosigned-view.js';
export {
  Cosigning,
  type CosigningOptions,
  type CosigningProblem,
  type CosigningStatus,
} from './cosigning.js';
