import type { Connections } from '../connections.js';
import { safe, toTip, type TipRow } from '../rows.js';
import type { Followed } from './types.js';

interface Row {
  readonly minimum_difficulty: number | null;
  readonly size: string | null;
  readonly root: Uint8Array;
  readonly note: string;
}

/**
 * In one statement, so that it is of one moment. Not by Prisma: its first query in a process takes 0.13 s, and has V8's own threads at work for
 * another 0.3, just when a member that starts has everything to do.
 */
export async function followed(connections: Connections): Promise<Followed> {
  const [row] = await connections.prepared<Row & TipRow>(
    'followed',
    `SELECT (SELECT difficulty FROM block WHERE height = 0) AS minimum_difficulty,
            checkpoint.size, checkpoint.root, checkpoint.note, tip.*
     FROM (SELECT) AS one
     LEFT JOIN LATERAL (SELECT * FROM checkpoint ORDER BY size DESC LIMIT 1) AS checkpoint ON true
     LEFT JOIN LATERAL (SELECT * FROM block ORDER BY height DESC LIMIT 1) AS tip ON true`,
    [],
  );
  if (row === undefined) throw new Error('one row is selected');
  return {
    checkpoint: row.size === null ? null : { size: safe(row.size), root: row.root, note: row.note },
    tip: toTip(row),
    minimumDifficulty: row.minimum_difficulty,
  };
}
