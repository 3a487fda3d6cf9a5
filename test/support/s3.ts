import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AwsClient } from 'aws4fetch';
import type { S3Settings } from '../../src/vault/index.js';
import { until } from './until.js';
import { freePort } from './free-port.js';

/** An S3 server on loopback, which checks signatures and keeps objects in a folder. */
export interface S3Server extends AsyncDisposable {
  readonly settings: S3Settings;
  /** Ends it; what it has stays. */
  stop(): Promise<void>;
  /** Starts it again, on the same port. */
  start(): Promise<void>;
}

const BUCKET = 'vault-test';
const REGION = 'us-east-1';
const KEY = 'vault-test-key';

/**
 * versitygw, a stock S3 server over a folder. `INGAM_TEST_VERSITYGW` names its program: `npm run test:interop` fetches it.
 * @param directory an empty folder
 */
export async function startS3(directory: string): Promise<S3Server> {
  const program = process.env['INGAM_TEST_VERSITYGW'];
  if (program === undefined)
    throw new Error('INGAM_TEST_VERSITYGW names no program: run npm run test:interop');
  const { port, start, stop } = await versitygw(program, directory);
  return {
    settings: {
      endpoint: `http://127.0.0.1:${port}`,
      ...{ region: REGION, bucket: BUCKET, prefix: 'ingam/', accessKey: KEY, secretKey: KEY },
    },
    start,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

interface Running {
  readonly port: number;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

async function versitygw(program: string, directory: string): Promise<Running> {
  const port = await freePort();
  const [objects, attributes] = [join(directory, 'objects'), join(directory, 'attributes')];
  for (const each of [objects, attributes]) await mkdir(each, { recursive: true });
  let child: ChildProcess | null = null;
  const start = async () => {
    const argv = ['--port', `127.0.0.1:${port}`, '--access', KEY, '--secret', KEY, '--region', REGION];
    child = spawn(program, [...argv, 'posix', '--sidecar', attributes, objects], { stdio: 'ignore' });
    await until('versitygw to make its bucket', () => makeBucket(port));
  };
  const stop = async () => {
    const ending = child;
    child = null;
    if (ending === null) return;
    ending.kill();
    await once(ending, 'exit');
  };
  await start();
  return { port, start, stop };
}

/** @returns whether there is one now */
async function makeBucket(port: number): Promise<boolean> {
  const client = new AwsClient({
    ...{ accessKeyId: KEY, secretAccessKey: KEY, region: REGION, service: 's3', retries: 0 },
  });
  try {
    const response = await client.fetch(`http://127.0.0.1:${port}/${BUCKET}`, { method: 'PUT' });
    // What is left of an answer would fail when the server stops.
    await response.arrayBuffer();
    return response.status === 200 || response.status === 409;
  } catch {
    return false;
  }
}
