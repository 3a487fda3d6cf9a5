import {
  parseNote,
  readAnchor,
  toHex,
  utf8,
  type AnchoredNote,
  type BeaconAnchor,
  type Header,
  type JudgedAnchor,
  type Policy,
  type ProofFile,
  type Verification,
} from '../proof/index.js';
import { parseBitcoinHeader } from '../proof/time/bitcoin.js';
import { parseStatement, type Beacon } from '../proof/time/state.js';
import { addBitcoin, addHeaderPlace } from './bitcoin-claims.js';
import type { Claims } from './claim.js';
import { addLogPath, addLogSignatures, packNote } from './note-claims.js';
import { VERIFIER_ONLY } from './notes.js';
import { all, isPartOf, quote, sha256OfFile } from './shell.js';
import { utc } from './text.js';
import { addToken } from './token-claims.js';

export interface AnchorScene {
  readonly proof: ProofFile;
  readonly verification: Verification;
  readonly policy: Policy;
  /** The block that the proof is about. */
  readonly block: { readonly file: string; readonly header: Header };
}

/** Claims about the anchors of a proof. Those that do not count are only named, with the reason. */
export function addAnchors(claims: Claims, scene: AnchorScene): void {
  const judged = scene.verification.time?.anchors ?? [];
  scene.proof.anchors.forEach((anchor, index) => {
    const name = `anchor-${index + 1}`;
    const verdicts = judged.filter((each) => each.index === index);
    const counting = verdicts.filter((each) => each.counts);
    for (const each of verdicts) if (!each.counts) addRefused(claims, name, each);
    if (counting.length === 0) return;
    const known = readAnchor(anchor);
    switch (known?.type) {
      case undefined:
        return;
      case 'rfc3161': {
        const note = addNote(claims, name, known, scene);
        addToken(claims, name, { anchor: known, note, policy: scene.policy, verdict: counting[0] });
        return;
      }
      case 'bitcoin': {
        const note = addNote(claims, name, known, scene);
        addBitcoin(claims, name, { anchor: known, note, policy: scene.policy, verdict: counting[0] });
        return;
      }
      case 'beacon':
        addBeacons(claims, name, known, scene, counting);
        return;
    }
  });
}

function addRefused(claims: Claims, name: string, judged: JudgedAnchor & { readonly counts: false }): void {
  claims.add(
    `${name}-${judged.fault.replaceAll('_', '-')}`,
    {
      en: `The anchor number ${judged.index + 1} of the proof shows something about the time.`,
      ko: `증명의 ${judged.index + 1}번째 외부 시각 자료로 시각을 알 수 있습니다.`,
    },
    'not_counted',
    [],
    null,
    {
      en: `It does not count: ${judged.message}. Anybody can add an anchor to a proof, so this changes nothing else.`,
      ko: `인정되지 않습니다(${judged.fault}). 외부 시각 자료는 누구나 증명에 덧붙일 수 있으므로 다른 항목에는 영향이 없습니다.`,
    },
  );
}

/** The anchored checkpoint: the log has signed it, and it covers the block. */
function addNote(
  claims: Claims,
  name: string,
  { note, path }: AnchoredNote,
  { policy, block }: AnchorScene,
): string {
  const packed = packNote(claims, `${name}/note`, parseNote(note));
  addLogSignatures(claims, packed, policy);
  addLogPath(claims, packed, block, path, true);
  return packed.whole;
}

function addBeacons(
  claims: Claims,
  name: string,
  { statement, headerPath }: BeaconAnchor,
  { policy, block, proof }: AnchorScene,
  counting: readonly JudgedAnchor[],
): void {
  const file = claims.file(`${name}/statement.json`, utf8(statement));
  const { height } = proof.block.header;
  claims.add(
    `${name}/statement`,
    {
      en: `${file} is the state statement of block ${height}: its SHA-256 is in the header.`,
      ko: `${file}은 블록 ${height}번의 상태 명세이며, 그 SHA-256 해시값이 헤더에 들어 있습니다.`,
    },
    true,
    [file, block.file],
    isPartOf(sha256OfFile(file), block.file, 73, 32),
  );
  for (const beacon of parseStatement(statement).beacons) {
    const verdict = counting.find((each) => each.counts && each.source === beacon.type);
    if (verdict?.counts !== true) continue;
    const after = utc(verdict.time);
    if (beacon.type === 'bitcoin') addBitcoinBeacon(claims, name, beacon, headerPath, policy, file, after);
    else {
      claims.add(
        `${name}/drand`,
        {
          en: `Block ${height} was made after ${after}: it names round ${beacon.round} of the drand chain ${toHex(beacon.chain)}, which nobody could know before.`,
          ko: `블록 ${height}번은 ${after} 이후에 만들어졌습니다. 그 전에는 누구도 알 수 없었던 drand 체인 ${toHex(beacon.chain)}의 ${beacon.round}회차 값이 적혀 있습니다.`,
        },
        true,
        [file, 'policy.txt'],
        null,
        VERIFIER_ONLY,
      );
    }
  }
}

function addBitcoinBeacon(
  claims: Claims,
  name: string,
  { header, height }: Beacon & { readonly type: 'bitcoin' },
  headerPath: readonly Uint8Array[],
  policy: Policy,
  statement: string,
  after: string,
): void {
  const file = claims.file(`${name}/bitcoin-header.bin`, header);
  const { time } = parseBitcoinHeader(header);
  claims.add(
    `${name}/bitcoin`,
    {
      en: `The block was made after ${after}: its state statement names the Bitcoin header at height ${height}, whose time minus two hours this is.`,
      ko: `블록은 ${after} 이후에 만들어졌습니다. 상태 명세에 높이 ${height}번의 비트코인 헤더가 적혀 있으며, 이 시각은 그 헤더의 시각에서 두 시간을 뺀 것입니다.`,
    },
    true,
    [file, statement],
    all(
      `grep -q -F -e "$(od -A n -v -t x1 ${quote(file)} | tr -d ' \\n')" ${quote(statement)}`,
      `test "$(od -A n -t u4 --endian=little -j 68 -N 4 ${quote(file)} | tr -d ' ')" = ${time}`,
    ),
  );
  addHeaderPlace(claims, name, { file, header, height, path: headerPath, policy });
}
