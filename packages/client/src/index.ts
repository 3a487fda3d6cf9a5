/** A typed client of the API of Ingam, for browsers and Node. It needs no other package. */
export type { BlobLike, DocumentDigest, DocumentSource } from '../../verifier/src/document.js';
export * from './client.js';
export { ConnectionError, type ProblemCode, ProblemError } from './problem.js';
export type { ClientOptions } from './transport.js';
export type * from './types.js';
export * from './webhook.js';
