import { elementOf, S3Client } from '../vault/index.js';
import { usageError } from './failure.js';
import { throwIfStopped } from './files.js';
import type { Io } from './io.js';
import { bucketMessages } from './messages/buckets.js';

/** `s3://BUCKET` or `s3://BUCKET/FOLDER`, with the settings of other S3 tools (https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html). */

const ADDRESS = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/s;

export const isBucket = (argument: string): boolean => argument.startsWith('s3://');

export interface Bucket {
  readonly bucket: string;
  /** Before the keys of the folder: empty, or with a slash at its end. */
  readonly prefix: string;
  readonly client: S3Client;
}

/** @throws {Failure} usage */
export function openBucket(shown: string, { env, signal }: Io): Bucket {
  const t = bucketMessages();
  const [, bucket, path = ''] = ADDRESS.exec(shown) ?? [];
  if (bucket === undefined) throw usageError(t.notABucket(shown));
  const of = (...names: readonly string[]) =>
    names.map((name) => env[name] ?? '').find((value) => value !== '');
  const [accessKey, secretKey] = [of('AWS_ACCESS_KEY_ID'), of('AWS_SECRET_ACCESS_KEY')];
  if (accessKey === undefined || secretKey === undefined) throw usageError(t.needsCredentials);
  const region = of('AWS_REGION', 'AWS_DEFAULT_REGION') ?? 'us-east-1';
  const endpoint = of('AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL') ?? `https://s3.${region}.amazonaws.com`;
  if (!/^https?:\/\//.test(endpoint) || !URL.canParse(endpoint)) throw usageError(t.badEndpoint(endpoint));
  const sessionToken = of('AWS_SESSION_TOKEN');
  const client = new S3Client(
    { endpoint: endpoint.replace(/\/+$/, ''), region, bucket, accessKey, secretKey, sessionToken },
    () => null,
  );
  signal.addEventListener('abort', () => {
    client.close();
  });
  return { bucket, prefix: path === '' || path.endsWith('/') ? path : `${path}/`, client };
}

/** All objects whose keys begin so. `object` is the XML of the list about it. @throws {VaultError} */
export async function* objectsBelow(
  client: S3Client,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<{ readonly key: string; readonly object: string }> {
  let token: string | null = null;
  do {
    throwIfStopped(signal);
    const text: string = await client.text({
      method: 'GET',
      key: null,
      query: {
        ...{ 'list-type': '2', 'encoding-type': 'url', prefix },
        ...(token === null ? {} : { 'continuation-token': token }),
      },
      expected: [200],
    });
    const isEncoded = elementOf(text, 'EncodingType') === 'url';
    for (const [, object = ''] of text.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
      const given = elementOf(object, 'Key') ?? '';
      yield { key: isEncoded ? decodeURIComponent(given.replaceAll('+', ' ')) : given, object };
    }
    token = elementOf(text, 'IsTruncated') === 'true' ? elementOf(text, 'NextContinuationToken') : null;
  } while (token !== null);
}
