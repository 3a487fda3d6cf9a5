import { equal, fromBase64, toBase64, toHex } from './bytes.js';
import { isObject, parseStrictJson, type Json, type JsonObject } from './canonical-json.js';
import { parseCheckpoint, type Checkpoint } from './checkpoint.js';
import { ProofError } from './errors.js';
import { HASH_LENGTH, leafHash } from './hash.js';
import { blockHash, decodeHeader, successionFault, type Header, type SuccessionFault } from './header.js';
import { inclusionPathLength, rootFromInclusionPath, verifyConsistency } from './merkle.js';
import { checkSignature } from './note-signature.js';
import { formatNote, parseNote, type Note } from './note.js';
import {
  type EventFault,
  type EventStep,
  eventStepFault,
  eventStepJson,
  eventStepOf,
  type NoFault,
} from './records/event-evidence.js';
import { mapStepFault, mapStepJson, mapStepOf, type MapStep } from './records/map-evidence.js';
import type { MapFault } from './records/map-step.js';
import type { VerifierKey } from './verifier-key.js';

/**
 * A self-contained file that shows that a log has signed what no honest log signs (docs/members.md,
 * "Evidence").
 */
export const EVIDENCE_FORMAT = 'ingam-evidence-v1';

/** A header in the log, and the inclusion path that proves its index. */
export interface ShownHeader {
  readonly index: number;
  readonly header: Uint8Array;
  readonly path: readonly Uint8Array[];
}

/** Two checkpoints of one log, of which the larger does not extend the smaller. */
export interface ForkEvidence {
  readonly kind: 'fork';
  /** The smaller one; either, when both have one size. */
  readonly first: Note;
  readonly second: Note;
  /**
   * The root over the first `first.size` blocks of the second tree, with the consistency proof; null when
   * both checkpoints have one size.
   */
  readonly prefix: { readonly root: Uint8Array; readonly path: readonly Uint8Array[] } | null;
}

/** A checkpoint over a block that breaks a rule of the chain. */
export interface RuleEvidence {
  readonly kind: 'rule';
  readonly checkpoint: Note;
  readonly block: ShownHeader;
  /** The previous block; null for the first. */
  readonly previous: ShownHeader | null;
  /** The first block, whose difficulty is the chain's minimum; null when it is `block` or `previous`. */
  readonly first: ShownHeader | null;
}

/** A checkpoint over a block whose map of records does not follow from the map before. */
export interface MapEvidence {
  readonly kind: 'map';
  readonly checkpoint: Note;
  readonly block: ShownHeader;
  /** The previous block; null for the first. */
  readonly previous: ShownHeader | null;
  readonly step: MapStep;
}

/** A checkpoint over a block that drops a valid event of a record, or applies one that is not valid. */
export interface EventEvidence {
  readonly kind: 'event';
  readonly checkpoint: Note;
  readonly block: ShownHeader;
  readonly step: EventStep;
}

export type Evidence = ForkEvidence | RuleEvidence | MapEvidence | EventEvidence;

/** What valid evidence shows, or why it shows nothing. */
export type EvidenceVerdict =
  | {
      readonly holds: true;
      readonly kind: 'fork';
      readonly origin: string;
      readonly sizes: readonly [number, number];
    }
  | {
      readonly holds: true;
      readonly kind: 'rule';
      readonly origin: string;
      readonly height: number;
      readonly rule: SuccessionFault | 'malformed_header';
    }
  | {
      readonly holds: true;
      readonly kind: 'map';
      readonly origin: string;
      readonly height: number;
      readonly fault: MapFault | 'malformed_state';
    }
  | ({
      readonly holds: true;
      readonly kind: 'event';
      readonly origin: string;
      readonly height: number;
    } & EventFault)
  | ({ readonly holds: false; readonly message: string } & Omit<NoFault, 'nothing'>);

/** The text of an evidence file, with a final LF. */
export function formatEvidence(evidence: Evidence): string {
  const shown = (header: ShownHeader | null) =>
    header === null
      ? null
      : { index: header.index, header: toBase64(header.header), path: header.path.map(toBase64) };
  return `${JSON.stringify({ format: EVIDENCE_FORMAT, kind: evidence.kind, ...body() }, null, 2)}\n`;

  function body(): object {
    switch (evidence.kind) {
      case 'fork': {
        const { first, second, prefix } = evidence;
        const shownPrefix =
          prefix === null ? null : { root: toBase64(prefix.root), path: prefix.path.map(toBase64) };
        return { first: formatNote(first), second: formatNote(second), prefix: shownPrefix };
      }
      case 'rule': {
        const { checkpoint, block, previous, first } = evidence;
        const headers = { block: shown(block), previous: shown(previous), first: shown(first) };
        return { checkpoint: formatNote(checkpoint), ...headers };
      }
      case 'map': {
        const { checkpoint, block, previous, step } = evidence;
        const headers = { block: shown(block), previous: shown(previous) };
        return { checkpoint: formatNote(checkpoint), ...headers, step: mapStepJson(step) };
      }
      case 'event': {
        const { checkpoint, block, step } = evidence;
        return { checkpoint: formatNote(checkpoint), block: shown(block), step: eventStepJson(step) };
      }
    }
  }
}

