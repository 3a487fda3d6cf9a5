import { resolve } from 'node:path';
import { ProofError, sha256, toHex } from '../proof/index.js';
import { describeName, type Certificate } from '../proof/time/rfc3161.js';
import {
  algorithmOf,
  KEY_ALGORITHMS,
  organizationIn,
  parseTsaKey,
  pemOfCertificates,
  TsaFiles,
  type KeyAlgorithm,
  type TsaKey,
} from '../tsa/index.js';
import { defineCommand, defineGroup } from './command.js';
import { DATABASE_OPTIONS, readConfig } from './database.js';
import { Failure, fileFailure, usageError } from './failure.js';
import { malformed, readText } from './files.js';
import { EXIT, type Io, isoTime, printJson, printLine, printNote, printText } from './io.js';
import { proof } from './tsa-proof.js';

const NONE = { min: 0, max: 0 } as const;
const DATA_DIR = { 'data-dir': DATABASE_OPTIONS['data-dir'] } as const;
const NAME = {
  name: {
    type: 'string',
    value: 'NAME',
    required: true,
    help: 'name of your organization, as the certificates show it',
  },
  country: { type: 'string', value: 'CC', help: 'its country, two letters: KR' },
} as const;
const ALGORITHM = {
  algorithm: {
    type: 'string',
    value: 'ALGORITHM',
    help: 'rsa (3072 bits, understood by all clients) or p256 (faster); default: rsa',
  },
} as const;

const create = defineCommand({
  name: 'tsa create',
  summary: 'create the key, with certificates of your own',
  usage: '--name NAME [--country CC] [--algorithm rsa|p256]',
  text: `Creates the key that signs time-stamps, a root, and a certificate by that root for time-stamping alone. They are in
DIR/keys: tsa.pem (key and certificates) and tsa-root.pem (key and certificate of the root).

Prints the root's certificate, which clients must trust. The service needs tsa.pem only: keep tsa-root.pem elsewhere
until the next "ingam tsa rotate".`,
  options: { ...DATA_DIR, ...NAME, ...ALGORITHM },
  positionals: NONE,
  run: ({ values }, io) =>
    changing(values, io, async (files) => {
      const organization = organizationGiven(values);
      const algorithm = algorithmNamed(values.algorithm) ?? 'rsa';
      if (!(await files.create({ organization, algorithm, now: Date.now(), isFirst: true }))) {
        throw new Failure('conflict', 'the time-stamping authority has a key already', {
          hint: 'Replace it with: ingam tsa rotate',
        });
      }
      printRoot(await present(files), io);
      printNote(
        io,
        `The key is in ${files.key}, that of the root in ${files.root}. Keep both secret, and keep a backup.`,
        'Give the certificate above to whoever checks your time-stamps. Turn them on with INGAM_TSA=on.',
      );
      return EXIT.ok;
    }),
});

const rotate = defineCommand({
  name: 'tsa rotate',
  summary: 'replace the key by a new one under the same root',
  usage: '[--algorithm rsa|p256]',
  text: `Creates a new key and a certificate for it by the root in DIR/keys/tsa-root.pem. A running service uses it within a
second. Clients that trust the root need not change anything. Older tokens stay valid: the service goes on publishing
the former certificate.

The old private key is overwritten. Delete copies in backups yourself: whoever has it can back-date.

With a certificate by another authority, use "ingam tsa request" and "ingam tsa install" instead.`,
  options: { ...DATA_DIR, ...ALGORITHM },
  positionals: NONE,
  run: ({ values }, io) =>
    changing(values, io, async (files) => {
      const before = await present(files);
      const root = await files.readRoot();
      if (root === null) {
        throw usageError(
          `the root is missing: ${files.root}`,
          'Put the file back for this command. With a certificate by another authority: ingam tsa request',
        );
      }
      const top = before.certificates.at(-1);
      if (top === undefined || toHex(top.der) !== toHex(root.der)) {
        throw usageError(
          `the present certificate is not by the root in ${files.root}`,
          'Request a new certificate where that one came from: ingam tsa request',
        );
      }
      const algorithm = algorithmNamed(values.algorithm) ?? algorithmOf(before.pem);
      const organization = organizationIn(root);
      await files.create({ organization, algorithm, now: Date.now(), isFirst: false });
      printLine(io.stdout, lineOf((await present(files)).certificates[0]));
      printNote(io, 'A running service uses the new key within a second. The root is unchanged.');
      return EXIT.ok;
    }),
});

const request = defineCommand({
  name: 'tsa request',
  summary: 'request a certificate from another authority',
  usage: '--name NAME [--country CC] [--algorithm rsa|p256]',
  text: `Creates a key, if none waits for its certificate, and prints a request for a certificate for time-stamping (PKCS #10).
Send it to the authority, and install what it issues with "ingam tsa install". Until then a present key stays in use.

It is safe to repeat: the key is the same until its certificate is installed.`,
  options: { ...DATA_DIR, ...NAME, ...ALGORITHM },
  positionals: NONE,
  run: ({ values }, io) =>
    changing(values, io, async (files) => {
      const subject = { ...organizationGiven(values), commonName: 'Time-stamping authority' };
      printText(
        io.stdout,
        (await files.request(subject, algorithmNamed(values.algorithm) ?? 'rsa')).trimEnd(),
      );
      printNote(
        io,
        `The key waits for its certificate in ${files.requested}.`,
        'Install the certificate with: ingam tsa install CHAIN.pem',
      );
      return EXIT.ok;
    }),
});

