import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { PUBLISHABLE, type PublishableKind, type Shown } from '../../../proof/records/publishable.js';
import { Button } from '../../components/button.js';
import { Copyable } from '../../components/copy.js';
import { FileButton } from '../../components/drop-area.js';
import { Choice, Choices } from '../../components/fields.js';
import { Load } from '../../components/load.js';
import { Confirm } from '../../components/modal.js';
import { Panel } from '../../components/panel.js';
import { Problem } from '../../components/problem.js';
import { Qr } from '../../components/qr.js';
import { Time } from '../../components/time.js';
import { Action } from '../../lib/action.js';
import { announce } from '../../lib/announce.js';
import { publish, withdraw } from '../../lib/publish-record.js';
import { publicAddress, type PublishedRecord, publishedRecord } from '../../lib/published-records.js';
import { localProblem } from '../../lib/request.js';
import { Resource } from '../../lib/resource.js';
import { messages } from '../../messages/published.js';
import { messages as pageMessages } from '../../messages/records-page.js';
import { KeyName, keyProves } from './key-words.js';
import { meansOf, openKeyFile } from './signing.js';

/** They may name people, show everything, or bring the page to those who have no link: the holder adds them. */
const NOT_AT_FIRST: ReadonlySet<Shown> = new Set(['licensees', 'keys', 'history', 'search']);

interface PublicationProps {
  /** Of the record. */
  readonly id: string;
  readonly kind: PublishableKind;
  /** The verifier key of its holder. */
  readonly holder: string;
  /** Whether the person may publish what is the organization's. */
  readonly canPublish: boolean;
}

/** The public page of a work or an item: whether there is one, what it shows, and how its holder makes and ends it. */
export function Publication(props: PublicationProps) {
  const t = messages();
  const { id, holder } = props;
  // Another holder has published nothing yet.
  const found = useMemo(() => new Resource(() => publishedRecord(id)), [id, holder]);
  useEffect(() => void found.load(), [found]);
  return (
    <Panel heading={t.publishHeading} prose={[t.publishLead]}>
      <Load of={found} own={t.problems}>
        {(published) => <Now {...props} published={published} onChange={() => found.load()} />}
      </Load>
    </Panel>
  );
}

type NowProps = PublicationProps & {
  /** null: it is not public. */
  readonly published: PublishedRecord | null;
  readonly onChange: () => Promise<void>;
};

function Now(props: NowProps) {
  const { published, canPublish } = props;
  const isChanging = useSignal(false);
  return (
    <>
      {published === null ? null : (
        <Public
          {...props}
          published={published}
          isChanging={isChanging.value}
          onOpen={() => (isChanging.value = true)}
        />
      )}
      {canPublish && (published === null || isChanging.value) ? (
        <Choosing
          {...props}
          key={published?.signedAt ?? ''}
          onDone={() => (isChanging.value = false)}
          onCancel={published === null ? null : () => (isChanging.value = false)}
        />
      ) : null}
    </>
  );
}

interface PublicProps extends NowProps {
  readonly published: PublishedRecord;
  readonly isChanging: boolean;
  readonly onOpen: () => void;
}

function Public({ id, canPublish, published, isChanging, onChange, onOpen }: PublicProps) {
  const t = messages();
  const isWithdrawing = useSignal(false);
  const link = publicAddress(id);
  return (
    <>
      <p>{t.published(<Time at={published.signedAt} />)}</p>
      <ul class="record-proves">
        {published.shows.map((each) => (
          <li key={each}>{t.publishable[each]}</li>
        ))}
      </ul>
      <Copyable label={t.link} value={link} />
      <Qr of={link} label={t.qr} />
      <div class="form-actions">
        <a class="button" href={link}>
          {t.open}
        </a>
        {!canPublish || isChanging ? null : <Button onPress={onOpen}>{t.change}</Button>}
        {canPublish ? (
          <Button tone="danger" onPress={() => (isWithdrawing.value = true)}>
            {t.withdraw}
          </Button>
        ) : null}
      </div>
      {isWithdrawing.value ? (
        <Confirm
          heading={t.withdrawHeading}
          yes={t.withdraw}
          own={t.problems}
          run={async () => {
            await withdraw(id);
            announce(messages().wasWithdrawn);
            await onChange();
          }}
          onClose={() => (isWithdrawing.value = false)}
        >
          <p>{t.withdrawExplained}</p>
        </Confirm>
      ) : null}
    </>
  );
}

interface ChoosingProps extends NowProps {
  readonly onDone: () => void;
  /** null: there is nothing to go back to. */
  readonly onCancel: (() => void) | null;
}

/** What is shown, and the signature of the holder. */
function Choosing({ id, kind, holder, published, onChange, onDone, onCancel }: ChoosingProps) {
  const t = messages();
  const action = useMemo(() => new Action(), []);
  const all: readonly Shown[] = PUBLISHABLE[kind];
  const chosen = useSignal<ReadonlySet<Shown>>(
    new Set(published === null ? all.filter((each) => !NOT_AT_FIRST.has(each)) : published.shows),
  );
  const means = meansOf(holder);
  if (means.kind === 'other')
    return (
      <p class="hint">
        {t.holderOnly} <KeyName of={holder} />
      </p>
    );
  const openFile = (file: File | undefined) =>
    action.run(async () => {
      if (file !== undefined && (await openKeyFile(file)) !== holder) throw localProblem('wrong_key_file');
    });
  const sign = () =>
    action.run(async () => {
      if (means.kind !== 'ready') return;
      const shows = all.filter((each) => chosen.value.has(each));
      await publish(id, shows, means.signer, published === null ? 0 : Date.parse(published.signedAt));
      announce(messages().wasPublished);
      await onChange();
      onDone();
    });
  return (
    <>
      <Choices legend={t.publishWhat}>
        {all.map((each) => (
          <Choice
            key={each}
            type="checkbox"
            name={each}
            label={t.publishable[each]}
            {...(each === 'history' ? { explained: t.historyWarning } : {})}
            checked={chosen.value.has(each)}
            onChange={(checked) => {
              const others = [...chosen.value].filter((other) => other !== each);
              chosen.value = new Set(checked ? [...others, each] : others);
            }}
          />
        ))}
      </Choices>
      <p class="hint">{t.publishAlways}</p>
      <p class="key-note">
        <KeyName of={holder} />: {keyProves(holder)}
      </p>
      {chosen.value.size === 0 ? <p class="hint">{t.nothingChosen}</p> : null}
      <Problem error={action.error.value} own={t.problems} />
      <div class="form-actions">
        {means.kind === 'file' ? (
          <FileButton
            label={pageMessages().openKeyFile}
            single
            accept=".key,.txt,text/plain"
            onFiles={([file]) => void openFile(file?.file)}
          />
        ) : null}
        <Button
          tone="primary"
          held={action.busy || means.kind !== 'ready' || chosen.value.size === 0}
          onPress={() => void sign()}
        >
          {published === null ? t.publish : t.publishAgain}
        </Button>
        {onCancel === null ? null : (
          <Button tone="quiet" onPress={onCancel}>
            {t.cancel}
          </Button>
        )}
      </div>
    </>
  );
}
