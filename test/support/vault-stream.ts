import { createCipheriv, createHash, type Hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { expect } from 'vitest';
import { Accepted } from '../../src/http/schemas/resources.js';
import { createFolder } from '../cli/invoke.js';
import { startBuilt } from './built.js';
import { createDatabase } from './database.js';
import { LOG_KEY, RECEIPT_KEY, SECRET } from './parts.js';
import { bearer, createKey, createOrganization } from './people.js';
import { startService } from './service.js';

const SIZE = 5 * 1024 ** 3;
const PIECE = 1024 ** 2;
const MB = 1e6;

/** Bytes that do not compress. */
async function* documentOf(hash: Hash): AsyncGenerator<Uint8Array> {
  const cipher = createCipheriv('aes-256-ctr', Buffer.alloc(32, 1), Buffer.alloc(16));
  const zeros = Buffer.alloc(PIECE);
  for (let at = 0; at < SIZE; at += PIECE) {
    const piece = cipher.update(zeros);
    hash.update(piece);
    yield await Promise.resolve(piece);
  }
}

/** The most memory that the process has had so far, in bytes. */
async function peakMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return 1024 * Number(/^VmHWM:\s+([0-9]+) kB$/m.exec(status)?.[1]);
}

/**
 * Keeps 5 GiB with a built service, and reads them again: its memory must not grow with them.
 * @param settings where the vault is
 * @param partBytes what the storage takes at once: two of these are in memory
 */
export async function streamThroughVault(
  settings: Readonly<Record<string, string>>,
  partBytes = 0,
): Promise<void> {
  await using database = await createDatabase();
  let key: string;
  {
    await using service = await startService({ databaseUrl: database.url });
    key = (await createKey(service, (await createOrganization(service)).id)).secret;
  }
  await using data = await createFolder();
  await using service = await startBuilt(['serve'], {
    env: {
      ...settings,
      ...{ DATABASE_URL: database.url, INGAM_DATA_DIR: data.path, HOME: data.path, INGAM_WORKERS: '1' },
      ...{ INGAM_LOG_KEY: LOG_KEY.text, INGAM_RECEIPT_KEY: RECEIPT_KEY.text, INGAM_SECRET: SECRET },
      ...{ INGAM_VAULT_KEY: '11'.repeat(32), INGAM_SEAL_WITHOUT_KEPT_CHECKPOINT: 'on' },
    },
  });
  const sent = createHash('sha256');
  const before = await peakMemory(service.pid);
  const began = performance.now();
  const upload = {
    method: 'PUT',
    headers: bearer(key),
    body: Readable.toWeb(Readable.from(documentOf(sent))) as unknown as NonNullable<RequestInit['body']>,
    duplex: 'half',
  };
  const uploaded = await fetch(`${service.url}/v1/notarizations?vault=keep`, upload);
  expect(uploaded.status).toBe(201);
  const sha256 = sent.digest('hex');
  const [notarization] = Accepted.parse(await uploaded.json()).notarizations;
  expect(notarization?.sha256).toBe(sha256);
  const afterUpload = await peakMemory(service.pid);
  const uploadedAt = performance.now();
  const res = await fetch(`${service.url}/v1/notarizations/${notarization?.id ?? ''}/document`, {
    headers: bearer(key),
  });
  const received = createHash('sha256');
  for await (const bytes of res.body as unknown as AsyncIterable<Uint8Array>) received.update(bytes);
  expect(received.digest('hex')).toBe(sha256);
  const afterDownload = await peakMemory(service.pid);
  const speed = (from: number, to: number) => `${Math.round((SIZE / MB / (to - from)) * 1000)} MB/s`;
  const figures = [
    `before ${Math.round(before / MB)} MB`,
    `after the upload ${Math.round(afterUpload / MB)} MB (${speed(began, uploadedAt)})`,
    `after the download ${Math.round(afterDownload / MB)} MB (${speed(uploadedAt, performance.now())})`,
  ];
  process.stdout.write(`most memory of the service: ${figures.join(', ')}\n`);
  const growth = { upload: (afterUpload - before) / MB, download: (afterDownload - afterUpload) / MB };
  // A fiftieth of the document: what V8 has not collected yet.
  expect(growth.upload).toBeLessThan(100 + (2 * partBytes) / MB);
  expect(growth.download).toBeLessThan(100);
}
