import type { Request, Response } from 'express';
import type { z } from 'zod';
import { AccessError, ANONYMOUS_LIMITS, organizationOf } from '../../auth/index.js';
import { Slices } from '../../background/slices.js';
import { hashDocument, type NewDocument } from '../../intake/index.js';
import { clientOf } from '../auth/authenticate.js';
import { type HttpDeps, principalOf } from '../context.js';
import { BODY_ERRORS, bodyOf, check, mediaTypeOf, parseJson } from '../requests/body.js';
import { readDocuments } from '../requests/documents.js';
import { assertDigests } from '../requests/headers.js';
import { checkFileName, type HashedFile, MULTIPART_ERRORS, readMultipart } from '../requests/multipart.js';
import { IdempotencyKey, idempotencyKeyOf, pathParameter, queryOf } from '../requests/parameters.js';
import { ApiError } from '../responses/errors.js';
import { BINARY_TYPE, json, JSON_TYPE, type Route } from '../route.js';
import {
  Details,
  DocumentsInput,
  FileName,
  MULTIPART_LIMITS,
  MultipartInput,
  NoQuery,
  NotarizeQuery,
  RawNotarizeQuery,
  toJson,
  UploadDetails,
  UploadQuery,
} from '../schemas/documents.js';
import type { ApiErrorCode } from '../schemas/error-codes.js';
import { Accepted, ResultLine } from '../schemas/resources.js';
import { StreamNotarizer } from './notarize-stream.js';
import { NDJSON_MEDIA_TYPE } from './result-stream.js';
import { type Keeper, keeping } from './keeping.js';
import { type Documents, submit } from './submit.js';

const ACCEPTED_TYPES =
  'multipart/form-data (files), application/json (digests), application/x-ndjson (a stream of digests) or application/octet-stream (one file)';

const ERRORS: readonly ApiErrorCode[] = [
  'invalid_idempotency_key',
  'incomplete_body',
  'too_large',
  'unsupported_media_type',
  'unsupported_encoding',
  'unsupported_header',
  'idempotency_mismatch',
  'erased',
  'queue_full',
  'clock_behind',
  'outcome_unknown',
  'stopping',
];
const UPLOAD_ERRORS: readonly ApiErrorCode[] = [
  'empty_document',
  'invalid_file_name',
  'digest_mismatch',
  'no_vault',
  'vault_full',
  'vault_unavailable',
];
const HEADERS = {
  'Idempotency-Key': IdempotencyKey.describe(
    'For 24 hours, the same key with the same documents returns the same response again instead of new notarizations, and costs no quota. The same key with other documents returns 422. Keys belong to an organization; without credentials, the same key with other documents is a new submission. A stream commits lines 1 to 1,000 under the key, then the next 1,000, and so on: each chunk can be repeated.',
  ),
  Prefer: '`wait=N`: respond when the documents are sealed, or after N seconds (60 at most).',
};
const CREATED = { description: 'Accepted durably.', content: json(Accepted) };

export function notarizeRoutes(deps: HttpDeps): Route[] {
  return [
    {
      method: 'post',
      path: '/v1/notarizations',
      access: 'submit',
      operation: {
        id: 'notarize',
        tag: 'Notarizations',
        summary: 'Notarize documents: files, or their digests',
        description:
          'A multipart or JSON request is accepted completely or not at all. In NDJSON every line is a submission of its own: result lines are sent in the order of the lines while the request is still being sent, and a client must read them as it sends. ' +
          `A multipart request has at most ${MULTIPART_LIMITS.files} files and ${MULTIPART_LIMITS.fields} other fields, each of ${MULTIPART_LIMITS.fieldBytes / 2 ** 20} MiB at most, and 16 KiB of headers in each part. ` +
          `Anonymous uploads of one network are throttled to ${ANONYMOUS_LIMITS.uploadBytesPerMinute / 2 ** 30} GiB a minute in total.`,
        query: RawNotarizeQuery,
        headers: HEADERS,
        body: {
          'multipart/form-data': MultipartInput,
          [JSON_TYPE]: DocumentsInput,
          [NDJSON_MEDIA_TYPE]: 'text',
          [BINARY_TYPE]: 'binary',
        },
        responses: {
          201: CREATED,
          200: {
            description: 'For NDJSON: one result line for each line.',
            content: { [NDJSON_MEDIA_TYPE]: ResultLine },
          },
        },
        errors: [...ERRORS, ...UPLOAD_ERRORS, ...BODY_ERRORS, ...MULTIPART_ERRORS, 'invalid_details'],
      },
      handle: (req, res) => post(deps, req, res),
    },
    {
      method: 'put',
      path: '/v1/notarizations',
      access: 'submit',
      operation: {
        id: 'notarizeRaw',
        tag: 'Notarizations',
        summary: 'Notarize one file: curl -T FILE …/v1/notarizations',
        query: RawNotarizeQuery,
        headers: HEADERS,
        body: { [BINARY_TYPE]: 'binary' },
        responses: { 201: CREATED },
        errors: [...ERRORS, ...UPLOAD_ERRORS],
      },
      handle(req, res) {
        const { name, ...query } = queryOf(req, RawNotarizeQuery);
        return put(deps, req, res, name, query);
      },
    },
    {
      method: 'put',
      path: '/v1/notarizations/{id}',
      access: 'submit',
      operation: {
        id: 'notarizeRawNamed',
        tag: 'Notarizations',
        summary: 'Notarize one file by name: curl -T FILE …/v1/notarizations/',
        // Not {name}: in OpenAPI, paths that differ only in the name of a parameter are the same path.
        path: { id: FileName.describe('The file name. curl appends it to a URL that ends with a slash.') },
        query: UploadQuery,
        headers: HEADERS,
        body: { [BINARY_TYPE]: 'binary' },
        responses: { 201: CREATED },
        errors: [...ERRORS, ...UPLOAD_ERRORS],
      },
      handle(req, res) {
        return put(deps, req, res, pathParameter(req, 'id'), queryOf(req, UploadQuery));
      },
    },
  ];
}

