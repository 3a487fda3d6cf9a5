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
import { type Count, counted, formatNumber, formatTime, groupHex } from '../../lib/format.js';
import type { IconName } from '../../lib/icons.js';
import { messages, type StatementName } from '../../messages/verify.js';
import { Actions } from './actions.js';
import { Answers } from './answers.js';
import { isPending } from './arrange.js';
import { type CheckedProof, isHere, type Outcome } from './check.js';
import type { Case, Checks } from './checks.js';
import { Fact } from './fact.js';
import { HistoryDetails, HistoryFacts } from './history.js';
import { proofSteps, RawValues, Steps } from './steps.js';
import type { Trust } from './trust.js';

export type Tone = 'good' | 'bad' | 'doubt' | 'pending' | 'plain';

/** The looks of a statement. Color is never the only sign. */
export const LOOKS: Readonly<Record<StatementName, { readonly tone: Tone; readonly icon: IconName }>> = {
  verified: { tone: 'good', icon: 'check' },
  alone: { tone: 'doubt', icon: 'check' },
  holds: { tone: 'good', icon: 'proof' },
  holds_alone: { tone: 'doubt', icon: 'proof' },
  history: { tone: 'good', icon: 'check' },
  history_alone: { tone: 'doubt', icon: 'check' },
  history_incomplete: { tone: 'doubt', icon: 'warning' },
  history_invalid: { tone: 'bad', icon: 'cross' },
  not_named: { tone: 'bad', icon: 'cross' },
  other_document: { tone: 'bad', icon: 'cross' },
  invalid: { tone: 'bad', icon: 'cross' },
  untrusted: { tone: 'doubt', icon: 'warning' },
  uncosigned: { tone: 'doubt', icon: 'clock' },
  untimed: { tone: 'doubt', icon: 'clock' },
  no_key: { tone: 'doubt', icon: 'warning' },
  pending: { tone: 'pending', icon: 'clock' },
  pending_unvouched: { tone: 'doubt', icon: 'clock' },
  broken_promise: { tone: 'bad', icon: 'warning' },
  unknown: { tone: 'plain', icon: 'question' },
  no_lookup: { tone: 'plain', icon: 'proof' },
  rewritten: { tone: 'doubt', icon: 'warning' },
  unreadable: { tone: 'doubt', icon: 'warning' },
  gone: { tone: 'plain', icon: 'warning' },
  away: { tone: 'plain', icon: 'question' },
  refused: { tone: 'plain', icon: 'warning' },
};

/** Statements with which the times in the proof may be shown. */
const TIMED: readonly StatementName[] = [
  'verified',
  'alone',
  'holds',
  'holds_alone',
  'pending',
  'broken_promise',
];
const VERIFIED: readonly StatementName[] = ['verified', 'alone', 'holds', 'holds_alone'];

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
      <dl class="facts">
        <DocumentFacts outcome={outcome} />
        {checked === null ? null : (
          <ProofFacts outcome={outcome} checked={checked} entryLink={checks.context.entryLink} />
        )}
        {history === null ? null : (
          <>
            <HistoryFacts of={history} />
            <TrustFact byReceipt={false} trust={history.trust} />
          </>
        )}
      </dl>
      <Others of={of} outcome={outcome} checks={checks} />
      {history === null ? null : <HistoryDetails of={history} />}
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
  const origin = printable(proof.log.checkpoint.origin);
  const seconds = (ms: number): Count => counted(Math.max(1, Math.floor(ms / 1000)));
  const delay = proof.block.header.sealedAt - proof.entry.acceptedAt;
  if (promise === null) return delay > USUAL_PROMISE_MS ? [t.sealedLate(origin, seconds(delay))] : [];
  const became = source === 'service' ? [t.becameFinal] : [];
  if (promise.comparison === null) return [...became, t.promise.invalid];
  const { outcome, lateMs } = promise.comparison;
  const said = t.promise[outcome](origin, seconds(lateMs));
  return [...became, said, ...(promise.signed ? [] : [t.promise.unsigned])];
}

function DocumentFacts({ outcome: { statement, document, checked } }: { readonly outcome: Outcome }) {
  const t = messages();
  const claim = checked === null ? null : toHex(checked.proof.document.sha256);
  const digest = document === null ? claim : toHex(document.sha256);
  const details = statement === 'invalid' ? [] : detailsOf(checked?.proof.details ?? null);
  const name = document?.name ?? null;
  const account = statement === 'invalid' ? undefined : checked?.proof.account;
  return (
    <>
      {name === null ? null : (
        <Fact name={t.factDocument}>
          <bdi class="fact-name">{name}</bdi>
        </Fact>
      )}
      {details.map(([field, value]) =>
        field === 'name' && value === name ? null : (
          <Fact key={field} name={t.details[field]}>
            <bdi>{printable(value)}</bdi>
          </Fact>
        ),
      )}
      {account === undefined ? null : (
        <Fact name={t.factOrganization}>
          <bdi>{printable(account)}</bdi>
        </Fact>
      )}
      {digest === null ? null : (
        <Fact name={t.factFingerprint}>
          <code class="digest">{groupHex(digest)}</code>
        </Fact>
      )}
      {statement !== 'other_document' || claim === null ? null : (
        <Fact name={t.factProofFor}>
          <code class="digest">{groupHex(claim)}</code>
        </Fact>
      )}
    </>
  );
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

interface ProofFactsProps {
  readonly outcome: Outcome;
  readonly checked: CheckedProof;
  readonly entryLink: Checks['context']['entryLink'];
}

function ProofFacts({ outcome: { statement }, checked, entryLink }: ProofFactsProps) {
  const t = messages();
  const { proof, trust, source, promise } = checked;
  const isTimed = TIMED.includes(statement);
  const deadline = isPending(proof) ? proof.receipt.deadline : promise?.deadline;
  return (
    <>
      {!isTimed ? null : (
        <>
          {isPending(proof) ? null : (
            <Fact name={t.factSealed}>
              <Moment at={proof.block.header.sealedAt} />
            </Fact>
          )}
          <Fact name={t.factAccepted}>
            <Moment at={proof.entry.acceptedAt} />
          </Fact>
          {deadline === undefined ? null : (
            <Fact name={t.factPromised}>
              <Moment at={deadline} />
            </Fact>
          )}
        </>
      )}
      {isPending(proof) || !isTimed ? null : (
        <Fact name={t.factBlock}>
          <EntryPlace proof={proof} entryLink={isHere(checked) ? entryLink : null} />
        </Fact>
      )}
      <Fact name={t.factSource}>{t.sources[source]}</Fact>
      <TrustFact byReceipt={isPending(proof)} trust={trust} />
    </>
  );
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

function EntryPlace({
  proof,
  entryLink,
}: Pick<ProofFactsProps, 'entryLink'> & { readonly proof: ProofFile }) {
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

function TrustFact({ byReceipt, trust }: { readonly byReceipt: boolean; readonly trust: Trust }) {
  const t = messages();
  const { policy, receiptKeys, source } = trust;
  const keys = byReceipt ? receiptKeys : (policy?.logs ?? []);
  const retired = byReceipt ? [] : (policy?.retired ?? []);
  const none = keys.length + retired.length === 0;
  return (
    <Fact name={t.factTrust}>
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
    </Fact>
  );
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
          const time = formatTime(Date.parse(acceptedAt));
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
                <Button aria-label={t.checkThisNamed(time)} onPress={() => void checks.choose(of, id)}>
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
