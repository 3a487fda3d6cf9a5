import { toBase64, toHex } from '../../../proof/bytes.js';
import { entryLeafHash } from '../../../proof/entry.js';
import { printable } from '../../../proof/errors.js';
import { blockHash, encodeHeader } from '../../../proof/header.js';
import { formatNote } from '../../../proof/note.js';
import type { PendingProof, ProofFile } from '../../../proof/proof-file.js';
import { cosignedBefore, type Step, type Verification } from '../../../proof/verify.js';
import { type Definition, definitions } from '../../components/section.js';
import { type Child, element, hiddenText, icon, present } from '../../lib/dom.js';
import { formatNumber, formatTime } from '../../lib/format.js';
import { isPending } from './examination.js';
import type { Quorum, Signer } from './trust.js';
import { valueNames } from '../../messages/values.js';
import { type Facts, messages } from '../../messages/verify.js';

/** A time in UTC, as in the proof, and in the reader's time zone if that differs. */
export function times(milliseconds: number): HTMLElement[] {
  const universal = element('span', { class: 'time-utc' }, formatTime(milliseconds, 'UTC'));
  if (new Date(milliseconds).getTimezoneOffset() === 0) return [universal];
  return [universal, element('span', { class: 'time-local' }, messages().yourTime(formatTime(milliseconds)))];
}

export function fact(name: string, ...value: readonly Child[]): HTMLElement {
  return element(
    'div',
    {},
    element('dt', {}, name),
    element('dd', {}, ...present(value).map((part) => element('div', {}, part))),
  );
}

/** The number of signatures and the required number, then each member with the time of its signature. */
export function signerList(quorum: Quorum): HTMLElement[] {
  return [
    element('p', { class: 'signers-count' }, countSentence(quorum)),
    element('ul', { class: 'signers' }, ...quorum.signers.map(signerItem)),
  ];
}

/** The same as lines, for the step about cosignatures. */
function signerLines(quorum: Quorum): HTMLElement[] {
  const t = messages();
  return [
    element('p', {}, countSentence(quorum)),
    ...quorum.signers.flatMap(({ name, time }) =>
      time === null
        ? []
        : [
            element(
              'p',
              { class: 'signer-line' },
              t.signedAt(printable(name), formatTime(cosignedBefore(time), 'UTC')),
            ),
          ],
    ),
  ];
}

function countSentence({ signed, of, needed }: Quorum): string {
  const t = messages();
  return needed === 0
    ? t.cosignedFreely(formatNumber(signed), formatNumber(of))
    : t.cosigned(formatNumber(signed), formatNumber(of), formatNumber(needed));
}

function signerItem({ name, time, counts }: Signer): HTMLElement {
  const t = messages();
  const lines =
    time === null
      ? [element('span', { class: 'time-local' }, t.notSigned)]
      : [element('span', { class: 'time-local' }, t.before), ...times(cosignedBefore(time))];
  const note = counts ? [] : [element('span', { class: 'time-local' }, t.doesNotCount)];
  return element(
    'li',
    { class: 'signer', 'data-signed': String(time !== null) },
    icon(time === null ? 'dash' : 'check'),
    element(
      'div',
      {},
      element('bdi', { class: 'signer-name' }, printable(name)),
      ...[...lines, ...note].map((line) => element('div', {}, line)),
    ),
  );
}

