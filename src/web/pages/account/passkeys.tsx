import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { Choice, Field, type FieldState, Form } from '../../components/fields.js';
import { Load } from '../../components/load.js';
import { Modal } from '../../components/modal.js';
import { Time } from '../../components/time.js';
import { announce } from '../../lib/announce.js';
import { formatDate } from '../../lib/format.js';
import {
  addPasskey,
  needPasskey,
  ownPasskeys,
  type OwnPasskeys,
  type Passkey,
  type Proof,
  removePasskey,
  renamePasskey,
} from '../../lib/passkeys.js';
import { Resource } from '../../lib/resource.js';
import { session, sessionChanged } from '../../lib/session.js';
import { messages } from '../../messages/account.js';
import { deviceName } from './device.js';
import { Entry, Panel, Tag } from './entries.js';
import { CurrentPassword, currentPasswordState, nameState } from './fields.js';
import { hasPasskeys, NoPasskeys, PasskeyButton } from './passkey-button.js';

type Asked =
  | { readonly what: 'add' }
  | { readonly what: 'need'; readonly needed: boolean }
  | { readonly what: 'rename' | 'remove'; readonly passkey: Passkey };

/** The user's passkeys, and whether signing in takes one. */
export function Passkeys() {
  const t = messages().passkeys;
  const own = useMemo(() => new Resource(ownPasskeys), []);
  const asked = useSignal<Asked | null>(null);
  useEffect(() => void own.load(), [own]);
  return (
    <Panel class="passkeys" heading={t.heading}>
      <p class="hint">{t.lead}</p>
      <Load of={own}>
        {({ passkeys, needed }) => (
          <>
            {passkeys.length === 0 ? null : (
              <ul class="entries">
                {passkeys.map((passkey) => (
                  <OwnPasskey
                    key={passkey.id}
                    of={passkey}
                    onAsk={(what) => (asked.value = { what, passkey })}
                  />
                ))}
              </ul>
            )}
            {passkeys.length === 0 ? null : (
              <Choice
                type="checkbox"
                name="needed"
                label={t.need}
                explained={t.needExplained}
                checked={needed}
                onChange={(on) => (asked.value = { what: 'need', needed: on })}
              />
            )}
            <NoPasskeys />
            {hasPasskeys() ? (
              <div class="form-actions">
                <Button onPress={() => (asked.value = { what: 'add' })}>{t.add}</Button>
              </div>
            ) : null}
            {asked.value === null ? null : (
              <Question
                of={asked.value}
                own={{ passkeys, needed }}
                onClose={() => (asked.value = null)}
                onDone={async (sentence) => {
                  announce(sentence);
                  asked.value = null;
                  await own.load();
                }}
              />
            )}
          </>
        )}
      </Load>
    </Panel>
  );
}

interface OwnPasskeyProps {
  readonly of: Passkey;
  readonly onAsk: (what: 'rename' | 'remove') => void;
}

function OwnPasskey({ of: { name, rpId, createdAt, lastUsedAt }, onAsk }: OwnPasskeyProps) {
  const t = messages().passkeys;
  return (
    <Entry
      name={name}
      tags={rpId === location.hostname ? null : <Tag tone="doubt">{t.elsewhere(rpId)}</Tag>}
      facts={[
        t.createdOn(formatDate(Date.parse(createdAt))),
        lastUsedAt === null ? t.neverUsed : t.lastUsed(<Time at={lastUsedAt} />),
      ]}
    >
      <Button
        aria-label={t.renameNamed(name)}
        onPress={() => {
          onAsk('rename');
        }}
      >
        {t.rename}
      </Button>
      <Button
        tone="quiet"
        aria-label={t.removeNamed(name)}
        onPress={() => {
          onAsk('remove');
        }}
      >
        {t.remove}
      </Button>
    </Entry>
  );
}

interface QuestionProps {
  readonly of: Asked;
  readonly own: OwnPasskeys;
  readonly onClose: () => void;
  readonly onDone: (sentence: string) => Promise<void>;
}