/** @throws {ProofError} malformed_proof and others; unsupported_format when it is another format */
export function parseEvidence(text: string): Evidence {
  const file = parseStrictJson(text);
  if (!isObject(file) || file['format'] !== EVIDENCE_FORMAT)
    throw new ProofError('unsupported_format', `not evidence: "format" must be "${EVIDENCE_FORMAT}"`);
  switch (file['kind']) {
    case 'fork':
      assertKeys(file, ['format', 'kind', 'first', 'second', 'prefix']);
      return {
        kind: 'fork',
        first: noteAt(file, 'first'),
        second: noteAt(file, 'second'),
        prefix: file['prefix'] === null ? null : prefixOf(file['prefix']),
      };
    case 'rule':
      assertKeys(file, ['format', 'kind', 'checkpoint', 'block', 'previous', 'first']);
      return {
        kind: 'rule',
        checkpoint: noteAt(file, 'checkpoint'),
        block: headerOf(file['block']),
        previous: file['previous'] === null ? null : headerOf(file['previous']),
        first: file['first'] === null ? null : headerOf(file['first']),
      };
    case 'map':
      assertKeys(file, ['format', 'kind', 'checkpoint', 'block', 'previous', 'step']);
      return {
        kind: 'map',
        checkpoint: noteAt(file, 'checkpoint'),
        block: headerOf(file['block']),
        previous: file['previous'] === null ? null : headerOf(file['previous']),
        step: mapStepOf(file['step']),
      };
    case 'event':
      assertKeys(file, ['format', 'kind', 'checkpoint', 'block', 'step']);
      return {
        kind: 'event',
        checkpoint: noteAt(file, 'checkpoint'),
        block: headerOf(file['block']),
        step: eventStepOf(file['step']),
      };
    default:
      throw malformed('"kind" is "fork", "rule", "map" or "event"');
  }
}

/** Whether `evidence` shows what it claims. Each checkpoint must be signed with one of `keys`. */
export function checkEvidence(evidence: Evidence, ...keys: readonly VerifierKey[]): EvidenceVerdict {
  try {
    switch (evidence.kind) {
      case 'fork':
        return checkFork(evidence, keys);
      case 'rule':
        return checkRule(evidence, keys);
      case 'map':
        return checkMap(evidence, keys);
      case 'event':
        return checkEvent(evidence, keys);
    }
  } catch (error) {
    if (error instanceof ProofError) return no(error.message);
    throw error;
  }
}

function checkFork({ first, second, prefix }: ForkEvidence, keys: readonly VerifierKey[]): EvidenceVerdict {
  const [a, b] = [signedBy(first, keys), signedBy(second, keys)];
  if (typeof a === 'string') return no(a);
  if (typeof b === 'string') return no(b);
  if (a.origin !== b.origin) return no('the checkpoints are of two different logs');
  const found = { holds: true, kind: 'fork', origin: a.origin, sizes: [a.size, b.size] } as const;
  if (a.size === b.size) {
    return equal(a.root, b.root) ? no('both checkpoints have the same root') : found;
  }
  if (prefix === null) return no('the checkpoints have two sizes, and there is no consistency proof');
  if (!verifyConsistency(a.size, b.size, prefix.root, b.root, prefix.path))
    return no('the consistency proof does not lead to the second checkpoint');
  return equal(prefix.root, a.root) ? no('the second checkpoint extends the first') : found;
}

function checkRule(
  { checkpoint, block, previous, first }: RuleEvidence,
  keys: readonly VerifierKey[],
): EvidenceVerdict {
  const signed = signedBy(checkpoint, keys);
  if (typeof signed === 'string') return no(signed);
  const shown = [block, previous, first].filter((header) => header !== null);
  if (!shown.every((header) => isIncluded(header, signed))) return no('a header is not in the signed tree');
  if ((previous?.index ?? -1) !== block.index - 1) return no('the header of the previous block is missing');
  const genesis = first ?? previous ?? block;
  if (genesis.index !== 0) return no('the first header is missing');
  const found = { holds: true, kind: 'rule', origin: signed.origin, height: block.index } as const;
  if (!isHeader(block.header)) return { ...found, rule: 'malformed_header' };
  const before =
    previous === null ? null : { header: decodeHeader(previous.header), hash: blockHash(previous.header) };
  const minimum = decodeHeader(genesis.header).difficulty;
  const rule = successionFault(block.header, before, minimum);
  return rule === null ? no('the block breaks no rule') : { ...found, rule };
}

