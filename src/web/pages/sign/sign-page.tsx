import { type ReadonlySignal, type Signal, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { Copyable } from '../../components/copy.js';
import { DropArea, useDrops } from '../../components/drop-area.js';
import { Choice } from '../../components/fields.js';
import { KeptDocument } from '../../components/kept-document.js';
import { Load } from '../../components/load.js';
import { Panel } from '../../components/panel.js';
import { Problem } from '../../components/problem.js';
import { Time } from '../../components/time.js';
import { Values } from '../../components/values.js';
import { Action } from '../../lib/action.js';
import { type ChosenFile, saveBlob } from '../../lib/files.js';
import { groupHex } from '../../lib/format.js';
import type { HashWorkers } from '../../lib/hasher.js';
import { checked } from '../../lib/kept-document.js';
import { kindOfKey, shownEventKey } from '../../lib/record-keys.js';
import { ProblemError } from '../../lib/request.js';
import { Resource } from '../../lib/resource.js';
import { recordMessages } from '../../messages/records.js';
import { messages } from '../../messages/sign.js';
import * as api from './asked.js';
import { Compared } from './compared.js';
import { GiveKey, SignWith } from './key.js';
import { SaveHistory, stageOf, statusText, SubjectView, Take, wordsOf } from './subject.js';
import { Parties, Terms } from './terms.js';
import { HandOver, OtherAnswers, TakeOver, TheirLink } from './other-answers.js';

interface SignPageProps {
  readonly token: ReadonlySignal<string | null>;
  readonly workers: HashWorkers;
}

/** What whoever opens a link to sign sees. */
export function SignPage({ token, workers }: SignPageProps) {
  const given = token.value;
  return given === null ? <BadLink /> : <Opened key={given} token={given} workers={workers} />;
}

function BadLink() {
  const t = messages();
  return (
    <div class="page is-narrow">
      <h1 tabIndex={-1}>{t.badLinkHeading}</h1>
      <p class="lead">{t.badLink}</p>
    </div>
  );
}

function Opened({ token, workers }: { readonly token: string; readonly workers: HashWorkers }) {
  const asked = useMemo(() => new Resource(() => api.open(token)), [token]);
  useEffect(() => void asked.load(), [asked]);
  const { state } = asked;
  if (
    state.kind === 'failed' &&
    state.error instanceof ProblemError &&
    state.error.problem.code === 'invalid_signing_link'
  ) {
    return <BadLink />;
  }
  return (
    <div class="page is-narrow">
      <Load of={asked}>
        {(found) => (
          <Request
            token={token}
            asked={found}
            workers={workers}
            onChange={(next) => {
              asked.change(next);
            }}
          />
        )}
      </Load>
    </div>
  );
}

interface RequestProps {
  readonly token: string;
  readonly asked: api.Asked;
  readonly workers: HashWorkers;
  readonly onChange: (asked: api.Asked) => void;
}

function Request(props: RequestProps) {
  const t = messages();
  const { asked } = props;
  const { organization, contract, document, message } = asked;
  // What the contract is called is signed; what the request says is not.
  const signed = contract?.terms?.['title'];
  const title = typeof signed === 'string' ? signed : (asked.title ?? t.erasedTitle);
  const words = wordsOf(asked);
  const stage = stageOf(asked);
  const link = useSignal<api.SigningLink | null>(null);
  const isShown = useSignal(false);
  return (
    <>
      <h1 tabIndex={-1}>{(words ?? t).asks(stage, organization.name, title)}</h1>
      <Values
        of={[
          [t.from, organization.name],
          asked.name === null ? null : [t.you, asked.name],
          document === null ? null : [t.document, document.name ?? '—'],
          document === null
            ? null
            : [
                t.fingerprint,
                <Copyable
                  key="sha256"
                  label={t.fingerprint}
                  value={document.sha256}
                  as="code"
                  shown={groupHex(document.sha256)}
                />,
              ],
          stage === 'done' || (stage === 'over' && asked.status !== 'expired')
            ? null
            : [t.until, <Time key="until" at={asked.expiresAt} />],
          asked.key === null ? null : [t.yourKey, <code key="key">{shownEventKey(asked.key)}</code>],
        ]}
      />
      {message === null ? null : (
        <figure class="said">
          <figcaption>{t.says}</figcaption>
          <blockquote>{message}</blockquote>
        </figure>
      )}
      {document?.kept === true ? (
        <Kept {...props} document={document} onRead={() => (isShown.value = true)} />
      ) : null}
      <SubjectView asked={asked} />
      {link.value === null ? null : <TheirLink link={link.value} />}
      <Step {...props} isShown={isShown} onLink={(made) => (link.value = made)} />
    </>
  );
}

/** The document, which the organization keeps on this service. */
function Kept({
  token,
  asked,
  document: { sha256, name, size },
  onRead,
}: RequestProps & {
  readonly document: NonNullable<api.Asked['document']>;
  readonly onRead: () => void;
}) {
  const t = messages();
  const fileName = name ?? t.document;
  const read = () => api.keptDocument(token);
  const download = async () => {
    saveBlob(fileName, await checked({ read, sha256 }));
  };
  return (
    <Panel heading={t.keptHeading}>
      <p>{t.keptLead(asked.organization.name)}</p>
      <KeptDocument of={{ sha256, read, download }} name={fileName} size={size ?? 0} onRead={onRead} />
    </Panel>
  );
}

type StepProps = RequestProps & {
  readonly onLink: (link: api.SigningLink) => void;
  /** Whether the person has been shown the document, or has downloaded it. */
  readonly isShown: Signal<boolean>;
};

function Step(props: StepProps) {
  const t = messages();
  const { asked } = props;
  const words = wordsOf(asked);
  switch (asked.status) {
    case 'invited':
    case 'opened':
      return (
        <>
          <OwnKey {...props} />
          <OtherAnswers {...props} />
        </>
      );
    case 'key_given':
      return <KeyGiven {...props} />;
    case 'to_sign':
      if (asked.kind === 'contract') return <ToSign {...props} />;
      return (
        <>
          <Take {...props} />
          <Proves asked={asked} />
          <OtherAnswers {...props} />
        </>
      );
    case 'signed':
    case 'granted':
      return (
        <Answered {...props} heading={words?.doneHeading ?? t.signedHeading}>
          {doneLead(asked)}
        </Answered>
      );
    case 'declined':
      return (
        <Answered {...props} heading={t.declinedHeading}>
          {asked.contract?.party == null ? t.declinedBefore(asked.organization.name) : t.declinedLead}
        </Answered>
      );
    case 'delegated':
      return (
        <Panel heading={t.delegatedHeading}>
          <p>{t.delegatedLead}</p>
        </Panel>
      );
    case 'closed':
    case 'withdrawn':
    case 'expired':
    case 'erased':
      return (
        <Answered {...props} heading={t.endedHeading}>
          {asked.closedBy === null ? t.ended[asked.status] : t.closedBy[asked.closedBy]}
        </Answered>
      );
  }
}

function doneLead(asked: api.Asked): string {
  const t = messages();
  const { subject, key, kind } = asked;
  if (kind === 'licence')
    return subject?.licence?.['on'] == null ? t.kinds.licence.doneLead : t.licencePromised;
  if (kind === 'contract') return t.signedLead;
  const holder = subject?.record?.holder ?? key;
  if (holder === key) return t.kinds[kind].doneLead;
  // Accepted, and not passed on: the offer waits for its condition.
  return subject?.offer == null ? t.heldByAnother : t.promisedLead;
}

function OwnKey({ token, asked, onChange }: StepProps) {
  const t = messages();
  return (
    <Panel heading={t.keyHeading} prose={[(wordsOf(asked) ?? t).keyLead]}>
      <GiveKey
        asked={asked}
        onKey={async (signer) => {
          onChange(await api.giveKey(token, asked, signer));
        }}
      />
    </Panel>
  );
}

function KeyGiven(props: StepProps) {
  const t = messages();
  const { token, asked, onChange } = props;
  const isChanging = useSignal(false);
  if (asked.contract?.replaces != null) {
    return (
      <>
        <TakeOver token={token} asked={asked} onChange={onChange} />
        <OtherAnswers {...props} />
      </>
    );
  }
  return (
    <>
      <Panel heading={t.keyHeading} focusable>
        <p>{(wordsOf(asked) ?? t).keyWaits(asked.organization.name)}</p>
        {isChanging.value ? (
          <GiveKey
            asked={asked}
            onKey={async (signer) => {
              onChange(await api.giveKey(token, asked, signer));
              isChanging.value = false;
            }}
          />
        ) : (
          <Button tone="quiet" onPress={() => (isChanging.value = true)}>
            {t.otherKey}
          </Button>
        )}
      </Panel>
      <Proves asked={asked} />
      <OtherAnswers {...props} />
    </>
  );
}

function ToSign(props: StepProps) {
  const t = messages();
  const { token, asked, workers, onChange, isShown } = props;
  const { contract } = asked;
  const compared = useMemo(() => new Compared(workers), [workers]);
  const action = useMemo(() => new Action(), []);
  const isKnown = useSignal(false);
  const compare = ([file]: readonly ChosenFile[]) => {
    if (file === undefined) return;
    // What counts is what they have looked at last.
    isShown.value = false;
    if (asked.document !== null) void compared.compare(file, asked.document.sha256);
  };
  useDrops(compare);
  if (contract === null) return null;
  const { kind } = compared.state;
  const isSeen = kind === 'same' || isShown.value || (kind === 'none' && isKnown.value);
  const isPasskey = asked.key !== null && kindOfKey(asked.key) === 'passkey';
  return (
    <>
      <Panel heading={t.contract}>
        <Parties of={contract} />
        <Terms of={contract} />
      </Panel>
      <Panel heading={t.checkHeading}>
        <DropArea
          heading={t.checkDrop}
          icon="file"
          compact
          choose={[{ label: t.checkChoose, single: true }]}
          explained={t.checkExplained}
          onFiles={compare}
        />
        <CopySeen of={compared} />
        {kind === 'none' && !isShown.value ? (
          <Choice
            type="checkbox"
            name="known"
            label={t.unseen}
            checked={isKnown.value}
            onChange={(checked) => (isKnown.value = checked)}
          />
        ) : null}
      </Panel>
      <Panel heading={t.signHeading}>
        {contract.turn ? null : <p class="hint">{t.notYourTurn}</p>}
        {isSeen ? null : <p class="hint">{t.lookFirst}</p>}
        <SignWith
          asked={asked}
          label={isPasskey ? t.sign : t.signWithFile}
          tone="primary"
          held={!isSeen || !contract.turn}
          action={action}
          onSign={async (signer) => {
            onChange(await api.sign(token, asked, signer));
          }}
        />
        <Problem error={action.error.value} own={t.problems} />
        <LookAgain {...props} />
      </Panel>
      <Proves asked={asked} />
      <HandOver token={token} asked={asked} onChange={onChange} />
      <OtherAnswers {...props} />
    </>
  );
}

/** What the comparison found. */
function CopySeen({ of }: { readonly of: Compared }) {
  const t = messages();
  const { state } = of;
  const said = (() => {
    switch (state.kind) {
      case 'none':
        return '';
      case 'hashing':
        return t.checking;
      case 'same':
        return t.same(state.name);
      case 'different':
        return t.different(state.name);
      case 'unreadable':
        return t.unreadable;
    }
  })();
  const isWrong = state.kind === 'different' || state.kind === 'unreadable';
  return (
    <p
      class={isWrong ? 'problem' : state.kind === 'same' ? 'is-good' : 'hint'}
      role={isWrong ? 'alert' : 'status'}
    >
      {said}
    </p>
  );
}

/** The contract may have gone on. */
function LookAgain({ token, onChange }: StepProps) {
  const t = messages();
  const action = useMemo(() => new Action(), []);
  return (
    <>
      <Button
        tone="quiet"
        held={action.busy}
        onPress={() =>
          void action.run(async () => {
            onChange(await api.open(token));
          })
        }
      >
        {t.lookAgain}
      </Button>
      <Problem error={action.error.value} own={t.problems} />
    </>
  );
}

type AnsweredProps = StepProps & { readonly heading: string; readonly children: ComponentChildren };

function Answered({ token, asked, heading, children }: AnsweredProps) {
  const t = messages();
  const { contract, subject, status, kind } = asked;
  const record = subject?.record ?? null;
  // Where the key has signed nothing, there is nothing to prove.
  const isAnswered =
    status === 'signed' || status === 'granted' || (status === 'declined' && contract?.party != null);
  const hasTaken = record !== null && (status === 'signed' || status === 'granted');
  const named =
    contract?.party == null
      ? hasTaken
        ? {
            id: record.id,
            isNow: t.isNow(recordMessages().kinds[record.kind], statusText(record.status)),
          }
        : null
      : { id: contract.record, isNow: t.contractIs(statusText(contract.status)) };
  return (
    <>
      <Panel heading={heading} focusable>
        <p>{children}</p>
        {named === null ? null : (
          <>
            <p>{named.isNow}</p>
            <SaveHistory token={token} id={named.id} tone="primary" />
            <p class="hint">{kind === 'contract' ? t.historyExplained : t.historyOfRecord}</p>
            <p class="hint">
              {t.howToCheck(<a href="./verify.html">{t.verifyPage}</a>, <code>ingam verify FILE</code>)}
            </p>
          </>
        )}
      </Panel>
      {isAnswered ? <Proves asked={asked} /> : null}
    </>
  );
}

/** What a signature proves, and what the organization vouches for. */
function Proves({ asked }: { readonly asked: api.Asked }) {
  const t = messages();
  if (asked.key === null) return null;
  const { name } = asked.organization;
  const byKey = kindOfKey(asked.key) === 'passkey' ? t.provesPasskey(name) : t.provesFile(name);
  // The holder of the work signs a licence, and not whoever takes it.
  const said = asked.kind === 'licence' ? t.provesLicence(name) : byKey;
  return (
    <Panel heading={t.proves}>
      {asked.keyGivenAt === null ? null : <p>{t.keyGiven(<Time at={asked.keyGivenAt} />)}</p>}
      <p class="prose">{said}</p>
    </Panel>
  );
}
