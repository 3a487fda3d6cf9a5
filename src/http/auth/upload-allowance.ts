import type { Request } from 'express';
import { AccessError, type Access } from '../../auth/index.js';
import type { Intake, Submission } from '../../intake/index.js';
import { clientOf } from './authenticate.js';
import { mediaTypeOf } from '../requests/body.js';
import { contextOf } from '../context.js';

/** What a multipart body may have besides its files, for a look at its length. */
const MULTIPART_FRAME_BYTES = 1024 * 1024;

/** How many bytes of documents the caller may still upload today. Taken only when they are accepted; this stops what cannot be. */
export interface UploadAllowance {
  /** Passes a document's bytes on, until all that passed are more than is left; then rejects with limit_exceeded. */
  meter(document: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
}

interface Limiting {
  readonly access: Pick<Access, 'limits'>;
  readonly intake: Pick<Intake, 'knows'>;
}

const UNLIMITED: UploadAllowance = { meter: (document) => document };

/**
 * Looked up before anything is read. Repetitions of what has been accepted are let through: their answer must not be lost to a limit.
 * @throws {AccessError} limit_exceeded, at once for what is announced to be more than is left
 */
export async function uploadAllowance(
  { access, intake }: Limiting,
  req: Request,
  idempotency: Submission['idempotency'],
): Promise<UploadAllowance> {
  const { principal } = contextOf(req);
  if (principal.kind === 'anonymous') return UNLIMITED;
  const left = await access.limits.bytesLeft(principal);
  if (left === null || (await intake.knows(idempotency))) return UNLIMITED;
  const refuse = async (bytes: number): Promise<never> => {
    // Says it with the limit's name and times. It takes nothing, because so much is not left.
    await access.limits.takeDocuments(principal, { digests: 0, bytes }, clientOf(req));
    throw new AccessError('limit_exceeded', 'the limit of bytes a day was reached a moment ago', {
      retryAfterSeconds: 1,
    });
  };
  const frame = mediaTypeOf(req) === 'multipart/form-data' ? MULTIPART_FRAME_BYTES : 0;
  const announced = Number(req.headers['content-length'] ?? 0) - frame;
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