async function post(deps: HttpDeps, req: Request, res: Response): Promise<void> {
  switch (mediaTypeOf(req)) {
    case 'multipart/form-data': {
      const { wait, vault } = queryOf(req, UploadQuery);
      return keeping(deps, req, vault, async (keeper) =>
        submit(deps, req, res, await readUpload(deps, req, res, keeper), wait),
      );
    }
    case JSON_TYPE: {
      const { wait } = queryOf(req, NotarizeQuery);
      const documents = await readDocuments(req);
      return submit(
        deps,
        req,
        res,
        { format: 'json', documents, idempotencyKey: idempotencyKeyOf(req) },
        wait,
      );
    }
    case NDJSON_MEDIA_TYPE:
      // Waiting would hold back responses that the client needs before it sends more.
      queryOf(req, NoQuery);
      return new StreamNotarizer(deps, req, res).run();
    case BINARY_TYPE: {
      const { name, wait, vault } = queryOf(req, RawNotarizeQuery);
      return keeping(deps, req, vault, async (keeper) =>
        submit(deps, req, res, await readRaw(deps, req, name, keeper), wait),
      );
    }
    default:
      throw new ApiError('unsupported_media_type', `Send ${ACCEPTED_TYPES}, and declare it in Content-Type.`);
  }
}

async function put(
  deps: HttpDeps,
  req: Request,
  res: Response,
  name: string | undefined,
  { wait, vault }: z.infer<typeof UploadQuery>,
): Promise<void> {
  const type = mediaTypeOf(req);
  if (type !== null && type !== BINARY_TYPE) {
    throw new ApiError(
      'unsupported_media_type',
      `PUT accepts one file as ${BINARY_TYPE} or without Content-Type.`,
    );
  }
  return keeping(deps, req, vault, async (keeper) =>
    submit(deps, req, res, await readRaw(deps, req, name, keeper), wait),
  );
}

async function readRaw(
  deps: HttpDeps,
  req: Request,
  fileName: string | undefined,
  keeper: Keeper | null,
): Promise<Documents> {
  const idempotencyKey = idempotencyKeyOf(req);
  const meter = await uploadMeter(deps, req, idempotencyKey);
  const name = fileName === undefined ? null : checkFileName(fileName);
  const body = meter(bodyOf(req));
  const maxBytes = deps.maxUploadBytes;
  const written = keeper === null ? null : await keeper.hash(body, maxBytes);
  const { sha256, size } = written ?? (await hashDocument(body, { maxBytes }));
  assertDigests(req, sha256);
  deps.metrics.hashed(size);
  assertNotEmpty(size, name);
  const documents = [{ sha256, size, details: name === null ? null : { name } }];
  return {
    format: 'raw',
    documents,
    idempotencyKey,
    ...(written === null ? {} : { objects: [written.object] }),
  };
}

