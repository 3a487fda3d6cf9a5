/**
 * The formats of proofs, and their verification. Pure: bytes in, values out; no I/O, no clock, no Node, no
 * DOM. The same code runs in the service, the command line and the browser. Its specification is
 * docs/proof-format.md.
 */
export * from './bytes.js';
export * from './canonical-json.js';
export * from './certificate.js';
export * from './checkpoint.js';
export * from './entry.js';
export * from './erasure.js';
export * from './errors.js';
export * from './evidence.js';
export * from './extend.js';
export * from './hash.js';
export * from './header.js';
export * from './key-statement.js';
export * from './merkle.js';
export * from './note-signature.js';
export * from './note.js';
export * from './other-formats.js';
export * from './policy.js';
export * from './promise.js';
export * from './proof-file.js';
export * from './receipt.js';
export * from './records/changes.js';
export * from './records/event-evidence.js';
export * from './records/event.js';
export * from './records/history-file.js';
export * from './records/key-offer.js';
export * from './records/keys.js';
export * from './records/passkey.js';
export * from './records/publication.js';
export * from './records/publishable.js';
export * from './records/refusal.js';
export * from './records/rules.js';
export * from './records/state.js';
export * from './records/texts.js';
export * from './tiles.js';
export * from './time/anchor.js';
export * from './time/findings.js';
export * from './time/report.js';
export * from './time/trust.js';
export * from './verifier-key.js';
export * from './verifiers.js';
export * from './verify.js';
