import {
  checkCosignature,
  checkSignature,
  concat,
  cosignedBefore,
  ED25519,
  formatNote,
  formatVerifierKey,
  fromHex,
  logKeysFor,
  parseCheckpoint,
  toHex,
  utf8,
  type Header,
  type Note,
  type NoteSignature,
  type Policy,
  type SignatureCheck,
  type VerifierKey,
} from '../proof/index.js';
import type { Claims } from './claim.js';
import { VERIFIER_ONLY } from './notes.js';
import { all, base64Word, cat, hasLine, isFile, isLine, part, print, quote, rootOf } from './shell.js';
import { utc } from './text.js';

/** A signed note that is put into a folder, as it is and as the text that is signed. */
export interface PackedNote {
  readonly note: Note;
  readonly whole: string;
  readonly text: string;
  /** `checkpoint` or `anchor-1/note`: begins the names of its claims and files. */
  readonly name: string;
}

export function packNote(claims: Claims, name: string, note: Note): PackedNote {
  const whole = claims.file(`${name}.txt`, utf8(formatNote(note)));
  return { note, whole, text: claims.file(`${name}-text.txt`, utf8(note.text)), name };
}

/** RFC 8410: SubjectPublicKeyInfo of an Ed25519 key is this and the key. */
const SPKI = fromHex('302a300506032b6570032100', 12);

/** Claims that the log has signed a note, one for each key that a policy names for it. */
export function addLogSignatures(claims: Claims, packed: PackedNote, policy: Policy | null): void {
  const { note, name } = packed;
  const { origin, size } = parseCheckpoint(note.text);
  const signed = (policy === null ? [] : logKeysFor(policy, origin, size))
    .map((key) => ({ key, check: checkSignature(note, key) }))
    .filter(({ check }) => check.state !== 'absent');
  signed.forEach(({ key, check }, i) => {
    const retired = policy?.retired.find((each) => each.key === key);
    addSignature(claims, packed, {
      name: `${name}-signature-${i + 1}`,
      key,
      check,
      policyLine:
        retired === undefined
          ? `log ${formatVerifierKey(key)}`
          : `#retired-log ${formatVerifierKey(key)} ${retired.until}`,
      claim: {
        en: `The key ${toHex(key.keyId)}, which policy.txt names for the log ${origin}, has signed ${packed.whole}.`,
        ko: `policy.txt가 ${origin} 체인의 키로 적은 키 ${toHex(key.keyId)}로 ${packed.whole}에 서명하였습니다.`,
      },
    });
  });
  if (signed.length > 0) return;
  claims.add(
    `${name}-signature`,
    {
      en: `A key that the trust policy names for the log ${origin} has signed ${packed.whole}.`,
      ko: `신뢰 정책이 ${origin} 체인의 키로 적은 키로 ${packed.whole}에 서명하였습니다.`,
    },
    false,
    [packed.whole],
    null,
    {
      en: 'No key that was trusted when the pack was made has signed it.',
      ko: '묶음을 만들 때 신뢰한 키로는 서명되지 않았습니다.',
    },
  );
}

/** Claims that members have cosigned, of which the policy knows the keys. */
export function addCosignatures(claims: Claims, packed: PackedNote, policy: Policy): void {
  for (const [witness, key] of policy.witnesses) {
    const check = checkCosignature(packed.note, key);
    if (check.state === 'absent') continue;
    const before = check.state === 'good' && check.time !== null ? utc(cosignedBefore(check.time)) : null;
    addSignature(claims, packed, {
      name: `cosignature-${[...policy.witnesses.keys()].indexOf(witness) + 1}`,
      key,
      check,
      policyLine: `witness ${witness} ${formatVerifierKey(key)}`,
      claim: {
        en: `The key that policy.txt names for the member ${witness} has cosigned the checkpoint${before === null ? '' : ` before ${before}, as it states`}.`,
        ko: `policy.txt가 참여 기관 ${witness}의 키로 적은 키로 체크포인트에 공동 서명하였습니다${before === null ? '' : `(서명에 적힌 시각: ${before} 이전)`}.`,
      },
    });
  }
}

interface SignatureFacts {
  readonly name: string;
  readonly key: VerifierKey;
  readonly check: SignatureCheck;
  readonly policyLine: string;
  readonly claim: { readonly en: string; readonly ko: string };
}

