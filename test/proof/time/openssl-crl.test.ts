import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { listsOfFile } from '../../../src/proof/time/crl.js';
import {
  certificatesOfPem,
  parseResponse,
  readClaims,
  verifyToken,
  type TokenVerdict,
} from '../../../src/proof/time/rfc3161.js';
import { createFolder, type TestFolder } from '../../cli/invoke.js';
import { opensslIn } from '../../support/openssl.js';

/** Tokens and revocation lists of stock openssl: the certificate of the authority ends in 2030. */

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
[ca]
default_ca = stock_ca
[stock_ca]
database = index
serial = serials
new_certs_dir = .
certificate = root.pem
private_key = root.key
default_md = sha256
policy = any
default_crl_days = 30
[any]
commonName = supplied
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

let folder: TestFolder;
let openssl: (...argv: string[]) => void;
const read = (name: string) => new Uint8Array(readFileSync(folder.at(name)));
let token: Uint8Array;
/** When the token was made, to the second. */
let made: number;

beforeAll(async () => {
  folder = await createFolder();
  openssl = opensslIn(folder.path, {
    config: CONFIG,
    serial: '01\n',
    serials: '4D\n',
    index: '',
    data: 'a file',
  });
  const p256 = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  for (const [name, subject] of [
    ['root', '/CN=Stock root'],
    ['tsa', '/CN=Stock authority'],
  ] as const) {
    openssl('genpkey', ...p256, '-out', `${name}.key`);
    openssl(
      'req',
      '-new',
      '-key',
      `${name}.key`,
      '-subj',
      subject,
      '-config',
      'config',
      '-out',
      `${name}.csr`,
    );
  }
  const root = ['-extfile', 'config', '-extensions', 'root', '-days', '9000'];
  openssl('x509', '-req', '-in', 'root.csr', '-signkey', 'root.key', ...root, '-out', 'root.pem');
  const stamper = ['-extensions', 'stamper', '-startdate', '20250101000000Z', '-enddate', '20300101000000Z'];
  openssl('ca', '-batch', '-notext', '-config', 'config', '-in', 'tsa.csr', ...stamper, '-out', 'tsa.pem');
  openssl('ts', '-query', '-data', 'data', '-sha256', '-cert', '-no_nonce', '-out', 'tsq');
  openssl('ts', '-reply', '-config', 'config', '-queryfile', 'tsq', '-out', 'tsr');
  const response = parseResponse(read('tsr'));
  if (!response.granted) throw new Error('openssl gives no token');
  ({ token } = response);
  made = readClaims(token).time;
});
afterAll(() => folder[Symbol.asyncDispose]());

const DAY = 86_400_000;
/** As openssl writes it: YYMMDDHHMMSSZ. */
const utcTime = (time: number) => `${new Date(time).toISOString().replaceAll(/[-:T]/g, '').slice(2, 14)}Z`;

/** A list of `openssl ca -gencrl`, on which the certificate stands as its database says. */
function listOf(asOf: number, revoked: { readonly at: number; readonly reason: string } | null): Uint8Array {
  const state =
    revoked === null
      ? ['V', '300101000000Z', '']
      : ['R', '300101000000Z', `${utcTime(revoked.at)},${revoked.reason}`];
  opensslIn(folder.path, { index: `${[...state, '4D', 'unknown', '/CN=Stock authority'].join('\t')}\n` });
  const times = ['-crl_lastupdate', utcTime(asOf), '-crl_nextupdate', utcTime(asOf + DAY)];
  openssl('ca', '-gencrl', '-config', 'config', ...times, '-out', 'list.pem');
  const [list] = listsOfFile(read('list.pem'));
  if (list === undefined) throw new Error('there is no list');
  return list;
}

function judge(crls: readonly Uint8Array[], existedBy?: number): TokenVerdict {
  const roots = certificatesOfPem(readFileSync(folder.at('root.pem'), 'utf8'));
  const known = existedBy === undefined ? {} : { existedBy };
  return verifyToken({ token, stamped: { message: read('data') }, roots, crls, ...known });
}
const asOfOf = (verdict: TokenVerdict) => (verdict.counts ? verdict.stamp.notRevokedAsOf : verdict.fault);

describe('a token of stock openssl whose authority', () => {
  test('is not on the list counts, and the list says as of when', () => {
    const asOf = made + 30 * DAY - (made % 1000);
    expect(asOfOf(judge([listOf(asOf, null)]))).toBe(asOf);
    expect(asOfOf(judge([]))).toBeNull();
  });

  test.each(['superseded', 'cessationOfOperation'])('was given up later (%s) counts', (reason) => {
    const list = listOf(made + 30 * DAY, { at: made + DAY, reason });
    expect(judge([list]).counts).toBe(true);
    expect(judge([list], made + 20 * DAY).counts).toBe(true);
  });

  test('was given up before does not count', () => {
    expect(asOfOf(judge([listOf(made + DAY, { at: made - DAY, reason: 'superseded' })]))).toBe('revoked');
  });

  test('lost its key later counts only if a renewal shows that the token is older', () => {
    const list = listOf(made + 30 * DAY, { at: made + 10 * DAY, reason: 'keyCompromise' });
    expect(asOfOf(judge([list]))).toBe('revoked');
    expect(judge([list], made + 9 * DAY).counts).toBe(true);
    expect(asOfOf(judge([list], made + 11 * DAY))).toBe('revoked');
  });

  test('is missing on a list that was made after its certificate ended is not said to be good', () => {
    expect(asOfOf(judge([listOf(Date.UTC(2029, 11, 30), null)]))).toBe(Date.UTC(2029, 11, 30));
    expect(asOfOf(judge([listOf(Date.UTC(2031, 0), null)]))).toBeNull();
  });
});
