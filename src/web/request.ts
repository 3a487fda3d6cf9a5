import { connection } from './connection.js';
import { ownProblem, readProblem, RefusedError, UnreachableError } from './resources.js';

/** One request to the service, as it is: who asks is session.ts's affair. */

/** Beside the page, wherever that is mounted. */
export function address(path: string): string {
  return new URL(path, document.baseURI).href;
}

/**
 * @throws RefusedError for any answer that is not 2xx, UnreachableError when none came, or what the signal was aborted with
 */
export async function request(path: string, init: RequestInit): Promise<Response> {
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

/** What a request with a JSON body consists of. */
export function jsonRequest(method: string, body: unknown) {
  return { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}

export async function readJson(response: Response): Promise<unknown> {
  return parse(await whole(response.text()));
}

export function readBlob(response: Response): Promise<Blob> {
  return whole(response.blob());
}

/** @throws UnreachableError when the connection breaks in the middle of the answer */
export async function whole<T>(body: Promise<T>): Promise<T> {
  try {
    return await body;
  } catch (error) {
    connection.lost();
    throw new UnreachableError(error);
  }
}

/** Of the service that served this page: its shapes are believed, its being JSON is not (a proxy may answer for it). */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw ownProblem('not_understood');
  }
}
