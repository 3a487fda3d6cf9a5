import type { ComponentChildren } from 'preact';
import { printable } from '../../../proof/errors.js';
import type { Policy } from '../../../proof/policy.js';
import type { JudgedAnchor, TimeFindings } from '../../../proof/time/findings.js';
import { ownersOf } from '../../../proof/time/trust.js';
import { cosignedBefore } from '../../../proof/verify.js';
import { Icon } from '../../components/icon.js';
import { Time } from '../../components/time.js';
import { formatNumber, formatTime } from '../../lib/format.js';
import type { IconName } from '../../lib/icons.js';
import type { Shown } from '../../lib/text.js';
import { FAULT_GROUPS } from '../../../proof/time/fault-groups.js';
import { timeMessages } from '../../messages/time.js';
import { messages } from '../../messages/verify.js';
import type { StatementName } from '../../messages/verify-statements.js';
import { isPending, originOf } from './arrange.js';
import { type CheckedProof, hasPassed, type Outcome } from './check.js';
import { SEALED } from './statements.js';
import { type Quorum, quorumOf, type Signer } from './trust.js';

type Mark = 'yes' | 'no' | 'doubt' | 'open';
const MARKS: Readonly<Record<Mark, IconName>> = {
  yes: 'check',
  no: 'cross',
  doubt: 'dash',
  open: 'question',
};

interface Answer {
  readonly mark: Mark;
  readonly said: Shown;
  /** More of it, below. */
  readonly more?: ComponentChildren;
}

/** Statements with which the log's own signature is valid, so that its times are its word. */
const SIGNED: readonly StatementName[] = [...SEALED, 'other_document'];

/** Is it this file? When, and according to whom? Who confirmed it from outside? */
export function Answers({ outcome }: { readonly outcome: Outcome }) {
  const t = messages().answers;
  if (outcome.checked === null && outcome.history === null) return null;
  const answers = [
    [t.file, fileAnswer(outcome)],
    [t.when, whenAnswer(outcome)],
    [t.outside, outsideAnswer(outcome)],
  ] as const;
  return (
    <ol class="answers">
      {answers.map(([question, { mark, said, more }]) => (
        <li key={question} class="answer" data-mark={mark}>
          <span class="answer-mark">
            <Icon name={MARKS[mark]} />
          </span>
          <div>
            <h3>
              {question}
              <span class="visually-hidden"> {messages().marks[mark]}</span>
            </h3>
            <p>{said}</p>
            {more}
          </div>
        </li>
      ))}
    </ol>
  );
}

function fileAnswer({ statement, document, history }: Outcome): Answer {
  const t = messages().answers;
  if (document === null) return { mark: 'open', said: t.noFile };
  if (statement === 'other_document') return { mark: 'no', said: t.otherFile };
  if (history !== null) {
    const { naming } = history;
    if (naming === null) return { mark: 'no', said: t.notInHistory };
    if (statement === 'history' || statement === 'history_alone') {
      return { mark: 'yes', said: t.inHistory(formatNumber(naming)) };
    }
    return { mark: 'doubt', said: t.unproven };
  }
  if (['invalid', 'untrusted', 'no_key', 'pending_unvouched'].includes(statement)) {
    return { mark: 'doubt', said: t.unproven };
  }
  return { mark: 'yes', said: document.name === null ? t.sameDigest : t.sameFile };
}

function whenAnswer({ statement, checked, history }: Outcome): Answer {
  const t = messages().answers;
  if (history !== null) {
    const { asOf, verdict } = history.verification;
    if (verdict === 'invalid') return { mark: 'no', said: t.invalid };
    if (verdict === 'untrusted' || asOf === null) return { mark: 'doubt', said: t.nobodySays };
    const origin = printable(history.history.log.checkpoint.origin);
    return { mark: 'yes', said: t.asOf(<Time at={asOf.sealedAt} />, formatNumber(asOf.height), origin) };
  }
  if (checked === null) return { mark: 'open', said: t.nobodySays };
  const { proof } = checked;
  const origin = originOf(proof);
  if (isPending(proof)) {
    if (statement === 'broken_promise') {
      return { mark: 'no', said: t.promised(<Time at={proof.receipt.deadline} />, origin) };
    }
    if (statement !== 'pending') return { mark: 'doubt', said: t.nobodySays };
    return { mark: 'open', said: t.received(<Time at={proof.entry.acceptedAt} />, origin) };
  }
  if (statement === 'invalid') return { mark: 'no', said: t.invalid };
  if (!SIGNED.includes(statement) || !hasPassed(checked.verification.steps, 'log_signature')) {
    return { mark: 'doubt', said: t.nobodySays };
  }
  return { mark: 'yes', said: t.sealed(<Time at={proof.block.header.sealedAt} />, origin) };
}

