import pg from 'pg';

const parseBytea = pg.types.getTypeParser(pg.types.builtins.BYTEA) as (text: string) => Buffer;

/** Everywhere above pg, bytes are plain Uint8Arrays: a Buffer's `slice` and `toJSON` behave otherwise. */
function bytes(text: string): Uint8Array {
  const { buffer, byteOffset, length } = parseBytea(text);
  return new Uint8Array(buffer, byteOffset, length);
}

/** How the store's own statements read columns; 64-bit integers stay text until `safe` has looked at them. */
export const TYPES = new pg.TypeOverrides();
TYPES.setTypeParser(pg.types.builtins.BYTEA, bytes);

/** The same, with exact 64-bit integers. */
export const EXACT_TYPES = new pg.TypeOverrides();
EXACT_TYPES.setTypeParser(pg.types.builtins.BYTEA, bytes);
EXACT_TYPES.setTypeParser(pg.types.builtins.INT8, BigInt);
