import { resolve } from 'node:path';
import { formatTlogProof, otsOf, PENDING_FORMAT, tlogProofOf, utf8, type ProofFile } from '../proof/index.js';
import { defineCommand } from './command.js';
import { Failure, usageError } from './failure.js';
import { readProof, withoutSuffix, writeNew } from './files.js';
import { EXIT, printJson, printLine } from './io.js';
import { withSuffix } from './paths.js';

/** File name suffix and encoder of each format. */
const FORMATS = new Map<string, { readonly suffix: string; readonly make: (proof: ProofFile) => Uint8Array }>(
  [
    ['tlog-proof', { suffix: '.tlog-proof', make: (proof) => utf8(formatTlogProof(tlogProofOf(proof))) }],
    ['ots', { suffix: '.ots', make: otsOf }],
  ],
);

export const exportCommand = defineCommand({
  name: 'export',
  summary: 'convert a proof to the format of another tool',
  usage: 'PROOF --format tlog-proof|ots [--out FILE]',
  text: `tlog-proof: a C2SP tlog-proof that the block's header (the extra data) is in the log. Transparency log tools verify
it with the log's key or a trust policy.

ots: an OpenTimestamps file from the document's digest to the root of the log. OpenTimestamps tools replay every
step but do not know the attestation at its end, which is the signed checkpoint.

Neither replaces the proof, which contains more.`,
  options: {
    format: { type: 'string', value: 'FORMAT', help: 'tlog-proof or ots' },
    out: {
      type: 'string',
      value: 'FILE',
      help: 'output file (default: next to the proof, with the suffix of the format)',
    },
    json: { type: 'boolean', help: 'print the output path as JSON' },
  },
  positionals: { min: 1, max: 1, missing: 'missing PROOF' },
  async run({ values, positionals: [path = ''] }, io) {
    const format = FORMATS.get(values.format ?? '');
    if (format === undefined) throw usageError(`--format must be one of ${[...FORMATS.keys()].join(', ')}`);
    const proof = await readProof(resolve(io.cwd, path), path);
    if (proof.format === PENDING_FORMAT) {
      throw new Failure(
        'malformed',
        `${path} is a pending proof, which cannot be exported before it is sealed`,
        {
          exitCode: EXIT.pending,
          hint: 'Replace it with the final one: ingam upgrade',
        },
      );
    }
    const bytes = made(format.make, proof, path);
    const file = values.out ?? withSuffix(withoutSuffix(path), format.suffix);
    await writeNew(resolve(io.cwd, file), file, bytes);
    if (values.json) printJson(io.stdout, { file });
    else printLine(io.stdout, file);
    return EXIT.ok;
  },
});

function made(make: (proof: ProofFile) => Uint8Array, proof: ProofFile, shown: string): Uint8Array {
  try {
    return make(proof);
  } catch (error) {
    if (error instanceof RangeError)
      throw new Failure('malformed', `${shown} cannot be converted: ${error.message}`, { cause: error });
    throw error;
  }
}
