import type { VerifyMessages } from './verify.js';

export const en: VerifyMessages = {
  title: 'Verify · Ingam',
  heading: 'Verify a document',
  lead: 'Drop a document, its proof, or both. Everything is computed in this browser: the document never leaves it.',
  document: 'Document',
  documentExplained:
    'Any file. Without a proof, its digest (not the file) is sent to this service to look for notarizations of it.',
  chooseDocument: 'Choose the document',
  proof: 'Proof',
  proofExplained:
    'The file that ends in .ingam.json, or the certificate. With it nothing is sent but a request for the service’s public key.',
  chooseProof: 'Choose the proof',
  remove: (name) => `Remove ${name}`,
  oneAtATime: (name) => `Documents are verified one at a time. This is about ${name}.`,
  hashing: (percent, name) => `Computing the digest of ${name}, ${percent}`,
  cancel: 'Cancel',
  lookingUp: 'Looking for notarizations of this document',
  unreadableDocument: 'The file can no longer be read. It may have been moved or changed: choose it again.',
  statements: {
    verified: {
      title: 'Verified',
      says: 'Exactly this document existed at the time below. Not one byte of it has changed since.',
    },
    holds: {
      title: 'The proof holds',
      says: 'It is a genuine proof for the document with the digest below. Add the document to see whether yours is that one.',
    },
    other_document: {
      title: 'Not verified',
      says: 'This is not the document that the proof is for. One changed byte is enough to make it another document.',
    },
    invalid: {
      title: 'Not verified',
      says: 'The proof does not hold: it was changed, damaged, or never genuine. Don’t rely on it. The first step that failed is marked below.',
    },
    untrusted: {
      title: 'Not trusted',
      says: 'The proof fits together, but those you trust do not vouch for it, so it could have been made by anybody.',
    },
    uncosigned: {
      title: 'Not verified',
      says: 'The proof holds and the chain’s own signature is there, but fewer members have cosigned than you ask for. Until they do, only the service vouches for it. If it is new, the others may follow in a moment.',
    },
    no_key: {
      title: 'Not decided',
      says: 'The proof fits together, but the service’s public key could not be fetched, so nobody vouches for it yet. Try again, or enter a key you were given.',
    },
    pending: {
      title: 'Pending',
      says: 'The document was accepted and waits to be sealed into a block. That is normal and takes seconds. The final proof comes with the seal.',
    },
    pending_unvouched: {
      title: 'Pending',
      says: 'The file promises that this document will be sealed, but no key was known to check that promise with. Check it with the service that gave it, or get the final proof there.',
    },
    unknown: {
      title: 'Unknown here',
      says: 'This service has no notarization of exactly this document. It may have been notarized elsewhere, never, or before it was changed. If you have its proof, add it.',
    },
    no_lookup: {
      title: 'The proof is missing',
      says: 'Nothing can be looked up from here: a document is verified together with its proof. Add the proof, or the certificate.',
    },
    rewritten: {
      title: 'A certificate that was saved anew',
      says: 'This PDF looks like a certificate that another program has written anew, so its proof is not where it belongs. Open it in a PDF reader, save its attachment proof.ingam.json, and give that here instead.',
    },
    unreadable: {
      title: 'The proof cannot be read',
      says: 'It says nothing about the document, neither good nor bad.',
    },
    away: {
      title: 'The service cannot be reached',
      says: 'A document without its proof can only be looked up while the service is there. With its proof and a key you trust, it can be verified without the service.',
    },
    refused: { title: 'The service could not answer', says: 'This says nothing about the document.' },
  },
  trustLegend: 'Whose signature you trust',
  trustService: 'The key that this service publishes, and the members that it names',
  trustServiceExplained:
    'Shows that this service stands by the proof. It does not protect you from the service itself: whoever controls it could publish another key and name other members.',
  trustOwn: 'A key or policy that I was given',
  trustOwnExplained:
    'One that reached you by another way, on paper or from a member of the chain. Then the answer does not depend on what this service says of itself.',
  trustField: 'Verifier key or trust policy',
  trustFieldHint:
    'A key reads name+hash+key, in one line. A policy has lines that begin with log, witness, group and quorum.',
  trustFieldEmpty: 'Paste a key or a policy. Until then nobody is trusted.',
  trustFieldWrong: 'This is neither a key nor a policy. Check that all of it was copied.',
  trustFieldKeys: (logs) => `Understood: the chain must be signed by ${logs}. No cosignatures are asked for.`,
  trustFieldPolicy: (logs, needed, all, names) =>
    `Understood: the chain must be signed by ${logs}, and cosigned by at least ${needed} of these ${all}: ${names}.`,
  retiredKey: (log, n, blocks) =>
    `A retired key of ${log} is trusted too, for a chain of at most ${n === 1 ? '1 block' : `${blocks} blocks`}.`,
  trustPage:
    'This page comes from the service too. To depend on nothing of it, verify with the command line:',
  checkedWithService:
    'Checked with what this service publishes. For certainty that does not rest on the service, compare the keys with those that you were given by another way.',
  checkedWithOwn: 'Checked with the key or policy that you entered.',
  checkedWithNothing: 'Checked without any trusted key.',
  factProofFor: 'The proof is for',
  factDocument: 'Document',
  factAccepted: 'Accepted',
  factSealed: 'Sealed',
  factPromised: 'To be sealed by',
  factCosigned: 'Cosigned',
  cosigned: (signed, all, needed) => `Signed by ${signed} of ${all} members; at least ${needed} needed.`,
  cosignedFreely: (signed, all) =>
    `Signed by ${signed} of ${all} members; the trust that you chose asks for none of them.`,
  signedAt: (name, time) => `${name} signed on ${time}.`,
  notSigned: 'No signature in this proof',
  doesNotCount: 'Does not count for the quorum',
  factBlock: 'Block',
  inBlock: (number, count, height) => `Entry ${number} of ${count} in block ${height}`,
  seeBlock: 'See it in the explorer',
  factSource: 'Proof',
  sources: {
    file: 'The file that you gave',
    certificate:
      'In the certificate that you gave. What is printed on its pages was not checked: only what stands here was.',
    service: 'Fetched from this service and checked in this browser',
  },
  factTrust: 'Trust',
  yourTime: (time) => `${time}, your time`,
  stepsHeading: 'What was checked',
  expected: 'Expected',
  computed: 'Found',
  rawHeading: 'All values',
  saveProof: 'Download the proof',
  saveCertificate: 'Download a certificate (PDF)',
  certificateProblems: {
    quorum_missing:
      'Too few members have cosigned until now, so there is no certificate yet. Try again in a while.',
    not_verified:
      'The service does not find its own proof verified, and makes no certificate of it. Tell whoever runs the service.',
    unknown_time_zone: 'The service does not know the time zone of this browser.',
    queue_full: 'Many certificates are being made at the moment. Try again in a while.',
    notarization_not_found: 'The service gives you no certificate of this notarization.',
  },
  tryAgain: 'Try again',
  others: (count) => `This document was notarized ${count} times`,
  moreOthers: 'There are more than are shown here.',
  otherSealed: (time, block) => `Accepted ${time}, sealed in block ${block}`,
  otherAccepted: (time) => `Accepted ${time}, not sealed yet`,
  checkThis: 'Check this one',
  checkThisNamed: (time) => `Check this one, accepted ${time}`,
  shown: 'Shown above',
  offlineHeading: 'Verify without this service',
  offlineExplained:
    'This page also exists as one file, with the keys of this service in it. Keep it with your proofs: it opens from disk, asks nothing of any network, and will verify them when this service is gone.',
  offlineDownload: 'Download the verifier',
  unreadableProof: (code) => {
    if (code === 'unsupported_format')
      return 'This file is not a proof of this kind, or it is of a newer version than this page.';
    if (code === 'malformed_certificate')
      return 'This PDF is not a certificate, or it was damaged or saved anew by another program. If a PDF reader shows an attachment called proof.ingam.json, save that and give it instead.';
    if (code === 'malformed_json' || code === 'malformed_text')
      return 'This file is damaged or cut off. Get the proof again.';
    return 'The file is built like a proof, but something in it is malformed. It was damaged or edited: get the proof again.';
  },
};
