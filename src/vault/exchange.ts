import { type IncomingMessage, request as requestByHttp } from 'node:http';
import { request as requestByHttps } from 'node:https';

/** One request of HTTP. */
export interface Exchange {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
  /** How long nothing may pass: until it is connected, while it is sent, until the response, and between its parts. */
  readonly silenceMs: number;
  readonly signal: AbortSignal;
}

/** The other side has shown no sign of life. */
export class Silence extends Error {
  override readonly name = 'Silence';
  readonly code = 'ETIMEDOUT';
}

/**
 * Sends a request, and resolves when the response begins. No redirect is followed. Unlike with fetch, which has no limit
 * for a connection on which nothing passes, a server that hangs ends both the request and its response with `Silence`.
 */
export function exchange(
  url: URL,
  { method, headers, body, silenceMs, signal }: Exchange,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const open = url.protocol === 'https:' ? requestByHttps : requestByHttp;
    const request = open(url, { method, headers, signal, timeout: silenceMs });
    let response: IncomingMessage | null = null;
    request.on('response', (begun) => {
      response = begun;
      resolve(begun);
    });
    request.on('error', reject);
    request.on('timeout', () => {
      // The request itself has no errors any more.
      (response ?? request).destroy(new Silence(`nothing for ${silenceMs / 1000} seconds`));
    });
    request.end(body);
  });
}

/** The body of a response. The time that its reader takes between two parts does not count as silence. */
export async function* bodyOf(response: IncomingMessage, silenceMs: number): AsyncGenerator<Uint8Array> {
  const { socket } = response;
  try {
    for await (const bytes of response as AsyncIterable<Uint8Array>) {
      socket.setTimeout(0);
      yield bytes;
      socket.setTimeout(silenceMs);
    }
  } finally {
    response.destroy();
  }
}
