import type { Words } from './words.js';

export const en: Words = {
  locale: 'en-GB',
  title: 'Certificate of notarization',
  number: (position) => `Notarization No. ${position}`,
  lead: (origin, block, sealed) =>
    `A file with exactly the digest below existed when block ${block} of the chain ${origin} was sealed, which the chain states to be ${sealed}. The signed proof is attached to this PDF: anyone can check it, without asking us.`,
  document: 'Document',
  nameWithheld: 'Name not disclosed',
  nameNotInProof: 'This name is not part of the proof: it was given when the certificate was made.',
  documentTitle: 'Title',
  author: 'Author',
  reference: 'Reference',
  size: 'Length',
  bytes: (count) => `${count} bytes`,
  sizeUnknown: 'Not recorded: only the digest was notarized',
  account: 'Account',
  moreDetails: (count) => `Further details in the attached proof: ${count}`,
  digest: 'Digest (SHA-256)',
  times: 'Times',
  utc: 'UTC',
  accepted: 'Accepted',
  sealed: 'Sealed',
  cosignedBy: (witness) => `Cosigned: ${witness}`,
  furtherCosigners: (count) => `Further cosignatures in the attached proof: ${count}`,
  place: 'Place in the chain',
  chain: 'Chain',
  block: 'Block',
  blockOf: (height, number, count) => `${height} (entry ${number} of ${count})`,
  position: 'Position',
  signatures: 'Signatures',
  signedBy: 'Signed with',
  cosigners: 'Cosigned by',
  noCosigners: (origin) => `Nobody yet. The times above are the word of ${origin} alone.`,
  cosigned: (count) =>
    `Members of the chain: ${count}. Their times above confirm that the document existed by then.`,
  verifyHere: 'To verify',
  verifyHereExplained:
    'Give the document and this PDF to the page below. Both are examined in your browser and never leave it.',
  verifyCommand: 'Without any service: ingam verify FILE CERTIFICATE.pdf --key KEY',
  qrCode: (address) => `QR code of ${address}`,
  issuedBy: 'Issued from the chain',
  notANotary:
    'A notarization here is technical evidence that a file existed at a time. It is not the act of a notary public.',
  shows: 'What this shows',
  showsList: ({ origin, block, sealed, blocks, details }) => [
    'It is about exactly one file: whoever changes one byte of it gets another digest, and nobody can make another file with this one.',
    `This digest was in block ${block} when that block was sealed (${sealed}). Nothing can be put into a sealed block, or taken out of it, without changing its hash.`,
    `${origin} has signed a state of its chain (blocks: ${blocks}) that contains this block. Whoever has the signed state can notice if ${origin} ever shows another history.`,
    ...(details
      ? ['The name and other details printed here were notarized together with the document.']
      : []),
  ],
  showsNot: 'What it does not show',
  showsNotList: ({ origin, witnesses }) => [
    'That the content of the document is true, who wrote it, or who had the right to it; nor that what was said of it (its name, title, author) is true.',
    witnesses.length === 0
      ? `That the times are right beyond the word of ${origin}: no independent member of the chain has confirmed them in this copy of the proof.`
      : `That the times are right beyond the word of ${origin} and what its members confirm with their cosignatures (${witnesses.join(', ')}).`,
    'That nobody notarized or possessed the same document earlier.',
    'What is printed here, by itself: anyone can print a page. Only the attached proof can be checked.',
  ],
  check: 'How to check it without us',
  checkList: [
    'Keep the original file and this PDF as they are. A PDF that was printed, or saved anew by another program, may have lost its proof.',
    'Compute the SHA-256 digest of the file, for example with “sha256sum FILE” (Linux), “shasum -a 256 FILE” (macOS) or “certutil -hashfile FILE SHA256” (Windows), and compare it with the digest on the first page.',
    'Check the proof with the free program Ingam, which needs no network and no service: “ingam verify FILE CERTIFICATE.pdf --key KEY”.',
    'KEY is the key of the chain. Take it from a source that you trust, not from this page, and see that it is the one printed under “Signed with”.',
    'The format of the proof is public and simple (SHA-256, the trees of RFC 6962, Ed25519 signatures), so that another verifier can be written at any time.',
  ],
  steps: 'The proof, step by step',
  stepsExplained:
    'Each value is computed from the one above it, with the hashes in the attached proof, down to the one that is signed.',
  stepDocument: 'Digest of the document',
  stepEntry: 'Entry that records it: leaf hash',
  stepBlockRoot: (hashes, count) =>
    `Root over the block’s entries (${count}), by way of path hashes: ${hashes}`,
  stepBlock: (height, bits) => `Hash of block ${height} (zero bits at its beginning: ${bits} or more)`,
  stepChain: (hashes, blocks) => `Root over the chain’s blocks (${blocks}), by way of path hashes: ${hashes}`,
  stepSignature: 'Signed with the key',
  page: (number, count) => `Page ${number} of ${count}`,
  attachment: 'Proof of the notarization (Ingam proof file)',
};
