import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import type { WebhookType } from '../../src/store/index.js';
import type { TestService } from './service.js';
import { send } from './signing.js';

/** Webhooks as owners make them, and a receiver that checks messages with the library of Standard Webhooks. */

export interface Received {
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  /** As it was sent. */
  readonly body: string;
  readonly type: string;
  readonly timestamp: string;
  readonly data: {
    readonly notarizations?: readonly string[];
    readonly events?: readonly Readonly<Record<string, unknown>>[];
  } & Readonly<Record<string, unknown>>;
}

export interface Receiver extends AsyncDisposable {
  readonly url: string;
  /** All that it was sent, also what it did not take. */
  readonly received: Received[];
  /** What it answers; by default 204. null: nothing at all. */
  answer: (
    message: Received,
  ) => { readonly status: number; readonly headers?: Record<string, string> } | null;
  /** It answers no sooner. */
  wait: Promise<unknown>;
  /** Ids of the notarizations of the messages that it took. */
  readonly told: string[];
  /** Connections that were made to it. */
  connections: number;
}

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const told: string[] = [];
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('error', () => undefined);
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const headers = req.headers as Record<string, string>;
      const message = {
        ...{ id: headers['webhook-id'] ?? '', headers, body },
        ...(JSON.parse(body) as Pick<Received, 'type' | 'timestamp' | 'data'>),
      };
      received.push(message);
      void receiver.wait.then(() => {
        const answer = receiver.answer(message);
        if (answer === null) return;
        if (answer.status < 300) told.push(...(message.data.notarizations ?? []));
        res.writeHead(answer.status, answer.headers).end();
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const receiver: Receiver = {
    ...{ received, told, connections: 0, wait: Promise.resolve() },
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    answer: () => ({ status: 204 }),
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  server.on('connection', () => {
    receiver.connections++;
  });
  return receiver;
}

/** The message if its signature is right. @throws what the library of Standard Webhooks throws */
export function verified(secret: string, { body, headers }: Received): unknown {
  return new Webhook(secret).verify(body, headers);
}

export interface MadeWebhook {
  readonly id: string;
  readonly secret: string;
  readonly publicKey: string;
}

/** @param token of an owner */
export async function makeWebhook(
  service: Pick<TestService, 'url'>,
  token: string,
  url: string,
  types: readonly WebhookType[] = ['notarization.sealed'],
): Promise<MadeWebhook> {
  const input = { name: 'Archive', url, types };
  const { status, body } = await send(service, 'POST', '/v1/webhooks', input, token);
  if (status !== 201) throw new Error(`the webhook was refused: ${JSON.stringify(body)}`);
  const { webhook, secret } = body as unknown as {
    webhook: { id: string; publicKey: string };
    secret: string;
  };
  return { id: webhook.id, publicKey: webhook.publicKey, secret };
}

/** Notarizes digests, and returns the ids. @param key of the organization */
export async function notarize(
  service: Pick<TestService, 'url'>,
  key: string,
  digests: readonly string[],
): Promise<string[]> {
  const documents = digests.map((sha256) => ({ sha256 }));
  const { status, body } = await send(service, 'POST', '/v1/notarizations', { documents }, key);
  if (status !== 201 && status !== 202) throw new Error(`not accepted: ${JSON.stringify(body)}`);
  return (body as unknown as { notarizations: { id: string }[] }).notarizations.map(({ id }) => id);
}
