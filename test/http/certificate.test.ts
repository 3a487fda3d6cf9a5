import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CertificateError } from '../../src/certificate/facts.js';
import { certificateSigner } from '../../src/certificate/signature.js';
import { CertificateWorkers } from '../../src/certificate/workers.js';
import { generateKey } from '../../src/crypto/keys.js';
import { createApp, type HttpDeps, Metrics } from '../../src/http/index.js';
import { Accepted, type Notarization, Problem, Verification } from '../../src/http/schemas/resources.js';
import { PublishedLog } from '../../src/log/index.js';
import {
  canonicalJson,
  ED25519,
  idWithDetails,
  parseProof,
  parseProofOrCertificate,
  parseWitnesses,
  toHex,
} from '../../src/proof/index.js';
import { Pdf } from '../certificate/pdf-reader.js';
import { readQrCode } from '../certificate/qr-reader.js';
import { logoPng, signedParts } from '../certificate/support.js';
import { createFolder, invoke, type TestFolder } from '../cli/invoke.js';
import { withOpenssl } from '../support/openssl.js';
import { LOG_KEY, ORIGIN } from '../support/parts.js';
import { bearer, createKey, createOrganization } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';
import { startDrand, startTsa } from '../support/time-sources.js';
import { until } from '../support/until.js';
import { startWitness } from '../support/witness.js';

const FILE = Buffer.from('%PDF-1.4\nthe lease itself, which is a PDF as well\n');
const NAME = '임대차계약서 "final".pdf';
const DETAILS = { name: NAME, title: 'Lease' };

