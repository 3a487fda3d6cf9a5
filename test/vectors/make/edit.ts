import { proofText, type Wish } from './chain.js';

/** A proof file as plain JSON, to be changed in ways that the project's own types do not allow. */
export interface RawProof {
  [key: string]: unknown;
  document: Record<string, unknown>;
  entry: string;
  block: { [key: string]: unknown; header: string; index: unknown; path: unknown[] };
  log: { [key: string]: unknown; path: unknown[]; checkpoint: string };
  anchors: unknown[];
}

export function edited(edit: (file: RawProof) => void, wish: Wish = {}): string {
  const file = JSON.parse(proofText(wish)) as RawProof;
  edit(file);
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** `base64` with one bit of its byte `index` flipped. */
export function flip(base64: string, index: number, bit = 0): string {
  const bytes = Buffer.from(base64, 'base64');
  bytes.writeUInt8(bytes.readUInt8(index) ^ (1 << bit), index);
  return bytes.toString('base64');
}

/** Flips a bit in the signature line `line` (from 0) of a note, at byte `index` of key id ‖ signature. */
export function flipSignature(note: string, line: number, index: number): string {
  const lines = note.split('\n');
  const at = lines.indexOf('') + 1 + line;
  const [dash, name, encoded] = (lines[at] ?? '').split(' ');
  lines[at] = [dash, name, flip(encoded ?? '', index)].join(' ');
  return lines.join('\n');
}

/** The note with line `line` of its text (from 0) replaced. */
export function withLine(note: string, line: number, text: string): string {
  const lines = note.split('\n');
  lines[line] = text;
  return lines.join('\n');
}
