import type { Request, Response } from 'express';
import { fromHex, HASH_LENGTH, toBase64, toHex } from '../../proof/index.js';
import { type ByteRange, type KeptDocument, VaultError } from '../../vault/index.js';
import { clientOf } from '../auth/authenticate.js';
import { ownershipOf } from '../auth/ownership.js';
import { readableRecord, RECORD_KEY_HEADER } from '../auth/record-access.js';
import { contextOf, type HttpDeps, principalOf } from '../context.js';
import { ApiError } from '../responses/errors.js';
import { attachment, waitForDrain } from '../responses/send.js';
import { BINARY_TYPE, type Route } from '../route.js';
import type { ApiErrorCode } from '../schemas/error-codes.js';
import { RecordId } from '../schemas/records.js';
import { find, ID, notFound } from './notarizations.js';

const RANGE_HEADERS = {
  Range: 'One range, such as `bytes=0-1023`: 206 with these bytes. Several ranges return the whole document.',
  'If-Range': 'ETag of the document: a range is sent only if it is still the same.',
  'If-None-Match': 'ETag of the client’s document: 304 if it is the same.',
};
const RESPONSES = {
  200: { description: 'The document.', content: { [BINARY_TYPE]: 'binary' } },
  206: { description: 'The range of it that was asked for.', content: { [BINARY_TYPE]: 'binary' } },
  304: { description: 'The client has it.', content: {} },
} as const;
export const KEPT_ERRORS: readonly ApiErrorCode[] = [
  'no_vault',
  'document_not_kept',
  'document_damaged',
  'vault_unavailable',
  'vault_key_missing',
  'range_not_satisfiable',
];
const SAME =
  'The bytes are those that were notarized: `Repr-Digest` and the ETag have their SHA-256. Each is authenticated before it is sent; when one that comes later is not, the connection is closed before the end. HEAD tells whether there is a document, and how long it is.';

/** Documents that the vault keeps (docs/vault.md). */
export function keptDocumentRoutes(deps: HttpDeps): Route[] {
  const { access, records } = deps;
  return [
    {
      method: 'get',
      path: '/v1/notarizations/{id}/document',
      access: 'anyone',
      operation: {
        id: 'getDocument',
        tag: 'Notarizations',
        summary: 'Get the document itself, if the vault keeps it',
        description: `For those who may read the organization’s register. ${SAME}`,
        path: ID,
        headers: RANGE_HEADERS,
        responses: RESPONSES,
        errors: ['notarization_not_found', 'key_missing', 'erased', ...KEPT_ERRORS],
      },
      async handle(req, res) {
        const { entry, position, details } = await find(deps, req);
        if (ownershipOf(principalOf(req), entry) !== 'own') throw notFound();
        const kept = await vaultOf(deps).ofNotarization(position);
        if (kept === null) throw notKept('this notarization');
        const name = details?.['name'];
        const fileName = typeof name === 'string' ? name : `notarization-${position}`;
        const log = () =>
          access.downloads.record(principalOf(req), clientOf(req), 'document_downloaded', { position });
        await sendKept(deps, req, res, { kept, fileName, log });
      },
    },
    {
      method: 'get',
      path: '/v1/records/{id}/document',
      access: 'anyone',
      operation: {
        id: 'getRecordDocument',
        tag: 'Records',
        summary: 'Get the document of a contract, if the vault keeps it',
        description: `For organizations that have submitted an event of the contract, and for whoever proves a key of one of its parties. It is the document that the contract names now, from the vault of the organization that has submitted these terms. ${SAME}`,
        path: { id: RecordId },
        headers: {
          ...RANGE_HEADERS,
          [RECORD_KEY_HEADER]: 'For a party without an account here, as with `GET /v1/records/{id}`.',
        },
        responses: RESPONSES,
        errors: ['unknown_record', 'invalid_record_key', 'unavailable', ...KEPT_ERRORS],
      },
      async handle(req, res) {
        const { id, current } = await readableRecord(records, req);
        const { state } = current;
        if (state.kind !== 'contract') throw notKept('this record: it is no contract');
        const sha256 = fromHex(state.document, HASH_LENGTH, 'the document of a contract');
        const kept = await vaultOf(deps).ofRecord(id, sha256);
        if (kept === null) throw notKept('this contract');
        const record = toHex(id);
        const fileName = `contract-${record.slice(0, 8)}`;
        const log = () =>
          access.downloads.record(principalOf(req), clientOf(req), 'document_downloaded', { record });
        await sendKept(deps, req, res, { kept, fileName, log });
      },
    },
  ];
}

