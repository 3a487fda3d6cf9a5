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
  summary: 'generate a key pair',
  usage: '--name NAME [--kind log|receipt|holder|member|cosigner] [--algorithm NAME] [--out FILE]',
  text: `Generates a key pair, writes the private key to FILE with mode 0600, and prints the public key, which
"ingam verify --key" accepts. An existing file is never replaced.

ML-DSA-44 (FIPS 204) is secure against quantum computers. Its public key has 1.8 kB as text, a
signature 3.2 kB. See docs/quantum.md.

A service generates its own keys on its first start. Use this command for keys that are configured by environment
(INGAM_LOG_KEY, INGAM_RECEIPT_KEY and INGAM_MEMBER_KEY take the text of the private key) and for cosigners.
INGAM_SECRET is no key: openssl rand -hex 32 makes one.

A holder's key signs the events of records ("ingam record"): whoever has it can act as you there. Its name is what you
call it, such as alice@example.com. A name proves nothing: give others the whole public key.`,
  options: {
    name: {
      type: 'string',
      value: 'NAME',
      required: true,
      help: 'name of the key, without white space and plus signs; for a log its\norigin, a host name with a path: notary.example.com/main',
    },
    kind: {
      type: 'string',
      value: 'KIND',
      help: 'log, receipt, holder, member or cosigner (default: log);\nmember and cosigner are the same',
    },
    algorithm: ALGORITHM_OPTION,
    out: { type: 'string', value: 'FILE', help: 'file for the private key (default: KIND.key)' },
    json: { type: 'boolean', help: 'print public key and file as JSON' },
  },
  positionals: { min: 0, max: 0 },
  async run({ values }, io) {
    const kind = values.kind ?? 'log';
    const types = KINDS.get(kind);
    if (types === undefined) throw usageError(`--kind must be one of ${[...KINDS.keys()].join(', ')}`);
    const algorithm = parseAlgorithm(values.algorithm ?? 'ed25519');
    const shown = values.out ?? `${kind}.key`;
    const key = generate(values.name, types[algorithm]);
    await writeNew(resolve(io.cwd, shown), shown, `${key.text}\n`, 0o600);
    const vkey = formatVerifierKey(key.key);
    if (values.json) printJson(io.stdout, { kind, algorithm, verifierKey: vkey, privateKeyFile: shown });
    else {
      printLine(io.stdout, vkey);
      printNote(
        io,
        `The private key is in ${shown}. Anyone who has it can sign in your name: keep it secret, and keep a backup.`,
      );
    }
    return EXIT.ok;
  },
});

function generate(name: string, type: number): PrivateKey {
  try {
    return generateKey(name, type);
  } catch (error) {
    if (error instanceof ProofError) throw usageError(`--name: ${error.message}`);
    throw error;
  }
}
