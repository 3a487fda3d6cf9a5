import { resolve } from 'node:path';
import { generateKey, type PrivateKey } from '../crypto/keys.js';
import {
  type Algorithm,
  COSIGNATURE,
  ED25519,
  formatVerifierKey,
  ML_DSA_44,
  ML_DSA_44_TEXT,
  ProofError,
} from '../proof/index.js';
import { ALGORITHM_OPTION, parseAlgorithm } from './algorithm.js';
import { defineCommand } from './command.js';
import { usageError } from './failure.js';
import { writeNew } from './files.js';
import { EXIT, printJson, printLine, printNote } from './io.js';
import { usageMessages } from './messages/usage.js';
import { keysMessages } from './messages/keys.js';
import { SUMMARIES } from './summaries.js';

type Types = Readonly<Record<Algorithm, number>>;

const COSIGNER: Types = { ed25519: COSIGNATURE, 'ml-dsa-44': ML_DSA_44 };
/** Keys that sign texts, not checkpoints. */
const TEXT: Types = { ed25519: ED25519, 'ml-dsa-44': ML_DSA_44_TEXT };
const KINDS = new Map<string, Types>([
  ['log', { ed25519: ED25519, 'ml-dsa-44': ML_DSA_44 }],
  ['receipt', TEXT],
  ['holder', TEXT],
  ['cosigner', COSIGNER],
  ['member', COSIGNER],
]);

export const keygenCommand = defineCommand({
  name: 'keygen',
  summary: SUMMARIES.keygen,
  usage: '--name NAME [--kind log|receipt|holder|member|cosigner] [--algorithm NAME] [--out FILE]',
  text: {
    en: `Generates a key pair, writes the private key to FILE with mode 0600, and prints the public key, which
"ingam verify --key" accepts. An existing file is never replaced.

ML-DSA-44 (FIPS 204) is secure against quantum computers. Its public key has 1.8 kB as text, a
signature 3.2 kB. See docs/quantum.md.

A service generates its own keys on its first start. Use this command for keys that are configured by environment
(INGAM_LOG_KEY, INGAM_RECEIPT_KEY and INGAM_MEMBER_KEY take the text of the private key) and for cosigners.
INGAM_SECRET is no key: openssl rand -hex 32 makes one.

A holder's key signs the events of records ("ingam record"): whoever has it can act as you there. Its name is what you
call it, such as alice@example.com. A name proves nothing: give others the whole public key.`,
    ko: `키 쌍을 만들어 개인 키는 FILE에 모드 0600으로 쓰고, "ingam verify --key"에 쓸 공개 키를 출력합니다. 이미 있는 파일은
바꾸지 않습니다.

ML-DSA-44(FIPS 204)는 양자 컴퓨터에도 안전합니다. 공개 키는 텍스트로 1.8 kB, 서명은 3.2 kB입니다. docs/quantum.md를
보세요.

서비스의 키는 처음 시작할 때 저절로 만들어집니다. 이 명령은 환경 변수로 지정하는 키(INGAM_LOG_KEY,
INGAM_RECEIPT_KEY, INGAM_MEMBER_KEY에 개인 키의 텍스트를 넣음)와 공동 서명자의 키를 만들 때 쓰세요. INGAM_SECRET은
이런 키가 아니며 openssl rand -hex 32로 만듭니다.

보유자의 키는 기록의 이벤트("ingam record")에 서명합니다. 그 키를 가진 사람은 거기서 보유자로 행동할 수 있습니다.
이름은 alice@example.com처럼 마음대로 정합니다. 이름은 아무것도 증명하지 않으니 다른 사람에게는 공개 키 전체를
주세요.`,
  },
  options: {
    name: {
      type: 'string',
      value: 'NAME',
      required: true,
      help: {
        en: 'name of the key, without white space and plus signs; for a log its\norigin, a host name with a path: notary.example.com/main',
        ko: '키의 이름. 공백과 더하기 기호는 쓸 수 없습니다. 로그라면 출처, 곧\n호스트 이름과 경로: notary.example.com/main',
      },
    },
    kind: {
      type: 'string',
      value: 'KIND',
      help: {
        en: 'log, receipt, holder, member or cosigner (default: log);\nmember and cosigner are the same',
        ko: 'log, receipt, holder, member, cosigner(기본값: log)\nmember와 cosigner는 같습니다',
      },
    },
    algorithm: ALGORITHM_OPTION,
    out: {
      type: 'string',
      value: 'FILE',
      help: { en: 'file for the private key (default: KIND.key)', ko: '개인 키를 쓸 파일(기본값: KIND.key)' },
    },
    json: {
      type: 'boolean',
      help: { en: 'print public key and file as JSON', ko: '공개 키와 파일을 JSON으로 출력' },
    },
  },
  positionals: { min: 0, max: 0 },
  async run({ values }, io) {
    const kind = values.kind ?? 'log';
    const types = KINDS.get(kind);
    if (types === undefined) throw usageError(usageMessages().oneOf('--kind', [...KINDS.keys()].join(', ')));
    const algorithm = parseAlgorithm(values.algorithm ?? 'ed25519');
    const shown = values.out ?? `${kind}.key`;
    const key = generate(values.name, types[algorithm]);
    await writeNew(resolve(io.cwd, shown), shown, `${key.text}\n`, 0o600);
    const vkey = formatVerifierKey(key.key);
    if (values.json) printJson(io.stdout, { kind, algorithm, verifierKey: vkey, privateKeyFile: shown });
    else {
      printLine(io.stdout, vkey);
      printNote(io, keysMessages().privateKeyIn(shown));
    }
    return EXIT.ok;
  },
});

function generate(name: string, type: number): PrivateKey {
  try {
    return generateKey(name, type);
  } catch (error) {
    if (error instanceof ProofError) throw usageError(keysMessages().badName(error.message));
    throw error;
  }
}
