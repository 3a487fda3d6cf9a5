import pg from 'pg';

const parseBytea = pg.types.getTypeParser(pg.types.builtins.BYTEA) as (text: string) => Buffer;

/** Above pg, bytes are plain Uint8Arrays: a Buffer's `slice` and `toJSON` behave differently. */
function bytes(text: string): Uint8Array {
  const { buffer, byteOffset, length } = parseBytea(text);
  return new Uint8Array(buffer, byteOffset, length);
}

/** The type bytea[]. */
const BYTEA_ARRAY = 1001;
const parseByteas = pg.types.getTypeParser(BYTEA_ARRAY as never) as unknown as (text: string) => Buffer[];

function manyBytes(text: string): Uint8Array[] {
  return parseByteas(text).map(
    ({ buffer, byteOffset, length }) => new Uint8Array(buffer, byteOffset, length),
  );
}

/** How the store's own statements read columns. 64-bit integers stay text until `safe` has checked them. */
export const TYPES = new pg.TypeOverrides();
TYPES.setTypeParser(pg.types.builtins.BYTEA, bytes);
TYPES.setTypeParser(BYTEA_ARRAY, manyBytes);

/** The same, with exact 64-bit integers. */
export const EXACT_TYPES = new pg.TypeOverrides();
EXACT_TYPES.setTypeParser(pg.types.builtins.BYTEA, bytes);
EXACT_TYPES.setTypeParser(BYTEA_ARRAY, manyBytes);
EXACT_TYPES.setTypeParser(pg.types.builtins.INT8, BigInt);
