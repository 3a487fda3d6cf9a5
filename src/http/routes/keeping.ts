import type { Request } from 'express';
import { AccessError, organizationOf } from '../../auth/index.js';
import { hashDocument } from '../../intake/index.js';
import type { WrittenDocument } from '../../vault/index.js';
import { type HttpDeps, principalOf } from '../context.js';
import { idempotencyKeyOf } from '../requests/parameters.js';
import { ApiError } from '../responses/errors.js';

/** Writes the documents of a request into the vault while they are hashed. */
export interface Keeper {
  /** @param maxBytes most bytes of the document; null: no limit */
  hash(document: AsyncIterable<Uint8Array>, maxBytes: number | null): Promise<WrittenDocument>;
}

/** What a request may have besides its files. */
const FRAME_BYTES = 1024 * 1024;

/**
 * Runs `work` with a keeper if the request asks to have its documents kept, else with null. When it fails, what was
 * written is removed.
 * @throws {AccessError} unauthenticated, {ApiError} no_vault: before anything is read
 */
export async function keeping(
  { vault, intake }: Pick<HttpDeps, 'vault' | 'intake'>,
  req: Request,
  asked: 'keep' | undefined,
  work: (keeper: Keeper | null) => Promise<void>,
): Promise<void> {
  if (asked === undefined) return work(null);
  const organization = organizationOf(principalOf(req));
  if (organization === null)
    throw new AccessError(
      'unauthenticated',
      'only an organization can have its documents kept: sign in for one',
    );
  if (vault === null) {
    throw new ApiError(
      'no_vault',
      'This service keeps no documents: send the request without vault=keep, or ask its operator to set INGAM_VAULT.',
    );
  }
  const length = req.headers['content-length'];
  const key = idempotencyKeyOf(req);
  const announced = {
    atLeast: Number(length ?? 0) - FRAME_BYTES,
    atMost: length === undefined ? null : Number(length),
    isRepeated: key !== null && (await intake.knows(organization.id, key)),
  };
  const written: Uint8Array[] = [];
  const write = async (document: AsyncIterable<Uint8Array>, maxBytes: number | null) => {
    const one = await vault.write(organization.number, announced, (consume) =>
      hashDocument(document, { maxBytes, consume }),
    );
    written.push(one.object);
    return one;
  };
  let last: Promise<unknown> = Promise.resolve();
  try {
    await work({
      hash(document, maxBytes) {
        // One after the other: the parser reads a file as soon as the one before was read, and not when it was written.
        const one = last.then(() => write(document, maxBytes));
        last = one;
        return one;
      },
    });
  } catch (error) {
    // Those that are kept already stay.
    await vault.discard(written);
    throw error;
  }
}
