import { execFileSync } from 'node:child_process';
import { chown, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startEmbeddedPostgres } from '../../src/postgres/index.js';
import { migrate, openStore } from '../../src/store/index.js';
import { query } from '../support/database.js';
import { createLog } from '../support/parts.js';
import { startTestServer } from '../support/postgres.js';

test('connects by TLS to a server that has signed its own certificate, and checks it when told to', async () => {
  const scratch = await mkdtemp(join(tmpdir(), 'ingam-tls-'));
  const log = createLog();
  try {
    const directory = join(scratch, 'postgres');
    const { server: plain, adminUrl } = await startTestServer({ directory, log });
    const cluster = join(directory, 'cluster');
    const [key, certificate] = [join(cluster, 'server.key'), join(cluster, 'server.crt')];
    const root = join(scratch, 'root.pem');
    const openssl = (...argv: string[]) => execFileSync('openssl', argv, { stdio: 'pipe' });
    openssl(
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
      ...['-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate],
    );
    openssl('x509', '-in', certificate, '-out', root);
    const { uid, gid } = await stat(cluster);
    await Promise.all([key, certificate].map((file) => chown(file, uid, gid)));
    await query(adminUrl, 'ALTER SYSTEM SET ssl = on');
    await plain.stop();
    const server = await startEmbeddedPostgres({ directory, log });
    try {
      const at = (host: string, parameters: string) => {
        const url = new URL(server.ownerUrl);
        url.hostname = host;
        return `${url.href}?${parameters}`;
      };
      await migrate(server);
      const usesTls = `SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()`;
      expect(await query(server.ownerUrl, usesTls)).toEqual([{ ssl: false }]);
      for (const url of [
        at('127.0.0.1', 'sslmode=require'),
        at('127.0.0.1', `sslmode=verify-ca&sslrootcert=${root}`),
        at('localhost', `sslmode=verify-full&sslrootcert=${root}`),
      ]) {
        const store = await openStore({ url });
        await store.ping();
        const backends = await query<{ ssl: boolean }>(
          server.ownerUrl,
          `SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name LIKE 'ingam %'`,
        );
        expect(backends).toEqual([{ ssl: true }]);
        await store.close();
      }
      for (const url of [
        at('localhost', 'sslmode=verify-full'),
        at('127.0.0.1', `sslmode=verify-full&sslrootcert=${root}`),
      ]) {
        await expect(openStore({ url })).rejects.toThrow(/certificate|altnames/i);
      }
    } finally {
      await server.stop();
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
});
