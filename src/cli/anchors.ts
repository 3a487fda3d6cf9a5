import {
  type Anchor,
  DOCUMENT_RENEWAL,
  type KeptToken,
  type Json,
  parseCheckpointNote,
  ProofError,
  readAnchor,
  readDocumentRenewal,
  sha256,
  toHex,
} from '../proof/index.js';
import { parseSignedToken } from '../proof/time/cms.js';
import { DerError } from '../proof/time/der.js';
import { TokenRefusal } from '../proof/time/refusal.js';
import { parseTstInfo } from '../proof/time/tst-info.js';
import { isoTime } from './io.js';

type Fields = Readonly<Record<string, Json>>;

/** What an anchor claims, for people. One that cannot be read is shown as it is. */
export function anchorFields(anchor: Anchor): Fields {
  try {
    if (anchor.type === DOCUMENT_RENEWAL) {
      const { proof, ...kept } = readDocumentRenewal(anchor);
      return {
        type: anchor.type,
        proof: { sha256: toHex(sha256(proof)), bytes: proof.length },
        ...tokenFields(kept),
      };
    }
    const known = readAnchor(anchor);
    switch (known?.type) {
      case undefined:
        return anchor;
      case 'rfc3161':
        return {
          type: known.type,
          ...noteFields(known.note),
          path: known.path.map(toHex),
          ...tokenFields(known),
          renewals: known.renewals.map(({ size, index, path, renewedCrls, ...kept }) => ({
            size,
            index,
            path: path.map(toHex),
            renewedRevocationLists: renewedCrls.length,
            ...tokenFields(kept),
          })),
        };
      case 'bitcoin':
        return {
          type: known.type,
          ...noteFields(known.note),
          path: known.path.map(toHex),
          ots: `${known.ots.length} bytes`,
          height: known.height,
          header: toHex(known.header),
          headerPath: known.headerPath.map(toHex),
          following: known.following.length,
        };
      case 'beacon':
        return {
          type: known.type,
          statement: JSON.parse(known.statement) as Json,
          headerPath: known.headerPath.map(toHex),
        };
    }
  } catch (error) {
    if (error instanceof ProofError || error instanceof SyntaxError) return anchor;
    throw error;
  }
}

function noteFields(text: string): Fields {
  const { origin, size, root } = parseCheckpointNote(text).checkpoint;
  return { checkpoint: { origin, size, root: toHex(root) } };
}

function tokenFields({ token, crls }: KeptToken): Fields {
  return {
    token: { sha256: toHex(sha256(token)), bytes: token.length, ...claims(token) },
    revocationLists: crls.length,
  };
}

/** What a token states: anybody may have made it. */
function claims(token: Uint8Array): Fields {
  try {
    const { time, accuracy, serial, policy } = parseTstInfo(parseSignedToken(token).content);
    return { time: isoTime(time.milliseconds), accuracyMs: accuracy, serial: toHex(serial), policy };
  } catch (error) {
    if (error instanceof DerError || error instanceof TokenRefusal) return { unreadable: error.message };
    throw error;
  }
}