async function readUpload(
  deps: HttpDeps,
  req: Request,
  res: Response,
  keeper: Keeper | null,
): Promise<Documents> {
  const idempotencyKey = idempotencyKeyOf(req);
  const meter = await uploadMeter(deps, req, idempotencyKey);
  const { files, texts } = await readMultipart(req, res, {
    textFields: ['details'],
    maxUploadBytes: deps.maxUploadBytes,
    // Multer compares each file with the limit.
    hash: (file) => keeper?.hash(meter(file), null) ?? hashDocument(meter(file)),
  });
  for (const { size, fileName } of files) {
    deps.metrics.hashed(size);
    assertNotEmpty(size, fileName);
  }
  if (files.length === 0) throw new ApiError('missing_file', 'The field "file" has no file.');
  const slices = new Slices();
  const details = await detailsFor(files, texts.get('details'), slices);
  const documents: NewDocument[] = [];
  for (const [i, { sha256, size, fileName, isAmbiguous }] of files.entries()) {
    if (slices.isOver) await slices.next();
    const given = details(i);
    const { name = checkFileName(fileName, isAmbiguous), ...rest } = given ?? {};
    const merged = { ...rest, ...(name === null ? {} : { name }) };
    const isEmpty = Object.keys(merged).length === 0;
    const own = isEmpty ? null : toJson(check(Details, merged, 'invalid_details', 'details'));
    documents.push({ sha256, size, details: own });
  }
  const objects = files.flatMap(({ object }) => (object === undefined ? [] : [object]));
  return { format: 'multipart', documents, idempotencyKey, ...(objects.length === 0 ? {} : { objects }) };
}

/** @returns the details for file `i` */
async function detailsFor(
  files: readonly HashedFile[],
  text: string | undefined,
  slices: Slices,
): Promise<(i: number) => UploadDetails | null> {
  if (text === undefined) return () => null;
  const given = parseJson(text);
  if (!Array.isArray(given)) {
    const one = check(UploadDetails, given, 'invalid_details', 'details');
    return () => one;
  }
  if (given.length !== files.length) {
    throw new ApiError('invalid_details', `There are ${files.length} files but ${given.length} details.`);
  }
  const each: (UploadDetails | null)[] = [];
  for (const [i, one] of given.entries()) {
    if (slices.isOver) await slices.next();
    each.push(check(UploadDetails.nullable(), one, 'invalid_details', `details[${i}]`));
  }
  return (i) => each[i] ?? null;
}

function assertNotEmpty(size: number, name: string | null): void {
  if (size > 0) return;
  throw new ApiError(
    'empty_document',
    `${name === null ? 'The document' : JSON.stringify(name)} is empty. To notarize an empty document on purpose, send its digest.`,
  );
}

/** What a multipart body may have besides its files, when its length is compared with the limit. */
const MULTIPART_OVERHEAD_BYTES = 1024 * 1024;

/**
 * Creates a meter that all bytes of a request's documents pass through. It stops an upload that exceeds the
 * bytes that its submitter has left today, and slows an anonymous one down to the share of its network. It
 * charges nothing: `DocumentQuota` does. A repeated request is not limited, because it costs nothing and must
 * get its response.
 * @returns rejects with limit_exceeded when all documents together exceed what is left
 * @throws {AccessError} limit_exceeded, at once when the Content-Length exceeds what is left
 */
async function uploadMeter(
  { access, intake }: HttpDeps,
  req: Request,
  idempotencyKey: string | null,
): Promise<(document: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>> {
  const principal = principalOf(req);
  if (principal.kind === 'anonymous') {
    return (document) => access.anonymousLimits.pace(principal, clientOf(req), document);
  }
  const unlimited = (document: AsyncIterable<Uint8Array>) => document;
  const left = await access.limits.bytesLeft(principal);
  if (left === null) return unlimited;
  const organization = organizationOf(principal);
  if (idempotencyKey !== null && organization !== null) {
    if (await intake.knows(organization.id, idempotencyKey)) return unlimited;
  }
  const refuse = async (bytes: number): Promise<never> => {
    // Rejects with the limit's name and times, and charges nothing, because so much is not left.
    await access.limits.consumeDocuments(principal, { digests: 0, bytes }, clientOf(req));
    throw new AccessError('limit_exceeded', 'the limit of bytes a day was exceeded a moment ago', {
      retryAfterSeconds: 1,
    });
  };
  const overhead = mediaTypeOf(req) === 'multipart/form-data' ? MULTIPART_OVERHEAD_BYTES : 0;
  const announced = Number(req.headers['content-length'] ?? 0) - overhead;
  if (left < 1 || announced > left) await refuse(Math.max(announced, left + 1));
  let seen = 0;
  return async function* (document) {
    for await (const chunk of document) {
      seen += chunk.length;
      if (seen > left) await refuse(seen);
      yield chunk;
    }
  };
}