let service: TestService;
let folder: TestFolder;
let secret: string;
let organizationName: string;
let lease: Notarization;
/** As its owner gets it. */
let certificate: Buffer;
beforeAll(async () => {
  service = await startService({
    hosts: { publicUrl: new URL('https://ingam.example/notary/') },
    publicDir: join(import.meta.dirname, '../../dist/public'),
  });
  folder = await createFolder();
  const organization = await createOrganization(service, '법무법인 나다');
  organizationName = organization.name;
  secret = (await createKey(service, organization.id)).secret;
  lease = await notarized(service, DETAILS, secret);
  certificate = pdfOf(await get(`${addressOf(lease)}?tz=Asia/Seoul`, { ...bearer(secret) }));
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** The address of the proof, as the certificate prints it. The id gives the details that the proof discloses. */
function proofLink(): string {
  const { entry, details, document } = parseProofOrCertificate(certificate);
  const id = idWithDetails(lease.position, entry, details === undefined ? null : canonicalJson(details));
  return `https://ingam.example/notary/p/${id}#sha256=${toHex(document.sha256)}`;
}

async function notarized(
  at: TestService,
  details?: object,
  key?: string,
  wait = true,
): Promise<Notarization> {
  const sha256 = createHash('sha256').update(FILE).digest('hex');
  const res = await request(at.url)
    .post(`/v1/notarizations${wait ? '?wait=sealed' : ''}`)
    .set(key === undefined ? {} : bearer(key))
    .send({ documents: [{ sha256, size: FILE.length, ...(details === undefined ? {} : { details }) }] })
    .expect(201);
  return Accepted.parse(res.body).notarizations[0] ?? expect.fail();
}

const addressOf = ({ links }: Notarization) => `${links.self}/certificate.pdf`;
const get = (
  path: string,
  headers: Record<string, string> = {},
  at: Parameters<typeof request>[0] = service.url,
) => request(at).get(path).set(headers).buffer(true).responseType('blob');
function pdfOf(res: request.Response): Buffer {
  expect([res.status, res.type]).toEqual([200, 'application/pdf']);
  return res.body as Buffer;
}
const linesOf = (pdf: Buffer) => new Pdf(pdf).pages.flatMap(({ pieces }) => pieces.map(({ text }) => text));
const problemOf = (res: request.Response) => Problem.parse(JSON.parse(String(res.body)));

describe('a certificate', () => {
  test('names the document for its owner, has its name, and is private', async () => {
    const res = await get(`${addressOf(lease)}?tz=Asia/Seoul`, {
      ...bearer(secret),
      'Accept-Language': 'fr, en;q=0.8, ko;q=0.7',
    });
    expect(pdfOf(res).equals(certificate)).toBe(true);
    expect(res.headers).toMatchObject({
      'cache-control': 'private, no-cache',
      'content-language': 'en',
      'content-disposition':
        'attachment; filename="______ _final_.pdf.certificate.pdf"; ' +
        "filename*=UTF-8''%EC%9E%84%EB%8C%80%EC%B0%A8%EA%B3%84%EC%95%BD%EC%84%9C%20%22final%22.pdf.certificate.pdf",
    });
    expect(res.headers['vary']).toContain('Accept-Language');
    const lines = linesOf(certificate);
    for (const line of [NAME, 'Lease', ORIGIN, `Notarization ${lease.id}`]) expect(lines).toContain(line);
    expect(lines.filter((line) => line.endsWith('GMT+9'))).toHaveLength(2);
    const [first = expect.fail()] = new Pdf(certificate).pages;
    expect(readQrCode(first.rectangles)).toBe(proofLink());
  });

  test('leads to the proof, which /p/ID shows', async () => {
    const { pathname } = new URL(proofLink());
    const res = await get(pathname.replace('/notary', ''));
    expect([res.status, res.headers['location']]).toEqual([302, `../verify.html?id=${lease.id}`]);
    for (const path of ['/p/', '/p/1', `/p/${lease.id}/`, `/p/${lease.id}x`, '/p/..%2f1-0123456789abcdef']) {
      expect([path, (await get(path)).status]).toEqual([path, 404]);
    }
  });

  test('shows anonymous callers what the proof discloses, in their language', async () => {
    const res = await get(addressOf(lease), { 'Accept-Language': 'ko-KR,ko;q=0.9,en;q=0.5' });
    const lines = linesOf(pdfOf(res));
    expect(res.headers['content-language']).toBe('ko');
    expect(res.headers['content-disposition']).toBe(
      `attachment; filename="notarization-${lease.position}.certificate.pdf"`,
    );
    expect(lines).toContain('문서 등록 증명서');
    expect(lines.join('')).not.toContain('임대차');
    expect(parseProofOrCertificate(res.body as Buffer).details).toBeUndefined();
    const withheld = pdfOf(await get(`${addressOf(lease)}?disclose=none&lang=ko`, bearer(secret)));
    expect(withheld.equals(res.body as Buffer)).toBe(true);
    const refused = await get(`${addressOf(lease)}?disclose=all`);
    expect([refused.status, problemOf(refused).code]).toEqual([404, 'notarization_not_found']);
  });

  test('returns 304 if the client already has it, separately for each language, time zone and proof', async () => {
    const tagOf = async (query: string, headers = {}) => {
      const res = await get(addressOf(lease) + query, {
        'If-None-Match': '"x"',
        ...bearer(secret),
        ...headers,
      });
      return [res.status, String(res.headers['etag'])] as const;
    };
    const [, tag] = await tagOf('?tz=Asia/Seoul');
    const known = { 'If-None-Match': tag };
    expect(await tagOf('?tz=Asia/Seoul', known)).toEqual([304, tag]);
    expect(await tagOf('?tz=Asia/Seoul&lang=en', known)).toEqual([304, tag]);
    expect((await tagOf('?tz=Asia/Seoul&lang=ko', known))[0]).toBe(200);
    expect((await tagOf('', known))[0]).toBe(200);
    expect((await tagOf('?tz=Asia/Seoul&disclose=none', known))[0]).toBe(200);
  });

  test('is identical to the file that the command line creates from the proof', async () => {
    await writeFile(folder.at('lease.pdf.ingam.json'), JSON.stringify(await proofOf(lease, secret)));
    const options = ['--key', service.verifierKey, '--tz', 'Asia/Seoul', '--lang', 'en'];
    const { code, stdout } = await invoke(
      [
        'certificate',
        'lease.pdf.ingam.json',
        ...options,
        '--verify-page',
        proofLink(),
        ...['--verifier', 'https://ingam.example/notary/verifier.html', '--service', 'ingam.example'],
      ],
      { cwd: folder.path },
    );
    expect([code, stdout]).toEqual([0, 'lease.pdf.certificate.pdf\n']);
    expect(certificate.equals(await readFile(folder.at('lease.pdf.certificate.pdf')))).toBe(true);
  });

  test('verifies its document offline, and no other', async () => {
    await writeFile(folder.at('lease.pdf'), FILE);
    await writeFile(folder.at('downloaded.pdf'), certificate);
    await writeFile(folder.at('other.pdf'), 'other');
    const verify = (file: string) =>
      invoke(['verify', file, 'downloaded.pdf', '--key', service.verifierKey], { cwd: folder.path });
    expect(await verify('lease.pdf')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^VERIFIED/) as string,
    });
    expect(await verify('other.pdf')).toMatchObject({ code: 1 });
  });
});

