import { bearer } from '../support/people.js';
import { until } from '../support/until.js';
import { makeWebhook, notarize, type Receiver, startReceiver } from '../support/webhooks.js';

/** Receivers of webhooks for the pictures: one that takes what it is sent, one that is too busy, and one that is gone. */
export interface Receivers extends AsyncDisposable {
  readonly willing: Receiver;
  readonly busy: Receiver;
  readonly gone: Receiver;
}

/** Where they are: a service has to allow it. */
export const RECEIVERS_NETWORK = '127.0.0.0/8';

export async function startReceivers(): Promise<Receivers> {
  const [willing, busy, gone] = [await startReceiver(), await startReceiver(), await startReceiver()];
  busy.answer = () => ({ status: 503, headers: { 'retry-after': '3600' } });
  gone.answer = () => ({ status: 410 });
  return {
    ...{ willing, busy, gone },
    [Symbol.asyncDispose]: async () => {
      for (const each of [willing, busy, gone]) await each[Symbol.asyncDispose]();
    },
  };
}

/** Webhooks in every state, with attempts. @param token of an owner */
export async function prepareWebhooks(
  url: string,
  token: string,
  { willing, busy, gone }: Receivers,
): Promise<void> {
  const call = (method: string, path: string, body?: unknown) =>
    fetch(`${url}/v1/webhooks/${path}`, {
      method,
      headers: { ...bearer(token), 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const make = (receiver: Receiver, ...types: Parameters<typeof makeWebhook>[3] & object) =>
    makeWebhook({ url }, token, receiver.url, types);
  const first = await make(willing, 'notarization.sealed', 'contract.executed', 'contract.deadline_near');
  await call('PATCH', first.id, { name: 'Document archive' });
  const second = await make(busy, 'notarization.sealed', 'record.event', 'key.created', 'anchor.late');
  await call('PATCH', second.id, { name: '사건 관리 시스템' });
  const third = await make(gone, 'notarization.sealed');
  await call('PATCH', third.id, { name: 'Former intranet' });
  const fourth = await make(willing, 'member.alarm');
  await call('PATCH', fourth.id, { name: 'Alarms', enabled: false });
  await notarize({ url }, token, ['ab'.repeat(32)]);
  await until(
    'the receivers to have answered',
    async () => {
      const { webhooks } = (await (await call('GET', '')).json()) as { webhooks: { status: string }[] };
      return webhooks.map(({ status }) => status).join(' ');
    },
    'enabled retrying disabled disabled',
  );
  await call('POST', `${first.id}/test`);
  await call('POST', `${first.id}/secret`);
}
