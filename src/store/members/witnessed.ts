import type { Connections } from '../connections.js';
import type { Everyday } from '../everyday.js';
import { nothingWritten } from '../pg-errors.js';
import { safe } from '../rows.js';
import type { StoredCheckpoint } from '../types.js';
import type { StoredEvidence, Witnessed } from './types.js';

export async function witnessed(connections: Connections, origin: string): Promise<Witnessed | null> {
  const [row] = await connections.prepared<Omit<Witnessed, 'size'> & { readonly size: string }>(
    'witnessed',
    'SELECT origin, size, root, note, cosignature FROM witnessed WHERE origin = $1',
    [origin],
  );
  return row === undefined ? null : { ...row, size: safe(row.size) };
}

/**
 * One statement, hence one atomic step: of two that start from the same old size, the row lock lets one through and shows the
 * other what stands there then.
 */
export async function setWitnessed(
  connections: Connections,
  { origin, size, root, note, cosignature }: Witnessed,
  old: number,
): Promise<boolean> {
  const values = [origin, size, root, note, cosignature];
  const statement =
    old === 0
      ? `INSERT INTO witnessed (origin, size, root, note, cosignature) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (origin) DO UPDATE
         SET size = excluded.size, root = excluded.root, note = excluded.note, cosignature = excluded.cosignature
         WHERE witnessed.size = 0 AND $6::bigint = 0 RETURNING size`
      : `UPDATE witnessed SET size = $2, root = $3, note = $4, cosignature = $5
         WHERE origin = $1 AND size = $6::bigint RETURNING size`;
  const { rowCount } = await connections.write(
    (client) => client.query(statement, [...values, old]),
    (error) => nothingWritten(error, 'keeping what was cosigned'),
  );
  return rowCount === 1;
}

export async function keepCheckpoint(
  connections: Connections,
  { size, root, note }: StoredCheckpoint,
): Promise<void> {
  await connections.write(
    (client) =>
      client.query(
        'INSERT INTO checkpoint (size, root, note) VALUES ($1, $2, $3) ON CONFLICT (size) DO NOTHING',
        [size, root, note],
      ),
    (error) => nothingWritten(error, 'keeping a checkpoint'),
  );
}

export async function addEvidence(
  connections: Connections,
  { foundAt, digest, reason, document }: StoredEvidence,
): Promise<boolean> {
  const { rowCount } = await connections.write(
    (client) =>
      client.query(
        `INSERT INTO evidence (found_at, digest, reason, document) VALUES ($1, $2, $3, $4)
         ON CONFLICT (digest) DO NOTHING`,
        [foundAt, digest, reason, document],
      ),
    (error) => nothingWritten(error, 'keeping evidence'),
  );
  return rowCount === 1;
}

export async function evidence(everyday: Everyday, limit: number): Promise<StoredEvidence[]> {
  const rows = await everyday.ask('reading evidence', (prisma) =>
    prisma.evidence.findMany({ orderBy: [{ foundAt: 'desc' }, { digest: 'asc' }], take: limit }),
  );
  return rows.map((row) => ({ ...row, foundAt: safe(row.foundAt) }));
}
