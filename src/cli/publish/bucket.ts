import { IMMUTABLE } from '../../http/responses/send.js';
import { BINARY_TYPE, JSON_TYPE } from '../../http/route.js';
import type { Archive } from '../../member/index.js';
import { elementOf, textOf } from '../../vault/index.js';
import { objectsBelow, openBucket } from '../bucket.js';
import type { Io } from '../io.js';

/** More than the longest change list. */
const MAX_LENGTH = 16 * 1024 * 1024;

/** What a service says of the same bytes. */
function headersOf(name: string): Readonly<Record<string, string>> {
  const of = (type: string, cache: string) => ({ 'content-type': type, 'cache-control': cache });
  if (name === 'checkpoint') return of('text/plain; charset=utf-8', 'no-cache');
  if (name === 'v1/log-keys') return of(JSON_TYPE, 'no-cache');
  return of(name.startsWith('v1/tile/states/') ? JSON_TYPE : BINARY_TYPE, IMMUTABLE);
}

/**
 * A folder of a bucket. Its methods reject with a VaultError `unavailable`.
 * @throws {Failure} usage
 */
export function bucketArchive(shown: string, io: Io): Archive {
  const { prefix, client } = openBucket(shown, io);
  return {
    async read(name) {
      const asked = { method: 'GET', key: prefix + name, expected: [200, 404] } as const;
      const { status, bytes } = await client.whole(asked, MAX_LENGTH);
      if (status === 200) return bytes;
      const code = elementOf(textOf(bytes), 'Code');
      // Else the bucket itself is not there.
      if (code !== 'NoSuchKey') throw client.refused(404, code);
      return null;
    },
    write: (name, body) =>
      client.done({ method: 'PUT', key: prefix + name, headers: headersOf(name), body, expected: [200] }),
    async removeFolder(name) {
      for await (const { key } of objectsBelow(client, `${prefix}${name}/`, io.signal))
        await client.done({ method: 'DELETE', key, expected: [200, 204] });
    },
  };
}
