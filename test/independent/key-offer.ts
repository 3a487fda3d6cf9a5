import { lineOf, readKey, readNote } from './formats.js';
import { isSignedByPasskey } from './passkey.js';
import { Malformed } from './strict-json.js';

/** "The offer of a key" of docs/signing.md: whether the key, and nothing else, has signed these four lines. */
export function isKeyOffer(
  given: string,
  key: string,
  {
    origin,
    request,
    document,
  }: { readonly origin: string; readonly request: string; readonly document: string },
): boolean {
  try {
    const note = readNote(given);
    const [line, ...others] = note.lines;
    if (line === undefined || others.length > 0) return false;
    if (note.text !== `ingam/key/v1\n${origin}\n${request}\n${document}\n`) return false;
    const [name, id, ...encoded] = key.split('+');
    if (line.name !== name || line.id.toString('hex') !== id) return false;
    if (isPasskey(encoded.join('+'))) return isSignedByPasskey(key, note.text, line.signature);
    const own = readKey(key);
    return (own.type === 1 || own.type === 255) && lineOf(note, own) === 'holds';
  } catch (error) {
    if (error instanceof Malformed) return false;
    throw error;
  }
}

const isPasskey = (encoded: string) =>
  Buffer.from(encoded, 'base64').toString('latin1').startsWith('\u00ffingam/passkey/v1\n');
