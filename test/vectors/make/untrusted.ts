import { ED25519, formatProof } from '../../../src/proof/index.js';
import type { Vector } from '../load.js';
import { makeProof, proofText, type Wish } from './chain.js';
import { edited, flip, withLine } from './edit.js';
import { untrusted } from './expect.js';
import { cosign, LOG, NAMESAKE, ORIGIN, OTHER_LOG, QUORUM_TRUST, signer, TRUST, vkey, WITNESS_LINES, WITNESSES } from './keys.js';

const NO_LOG = '8 untrusted_log';
const NO_QUORUM = '9 quorum_missing';

/** Nothing in these proofs is wrong; those whom the verifier believes do not vouch for them. */
export function untrustedCases(): Record<string, Vector> {
  const note = (about: string, edit: (note: string) => string) =>
    untrusted(about, edited((file) => (file.log.checkpoint = edit(file.log.checkpoint))), [NO_LOG]);
  const quorum = (about: string, wish: Wish, trust = QUORUM_TRUST) => untrusted(about, proofText(wish), [NO_QUORUM], { trust });
  const groups = `log ${vkey(LOG)}\n${WITNESS_LINES}group a all w1 w2\ngroup b any w3\n`;
  return {
    'trust-nobody': untrusted('no policy was given', proofText(), ['8 no_trusted_key'], { trust: null }),
    'trust-no-log': untrusted('the policy names no log', proofText(), ['8 no_trusted_key'], { trust: 'quorum none\n' }),
    'trust-other-log': untrusted('another log is trusted', proofText(), [NO_LOG], { trust: `log ${vkey(OTHER_LOG)}\nquorum none\n` }),
    'trust-other-log-and-quorum': untrusted('another log is trusted, and the quorum is missing too', proofText(), [NO_LOG, NO_QUORUM], {
      trust: QUORUM_TRUST.replace(vkey(LOG), vkey(OTHER_LOG)),
    }),
    'trust-retired-before': untrusted('the key was given up before this checkpoint', proofText({ blocks: 3, height: 2 }), [NO_LOG], {
      trust: `log ${vkey(NAMESAKE)}\n#retired-log ${vkey(LOG)} 2\nquorum none\n`,
    }),
    'trust-namesake': untrusted('another key of the same name is trusted', proofText(), [NO_LOG], { trust: `log ${vkey(NAMESAKE)}\nquorum none\n` }),
    'signed-by-namesake': untrusted('another key of the same name has signed', proofText({ signer: NAMESAKE }), [NO_LOG]),
    'origin-of-another-log': untrusted('signed by the trusted key, but for a log of another name', proofText({ origin: 'other.example/log' }), [NO_LOG]),
    'origin-of-another-trusted-log': untrusted('both logs are trusted, but one has signed for the other', proofText({ origin: OTHER_LOG.key.name }), [NO_LOG], {
      trust: `log ${vkey(LOG)}\nlog ${vkey(OTHER_LOG)}\nquorum none\n`,
    }),
    'origin-changed': note('another origin above the same signature', (text) => withLine(text, 0, 'log.example/other')),
    'origin-with-terminal-codes': note('an origin that could steer a terminal', (text) => withLine(text, 0, 'log.example\u009b31m\u202e\u007f')),
    'signature-name-changed': note('another name in the signature line', (text) => text.replace(`\u2014 ${ORIGIN} `, '\u2014 log.example/other ')),
    'signature-key-id-changed': note('one bit of the key id flipped', keyIdFlipped),
    'signature-of-cosigner-kind': untrusted('the log name and key, but in the cosignature form', cosignedByLog(), [NO_LOG]),
    'quorum-none-cosigned': quorum('nobody has cosigned', {}),
    'quorum-1-of-3': quorum('one of three, where two are asked for', { cosigners: [2] }),
    'quorum-all-but-one': quorum('two of three, where all are asked for', { cosigners: [1, 2] }, QUORUM_TRUST.replace('members 2', 'members all')),
    'quorum-of-groups-half': quorum('one group of two holds', { cosigners: [1, 3] }, `${groups}group c all a b\nquorum c\n`),
    'quorum-of-other-witness': quorum('another witness than the quorum names', { cosigners: [1, 2] }, `log ${vkey(LOG)}\n${WITNESS_LINES}quorum w3\n`),
    'quorum-repeated-cosignature': untrusted('one witness twice is one witness', repeated(), [NO_QUORUM], { trust: QUORUM_TRUST }),
    'cosignature-of-plain-kind': untrusted('a plain signature of the witness key is no cosignature', plainlySigned(), [NO_QUORUM], { trust: QUORUM_TRUST.replace('members 2', 'members 1') }),
    'everything-but-trust': untrusted('no policy, no document', proofText(), ['8 no_trusted_key'], { trust: null, document: null }),
    'policy-with-proto-names': quorum('names that are special in JavaScript only', { cosigners: [1] }, protoNames()),
    'receipt-key-is-no-log-key': untrusted('a key given for receipts vouches for no checkpoint', proofText(), ['8 no_trusted_key'], { trust: null, receiptKeys: [vkey(LOG)] }),
  };
}

function keyIdFlipped(text: string): string {
  return text.replace(/(?<= )\S+(?=\n$)/, (encoded) => flip(encoded, 0));
}

function cosignedByLog(): string {
  const proof = makeProof();
  const twin = signer(ORIGIN, 4);
  const note = { text: proof.log.note.text, signatures: [cosign(proof.log.note.text, twin, 1n)] };
  return formatProof({ ...proof, log: { ...proof.log, note } });
}

function repeated(): string {
  const proof = makeProof({ cosigners: [1] });
  const { text, signatures } = proof.log.note;
  const note = { text, signatures: [...signatures, ...signatures.slice(1)] };
  return formatProof({ ...proof, log: { ...proof.log, note } });
}

function plainlySigned(): string {
  const proof = makeProof();
  const { text, signatures } = proof.log.note;
  const plain = WITNESSES.map(({ key }) => {
    const twin = signer(key.name, ED25519);
    return { name: key.name, keyId: twin.key.keyId, signature: twin.sign(Buffer.from(text)) };
  });
  return formatProof({ ...proof, log: { ...proof.log, note: { text, signatures: [...signatures, ...plain] } } });
}

function protoNames(): string {
  const [a = LOG, b = LOG] = WITNESSES;
  return `${TRUST.replace('quorum none\n', '')}witness __proto__ ${vkey(a)}\nwitness constructor ${vkey(b)}\ngroup toString all __proto__ constructor\nquorum toString\n`;
}
