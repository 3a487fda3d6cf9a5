import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { BrowserContextOptions, Download, Page, Request } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { lendPage } from '../support/chromium.js';
import { PASSWORD } from '../support/people.js';
import { startService, type ServiceOptions, type TestService } from '../support/service.js';
import { WAIT_LIMIT_MS } from '../support/until.js';

/** A service with the built pages, for all tests of a file. */
export function useService(options: ServiceOptions = {}): TestService {
  let started: TestService | null = null;
  const service = () => {
    if (started === null) throw new Error('the service starts before the first test');
    return started;
  };
  beforeAll(async () => {
    started = await startService({ publicDir: builtPages(), ...options });
  });
  afterAll(() => service()[Symbol.asyncDispose]());
  return {
    get url() {
      return service().url;
    },
    get port() {
      return service().port;
    },
    get store() {
      return service().store;
    },
    get databaseUrl() {
      return service().databaseUrl;
    },
    get adminUrl() {
      return service().adminUrl;
    },
    get deps() {
      return service().deps;
    },
    get cosigning() {
      return service().cosigning;
    },
    get verifierKey() {
      return service().verifierKey;
    },
    startSealing: () => {
      service().startSealing();
    },
    beginStop: () => {
      service().beginStop();
    },
    [Symbol.asyncDispose]: () => service()[Symbol.asyncDispose](),
  };
}

/** The pages as they are built and shipped. */
export function builtPages(): string {
  const folder = join(import.meta.dirname, '../../dist/public');
  if (!existsSync(join(folder, 'index.html'))) {
    throw new Error('The pages are not built. Run: npx vite build --config src/web/vite.config.ts');
  }
  return folder;
}

export interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  /** All requests of the page, in order. */
  readonly requests: readonly Request[];
  /** Checks that the page logged no errors, violated no policy, and sent no request elsewhere. */
  assertClean(options?: { readonly mayFailToLoad?: boolean; readonly makesRecordKeys?: boolean }): void;
}

const DEFAULTS: BrowserContextOptions = { locale: 'en-GB', timezoneId: 'Asia/Seoul', acceptDownloads: true };

export interface PageOptions extends BrowserContextOptions {
  /** E-mail address of who has signed in before: by the API, which needs less than the clicks on two more pages. */
  readonly as?: string;
}

