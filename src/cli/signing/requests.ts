import { isObject, type JsonObject, utf8 } from '../../proof/index.js';
import { type Io, printLine, printNote } from '../io.js';
import { signingMessages } from '../messages/signing.js';
import type { ServiceAnswer, ServiceClient } from '../service-client.js';

/** What the commands about requests to sign share. */

export interface Link {
  readonly address: string;
  readonly mailed: boolean;
}

export function sendJson(client: ServiceClient, path: string, body: JsonObject): Promise<ServiceAnswer> {
  const bytes = utf8(JSON.stringify(body));
  return client.request(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: () => Uint8Array.from(bytes),
  });
}

/** @throws {Failure} when the answer has no link */
export function linkOf(client: ServiceClient, { link = null }: JsonObject): Link {
  if (!isObject(link) || typeof link['token'] !== 'string') throw client.unexpected('its answer has no link');
  // In the fragment, which browsers do not send.
  const address = new URL(`sign.html#token=${link['token']}`, client.url).href;
  return { address, mailed: link['mailed'] === true };
}

/** The link alone goes to standard output, for scripts. */
export function printLink(io: Io, { address, mailed }: Link): void {
  printLine(io.stdout, address);
  printNote(io, mailed ? signingMessages().mailed : signingMessages().deliver);
}
