import { useMemo } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { Problem, type Sentences } from '../../components/problem.js';
import { Action } from '../../lib/action.js';
import type { Assertion } from '../../lib/account-api.js';
import { askForPasskey, browserHasPasskeys } from '../../lib/passkeys.js';
import { session } from '../../lib/session.js';
import { messages } from '../../messages/account.js';

/** Whether passkeys can be used at this address, in this browser. */
export function hasPasskeys(): boolean {
  return session.current?.signIn.passkeys === true && browserHasPasskeys();
}

interface PasskeyButtonProps {
  readonly children: string;
  readonly tone?: 'primary' | 'quiet' | undefined;
  /** What must hold before the browser asks; it says itself what is wrong. */
  readonly ready?: () => boolean;
  readonly onAnswer: (passkey: Assertion) => Promise<unknown>;
  /** Messages for problem codes that mean something specific here. */
  readonly own?: Sentences;
}

/** Asks for a passkey. Where there are none, nothing. */
export function PasskeyButton({ children, ready, onAnswer, own, ...rest }: PasskeyButtonProps) {
  const action = useMemo(() => new Action(), []);
  if (!hasPasskeys()) return null;
  const ask = () => {
    if (ready?.() === false) return;
    void action.run(async () => onAnswer(await askForPasskey()));
  };
  return (
    <div class="passkey-button">
      <Button {...rest} held={action.busy} onPress={ask}>
        {children}
      </Button>
      <Problem error={action.error.value} own={{ ...messages().passkeys.problems, ...own }} />
    </div>
  );
}

/** Why no passkey can be used here, and where it can; nothing where it can. */
export function NoPasskeys() {
  const t = messages().passkeys;
  if (hasPasskeys()) return null;
  const { protocol, port, hostname } = location;
  if (protocol === 'http:' && (hostname.startsWith('127.') || hostname === '[::1]')) {
    const address = `http://localhost${port === '' ? '' : `:${port}`}/account.html`;
    return <p>{t.needsName(<a href={address}>{address}</a>)}</p>;
  }
  const isBrowser = session.current?.signIn.passkeys === true && !browserHasPasskeys();
  return <p>{isBrowser ? t.noBrowser : t.unavailable}</p>;
}
