import type { Connections } from '../connections.js';
import { transaction } from '../transaction.js';
import type { AccessStore } from './access-store.js';
import { insertEvent } from './events.js';
import { SESSION_COLUMNS, toSession, type SessionRow } from './rows.js';

type RefreshTokens = Pick<AccessStore, 'rotateRefreshToken'>;

export function refreshTokensOver(connections: Connections): RefreshTokens {
  return {
    rotateRefreshToken: ({ oldHash, newHash, now, reusedEvent }) =>
      transaction(connections, 'trading a refresh token', async (client) => {
        // The row lock lets one of two through; the other finds the token used, and takes it for stolen.
        const tokens = await client.query<{ session_id: string; used_at: string | null }>(
          'SELECT session_id, used_at FROM refresh_token WHERE secret_hash = $1 FOR UPDATE',
          [oldHash],
        );
        const [token] = tokens.rows;
        if (token === undefined) return { outcome: 'unknown' };
        const [change, value] = token.used_at === null ? ['last_used_at = $2', now] : ['ended_at = $2', now];
        const sessions = await client.query<SessionRow>(
          `UPDATE session SET ${change} WHERE id = $1 AND ended_at IS NULL AND expires_at > $3
           RETURNING ${SESSION_COLUMNS}`,
          [token.session_id, value, now],
        );
        const [row] = sessions.rows;
        if (row === undefined) return { outcome: 'unknown' };
        const session = toSession(row);
        if (token.used_at !== null) {
          await insertEvent(client, reusedEvent(session));
          return { outcome: 'reused' };
        }
        await client.query('UPDATE refresh_token SET used_at = $2 WHERE secret_hash = $1', [oldHash, now]);
        await client.query(
          'INSERT INTO refresh_token (secret_hash, session_id, issued_at) VALUES ($1, $2, $3)',
          [newHash, token.session_id, now],
        );
        return { outcome: 'rotated', session };
      }),
  };
}
