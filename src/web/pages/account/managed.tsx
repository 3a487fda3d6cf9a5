import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { Load } from '../../components/load.js';
import { Problem, type Sentences } from '../../components/problem.js';
import type { Action } from '../../lib/action.js';
import type { Resource } from '../../lib/resource.js';

interface ManagedProps<T> {
  readonly lead: string;
  /** Name of the button that opens the form. */
  readonly add: string;
  readonly onAdd: () => void;
  /** Shown in place of the button; its key says what it is: 'add' for the form. */
  readonly panel: { readonly key: string; readonly content: ComponentChildren } | null;
  readonly of: Resource<T>;
  readonly children: (value: T) => ComponentChildren;
  /** What the buttons of the list do. */
  readonly action: Action;
  /** Messages for problem codes that mean something specific here. */
  readonly own?: Sentences;
}

/** A list with one thing above it: the button to add to the list, its form, or another panel. */
export function Managed<T>({ lead, add, onAdd, panel, of, children, action, own = {} }: ManagedProps<T>) {
  const head = useRef<HTMLDivElement>(null);
  const before = useRef<string | null>(null);
  const key = panel?.key ?? null;
  // Before the browser paints: the next key pressed must already find the focus in its place.
  useLayoutEffect(() => {
    if (before.current === key) return;
    before.current = key;
    const focused = key === null ? '[data-add]' : key === 'add' ? 'form input' : 'h3';
    head.current?.querySelector<HTMLElement>(focused)?.focus();
  }, [key]);
  useEffect(() => void of.load(), [of]);
  return (
    <div class="panels">
      <div class="panels" ref={head}>
        <p class="hint">{lead}</p>
        {panel === null ? (
          <div>
            <Button tone="primary" data-add onPress={onAdd}>
              {add}
            </Button>
          </div>
        ) : (
          <div key={panel.key}>{panel.content}</div>
        )}
      </div>
      <div class="panels">
        <Load of={of}>{children}</Load>
      </div>
      <Problem error={action.error.value} own={own} />
    </div>
  );
}
