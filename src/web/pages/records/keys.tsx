import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { Copyable } from '../../components/copy.js';
import { FileButton } from '../../components/drop-area.js';
import { Choice, Choices, Field, FieldState, Form } from '../../components/fields.js';
import { Confirm } from '../../components/modal.js';
import { Panel } from '../../components/panel.js';
import { Problem } from '../../components/problem.js';
import { Action } from '../../lib/action.js';
import { announce } from '../../lib/announce.js';
import { saveBlob } from '../../lib/files.js';
import {
  addOwnKey,
  browserHasPasskeys,
  forgetOwnKey,
  isEventKey,
  isKeyName,
  makeKeyFile,
  makePasskey,
  nameOfKey,
  ownKeys,
  shownEventKey,
} from '../../lib/record-keys.js';
import { session } from '../../lib/session.js';
import { recordMessages } from '../../messages/records.js';
import { messages } from '../../messages/records-page.js';
import { keyProves } from './key-words.js';
import { EVERYTHING, placeAddress } from './place.js';
import { openKeyFile } from './signing.js';

/** The person's keys: made here, or known from elsewhere. */
export function KeysView() {
  const t = messages();
  return (
    <div class="page records">
      <p>
        <a href={placeAddress({ kind: 'list', query: EVERYTHING })}>{t.backToList}</a>
      </p>
      <h1 tabIndex={-1}>{t.myKeys}</h1>
      <p class="lead">{t.keysLead}</p>
      <div class="panels">
        <Own />
        <Make />
        <Known />
      </div>
    </div>
  );
}

function Own() {
  const t = messages();
  const asked = useSignal<string | null>(null);
  const keys = ownKeys();
  return (
    <Panel heading={t.keysHere} prose={[t.keysStay]}>
      {keys.length === 0 ? <p>{t.keysNone}</p> : null}
      <ul class="own-keys">
        {keys.map(({ verifierKey }) => (
          <li key={verifierKey}>
            <h3>
              <bdi>{shownEventKey(verifierKey)}</bdi>
            </h3>
            <p class="key-note">{keyProves(verifierKey)}</p>
            <Copyable label={t.publicKeyOf(nameOfKey(verifierKey))} value={verifierKey} />
            <Button tone="quiet" onPress={() => (asked.value = verifierKey)}>
              {t.forgetNamed(nameOfKey(verifierKey))}
            </Button>
          </li>
        ))}
      </ul>
      {asked.value === null ? null : (
        <Confirm
          heading={t.forgetHeading}
          yes={t.forget}
          run={() => {
            forgetOwnKey(asked.value ?? '');
          }}
          onClose={() => (asked.value = null)}
        >
          <p>{t.forgetExplained}</p>
        </Confirm>
      )}
    </Panel>
  );
}

function Make() {
  const t = messages();
  const canPasskey = browserHasPasskeys() && session.current?.signIn.passkeys === true;
  const way = useSignal<'passkey' | 'file'>(canPasskey ? 'passkey' : 'file');
  const name = useMemo(
    () =>
      new FieldState({
        name: 'key-name',
        value: session.current?.user?.email ?? session.current?.user?.name ?? '',
        check: (value) => (isKeyName(value) ? null : messages().keyNameWrong),
      }),
    [],
  );
  const send = async () => {
    if (way.value === 'passkey') {
      const { verifierKey } = await makePasskey(name.value);
      announce(messages().keyMade(shownEventKey(verifierKey)));
      return;
    }
    const { verifierKey, text } = makeKeyFile(name.value);
    saveBlob(`${nameOfKey(verifierKey).replaceAll(/[^\p{L}\p{N}.@_-]/gu, '-')}.key`, new Blob([text]));
    addOwnKey(verifierKey);
    announce(messages().keyFileMade(shownEventKey(verifierKey)));
  };
  return (
    <Panel heading={t.makeHeading}>
      <Form name="make-key" fields={[name]} submit={t.make} send={send} own={() => messages().problems}>
        <Field of={name} label={t.keyNameLabel} hint={t.keyNameHint} />
        <Choices legend={t.makeWay}>
          {canPasskey ? (
            <Choice
              type="radio"
              name="way"
              label={recordMessages().keyKinds.passkey}
              explained={t.passkeyExplained}
              checked={way.value === 'passkey'}
              onChange={() => (way.value = 'passkey')}
            />
          ) : (
            <p class="hint">{t.noPasskeys}</p>
          )}
          <Choice
            type="radio"
            name="way"
            label={recordMessages().keyKinds.ed25519}
            explained={t.fileExplained}
            checked={way.value === 'file'}
            onChange={() => (way.value = 'file')}
          />
        </Choices>
      </Form>
    </Panel>
  );
}

/** A key that was made elsewhere: a file of the command line, or a passkey of another browser. */
function Known() {
  const t = messages();
  const action = useMemo(() => new Action(), []);
  const key = useMemo(
    () =>
      new FieldState({
        name: 'known-key',
        check: (value) => (isEventKey(value) ? null : messages().keyWrong),
      }),
    [],
  );
  return (
    <Panel heading={t.knownHeading} prose={[t.knownExplained]}>
      <FileButton
        label={t.openKeyFile}
        single
        accept=".key,.txt,text/plain"
        onFiles={([chosen]) =>
          void action.run(async () => {
            if (chosen === undefined) return;
            addOwnKey(await openKeyFile(chosen.file));
            announce(messages().keyAdded);
          })
        }
      />
      <Problem error={action.error.value} own={t.problems} />
      <Form
        name="known-key"
        secondary
        fields={[key]}
        submit={t.addKey}
        send={() => {
          addOwnKey(key.value);
          key.type('');
          announce(messages().keyAdded);
        }}
      >
        <Field of={key} label={t.publicKey} hint={t.knownHint} />
      </Form>
    </Panel>
  );
}
