import { get as getByHttp, type IncomingMessage } from 'node:http';
import { get as getByHttps } from 'node:https';
import { logAt } from '../audit/log-paths.js';
import type { LogSource } from '../audit/log-source.js';
import { timeLimit } from '../background/time-limits.js';
import { hostOf } from '../background/webhook.js';
import { NODE_VERIFIERS } from '../crypto/primitives.js';
import {
  type CheckpointNote,
  checkSignature,
  formatVerifierKey,
  isSignedBy,
  type LogKeys,
  parseCheckpointNote,
  ProofError,
  type VerifierKey,
} from '../proof/index.js';
import { RefusedError, UnavailableError } from './alarms.js';

/** What another node publishes: its log, and the leaf hashes of its blocks. */
export interface RemoteLog extends Required<LogSource> {
  /** With its port: what may be shown of its address. */
  readonly host: string;
}

/**
 * Reads over HTTP. The caller verifies the responses, which are hostile input.
 * Its methods reject with UnavailableError, also after `timeoutMs`.
 */
export function remoteLog(url: string, timeoutMs: number, stop: AbortSignal): RemoteLog {
  const prefix = url.replace(/\/+$/, '');
  const log = logAt((path, take, orForbidden = false) =>
    request(prefix, path, take, orForbidden ? [403, 404] : [404], timeLimit(timeoutMs, stop)),
  );
  return {
    ...log,
    host: hostOf(url),
    statements: async (first, count) => {
      try {
        return await log.statements(first, count);
      } catch (error) {
        if (!(error instanceof ProofError)) throw error;
        throw new RefusedError('malformed', error.message, { where: `states from block ${first} on` });
      }
    },
  };
}

type Body = AsyncIterable<Uint8Array>;

async function request<T>(
  prefix: string,
  path: string,
  take: (body: Body) => Promise<T>,
  /** Statuses that say that there is nothing. */
  absent: readonly number[],
  signal: AbortSignal,
): Promise<T | null> {
  try {
    const response = await open(`${prefix}/${path}`, signal);
    if (response.statusCode === 200) return await take(response);
    response.destroy();
    if (absent.includes(response.statusCode ?? 0)) return null;
    throw new Error(`the response has status ${response.statusCode ?? 'none'}`);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UnavailableError(`${path} of ${hostOf(prefix)}: ${message}`, { cause: error });
  }
}

/**
 * Uses node:http, which follows no redirects and takes much less processor time for large responses than
 * fetch.
 */
function open(url: string, signal: AbortSignal): Promise<IncomingMessage> {
  const send = url.startsWith('https:') ? getByHttps : getByHttp;
  return new Promise((resolve, reject) => {
    const sent = send(url, { signal }, resolve);
    sent.on('error', (error: NodeJS.ErrnoException) => {
      // The other side may close a kept-alive connection just when it is used again.
      if (sent.reusedSocket && error.code === 'ECONNRESET') open(url, signal).then(resolve, reject);
      else reject(error);
    });
  });
}

interface ReadCheckpoint extends CheckpointNote {
  /** The note as received. */
  readonly text: string;
}

/** A checkpoint with verified signatures of its log. */
export interface SignedCheckpoint extends ReadCheckpoint {
  /** The keys of the log that signed it. */
  readonly keys: readonly VerifierKey[];
}

/**
 * Signed by every key that must sign at this size, and by none that must not.
 * @throws {RefusedError} malformed, unsigned
 */
export function openCheckpoint(text: string, keys: LogKeys): SignedCheckpoint {
  const read = readCheckpoint(text);
  const signers = keys.at(read.checkpoint.size);
  if (
    !signers.some(({ name }) => name === read.checkpoint.origin) ||
    !isSignedBy(read.note, signers, NODE_VERIFIERS)
  )
    throw unsigned(read, signers);
  return { ...read, keys: signers };
}

/**
 * Signed by at least one of these keys, with no invalid signature of another.
 * @throws {RefusedError} malformed, unsigned
 */
export function openSignedByAny(text: string, keys: readonly VerifierKey[]): SignedCheckpoint {
  const read = readCheckpoint(text);
  const own = keys.filter(({ name }) => name === read.checkpoint.origin);
  const states = own.map((key) => checkSignature(read.note, key, NODE_VERIFIERS).state);
  if (!states.includes('good') || states.includes('bad')) throw unsigned(read, keys);
  return { ...read, keys: own.filter((_, i) => states[i] === 'good') };
}

/** @throws {RefusedError} malformed */
export function readCheckpoint(text: string): ReadCheckpoint {
  try {
    return { ...parseCheckpointNote(text), text };
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    throw new RefusedError('malformed', `invalid checkpoint: ${error.message}`, {
      where: 'checkpoint',
    });
  }
}

export function unsigned({ checkpoint }: ReadCheckpoint, keys: readonly VerifierKey[]): RefusedError {
  const names = keys.map(({ name }) => name);
  const of = names.length > 1 ? `the ${names.length} keys of ${names[0] ?? ''}` : (names[0] ?? '');
  return new RefusedError('unsigned', `the checkpoint of ${checkpoint.origin} is not signed by ${of}`, {
    where: 'checkpoint',
    expected: keys.map(formatVerifierKey).join(' and '),
    found: checkpoint.origin,
  });
}
