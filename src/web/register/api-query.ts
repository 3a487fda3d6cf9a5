import { midnight } from '../days.js';
import type { Query } from './address.js';

/** What the service is asked for. Days are the reader's: from the beginning of the first to the end of the last. */
export function apiQuery({ words, tag, digest, from, to, status, order }: Query): Record<string, string> {
  return {
    ...(words === '' ? {} : { q: words }),
    ...(tag === '' ? {} : { tag }),
    ...(digest === '' ? {} : { sha256: digest }),
    ...(from === '' ? {} : { from: midnight(from, 0) }),
    ...(to === '' ? {} : { to: midnight(to, 1) }),
    ...(status === null ? {} : { status }),
    ...(order === 'newest' ? {} : { order }),
  };
}
