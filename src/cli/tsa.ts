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
import { keysMessages } from './messages/keys.js';
import { usageMessages } from './messages/usage.js';
import { SUMMARIES } from './summaries.js';

const NONE = { min: 0, max: 0 } as const;
const DATA_DIR = { 'data-dir': DATABASE_OPTIONS['data-dir'] } as const;
const NAME = {
  name: {
    type: 'string',
    value: 'NAME',
    required: true,
    help: { en: 'name of your organization, as the certificates show it', ko: '인증서에 표시할 조직의 이름' },
  },
  country: {
    type: 'string',
    value: 'CC',
    help: { en: 'its country, two letters: KR', ko: '조직의 국가, 두 글자: KR' },
  },
} as const;
const ALGORITHM = {
  algorithm: {
    type: 'string',
    value: 'ALGORITHM',
    help: {
      en: 'rsa (3072 bits, understood by all clients) or p256 (faster); default: rsa',
      ko: 'rsa(3072비트, 모든 클라이언트가 이해) 또는 p256(더 빠름). 기본값: rsa',
    },
  },
} as const;

const create = defineCommand({
  name: 'tsa create',
  summary: { en: 'create the key, with certificates of your own', ko: '자체 인증서와 함께 키를 만듭니다' },
  usage: '--name NAME [--country CC] [--algorithm rsa|p256]',
  text: {
    en: `Creates the key that signs time-stamps, a root, and a certificate by that root for time-stamping alone. They are in
DIR/keys: tsa.pem (key and certificates) and tsa-root.pem (key and certificate of the root).

Prints the root's certificate, which clients must trust. The service needs tsa.pem only: keep tsa-root.pem elsewhere
until the next "ingam tsa rotate".`,
    ko: `타임스탬프에 서명하는 키, 루트, 그리고 루트가 발급한 타임스탬프 전용 인증서를 만듭니다. DIR/keys의 tsa.pem(키와
인증서)과 tsa-root.pem(루트의 키와 인증서)에 저장합니다.

클라이언트가 신뢰해야 하는 루트의 인증서를 출력합니다. 서비스에는 tsa.pem만 있으면 됩니다. tsa-root.pem은 다음
"ingam tsa rotate"까지 다른 곳에 보관하세요.`,
  },
  options: { ...DATA_DIR, ...NAME, ...ALGORITHM },
  positionals: NONE,
  run: ({ values }, io) =>
    changing(values, io, async (files) => {
      const organization = organizationGiven(values);
      const algorithm = algorithmNamed(values.algorithm) ?? 'rsa';
      if (!(await files.create({ organization, algorithm, now: Date.now(), isFirst: true }))) {
        throw new Failure('conflict', keysMessages().tsaHasKey, {
          hint: keysMessages().tsaRotate,
        });
      }
      printRoot(await present(files), io);
      printNote(io, keysMessages().tsaKeysIn(files.key, files.root), keysMessages().tsaGiveRoot);
      return EXIT.ok;
    }),
});

