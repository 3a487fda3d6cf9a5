import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { Problem } from '../../components/problem.js';
import { Action } from '../../lib/action.js';
import * as api from '../../lib/account-api.js';
import { messages } from '../../messages/account.js';

interface UnsubscribeProps {
  readonly token: string;
  readonly onLeave: () => void;
}

/** The page of the link in an e-mail that ends more of them. Opening it changes nothing: mail programs do that by themselves. */
export function Unsubscribe({ token, onLeave }: UnsubscribeProps) {
  const t = messages().digest;
  const action = useMemo(() => new Action(), []);
  const done = useSignal(false);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (done.value) heading.current?.focus();
  }, [done.value]);
  return (
    <div class="page is-narrow">
      <h1 tabIndex={-1} ref={heading}>
        {done.value ? t.endedHeading : t.endHeading}
      </h1>
      <p class="lead">{done.value ? t.ended : t.endLead}</p>
      {done.value ? null : (
        <div class="form-actions">
          <Button
            tone="primary"
            held={action.busy}
            onPress={() => {
              void action.run(async () => {
                await api.unsubscribe(token);
                done.value = true;
              });
            }}
          >
            {t.end}
          </Button>
        </div>
      )}
      <Problem error={action.error.value} own={{ invalid_parameter: t.badLink }} />
      <p>
        <a href="#" onClick={onLeave}>
          {t.toAccount}
        </a>
      </p>
    </div>
  );
}
