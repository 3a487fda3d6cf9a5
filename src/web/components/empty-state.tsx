import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import type { IconName } from '../lib/icons.js';
import { Icon } from './icon.js';

interface EmptyStateProps {
  readonly heading: string;
  readonly message: ComponentChildren;
  readonly icon: IconName;
  /** What to do: links and buttons. */
  readonly children?: ComponentChildren;
}

/** Shown instead of other content: why it is absent, and what to do. */
export function EmptyState({ heading, message, icon, children }: EmptyStateProps) {
  const id = useId();
  return (
    <section class="empty-state" aria-labelledby={id}>
      <Icon name={icon} />
      <h2 id={id} tabIndex={-1}>
        {heading}
      </h2>
      <p>{message}</p>
      <div class="drop-buttons">{children}</div>
    </section>
  );
}
