import { readDigest } from '../../proof/bytes.js';

/** What was pasted to be looked up: at least one of the two. */
export interface Pasted {
  /** Id of a notarization of this service; null: none. */
  readonly id: string | null;
  readonly sha256: Uint8Array | null;
}

const ID = /^\d+-[0-9a-f]{16}(-[0-9a-f]{24})?$/;
/** Where a service's addresses have an id: the page of a proof, and the API. */
const PATH = /^(?:p|v1\/notarizations)\/([^/]+)(?:\/[a-z.]+)?$/;

/**
 * Reads a fingerprint, the id of a notarization, or a link to either.
 * @param here the folder of this service's pages; null: offline, where only a fingerprint is of use
 * @returns `elsewhere`: a link of another service. null: none of these
 */
export function readPasted(text: string, here: string | null): Pasted | 'elsewhere' | null {
  const given = text.trim();
  const sha256 = readDigest(given);
  if (sha256 !== null) return { id: null, sha256 };
  if (here === null) return null;
  if (ID.test(given)) return { id: given, sha256: null };
  if (!URL.canParse(given)) return null;
  const { origin, pathname, hash } = new URL(given);
  const fragment = readDigest(hash.replace(/^#(sha256=)?/, ''));
  const folder = new URL(here);
  if (origin !== folder.origin || !pathname.startsWith(folder.pathname)) {
    return fragment === null ? 'elsewhere' : { id: null, sha256: fragment };
  }
  const id = PATH.exec(pathname.slice(folder.pathname.length))?.[1] ?? null;
  if (id === null || !ID.test(id)) return fragment === null ? null : { id: null, sha256: fragment };
  return { id, sha256: fragment };
}