/** All values of a proof in their own units. */
export function rawValues(proof: ProofFile | PendingProof): HTMLElement {
  const t = valueNames();
  return element(
    'details',
    { class: 'raw' },
    element('summary', {}, messages().rawHeading),
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
  const t = valueNames();
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
  const t = valueNames();
  return [
    [t.height, formatNumber(header.height), 'text'],
    [t.index, formatNumber(index), 'text'],
    [t.blockHash, toHex(blockHash(encodeHeader(header))), 'code'],
    [t.previousHash, toHex(header.previousHash), 'code'],
    [t.merkleRoot, toHex(header.merkleRoot), 'code'],
    [t.state, toHex(header.state), 'code'],
    [t.firstPosition, formatNumber(header.firstPosition), 'text'],
    [t.entryCount, formatNumber(header.entryCount), 'text'],
    [t.sealedAt, moment(header.sealedAt), 'text'],
    [t.difficulty, formatNumber(header.difficulty), 'text'],
    [t.nonce, header.nonce.toString(), 'code'],
  ];
}

function moment(milliseconds: number): string {
  return valueNames().milliseconds(formatTime(milliseconds, 'UTC'), String(milliseconds));
}

function paths(name: string, path: readonly Uint8Array[]): HTMLElement {
  return block(name, path.length === 0 ? '–' : path.map(toBase64).join('\n'));
}

/** Untrusted text, with invisible and reordering characters made visible. */
function block(name: string, text: string): HTMLElement {
  const shown = text.split('\n').map(printable).join('\n').trimEnd();
  return element(
    'div',
    { class: 'raw-block' },
    element('h4', {}, name),
    element('pre', { tabindex: 0, 'aria-label': name }, shown),
  );
}

const ICONS = { passed: 'check', failed: 'cross', skipped: 'dash' } as const;

/** The steps of a verification and their results. */
export function stepList(
  { steps, cosignatures, time }: Verification,
  proof: ProofFile | PendingProof,
  quorum: Quorum | null,
): HTMLElement {
  const facts = factsOf(proof, cosignatures, time?.owners ?? []);
  return element('ol', { class: 'steps' }, ...steps.map((step) => stepItem(step, facts, quorum)));
}

function stepItem(step: Step, facts: Facts, quorum: Quorum | null): HTMLElement {
  const t = messages();
  const { title, passed, skipped } = t.steps[step.name];
  const message =
    step.code !== null ? t.failures[step.code] : step.outcome === 'passed' ? passed(facts) : skipped;
  return element(
    'li',
    {
      class: 'step',
      value: step.number,
      'data-step': step.name,
      'data-outcome': step.outcome,
      ...(step.code === null ? {} : { 'data-code': step.code }),
    },
    element('span', { class: 'step-icon' }, icon(ICONS[step.outcome])),
    element(
      'div',
      {},
      element(
        'h4',
        {},
        element('span', { class: 'step-number' }, `${formatNumber(step.number)} `),
        title,
        hiddenText(`: ${t.outcomes[step.outcome]}`),
      ),
      element('p', {}, message),
      step.expected === undefined || step.computed === undefined
        ? null
        : definitions([
            [messages().expected, printable(step.expected), 'code'],
            [messages().computed, printable(step.computed), 'code'],
          ]),
      ...(step.name === 'cosignatures' && quorum !== null ? signerLines(quorum) : []),
    ),
  );
}

function factsOf(
  proof: ProofFile | PendingProof,
  cosignatures: Verification['cosignatures'],
  owners: readonly string[],
): Facts {
  const header = isPending(proof) ? null : proof.block.header;
  const number = (value: number | undefined) => (value === undefined ? '' : formatNumber(value));
  return {
    origin: printable(isPending(proof) ? proof.receipt.origin : proof.log.checkpoint.origin),
    height: number(header?.height),
    number: isPending(proof) ? '' : formatNumber(proof.block.index + 1),
    count: number(header?.entryCount),
    zeroBits: number(header?.difficulty),
    accepted: formatTime(proof.entry.acceptedAt, 'UTC'),
    sealed: header === null ? '' : formatTime(header.sealedAt, 'UTC'),
    blocks: isPending(proof) ? '' : formatNumber(proof.log.checkpoint.size),
    members: cosignatures.map(({ witness }) => printable(witness)).join(', '),
    sources: owners.map(printable).join(', '),
    deadline: isPending(proof) ? formatTime(proof.receipt.deadline, 'UTC') : '',
  };
}
