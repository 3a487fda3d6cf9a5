/** What the service answers (/openapi.json), as far as the pages read it. */

export interface Notarization {
  readonly id: string;
  readonly sha256: string;
  readonly size: number | null;
  /** RFC 3339. */
  readonly acceptedAt: string;
  readonly status: 'accepted' | 'sealed' | 'cosigned';
  readonly position: number;
  readonly sealedAt?: string;
  readonly block?: { readonly height: number; readonly index: number };
  /** Absent before the seal, and where nobody is asked to cosign. */
  readonly cosigned?: Cosigned;
  readonly details?: Details;
}

/** How many of the witnesses vouch for a block, of how many, and the fewest that can meet the quorum. */
export interface Cosigned {
  readonly signed: number;
  readonly of: number;
  readonly needed: number;
}

/** What the owner says of a document; only the keys that say something. */
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
  readonly receipt: string;
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
  readonly receiptKey: string;
  /** Whom to believe, as the service says of itself (c2sp.org/tlog-policy). */
  readonly policy: string;
  /** Of the last block; null while there is none. */
  readonly height: number | null;
  /** Entries in blocks. */
  readonly size: number;
  /** Entries accepted. */
  readonly nextPosition: number;
  /** Blocks that the quorum has cosigned; absent where nobody is asked. */
  readonly cosigned?: number;
}

export interface Lookup {
  readonly notarizations: readonly Notarization[];
  readonly more: boolean;
}

/** Longer than this nobody waits before an open page: a limit for a day is told, not waited for. */
const LONGEST_WAIT_SECONDS = 120;

/** RFC 9457, with what the service adds. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly requestId: string | null;
  readonly retryAfterSeconds: number | null;
}

/** The service answered, but not with what was asked for. */
export class RefusedError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.name = 'RefusedError';
    this.problem = problem;
  }

  /** Whether the same request may succeed later without anybody changing it. */
  get passing(): boolean {
    const { status, code, retryAfterSeconds } = this.problem;
    // A limit that does not say when is one that this request will never fit into.
    const wait = retryAfterSeconds ?? (code === 'limit_exceeded' ? Infinity : 0);
    return [429, 502, 503, 504].includes(status) && wait <= LONGEST_WAIT_SECONDS;
  }
}

/** No answer came: the service or the network is away. The request may or may not have arrived. */
export class UnreachableError extends Error {
  constructor(cause?: unknown) {
    super('the service cannot be reached', { cause });
    this.name = 'UnreachableError';
  }
}

/** @param body the text of an answer whose status is not 2xx; proxies in between write what they like */
export function readProblem(status: number, body: string, retryAfter: string | null): Problem {
  const given = parseObject(body);
  const text = (key: string) => (typeof given[key] === 'string' ? given[key] : null);
  const seconds = retryAfter !== null && /^[0-9]{1,5}$/.test(retryAfter) ? Number(retryAfter) : null;
  return {
    status,
    code: text('code') ?? `http_${status}`,
    detail: text('detail') ?? text('title') ?? `HTTP ${status}`,
    requestId: text('requestId'),
    retryAfterSeconds: seconds,
  };
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** A problem that the page itself noticed. */
export function ownProblem(code: string): RefusedError {
  return new RefusedError({ status: 0, code, detail: code, requestId: null, retryAfterSeconds: null });
}
