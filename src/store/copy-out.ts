import pg from 'pg';

const FIRST_LENGTH = 2 ** 15;

/** What pg's own query does, and what it leaves out: to keep what COPY sends. */
class CopyOut extends pg.Query {
  #bytes = Buffer.allocUnsafeSlow(FIRST_LENGTH);
  #length = 0;

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Copied at once: the chunk lies in a buffer that pg reads into again. */
  handleCopyData({ chunk }: { readonly chunk: Uint8Array }): void {
    const end = this.#length + chunk.length;
    if (end > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(end, 2 * this.#bytes.length));
      larger.set(this.bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(chunk, this.#length);
    this.#length = end;
  }
}

/**
 * The rows of a SELECT in PostgreSQL's binary COPY format, whole: for long tables that are read page by page. Of the ways to get a row of
 * `entry` out of PostgreSQL this costs the least: 0.4 µs there and 0.2 here; in columns of text it was 0.5 and 3, as one
 * value in hexadecimal 1.2 and 0.9. (Whatever the protocol offers, pg reads all values as text.)
 */
export async function copyOut(client: pg.ClientBase, select: string): Promise<Buffer> {
  const copy = new CopyOut(`COPY (${select}) TO STDOUT (FORMAT binary)`);
  await new Promise((resolve, reject) => {
    copy.on('end', resolve).on('error', reject);
    client.query(copy);
  });
  return copy.bytes;
}
