import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { Copyable } from '../../components/copy.js';
import { Field, FieldState, Form } from '../../components/fields.js';
import { Panel } from '../../components/panel.js';
import { Problem } from '../../components/problem.js';
import { Action } from '../../lib/action.js';
import { address } from '../../lib/request.js';
import { messages } from '../../messages/sign.js';
import * as api from './asked.js';
import { SignWith } from './key.js';

interface AnswerProps {
  readonly token: string;
  readonly asked: api.Asked;
  readonly onChange: (asked: api.Asked) => void;
}

/** To decline, or to name somebody else. */
export function OtherAnswers(props: AnswerProps & { readonly onLink: (link: api.SigningLink) => void }) {
  const t = messages();
  const shown = useSignal<'decline' | 'delegate' | null>(null);
  const close = () => (shown.value = null);
  switch (shown.value) {
    case 'decline':
      return <Decline {...props} onCancel={close} />;
    case 'delegate':
      return <Delegate {...props} onCancel={close} />;
    case null:
      return (
        <div class="form-actions">
          <Button tone="quiet" onPress={() => (shown.value = 'decline')}>
            {t.decline}
          </Button>
          {props.asked.kind === 'contract' &&
          props.asked.successor === null &&
          props.asked.contract?.replaces == null ? (
            <Button tone="quiet" onPress={() => (shown.value = 'delegate')}>
              {t.delegate}
            </Button>
          ) : null}
        </div>
      );
  }
}

function Decline({ token, asked, onChange, onCancel }: AnswerProps & { readonly onCancel: () => void }) {
  const t = messages();
  const reason = useMemo(() => new FieldState({ name: 'reason', optional: true }), []);
  const action = useMemo(() => new Action(), []);
  const given = () => (reason.value === '' ? null : reason.value);
  const field = <Field of={reason} label={t.reason} lines={3} markOptional hint={t.reasonHint} />;
  if (asked.contract?.party == null) {
    return (
      <Panel
        heading={t.declineHeading}
        prose={[
          asked.kind === 'contract'
            ? t.declineBeforeLead(asked.organization.name)
            : t.declineOtherLead(asked.organization.name),
        ]}
      >
        <Form
          name="decline"
          fields={[reason]}
          submit={t.declineNow}
          danger
          onCancel={onCancel}
          own={() => t.problems}
          send={async () => {
            onChange(await api.declineRequest(token, given()));
          }}
        >
          <Field of={reason} label={t.reason} lines={3} markOptional />
        </Form>
      </Panel>
    );
  }
  return (
    <Panel heading={t.declineHeading} prose={[t.declineLead]}>
      <div class="field-set">
        {field}
        <SignWith
          asked={asked}
          label={t.declineNow}
          tone="danger"
          action={action}
          onSign={async (signer) => {
            onChange(await api.decline(token, asked, given(), signer));
          }}
        />
        <Button tone="quiet" onPress={onCancel}>
          {t.cancel}
        </Button>
        <Problem error={action.error.value} own={t.problems} />
      </div>
    </Panel>
  );
}

function Delegate({
  token,
  asked,
  onChange,
  onLink,
  onCancel,
}: AnswerProps & { readonly onLink: (link: api.SigningLink) => void; readonly onCancel: () => void }) {
  const t = messages();
  const [name, email] = useMemo(
    () =>
      [
        new FieldState({ name: 'their-name' }),
        new FieldState({ name: 'their-email', optional: true }),
      ] as const,
    [],
  );
  const prose = asked.contract?.party == null ? [t.delegateLead] : [t.delegateLead, t.delegateLater];
  return (
    <Panel heading={t.delegateHeading} prose={prose}>
      <Form
        name="delegate"
        fields={[name, email]}
        submit={t.delegateNow}
        onCancel={onCancel}
        blame={{ invalid_mail_address: email }}
        own={() => t.problems}
        send={async () => {
          const { asked: next, link } = await api.delegate(
            token,
            name.value,
            email.value === '' ? null : email.value,
          );
          if (link !== null) onLink(link);
          onChange(next);
        }}
      >
        <Field of={name} label={t.theirName} />
        <Field of={email} label={t.theirEmail} type="email" markOptional />
      </Form>
    </Panel>
  );
}

/** The link for whoever was named, to be sent by the person. */
export function TheirLink({ link }: { readonly link: api.SigningLink }) {
  const t = messages();
  return (
    <Panel heading={t.theirLink} prose={[t.theirLinkExplained]}>
      <Copyable label={t.theirLink} value={address(`sign.html#token=${link.token}`)} />
    </Panel>
  );
}

/** What the person who named somebody else signs, once that one has given a key. */
export function HandOver({ token, asked, onChange }: AnswerProps) {
  const t = messages();
  const action = useMemo(() => new Action(), []);
  const { successor } = asked;
  if (successor === null) return null;
  const name = successor.name ?? t.someone;
  if (successor.key === null) return <p class="hint">{t.waitsForTheirKey(name)}</p>;
  if (successor.handedOver) {
    return (
      <Panel heading={t.handOverHeading(name)} focusable>
        <p>{t.handedOver(name)}</p>
      </Panel>
    );
  }
  return (
    <Panel heading={t.handOverHeading(name)} prose={[t.handOverLead(name)]}>
      <Copyable label={t.theirKey} value={successor.key} as="code" />
      <SignWith
        asked={asked}
        label={t.handOver}
        action={action}
        onSign={async (signer) => {
          onChange(await api.handOver(token, asked, signer));
        }}
      />
      <Problem error={action.error.value} own={t.problems} />
    </Panel>
  );
}

/** What the one who was named signs after that. */
export function TakeOver({ token, asked, onChange }: AnswerProps) {
  const t = messages();
  const action = useMemo(() => new Action(), []);
  if (asked.handover === null) {
    return (
      <Panel heading={t.takeOverHeading} prose={[t.takeOverWaits]}>
        <Button
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
      </Panel>
    );
  }
  return (
    <Panel heading={t.takeOverHeading} prose={[t.takeOverLead]}>
      <SignWith
        asked={asked}
        label={t.takeOver}
        tone="primary"
        action={action}
        onSign={async (signer) => {
          onChange(await api.takeOver(token, asked, signer));
        }}
      />
      <Problem error={action.error.value} own={t.problems} />
    </Panel>
  );
}
