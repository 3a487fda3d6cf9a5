import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  encodeRequest,
  parseResponse,
  QUERY_TYPE,
  REPLY_TYPE,
  type NewRequest,
  type TimeStampResponse,
} from '../../src/proof/time/rfc3161.js';
import { TsaFiles, type KeyAlgorithm } from '../../src/tsa/index.js';

/** A key of an authority with certificates of its own, as `ingam tsa create` makes them. */
export async function createTsaKey(algorithm: KeyAlgorithm = 'p256', now = Date.now()): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ingam-tsa-'));
  try {
    const files = new TsaFiles(folder);
    const organization = { organization: 'Test Notary', country: 'KR' };
    await files.create({ organization, algorithm, now, isFirst: true });
    return await readFile(files.key, 'utf8');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export const MESSAGE = Buffer.from('a document\n');

/** A request for a time-stamp of `MESSAGE`. */
export function tsq(change: Partial<NewRequest> = {}): Uint8Array {
  const imprint = createHash(change.digest ?? 'sha256')
    .update(MESSAGE)
    .digest();
  return encodeRequest({
    ...{ digest: 'sha256', imprint, nonce: randomBytes(8), certReq: true, policy: null },
    ...change,
  });
}

/** Sends bytes to an authority, and reads what it answers. */
export async function askTsa(
  url: string,
  body: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Promise<TimeStampResponse & { readonly response: Uint8Array }> {
  const res = await fetch(`${url}/tsa`, {
    method: 'POST',
    headers: { 'content-type': QUERY_TYPE, ...headers },
    body: Buffer.from(body),
  });
  if (res.status !== 200 || res.headers.get('content-type') !== REPLY_TYPE)
    throw new Error(`the authority answers ${res.status}: ${await res.text()}`);
  const response = new Uint8Array(await res.arrayBuffer());
  return { ...parseResponse(response), response };
}

/** The token that an authority gives. */
export async function tokenOf(
  url: string,
  body: Uint8Array = tsq(),
  headers: Readonly<Record<string, string>> = {},
): Promise<Uint8Array> {
  const answer = await askTsa(url, body, headers);
  if (!answer.granted) throw new Error(`no token: ${answer.failures.join(', ')}: ${answer.text}`);
  return answer.token;
}
