import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { formatTlogProof, otsOf, PENDING_FORMAT, tlogProofOf, utf8, type ProofFile } from '../proof/index.js';
import { defineCommand } from './command.js';
import { Failure, fileFailure, systemCode, usageError } from './failure.js';
import { readProof } from './files.js';
import { EXIT, printJson, printLine, printable } from './io.js';

/** By the name of the format: what it becomes, and the end of its file's name. */
const FORMATS = new Map<string, { readonly suffix: string; readonly make: (proof: ProofFile) => Uint8Array }>(
  [
    ['tlog-proof', { suffix: '.tlog-proof', make: (proof) => utf8(formatTlogProof(tlogProofOf(proof))) }],
    ['ots', { suffix: '.ots', make: otsOf }],
  ],
);

export const exportCommand = defineCommand({
  name: 'export',
  summary: 'write a proof in the form of other tools',
  usage: 'PROOF --format tlog-proof|ots [--out FILE]',
  text: `tlog-proof: the C2SP form of the last part of the way: that the block's header, which is the extra data, is in
the log. Tools for transparency logs verify it with the log's key or a trust policy.

ots: an OpenTimestamps file that leads from the document's digest to the root of the log. Its tools replay every
step; the signed checkpoint at its end is of a kind they do not know.

Neither replaces the proof, which says more.`,
  options: {
    format: { type: 'string', value: 'FORMAT', help: 'tlog-proof or ots' },
    out: {
      type: 'string',
      value: 'FILE',
      help: 'where it goes (default: beside the proof, with the ending of the format)',
    },
    json: { type: 'boolean', help: 'the file as JSON on standard output' },
  },
  positionals: { min: 1, max: 1, missing: 'which proof?' },
  async run({ values, positionals: [path = ''] }, io) {
    const format = FORMATS.get(values.format ?? '');
    if (format === undefined) throw usageError(`--format is one of ${[...FORMATS.keys()].join(', ')}`);
    const proof = await readProof(resolve(io.cwd, path), path);
    if (proof.format === PENDING_FORMAT) {
      throw new Failure(
        'malformed',
        `${path} is a pending proof: there is nothing to export before the seal`,
        {
          exitCode: EXIT.pending,
          hint: 'ingam upgrade replaces it by the final one.',
        },
      );
    }
    const bytes = made(format.make, proof, path);
    const file = values.out ?? `${path.replace(/\.ingam\.json$/, '')}${format.suffix}`;
    try {
      // What is there is somebody's: the same name may hold a file of the same tools.
      await writeFile(resolve(io.cwd, file), bytes, { flag: 'wx' });
    } catch (error) {
      if (systemCode(error) === 'EEXIST')
        throw new Failure('conflict', `${file} exists already`, { hint: 'Name another file with --out.' });
      throw fileFailure(error, file);
    }
    if (values.json) printJson(io.stdout, { file });
    else printLine(io.stdout, printable(file));
    return EXIT.ok;
  },
});

function made(make: (proof: ProofFile) => Uint8Array, proof: ProofFile, shown: string): Uint8Array {
  try {
    return make(proof);
  } catch (error) {
    if (error instanceof RangeError)
      throw new Failure('malformed', `${shown} does not fit: ${error.message}`, { cause: error });
    throw error;
  }
}
