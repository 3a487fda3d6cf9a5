import {
  address,
  connection,
  jsonRequest,
  localProblem,
  parseJson,
  readBlob,
  readJson,
  readProblem,
  ProblemError,
  request,
  UnreachableError,
  readBody,
} from './request.js';
import { session, sessionRequest } from './session.js';
import { certificateChoice, type Certified } from './certificate.js';
import { language } from './language.js';

/** The API's resources (/openapi.json), as far as the pages read them. */

export interface Notarization {
  readonly id: string;
  readonly sha256: string;
  readonly size: number | null;
  /** RFC 3339. */
  readonly acceptedAt: string;
  readonly status: 'accepted' | 'sealed' | 'cosigned' | 'anchored';
  readonly position: number;
  readonly sealedAt?: string;
  readonly block?: { readonly height: number; readonly index: number };
  /** Absent before sealing and where the log has no members. */
  readonly cosigned?: Cosigned;
  readonly details?: Details;
}

/** How many members have cosigned a block, of how many, and the fewest that can meet the quorum. */
export interface Cosigned {
  readonly signed: number;
  readonly of: number;
  readonly needed: number;
}

/** Details that the owner gave; keys without a value are absent. */
export interface Details {
  readonly name?: string;
  readonly title?: string;
  readonly author?: string;
  readonly reference?: string;
  readonly note?: string;
  readonly tags?: readonly string[];
}

export interface DocumentInput {
  readonly sha256: string;
  readonly details?: Details;
}

export interface Accepted {
  readonly notarizations: readonly Notarization[];
}

export interface Block {
  readonly height: number;
  readonly firstPosition: number;
  readonly entryCount: number;
  readonly sealedAt: string;
}

export interface Chain {
  readonly origin: string;
  readonly verifierKey: string;
  readonly receiptKeys: readonly string[];
  /** The service's own trust policy (c2sp.org/tlog-policy). */
  readonly policy: string;
  /** Height of the last block; null if there is none. */
  readonly height: number | null;
  /** Number of sealed entries. */
  readonly size: number;
  /** Number of accepted entries. */
  readonly nextPosition: number;
  /** Number of blocks that the quorum has cosigned; absent where the log has no members. */
  readonly cosigned?: number;
}

export interface Lookup {
  readonly notarizations: readonly Notarization[];
  readonly more: boolean;
}

/** Requests to the API. Each rejects with ProblemError, UnreachableError, or the AbortError of its signal. */

export function chain(signal?: AbortSignal): Promise<Chain> {
  return getPublic('v1/chain', signal);
}

export function block(height: number, signal?: AbortSignal): Promise<Block> {
  return getPublic(`v1/blocks/${height}`, signal);
}

export function notarization(id: string, signal?: AbortSignal): Promise<Notarization> {
  return get(`v1/notarizations/${id}`, signal);
}

export function lookUp(sha256: string, signal?: AbortSignal): Promise<Lookup> {
  return get(`v1/verify/${sha256}`, signal);
}

/** HTML of the verifier in one file, without the keys of any service. */
export async function offlineVerifier(): Promise<string> {
  return readBody((await request('verifier.html', {})).text());
}

/** The text of the proof; a pending proof until the notarization is sealed. */
export async function proofText(id: string, signal?: AbortSignal): Promise<string> {
  const path = `v1/notarizations/${id}/proof`;
  const response = await sessionRequest(path, { signal: signal ?? null });
  return readBody(response.text());
}

/**
 * The certificate of a sealed notarization, in the language and with what the user has chosen, and with times in
 * their time zone.
 */
export async function certificate({ id, name, own }: Certified, signal?: AbortSignal): Promise<Blob> {
  const choice = certificateChoice();
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const query = new URLSearchParams({
    lang: choice.bilingual ? 'ko-en' : language(),
    tz: timeZone,
    ...(choice.name && name !== null ? { name } : {}),
    ...(choice.organization && own === true ? { disclose: 'all' } : {}),
  });
  return readBlob(
    await sessionRequest(`v1/notarizations/${id}/certificate.pdf?${query}`, { signal: signal ?? null }),
  );
}

/** Notarizes digests. Safe to repeat with the same idempotency key and documents. */
export async function notarizeDigests(
  documents: readonly DocumentInput[],
  key: string,
  signal?: AbortSignal,
): Promise<Accepted> {
  const { headers, ...rest } = jsonRequest('POST', { documents });
  const response = await sessionRequest('v1/notarizations', {
    ...rest,
    headers: { ...headers, 'Idempotency-Key': key },
    signal: signal ?? null,
  });
  return (await readJson(response)) as Accepted;
}

/**
 * Uploads a file. Uses XMLHttpRequest, because fetch reports no upload progress. Safe to repeat with the same
 * idempotency key and file.
 * @param details null: none besides the file's name, which is always sent
 * @param onSent receives the number of request bytes sent so far
 */
export function upload(
  file: File,
  details: Details | null,
  { key, keep }: { readonly key: string; readonly keep: boolean },
  onSent: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Accepted> {
  const path = `v1/notarizations${keep ? '?vault=keep' : ''}`;
  return session.run(true, (headers) =>
    uploadOnce(path, file, details, { ...headers, 'Idempotency-Key': key }, onSent, signal),
  );
}

function uploadOnce(
  path: string,
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
    call.open('POST', address(path));
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
        reject(error instanceof Error ? error : localProblem('not_understood'));
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
    // Before the file, so that the service has the details when the file arrives.
    // With the name: that of the part cannot hold every name exactly.
    form.append('details', JSON.stringify({ name: file.name, ...details }));
    form.append('file', file, file.name);
    call.send(form);
  });
}

function readUpload(call: XMLHttpRequest): Accepted {
  if (call.status >= 200 && call.status < 300) return parseJson(call.responseText) as Accepted;
  throw new ProblemError(readProblem(call.status, call.responseText, call.getResponseHeader('Retry-After')));
}

/** The event stream of one notarization. The caller closes it. */
export function events(id: string): EventSource {
  return new EventSource(address(`v1/notarizations/${id}/events`));
}

/** Reads a public resource. */
async function getPublic<T>(path: string, signal: AbortSignal | undefined): Promise<T> {
  return (await readJson(await request(path, { signal: signal ?? null }))) as T;
}

/** Reads a resource whose content depends on who is signed in. */
export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await readJson(await sessionRequest(path, { signal: signal ?? null }))) as T;
}

export async function change<T>(method: 'POST' | 'PATCH' | 'PUT', path: string, body: unknown): Promise<T> {
  return (await readJson(await sessionRequest(path, jsonRequest(method, body)))) as T;
}

export async function remove(path: string): Promise<void> {
  await sessionRequest(path, { method: 'DELETE' });
}

/** A request that begins a session: it needs no session and refreshes none. */
export async function begin(path: string, body: unknown): Promise<unknown> {
  const { headers, ...rest } = jsonRequest('POST', body);
  return readJson(await request(path, { ...rest, headers: { ...headers, ...session.headers() } }));
}
