import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../../support/database.js';
import { runBuilt, startBuilt, type RunningNode } from '../../support/built.js';
import { startHere } from '../../support/in-process.js';
import { until } from '../../support/until.js';
import { createFolder, invoke, type TestFolder } from '../invoke.js';

const PASSWORD = 'correct horse battery staple';

let folder: TestFolder;
const nodes: RunningNode[] = [];
beforeEach(async () => {
  folder = await createFolder();
});
afterEach(async () => {
  for (const node of nodes.splice(0)) await node.stop();
  await folder[Symbol.asyncDispose]();
});

type Env = Readonly<Record<string, string>>;
const QUICK = {
  PORT: '0',
  INGAM_WORKERS: '1',
  INGAM_LOG_LEVEL: 'silent',
  INGAM_MIN_DIFFICULTY: '1',
};
const ingam = (argv: readonly string[], env: Env) =>
  invoke(argv, { cwd: folder.path, env: { ...QUICK, ...env } });

/** Starts the service and waits until it has printed `count` lines. */
async function serve(env: Env, count: number, start: typeof startHere = startHere) {
  const node = await start(['serve'], {
    cwd: folder.path,
    env: { HOME: folder.path, INGAM_DATA_DIR: folder.at('data'), ...QUICK, ...env },
  });
  nodes.push(node);
  const lines = await until(
    `${count} lines on standard output`,
    () => node.stdout,
    (seen) => seen.length >= count,
  );
  return { lines: lines.slice(0, count), url: node.url };
}

async function signIn(url: string, email = 'ops@example.com') {
  const response = await fetch(`${url}/v1/session`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email, password: PASSWORD }),
  });
  const body = (await response.json()) as {
    readonly tokens: { readonly accessToken: string };
    readonly principal: { readonly operator: boolean };
  };
  return { status: response.status, ...body };
}

const kidOf = (token: string) =>
  (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid;

test('creates the database and an operator before the first start, after which no link is printed', async () => {
  const data = { INGAM_DATA_DIR: folder.at('data') };
  // A command that only reads creates nothing.
  const nothing = await ingam(['organization', 'list'], data);
  expect(nothing.code).toBe(2);
  expect(nothing.stderr).toContain('no service database in');

  // By the command as it is installed, whose hash of the password the service checks.
  const made = await runBuilt(['user', 'operator', 'ops@example.com', '--password-stdin'], {
    cwd: folder.path,
    env: { ...QUICK, ...data },
    stdin: `${PASSWORD}\n`,
  });
  expect(made).toMatchObject({ code: 0, stdout: '', stderr: 'ops@example.com is the first operator.\n' });
  // While no service runs, the commands run its PostgreSQL themselves.
  const organization = await ingam(['organization', 'create', 'Example Ltd'], data);
  expect(organization.stdout).toMatch(/^org_/);
  const tooEarly = await ingam(['key', 'rotate-signing-key'], data);
  expect(tooEarly.code).toBe(2);
  expect(tooEarly.stderr).toContain('service.secret: no such file');

  const { lines, url } = await serve(data, 2, startBuilt);
  expect(lines.join('\n')).not.toContain('account.html');
  const first = await signIn(url);
  expect(first).toMatchObject({ status: 200, principal: { operator: true } });

  expect((await ingam(['key', 'rotate-signing-key'], data)).code).toBe(0);
  const second = await signIn(url);
  expect(kidOf(second.tokens.accessToken)).not.toBe(kidOf(first.tokens.accessToken));
  // Existing sessions stay valid.
  const headers = { Authorization: `Bearer ${first.tokens.accessToken}` };
  expect((await fetch(`${url}/v1/organizations`, { headers })).status).toBe(200);
});

describe('a service with an external database', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createDatabase({ empty: true });
  });
  afterEach(async () => {
    for (const node of nodes.splice(0)) await node.stop();
    await database.drop();
  });

  test('rejects a database that no service has set up yet', async () => {
    const { code, stderr } = await ingam(['organization', 'list', '--database', database.url], {});
    expect(code).toBe(2);
    expect(stderr).toContain('Start the service once (ingam serve)');
    expect(await database.query(`SELECT FROM pg_class WHERE relname = '_prisma_migrations'`)).toEqual([]);
  });

  test('prints a link that works once while there is no operator', async () => {
    const env = { DATABASE_URL: database.url, INGAM_PUBLIC_URL: 'https://example.com/notary' };
    const { lines, url } = await serve(env, 4);
    expect(lines[1]).toMatch(/^Public key \(give this to people who verify\): /);
    expect(lines[2]).toMatch(/^Set up the first administrator \(link valid 24 h, once\):$/);
    const [, token = ''] =
      /^https:\/\/example\.com\/notary\/account\.html#setup=([A-Za-z0-9_-]{43})$/.exec(lines[3] ?? '') ?? [];
    const redeem = () =>
      fetch(`${url}/v1/invitations/redeem`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ token, email: 'ops@example.com', name: 'Ops', password: PASSWORD }),
      });
    expect((await redeem()).status).toBe(200);
    expect((await redeem()).status).toBe(400);
    expect((await signIn(url)).principal.operator).toBe(true);
  });

  test('creates the operator of the environment only while there is none', async () => {
    const env = {
      DATABASE_URL: database.url,
      INGAM_OPERATOR_EMAIL: 'Ops@example.com',
      INGAM_OPERATOR_PASSWORD: PASSWORD,
    };
    const { lines, url } = await serve(env, 2);
    expect(lines.join('\n')).not.toContain('account.html');
    expect((await signIn(url)).status).toBe(200);
    const again = await serve({ ...env, INGAM_OPERATOR_PASSWORD: 'another password entirely' }, 2);
    expect((await signIn(again.url)).status).toBe(200);
  });

  test.each([1, 2])('rejects an invalid operator of the environment with %i processes', async (workers) => {
    const { code, stdout, stderr } = await (workers === 1 ? invoke : runBuilt)(['serve'], {
      cwd: folder.path,
      env: {
        ...QUICK,
        INGAM_DATA_DIR: folder.at('data'),
        DATABASE_URL: database.url,
        INGAM_WORKERS: String(workers),
        INGAM_OPERATOR_EMAIL: 'ops@example.com',
        INGAM_OPERATOR_PASSWORD: 'too short',
      },
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('Check INGAM_OPERATOR_EMAIL and INGAM_OPERATOR_PASSWORD.');
    expect(stderr).not.toContain('too short');
  });
});
