import {
  blockHash,
  encodeHeader,
  formatVerifierKey,
  PENDING_FORMAT,
  toHex,
  type DocumentFacts,
  type PendingProof,
  type ProofFile,
  type Verification,
} from '../../proof/index.js';
import { isoTime } from '../output/text.js';
import type { Trust } from '../input/trust-store.js';

/** All that a verification has come to, before it is told to people or to programs. */
export interface Outcome {
  readonly verification: Verification;
  readonly proof: ProofFile | PendingProof;
  readonly document: DocumentFacts;
  readonly trust: Trust;
  readonly name: string;
  readonly proofPath: string;
}

/** What `--json` prints. Keys are stable; new ones may be added. */
export function verificationJson({ verification, proof, document, trust, name, proofPath }: Outcome) {
  const { verdict, steps, cosignatures } = verification;
  return {
    verdict,
    document: { name, sha256: toHex(document.sha256), size: document.size ?? null },
    proof: proofPath,
    acceptedAt: isoTime(proof.entry.acceptedAt),
    ...(proof.format === PENDING_FORMAT
      ? { sealedBy: isoTime(proof.receipt.deadline), origin: proof.receipt.origin }
      : {
          sealedAt: isoTime(proof.block.header.sealedAt),
          origin: proof.log.checkpoint.origin,
          position: proof.block.header.firstPosition + proof.block.index,
          block: {
            height: proof.block.header.height,
            hash: toHex(blockHash(encodeHeader(proof.block.header))),
          },
        }),
    ...(proof.details === undefined ? {} : { details: proof.details }),
    ...(proof.account === undefined ? {} : { account: proof.account }),
    trust: { source: trust.source, keys: (trust.policy?.logs ?? []).map(formatVerifierKey) },
    cosignatures: cosignatures.map(({ witness, time }) => ({ witness, time: isoTime(time * 1000) })),
    steps,
  };
}
