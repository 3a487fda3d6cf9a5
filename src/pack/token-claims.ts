import {
  inclusionPathLength,
  leafHash,
  renewedBytes,
  rootFromInclusionPath,
  toHex,
  utf8,
  type JudgedAnchor,
  type KeptToken,
  type Policy,
  type Renewal,
  type Rfc3161Anchor,
} from '../proof/index.js';
import { askCrl } from '../proof/time/crl.js';
import { verifyToken, type TimeStamp } from '../proof/time/token.js';
import type { Certificate } from '../proof/time/x509.js';
import type { Claims } from './claim.js';
import { addPath } from './note-claims.js';
import { all, base64Word, cat, isFile, pem, quote, rootOf } from './shell.js';
import { utc } from './text.js';

export interface TokenScene {
  readonly anchor: Rfc3161Anchor;
  /** The file of the anchored note. */
  readonly note: string;
  readonly policy: Policy;
  readonly verdict: JudgedAnchor | undefined;
}

/** Claims about a token over the anchored note, and about its renewals. */
export function addToken(claims: Claims, name: string, { anchor, note, policy, verdict }: TokenScene): void {
  if (verdict?.counts !== true || verdict.basis.type !== 'token') return;
  const { renewals } = anchor;
  let before = addStamp(claims, name, { kept: anchor, newer: renewals[0]?.renewedCrls ?? [] }, policy, {
    file: note,
    message: utf8(anchor.note),
    what: {
      en: `the anchored checkpoint, and so the block, existed no later than ${utc(verdict.time)}`,
      ko: `체크포인트와 블록은 늦어도 ${utc(verdict.time)}에는 존재하였습니다`,
    },
  });
  // Renewals are judged from the last: those that count are the first ones.
  for (const [i, renewal] of renewals.slice(0, verdict.basis.renewals).entries()) {
    const own = `${name}/renewal-${i + 1}`;
    const newer = renewals[i + 1]?.renewedCrls ?? [];
    before = addRenewal(claims, own, { renewal, newer, policy, before, kept: renewals[i - 1] ?? anchor });
  }
}

interface Lists {
  readonly kept: KeptToken;
  /** The lists about it that its renewal brings. */
  readonly newer: readonly Uint8Array[];
}

interface Stamped {
  readonly file: string;
  readonly message: Uint8Array;
  readonly what: { readonly en: string; readonly ko: string };
}

