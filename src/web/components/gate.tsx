import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { Fragment } from 'preact';
import { announce } from '../lib/announce.js';
import { signInLink } from '../lib/links.js';
import { chooseOrganization, session, type Session } from '../lib/session.js';
import { common } from '../messages/common.js';
import { messages } from '../messages/gate.js';
import { EmptyState } from './empty-state.js';
import { Form, Select } from './fields.js';

interface GateProps {
  /** Of the page, until it shows something. */
  readonly heading: string;
  readonly signInFirst: string;
  readonly signInExplained: string;
  /** Signing in leads back to this place. */
  readonly back: { readonly page: Parameters<typeof signInLink>[0]; readonly fragment: string };
  /** Shown for people of an organization; another person or organization begins anew. */
  readonly children: (session: Session) => ComponentChildren;
}

/** Lets people in who act for an organization, and says to others what to do. */
export function Gate({ heading, signInFirst, signInExplained, back, children }: GateProps) {
  const { current } = session;
  if (current?.user?.organization != null) {
    const { id, organization, role } = current.user;
    return <Fragment key={`${id} ${organization.id} ${role ?? ''}`}>{children(current)}</Fragment>;
  }
  return (
    <div class="page">
      <h1 tabIndex={-1}>{heading}</h1>
      {current === null ? <p class="hint">{common().loading}</p> : null}
      {current !== null && current.user === null ? (
        <EmptyState heading={signInFirst} message={signInExplained} icon="person">
          <a class="button is-primary" href={signInLink(back.page, back.fragment)}>
            {common().signIn}
          </a>
        </EmptyState>
      ) : null}
      {current?.user == null ? null : <NoOrganization of={current} />}
    </div>
  );
}

function NoOrganization({ of }: { readonly of: Session }) {
  const t = messages();
  const several = of.memberships.length > 0;
  return (
    <EmptyState
      heading={t.noOrganization}
      message={several ? t.chooseExplained : t.inviteExplained}
      icon="person"
    >
      {several ? (
        <OrganizationChoice of={of} />
      ) : (
        <a class="button is-primary" href="./account.html">
          {common().openAccount}
        </a>
      )}
    </EmptyState>
  );
}

/** For people without a current organization; others choose it in the header. */
function OrganizationChoice({ of }: { readonly of: Session }) {
  const t = messages();
  const names = of.memberships.map(({ organization: { id, name } }) => [id, name] as const);
  const chosen = useSignal(names[0]?.[0] ?? '');
  return (
    <Form
      name="organization"
      fields={[]}
      submit={t.choose}
      send={async () => {
        const { user } = await chooseOrganization(chosen.value);
        announce(messages().chosen(user?.organization?.name ?? ''));
      }}
    >
      <Select
        name="organization"
        label={common().organization}
        options={names}
        value={chosen.value}
        onChange={(id) => (chosen.value = id)}
      />
    </Form>
  );
}
