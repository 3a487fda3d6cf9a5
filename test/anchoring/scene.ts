import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Anchoring, Checker, type TimeSources } from '../../src/anchoring/index.js';
import type { AnchoringOptions } from '../../src/anchoring/anchoring.js';
import { Webhook } from '../../src/background/webhook.js';
import { Background } from '../../src/background/index.js';
import { acceptSome, nextCommit } from '../support/chain.js';
import { createStore, type TestStore } from '../support/database.js';
import { createLog, ORIGIN } from '../support/parts.js';

export interface Scene extends AsyncDisposable {
  readonly db: TestStore;
  readonly log: ReturnType<typeof createLog>;
  /** "source outcome" of each request. */
  readonly outcomes: readonly string[];
  /** Bodies that the webhook has got. */
  readonly alarms: readonly { readonly reason: string; readonly source: string }[];
  /** Adds blocks. */
  seal(blocks?: number): Promise<void>;
  /** Begins anew, as after a restart. */
  restart(change?: Partial<AnchoringOptions>): Promise<void>;
  leads: boolean;
}

/** Anchoring over a chain of blocks, with the given sources. */
export async function createScene(
  sources: Partial<TimeSources>,
  options: Partial<AnchoringOptions> & { readonly start?: boolean } = {},
): Promise<Scene> {
  const db = await createStore();
  const log = createLog();
  const outcomes: string[] = [];
  const alarms: Scene['alarms'][number][] = [];
  const receiver = createServer((req, res) => {
    void (async () => {
      let body = '';
      for await (const chunk of req as AsyncIterable<Buffer>) body += chunk.toString();
      alarms.push(JSON.parse(body) as Scene['alarms'][number]);
      res.end();
    })();
  });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const stop = new AbortController();
  const background = new Background(log);
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  const webhook = new Webhook({ url, log, background, stop: stop.signal });
  const checker = new Checker();
  const create = (change: Partial<AnchoringOptions> = {}) => {
    const anchoring = new Anchoring({
      ...{ store: db.store, origin: ORIGIN, leads: () => self.leads, checker, log, background, webhook },
      sources: { anchors: [], former: [], drand: null, node: null, ...sources },
      onResponse: (source, outcome) => outcomes.push(`${source} ${outcome}`),
      ...options,
      ...change,
    });
    anchoring.start();
    return anchoring;
  };
  let anchoring: Anchoring | null = null;
  const self: Scene = {
    ...{ db, log, outcomes, alarms, leads: true },
    seal: async (blocks = 1) => {
      for (let i = 0; i < blocks; i++) {
        await acceptSome(db.store, 1);
        await db.store.commitBlock(await nextCommit(db.store));
      }
    },
    restart: async (change) => {
      await anchoring?.stop();
      anchoring = create(change);
    },
    [Symbol.asyncDispose]: async () => {
      await anchoring?.stop();
      stop.abort();
      await webhook.idle();
      await checker.close();
      receiver.closeAllConnections();
      receiver.close();
      await db.drop();
    },
  };
  if (options.start !== false) anchoring = create();
  return self;
}
