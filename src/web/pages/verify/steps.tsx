import { stepFacts } from '../../../messages/verification.js';
import { toBase64, toHex } from '../../../proof/bytes.js';
import { entryLeafHash } from '../../../proof/entry.js';
import { printable } from '../../../proof/errors.js';
import { blockHash, encodeHeader } from '../../../proof/header.js';
import { formatNote } from '../../../proof/note.js';
import type { PendingProof, ProofFile } from '../../../proof/proof-file.js';
import type { Step, Verification } from '../../../proof/verify.js';
import { Icon } from '../../components/icon.js';
import { type Row, Values } from '../../components/values.js';
import { counted, formatNumber, formatTime } from '../../lib/format.js';
import { valueNames } from '../../messages/values.js';
import { messages } from '../../messages/verify.js';
import { isPending } from './arrange.js';

/** A step as proofs and histories have it. */
export interface ShownStep extends Pick<Step, 'number' | 'outcome' | 'expected' | 'computed'> {
  readonly name: string;
  readonly code: string | null;
  readonly title: string;
  readonly message: string;
}

const ICONS = { passed: 'check', failed: 'cross', skipped: 'dash' } as const;

/** The steps of a check: open when one has failed. */
export function Steps({ of }: { readonly of: readonly ShownStep[] }) {
  const t = messages();
  const failed = of.filter(({ outcome }) => outcome === 'failed').length;
  const done = of.filter(({ outcome }) => outcome !== 'skipped').length;
  return (
    <details class="checks" open={failed > 0}>
      <summary>
        {failed === 0
          ? t.stepsPassed(counted(done))
          : t.stepsFailed(formatNumber(failed), formatNumber(done))}
      </summary>
      <ol class="steps" aria-label={t.stepsHeading}>
        {of.map((step) => (
          <StepItem key={step.name} {...step} />
        ))}
      </ol>
    </details>
  );
}

function StepItem({ number, name, outcome, code, title, message, expected, computed }: ShownStep) {
  const t = messages();
  return (
    <li
      class="step"
      value={number}
      data-step={name}
      data-outcome={outcome}
      {...(code === null ? {} : { 'data-code': code })}
    >
      <span class="step-icon">
        <Icon name={ICONS[outcome]} />
      </span>
      <div>
        <h4>
          <span class="step-number">{formatNumber(number)} </span>
          {title}
          <span class="visually-hidden">: {t.outcomes[outcome]}</span>
        </h4>
        <p>{message}</p>
        {expected === undefined || computed === undefined ? null : (
          <Values
            of={[
              [t.expected, <code key="expected">{printable(expected)}</code>],
              [t.computed, <code key="computed">{printable(computed)}</code>],
            ]}
          />
        )}
      </div>
    </li>
  );
}

/** The steps of a proof's verification. */
export function proofSteps(
  verification: Verification,
  proof: ProofFile | PendingProof,
): readonly ShownStep[] {
  const t = messages();
  const facts = stepFacts(proof, verification, { number: formatNumber, time: formatTime });
  return verification.steps.map((step) => {
    const { title, passed, skipped } = t.steps[step.name];
    const message =
      step.code !== null ? t.failures[step.code] : step.outcome === 'passed' ? passed(facts) : skipped;
    return { ...step, title, message };
  });
}

/** All values of a proof in their own units. */
export function RawValues({ proof }: { readonly proof: ProofFile | PendingProof }) {
  const t = valueNames();
  const path = (parts: readonly Uint8Array[]) => (parts.length === 0 ? '–' : parts.map(toBase64).join('\n'));
  const blocks: readonly (readonly [name: string, text: string])[] = [
    ...(isPending(proof)
      ? [[t.receipt, formatNote(proof.note)] as const]
      : ([
          [t.blockPath, path(proof.block.path)],
          [t.logPath, path(proof.log.path)],
          [t.checkpoint, formatNote(proof.log.note)],
        ] as const)),
    ...(proof.details === undefined ? [] : [[t.details, JSON.stringify(proof.details, null, 2)] as const]),
    ...(proof.account === undefined ? [] : [[t.organization, proof.account] as const]),
  ];
  return (
    <details class="raw">
      <summary>{messages().rawHeading}</summary>
      <Values of={[...entryValues(proof), ...(isPending(proof) ? [] : blockValues(proof))]} />
      {blocks.map(([name, text]) => (
        <div key={name} class="raw-block">
          <h4>{name}</h4>
          {/* Untrusted text, with invisible and reordering characters made visible. */}
          <pre tabIndex={0} role="group" aria-label={name}>
            {text.split('\n').map(printable).join('\n').trimEnd()}
          </pre>
        </div>
      ))}
    </details>
  );
}

function entryValues({ document, entry }: ProofFile | PendingProof): Row[] {
  const t = valueNames();
  return [
    [t.digest, hex(document.sha256)],
    [t.documentSize, entry.size === null ? t.sizeUnknown : t.bytes(formatNumber(entry.size))],
    [t.acceptedAt, moment(entry.acceptedAt)],
    [t.salt, hex(entry.salt)],
    [t.accountTag, hex(entry.accountTag)],
    [t.detailsDigest, hex(entry.detailsDigest)],
    [t.leafHash, hex(entryLeafHash(entry))],
  ];
}

function blockValues({ block: { header, index } }: ProofFile): Row[] {
  const t = valueNames();
  return [
    [t.height, formatNumber(header.height)],
    [t.index, formatNumber(index)],
    [t.blockHash, hex(blockHash(encodeHeader(header)))],
    [t.previousHash, hex(header.previousHash)],
    [t.merkleRoot, hex(header.merkleRoot)],
    [t.state, hex(header.state)],
    [t.firstPosition, formatNumber(header.firstPosition)],
    [t.entryCount, formatNumber(header.entryCount)],
    [t.sealedAt, moment(header.sealedAt)],
    [t.difficulty, formatNumber(header.difficulty)],
    [t.nonce, <code key="nonce">{header.nonce.toString()}</code>],
  ];
}

const hex = (bytes: Uint8Array) => <code>{toHex(bytes)}</code>;

function moment(milliseconds: number): string {
  return valueNames().milliseconds(formatTime(milliseconds, 'UTC'), String(milliseconds));
}
