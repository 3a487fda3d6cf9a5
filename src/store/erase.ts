import type { Connections } from './connections.js';
import { StoreError } from './errors.js';
import { NOT_SEALED, nothingWritten, sqlStateOf, UNKNOWN_POSITION } from './pg-errors.js';

export async function erase(connections: Connections, position: number): Promise<boolean> {
  return connections.write(
    async (client) => {
      const { rows } = await client.query<{ erased: boolean }>('SELECT erase_notarization($1) AS erased', [
        position,
      ]);
      return rows[0]?.erased === true;
    },
    (error) => {
      const message = error instanceof Error ? error.message : String(error);
      switch (sqlStateOf(error)) {
        case NOT_SEALED:
          return new StoreError('not_sealed', message, { cause: error });
        case UNKNOWN_POSITION:
          return new StoreError('unknown_position', message, { cause: error });
        default:
          return nothingWritten(error, 'erasing');
      }
    },
  );
}
