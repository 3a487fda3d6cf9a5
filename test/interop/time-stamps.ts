/**
 * Part of `npm run test:interop`: time-stamps of stock authorities judged by us, and ours judged by stock
 * verifiers. Needs Python 3 with venv, which fetches that code from its package index, and openssl.
 */
import { execFile, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Checker, RevocationLists, stamp } from '../../src/anchoring/index.js';
import {
  certificatesOfPem,
  describeName,
  DIGESTS,
  encodeGranted,
  encodeRequest,
  parseResponse,
  prepareToken,
  QUERY_TYPE,
  readRequest,
  REPLY_TYPE,
  verifyToken,
  type Certificate,
  type DigestName,
  type TokenFault,
  type TokenVerdict,
} from '../../src/proof/time/rfc3161.js';
import { until } from '../support/until.js';
import { freePort } from '../support/free-port.js';

const run = promisify(execFile);
const PACKAGES = ['certomancer[web-api]==0.16.0', 'rfc3161-client==1.0.9'];
const MESSAGE = Buffer.from('a document\n');

const folder = await mkdtemp(join(tmpdir(), 'ingam-interop-'));
const inFolder = (name: string) => join(folder, name);
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

async function makeKeys(): Promise<void> {
  await mkdir(inFolder('keys'));
  const keys = {
    root: generateKeyPairSync('rsa', { modulusLength: 3072 }),
    rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
    ec: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  };
  for (const [name, { privateKey }] of Object.entries(keys)) {
    await writeFile(inFolder(`keys/${name}.pem`), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  }
}

interface Answer {
  readonly request: Uint8Array;
  readonly response: Uint8Array;
  readonly judge: (more?: { crls?: Uint8Array[]; existedBy?: number }) => TokenVerdict;
}

/** Asks an authority as the service would. */
async function ask(url: string, roots: Certificate[], digest: DigestName = 'sha256'): Promise<Answer> {
  const nonce = randomBytes(16);
  const imprint = DIGESTS[digest].hash(MESSAGE);
  const request = encodeRequest({ digest, imprint, nonce, certReq: true, policy: null });
  const headers = { 'content-type': QUERY_TYPE };
  const reply = await fetch(url, { method: 'POST', headers, body: Buffer.from(request) });
  if (reply.status !== 200 || reply.headers.get('content-type') !== REPLY_TYPE)
    throw new Error(`${url} answers ${reply.status} ${String(reply.headers.get('content-type'))}`);
  const response = new Uint8Array(await reply.arrayBuffer());
  const parsed = parseResponse(response);
  if (!parsed.granted) throw new Error(`${url} refuses: ${parsed.text}`);
  const input = { token: parsed.token, stamped: { message: MESSAGE }, roots, nonce };
  return { request, response, judge: (more) => verifyToken({ ...input, ...more }) };
}

function counts(verdict: TokenVerdict): string {
  if (!verdict.counts) throw new Error(`${verdict.fault}: ${verdict.message}`);
  const { time, chain } = verdict.stamp;
  return `${new Date(time).toISOString()} by ${chain.map(({ subject }) => describeName(subject)).join(' < ')}`;
}

function isRefused(verdict: TokenVerdict, fault: TokenFault): string {
  if (verdict.counts || verdict.fault !== fault)
    throw new Error(`${fault} is expected, but ${verdict.counts ? 'it counts' : verdict.fault}`);
  return verdict.message;
}

/** What rfc3161-client says. */
async function client(...argv: string[]): Promise<string> {
  const script = join(import.meta.dirname, 'rfc3161_client_check.py');
  return (await run(inFolder('venv/bin/python'), [script, ...argv], { cwd: folder })).stdout.trim();
}

console.log('installing the stock tools');
await run('python3', ['-m', 'venv', inFolder('venv')]);
await run(inFolder('venv/bin/pip'), ['install', '--quiet', ...PACKAGES]);
await makeKeys();
const port = await freePort();
const base = `http://127.0.0.1:${port}`;
const template = await readFile(join(import.meta.dirname, 'certomancer.yml'), 'utf8');
await writeFile(inFolder('certomancer.yml'), `external-url-prefix: "${base}"\n${template}`);
const certomancer = ['--config', inFolder('certomancer.yml')];
const options = { cwd: folder };
await run(
  inFolder('venv/bin/certomancer'),
  [...certomancer, 'mass-summon', 'test', 'certs', '--no-pfx'],
  options,
);
const server = spawn(inFolder('venv/bin/certomancer'), [...certomancer, 'animate', '--port', String(port)], {
  ...options,
  stdio: 'ignore',
});
try {
  const rootPem = inFolder('certs/root/root.cert.pem');
  const roots = certificatesOfPem(await readFile(rootPem, 'utf8'));
  const crlUrl = `${base}/test/crls/root/latest.crl`;
  const crl = new Uint8Array(
    await until('certomancer to answer', () =>
      fetch(crlUrl).then(
        (reply) => (reply.ok ? reply.arrayBuffer() : null),
        () => null,
      ),
    ),
  );
  const tsa = (name: string, digest?: DigestName) => ask(`${base}/test/tsa/${name}`, roots, digest);
  for (const name of ['rsa', 'ec']) {
    for (const digest of ['sha256', 'sha512'] as const) {
      await check(
        `a token of certomancer's ${name} authority with ${digest} counts, and openssl agrees`,
        async () => {
          const { request, response, judge } = await tsa(name, digest);
          await writeFile(inFolder('request.tsq'), request);
          await writeFile(inFolder('response.tsr'), response);
          const said = counts(judge());
          await run(
            'openssl',
            ['ts', '-verify', '-queryfile', 'request.tsq', '-in', 'response.tsr', '-CAfile', rootPem],
            options,
          );
          return said;
        },
      );
    }
  }
  const anchored = async (name: string) => {
    const checker = new Checker();
    const source = { url: `${base}/test/tsa/${name}`, roots: roots.map(({ der }) => der) };
    const limits = { signal: new AbortController().signal };
    try {
      return await stamp(source, new Uint8Array(MESSAGE), checker, new RevocationLists(checker), limits);
    } finally {
      await checker.close();
    }
  };
  await check(
    'the service takes its tokens as anchors, and keeps the list that its certificate names',
    async () => {
      const { token, crls } = await anchored('rsa');
      if (crls.length !== 1) throw new Error(`${crls.length} lists`);
      return `a token of ${token.length} bytes`;
    },
  );
  await check('the service takes no token of an authority whose key was stolen', async () => {
    const outcome = await anchored('stolen').then(
      () => null,
      (error: unknown) => error,
    );
    if (!(outcome instanceof Error) || !outcome.message.includes('revoked')) throw new Error(String(outcome));
    return outcome.message;
  });
  await check('the list that its certificate names shows that it was not revoked', async () => {
    const verdict = (await tsa('rsa')).judge({ crls: [crl] });
    counts(verdict);
    const urls = verdict.counts
      ? verdict.stamp.chain.flatMap(({ extensions }) => extensions.crlPoints.flatMap((point) => point.urls))
      : [];
    if (!urls.includes(crlUrl) || !verdict.counts || verdict.stamp.notRevokedAsOf === null)
      throw new Error(`the list at ${urls.join(', ')} does not show it`);
    return new Date(verdict.stamp.notRevokedAsOf).toISOString();
  });
  await check('a token of an authority whose key was stolen counts only without the list', async () => {
    const { judge } = await tsa('stolen');
    counts(judge());
    return isRefused(judge({ crls: [crl] }), 'revoked');
  });
  await check('a token by a certificate that has expired does not count', async () =>
    isRefused((await tsa('expired')).judge(), 'expired'),
  );
  await check('a token by a certificate that is not valid yet does not count', async () =>
    isRefused((await tsa('future')).judge(), 'not_yet_valid'),
  );
  await check('rfc3161-client says the same of them', async () => {
    await writeFile(inFolder('message'), MESSAGE);
    const said: string[] = [];
    for (const [name, word] of [
      ['rsa', 'counts'],
      ['ec', 'counts'],
      ['expired', 'refused'],
    ] as const) {
      await writeFile(inFolder('response.tsr'), (await tsa(name)).response);
      const answer = await client('verify', rootPem, 'response.tsr', 'message');
      if (!answer.startsWith(word)) throw new Error(`of ${name} it says "${answer}"`);
      said.push(answer);
    }
    return said.join('; ');
  });
  await check('rfc3161-client takes a token of ours for its request, and not for other bytes', async () => {
    await writeFile(inFolder('message'), MESSAGE);
    await writeFile(inFolder('other'), 'another document\n');
    await client('request', 'message', 'request.tsq');
    const reading = readRequest(await readFile(inFolder('request.tsq')), ['1.3.6.1.4.1.55555.1']);
    if (!reading.accepted) throw new Error(reading.message);
    const certificate = certificatesOfPem(await readFile(inFolder('certs/root/rsa.cert.pem'), 'utf8'));
    const { digest, imprint, nonce, policy } = reading.request;
    const info = {
      policy,
      digest,
      imprint,
      nonce,
      serial: Uint8Array.of(7),
      time: Date.now(),
      accuracy: 1000,
    };
    const [own] = certificate.map(({ der }) => der);
    if (own === undefined) throw new Error('no certificate');
    const token = prepareToken(info, { certificates: [own], signature: 'rsa', digest: 'sha256' }, true);
    const key = await readFile(inFolder('keys/rsa.pem'), 'utf8');
    await writeFile(inFolder('ours.tsr'), encodeGranted(token.finish(sign('sha256', token.toSign, key))));
    const good = await client('verify', rootPem, 'ours.tsr', 'message');
    const bad = await client('verify', rootPem, 'ours.tsr', 'other');
    if (!good.startsWith('counts') || !bad.startsWith('refused'))
      throw new Error(`it says "${good}", "${bad}"`);
    return `${good}; ${bad}`;
  });
} finally {
  server.kill('SIGTERM');
  await once(server, 'exit');
  await rm(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
