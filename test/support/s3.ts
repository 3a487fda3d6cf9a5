import type { AddressInfo } from 'node:net';
import S3rver from 's3rver';
import type { S3Settings } from '../../src/vault/index.js';

/** An S3 server on loopback, which checks signatures and keeps objects in a folder. */
export interface S3Server extends AsyncDisposable {
  readonly settings: S3Settings;
  /** Ends it; what it has stays. */
  stop(): Promise<void>;
  /** Starts it again, on the same port. */
  start(): Promise<void>;
}

const BUCKET = 'vault-test';
/** The key that s3rver knows. */
const S3RVER_KEY = 'S3RVER';

/** @param directory an empty folder */
export async function startS3(directory: string): Promise<S3Server> {
  let port = 0;
  let running: S3rver | null = null;
  const start = async () => {
    running = new S3rver({
      ...{ address: '127.0.0.1', port, silent: true, directory },
      configureBuckets: [{ name: BUCKET, configs: [] }],
    });
    const address: AddressInfo = await running.run();
    ({ port } = address);
  };
  const stop = async () => {
    await running?.close();
    running = null;
  };
  await start();
  return {
    settings: {
      endpoint: `http://127.0.0.1:${port}`,
      region: 'us-east-1',
      ...{ bucket: BUCKET, prefix: 'ingam/', accessKey: S3RVER_KEY, secretKey: S3RVER_KEY },
    },
    start,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