function outsideAnswer({ statement, checked, history }: Outcome): Answer {
  const t = messages().answers;
  if (history !== null) {
    const { cosignatures, steps } = history.verification;
    const lacking = steps.some(({ code }) => code === 'quorum_missing');
    const quorum = quorumOf(history.trust.policy, cosignatures);
    const invalid = history.verification.verdict === 'invalid';
    return membersAnswer(quorum, cosignatures, { lacking, invalid, waived: history.trust.waives });
  }
  if (checked === null || isPending(checked.proof)) return { mark: 'open', said: t.notYet };
  const { verification, trust } = checked;
  const { cosignatures, time, steps } = verification;
  const hasCode = (code: string) => steps.some((step) => step.code === code);
  const quorum = quorumOf(trust.policy, cosignatures);
  const members = membersAnswer(quorum, cosignatures, {
    lacking: hasCode('quorum_missing'),
    invalid: statement === 'invalid',
    waived: trust.waives,
  });
  if (statement === 'invalid') return { ...members, mark: 'no' };
  const anchors = checked.proof.anchors.length > 0 || hasCode('time_missing');
  const lines = anchors ? <TimeLines time={time} policy={trust.policy} /> : null;
  const isTimed = time !== null && time.notAfter !== null && SIGNED.includes(statement);
  const more = (
    <>
      {members.more}
      {lines}
    </>
  );
  if (hasCode('time_missing') && members.mark !== 'no') return { mark: 'no', said: t.tooFewSources, more };
  // The lines say it.
  if (isTimed && members.mark !== 'no' && cosignatures.length === 0) return { mark: 'yes', said: null, more };
  return { ...members, more };
}

function membersAnswer(
  quorum: Quorum | null,
  cosignatures: CheckedProof['verification']['cosignatures'],
  { lacking, invalid, waived }: Readonly<Record<'lacking' | 'invalid' | 'waived', boolean>>,
): Answer {
  const t = messages().answers;
  if (invalid) return { mark: 'no', said: t.invalid };
  if (quorum === null || (cosignatures.length === 0 && !lacking)) {
    return waived ? { mark: 'open', said: t.nobodyNeeded } : { mark: 'doubt', said: t.nobody };
  }
  const [signed, all, needed] = [quorum.signed, quorum.of, quorum.needed].map(formatNumber);
  const more = (
    <ul class="signers">
      {quorum.signers.map((signer) => (
        <SignerItem key={signer.name} signer={signer} />
      ))}
    </ul>
  );
  if (lacking) return { mark: 'no', said: t.tooFewMembers(signed ?? '', all ?? '', needed ?? ''), more };
  return { mark: 'yes', said: t.members(signed ?? '', all ?? ''), more };
}

function SignerItem({ signer: { name, time, counts } }: { readonly signer: Signer }) {
  const t = messages();
  return (
    <li class="signer" data-signed={String(time !== null)}>
      <Icon name={time === null ? 'dash' : 'check'} />
      <div>
        <bdi class="signer-name">{printable(name)}</bdi>
        <div class="soft">
          {time === null ? (
            t.notSigned
          ) : (
            <>
              {t.before} <Time at={cosignedBefore(time)} />
            </>
          )}
        </div>
        {counts ? null : <div class="soft">{t.doesNotCount}</div>}
      </div>
    </li>
  );
}

/** Who confirmed the time from outside, in a few words; empty: nobody. */
export function confirmers({ checked, history }: Outcome): string {
  const verification = checked?.verification ?? history?.verification;
  if (verification === undefined || verification.verdict === 'invalid') return '';
  const owners = checked?.verification.time?.owners ?? [];
  return [...verification.cosignatures.map(({ witness }) => witness), ...owners].map(printable).join(', ');
}

interface TimeLinesProps {
  /** null: they were not looked at. */
  readonly time: TimeFindings | null;
  readonly policy: Policy | null;
}

/** What time sources say of the registration, and why anchors do not count. */
function TimeLines({ time, policy }: TimeLinesProps) {
  const t = timeMessages();
  if (time === null) return <p>{t.notLookedAt}</p>;
  return (
    <>
      <Interval {...time} sources={policy === null ? 0 : ownersOf(policy.time).size} />
      {time.conflict === null ? null : <p class="time-doubt">{t.conflicts[time.conflict]}</p>}
      {time.anchors.flatMap(remarks).map((remark) => (
        <p key={remark} class="time-remark">
          {remark}
        </p>
      ))}
    </>
  );
}

function Interval({ notBefore, notAfter, owners, sources }: TimeFindings & { readonly sources: number }) {
  const t = timeMessages();
  const from = notBefore === null ? null : <Time at={notBefore} />;
  if (notAfter === null) return from === null ? null : <p>{t.after(from)}</p>;
  const to = <Time at={notAfter} />;
  return (
    <>
      <p class="time-interval">{from === null ? t.noLaterThan(to) : t.between(from, to)}</p>
      <p class="time-sources">
        {t.confirmed(formatNumber(owners.length), formatNumber(sources), owners.map(printable).join(', '))}
      </p>
    </>
  );
}

/** What to know of an anchor, if anything. */
function remarks(anchor: JudgedAnchor): string[] {
  const t = timeMessages();
  if (!anchor.counts) {
    const reason = t.reasons[FAULT_GROUPS[anchor.fault]];
    return [t.doesNotCount(formatNumber(anchor.index + 1), printable(anchor.type), reason)];
  }
  const { basis, source } = anchor;
  switch (basis.type) {
    case 'round':
      return [];
    case 'block':
      return basis.standing.by === 'pin'
        ? []
        : [t.byWork(formatNumber(basis.height), formatNumber(basis.standing.bits))];
    case 'token':
      return [
        ...(basis.validUntil >= Date.now()
          ? []
          : [t.notRenewed(printable(source), formatTime(basis.validUntil))]),
        ...(basis.notRevokedAsOf === null
          ? []
          : [t.notRevoked(printable(source), formatTime(basis.notRevokedAsOf))]),
      ];
  }
}
