import {
  inclusionPathLength,
  equal,
  toHex,
  type BitcoinAnchor,
  type JudgedAnchor,
  type Policy,
} from '../proof/index.js';
import { MAINNET, judgeHeader, parseBitcoinHeader, targetOf } from '../proof/time/bitcoin.js';
import { pathTo } from '../proof/time/ots-tree.js';
import { operationKey, parseOts, type OtsOperation } from '../proof/time/ots.js';
import type { Claims } from './claim.js';
import { addPath } from './note-claims.js';
import {
  all,
  base64Word,
  cat,
  hasLine,
  isPartOf,
  part,
  quote,
  rootOf,
  sha256Of,
  sha256OfFile,
} from './shell.js';
import { utc } from './text.js';

/** Where the fields are in a header of Bitcoin, and the digest in an .ots file. */
const HEADER = { merkleRoot: 36, time: 68 } as const;
const OTS_DIGEST = 33;
const OTS_OPERATIONS = OTS_DIGEST + 32;

export interface BitcoinScene {
  readonly anchor: BitcoinAnchor;
  /** The file of the anchored note. */
  readonly note: string;
  readonly policy: Policy;
  readonly verdict: JudgedAnchor | undefined;
}

/** Claims that an OpenTimestamps file leads from the anchored note to a Bitcoin header. */
export function addBitcoin(
  claims: Claims,
  name: string,
  { anchor, note, policy, verdict }: BitcoinScene,
): void {
  if (verdict?.counts !== true) return;
  const { height } = anchor;
  // Beside the note and named after it, as stock tools expect.
  const ots = claims.file(`${name}/note.txt.ots`, anchor.ots);
  const header = claims.file(`${name}/bitcoin-header.bin`, anchor.header);
  const { digest, timestamp } = parseOts(anchor.ots);
  const { merkleRoot, time } = parseBitcoinHeader(anchor.header);
  const operations = pathTo(
    digest,
    timestamp,
    ({ attestation, message }) =>
      attestation.type === 'bitcoin' &&
      attestation.height === height &&
      message !== null &&
      equal(message, merkleRoot),
  );
  claims.add(
    `${name}/ots`,
    {
      en: `${ots} leads from ${note} to the Merkle root in the Bitcoin header at height ${height} (${header}).`,
      ko: `${ots}는 ${note}에서 높이 ${height}번의 비트코인 헤더(${header})에 있는 머클 루트로 이어집니다.`,
    },
    true,
    [note, ots, header],
    operations === null
      ? null
      : all(
          isPartOf(sha256OfFile(note), ots, OTS_DIGEST, 32),
          isPartOf(replayed(note, ots, anchor.ots, operations), header, HEADER.merkleRoot, 32),
        ),
    {
      en: `With the OpenTimestamps client and a Bitcoin node: ots verify ${ots}`,
      ko: `OpenTimestamps 프로그램과 비트코인 노드가 있으면: ots verify ${ots}`,
    },
  );
  claims.add(
    `${name}/bitcoin-time`,
    {
      en: `The checkpoint, and so the block, existed no later than ${utc(verdict.time)}: the time in the Bitcoin header plus two hours.`,
      ko: `체크포인트와 블록은 늦어도 ${utc(verdict.time)}에는 존재하였습니다(비트코인 헤더의 시각에 두 시간을 더한 시각).`,
    },
    true,
    [header],
    `test "$(od -A n -t u4 --endian=little -j ${HEADER.time} -N 4 ${quote(header)} | tr -d ' ')" = ${time}`,
  );
  const { header: bytes, headerPath: path, following } = anchor;
  addHeaderPlace(claims, name, { file: header, header: bytes, height, path, policy, following });
}

/** Prints the message to which the operations lead. Their arguments are taken from the .ots file itself. */
function replayed(
  note: string,
  file: string,
  bytes: Uint8Array,
  operations: readonly OtsOperation[],
): string {
  const hex = toHex(bytes);
  let offset = OTS_OPERATIONS;
  return operations.reduce((below, operation) => {
    const key = operationKey(operation);
    let at = hex.indexOf(key, 2 * offset);
    while (at % 2 === 1) at = hex.indexOf(key, at + 1);
    offset = at / 2 + key.length / 2;
    switch (operation.name) {
      case 'append':
      case 'prepend': {
        const { argument } = operation;
        const own = part(file, offset - argument.length, argument.length);
        return operation.name === 'append' ? `{ ${below}; ${own}; }` : `{ ${own}; ${below}; }`;
      }
      case 'sha256':
        return sha256Of(below);
      case 'reverse':
        return `${below} | od -A n -v -t o1 -w1 | tac | while read -r byte; do printf "\\\\$byte"; done`;
      case 'hexlify':
        return `${below} | od -A n -v -t x1 | tr -d ' \\n'`;
      case 'sha1':
      case 'ripemd160':
      case 'keccak256':
        throw new RangeError('a path that counts has no such operation');
    }
  }, sha256OfFile(note));
}

export interface HeaderPlace {
  readonly file: string;
  readonly header: Uint8Array;
  readonly height: number;
  readonly path: readonly Uint8Array[];
  readonly policy: Policy;
  readonly following?: readonly Uint8Array[];
}

/** What speaks for a Bitcoin header: a pin in the policy, or its work. */
export function addHeaderPlace(
  claims: Claims,
  name: string,
  { file, header, height, path, policy, following = [] }: HeaderPlace,
): void {
  const standing = judgeHeader({ header, height, path, following }, policy.time.pins, MAINNET);
  if (typeof standing === 'string') return;
  if (standing.by === 'pin') {
    const { size } = standing.pin;
    if (path.length !== inclusionPathLength(height, size)) return;
    const files = addPath(claims, `${name}/header-path`, path);
    claims.add(
      `${name}/bitcoin-header`,
      {
        en: `${file} is the header of Bitcoin at height ${height}, as the root in policy.txt over all headers up to ${size - 1} has it.`,
        ko: `${file}은 높이 ${height}번의 비트코인 헤더입니다. policy.txt에 적힌, 높이 ${size - 1}번까지의 모든 헤더에 대한 루트로 확인됩니다.`,
      },
      true,
      [file, ...files, 'policy.txt'],
      hasLine(
        `${quote(`#bitcoin ${size - 1} `)}${base64Word(rootOf([cat(file)], height, size, files))}`,
        'policy.txt',
      ),
    );
    return;
  }
  const zeros = 32 - Math.ceil(targetOf(parseBitcoinHeader(header).bits).toString(16).length / 2);
  claims.add(
    `${name}/bitcoin-header`,
    {
      en: `The hash of ${file} ends with ${zeros} zero bytes, as the target in it demands. Only work speaks for this header, not a root that policy.txt names: it and ${standing.headers - 1} headers after it took 2^${standing.bits} hashes.`,
      ko: `${file}의 해시값은 그 안에 적힌 목표값대로 0인 ${zeros}바이트로 끝납니다. 이 헤더를 뒷받침하는 것은 policy.txt의 루트가 아니라 작업 증명뿐입니다(이 헤더와 그 뒤의 헤더 ${standing.headers - 1}개에 든 작업량: 해시 2^${standing.bits}번).`,
    },
    true,
    [file],
    `${sha256OfFile(file)} | openssl dgst -sha256 -binary | tail -c ${zeros} | cmp -n ${zeros} - /dev/zero`,
    {
      en: 'The proof contains the headers after it; verify.html checks them.',
      ko: '그 뒤의 헤더는 증명에 들어 있으며 verify.html이 확인합니다.',
    },
  );
}
