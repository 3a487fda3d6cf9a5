import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useId, useRef } from 'preact/hooks';
import type { IconName } from '../lib/icons.js';
import { Button } from './button.js';

interface MenuProps {
  /** What the button shows. */
  readonly label: ComponentChildren;
  /** The name of the button, if it differs. */
  readonly name?: string | undefined;
  readonly icon?: IconName | undefined;
  readonly class?: string;
  readonly tone?: 'quiet' | undefined;
  readonly children: (close: () => void) => ComponentChildren;
}

/** A button that opens a few links, buttons or choices below it. Escape and leaving it close it. */
export function Menu({ label, name, icon, tone, children, ...rest }: MenuProps) {
  const id = useId();
  const open = useSignal(false);
  const place = useRef<HTMLDivElement>(null);
  const close = () => {
    open.value = false;
  };
  return (
    <div
      class={`menu ${rest.class ?? ''}`}
      ref={place}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !open.value) return;
        close();
        place.current?.querySelector('button')?.focus();
      }}
      onFocusOut={({ relatedTarget }) => {
        if (relatedTarget instanceof Node && place.current?.contains(relatedTarget) !== true) close();
      }}
    >
      <Button
        aria-label={name}
        icon={icon}
        tone={tone}
        aria-expanded={open.value}
        aria-controls={id}
        onPress={() => (open.value = !open.value)}
      >
        <span>{label}</span>
        <span class="menu-mark" aria-hidden="true" />
      </Button>
      <div class="menu-content" id={id} hidden={!open.value}>
        {open.value ? children(close) : null}
      </div>
      {open.value ? <div class="menu-outside" onClick={close} /> : null}
    </div>
  );
}
