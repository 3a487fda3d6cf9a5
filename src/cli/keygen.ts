import { resolve } from 'node:path';
import { generateKey, type PrivateKey } from '../crypto/keys.js';
import { COSIGNATURE, ED25519, formatVerifierKey, ProofError } from '../proof/index.js';
import { defineCommand } from './command.js';
import { usageError } from './failure.js';
import { writeNew } from './files.js';
import { EXIT, printJson, printLine, printNote } from './io.js';

const KINDS = new Map([
  ['log', ED25519],
  ['receipt', ED25519],
  ['cosigner', COSIGNATURE],
  ['member', COSIGNATURE],
]);

export const keygenCommand = defineCommand({
  name: 'keygen',
  summary: 'generate a key pair',
  usage: '--name ORIGIN [--kind log|receipt|member|cosigner] [--out FILE]',
  text: `Generates an Ed25519 key pair, writes the private key to FILE with mode 0600, and prints the public key, which
"ingam verify --key" accepts. An existing file is never replaced.

A service generates its own keys on its first start. Use this command for keys that are configured by environment
(INGAM_LOG_KEY, INGAM_RECEIPT_KEY and INGAM_MEMBER_KEY take the text of the private key) and for cosigners.`,
  options: {
    name: {
      type: 'string',
      value: 'ORIGIN',
      required: true,
      help: 'name of the key; for a log its origin, a host name with a path:\nnotary.example.com/main',
    },
    kind: {
      type: 'string',
      value: 'KIND',
      help: 'log, receipt, member or cosigner (default: log);\nmember and cosigner are the same',
    },
    out: { type: 'string', value: 'FILE', help: 'file for the private key (default: KIND.key)' },
    json: { type: 'boolean', help: 'print public key and file as JSON' },
  },
  positionals: { min: 0, max: 0 },
  async run({ values }, io) {
    const kind = values.kind ?? 'log';
    const type = KINDS.get(kind);
    if (type === undefined) throw usageError(`--kind must be one of ${[...KINDS.keys()].join(', ')}`);
    const shown = values.out ?? `${kind}.key`;
    const key = generate(values.name, type);
    await writeNew(resolve(io.cwd, shown), shown, `${key.text}\n`, 0o600);
    const vkey = formatVerifierKey(key.key);
    if (values.json) printJson(io.stdout, { kind, verifierKey: vkey, privateKeyFile: shown });
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