function addSignature(claims: Claims, packed: PackedNote, facts: SignatureFacts): void {
  const { note, whole, text } = packed;
  const { key, check, name } = facts;
  const line = note.signatures.findIndex(
    (each) => each.name === key.name && toHex(each.keyId) === toHex(key.keyId),
  );
  const signature = note.signatures[line];
  const good = check.state === 'good';
  const timed = key.type !== ED25519;
  if (key.publicKey.length !== 32 || signature?.signature.length !== (timed ? 72 : 64)) {
    claims.add(name, facts.claim, good, [whole, 'policy.txt'], null, VERIFIER_ONLY);
    return;
  }
  const keyFile = claims.file(`${name}.key.der`, concat(SPKI, key.publicKey));
  const time = timed ? signature.signature.slice(0, 8) : new Uint8Array(0);
  const signatureFile = claims.file(`${name}.sig`, signature.signature.slice(time.length));
  const message = timed ? claims.file(`${name}.message`, cosignedMessage(note, time)) : text;
  const vkey = formatVerifierKey(key);
  const [before = '', after = ''] = facts.policyLine.split(vkey);
  const material = `{ ${print(Uint8Array.of(key.type))}; tail -c 32 ${quote(keyFile)}; }`;
  const vkeyStart = vkey.slice(0, vkey.indexOf('+', vkey.indexOf('+') + 1) + 1);
  const policyWord = `${quote(before + vkeyStart)}${base64Word(material)}${after === '' ? '' : quote(after)}`;
  // The text, a blank line, and then the signature lines.
  const lineNumber = note.text.split('\n').length + line + 1;
  const inNote = `${quote(`— ${signature.name} `)}${base64Word(`{ ${print(concat(signature.keyId, time))}; ${cat(signatureFile)}; }`)}`;
  claims.add(
    name,
    facts.claim,
    good,
    [whole, text, message, keyFile, signatureFile, 'policy.txt'],
    all(
      hasLine(policyWord, 'policy.txt'),
      isFile(part(whole, 0, utf8(note.text).length), text),
      isLine(whole, lineNumber, inNote),
      ...(timed ? [isFile(`{ ${print(cosignedHead(time))}; ${cat(text)}; }`, message)] : []),
      `openssl pkeyutl -verify -pubin -keyform DER -inkey ${quote(keyFile)} -rawin -in ${quote(message)} -sigfile ${quote(signatureFile)}`,
    ),
  );
}

function cosignedHead(time: Uint8Array): Uint8Array {
  const seconds = new DataView(time.buffer, time.byteOffset, 8).getBigUint64(0);
  return utf8(`cosignature/v1\ntime ${seconds.toString()}\n`);
}

function cosignedMessage({ text }: Note, time: NoteSignature['signature']): Uint8Array {
  return concat(cosignedHead(time), utf8(text));
}

/**
 * Claims that a block is in the log that a note is about.
 * @param path inclusion path of the header
 * @param holds whether it leads to the note's root
 */
export function addLogPath(
  claims: Claims,
  { note, text, name }: PackedNote,
  block: { readonly file: string; readonly header: Header },
  path: readonly Uint8Array[],
  holds: boolean,
): void {
  const { origin, size } = parseCheckpoint(note.text);
  const { height } = block.header;
  const files = addPath(claims, `${name}-path`, path);
  claims.add(
    `${name}-path`,
    {
      en: `Block ${height} is in the log ${origin} (blocks: ${size}), as ${text} states it.`,
      ko: `블록 ${height}번은 ${text}에 적힌 ${origin} 체인(블록 ${size}개)에 들어 있습니다.`,
    },
    holds,
    [block.file, ...files, text],
    height < size
      ? all(
          isLine(text, 1, quote(origin)),
          isLine(text, 2, String(size)),
          isLine(text, 3, base64Word(rootOf([cat(block.file)], height, size, files))),
        )
      : null,
  );
}

/** The hashes of a path, a file each, the leaf's sibling first. */
export function addPath(claims: Claims, name: string, path: readonly Uint8Array[]): string[] {
  return path.map((hash, i) => claims.file(`${name}/${String(i).padStart(2, '0')}.bin`, hash));
}
