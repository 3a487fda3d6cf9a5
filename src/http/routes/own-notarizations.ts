import type { Request } from 'express';
import { type Notarization, parseNotarizationId } from '../../log/index.js';
import { ownershipOf } from '../auth/ownership.js';
import { type HttpDeps, principalOf } from '../context.js';
import { ApiError } from '../responses/errors.js';

/** Looked up at the same time. */
const AT_ONCE = 8;

/**
 * The notarizations with these ids, each once.
 * @throws {ApiError} notarization_not_found, also for those of others
 */
export async function ownNotarizations(
  { notarizations }: Pick<HttpDeps, 'notarizations'>,
  req: Request,
  ids: readonly string[],
): Promise<Notarization[]> {
  const own = new Map<number, Notarization>();
  for (let first = 0; first < ids.length; first += AT_ONCE) {
    const some = ids.slice(first, first + AT_ONCE);
    await Promise.all(
      some.map(async (id) => {
        const found = parseNotarizationId(id) === null ? null : await notarizations.find(id);
        if (found === null || ownershipOf(principalOf(req), found.entry) !== 'own') {
          throw new ApiError(
            'notarization_not_found',
            `The organization has no notarization with the id ${id}.`,
          );
        }
        own.set(found.position, found);
      }),
    );
  }
  return [...own.values()];
}