async function proofOf({ links }: Notarization, key: string): Promise<unknown> {
  return JSON.parse(
    (await request(service.url).get(links.proof).set(bearer(key)).buffer(true)).text,
  ) as unknown;
}

test('a certificate is signed and names its issuer as configured, and has another ETag then', async () => {
  await withOpenssl(async ({ run, read }) => {
    const { passed, output } = run(
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
      ...['-subj', '/CN=Notary', '-days', '9', '-keyout', 'key.pem', '-out', 'chain.pem'],
    );
    expect(output).toSatisfy(() => passed);
    const signer = certificateSigner(read('key.pem'), read('chain.pem'), null);
    const certificates = new CertificateWorkers({ threads: 1, maxWaiting: 1, signer });
    const issuer = { name: '법무법인 가나다', contact: null, logo: logoPng() };
    const plain = await get(addressOf(lease), {}, appWith({ issuer }));
    const res = await get(addressOf(lease), {}, appWith({ certificates, issuer }));
    await certificates.destroy();
    expect(res.headers['etag']).not.toBe(plain.headers['etag']);
    expect(linesOf(pdfOf(res))).toContain('Issued by 법무법인 가나다 through ingam.example');
    expect(signedParts(pdfOf(res)).cms.length).toBeGreaterThan(500);
  });
});

test('the signature of a certificate is time-stamped, unless the authority is away', async () => {
  await withOpenssl(async ({ run, read, file }) => {
    await using tsa = await startTsa();
    const { passed } = run(
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
      ...['-subj', '/CN=Notary', '-days', '9', '-keyout', 'key.pem', '-out', 'chain.pem'],
    );
    expect(passed).toBe(true);
    const pdfSigning = { key: read('key.pem'), chain: read('chain.pem'), tsa: 'seoul' };
    const timeSources = { anchors: [tsa.source()] };
    await using stamping = await startService({ pdfSigning, timeSources });
    const made = await notarized(stamping);
    const stampedCms = async () => {
      const { cms } = signedParts(pdfOf(await get(addressOf(made), {}, stamping.url)));
      return run('cms', '-cmsout', '-print', '-inform', 'DER', '-in', file('cms', cms)).output;
    };
    expect(await stampedCms()).toContain('id-smime-aa-timeStampToken');
    tsa.behaviour = (_, res) => {
      res.writeHead(500).end();
    };
    expect(await stampedCms()).not.toContain('id-smime-aa-timeStampToken');
  });
});

