import type { ButtonHTMLAttributes, ComponentChildren } from 'preact';
import type { IconName } from '../lib/icons.js';
import { Icon } from './icon.js';

export interface ButtonProps extends Omit<
  ButtonHTMLAttributes,
  'onClick' | 'type' | 'disabled' | 'icon' | 'class'
> {
  readonly onPress?: () => void;
  readonly tone?: 'primary' | 'quiet' | 'danger' | undefined;
  readonly icon?: IconName | undefined;
  /** Does nothing for now. Not `disabled`, which would lose the focus. */
  readonly held?: boolean | undefined;
  /** Shown as its icon only: the text is its name. */
  readonly iconOnly?: boolean;
  readonly submit?: boolean;
  readonly children: ComponentChildren;
}

export function Button({ onPress, tone, icon, held, iconOnly, submit, children, ...rest }: ButtonProps) {
  const kinds = [
    'button',
    ...(tone === undefined ? [] : [`is-${tone}`]),
    ...(iconOnly === true ? ['is-icon'] : []),
  ];
  const press = (event: Event) => {
    if (held === true) event.preventDefault();
    else onPress?.();
  };
  return (
    <button
      {...rest}
      type={submit === true ? 'submit' : 'button'}
      class={kinds.join(' ')}
      aria-disabled={held}
      onClick={press}
    >
      {icon === undefined ? null : <Icon name={icon} />}
      {iconOnly === true ? <span class="visually-hidden">{children}</span> : children}
    </button>
  );
}
