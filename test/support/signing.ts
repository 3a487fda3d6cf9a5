import { formatKeyOffer, formatNote, fromHex, type JsonObject, signNote } from '../../src/proof/index.js';
import { Chain } from '../../src/http/schemas/resources.js';
import { AskedSigning, SigningRequest } from '../../src/http/schemas/signing.js';
import type { TestService } from './service.js';
import { bearer } from './people.js';
import { firstEvent, type Holder, nextEvent } from './records.js';
import { ORIGIN } from './parts.js';

/** Requests to sign, as organizations and invited people make and answer them. */

export interface Answer {
  readonly status: number;
  readonly body: JsonObject;
}

export async function send(
  { url }: Pick<TestService, 'url'>,
  method: string,
  path: string,
  body?: unknown,
  key: string | null = null,
): Promise<Answer> {
  const res = await fetch(url + path, {
    method,
    headers: {
      ...(key === null ? {} : bearer(key)),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await res.text();
  return { status: res.status, body: text === '' ? {} : (JSON.parse(text) as JsonObject) };
}

export const DOCUMENT = '33'.repeat(32);

export const newRequest = (name: string, others: JsonObject = {}): JsonObject => ({
  title: 'Car lease',
  document: { sha256: DOCUMENT, name: 'lease.pdf', size: 1234 },
  name,
  expiresAt: new Date(Date.now() + 7 * 86_400_000).toISOString(),
  ...others,
});

/** The policy with which the service’s log is trusted. */
export async function policyOf(service: Pick<TestService, 'url'>): Promise<string> {
  return Chain.parse((await send(service, 'GET', '/v1/chain')).body).policy;
}

/** Makes a request, with its token. */
export async function ask(
  service: Pick<TestService, 'url'>,
  key: string,
  name: string,
  others: JsonObject = {},
): Promise<{ readonly id: string; readonly token: string; readonly mailed: boolean }> {
  const { status, body } = await send(service, 'POST', '/v1/signing-requests', newRequest(name, others), key);
  if (status !== 201) throw new Error(`the request was refused: ${JSON.stringify(body)}`);
  const { request, link } = body as unknown as {
    request: unknown;
    link: { token: string; mailed: boolean };
  };
  return { id: SigningRequest.parse(request).id, ...link };
}

/** The note with which a person gives a key. */
export function keyOffer(id: string, holder: Holder, document = DOCUMENT, origin = ORIGIN): string {
  const text = formatKeyOffer({ origin, request: id, document: fromHex(document, 32, 'the document') });
  return formatNote(signNote(text, holder));
}

export async function giveKey(
  service: Pick<TestService, 'url'>,
  { id, token }: { readonly id: string; readonly token: string },
  holder: Holder,
  document = DOCUMENT,
): Promise<AskedSigning> {
  const offer = keyOffer(id, holder, document);
  const { body } = await send(service, 'POST', '/v1/signing/key', { token, key: holder.text, offer });
  return AskedSigning.parse(body);
}

/** Signs as the party that the link is for. */
export async function signContract(
  service: Pick<TestService, 'url'>,
  token: string,
  holder: Holder,
  origin = ORIGIN,
): Promise<AskedSigning> {
  const opened = AskedSigning.parse((await send(service, 'POST', '/v1/signing/open', { token })).body);
  const { contract } = opened;
  if (contract === null) throw new Error('no contract is named');
  const event = nextEvent(contract, 'contract.sign', { party: contract.party }, [holder], { origin });
  const { status, body } = await send(service, 'POST', '/v1/signing/event', { token, ...event });
  if (status !== 200) throw new Error(`the signature was refused: ${JSON.stringify(body)}`);
  return AskedSigning.parse(body['asked']);
}

/** A contract of the organization for these parties, as its key submits it. */
export async function propose(
  service: Pick<TestService, 'url'>,
  key: string,
  holder: Holder,
  parties: readonly { readonly name: string; readonly key: string; readonly order: number }[],
  others: JsonObject = {},
  origin = ORIGIN,
): Promise<string> {
  const terms = { title: 'Car lease', document: { sha256: DOCUMENT }, parties: [...parties], ...others };
  const event = firstEvent('contract.propose', { ...terms, holder: holder.text }, [holder], origin);
  const { status, body } = await send(service, 'POST', '/v1/records', event, key);
  if (status !== 201) throw new Error(`the contract was refused: ${JSON.stringify(body)}`);
  if (typeof body['record'] !== 'string') throw new Error('the answer names no record');
  return body['record'];
}
