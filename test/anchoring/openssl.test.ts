import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { certificatesOfPem } from '../../src/proof/time/rfc3161.js';
import { createFolder, type TestFolder } from '../cli/invoke.js';
import { until } from '../support/until.js';
import { createScene } from './scene.js';

const CONFIG = `
[req]
distinguished_name = name
prompt = no
[name]
CN = Stock authority
[root]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
[stamper]
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[tsa]
default_tsa = stock
[stock]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
certs = root.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
`;

const openssl = (folder: TestFolder, ...argv: string[]) =>
  execFileSync('openssl', argv, { cwd: folder.path, stdio: ['ignore', 'pipe', 'pipe'] });

/** An authority made of `openssl ts -reply`. */
async function startStock(folder: TestFolder, algorithm: readonly string[]) {
  writeFileSync(folder.at('config'), CONFIG);
  writeFileSync(folder.at('serial'), '01\n');
  for (const [key, name] of [
    ['root.key', '/CN=Stock root'],
    ['tsa.key', '/CN=Stock authority'],
  ] as const) {
    openssl(folder, 'genpkey', ...algorithm, '-out', key);
    openssl(folder, 'req', '-new', '-key', key, '-subj', name, '-config', 'config', '-out', `${key}.csr`);
  }
  const extend = (section: string) => ['-extfile', 'config', '-extensions', section, '-days', '700'];
  openssl(
    folder,
    'x509',
    '-req',
    '-in',
    'root.key.csr',
    '-signkey',
    'root.key',
    ...extend('root'),
    '-out',
    'root.pem',
  );
  const issuer = ['-CA', 'root.pem', '-CAkey', 'root.key', '-CAcreateserial'];
  openssl(folder, 'x509', '-req', '-in', 'tsa.key.csr', ...issuer, ...extend('stamper'), '-out', 'tsa.pem');
  const server = createServer((req, res) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
      writeFileSync(folder.at('request.tsq'), Buffer.concat(chunks));
      openssl(folder, 'ts', '-reply', '-config', 'config', '-queryfile', 'request.tsq', '-out', 'reply.tsr');
      res.writeHead(200, { 'content-type': 'application/timestamp-reply' });
      res.end(readFileSync(folder.at('reply.tsr')));
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    roots: certificatesOfPem(readFileSync(folder.at('root.pem'), 'utf8')).map(({ der }) => der),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

test.each([
  ['RSA', ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048']],
  ['P-256', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256']],
])(
  'an authority made of "openssl ts" with %s anchors, and "openssl ts -verify" agrees',
  async (_, algorithm) => {
    await using folder = await createFolder();
    await using stock = await startStock(folder, algorithm);
    const source = { type: 'tsa', name: 'stock', owner: 'stock', everyMs: 100, standby: false } as const;
    await using scene = await createScene({ anchors: [{ ...source, url: stock.url, roots: stock.roots }] });
    await scene.seal(2);
    const [anchor] = await until(
      'an anchor',
      () => scene.db.store.anchorsOver(0),
      (found) => found.length > 0,
    );
    if (anchor?.type !== 'rfc3161') throw new Error('it has another type');
    const note = (await scene.db.store.checkpoint(anchor.size))?.note ?? '';
    writeFileSync(folder.at('note'), note);
    writeFileSync(folder.at('token'), anchor.token);
    const argv = ['ts', '-verify', '-data', 'note', '-in', 'token', '-token_in', '-CAfile', 'root.pem'];
    expect(openssl(folder, ...argv).toString()).toContain('Verification: OK');
    writeFileSync(folder.at('note'), `${note} `);
    expect(() => openssl(folder, ...argv)).toThrow(/Command failed/);
  },
);
