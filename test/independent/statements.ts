import { lineOf, readKey, readNote, refuse, textForm } from './formats.js';

/** A key statement, and the height of the block that holds the first entry of its digest. */
export interface Placed {
  readonly note: string;
  readonly height: number;
}

/** What a trust policy says of a log with these statements. */
export interface Keys {
  readonly current: readonly string[];
  readonly retired: readonly { readonly vkey: string; readonly size: number }[];
}

/** "Key statements" of docs/proof-format.md. @throws {Malformed} for the list as a whole */
export function followStatements(statements: readonly Placed[]): Keys {
  let current: string[] = [];
  const retired: { vkey: string; size: number }[] = [];
  for (const [i, { note, height }] of statements.entries()) {
    const named = readStatement(note);
    if (i === 0) current = named.slice(0, 1);
    if (height < (statements[i - 1]?.height ?? 0)) refuse('not in the order of positions');
    const staying = named.filter((vkey) => current.includes(vkey));
    if (staying.length === 0) refuse('no key is in force before');
    if (current.some(isPostQuantum) && !staying.some(isPostQuantum)) refuse('no key of type 6 stays');
    if (named.length === current.length && named.every((vkey) => current.includes(vkey)))
      refuse('the same set');
    if (named.some((vkey) => retired.some((gone) => gone.vkey === vkey))) refuse('a key returns');
    for (const vkey of current) if (!named.includes(vkey)) retired.push({ vkey, size: height });
    current = named;
  }
  return { current, retired };
}

function readStatement(text: string): string[] {
  const note = readNote(text);
  const [first, origin, ...vkeys] = note.text.slice(0, -1).split('\n');
  if (first !== 'ingam/log-key/v1' || vkeys.length < 1 || vkeys.length > 4) refuse('statement');
  const keys = vkeys.map(readKey);
  if (keys.some(({ name, type }) => name !== origin || ![1, 6].includes(type))) refuse('keys of another log');
  if (new Set(keys.map(({ publicKey }) => publicKey.toString('hex'))).size < keys.length)
    refuse('one key twice');
  if (note.lines.length !== keys.length) refuse('another number of signatures');
  for (const [i, named] of keys.entries()) {
    const key = textForm(named);
    const line = note.lines[i];
    if (line?.name !== key.name || !line.id.equals(key.id) || lineOf(note, key) !== 'holds')
      refuse('a key without its signature');
  }
  return vkeys;
}

function isPostQuantum(vkey: string): boolean {
  return readKey(vkey).type === 6;
}