function checkMap(
  { checkpoint, block, previous, step }: MapEvidence,
  keys: readonly VerifierKey[],
): EvidenceVerdict {
  const signed = signedBy(checkpoint, keys);
  if (typeof signed === 'string') return no(signed);
  const shown = [block, previous].filter((header) => header !== null);
  if (!shown.every((header) => isIncluded(header, signed))) return no('a header is not in the signed tree');
  if ((previous?.index ?? -1) !== block.index - 1) return no('the header of the previous block is missing');
  const before = previous === null ? null : decodeHeader(previous.header);
  const found = mapStepFault(step, signed.origin, decodeHeader(block.header), before);
  if ('nothing' in found) return no(found.nothing);
  return { holds: true, kind: 'map', origin: signed.origin, height: block.index, fault: found.fault };
}

function checkEvent(
  { checkpoint, block, step }: EventEvidence,
  keys: readonly VerifierKey[],
): EvidenceVerdict {
  const signed = signedBy(checkpoint, keys);
  if (typeof signed === 'string') return no(signed);
  if (!isIncluded(block, signed)) return no('the header is not in the signed tree');
  const header = decodeHeader(block.header);
  if (header.height !== block.index)
    return no('the header has another height, which evidence of a rule shows');
  const context = { checkpoint: signed, block: header, signed: (note: Note) => signedBy(note, keys) };
  const found = eventStepFault(step, context);
  if ('nothing' in found) {
    const { nothing: message, ...more } = found;
    return { holds: false, message, ...more };
  }
  return { holds: true, kind: 'event', origin: signed.origin, height: block.index, ...found };
}

function signedBy(note: Note, keys: readonly VerifierKey[]): Checkpoint | string {
  const checkpoint = parseCheckpoint(note.text);
  const own = keys.filter(({ name }) => name === checkpoint.origin);
  if (own.length === 0) return `a checkpoint is of another log, ${checkpoint.origin}`;
  return own.some((key) => checkSignature(note, key).state === 'good')
    ? checkpoint
    : `a checkpoint is not signed by ${own.map(({ name, keyId }) => `${name} (${toHex(keyId)})`).join(' or ')}`;
}

function isIncluded({ index, header, path }: ShownHeader, { size, root }: Checkpoint): boolean {
  if (index >= size || path.length !== inclusionPathLength(index, size)) return false;
  return equal(rootFromInclusionPath(leafHash(header), index, size, path), root);
}

/** Whether the bytes are a well-formed header. */
function isHeader(bytes: Uint8Array): boolean {
  let header: Header | null = null;
  try {
    header = decodeHeader(bytes);
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
  }
  return header !== null;
}

function prefixOf(value: Json | undefined): NonNullable<ForkEvidence['prefix']> {
  if (!isObject(value)) throw malformed('"prefix" is an object or null');
  assertKeys(value, ['root', 'path']);
  return { root: hashOf(value['root']), path: pathOf(value['path']) };
}

function headerOf(value: Json | undefined): ShownHeader {
  if (!isObject(value)) throw malformed('a header is an object with index, header and path');
  assertKeys(value, ['index', 'header', 'path']);
  const index = value['index'];
  if (typeof index !== 'number' || index < 0) throw malformed('"index" is an integer of 0 or more');
  if (typeof value['header'] !== 'string') throw malformed('"header" is a string');
  return { index, header: fromBase64(value['header'], 'a header'), path: pathOf(value['path']) };
}

function pathOf(value: Json | undefined): Uint8Array[] {
  if (!Array.isArray(value) || value.length > 64) throw malformed('"path" is an array of at most 64 hashes');
  return (value as readonly Json[]).map(hashOf);
}

function hashOf(value: Json | undefined): Uint8Array {
  if (typeof value !== 'string') throw malformed('a hash is a string');
  return fromBase64(value, 'a hash', HASH_LENGTH);
}

function noteAt(file: JsonObject, key: string): Note {
  const value = file[key];
  if (typeof value !== 'string') throw malformed(`"${key}" is a string`);
  return parseNote(value);
}

function assertKeys(object: JsonObject, keys: readonly string[]): void {
  for (const key of keys) if (!Object.hasOwn(object, key)) throw malformed(`"${key}" is missing`);
  for (const key of Object.keys(object))
    if (!keys.includes(key)) throw malformed(`"${key.slice(0, 40)}" is not known`);
}

function no(message: string): EvidenceVerdict {
  return { holds: false, message };
}

function malformed(message: string): ProofError {
  return new ProofError('malformed_proof', message);
}
