import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFolder, type TestFolder } from '../cli/invoke.js';
import { startSmtpServer } from '../support/smtp-server.js';

let folder: TestFolder;
beforeAll(async () => {
  folder = await createFolder();
  for (const name of ['known', 'unknown']) {
    const subject = ['-subj', '/CN=mail', '-addext', 'subjectAltName=IP:127.0.0.1,IP:0.0.0.0'];
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${name}.key`];
    execFileSync('openssl', ['req', '-x509', ...key, '-out', `${name}.pem`, '-days', '2', ...subject], {
      cwd: folder.path,
      stdio: 'pipe',
    });
  }
});
afterAll(() => folder[Symbol.asyncDispose]());

const certificate = (name: string, implicit: boolean) => ({
  key: readFileSync(folder.at(`${name}.key`), 'utf8'),
  cert: readFileSync(folder.at(`${name}.pem`), 'utf8'),
  implicit,
});

/** What became of an e-mail to each of these servers, for a service that trusts the known certificate. */
async function send(...urls: string[]): Promise<string[]> {
  const loader = join(import.meta.dirname, '../support/ts-loader.mjs');
  const script = join(import.meta.dirname, 'processes/send-mails.ts');
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: folder.at('known.pem') };
  const argv = ['--import', loader, script, ...urls];
  return JSON.parse((await promisify(execFile)(process.execPath, argv, { env })).stdout) as string[];
}

/** The same server under an address that is not known to be of this machine, with a user. */
const outside = (url: string) => url.replace('//127.0.0.1', '//user:pass%20word@0.0.0.0');

test('hands e-mails and password in over TLS, from the first byte or after STARTTLS, and over nothing else', async () => {
  await using implicit = await startSmtpServer({ tls: certificate('known', true) });
  await using starttls = await startSmtpServer({ tls: certificate('known', false) });
  await using plain = await startSmtpServer();
  await using impostor = await startSmtpServer({ tls: certificate('unknown', true) });
  await using impostorStarttls = await startSmtpServer({ tls: certificate('unknown', false) });
  const servers = [implicit, starttls, plain, impostor, impostorStarttls];
  const results = await send(...servers.map(({ url }) => outside(url)));
  expect(results.map((result) => result === 'sent')).toEqual([true, true, false, false, false]);
  for (const { mails, said } of servers) {
    expect(mails.every(({ encrypted }) => encrypted)).toBe(true);
    expect(said.filter((line) => !/^(EHLO|STARTTLS|QUIT)/.test(line))).toEqual([]);
  }
  expect([implicit, starttls].map(({ mails }) => mails.length)).toEqual([1, 1]);
});

test('speaks to a mail server on the same machine without TLS, whatever its certificate is', async () => {
  await using local = await startSmtpServer({ tls: certificate('unknown', false) });
  expect(await send(local.url)).toEqual(['sent']);
  expect(local.mails).toMatchObject([{ encrypted: false }]);
});
