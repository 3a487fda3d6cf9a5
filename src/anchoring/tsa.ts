import { createHash, randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { equal, toHex } from '../proof/index.js';
import { MAX_CRL } from '../proof/time/crl.js';
import { DerError } from '../proof/time/der.js';
import {
  type DigestName,
  encodeRequest,
  parseResponse,
  QUERY_TYPE,
  REPLY_TYPE,
} from '../proof/time/rfc3161.js';
import { MAX_RESPONSE } from '../proof/time/tsp.js';
import type { Checker } from './checker.js';
import { requestFrom, SourceError, type Limits } from './request.js';
import type { TsaSource } from './sources.js';
import type { Link } from './worker.js';

/** Asking a time-stamping authority (RFC 3161 over HTTP). */

export interface Stamped {
  /** DER. */
  readonly token: Uint8Array;
  /** When the first certificate of its chain ends, in milliseconds since the Unix epoch. */
  readonly validUntil: number;
  /** DER of the revocation lists of its chain that could be fetched and are short enough for proofs. */
  readonly crls: readonly Uint8Array[];
}

/** Bytes of the lists that are kept with one token: every proof carries them. */
const MAX_KEPT = 65_536;

const NONCE_LENGTH = 16;

/**
 * Has bytes stamped, and judges the token as every verifier will, with the revocation lists that its
 * certificates name.
 * @throws {SourceError}
 */
export async function stamp(
  { url, roots }: Pick<TsaSource, 'url' | 'roots'>,
  message: Uint8Array,
  checker: Checker,
  lists: RevocationLists,
  limits: Limits,
  digest: DigestName = 'sha256',
): Promise<Stamped> {
  const nonce = new Uint8Array(randomBytes(NONCE_LENGTH));
  const imprint = new Uint8Array(createHash(digest).update(message).digest());
  const { body } = await requestFrom(url, {
    body: encodeRequest({ digest, imprint, nonce, certReq: true, policy: null }),
    headers: { 'content-type': QUERY_TYPE, accept: REPLY_TYPE },
    limit: MAX_RESPONSE,
    ...limits,
  });
  const token = tokenIn(body);
  const judge = async (crls: readonly Uint8Array[]) => {
    const answer = await checker.token({ token, stamped: { message }, roots, nonce, crls });
    if (answer.counts) return answer;
    throw new SourceError('wrong_answer', `its token does not count: ${answer.message}`);
  };
  const { links, validUntil } = await judge([]);
  const crls = await lists.of(links, limits);
  if (crls.length > 0) await judge(crls);
  return { token, crls: shortLists(crls), validUntil };
}

/** As many of the lists as are kept, the signer's first. */
function shortLists(lists: readonly Uint8Array[]): Uint8Array[] {
  let left = MAX_KEPT;
  return lists.filter(({ length }) => {
    if (length > left) return false;
    left -= length;
    return true;
  });
}

/** A token with the revocation lists that are beside it. */
interface OldToken {
  readonly token: Uint8Array;
  readonly crls: readonly Uint8Array[];
}

/**
 * Newer revocation lists about the chains of tokens that are about to be renewed, of each token those that it does
 * not have: after the end of a certificate nobody issues them any more.
 */
export class NewerLists {
  readonly #checker: Checker;
  readonly #lists: RevocationLists;
  readonly #roots: readonly Uint8Array[];
  readonly #limits: Limits;
  /** Of each signer. */
  readonly #found = new Map<string, Promise<Uint8Array[]>>();

  /** @param roots only of chains that end in one of them are lists fetched: others name any address */
  constructor(checker: Checker, lists: RevocationLists, roots: readonly Uint8Array[], limits: Limits) {
    this.#checker = checker;
    this.#lists = lists;
    this.#roots = roots;
    this.#limits = limits;
  }

  async about({ token, crls }: OldToken): Promise<Uint8Array[]> {
    const links = await this.#checker.chain({ token, roots: this.#roots });
    const key = links.map(({ certificate }) => toHex(certificate)).join(' ');
    const found = this.#found.get(key) ?? this.#lists.of(links, this.#limits).then(shortLists);
    this.#found.set(key, found);
    return (await found).filter((list) => !crls.some((own) => equal(own, list)));
  }
}

/** @throws {SourceError} */
function tokenIn(body: Uint8Array): Uint8Array {
  try {
    const response = parseResponse(body);
    if (response.granted) return response.token;
    const why = [
      ...response.failures,
      response.text
        .replaceAll(/[^\x20-\x7e]+/g, ' ')
        .slice(0, 200)
        .trim(),
    ];
    const told = why.filter((each) => each !== '').join(', ');
    const later =
      response.failures.includes('timeNotAvailable') || response.failures.includes('systemFailure');
    throw new SourceError(
      later ? 'busy' : 'refused',
      `it gives no token (status ${response.status}): ${told}`,
    );
  } catch (error) {
    if (error instanceof DerError) throw new SourceError('wrong_answer', error.message);
    throw error;
  }
}

const LIST_LIFETIME_MS = 3_600_000;
const RETRY_MS = 300_000;
/** Of one certificate. */
const MAX_ADDRESSES = 4;

/**
 * Revocation lists from the addresses that certificates name, each fetched at most once an hour. A list that
 * cannot be had is no fault of the token: nobody can check it later, and verifiers say so.
 */
export class RevocationLists {
  readonly #checker: Checker;
  readonly #onFailure: (url: string, error: unknown) => void;
  readonly #kept = new Map<string, { readonly until: number; readonly list: Uint8Array | null }>();

  /** @param onFailure called when an address gives no list */
  constructor(checker: Checker, onFailure: (url: string, error: unknown) => void = () => undefined) {
    this.#checker = checker;
    this.#onFailure = onFailure;
  }

  async of(links: readonly Link[], limits: Limits): Promise<Uint8Array[]> {
    const found = await Promise.all(links.map((link) => this.#firstOf(link, limits)));
    return found.filter((list) => list !== null);
  }

  async #firstOf({ urls, ...link }: Link, limits: Limits): Promise<Uint8Array | null> {
    for (const url of urls.slice(0, MAX_ADDRESSES)) {
      const kept = this.#kept.get(url);
      const list =
        kept !== undefined && performance.now() < kept.until ? kept.list : await this.#fetch(url, limits);
      if (list !== null && (await this.#checker.list({ ...link, list }))) return list;
    }
    return null;
  }

  async #fetch(url: string, limits: Limits): Promise<Uint8Array | null> {
    try {
      const { body } = await requestFrom(url, { limit: MAX_CRL, ...limits });
      this.#kept.set(url, { until: performance.now() + LIST_LIFETIME_MS, list: body });
      return body;
    } catch (error) {
      this.#kept.set(url, { until: performance.now() + RETRY_MS, list: null });
      this.#onFailure(url, error);
      return null;
    }
  }
}
