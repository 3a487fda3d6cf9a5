import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { certificatesOfPem, describeName, verifyToken } from '../../src/proof/time/rfc3161.js';
import { TsaFiles } from '../../src/tsa/index.js';
import { pemOf, withOpenssl } from '../support/openssl.js';
import { startService } from '../support/service.js';
import { createTsaKey, MESSAGE, tokenOf, tsq } from '../support/tsa.js';
import { createFolder, invoke, type TestFolder } from './invoke.js';

let folder: TestFolder;
let files: TsaFiles;
beforeEach(async () => {
  folder = await createFolder();
  files = new TsaFiles(folder.at('data'));
});
afterEach(() => folder[Symbol.asyncDispose]());

const ingam = (argv: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  invoke(['tsa', ...argv], { cwd: folder.path, env: { INGAM_DATA_DIR: folder.at('data'), ...env } });

const create = (...argv: string[]) =>
  ingam(['create', '--name', 'Test Notary', '--algorithm', 'p256', ...argv]);

const read = (file: string) => readFile(file, 'utf8');

/** What `openssl x509` shows of a certificate. */
const textOf = (der: Uint8Array) =>
  withOpenssl(({ file, run }) => run('x509', '-noout', '-text', '-in', file('c.pem', pemOf(der))).output);

describe('ingam tsa create', () => {
  test('makes a key with a root of its own and a certificate for time-stamping alone', async () => {
    const { code, stdout } = await ingam(['create', '--name', 'Test Notary', '--country', 'kr']);
    expect(code).toBe(0);
    const key = await files.read();
    const [own, root] = key?.certificates ?? [];
    expect(certificatesOfPem(stdout).map(({ der }) => der)).toEqual([root?.der]);
    const text = textOf(own?.der ?? new Uint8Array());
    expect(text).toContain('Public-Key: (3072 bit)');
    expect(text).toMatch(/X509v3 Extended Key Usage: critical\n\s+Time Stamping\n/);
    expect(text).toMatch(/X509v3 Key Usage: critical\n\s+Digital Signature\n/);
    expect(text).toMatch(/Issuer: C ?= ?KR, O ?= ?Test Notary, CN ?= ?Time-stamping root/);
    expect(textOf(root?.der ?? new Uint8Array())).toMatch(
      /X509v3 Basic Constraints: critical\n\s+CA:TRUE, pathlen:0/,
    );
    for (const file of [files.key, files.root]) expect((await stat(file)).mode & 0o777).toBe(0o600);
    // The log's keys are others.
    expect(await read(files.key)).toMatch(/^-----BEGIN PRIVATE KEY-----/);
  });

  test('never replaces a key', async () => {
    await create();
    const before = await read(files.key);
    const again = await create();
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('ingam tsa rotate')]);
    expect(await read(files.key)).toBe(before);
  });

  test('completes what was interrupted after the root was made', async () => {
    await create();
    const root = await read(files.root);
    await rm(files.key);
    expect((await create()).code).toBe(0);
    expect(await read(files.root)).toBe(root);
  });

  test.each([
    [['--name', ''], '--name requires NAME'],
    [['--name', 'x'.repeat(65)], 'a name of a certificate has 1 to 64 characters'],
    [['--name', 'x', '--country', 'Korea'], 'a country is given by two capital letters'],
    [['--name', 'x', '--algorithm', 'ed25519'], '--algorithm must be one of rsa, p256'],
    [[], 'missing --name NAME'],
  ])('says what is wrong with %j', async (argv, message) => {
    const { code, stderr } = await ingam(['create', ...argv]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
    expect(await files.read()).toBeNull();
  });
});

