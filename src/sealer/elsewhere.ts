import { createHash } from 'node:crypto';
import { readLimited } from '../background/bodies.js';
import { NODE_LIMITS, timeLimit } from '../background/time-limits.js';
import type { Witnesses } from '../proof/index.js';

/** Where checkpoints of this log can be read outside its database. */
export interface Elsewhere {
  /** For people: a member's name, or the service's own address. */
  readonly name: string;
  readonly url: string;
}

/** A note is some kilobytes at most: a line for each signature. */
const MAX_LENGTH = 64 * 1024;

/**
 * The members, which publish the last checkpoint that they have cosigned (c2sp.org/tlog-witness, monitoring),
 * and the address at which the service itself publishes: another instance may run there.
 */
export function elsewhere(origin: string, members: Witnesses | null, publicUrl: URL | null): Elsewhere[] {
  const name = createHash('sha256').update(origin).digest('hex');
  return [
    ...(members?.all ?? []).map((member) => ({
      name: `the member ${member.name}`,
      url: `${member.url}/${name}/checkpoint`,
    })),
    ...(publicUrl === null ? [] : [{ name: publicUrl.href, url: new URL('checkpoint', publicUrl).href }]),
  ];
}

/**
 * The note that is published there; null: none that can be read now. It is not verified. Never rejects, and
 * takes some seconds at most: a member that is away must not stop the service.
 */
export async function readElsewhere({ url }: Elsewhere): Promise<string | null> {
  try {
    // A redirect would lead to a server that the operator has not named.
    const response = await fetch(url, {
      redirect: 'error',
      signal: timeLimit(NODE_LIMITS.checkpointMs),
    });
    const body = await readLimited(response.body, MAX_LENGTH);
    return response.status === 200 ? Buffer.from(body).toString('utf8') : null;
  } catch {
    return null;
  }
}