const install = defineCommand({
  name: 'tsa install',
  summary: 'install a certificate that another authority has issued',
  usage: 'CHAIN.pem',
  text: `Installs the certificate for the key of "ingam tsa request", or a new certificate for the present key. CHAIN.pem has
the certificate and those above it, in PEM and in any order. The root may be left out.

It is tried out first: tokens that clients would not accept are never given.`,
  options: DATA_DIR,
  positionals: { min: 1, max: 1, missing: 'missing CHAIN.pem' },
  run: ({ values, positionals: [shown = ''] }, io) =>
    changing(values, io, async (files) => {
      const chain = await readText(resolve(io.cwd, shown), shown);
      const key = await files.install(chain).catch((error: unknown) => {
        throw malformed(error, shown, 'chain for this authority');
      });
      printLine(io.stdout, lineOf(key.certificates[0]));
      printNote(io, 'A running service uses it within a second.');
      return EXIT.ok;
    }),
});

const show = defineCommand({
  name: 'tsa show',
  summary: 'show the certificates and how long they are valid',
  usage: '[--pem]',
  text: `Lists the certificate that signs, those above it, and those of former keys. With --pem it prints the highest one, which
clients must trust.`,
  options: {
    ...DATA_DIR,
    pem: { type: 'boolean', help: 'print the certificate that clients must trust' },
    json: { type: 'boolean', help: 'print the certificates as JSON' },
  },
  positionals: NONE,
  run: ({ values }, io) =>
    withFiles(values, io, async (files, configured) => {
      const [key, former, isWaiting] = [
        configured === null ? await files.read() : parseTsaKey(configured),
        await files.readFormer(),
        await files.isWaiting(),
      ];
      if (values.json) {
        const certificates = key?.certificates.map(toJson) ?? [];
        printJson(io.stdout, { certificates, former: former.map(toJson), requested: isWaiting });
        return EXIT.ok;
      }
      if (key === null) {
        if (isWaiting) printNote(io, 'A certificate has been requested: ingam tsa install CHAIN.pem');
        else printNote(io, 'There is no key yet: ingam tsa create, or ingam tsa request');
        return EXIT.failed;
      }
      if (values.pem) printRoot(key, io);
      else {
        for (const each of key.certificates) printLine(io.stdout, lineOf(each));
        for (const each of former) printLine(io.stdout, `former: ${lineOf(each)}`);
        if (isWaiting)
          printNote(io, 'A certificate has been requested for a new key: ingam tsa install CHAIN.pem');
      }
      return EXIT.ok;
    }),
});

export const tsaCommand = defineGroup({
  name: 'tsa',
  summary: 'the key and certificates of your time-stamping authority',
  text: `Create a key with certificates of your own (create), or get a certificate from another authority (request, install).
Then turn time-stamps on with INGAM_TSA=on. docs/tsa.md explains it all. Whoever has a token gets the proof that it is
in the log with: proof`,
  commands: { create, show, rotate, request, install, proof },
});

type DataDir = { readonly 'data-dir': string | undefined };

/** @throws {Failure} malformed, unreadable */
async function withFiles<T>(
  values: DataDir,
  io: Io,
  work: (files: TsaFiles, configured: string | null) => Promise<T>,
): Promise<T> {
  const { dataDir, tsaKey } = readConfig(io);
  const named = values['data-dir'];
  const directory = named === undefined ? dataDir : resolve(io.cwd, named);
  try {
    return await work(new TsaFiles(directory), named === undefined ? tsaKey : null);
  } catch (error) {
    if (error instanceof RangeError) throw usageError(error.message, 'Choose another --name or --country.');
    if (!(error instanceof ProofError)) throw fileFailure(error, directory);
    throw new Failure('malformed', `the key of the time-stamping authority: ${error.message}`, {
      code: error.code,
      cause: error,
    });
  }
}

/** @throws {Failure} usage, when the key is in the configuration */
function changing<T>(values: DataDir, io: Io, work: (files: TsaFiles) => Promise<T>): Promise<T> {
  return withFiles(values, io, (files, configured) => {
    if (configured === null) return work(files);
    throw usageError(
      'the key is in INGAM_TSA_KEY, not in the data directory',
      'Change it there, or name a directory with --data-dir DIR.',
    );
  });
}

/** @throws {Failure} usage: there is none */
async function present(files: TsaFiles): Promise<TsaKey> {
  const key = await files.read();
  if (key === null)
    throw usageError('the time-stamping authority has no key yet', 'Create one: ingam tsa create');
  return key;
}

function algorithmNamed(text: string | undefined): KeyAlgorithm | null {
  if (text === undefined) return null;
  const found = KEY_ALGORITHMS.find((each) => each === text);
  if (found === undefined) throw usageError(`--algorithm must be one of ${KEY_ALGORITHMS.join(', ')}`);
  return found;
}

function organizationGiven({
  name,
  country,
}: {
  readonly name: string | undefined;
  readonly country: string | undefined;
}) {
  return { organization: name ?? '', ...(country === undefined ? {} : { country: country.toUpperCase() }) };
}

function printRoot({ certificates }: TsaKey, io: Io): void {
  printText(io.stdout, pemOfCertificates(certificates.slice(-1)).trimEnd());
}

function lineOf({ subject, notBefore, notAfter, der }: Certificate): string {
  const day = (milliseconds: number) => isoTime(milliseconds).slice(0, 10);
  return `${describeName(subject)}  ${day(notBefore)} to ${day(notAfter)}  sha256:${toHex(sha256(der))}`;
}

function toJson({ subject, issuer, notBefore, notAfter, der }: Certificate) {
  return {
    subject: describeName(subject),
    issuer: describeName(issuer),
    notBefore: isoTime(notBefore),
    notAfter: isoTime(notAfter),
    sha256: toHex(sha256(der)),
  };
}