describe('ingam tsa show', () => {
  test('lists certificates with their validity, as text and as JSON, and prints the one to trust', async () => {
    expect(await ingam(['show'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('ingam tsa create') as string,
    });
    await create();
    const { stdout } = await ingam(['show']);
    const year = new Date().getUTCFullYear();
    expect(stdout.split('\n').slice(0, 2)).toEqual([
      expect.stringMatching(
        `^CN=Time-stamping authority .*, O=Test Notary  ${year}-.* to ${year + 10}-.*  sha256:[0-9a-f]{64}$`,
      ),
      expect.stringMatching(
        `^CN=Time-stamping root, O=Test Notary  ${year}-.* to ${year + 20}-.*  sha256:[0-9a-f]{64}$`,
      ),
    ]);
    expect(JSON.parse((await ingam(['show', '--json'])).stdout)).toMatchObject({
      certificates: [{ issuer: 'CN=Time-stamping root, O=Test Notary' }, {}],
      former: [],
      requested: false,
    });
    const { stdout: pem } = await ingam(['show', '--pem']);
    expect(certificatesOfPem(pem).map(({ subject }) => describeName(subject))).toEqual([
      'CN=Time-stamping root, O=Test Notary',
    ]);
  });

  test('shows the key of INGAM_TSA_KEY, as text or as a file, which no command changes', async () => {
    const pem = await createTsaKey();
    await writeFile(folder.at('elsewhere.pem'), pem);
    for (const value of [pem, folder.at('elsewhere.pem')]) {
      const shown = await ingam(['show'], { INGAM_TSA_KEY: value });
      expect([shown.code, shown.stdout]).toEqual([0, expect.stringContaining('O=Test Notary, C=KR')]);
      const changed = await ingam(['create', '--name', 'x'], { INGAM_TSA_KEY: value });
      expect([changed.code, changed.stderr]).toEqual([2, expect.stringContaining('INGAM_TSA_KEY')]);
    }
  });
});

describe('ingam tsa rotate', () => {
  test('replaces the key under the same root, and keeps the former certificate', async () => {
    await create();
    const before = await files.read();
    const { code } = await ingam(['rotate', '--algorithm', 'rsa']);
    expect(code).toBe(0);
    const after = await files.read();
    expect(after?.certificates[1]?.der).toEqual(before?.certificates[1]?.der);
    expect(after?.certificates[0].der).not.toEqual(before?.certificates[0].der);
    expect(after?.issuer.signature).toBe('rsa');
    expect((await files.readFormer()).map(({ der }) => der)).toEqual([before?.certificates[0].der]);
    expect((await ingam(['show'])).stdout).toMatch(/^former: CN=Time-stamping authority/m);
    expect((await stat(files.key)).mode & 0o777).toBe(0o600);
  });

  test('needs the root, and a certificate that is by it', async () => {
    expect((await ingam(['rotate'])).stderr).toContain('ingam tsa create');
    await create();
    const pem = await read(files.root);
    await rm(files.root);
    const missing = await ingam(['rotate']);
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('the root is missing')]);
    await rm(files.key);
    await writeFile(files.root, pem);
    await create();
    await writeFile(files.key, await createTsaKey());
    expect((await ingam(['rotate'])).stderr).toContain('the present certificate is not by the root');
  });

  test('while a service runs, changes the key of its next tokens; older ones stay valid', async () => {
    await create();
    const pem = await read(files.key);
    const [oldRoot] = certificatesOfPem(pem).slice(-1);
    await using service = await startService({ tsa: {}, dataDir: folder.at('data') });
    const old = await tokenOf(service.url, tsq({ certReq: false }));
    const [former] = (await files.read())?.certificates ?? [];
    expect((await ingam(['rotate'])).code).toBe(0);
    const [next] = (await files.read())?.certificates ?? [];
    const published = async () =>
      certificatesOfPem(await (await fetch(`${service.url}/tsa/certificates`)).text());
    await expect.poll(async () => (await published())[0]?.der).toEqual(next?.der);
    const certificates = (await published()).map(({ der }) => der);
    expect(certificates).toContainEqual(former?.der);
    const roots = oldRoot === undefined ? [] : [oldRoot];
    const judge = (token: Uint8Array, more: Uint8Array[]) =>
      verifyToken({ token, roots, certificates: more, stamped: { message: MESSAGE } });
    expect(judge(old, certificates)).toMatchObject({ counts: true });
    const fresh = await tokenOf(service.url, tsq({ certReq: true }));
    expect(judge(fresh, [])).toMatchObject({ counts: true, stamp: { chain: [{ der: next?.der }, {}] } });
  });
});

