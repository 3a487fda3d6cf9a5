export { keyStatementsJson, showKeyStatements } from './key-statements.js';
export { LogReader } from './log-reader.js';
export { notarizationId, parseNotarizationId, type Disclosure, type Notarization } from './notarization.js';
export { Notarizations } from './notarizations.js';
export { Register, type Registered } from './register.js';
export { PublishedLog, type ChainState } from './published-log.js';
export { CosignedView, type CosignedCount } from './witnesses/cosigned-view.js';
export { Cosigning, type CosigningOptions } from './witnesses/cosigning.js';
export type { WitnessProblem, WitnessStatus } from './witnesses/witness-client.js';
