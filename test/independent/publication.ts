import { lineOf, readKey, readNote } from './formats.js';
import { isSignedByPasskey } from './passkey.js';
import { Malformed } from './strict-json.js';

const CHOICES = {
  work: 'title kind authors creation documents licences licensees disputes keys history search',
  item: 'title serial features documents appraisals reports keys history search',
};

/** "Publishing a record" of docs/record-files.md: what the note shows and when it was signed; null: it is not good. */
export function publicationOf(
  given: string,
  {
    origin,
    record,
    kind,
    holder,
  }: {
    readonly origin: string;
    readonly record: string;
    readonly kind: 'work' | 'item';
    readonly holder: string;
  },
): { readonly shows: readonly string[]; readonly time: number } | null {
  try {
    const note = readNote(given);
    const [line, ...others] = note.lines;
    if (line === undefined || others.length > 0) return null;
    const form = /^ingam\/publish\/v1\n([^\n]+)\n([0-9a-f]{64})\n([a-z]+(?:,[a-z]+)*)\n(0|[1-9][0-9]*)\n$/;
    const [, log, id, list = '', time] = form.exec(note.text) ?? [];
    if (log !== origin || id !== record || !Number.isSafeInteger(Number(time))) return null;
    const shows = list.split(',');
    const places = shows.map((each) => CHOICES[kind].split(' ').indexOf(each));
    if (places.some((place, i) => place < 0 || place <= (places[i - 1] ?? -1))) return null;
    const [name, keyId, ...encoded] = holder.split('+');
    if (line.name !== name || line.id.toString('hex') !== keyId) return null;
    const isPasskey = Buffer.from(encoded.join('+'), 'base64')
      .toString('latin1')
      .startsWith('\u00ffingam/passkey/v1\n');
    const own = isPasskey ? null : readKey(holder);
    const isSigned =
      own === null
        ? isSignedByPasskey(holder, note.text, line.signature)
        : (own.type === 1 || own.type === 255) && lineOf(note, own) === 'holds';
    return isSigned ? { shows, time: Number(time) } : null;
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}
