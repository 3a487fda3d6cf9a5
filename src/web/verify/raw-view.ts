import { printable } from '../../proof/errors.js';
import { toBase64, toHex } from '../../proof/bytes.js';
import { entryLeafHash } from '../../proof/entry.js';
import { blockHash, encodeHeader } from '../../proof/header.js';
import { formatNote } from '../../proof/note.js';
import type { PendingProof, ProofFile } from '../../proof/proof-file.js';
import { definitions, type Definition } from '../definitions.js';
import { element } from '../dom.js';
import { formatNumber, formatTime } from '../format.js';
import { valueWords } from '../messages/raw-values.js';
import { words } from '../messages/verify.js';
import { isPending } from './check.js';

/** Everything a proof holds, in its own units, for those who compare by eye or by program. */
export function rawValues(proof: ProofFile | PendingProof): HTMLElement {
  const t = valueWords();
  return element(
    'details',
    { class: 'raw' },
    element('summary', {}, words().rawHeading),
    definitions([...entryValues(proof), ...(isPending(proof) ? [] : blockValues(proof))]),
    ...(isPending(proof)
      ? [block(t.receipt, formatNote(proof.note))]
      : [
          paths(t.blockPath, proof.block.path),
          paths(t.logPath, proof.log.path),
          block(t.checkpoint, formatNote(proof.log.note)),
        ]),
    ...(proof.details === undefined ? [] : [block(t.details, JSON.stringify(proof.details, null, 2))]),
    ...(proof.account === undefined ? [] : [block(t.organization, proof.account)]),
  );
}

function entryValues({ document, entry }: ProofFile | PendingProof): Definition[] {
  const t = valueWords();
  const size = entry.size === null ? t.sizeUnknown : t.bytes(formatNumber(entry.size));
  return [
    [t.digest, toHex(document.sha256), 'code'],
    [t.documentSize, size, 'text'],
    [t.acceptedAt, moment(entry.acceptedAt), 'text'],
    [t.salt, toHex(entry.salt), 'code'],
    [t.accountTag, toHex(entry.accountTag), 'code'],
    [t.detailsDigest, toHex(entry.detailsDigest), 'code'],
    [t.leafHash, toHex(entryLeafHash(entry)), 'code'],
  ];
}

function blockValues({ block: { header, index } }: ProofFile): Definition[] {
  const t = valueWords();
  return [
    [t.height, formatNumber(header.height), 'text'],
    [t.index, formatNumber(index), 'text'],
    [t.blockHash, toHex(blockHash(encodeHeader(header))), 'code'],
    [t.previousHash, toHex(header.previousHash), 'code'],
    [t.merkleRoot, toHex(header.merkleRoot), 'code'],
    [t.firstPosition, formatNumber(header.firstPosition), 'text'],
    [t.entryCount, formatNumber(header.entryCount), 'text'],
    [t.sealedAt, moment(header.sealedAt), 'text'],
    [t.difficulty, formatNumber(header.difficulty), 'text'],
    [t.nonce, header.nonce.toString(), 'code'],
  ];
}

function moment(milliseconds: number): string {
  return valueWords().milliseconds(formatTime(milliseconds, 'UTC'), String(milliseconds));
}

function paths(name: string, path: readonly Uint8Array[]): HTMLElement {
  return block(name, path.length === 0 ? '–' : path.map(toBase64).join('\n'));
}

/** Text of strangers, with what could hide or reorder it made visible. */
function block(name: string, text: string): HTMLElement {
  const shown = text.split('\n').map(printable).join('\n').trimEnd();
  return element(
    'div',
    { class: 'raw-block' },
    element('h4', {}, name),
    element('pre', { tabindex: 0, 'aria-label': name }, shown),
  );
}
