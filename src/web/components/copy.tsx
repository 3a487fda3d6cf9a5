import { useSignal } from '@preact/signals';
import { useId, useRef } from 'preact/hooks';
import { common } from '../messages/common.js';
import { Button } from './button.js';

interface CopyableProps {
  readonly label: string;
  readonly value: string;
  /** 'line': a labelled read-only input; 'code': code among other values; 'block': several lines. */
  readonly as?: 'line' | 'code' | 'block';
  /** What is shown instead of the value: digits in groups. */
  readonly shown?: string;
}

/** A value with a button that copies it. */
export function Copyable({ label, value, as = 'line', shown = value }: CopyableProps) {
  const id = useId();
  const place = useRef<HTMLElement>(null);
  const said = useSignal<'copied' | 'copyYourself' | null>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      said.value = 'copied';
    } catch {
      // Not allowed, or the page was not served over TLS.
      if (place.current instanceof HTMLInputElement) place.current.select();
      else if (place.current !== null) getSelection()?.selectAllChildren(place.current);
      said.value = 'copyYourself';
    }
  };
  const t = common();
  const press = (
    <Button onPress={() => void copy()} aria-label={t.copyNamed(label)}>
      {t.copy}
    </Button>
  );
  const status = (
    <p class="hint" role="status">
      {said.value === null ? '' : t[said.value]}
    </p>
  );
  if (as === 'line') {
    return (
      <div class="copyable">
        <label for={id}>{label}</label>
        <div class="copyable-line">
          <input
            class="input is-code"
            id={id}
            ref={(input) => {
              place.current = input;
            }}
            readOnly
            value={shown}
            spellcheck={false}
            onFocus={(event) => {
              event.currentTarget.select();
            }}
          />
          {press}
        </div>
        {status}
      </div>
    );
  }
  if (as === 'code') {
    return (
      <div class="copyable is-code">
        <code ref={place}>{shown}</code>
        {press}
        {status}
      </div>
    );
  }
  return (
    <div class="copyable is-block">
      <div class="copyable-head">
        <span>{label}</span>
        {press}
      </div>
      <pre
        tabIndex={0}
        role="group"
        aria-label={label}
        ref={(block) => {
          place.current = block;
        }}
      >
        {shown}
      </pre>
      {status}
    </div>
  );
}
