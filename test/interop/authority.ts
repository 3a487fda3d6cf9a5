/**
 * Part of `npm run test:interop`: tokens of `POST /tsa` in the hands of stock clients. Needs Python 3 with venv,
 * which fetches rfc3161-client and pyHanko from its package index, a JDK (keytool, jar, jarsigner), osslsigncode
 * and openssl: apt-get install default-jdk-headless osslsigncode.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { QUERY_TYPE } from '../../src/proof/time/rfc3161.js';
import { runBuilt, startBuilt } from '../support/built.js';

const run = promisify(execFile);
const PACKAGES = ['rfc3161-client==1.0.9', 'pyhanko[async-http]==0.38.0', 'requests'];
const PASSWORD = 'changeit';

const folder = await mkdtemp(join(tmpdir(), 'ingam-interop-'));
const options = { cwd: folder };
let failed = 0;
let passed = 0;

async function check(what: string, work: () => Promise<string>): Promise<void> {
  try {
    console.log(`passed  ${what}: ${await work()}`);
    passed++;
  } catch (error) {
    console.log(`FAILED  ${what}: ${error instanceof Error ? error.message : String(error)}`);
    failed++;
  }
}

/** What a command prints, on both outputs. */
async function say(command: string, ...argv: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run(command, argv, options);
  return `${stdout}${stderr}`.trim();
}

/** The line that has these words. */
function lineWith(text: string, words: RegExp): string {
  const line = text.split('\n').find((each) => words.test(each));
  if (line === undefined) throw new Error(`it says: ${text}`);
  return line.trim();
}

const python = (script: string, ...argv: string[]) =>
  say(join(folder, 'venv/bin/python'), join(import.meta.dirname, script), ...argv);

/** A program for Windows that needs no compiler: pip brings one. */
async function findProgram(): Promise<string> {
  const packages = join(folder, 'venv/lib');
  const names = await readdir(packages, { recursive: true });
  const found = names.find((name) => name.endsWith('t64.exe'));
  if (found === undefined) throw new Error('pip has no t64.exe');
  return join(packages, found);
}

console.log('installing the stock tools');
await run('python3', ['-m', 'venv', join(folder, 'venv')]);
await run(join(folder, 'venv/bin/pip'), ['install', '--quiet', ...PACKAGES]);

for (const algorithm of ['rsa', 'p256'] as const) {
  const env = { INGAM_DATA_DIR: join(folder, algorithm), INGAM_TSA: 'on', INGAM_WORKERS: '1' };
  const name = ['--name', 'Interop', '--algorithm', algorithm];
  const created = await runBuilt(['tsa', 'create', ...name], { cwd: folder, env });
  if (created.code !== 0) throw new Error(created.stderr);
  await writeFile(join(folder, 'root.pem'), created.stdout);
  const service = await startBuilt(['serve'], { cwd: folder, env });
  const url = `${service.url}/tsa`;
  try {
    await check(`rfc3161-client takes a token of its own request (${algorithm})`, async () => {
      await writeFile(join(folder, 'message'), 'a document\n');
      await python('rfc3161_client_check.py', 'request', 'message', 'request.tsq');
      const reply = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': QUERY_TYPE },
        body: await readFile(join(folder, 'request.tsq')),
      });
      await writeFile(join(folder, 'response.tsr'), Buffer.from(await reply.arrayBuffer()));
      const said = await python('rfc3161_client_check.py', 'verify', 'root.pem', 'response.tsr', 'message');
      return lineWith(said, /^counts/);
    });
    await check(`pyHanko stamps a PDF and trusts the stamp (${algorithm})`, async () =>
      lineWith(await python('pyhanko_check.py', url, 'root.pem'), /INTACT.*TRUSTED/),
    );
    await check(`jarsigner stamps a signed archive and accepts the stamp (${algorithm})`, async () => {
      for (const each of ['keystore', 'archive.jar']) await rm(join(folder, each), { force: true });
      const store = ['-keystore', 'keystore', '-storepass', PASSWORD];
      const dname = 'CN=Signer, O=Interop';
      await say('keytool', '-genkeypair', ...store, '-alias', 'signer', '-keyalg', 'RSA', '-dname', dname);
      await say('keytool', '-importcert', '-noprompt', ...store, '-alias', 'tsa', '-file', 'root.pem');
      await say('jar', 'cf', 'archive.jar', 'message');
      await say('jarsigner', ...store, '-tsa', url, '-tsadigestalg', 'SHA-256', 'archive.jar', 'signer');
      const said = await say('jarsigner', '-verify', '-verbose', '-certs', ...store, 'archive.jar');
      lineWith(said, /^jar verified\.$/);
      if (/timestamp is invalid|TSA certificate chain is invalid/i.test(said)) throw new Error(said);
      return lineWith(said, /Timestamped by/);
    });
    await check(`osslsigncode stamps a signed program and accepts the stamp (${algorithm})`, async () => {
      const subject = ['-subj', '/CN=Code signer', '-addext', 'extendedKeyUsage=codeSigning'];
      const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', 'code.key', '-out', 'code.pem'];
      await say('openssl', 'req', '-x509', ...key, '-days', '30', ...subject);
      await rm(join(folder, 'signed.exe'), { force: true });
      const files = ['-in', await findProgram(), '-out', 'signed.exe'];
      await say(
        'osslsigncode',
        'sign',
        '-certs',
        'code.pem',
        '-key',
        'code.key',
        '-h',
        'sha256',
        '-ts',
        url,
        ...files,
      );
      const roots = ['-CAfile', 'code.pem', '-TSA-CAfile', 'root.pem'];
      const said = await say('osslsigncode', 'verify', ...roots, '-in', 'signed.exe');
      lineWith(said, /^Signature verification: ok/);
      lineWith(said, /Timestamp Server Signature verification: ok/i);
      return lineWith(said, /Timestamp time:/i);
    });
  } finally {
    await service.stop();
  }
}
await rm(folder, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
