import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { equal, ProofError } from '../proof/index.js';
import type { Certificate, CertificateName } from '../proof/time/rfc3161.js';
import { createDurably, writeDurably } from '../store/files.js';
import {
  belongsTo,
  generateTsaKey,
  issue,
  parseTsaKey,
  pemOfCertificates,
  readCertificates,
  requestCertificate,
  selfSigned,
  type KeyAlgorithm,
  type TsaKey,
} from './key.js';

/**
 * The authority's files beside the other keys of the service. Each change is durable before it counts, and can
 * be repeated after a crash at any moment.
 */
export class TsaFiles {
  /** The key that signs, and its certificates. */
  readonly key: string;
  /** Key and certificate of a root of one's own. The service does not read it: it can be kept elsewhere. */
  readonly root: string;
  /** The key whose certificate has been requested. */
  readonly requested: string;
  /** Certificates of former keys, which their tokens still need. */
  readonly former: string;

  constructor(dataDir: string) {
    const file = (name: string) => join(dataDir, 'keys', name);
    this.key = file('tsa.pem');
    this.root = file('tsa-root.pem');
    this.requested = file('tsa-requested.pem');
    this.former = file('tsa-former.pem');
  }

  /** null: there is none yet. @throws {ProofError} malformed_key */
  async read(): Promise<TsaKey | null> {
    const pem = await readOrNull(this.key);
    return pem === null ? null : parseTsaKey(pem);
  }

  /** @throws {ProofError} malformed_key */
  async readFormer(): Promise<Certificate[]> {
    const pem = await readOrNull(this.former);
    return pem === null ? [] : readCertificates(pem);
  }

  /** Whether a certificate has been requested and not installed. */
  async isWaiting(): Promise<boolean> {
    return (await readOrNull(this.requested)) !== null;
  }

  /** The certificate of a root of one's own; null: the file is not here. @throws {ProofError} malformed_key */
  async readRoot(): Promise<Certificate | null> {
    const pem = await readOrNull(this.root);
    return pem === null ? null : (readCertificates(pem)[0] ?? null);
  }

  /**
   * Makes a new key with a certificate by a root of one's own, which is made as well if there is none.
   * @param organization named in the certificates
   * @param isFirst whether there must be no key yet; otherwise the new one takes the place of the present one
   * @returns false: there is a key already
   */
  async create(options: {
    readonly organization: Omit<CertificateName, 'commonName'>;
    readonly algorithm: KeyAlgorithm;
    /** Milliseconds since the Unix epoch. */
    readonly now: number;
    readonly isFirst: boolean;
  }): Promise<boolean> {
    const { organization, algorithm, isFirst } = options;
    if (isFirst && (await readOrNull(this.key)) !== null) return false;
    const now = wholeSeconds(options.now);
    const root = await this.#rootFor(organization, algorithm, now);
    const pem = await generateTsaKey(algorithm);
    const day = new Date(now).toISOString().slice(0, 10);
    const subject = { ...organization, commonName: `Time-stamping authority ${day}` };
    const content = pem + issue(pem, root, subject, now) + pemOfCertificates(readCertificates(root));
    parseTsaKey(content);
    if (isFirst) return createDurably(this.key, content, 0o600);
    await this.#replace(content);
    return true;
  }

  /**
   * Makes a key, if none waits for its certificate, and a request for one.
   * @returns PEM of the request
   */
  async request(subject: CertificateName, algorithm: KeyAlgorithm): Promise<string> {
    const waiting = await readOrNull(this.requested);
    if (waiting !== null) return requestCertificate(waiting, subject);
    const pem = await generateTsaKey(algorithm);
    const request = requestCertificate(pem, subject);
    // Of several commands at once, one makes the key.
    if (await createDurably(this.requested, pem, 0o600)) return request;
    return requestCertificate(await readFile(this.requested, 'utf8'), subject);
  }

  /**
   * Puts a chain in place that another authority has issued: for the requested key, or a new certificate for
   * the present one.
   * @throws {ProofError} malformed_key: it is for neither, or its tokens would not count
   */
  async install(chain: string): Promise<TsaKey> {
    const certificates = readCertificates(chain);
    const [waiting, present] = [await readOrNull(this.requested), await readOrNull(this.key)];
    const isFor = (pem: string | null) =>
      pem !== null && certificates.some((each) => belongsTo(each, privatePart(pem)));
    const pem = isFor(waiting) ? waiting : isFor(present) ? present : null;
    if (pem === null) {
      const which =
        waiting === null ? 'the present key, and no certificate has been requested' : 'the requested key';
      throw new ProofError('malformed_key', `none of its certificates is for ${which}`);
    }
    const key = parseTsaKey(privatePart(pem) + pemOfCertificates(certificates));
    const content = privatePart(pem) + pemOfCertificates(key.certificates);
    await this.#replace(content);
    if (isFor(waiting)) await rm(this.requested, { force: true });
    return parseTsaKey(content);
  }

  async #rootFor(
    organization: Omit<CertificateName, 'commonName'>,
    algorithm: KeyAlgorithm,
    now: number,
  ): Promise<string> {
    const found = await readOrNull(this.root);
    if (found !== null) return found;
    const pem = await generateTsaKey(algorithm);
    const root = pem + selfSigned(pem, { ...organization, commonName: 'Time-stamping root' }, now);
    if (await createDurably(this.root, root, 0o600)) return root;
    return readFile(this.root, 'utf8');
  }

  async #replace(content: string): Promise<void> {
    const before = await this.read();
    const [next] = readCertificates(content);
    if (before !== null && next !== undefined && !equal(before.certificates[0].der, next.der))
      await this.#keep(before.certificates[0]);
    await writeDurably(this.key, content, 0o600);
  }

  async #keep(certificate: Certificate): Promise<void> {
    const former = await this.readFormer();
    const text = pemOfCertificates([certificate]);
    const all = pemOfCertificates(former);
    if (!all.includes(text)) await writeDurably(this.former, all + text, 0o644);
  }
}

function privatePart(pem: string): string {
  return /-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?-----END [A-Z ]*PRIVATE KEY-----\n?/.exec(pem)?.[0] ?? pem;
}

function wholeSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000) * 1000;
}

async function readOrNull(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
