export { notarizationId, parseNotarizationId, type Notarization } from './notarization.js';
export { Notarizations } from './notarizations.js';
export { PublishedLog, type ChainState } from './published-log.js';