const rotate = defineCommand({
  name: 'tsa rotate',
  summary: {
    en: 'replace the key by a new one under the same root',
    ko: '같은 루트 아래에서 키를 새 키로 교체합니다',
  },
  usage: '[--algorithm rsa|p256]',
  text: {
    en: `Creates a new key and a certificate for it by the root in DIR/keys/tsa-root.pem. A running service uses it within a
second. Clients that trust the root need not change anything. Older tokens stay valid: the service goes on publishing
the former certificate.

The old private key is overwritten. Delete copies in backups yourself: whoever has it can back-date.

With a certificate by another authority, use "ingam tsa request" and "ingam tsa install" instead.`,
    ko: `새 키와, DIR/keys/tsa-root.pem의 루트가 발급한 인증서를 만듭니다. 실행 중인 서비스는 1초 안에 새 키를 씁니다. 루트를
신뢰하는 클라이언트는 바꿀 것이 없습니다. 서비스가 이전 인증서를 계속 공개하므로 이전 토큰도 유효합니다.

이전 개인 키는 덮어씁니다. 백업에 있는 사본은 직접 지우세요. 그것을 가진 사람은 시각을 앞당길 수 있습니다.

다른 기관이 발급한 인증서를 쓴다면 대신 "ingam tsa request"와 "ingam tsa install"을 쓰세요.`,
  },
  options: { ...DATA_DIR, ...ALGORITHM },
  positionals: NONE,
  run: ({ values }, io) =>
    changing(values, io, async (files) => {
      const before = await present(files);
      const root = await files.readRoot();
      if (root === null) {
        throw usageError(keysMessages().tsaRootMissing(files.root), keysMessages().tsaPutBack);
      }
      const top = before.certificates.at(-1);
      if (top === undefined || toHex(top.der) !== toHex(root.der)) {
        throw usageError(keysMessages().tsaOtherRoot(files.root), keysMessages().tsaRequestThere);
      }
      const algorithm = algorithmNamed(values.algorithm) ?? algorithmOf(before.pem);
      const organization = organizationIn(root);
      await files.create({ organization, algorithm, now: Date.now(), isFirst: false });
      printLine(io.stdout, lineOf((await present(files)).certificates[0]));
      printNote(io, keysMessages().tsaRotated);
      return EXIT.ok;
    }),
});

const request = defineCommand({
  name: 'tsa request',
  summary: { en: 'request a certificate from another authority', ko: '다른 기관에 인증서를 요청합니다' },
  usage: '--name NAME [--country CC] [--algorithm rsa|p256]',
  text: {
    en: `Creates a key, if none waits for its certificate, and prints a request for a certificate for time-stamping (PKCS #10).
Send it to the authority, and install what it issues with "ingam tsa install". Until then a present key stays in use.

It is safe to repeat: the key is the same until its certificate is installed.`,
    ko: `인증서를 기다리는 키가 없으면 키를 만들고, 타임스탬프용 인증서의 요청서(PKCS #10)를 출력합니다. 요청서를 기관에
보내고, 발급받은 것을 "ingam tsa install"로 설치하세요. 그때까지 현재 키를 계속 씁니다.

다시 실행해도 안전합니다. 인증서를 설치할 때까지 키는 같습니다.`,
  },
  options: { ...DATA_DIR, ...NAME, ...ALGORITHM },
  positionals: NONE,
  run: ({ values }, io) =>
    changing(values, io, async (files) => {
      const subject = { ...organizationGiven(values), commonName: 'Time-stamping authority' };
      printText(
        io.stdout,
        (await files.request(subject, algorithmNamed(values.algorithm) ?? 'rsa')).trimEnd(),
      );
      printNote(io, keysMessages().tsaKeyWaits(files.requested), keysMessages().tsaInstall);
      return EXIT.ok;
    }),
});

const install = defineCommand({
  name: 'tsa install',
  summary: {
    en: 'install a certificate that another authority has issued',
    ko: '다른 기관이 발급한 인증서를 설치합니다',
  },
  usage: 'CHAIN.pem',
  text: {
    en: `Installs the certificate for the key of "ingam tsa request", or a new certificate for the present key. CHAIN.pem has
the certificate and those above it, in PEM and in any order. The root may be left out.

It is tried out first: tokens that clients would not accept are never given.`,
    ko: `"ingam tsa request"로 만든 키의 인증서, 또는 현재 키의 새 인증서를 설치합니다. CHAIN.pem에는 그 인증서와 상위
인증서가 PEM으로, 순서와 상관없이 들어 있습니다. 루트는 없어도 됩니다.

먼저 시험해 봅니다. 클라이언트가 받아들이지 않을 토큰은 발급하지 않습니다.`,
  },
  options: DATA_DIR,
  positionals: { min: 1, max: 1, missing: { en: 'missing CHAIN.pem', ko: 'CHAIN.pem을 지정하세요' } },
  run: ({ values, positionals: [shown = ''] }, io) =>
    changing(values, io, async (files) => {
      const chain = await readText(resolve(io.cwd, shown), shown);
      const key = await files.install(chain).catch((error: unknown) => {
        throw malformed(error, shown, 'chain for this authority');
      });
      printLine(io.stdout, lineOf(key.certificates[0]));
      printNote(io, keysMessages().tsaInstalled);
      return EXIT.ok;
    }),
});

