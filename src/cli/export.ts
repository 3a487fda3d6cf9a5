import { resolve } from 'node:path';
import { formatTlogProof, otsOf, PENDING_FORMAT, tlogProofOf, utf8, type ProofFile } from '../proof/index.js';
import { defineCommand } from './command.js';
import { Failure, usageError } from './failure.js';
import { readProof, withoutSuffix, writeNew } from './files.js';
import { EXIT, printJson, printLine } from './io.js';
import { withSuffix } from './paths.js';
import { certificateMessages } from './messages/certificate.js';
import { usageMessages } from './messages/usage.js';
import { SUMMARIES } from './summaries.js';

/** File name suffix and encoder of each format. */
const FORMATS = new Map<string, { readonly suffix: string; readonly make: (proof: ProofFile) => Uint8Array }>(
  [
    ['tlog-proof', { suffix: '.tlog-proof', make: (proof) => utf8(formatTlogProof(tlogProofOf(proof))) }],
    ['ots', { suffix: '.ots', make: otsOf }],
  ],
);

export const exportCommand = defineCommand({
  name: 'export',
  summary: SUMMARIES.export,
  usage: 'PROOF --format tlog-proof|ots [--out FILE]',
  text: {
    en: `tlog-proof: a C2SP tlog-proof that the block's header (the extra data) is in the log. Transparency log tools verify
it with the log's key or a trust policy.

ots: an OpenTimestamps file from the document's digest to the root of the log. OpenTimestamps tools replay every
step but do not know the attestation at its end, which is the signed checkpoint.

Neither replaces the proof, which contains more.`,
    ko: `tlog-proof: 블록의 헤더(추가 데이터)가 로그에 있다는 C2SP tlog-proof입니다. 투명성 로그 도구가 로그의 키나 신뢰
정책으로 확인합니다.

ots: 문서의 해시값에서 로그의 루트까지의 OpenTimestamps 파일입니다. OpenTimestamps 도구는 모든 단계를 다시
계산하지만, 끝에 있는 서명된 체크포인트는 알지 못합니다.

어느 것도 증명 파일을 대신하지 못합니다. 증명 파일에 더 많은 것이 들어 있습니다.`,
  },
  options: {
    format: { type: 'string', value: 'FORMAT', help: { en: 'tlog-proof or ots', ko: 'tlog-proof 또는 ots' } },
    out: {
      type: 'string',
      value: 'FILE',
      help: {
        en: 'output file (default: next to the proof, with the suffix of the format)',
        ko: '출력 파일(기본값: 증명 파일 옆에, 형식에 맞는 확장자로)',
      },
    },
    json: { type: 'boolean', help: { en: 'print the output path as JSON', ko: '출력 경로를 JSON으로 출력' } },
  },
  positionals: { min: 1, max: 1, missing: { en: 'missing PROOF', ko: 'PROOF를 지정하세요' } },
  async run({ values, positionals: [path = ''] }, io) {
    const format = FORMATS.get(values.format ?? '');
    if (format === undefined)
      throw usageError(usageMessages().oneOf('--format', [...FORMATS.keys()].join(', ')));
    const proof = await readProof(resolve(io.cwd, path), path);
    if (proof.format === PENDING_FORMAT) {
      throw new Failure('malformed', certificateMessages().notExportable(path), {
        exitCode: EXIT.pending,
        hint: certificateMessages().makeFinal,
      });
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
      throw new Failure('malformed', certificateMessages().notConvertible(shown, error.message), {
        cause: error,
      });
    throw error;
  }
}