describe('ingam tsa request and install', () => {
  /** A root of somebody else, made with openssl, that signs a request. */
  function certify(request: string, extensions: string): { chain: string; root: string } {
    return withOpenssl(({ file, run }) => {
      file('request.csr', request);
      file('extensions', extensions);
      const steps = [
        [
          'req',
          '-x509',
          '-newkey',
          'rsa:2048',
          '-nodes',
          '-keyout',
          'root.key',
          '-out',
          'root.pem',
          '-days',
          '3650',
          '-subj',
          '/O=CA/CN=CA root',
        ],
        [
          'x509',
          '-req',
          '-in',
          'request.csr',
          '-CA',
          'root.pem',
          '-CAkey',
          'root.key',
          '-CAcreateserial',
          '-days',
          '365',
          '-out',
          'leaf.pem',
          '-extfile',
          'extensions',
        ],
      ];
      for (const step of steps) expect(run(...step).passed, step.join(' ')).toBe(true);
      const [leaf, root] = [run('x509', '-in', 'leaf.pem').output, run('x509', '-in', 'root.pem').output];
      return { chain: `${root}${leaf}`, root };
    });
  }

  const PURPOSE = 'extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n';

  test('get a certificate from another authority, in any order, for a key of their own', async () => {
    const { code, stdout: csr } = await ingam(['request', '--name', '예제 회사', '--algorithm', 'rsa']);
    expect(code).toBe(0);
    const shown = withOpenssl(({ file, run }) =>
      run('req', '-noout', '-text', '-verify', '-in', file('a.csr', csr)),
    );
    expect(shown.output).toMatch(/self-signature verify OK|verify OK/);
    expect(shown.output).toMatch(/Extended Key Usage: critical\n\s+Time Stamping/);
    expect((await stat(files.requested)).mode & 0o777).toBe(0o600);
    // The same key, however often.
    const again = (await ingam(['request', '--name', '예제 회사'])).stdout;
    const keyIn = (text: string) =>
      withOpenssl(({ file, run }) => run('req', '-noout', '-pubkey', '-in', file('a', text)).output);
    expect(keyIn(again)).toBe(keyIn(csr));
    const { chain, root } = certify(csr, PURPOSE);
    await writeFile(folder.at('chain.pem'), chain);
    const installed = await ingam(['install', 'chain.pem']);
    expect([installed.code, installed.stdout]).toEqual([0, expect.stringContaining('O=예제 회사')]);
    expect(await files.isWaiting()).toBe(false);
    const key = await files.read();
    expect(key?.certificates.map(({ der }) => pemOf(der)).at(-1)).toBe(root);
    // A new certificate for the same key.
    const { stdout: renewal } = await ingam(['install', 'chain.pem']);
    expect(renewal).toBe(installed.stdout);
    expect(await files.readFormer()).toEqual([]);
  });

  test.each([
    [
      'for another purpose',
      'extendedKeyUsage=critical,timeStamping,codeSigning\n',
      'is not for time-stamping alone',
    ],
    ['whose purpose is not critical', 'extendedKeyUsage=timeStamping\n', 'critical'],
    ['without a purpose', 'keyUsage=critical,digitalSignature\n', 'is not for time-stamping'],
  ])('refuse a certificate %s', async (_, extensions, words) => {
    const { stdout: csr } = await ingam(['request', '--name', 'x', '--algorithm', 'p256']);
    await writeFile(folder.at('chain.pem'), certify(csr, extensions).chain);
    const { code, stderr } = await ingam(['install', 'chain.pem']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('its tokens would not count')]);
    expect(stderr.toLowerCase()).toContain(words.toLowerCase());
    expect(await files.isWaiting()).toBe(true);
    expect(await files.read()).toBeNull();
  });

  test('refuse what is not a chain for one of the keys', async () => {
    await ingam(['request', '--name', 'x', '--algorithm', 'p256']);
    const foreign = await createTsaKey();
    const [leaf, root] = certificatesOfPem(foreign).map(({ der }) => pemOf(der));
    for (const [text, words] of [
      ['nothing', 'no certificates can be read'],
      [`${leaf ?? ''}${root ?? ''}`, 'none of its certificates is for the requested key'],
    ] as const) {
      await writeFile(folder.at('chain.pem'), text);
      const { code, stderr } = await ingam(['install', 'chain.pem']);
      expect([code, stderr]).toEqual([2, expect.stringContaining(words)]);
    }
    expect((await ingam(['install', 'missing.pem'])).stderr).toContain('no such file');
    expect((await ingam(['install'])).stderr).toContain('missing CHAIN.pem');
  });
});

describe('ingam tsa proof', () => {
  test('gets the proof of a token, also out of a response, and says when the log does not have it', async () => {
    const key = await createTsaKey();
    await using service = await startService({ tsa: { key } });
    const token = await tokenOf(service.url);
    await writeFile(folder.at('a.tst'), token);
    const { code, stdout } = await ingam(['proof', 'a.tst', '--server', service.url]);
    expect([code, stdout]).toEqual([0, 'a.tst.ingam.json\n']);
    const verified = await invoke(['verify', 'a.tst', '--key', service.verifierKey], { cwd: folder.path });
    expect(verified).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^VERIFIED {2}a\.tst/) as string,
    });
    await using other = await startService({ tsa: { key } });
    const missing = await ingam(['proof', 'a.tst', '--server', other.url, '--out', 'b']);
    expect([missing.code, missing.stderr]).toEqual([
      1,
      expect.stringContaining('the token is not in the log of'),
    ]);
    await writeFile(folder.at('c.tsr'), 'hello');
    const wrong = await ingam(['proof', 'c.tsr', '--server', other.url]);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('c.tsr is not a time-stamp')]);
  });
});