const show = defineCommand({
  name: 'tsa show',
  summary: {
    en: 'show the certificates and how long they are valid',
    ko: '인증서와 유효 기간을 보여 줍니다',
  },
  usage: '[--pem]',
  text: {
    en: `Lists the certificate that signs, those above it, and those of former keys. With --pem it prints the highest one, which
clients must trust.`,
    ko: `서명하는 인증서, 상위 인증서, 이전 키의 인증서를 보여 줍니다. --pem을 쓰면 클라이언트가 신뢰해야 하는 최상위
인증서를 출력합니다.`,
  },
  options: {
    ...DATA_DIR,
    pem: {
      type: 'boolean',
      help: {
        en: 'print the certificate that clients must trust',
        ko: '클라이언트가 신뢰해야 하는 인증서를 출력',
      },
    },
    json: { type: 'boolean', help: { en: 'print the certificates as JSON', ko: '인증서를 JSON으로 출력' } },
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
        if (isWaiting) printNote(io, keysMessages().tsaRequested);
        else printNote(io, keysMessages().tsaNoKeyYet);
        return EXIT.failed;
      }
      if (values.pem) printRoot(key, io);
      else {
        for (const each of key.certificates) printLine(io.stdout, lineOf(each));
        for (const each of former) printLine(io.stdout, keysMessages().tsaFormer(lineOf(each)));
        if (isWaiting) printNote(io, keysMessages().tsaRequestedNew);
      }
      return EXIT.ok;
    }),
});

export const tsaCommand = defineGroup({
  name: 'tsa',
  summary: SUMMARIES.tsa,
  text: {
    en: `Create a key with certificates of your own (create), or get a certificate from another authority (request, install).
Then turn time-stamps on with INGAM_TSA=on. docs/tsa.md explains it all. Whoever has a token gets the proof that it is
in the log with: proof`,
    ko: `자체 인증서와 함께 키를 만들거나(create), 다른 기관에서 인증서를 받으세요(request, install). 그런 다음
INGAM_TSA=on으로 타임스탬프를 켭니다. 자세한 설명은 docs/tsa.md에 있습니다. 토큰을 가진 사람은 proof로 그 토큰이
로그에 있다는 증명을 받습니다.`,
  },
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
    if (error instanceof RangeError)
      throw usageError(keysMessages().tsaNameRefused(error.message), keysMessages().tsaOtherName);
    if (!(error instanceof ProofError)) throw fileFailure(error, directory);
    throw new Failure('malformed', keysMessages().tsaKeyMistake(error.message), {
      code: error.code,
      cause: error,
    });
  }
}

/** @throws {Failure} usage, when the key is in the configuration */
function changing<T>(values: DataDir, io: Io, work: (files: TsaFiles) => Promise<T>): Promise<T> {
  return withFiles(values, io, (files, configured) => {
    if (configured === null) return work(files);
    throw usageError(keysMessages().tsaInEnvironment, keysMessages().tsaChangeThere);
  });
}

/** @throws {Failure} usage: there is none */
async function present(files: TsaFiles): Promise<TsaKey> {
  const key = await files.read();
  if (key === null) throw usageError(keysMessages().tsaNoKey, keysMessages().tsaCreate);
  return key;
}

function algorithmNamed(text: string | undefined): KeyAlgorithm | null {
  if (text === undefined) return null;
  const found = KEY_ALGORITHMS.find((each) => each === text);
  if (found === undefined) throw usageError(usageMessages().oneOf('--algorithm', KEY_ALGORITHMS.join(', ')));
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
  return keysMessages().validity(describeName(subject), day(notBefore), day(notAfter), toHex(sha256(der)));
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
