/** What a service has written into the file as it handed it out (src/http/calls/offline-page.ts). */
export interface Made {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** Name of the service's log. */
  readonly origin: string;
  /** c2sp.org/tlog-policy. */
  readonly policy: string;
  /** Verifier key that receipts of the service are signed with. */
  readonly receiptKey: string;
}

/** @returns null for a file that no service has handed out */
export function readMade(text: string): Made | null {
  if (text.trim() === '') return null;
  const { at, origin, policy, receiptKey } = JSON.parse(text) as Partial<Record<string, unknown>>;
  const whole =
    typeof at === 'number' &&
    typeof origin === 'string' &&
    typeof policy === 'string' &&
    typeof receiptKey === 'string';
  if (!whole) throw new Error('what the service wrote into this file cannot be read');
  return { at, origin, policy, receiptKey };
}