/** @throws {ApiError} no_vault */
export function vaultOf({ vault }: HttpDeps): NonNullable<HttpDeps['vault']> {
  if (vault !== null) return vault;
  throw new ApiError('no_vault', 'This service keeps no documents: whoever notarized it has it.');
}

export function notKept(what: string): ApiError {
  return new ApiError(
    'document_not_kept',
    `The vault has no document of ${what}. Documents are kept only if that is asked for when they are uploaded.`,
  );
}

interface Sent {
  readonly kept: KeptDocument;
  readonly fileName: string;
  /** Records that it is read. */
  readonly log: () => Promise<void>;
}

export async function sendKept(
  deps: HttpDeps,
  req: Request,
  res: Response,
  { kept, fileName, log }: Sent,
): Promise<void> {
  const { size, sha256 } = kept;
  const tag = `"${toHex(sha256)}"`;
  const headers = { ETag: tag, 'Cache-Control': 'private, no-cache', Vary: RECORD_KEY_HEADER };
  // Nothing that somebody has uploaded runs as a page of this service.
  const ofDocument = {
    'Content-Type': BINARY_TYPE,
    'Content-Disposition': attachment(fileName),
    'Content-Security-Policy': "sandbox; default-src 'none'",
    'X-Content-Type-Options': 'nosniff',
    'Accept-Ranges': 'bytes',
    'Repr-Digest': `sha-256=:${toBase64(sha256)}:`,
  };
  if (req.method === 'HEAD') {
    res.set({ ...headers, ...ofDocument, 'Content-Length': String(size) }).end();
    return;
  }
  res.set(headers);
  if (req.fresh) {
    res.status(304).end();
    return;
  }
  const asked = rangeOf(req, size, tag);
  if (asked === 'unsatisfiable') {
    res.set('Content-Range', `bytes */${size}`);
    throw new ApiError('range_not_satisfiable', `The document has ${size} bytes: ask for some of them.`);
  }
  const range = asked ?? { first: 0, last: size - 1 };
  const bytes = guarded(deps, req, kept.read(range));
  let sent: Promise<void> = Promise.resolve();
  try {
    // Before the headers: what cannot be read has an answer of its own.
    let next = await bytes.next();
    await log();
    res.status(asked === null ? 200 : 206).set({
      ...ofDocument,
      'Content-Length': String(range.last - range.first + 1),
      ...(asked === null ? {} : { 'Content-Range': `bytes ${range.first}-${range.last}/${size}` }),
    });
    for (; next.done !== true && !res.destroyed; next = await bytes.next()) {
      const { value } = next;
      sent = new Promise((resolve) => {
        res.write(value, () => {
          resolve();
        });
      });
      if (res.writableNeedDrain) await waitForDrain(res);
    }
    res.end();
  } catch (error) {
    // The connection is closed: with what is good, the client can ask for the rest, and is told what is wrong.
    await sent;
    throw error;
  } finally {
    await bytes.return(undefined);
  }
}

/** The same bytes; says in the log what is wrong with the storage. */
async function* guarded(
  { logger }: HttpDeps,
  req: Request,
  document: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, undefined> {
  try {
    yield* document;
  } catch (error) {
    const { requestId, route } = contextOf(req);
    if (error instanceof VaultError)
      logger.error({ requestId, route, err: error }, 'a kept document cannot be read');
    throw error;
  }
}

/** The one range that is asked for; null: the whole document. */
function rangeOf(req: Request, size: number, tag: string): ByteRange | 'unsatisfiable' | null {
  const match = /^bytes=(?:([0-9]{1,15})-([0-9]{1,15})?|-([0-9]{1,15}))$/i.exec(req.get('range') ?? '');
  const ifRange = req.get('if-range');
  if (match === null || (ifRange !== undefined && ifRange !== tag)) return null;
  const [, from, to, suffix] = match;
  const first = from === undefined ? Math.max(0, size - Number(suffix)) : Number(from);
  const last = Math.min(size - 1, to === undefined ? size - 1 : Number(to));
  // Not a range at all, which is ignored (RFC 9110, section 14.1.1).
  if (to !== undefined && Number(to) < first) return null;
  return first > last ? 'unsatisfiable' : { first, last };
}
