import { sha3_512 } from '@noble/hashes/sha3.js';
import { formatProof, parsePolicy, toBase64, utf8 } from '../../../src/proof/index.js';
import { formatDocumentRenewal, type Anchor } from '../../../src/proof/time/anchor.js';
import { nullValue, octetString, oid, sequence } from '../../../src/proof/time/der-writer.js';
import { DIGESTS, type DigestName } from '../../../src/proof/time/digests.js';
import { documentRenewalBytes } from '../../../src/proof/time/document-renewal.js';
import { DOCUMENT, makeLog } from './chain.js';
import { TRUST } from './keys.js';
import { ROOT, tsa } from './tokens/certificates.js';
import { stated, tokenOf } from './tokens/token.js';

export const DOC = new Uint8Array(DOCUMENT);
export const { proof: PROOF } = makeLog({ blocks: 8 });
const STRONG = tsa({ digest: 'sha512' });
/** Trusts the log and the authority of `renewal`. */
export const RENEWAL_TRUST = `${TRUST}#tsa seoul ${toBase64(ROOT.der)}\n`;
export const POLICY = parsePolicy(RENEWAL_TRUST);
export const NOW = Date.parse('2031-01-01T00:00:00Z');

interface Wish {
  readonly doc?: Uint8Array;
  readonly proof?: Uint8Array;
  readonly time?: string;
  readonly signer?: typeof STRONG;
  readonly imprint?: DigestName;
  readonly signs?: DigestName;
}

/** A renewal of PROOF. */
export function renewal(wish: Wish = {}): Anchor {
  const { doc = DOC, proof = utf8(formatProof(PROOF)), time = '20260601120000Z', signer = STRONG } = wish;
  const { oid: id, hash } = DIGESTS[wish.imprint ?? 'sha512'];
  const message = documentRenewalBytes(sha3_512(doc), proof);
  const imprint = sequence(sequence(oid(id), nullValue()), octetString(hash(message)));
  const info = { imprint, nonce: null, time: stated(time) };
  const token = tokenOf({ signer, digest: wish.signs ?? 'sha512', info });
  return formatDocumentRenewal({ proof, token, crls: [] });
}
