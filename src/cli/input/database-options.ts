/** Apart from database.ts: who only shows help does not load PostgreSQL's client. */

/** The options of every command that works on a service's database itself. */
export const DATABASE_OPTIONS = {
  'data-dir': {
    type: 'string',
    value: 'DIR',
    help: 'the data directory of a service (default: $INGAM_DATA_DIR, else data)',
  },
  database: { type: 'string', value: 'URL', help: 'a PostgreSQL server (default: $DATABASE_URL)' },
} as const;

export interface DatabaseOptions {
  readonly database: string | undefined;
  readonly 'data-dir': string | undefined;
}
