import { toHex } from '../../proof/bytes.js';
import { printable } from '../../proof/errors.js';
import { formatVerifierKey, type VerifierKey } from '../../proof/note.js';
import type { ProofFile } from '../../proof/proof-file.js';
import { element, present, type Child } from '../dom.js';
import { formatNumber, groupHex } from '../format.js';
import { words, type StatementName } from '../messages/verify.js';
import { isPending, type Judged, type Outcome } from './check.js';
import type { Quorum } from './quorum.js';
import { signerList } from './signers-view.js';
import type { Surroundings } from './surroundings.js';
import { times } from './times.js';
import { retiredSentence } from './trust-view.js';

/** Only these say something about the document at which its times may stand. */
const TIMED: readonly StatementName[] = ['verified', 'holds', 'pending'];

/** What a proof says of its document, and on whose word. */
export function facts(
  { statement, document }: Outcome,
  judged: Judged,
  quorum: Quorum | null,
  entryAddress: Surroundings['entryAddress'],
): HTMLElement {
  const t = words();
  const { proof, trust, source } = judged;
  const claimed = toHex(proof.document.sha256);
  const parts: Child[] = [
    documentFact(document?.name ?? null, document === null ? claimed : toHex(document.sha256)),
  ];
  if (statement === 'other_document') {
    parts.push(fact(t.factProofFor, element('code', { class: 'digest' }, groupHex(claimed))));
  }
  if (TIMED.includes(statement)) {
    parts.push(fact(t.factAccepted, ...times(proof.entry.acceptedAt)));
    if (isPending(proof)) parts.push(fact(t.factPromised, ...times(proof.receipt.deadline)));
    else parts.push(fact(t.factSealed, ...times(proof.block.header.sealedAt)));
  }
  if (quorum !== null) parts.push(fact(t.factCosigned, ...signerList(quorum)));
  if (!isPending(proof) && TIMED.includes(statement)) {
    parts.push(fact(t.factBlock, ...place(proof, isHere(judged) ? entryAddress : null)));
  }
  parts.push(fact(t.factSource, t.sources[source]), trustFact(proof, trust));
  return element('dl', { class: 'facts' }, ...parts);
}

function trustFact(proof: Judged['proof'], { policy, receiptKeys, source }: Judged['trust']): HTMLElement {
  const t = words();
  const keys = isPending(proof) ? receiptKeys : (policy?.logs ?? []);
  const retired = isPending(proof) ? [] : (policy?.retired ?? []);
  const says =
    keys.length + retired.length === 0
      ? t.checkedWithNothing
      : source === 'own'
        ? t.checkedWithOwn
        : t.checkedWithService;
  return fact(
    t.factTrust,
    says,
    ...keys.map(keyCode),
    ...retired.flatMap((gone) => [retiredSentence(gone), keyCode(gone.key)]),
  );
}

function keyCode(key: VerifierKey): HTMLElement {
  return element('code', { class: 'key' }, printable(formatVerifierKey(key)));
}

export function documentFact(name: string | null, sha256: string): HTMLElement {
  const digest = element('code', { class: 'digest' }, groupHex(sha256));
  return fact(
    words().factDocument,
    ...(name === null ? [] : [element('bdi', { class: 'fact-name' }, name)]),
    digest,
  );
}

function fact(name: string, ...value: readonly Child[]): HTMLElement {
  return element(
    'div',
    {},
    element('dt', {}, name),
    element('dd', {}, ...present(value).map((part) => element('div', {}, part))),
  );
}

function place({ block: { header, index } }: ProofFile, address: Surroundings['entryAddress']): Child[] {
  const t = words();
  const [number, count, height] = [index + 1, header.entryCount, header.height].map(formatNumber);
  return [
    t.inBlock(number ?? '', count ?? '', height ?? ''),
    address === null ? null : element('a', { href: address(header.height, index + 1) }, t.seeBlock),
  ];
}

/** Whether the chain is the service's own: it gave the proof, or the key that it publishes has signed it. */
export function isHere({ verification, trust, source }: Judged): boolean {
  const signed = verification.steps.some(
    ({ name, outcome }) => name === 'log_signature' && outcome === 'held',
  );
  return signed && (source === 'service' || trust.source === 'service');
}
