import type { Json } from '../../../proof/canonical-json.js';
import { toHex } from '../../../proof/bytes.js';
import { printable } from '../../../proof/errors.js';
import type { ProofFile } from '../../../proof/proof-file.js';
import { USUAL_PROMISE_MS } from '../../../proof/promise.js';
import { shownKey, type VerifierKey } from '../../../proof/verifier-key.js';
import { Button } from '../../components/button.js';
import { Icon } from '../../components/icon.js';
import { problemSentence } from '../../components/problem.js';
import { Time } from '../../components/time.js';
import { type Row, Values } from '../../components/values.js';
import { type Count, counted, formatNumber, formatTime, groupHex } from '../../lib/format.js';
import { messages } from '../../messages/verify.js';
import type { StatementName } from '../../messages/verify-statements.js';
import { Actions } from './actions.js';
import { Answers } from './answers.js';
import { isPending, originOf } from './arrange.js';
import { type CheckedProof, isHere, type Outcome } from './check.js';
import type { Case, Checks } from './checks.js';
import { LOOKS, VERIFIED } from './statements.js';
import { proofSteps, RawValues, Steps } from './steps.js';
import type { Trust } from './trust.js';

/** Statements with which the times in the proof may be shown. */
const TIMED: readonly StatementName[] = [...VERIFIED, 'pending', 'broken_promise'];

interface ResultProps {
  readonly of: Case;
  readonly checks: Checks;
}

/** What came out of one check. */
export function Result({ of, checks }: ResultProps) {
  const outcome = of.outcome.value;
  if (outcome === null) return null;
  const t = messages();
  const { statement, checked, history } = outcome;
  const { title, message } = t.statements[statement];
  const { tone, icon } = LOOKS[statement];
  return (
    <section class="result" data-statement={statement} data-tone={tone} aria-labelledby="statement">
      <div class="statement">
        <span class="statement-icon">
          <Icon name={icon} />
        </span>
        <div>
          <h2 id="statement" tabIndex={-1}>
            {title}
          </h2>
          <p>{message}</p>
          {promiseSentences(outcome).map((sentence) => (
            <p key={sentence} class="promise">
              {sentence}
            </p>
          ))}
          <Explanation outcome={outcome} />
        </div>
      </div>
      <Answers outcome={outcome} />
      <Actions of={of} outcome={outcome} checks={checks} />
      <Values
        class="facts"
        of={[
          ...documentFacts(outcome),
          ...(checked === null ? [] : proofFacts(statement, checked, checks.context.entryLink)),
          ...(history === null ? [] : [...history.views.factsOf(history), trustFact(history.trust, false)]),
        ]}
      />
      <Others of={of} outcome={outcome} checks={checks} />
      {history === null ? null : <history.views.Details of={history} />}
      {checked === null ? null : (
        <>
          <Steps of={proofSteps(checked.verification, checked.proof)} />
          <RawValues proof={checked.proof} />
        </>
      )}
    </section>
  );
}

function Explanation({ outcome: { unreadable, problem } }: { readonly outcome: Outcome }) {
  if (unreadable !== null) {
    return (
      <>
        <p>{messages().unreadableProof(unreadable.code)}</p>
        <p class="technical" lang="en">
          <code>{unreadable.detail}</code>
        </p>
      </>
    );
  }
  return problem === null ? null : <p>{problemSentence(problem)}</p>;
}

/** Whether a kept receipt's promise was kept; without a receipt, who vouches for an unusually long time. */
export function promiseSentences({ statement, checked }: Outcome): string[] {
  if (checked === null || isPending(checked.proof) || !VERIFIED.includes(statement)) return [];
  const t = messages();
  const { proof, promise, source } = checked;
  const origin = originOf(proof);
  const seconds = (ms: number): Count => counted(Math.max(1, Math.floor(ms / 1000)));
  const delay = proof.block.header.sealedAt - proof.entry.acceptedAt;
  if (promise === null) return delay > USUAL_PROMISE_MS ? [t.sealedLate(origin, seconds(delay))] : [];
  const became = source === 'service' ? [t.becameFinal] : [];
  if (promise.comparison === null) return [...became, t.promise.invalid];
  const { outcome, lateMs } = promise.comparison;
  const said = t.promise[outcome](origin, seconds(lateMs));
  return [...became, said, ...(promise.signed ? [] : [t.promise.unsigned])];
}

function documentFacts({ statement, document, checked }: Outcome): (Row | null)[] {
  const t = messages();
  const claim = checked === null ? null : toHex(checked.proof.document.sha256);
  const digest = document === null ? claim : toHex(document.sha256);
  const name = document?.name ?? null;
  const stated = statement === 'invalid' ? null : (checked?.proof ?? null);
  return [
    name === null ? null : [t.factDocument, <bdi class="fact-name">{name}</bdi>],
    ...detailsOf(stated?.details ?? null).map(([field, value]): Row | null =>
      field === 'name' && value === name ? null : [t.details[field], <bdi>{printable(value)}</bdi>],
    ),
    stated?.account === undefined ? null : [t.factOrganization, <bdi>{printable(stated.account)}</bdi>],
    digest === null ? null : [t.factFingerprint, <Digest of={digest} />],
    statement !== 'other_document' || claim === null ? null : [t.factProofFor, <Digest of={claim} />],
  ];
}

