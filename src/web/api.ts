import { connection } from './connection.js';
import { address, jsonRequest, parse, readBlob, readJson, request, whole } from './request.js';
import {
  ownProblem,
  readProblem,
  RefusedError,
  UnreachableError,
  type Accepted,
  type Block,
  type Chain,
  type Details,
  type DocumentInput,
  type Lookup,
  type Notarization,
} from './resources.js';
import { session, sessionRequest } from './session/index.js';

/** The service's calls. Each rejects with RefusedError, UnreachableError, or the AbortError of its signal. */

export function chain(signal?: AbortSignal): Promise<Chain> {
  return getPublic('v1/chain', signal);
}

export function block(height: number, signal?: AbortSignal): Promise<Block> {
  return getPublic(`v1/blocks/${height}`, signal);
}

export function notarization(id: string, signal?: AbortSignal): Promise<Notarization> {
  return getJson(`v1/notarizations/${id}`, signal);
}

export function lookUp(sha256: string, signal?: AbortSignal): Promise<Lookup> {
  return getJson(`v1/verify/${sha256}`, signal);
}

/** The text of the proof: of a pending one while the notarization is not sealed. */
export async function proofText(id: string, signal?: AbortSignal): Promise<string> {
  const path = `v1/notarizations/${id}/proof`;
  const response = await sessionRequest(path, signal === undefined ? {} : { signal });
  return whole(response.text());
}

/** The certificate of a sealed notarization, in the language and with the local times of the reader. */
export async function certificate(
  id: string,
  language: string,
  timeZone: string,
  signal?: AbortSignal,
): Promise<Blob> {
  const query = new URLSearchParams({ lang: language, tz: timeZone });
  const path = `v1/notarizations/${id}/certificate.pdf?${query}`;
  return readBlob(await sessionRequest(path, signal === undefined ? {} : { signal }));
}

/** Safe to repeat with the same key and documents: what was accepted is answered again, not accepted again. */
export async function notarizeDigests(
  documents: readonly DocumentInput[],
  key: string,
  signal?: AbortSignal,
): Promise<Accepted> {
  const { headers, ...rest } = jsonRequest('POST', { documents });
  const response = await sessionRequest('v1/notarizations', {
    ...rest,
    headers: { ...headers, 'Idempotency-Key': key },
    ...(signal === undefined ? {} : { signal }),
  });
  return (await readJson(response)) as Accepted;
}

/**
 * Sends the file itself; only XMLHttpRequest tells how far an upload has come. Safe to repeat, as notarizeDigests is.
 * @param details null: none beside the file's name, which goes with the file
 * @param onSent told how many bytes of the request have left
 */
export function upload(
  file: File,
  details: Details | null,
  key: string,
  onSent: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Accepted> {
  return session.run(true, (headers) =>
    uploadOnce(file, details, { ...headers, 'Idempotency-Key': key }, onSent, signal),
  );
}

function uploadOnce(
  file: File,
  details: Details | null,
  headers: Readonly<Record<string, string>>,
  onSent: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Accepted> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    const cancel = () => {
      call.abort();
    };
    const settle = (finish: () => void) => () => {
      signal.removeEventListener('abort', cancel);
      finish();
    };
    call.open('POST', address('v1/notarizations'));
    for (const [name, value] of Object.entries(headers)) call.setRequestHeader(name, value);
    call.setRequestHeader('Accept', 'application/json');
    call.upload.onprogress = (event) => {
      onSent(event.loaded);
    };
    call.onload = settle(() => {
      connection.reached();
      try {
        resolve(readUpload(call));
      } catch (error) {
        reject(error instanceof Error ? error : ownProblem('not_understood'));
      }
    });
    call.onerror = settle(() => {
      connection.lost();
      reject(new UnreachableError());
    });
    call.onabort = settle(() => {
      reject(signal.reason instanceof Error ? signal.reason : new DOMException('aborted', 'AbortError'));
    });
    signal.addEventListener('abort', cancel);
    const form = new FormData();
    // Before the file: the service knows what belongs to it when it comes.
    if (details !== null) form.append('details', JSON.stringify(details));
    form.append('file', file, file.name);
    call.send(form);
  });
}

function readUpload(call: XMLHttpRequest): Accepted {
  if (call.status >= 200 && call.status < 300) return parse(call.responseText) as Accepted;
  throw new RefusedError(readProblem(call.status, call.responseText, call.getResponseHeader('Retry-After')));
}

/** The stream of what becomes of one notarization; the caller closes it. */
export function events(id: string): EventSource {
  return new EventSource(address(`v1/notarizations/${id}/events`));
}

/** Of what everybody may see. */
async function getPublic<T>(path: string, signal: AbortSignal | undefined): Promise<T> {
  return (await readJson(await request(path, signal === undefined ? {} : { signal }))) as T;
}

/** Of what depends on who asks. */
async function getJson<T>(path: string, signal: AbortSignal | undefined): Promise<T> {
  return (await readJson(await sessionRequest(path, signal === undefined ? {} : { signal }))) as T;
}