test('prints between which times the anchors of its own log show the registration', async () => {
  await using tsa = await startTsa();
  await using drand = await startDrand();
  await using timed = await startService({
    timeSources: { anchors: [tsa.source()], drand: drand.source() },
    anchoring: { beaconsEveryMs: 50 },
  });
  const { made, time } = await until('a block with a beacon, and its anchor', async () => {
    const made = await notarized(timed);
    const proof = await until(
      'the anchor',
      async () => (await get(made.links.proof, {}, timed.url)).body as Buffer,
      (found) => found.includes('"rfc3161"'),
    );
    const time = await timeIn(timed, proof);
    return time.notBefore === null ? null : { made, time };
  });
  const pdf = pdfOf(await get(addressOf(made), {}, timed.url));
  expect(await timeIn(timed, pdf)).toEqual(time);
  const lines = linesOf(pdf);
  const printed = (label: string) => Date.parse(lines[lines.indexOf(label) + 1] ?? '');
  expect(printed('Registered after')).toBe(Date.parse(time.notBefore ?? ''));
  expect(printed('Registered by')).toBe(Date.parse(time.notAfter ?? ''));
  expect(lines.join(' ')).toContain('Independent confirmation time-stamp authority seoul');
});

/** What the service finds in a proof or a certificate. */
async function timeIn(at: TestService, proof: Buffer) {
  const res = await request(at.url).post('/v1/verify').attach('proof', proof, 'proof').expect(200);
  return Verification.parse(res.body).time ?? expect.fail('nothing about the time');
}

describe('on request, a certificate', () => {
  test('has the name of a document whose proof discloses none, and no other', async () => {
    const name = '임대차 계약서 (최종).pdf';
    const query = `?name=${encodeURIComponent(name)}`;
    const given = await get(addressOf(lease) + query);
    const lines = linesOf(pdfOf(given));
    expect(lines[lines.indexOf(name) + 1]).toContain(
      'Name given by the person who requested this certificate.',
    );
    expect(given.headers['content-disposition']).toContain(encodeURIComponent('임대차 계약서 '));
    expect(linesOf(pdfOf(await get(addressOf(lease) + query, bearer(secret))))).not.toContain(name);
    const [tag, other] = [given.headers['etag'], (await get(addressOf(lease))).headers['etag']];
    expect(tag).not.toBe(other);
  });

  test('names the organization for its own people, whose proof then discloses its id, and for nobody else', async () => {
    const pdf = pdfOf(await get(`${addressOf(lease)}?disclose=all`, bearer(secret)));
    const { account = '' } = parseProofOrCertificate(pdf);
    expect(account).not.toBe('');
    expect(linesOf(pdf)).toContain(`${organizationName} (${account})`);
    for (const res of [await get(addressOf(lease), bearer(secret)), await get(addressOf(lease))])
      expect(linesOf(pdfOf(res)).join('')).not.toContain(organizationName);
  });

  test('is in Korean and English on one sheet', async () => {
    const res = await get(`${addressOf(lease)}?lang=ko-en`);
    expect(res.headers['content-language']).toBe('ko, en');
    const lines = linesOf(pdfOf(res));
    for (const line of ['문서 등록 증명서', 'Certificate of notarization']) expect(lines).toContain(line);
  });

  test('leads to the verifier, with the digest of exactly the file that the service gives', async () => {
    const res = await get('/verifier.html');
    const body = res.body as Buffer;
    expect(res.headers['content-disposition']).toContain('attachment');
    const digest = createHash('sha256').update(body).digest('hex');
    const lines = linesOf(certificate);
    expect(lines).toContain(digest);
    expect(lines).toContain('https://ingam.example/notary/verifier.html');
    expect(String(body)).toContain('<script type="application/json" id="made"></script>');
  });
});

