import type { Request } from 'express';
import { type Access, AccessError, organizationOf } from '../../auth/index.js';
import type { Intake } from '../../intake/index.js';
import { clientOf } from './authenticate.js';
import { mediaTypeOf } from '../requests/body.js';
import { contextOf } from '../context.js';

/** What a multipart body may have besides its files, when its length is compared with the limit. */
const MULTIPART_OVERHEAD_BYTES = 1024 * 1024;

/**
 * Stops an upload that exceeds the bytes that its submitter has left today. Consumes nothing: `DocumentQuota`
 * does. Anonymous uploads are slowed down to the share of their network instead.
 */
export interface UploadAllowance {
  /**
   * Passes a document's bytes on. Rejects with limit_exceeded when all documents together exceed what is
   * left.
   */
  meter(document: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
}

interface Limiting {
  readonly access: Pick<Access, 'anonymousLimits' | 'limits'>;
  readonly intake: Pick<Intake, 'knows'>;
}

const UNLIMITED: UploadAllowance = { meter: (document) => document };

/**
 * Looked up before the body is read. A repeated request is not limited: it costs nothing, and must get its
 * response.
 * @throws {AccessError} limit_exceeded, at once when the Content-Length exceeds what is left
 */
export async function uploadAllowance(
  { access, intake }: Limiting,
  req: Request,
  idempotencyKey: string | null,
): Promise<UploadAllowance> {
  const { principal } = contextOf(req);
  if (principal.kind === 'anonymous') {
    return { meter: (document) => access.anonymousLimits.pace(principal, clientOf(req), document) };
  }
  const left = await access.limits.bytesLeft(principal);
  if (left === null) return UNLIMITED;
  const organization = organizationOf(principal);
  if (idempotencyKey !== null && organization !== null) {
    if (await intake.knows(organization.id, idempotencyKey)) return UNLIMITED;
  }
  const refuse = async (bytes: number): Promise<never> => {
    // Rejects with the limit's name and times. Consumes nothing, because so much is not left.
    await access.limits.consumeDocuments(principal, { digests: 0, bytes }, clientOf(req));
    throw new AccessError('limit_exceeded', 'the limit of bytes a day was exceeded a moment ago', {
      retryAfterSeconds: 1,
    });
  };
  const overhead = mediaTypeOf(req) === 'multipart/form-data' ? MULTIPART_OVERHEAD_BYTES : 0;
  const announced = Number(req.headers['content-length'] ?? 0) - overhead;
  if (left < 1 || announced > left) await refuse(Math.max(announced, left + 1));
  let seen = 0;
  return {
    async *meter(document) {
      for await (const chunk of document) {
        seen += chunk.length;
        if (seen > left) await refuse(seen);
        yield chunk;
      }
    },
  };
}
