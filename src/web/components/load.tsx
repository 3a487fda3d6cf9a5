import type { ComponentChildren } from 'preact';
import type { Resource } from '../lib/resource.js';
import { common } from '../messages/common.js';
import { Button } from './button.js';
import { Problem, type Sentences } from './problem.js';

interface LoadProps<T> {
  readonly of: Resource<T>;
  readonly children: (value: T) => ComponentChildren;
  /** Messages for problem codes that mean something specific here. */
  readonly own?: Sentences;
}

/** A value of the service, or that it is being loaded, or why it could not be and a way to try again. */
export function Load<T>({ of, children, own = {} }: LoadProps<T>) {
  const { state } = of;
  switch (state.kind) {
    case 'here':
      return <>{children(state.value)}</>;
    case 'loading':
      return (
        <p class="hint" aria-busy="true">
          {common().loading}
        </p>
      );
    case 'failed':
      return <Failed error={state.error} own={own} onRetry={() => void of.load()} />;
  }
}

interface FailedProps {
  readonly error: unknown;
  readonly own?: Sentences;
  readonly onRetry: () => void;
}

/** Why something could not be loaded, and a way to try again. */
export function Failed({ error, own = {}, onRetry }: FailedProps) {
  return (
    <div class="load-failed">
      <Problem error={error} own={own} />
      <Button onPress={onRetry}>{common().tryAgain}</Button>
    </div>
  );
}