describe('no certificate is created', () => {
  test('for unknown languages, time zones and notarizations', async () => {
    for (const [query, status, code] of [
      ['?lang=fr', 400, 'invalid_parameter'],
      ['?lang=', 400, 'invalid_parameter'],
      ['?tz=Mars/Olympus', 400, 'unknown_time_zone'],
      ['?tz=', 400, 'unknown_time_zone'],
      ['?zone=UTC', 400, 'invalid_parameter'],
      ['?name=', 400, 'invalid_parameter'],
      ['?name=a%2Fb', 400, 'invalid_parameter'],
      ['?name=a%0Ab', 400, 'invalid_parameter'],
      ['?name=%E2%80%AEgpj.exe', 400, 'invalid_parameter'],
      [`?name=${'x'.repeat(256)}`, 400, 'invalid_parameter'],
      ['?name=a&name=b', 400, 'invalid_parameter'],
    ] as const) {
      const res = await get(addressOf(lease) + query);
      expect([query, res.status, problemOf(res).code]).toEqual([query, status, code]);
    }
    const absent = await get('/v1/notarizations/0-0000000000000000/certificate.pdf');
    expect([absent.status, problemOf(absent).code]).toEqual([404, 'notarization_not_found']);
  });

  test('before sealing: 202 with the pending proof', async () => {
    await using idle = await startService({ sealing: false });
    const waiting = await notarized(idle, undefined, undefined, false);
    const res = await request(idle.url).get(addressOf(waiting)).buffer(true).expect(202);
    expect(res.headers['retry-after']).toBe('1');
    expect(parseProof(res.text).format).toBe('ingam-pending-v1');
  });

  test('for anonymous callers if verification is private', async () => {
    await using closed = await startService({
      beside: service,
      sealing: false,
      policy: { privateVerification: true },
    });
    expect((await get(addressOf(lease), {}, closed.url)).status).toBe(404);
    expect((await get(addressOf(lease), bearer(secret), closed.url)).status).toBe(200);
  });

  test('before a quorum has cosigned; then it names the members', async () => {
    await using witness = await startWitness('w1', () => LOG_KEY.key);
    const held: (() => void)[] = [];
    witness.behaviour = (_, res) => {
      held.push(() => res.writeHead(503).end());
    };
    const members = parseWitnesses(`${witness.line}\nquorum w1`);
    await using cosigned = await startService({ members });
    const made = await notarized(cosigned);
    const res = await get(addressOf(made), {}, cosigned.url);
    expect([res.status, problemOf(res).code, res.headers['retry-after']]).toEqual([
      503,
      'quorum_missing',
      '5',
    ]);
    expect(problemOf(res).detail).toContain('There are too few cosignatures: none');
    witness.behaviour = null;
    for (const release of held) release();
    const block = (await cosigned.store.block(made.block?.height ?? 0)) ?? expect.fail();
    await cosigned.deps.notarizations.whenCosigned(block, AbortSignal.timeout(240_000));
    expect(linesOf(pdfOf(await get(addressOf(made), {}, cosigned.url)))).toEqual(
      expect.arrayContaining(['Cosigned: w1', '1 of 1 members of the chain (each before its time above)']),
    );
  });

  test('for a proof that this service cannot verify', async () => {
    const logKey = generateKey('other.example/log', ED25519).key;
    const log = new PublishedLog(service.store, { logKey, receiptKeys: [logKey] });
    const res = await get(addressOf(lease), {}, appWith({ log }));
    expect([res.status, problemOf(res).code]).toEqual([409, 'not_verified']);
    expect(problemOf(res).detail).toContain('is not signed by a key that you trust');
  });

  test('while too many are being created or the service stops', async () => {
    const busy = appWith({
      certificates: { create: () => Promise.reject(new CertificateError('queue_full', '')), signedBy: null },
    });
    const full = await get(addressOf(lease), {}, busy);
    expect([full.status, problemOf(full).code, full.headers['retry-after']]).toEqual([
      503,
      'queue_full',
      '5',
    ]);
    expect([full.headers['etag'], full.headers['cache-control']]).toEqual([undefined, 'no-store']);
    const stopping = new AbortController();
    const create = (_: unknown, signal: AbortSignal) =>
      new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => {
          reject(new Error('aborted'));
        });
        stopping.abort();
      });
    const ending = await get(
      addressOf(lease),
      {},
      appWith({ certificates: { create, signedBy: null }, stopping: stopping.signal }),
    );
    expect([ending.status, problemOf(ending).code]).toEqual([503, 'stopping']);
  });
});

const appWith = (change: Partial<HttpDeps>) =>
  createApp({ ...service.deps, metrics: new Metrics(), ...change });