function Digest({ of }: { readonly of: string }) {
  return <code class="digest">{groupHex(of)}</code>;
}

const FIELDS = ['name', 'title', 'author', 'reference', 'note', 'tags'] as const;

/** The details that a proof discloses and people know by name; the others are among all values. */
function detailsOf(details: Readonly<Record<string, Json>> | null) {
  return FIELDS.flatMap((field) => {
    const value = details?.[field];
    const text = Array.isArray(value) ? value.join(', ') : value;
    return typeof text === 'string' && text !== '' ? [[field, text] as const] : [];
  });
}

type EntryLink = Checks['context']['entryLink'];

function proofFacts(statement: StatementName, checked: CheckedProof, entryLink: EntryLink): (Row | null)[] {
  const t = messages();
  const { proof, trust, source, promise } = checked;
  const deadline = isPending(proof) ? proof.receipt.deadline : promise?.deadline;
  const times = [
    [t.factSealed, isPending(proof) ? undefined : proof.block.header.sealedAt],
    [t.factAccepted, proof.entry.acceptedAt],
    [t.factPromised, deadline],
  ] as const;
  const place = isPending(proof) ? null : (
    <EntryPlace proof={proof} entryLink={isHere(checked) ? entryLink : null} />
  );
  return [
    ...(TIMED.includes(statement)
      ? [
          ...times.map(([name, at]): Row | null => (at === undefined ? null : [name, <Moment at={at} />])),
          place === null ? null : ([t.factBlock, place] as const),
        ]
      : []),
    [t.factSource, t.sources[source]],
    trustFact(trust, isPending(proof)),
  ];
}

/** A time in the reader's zone, and in UTC, as proofs state it. */
function Moment({ at }: { readonly at: number }) {
  return (
    <>
      <Time at={at} />
      {new Date(at).getTimezoneOffset() === 0 ? null : <div class="soft">{formatTime(at, 'UTC')}</div>}
    </>
  );
}

function EntryPlace({ proof, entryLink }: { readonly proof: ProofFile; readonly entryLink: EntryLink }) {
  const t = messages();
  const { header, index } = proof.block;
  const [number, count, height] = [index + 1, header.entryCount, header.height].map(formatNumber);
  return (
    <>
      {t.inBlock(number ?? '', count ?? '', height ?? '')}{' '}
      {entryLink === null ? null : <a href={entryLink({ height: header.height, index })}>{t.seeBlock}</a>}
    </>
  );
}

function trustFact({ policy, receiptKeys, source }: Trust, byReceipt: boolean): Row {
  const t = messages();
  const keys = byReceipt ? receiptKeys : (policy?.logs ?? []);
  const retired = byReceipt ? [] : (policy?.retired ?? []);
  const none = keys.length + retired.length === 0;
  return [
    t.factTrust,
    <>
      {none ? t.checkedWithNothing : source === 'own' ? t.checkedWithOwn : t.checkedWithService}
      {keys.map((key) => (
        <KeyLine key={shownKey(key)} of={key} />
      ))}
      {retired.map(({ key, until }) => (
        <div key={shownKey(key)}>
          {t.retiredKey(printable(key.name), counted(until))}
          <KeyLine of={key} />
        </div>
      ))}
    </>,
  ];
}

function KeyLine({ of }: { readonly of: VerifierKey }) {
  return (
    <div>
      <code class="key">{printable(shownKey(of))}</code>
    </div>
  );
}

function Others({ of, outcome: { lookup }, checks }: ResultProps & { readonly outcome: Outcome }) {
  if (lookup === null || lookup.notarizations.length < 2) return null;
  const t = messages();
  return (
    <details class="others">
      <summary>{t.others(formatNumber(lookup.notarizations.length))}</summary>
      <ul>
        {lookup.notarizations.map(({ id, acceptedAt, block }) => {
          const time = <Time at={acceptedAt} />;
          return (
            <li key={id}>
              <span>
                {block === undefined
                  ? t.otherAccepted(time)
                  : t.otherSealed(time, formatNumber(block.height))}
              </span>
              {id === lookup.checked ? (
                <span class="tag">{t.shown}</span>
              ) : (
                <Button
                  aria-label={t.checkThisNamed(formatTime(Date.parse(acceptedAt)))}
                  onPress={() => void checks.choose(of, id)}
                >
                  {t.checkThis}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      {lookup.more ? <p>{t.moreOthers}</p> : null}
    </details>
  );
}