function Question({ of: asked, own, onClose, onDone }: QuestionProps) {
  const t = messages().passkeys;
  const given =
    asked.what === 'rename'
      ? asked.passkey.name
      : asked.what === 'add'
        ? deviceName(navigator.userAgent)
        : '';
  const name = useMemo(() => nameState(given), []);
  const common = { onClose, mayUsePasskey: own.passkeys.length > 0 };
  switch (asked.what) {
    case 'add':
      return (
        <WithProof
          {...common}
          heading={t.add}
          submit={t.addSubmit}
          fields={[name]}
          run={async (proof) => {
            await addPasskey(name.value, proof);
            await onDone(messages().passkeys.added(name.value));
            // Now the session may act for an organization that requires one.
            if (session.current?.user?.lacksPasskey === true) await sessionChanged();
          }}
        >
          <p class="hint">{t.addLead}</p>
          <Field of={name} label={messages().name} hint={t.nameHint} />
        </WithProof>
      );
    case 'need':
      return (
        <WithProof
          {...common}
          heading={asked.needed ? t.needHeading : t.needNotHeading}
          submit={asked.needed ? t.needYes : t.needNot}
          fields={[]}
          run={async (proof) => {
            await needPasskey(asked.needed, proof);
            await onDone(asked.needed ? messages().passkeys.neededNow : messages().passkeys.neededNoMore);
          }}
        >
          <p>{asked.needed ? t.needExplained : t.needNotExplained}</p>
        </WithProof>
      );
    case 'remove':
      return (
        <WithProof
          {...common}
          heading={t.removeHeading(asked.passkey.name)}
          submit={t.remove}
          fields={[]}
          run={async (proof) => {
            await removePasskey(asked.passkey.id, proof);
            await onDone(messages().passkeys.removed(asked.passkey.name));
          }}
        >
          <p>{t.removeExplained}</p>
          {own.needed && own.passkeys.length === 1 ? <p class="caution">{t.removeLast}</p> : null}
        </WithProof>
      );
    case 'rename':
      return (
        <Modal heading={t.renameNamed(asked.passkey.name)} onClose={onClose} dirty={() => name.changed}>
          {(close) => (
            <Form
              name="rename-passkey"
              fields={[name]}
              submit={t.rename}
              onCancel={close}
              send={async () => {
                await renamePasskey(asked.passkey.id, name.value);
                await onDone(messages().passkeys.renamed(name.value));
              }}
            >
              <Field of={name} label={messages().name} hint={t.nameHint} />
            </Form>
          )}
        </Modal>
      );
  }
}

interface WithProofProps {
  readonly heading: string;
  readonly submit: string;
  readonly fields: readonly FieldState[];
  readonly mayUsePasskey: boolean;
  readonly run: (proof: Proof) => Promise<void>;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** A question that takes the user's password or a passkey of theirs: whoever finds the page open has neither. */
function WithProof({ heading, submit, fields, mayUsePasskey, run, onClose, children }: WithProofProps) {
  const t = messages();
  const password = useMemo(currentPasswordState, []);
  return (
    <Modal heading={heading} onClose={onClose} dirty={() => password.changed}>
      {(close) => (
        <>
          <Form
            name="prove"
            fields={[...fields, password]}
            submit={submit}
            onCancel={close}
            blame={{ invalid_credentials: password }}
            own={() => ({
              ...messages().passkeys.problems,
              invalid_credentials: messages().you.wrongPassword,
            })}
            send={() => run({ password: password.value })}
          >
            {children}
            <CurrentPassword of={password} label={t.you.currentPassword} />
          </Form>
          {mayUsePasskey ? (
            <PasskeyButton
              tone="quiet"
              ready={() => fields.every((field) => field.check())}
              onAnswer={(passkey) => run({ passkey })}
            >
              {t.passkeys.instead}
            </PasskeyButton>
          ) : null}
        </>
      )}
    </Modal>
  );
}