/** @returns the files of the token and its revocation lists */
export function addStamp(
  claims: Claims,
  name: string,
  { kept, newer }: Lists,
  policy: Policy,
  { file, message, what }: Stamped,
): string[] {
  const token = claims.file(`${name}/token.tst`, kept.token);
  const crls = [...kept.crls, ...newer];
  const lists = crls.map((crl, i) => claims.file(`${name}/crl-${i + 1}.crl`, crl));
  const roots = policy.time.authorities.flatMap((each) => each.roots);
  // Without the lists: they were judged with the time as of which each token is known.
  const judged = verifyToken({ token: kept.token, stamped: { message }, roots });
  if (!judged.counts) return [token, ...lists];
  const { stamp } = judged;
  const root = stamp.chain.at(-1);
  const source = policy.time.authorities.find((each) => root !== undefined && each.roots.includes(root));
  if (root === undefined || source === undefined) return [token, ...lists];
  const rootFile = claims.file(`${name}/root.pem`, utf8(pem(root.der)));
  const { name: authority, owner } = source;
  claims.add(
    `${name}/token`,
    {
      en: `${token} is a time-stamp (RFC 3161) over ${file}, and its certificates were valid at its time and end in one that policy.txt names for the time source ${authority} (owner: ${owner}): ${what.en}.`,
      ko: `${token}은 ${file}에 대한 타임스탬프(RFC 3161)이며, 그 인증서는 당시 유효하였고 policy.txt가 시각 출처 ${authority}(소유자: ${owner})의 것으로 적은 인증서로 이어집니다: ${what.ko}.`,
    },
    true,
    [token, file, rootFile, 'policy.txt'],
    all(
      `grep -q -F -e ${quote(`#tsa ${authority} `)}${base64Word(`openssl x509 -in ${quote(rootFile)} -outform DER`)} policy.txt`,
      `openssl ts -verify -token_in -in ${quote(token)} -data ${quote(file)} -CAfile ${quote(rootFile)} -untrusted ${quote(rootFile)} -partial_chain -attime ${Math.floor(stamp.time / 1000)}`,
      `openssl ts -reply -token_in -in ${quote(token)} -text | grep -q -e ${quote(timeLine(stamp.time))}`,
    ),
  );
  crls.forEach((crl, i) => {
    addList(claims, name, { crl, number: i + 1, file: lists[i] ?? '', stamp });
  });
  return [token, ...lists];
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** How openssl prints the time of a token. */
function timeLine(milliseconds: number): string {
  const time = new Date(milliseconds);
  const two = (value: number) => String(value).padStart(2, '0');
  const clock = [time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()].map(two).join(':');
  const day = String(time.getUTCDate()).padStart(2, ' ');
  return `^Time stamp: ${MONTHS[time.getUTCMonth()] ?? ''} ${day} ${clock}[.0-9]* ${time.getUTCFullYear()} GMT$`;
}

interface List {
  readonly crl: Uint8Array;
  readonly number: number;
  readonly file: string;
  readonly stamp: TimeStamp;
}

/** What a revocation list says of the certificates of a token. */
function addList(claims: Claims, name: string, { crl, number, file, stamp: { chain } }: List): void {
  for (const [i, certificate] of chain.slice(0, -1).entries()) {
    const issuer = chain[i + 1];
    const answer = issuer === undefined ? null : askCrl(crl, certificate, issuer);
    if (issuer === undefined || answer === null) continue;
    const issuerFile = claims.file(`${name}/crl-${number}-issuer.pem`, utf8(pem(issuer.der)));
    const serial = serialOf(certificate);
    const asOf = utc(answer.asOf);
    const { revocation } = answer;
    const names = `openssl crl -inform DER -in ${quote(file)} -noout -text | grep -q -e ${quote(`^ *Serial Number: ${serial}$`)}`;
    claims.add(
      `${name}/crl-${number}`,
      revocation === null
        ? {
            en: `${file}, a revocation list of ${asOf} that the issuer of the certificate ${serial} has signed, does not name this certificate.`,
            ko: `인증서 ${serial}의 발급자가 서명한 ${asOf}의 폐지 목록 ${file}에 이 인증서는 없습니다.`,
          }
        : {
            en: `${file}, a revocation list of ${asOf} that the issuer of the certificate ${serial} has signed, names this certificate as revoked at ${utc(revocation.since)}; the token counts all the same, because it is from before.`,
            ko: `인증서 ${serial}의 발급자가 서명한 ${asOf}의 폐지 목록 ${file}에는 이 인증서가 ${utc(revocation.since)}에 폐지된 것으로 적혀 있습니다. 타임스탬프는 그 전의 것이므로 인정됩니다.`,
          },
      true,
      [file, issuerFile],
      all(
        `openssl crl -inform DER -in ${quote(file)} -CAfile ${quote(issuerFile)} -noout 2>&1 | grep -q 'verify OK'`,
        revocation === null ? `! ${names}` : names,
      ),
    );
    return;
  }
}

/** As openssl prints it. */
const serialOf = ({ serial }: Certificate) =>
  toHex(serial)
    .replace(/^00(?=.)/, '')
    .toUpperCase();

interface RenewalScene {
  readonly renewal: Renewal;
  /** The lists about it that the next renewal brings. */
  readonly newer: readonly Uint8Array[];
  readonly policy: Policy;
  /** The files of what is renewed. */
  readonly before: readonly string[];
  readonly kept: KeptToken;
}

function addRenewal(
  claims: Claims,
  name: string,
  { renewal, newer, policy, before, kept }: RenewalScene,
): string[] {
  const { size, index, path, renewedCrls } = renewal;
  if (index >= size || path.length !== inclusionPathLength(index, size)) return [];
  const root = rootFromInclusionPath(leafHash(renewedBytes(kept, renewedCrls)), index, size, path);
  const file = claims.file(`${name}/renewed-root.bin`, root);
  const files = addPath(claims, `${name}/path`, path);
  claims.add(
    `${name}/renewed`,
    {
      en: `${before.join(' and ')} are renewed by ${name}: they are in the tree with the root ${file}.`,
      ko: `${before.join(', ')}은 ${name}에서 갱신되었습니다. 루트가 ${file}인 트리에 들어 있습니다.`,
    },
    true,
    [...before, ...files, file],
    isFile(rootOf(before.map(cat), index, size, files), file),
  );
  return addStamp(claims, name, { kept: renewal, newer }, policy, {
    file,
    message: root,
    what: {
      en: 'what is renewed existed by the time of this token',
      ko: '갱신된 타임스탬프는 이 타임스탬프의 시각에 이미 존재하였습니다',
    },
  });
}
