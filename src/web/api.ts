import { connection } from './connection.js';
import {
  ownProblem,
  readProblem,
  RefusedError,
  UnreachableError,
  type Accepted,
  type Block,
  type Chain,
  type Lookup,
  type Notarization,
} from './resources.js';

/** The service's calls. Each rejects with RefusedError, UnreachableError, or the AbortError of its signal. */

/** Beside the page, wherever that is mounted. */
function address(path: string): string {
  return new URL(path, document.baseURI).href;
}

export function chain(signal?: AbortSignal): Promise<Chain> {
  return getJson('v1/chain', signal);
}

export function block(height: number, signal?: AbortSignal): Promise<Block> {
  return getJson(`v1/blocks/${height}`, signal);
}

export function notarization(id: string, signal?: AbortSignal): Promise<Notarization> {
  return getJson(`v1/notarizations/${id}`, signal);
}

export function lookUp(sha256: string, signal?: AbortSignal): Promise<Lookup> {
  return getJson(`v1/verify/${sha256}`, signal);
}

/** The text of the proof: of a pending one while the notarization is not sealed. */
export async function proofText(id: string, signal?: AbortSignal): Promise<string> {
  return (await request(`v1/notarizations/${id}/proof`, signal === undefined ? {} : { signal })).text();
}

/** Safe to repeat with the same key and digests: what was accepted is answered again, not accepted again. */
export async function notarizeDigests(
  digests: readonly string[],
  key: string,
  signal?: AbortSignal,
): Promise<Accepted> {
  const response = await request('v1/notarizations', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
    body: JSON.stringify({ documents: digests.map((sha256) => ({ sha256 })) }),
    ...(signal === undefined ? {} : { signal }),
  });
  return (await readJson(response)) as Accepted;
}

/**
 * Sends the file itself; only XMLHttpRequest tells how far an upload has come. Safe to repeat, as notarizeDigests is.
 * @param onSent told how many bytes of the request have left
 */
export function upload(
  file: File,
  key: string,
  onSent: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Accepted> {
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
    call.setRequestHeader('Idempotency-Key', key);
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

async function getJson<T>(path: string, signal: AbortSignal | undefined): Promise<T> {
  return (await readJson(await request(path, signal === undefined ? {} : { signal }))) as T;
}

async function request(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address(path), { ...init, cache: 'no-store', credentials: 'same-origin' });
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    connection.lost();
    throw new UnreachableError(error);
  }
  connection.reached();
  if (response.ok) return response;
  const body = await response.text().catch(() => '');
  throw new RefusedError(readProblem(response.status, body, response.headers.get('Retry-After')));
}

async function readJson(response: Response): Promise<unknown> {
  let text: string;
  try {
    text = await response.text();
  } catch (error) {
    // The connection broke in the middle of the answer.
    connection.lost();
    throw new UnreachableError(error);
  }
  return parse(text);
}

/** Of the service that served this page: its shapes are believed, its being JSON is not (a proxy may answer for it). */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw ownProblem('not_understood');
  }
}
