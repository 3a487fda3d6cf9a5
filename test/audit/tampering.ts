import pg from 'pg';

export interface Column {
  readonly table: string;
  readonly column: string;
  readonly type: string;
  readonly isKey: boolean;
}

/** A row's key as a finding names it. */
export type RowKey = Readonly<Record<string, string>>;

/**
 * Someone with full power over the database: triggers are off, checks and NOT NULL are gone. `undo` puts a
 * table back. Key constraints stay: they are not in the way, and without them nobody could tell two rows of
 * one key apart.
 */
export class Tampering {
  readonly #client: pg.Client;
  readonly columns: readonly Column[];

  private constructor(client: pg.Client, columns: readonly Column[]) {
    this.#client = client;
    this.columns = columns;
  }

  static async begin(url: string, tables: readonly string[]): Promise<Tampering> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query('SET session_replication_role = replica; SET synchronous_commit = off');
    const { rows } = await client.query<{
      table: string;
      column: string;
      type: string;
      nullable: string;
      is_key: boolean;
    }>(
      `SELECT c.table_name AS table, c.column_name AS column, c.data_type AS type, c.is_nullable AS nullable,
              k.column_name IS NOT NULL AS is_key
       FROM information_schema.columns c
       LEFT JOIN information_schema.key_column_usage k
         ON k.table_schema = c.table_schema AND k.table_name = c.table_name AND k.column_name = c.column_name
        AND k.constraint_name = c.table_name || '_pkey'
       WHERE c.table_schema = 'public' AND c.table_name = ANY ($1)
       ORDER BY c.table_name, c.ordinal_position`,
      [tables],
    );
    const checks = await client.query<{ table: string; name: string }>(
      `SELECT conrelid::regclass::text AS table, conname AS name FROM pg_constraint
       WHERE contype = 'c' AND conrelid::regclass::text = ANY ($1)`,
      [tables],
    );
    for (const { table, name } of checks.rows)
      await client.query(`ALTER TABLE ${table} DROP CONSTRAINT ${name}`);
    for (const { table, column, nullable, is_key } of rows) {
      if (nullable === 'NO' && !is_key) {
        await client.query(`ALTER TABLE ${table} ALTER COLUMN ${column} DROP NOT NULL`);
      }
    }
    await client.query('DROP INDEX block_first_position, block_previous_hash, block_hash, entry_digest_salt');
    for (const table of tables) await client.query(`CREATE TABLE kept_${table} AS TABLE ${table}`);
    return new Tampering(
      client,
      rows.map(({ table, column, type, is_key }) => ({ table, column, type, isKey: is_key })),
    );
  }

  keyColumns(table: string): string[] {
    return this.columns.filter((each) => each.table === table && each.isKey).map(({ column }) => column);
  }

  /** First, middle and last of the rows that match `where`. */
  async threeRows(table: string, where: string): Promise<RowKey[]> {
    const order = this.columns
      .filter((each) => each.table === table && each.isKey)
      .map(({ column }) => column)
      .join(', ');
    const { rows } = await this.#client.query<RowKey>(
      `WITH numbered AS (
         SELECT ${order}, row_number() OVER (ORDER BY ${order}) AS n, count(*) OVER () AS total FROM ${table} WHERE ${where}
       )
       SELECT ${this.#keyText(table)} FROM numbered WHERE n IN (1, (total + 1) / 2, total) ORDER BY n`,
    );
    return rows;
  }

  /** Changes one byte of one column. @returns the row's key afterwards */
  async changeByte({ table, column, type }: Column, key: RowKey, byte: number): Promise<RowKey> {
    const rows = await this.query<RowKey>(
      `UPDATE ${table} SET ${column} = ${changed(column, type, byte)} WHERE ${where(key)} RETURNING ${this.#keyText(table)}`,
    );
    const [row] = rows;
    if (row === undefined) throw new Error(`no row ${JSON.stringify(key)} in ${table}`);
    return row;
  }

  async deleteRow(table: string, key: RowKey): Promise<void> {
    await this.query(`DELETE FROM ${table} WHERE ${where(key)}`);
  }

  /** Adds a copy of the row of `key` under another key. */
  async addRow(table: string, key: RowKey, newKey: RowKey): Promise<void> {
    const columns = this.columns.filter((each) => each.table === table).map(({ column }) => column);
    const values = columns.map((column) => newKey[column] ?? column);
    await this.query(
      `INSERT INTO ${table} (${columns.join(', ')}) SELECT ${values.join(', ')} FROM ${table} WHERE ${where(key)}`,
    );
  }

  /** Swaps everything but the keys of two rows. */
  async swapRows(table: string, a: RowKey, b: RowKey): Promise<void> {
    const columns = this.columns
      .filter((each) => each.table === table && !each.isKey)
      .map(({ column }) => column);
    await this.query(
      `UPDATE ${table} SET ${columns.map((column) => `${column} = other.${column}`).join(', ')}
       FROM ${table} AS other
       WHERE (${where(a, table)} AND ${where(b, 'other')}) OR (${where(b, table)} AND ${where(a, 'other')})`,
    );
  }

  async undo(table: string): Promise<void> {
    const sameKey = this.keyColumns(table).map((column) => `${table}.${column} = wrong.${column}`);
    await this.query(
      `DELETE FROM ${table} USING (SELECT * FROM ${table} EXCEPT SELECT * FROM kept_${table}) AS wrong
       WHERE ${sameKey.join(' AND ')}`,
    );
    await this.query(`INSERT INTO ${table} SELECT * FROM kept_${table} EXCEPT SELECT * FROM ${table}`);
  }

  async query<R extends pg.QueryResultRow>(text: string): Promise<R[]> {
    return (await this.#client.query<R>(text)).rows;
  }

  async end(): Promise<void> {
    await this.#client.end();
  }

  #keyText(table: string): string {
    return this.keyColumns(table)
      .map((column) => `${column}::text AS ${column}`)
      .join(', ');
  }
}

function where(key: RowKey, table?: string): string {
  return Object.entries(key)
    .map(([column, value]) => `${table === undefined ? '' : `${table}.`}${column} = '${value}'`)
    .join(' AND ');
}

/** The expression for `column` with its byte number `byte` (from the end, for numbers) changed. */
function changed(column: string, type: string, byte: number): string {
  switch (type) {
    case 'bytea':
      return `set_byte(${column}, ${byte} % length(${column}), get_byte(${column}, ${byte} % length(${column})) # 1)`;
    case 'bigint':
      return `${column} # (1::bigint << ${8 * (byte % 8)})`;
    case 'integer':
      return `${column} # (1 << ${8 * (byte % 4)})`;
    case 'smallint':
      return `(${column}::integer # (1 << ${8 * (byte % 2)}))::smallint`;
    case 'boolean':
      return `NOT ${column}`;
    case 'text':
      return `overlay(${column} PLACING CASE substr(${column}, 1 + ${byte} % length(${column}), 1) WHEN 'x' THEN 'y' ELSE 'x' END
                FROM 1 + ${byte} % length(${column}) FOR 1)`;
    default:
      throw new Error(`no way is known to change one byte of a ${type}`);
  }
}
