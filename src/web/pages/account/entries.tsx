import type { ComponentChildren, RefObject } from 'preact';
import { useId } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { Copyable } from '../../components/copy.js';
import { Time } from '../../components/time.js';
import type { IssuedInvitation } from '../../lib/account-api.js';
import { invitationLink } from '../../lib/links.js';
import { messages } from '../../messages/account.js';
import { common } from '../../messages/common.js';

export function Tag({
  tone,
  children,
}: {
  readonly tone?: 'good' | 'doubt' | 'bad';
  readonly children: string;
}) {
  return <span class={tone === undefined ? 'tag' : `tag is-${tone}`}>{children}</span>;
}

interface PanelProps {
  readonly heading: ComponentChildren;
  readonly class?: string;
  readonly children?: ComponentChildren;
}

/** A card with a heading. */
export function Panel({ heading, children, ...rest }: PanelProps) {
  const id = useId();
  return (
    <section class={`panel ${rest.class ?? ''}`} aria-labelledby={id}>
      <h3 id={id} tabIndex={-1}>
        {heading}
      </h3>
      {children}
    </section>
  );
}

interface EntryProps {
  readonly name: string;
  /** Tooltip of the name. */
  readonly title?: string;
  readonly tags?: ComponentChildren;
  readonly lines?: readonly ComponentChildren[];
  readonly facts?: readonly ComponentChildren[];
  /** Buttons. */
  readonly children?: ComponentChildren;
}

/** One of a list: name with tags, lines, facts, and buttons. */
export function Entry({ name, title, tags, lines = [], facts = [], children = null }: EntryProps) {
  return (
    <li class="entry">
      <div class="entry-main">
        <p class="entry-name" title={title}>
          <bdi>{name}</bdi>
          {tags}
        </p>
        {lines.map((line, i) => (
          <p key={i} class="hint">
            {line}
          </p>
        ))}
        {facts.length === 0 ? null : (
          <ul class="entry-facts hint">
            {facts.map((fact, i) => (
              <li key={i}>{fact}</li>
            ))}
          </ul>
        )}
      </div>
      {children === null ? null : <div class="entry-actions">{children}</div>}
    </li>
  );
}

interface EntriesProps {
  readonly list?: RefObject<HTMLUListElement | null>;
  readonly children: ComponentChildren;
}

export function Entries({ list, children }: EntriesProps) {
  return (
    <ul class="entries panel is-list" ref={list ?? null}>
      {children}
    </ul>
  );
}

interface OnceProps {
  readonly heading: string;
  readonly label: string;
  readonly secret: string;
  readonly children: ComponentChildren;
  readonly onDone: () => void;
}

/** A secret that cannot be shown again. */
export function Once({ heading, label, secret, children, onDone }: OnceProps) {
  return (
    <Panel heading={heading} class="is-once">
      <Copyable label={label} value={secret} />
      <p>{children}</p>
      <div class="form-actions">
        <Button onPress={onDone}>{common().done}</Button>
      </div>
    </Panel>
  );
}

export interface Invited {
  /** Of the person. */
  readonly name: string;
  readonly invitation: IssuedInvitation;
}

/** A new invitation link. */
export function InvitationOnce({ name, invitation, onDone }: Invited & { readonly onDone: () => void }) {
  const t = messages().users;
  return (
    <Once
      heading={invitation.mailed ? t.mailedHeading(name) : t.invitationHeading(name)}
      label={t.invitationLink}
      secret={invitationLink(document.baseURI, invitation.token)}
      onDone={onDone}
    >
      {(invitation.mailed ? t.mailedExplained : t.invitationExplained)(<Time at={invitation.expiresAt} />)}
    </Once>
  );
}
