import { resolve } from 'node:path';
import { PENDING_FORMAT, toHex, type PendingProof, type ProofFile } from '../proof/index.js';
import { anchorFields } from './anchors.js';
import { defineCommand } from './command.js';
import { type Fields, printFields } from './fields.js';
import { isHistoryFile, readProofOrCertificate } from './files.js';
import { readHistoryFields } from './inspect-history.js';
import { EXIT, isoTime, printJson, printNote } from './io.js';
import { checkpointFields, entryFields, headerFields, signatureFields } from './proof-fields.js';
import { SUMMARIES } from './summaries.js';
import { historyMessages } from './messages/history.js';

export const inspectCommand = defineCommand({
  name: 'inspect',
  summary: SUMMARIES.inspect,
  usage: 'PROOF|HISTORY [--json]',
  text: {
    en: `Decodes a proof (final, pending, or embedded in a certificate), or the history of a record, and shows its fields.
Nothing is verified: use "ingam verify" for that.`,
    ko: `증명 파일(최종, 봉인 전, 또는 증명서에 담긴 것)이나 기록의 이력을 풀어 값을 보여 줍니다. 아무것도 확인하지 않습니다.
확인하려면 "ingam verify"를 쓰세요.`,
  },
  options: { json: { type: 'boolean', help: { en: 'print JSON', ko: 'JSON으로 출력' } } },
  positionals: {
    min: 1,
    max: 1,
    missing: { en: 'missing PROOF or HISTORY', ko: 'PROOF나 HISTORY를 지정하세요' },
  },
  async run({ values, positionals: [shown = ''] }, io) {
    const path = resolve(io.cwd, shown);
    const isHistory = await isHistoryFile(path, shown);
    const fields = isHistory
      ? await readHistoryFields(path, shown)
      : decoded(await readProofOrCertificate(path, shown));
    const note = historyMessages().inspected(isHistory);
    if (values.json) printJson(io.stdout, { ...fields, note });
    else {
      printFields(fields, io.stdout);
      printNote(io, note);
    }
    return EXIT.ok;
  },
});

function decoded(proof: ProofFile | PendingProof): Fields {
  const claim: Fields = {
    format: proof.format,
    document: { sha256: toHex(proof.document.sha256), size: proof.document.size ?? null },
    entry: entryFields(proof.entry),
    ...(proof.details === undefined ? {} : { details: proof.details }),
    ...(proof.account === undefined ? {} : { account: proof.account }),
  };
  return { ...claim, ...(proof.format === PENDING_FORMAT ? promise(proof) : evidence(proof)) };
}

function promise({ position, receipt, note, index, path }: PendingProof): Fields {
  return {
    position,
    receipt: {
      origin: receipt.origin,
      count: receipt.count,
      root: toHex(receipt.root),
      acceptedAt: isoTime(receipt.acceptedAt),
      deadline: isoTime(receipt.deadline),
      index,
      path: path.map(toHex),
      signatures: signatureFields(note),
    },
  };
}

function evidence({ block, log, anchors }: ProofFile): Fields {
  return {
    block: { ...headerFields(block.header), index: block.index, path: block.path.map(toHex) },
    log: { path: log.path.map(toHex), checkpoint: checkpointFields(log) },
    anchors: anchors.map(anchorFields),
  };
}
