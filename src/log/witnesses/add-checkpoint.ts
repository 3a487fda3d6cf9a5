import {
  checkSignature,
  formatAddCheckpoint,
  parseNote,
  ProofError,
  SIZE_MEDIA_TYPE,
  utf8Decode,
  type AddCheckpoint,
  type NoteSignature,
  type Witness,
} from '../../proof/index.js';

/** What became of one request to a witness (c2sp.org/tlog-witness). */
export type Answer =
  | { readonly kind: 'cosigned'; readonly signature: NoteSignature }
  /** It has cosigned a checkpoint of this size last. */
  | { readonly kind: 'other_size'; readonly size: number }
  /** It does not want this checkpoint, and will not want it later. */
  | { readonly kind: 'refused'; readonly status: number; readonly says: string }
  /** Not now. */
  | { readonly kind: 'busy'; readonly status: number; readonly retryAfterMs: number | null }
  | { readonly kind: 'unreachable'; readonly says: string }
  /** It answered what no witness answers: a cosignature that does not hold, or no cosignature at all. */
  | { readonly kind: 'wrong_answer'; readonly says: string };

/** A cosignature is some 150 bytes. */
const MAX_ANSWER_LENGTH = 64 * 1024;

/** Asks once. Never rejects: whatever happens out there is an answer. */
export async function addCheckpoint(
  { key, url }: Witness,
  request: AddCheckpoint,
  signal: AbortSignal,
): Promise<Answer> {
  let response: Response;
  let body: string;
  try {
    response = await fetch(`${url}/add-checkpoint`, {
      method: 'POST',
      body: formatAddCheckpoint(request),
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      // A redirect would take the checkpoint to somebody whom nobody named.
      redirect: 'error',
      signal,
    });
    body = utf8Decode(await readLimited(response));
  } catch (error) {
    if (error instanceof ProofError) return { kind: 'wrong_answer', says: error.message };
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
    return { kind: 'unreachable', says: `${error instanceof Error ? error.message : String(error)}${cause}` };
  }
  return read(response, body, key, request.note);
}

function read({ status, headers }: Response, body: string, key: Witness['key'], asked: string): Answer {
  if (status === 200) return readCosignature(body, key, asked);
  if (status === 409 && headers.get('content-type')?.split(';')[0]?.trim() === SIZE_MEDIA_TYPE) {
    const size = /^(0|[1-9][0-9]{0,15})\n$/.exec(body)?.[1];
    return size === undefined || !Number.isSafeInteger(Number(size))
      ? { kind: 'wrong_answer', says: 'it answers 409 with something that is not a size' }
      : { kind: 'other_size', size: Number(size) };
  }
  if (status === 429 || status >= 500) return { kind: 'busy', status, retryAfterMs: retryAfterMs(headers) };
  return { kind: 'refused', status, says: body.trim().slice(0, 200) };
}

/** Lines of keys that nobody asked for are dropped. */
function readCosignature(body: string, key: Witness['key'], asked: string): Answer {
  try {
    const { text } = parseNote(asked);
    const note = parseNote(`${text}\n${body}`);
    // A blank line in the answer would make another text of it.
    const state = note.text === text ? checkSignature(note, key).state : 'bad';
    const signature = note.signatures.find(
      ({ name, keyId }) => name === key.name && keyId.every((byte, i) => byte === key.keyId[i]),
    );
    return state === 'good' && signature !== undefined
      ? { kind: 'cosigned', signature }
      : {
          kind: 'wrong_answer',
          says:
            state === 'absent'
              ? `its answer holds no cosignature of ${key.name}`
              : 'its cosignature does not hold',
        };
  } catch (error) {
    if (error instanceof ProofError) return { kind: 'wrong_answer', says: error.message };
    throw error;
  }
}

/** RFC 9110 §10.2.3, as seconds; a date is for caches. */
function retryAfterMs(headers: Headers): number | null {
  const value = headers.get('retry-after') ?? '';
  return /^[0-9]{1,6}$/.test(value) ? Number(value) * 1000 : null;
}

async function readLimited(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > MAX_ANSWER_LENGTH) throw new ProofError('malformed_note', 'its answer does not end');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
