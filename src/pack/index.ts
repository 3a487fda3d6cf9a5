/**
 * The evidence pack: proofs in parts that stock tools can check, for a lawyer or a court expert
 * (docs/evidence-pack.md). Pure, as proof/ is: it runs in the command line and in the browser.
 */
export { buildPack, MAX_PACKED_DOCUMENT, type PackInput } from './pack.js';
export { zipPack } from './zip.js';
