import { int8Array, textArray } from '../arrays.js';
import type { Connections } from '../connections.js';
import { nothingWritten } from '../pg-errors.js';
import { safe } from '../rows.js';
import type { Take } from './rate-limits.js';

/** What stands in the database for one key. */
export interface Held {
  readonly used: number;
  readonly resetsInMs: number;
}

interface Row {
  readonly taken: boolean;
  readonly now_ms: string;
  readonly points: string;
  readonly resets_at: string;
}

/**
 * All of `wanted` or nothing, and what is held then.
 * @param wanted in the order of their keys, each key once
 */
export async function takePoints(
  connections: Connections,
  wanted: readonly Take[],
): Promise<{ readonly taken: boolean; readonly held: Map<string, Held> }> {
  const { rows } = await connections.write(
    (client) =>
      client.query<Row>({
        name: 'take_points',
        text: 'SELECT taken, now_ms, points, resets_at FROM take_points($1, $2, $3, $4)',
        values: [
          textArray(wanted.map(({ key }) => key)),
          int8Array(wanted.map(({ points }) => points)),
          int8Array(wanted.map(({ rule }) => rule.limit)),
          int8Array(wanted.map(({ rule }) => rule.windowSeconds * 1000)),
        ],
      }),
    (error) => nothingWritten(error, 'taking of a limit'),
  );
  const held = new Map<string, Held>();
  for (const [i, row] of rows.entries()) {
    const resetsInMs = Math.max(0, safe(row.resets_at) - safe(row.now_ms));
    held.set(wanted[i]?.key ?? '', { used: safe(row.points), resetsInMs });
  }
  return { taken: rows[0]?.taken === true, held };
}