/** Opens a page that shares nothing with others. */
export async function openPage(address: string, { as, ...options }: PageOptions = {}): Promise<OpenPage> {
  const { page, giveBack } = await lendPage({ ...DEFAULTS, ...options });
  page.context().setDefaultTimeout(WAIT_LIMIT_MS);
  const errors: string[] = [];
  const requests: Request[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('request', (request) => requests.push(request));
  const { origin } = new URL(address);
  if (as !== undefined) await beginSession(page, origin, as);
  await page.goto(address);
  return {
    page,
    requests,
    assertClean({ mayFailToLoad = false, makesRecordKeys = false } = {}) {
      // The browser itself writes this one for every response that is an error or missing.
      // Chromium advises to offer RS256 as well, with which nobody can sign an event.
      const own = errors.filter(
        (text) =>
          !(mayFailToLoad && text.startsWith('Failed to load resource')) &&
          !(makesRecordKeys && text.startsWith('publicKey.pubKeyCredParams is missing')),
      );
      expect(own).toEqual([]);
      const foreign = requests
        .map((request) => new URL(request.url()))
        .filter((url) => url.protocol !== 'blob:' && url.origin !== origin);
      expect(foreign).toEqual([]);
    },
    [Symbol.asyncDispose]: giveBack,
  };
}

/** Signs somebody in whose password is that of all in tests. */
export async function beginSession(page: Page, service: string, email: string): Promise<void> {
  const data = { email, password: PASSWORD, cookies: true };
  const answer = await page.request.post(`${service}/v1/session`, { data });
  expect([answer.status(), await answer.text()]).toEqual([200, expect.anything()]);
}

/** Calls of the API, as "GET /v1/chain". */
export function calls(requests: readonly Request[]): string[] {
  return requests
    .map((request) => `${request.method()} ${new URL(request.url()).pathname}`)
    .filter((call) => call.includes('/v1/'));
}

export interface GivenFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

export function textFile(name: string, text: string): GivenFile {
  return { name, mimeType: 'application/octet-stream', buffer: Buffer.from(text) };
}

/** The content of a download; a file of a shared browser has no path here. */
export async function bytesOf(download: Download): Promise<Buffer> {
  return buffer(await download.createReadStream());
}

/** Puts files on the list of the page that notarizes. */
export async function choose(page: Page, files: GivenFile | string | readonly GivenFile[]): Promise<void> {
  await page.locator('input[type=file]').first().setInputFiles(files);
}

/** Makes a choice among what is sent of the documents. */
export async function chooseSent(page: Page, label: string): Promise<void> {
  await page.locator('.settings > button').click();
  await page.getByLabel(label).check();
  await page.keyboard.press('Escape');
}

/** Presses “Try now” unless the page has reconnected by itself, which removes the button. */
export async function tryNow(page: Page): Promise<void> {
  await page.evaluate(() => {
    const isIt = (button: HTMLButtonElement) => button.textContent === 'Try now';
    Array.from(document.querySelectorAll('button')).find(isIt)?.click();
  });
}

/** Milliseconds between two looks at the page. By default it is looked at in every frame, which draws all of them. */
export const POLLING = { polling: 30 } as const;

export async function waitForRows(page: Page, phase: string, count: number): Promise<void> {
  await page.waitForFunction(
    ([phase, count]) => document.querySelectorAll(`.row[data-phase="${phase}"]`).length === count,
    [phase, count] as const,
    POLLING,
  );
}

/** Gives files to the page that verifies, all at once. */
export async function give(page: Page, ...files: readonly (GivenFile | string)[]): Promise<void> {
  const paths = files.filter((file) => typeof file === 'string');
  await page
    .locator('#given input')
    .first()
    .setInputFiles(paths.length > 0 ? paths : (files as readonly GivenFile[]));
}

/** Chooses a key or policy of one's own on the page that verifies. */
export async function trustOwn(page: Page, pasted: string): Promise<void> {
  const own = page.locator('.trust-choice input').last();
  if (!(await own.isVisible())) await page.locator('.trust > summary').click();
  await own.check();
  await page.locator('#trust-field').fill(pasted);
}

/** The statement of the page that verifies, once it is there. */
export async function statement(page: Page): Promise<string | null> {
  return page.locator('.result').getAttribute('data-statement');
}

/** Failed steps, as "block: merkle_root_mismatch". */
export async function failedSteps(page: Page): Promise<string[]> {
  return page
    .locator('.step[data-outcome=failed]')
    .evaluateAll((steps) =>
      steps.map((step) => `${step.getAttribute('data-step') ?? ''}: ${step.getAttribute('data-code') ?? ''}`),
    );
}

/** Drops files and folders of this machine onto the page, as a user does. */
export async function drop(page: Page, paths: readonly string[]): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  const data = { items: [], files: [...paths], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await devtools.send('Input.dispatchDragEvent', { type, x: 60, y: 260, data });
  }
  await devtools.detach();
}

/** A device in the browser that has passkeys, and whose user is always there. */
export async function addDevice(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', transport: 'internal', automaticPresenceSimulation: true },
      ...{ hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
    },
  });
}

/** Presses Tab until the control of that name has the focus. */
export async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => {
      const { activeElement } = document;
      return activeElement?.getAttribute('aria-label') ?? activeElement?.textContent ?? '';
    });
    if (focused === name) return;
  }
  throw new Error(`the keyboard does not reach ${name}`);
}

/** A relay to the service, which can be disconnected and reconnected at the same address. */
export interface Relay extends AsyncDisposable {
  readonly url: string;
  disconnect(): Promise<void>;
  /** @param port of another service than before */
  reconnect(port?: number): Promise<void>;
}

export async function startRelay(port: number): Promise<Relay> {
  let target = port;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const service = connect(target, '127.0.0.1');
    for (const socket of [client, service]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        service.destroy();
      });
    }
    client.pipe(service);
    service.pipe(client);
  });
  const listen = async (at: number) => {
    server.listen(at, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const disconnect = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  const own = await listen(0);
  return {
    url: `http://127.0.0.1:${own}`,
    disconnect,
    reconnect: async (port = target) => {
      target = port;
      await listen(own);
    },
    [Symbol.asyncDispose]: disconnect,
  };
}
