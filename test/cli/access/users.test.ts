import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createScene, type Scene } from './scene.js';

const PASSWORD = 'correct horse battery staple';

let scene: Scene;
let organization: string;
beforeAll(async () => {
  scene = await createScene();
  organization = await scene.line('organization', 'create', 'Example Ltd');
});
afterAll(() => scene[Symbol.asyncDispose]());

interface User {
  readonly id: string;
  readonly email: string;
  readonly role: string;
  readonly acceptedAt: string | null;
}
interface Invited {
  readonly invitation: { readonly link: string; readonly token: string } | null;
}

const inOrganization = () => ['--organization', organization];
const users = async () => (await scene.json<{ users: User[] }>('user', 'list', ...inOrganization())).users;

describe('users of an organization', () => {
  test('add prints only the link to standard output, its recipient and expiry to standard error', async () => {
    const added = await scene.ingam('user', 'add', 'Kim@Example.com', ...inOrganization(), '--role', 'owner');
    expect(added.code).toBe(0);
    expect(added.stdout).toMatch(
      /^http:\/\/127\.0\.0\.1:8080\/account\.html#invitation=[A-Za-z0-9_-]{43}\n$/,
    );
    expect(added.stderr).toMatch(
      /^Link for kim@example\.com, to join Example Ltd as owner\. It can be used once, until \d{4}-/,
    );
    expect(added.stderr).not.toContain(added.stdout.split('=')[1]?.trim());
    expect(await users()).toMatchObject([{ email: 'kim@example.com', role: 'owner', acceptedAt: null }]);
  });

  test('add prints a link with the public address', async () => {
    const { stdout } = await scene.ingamWith(
      { env: { INGAM_PUBLIC_URL: 'https://example.com/notary' } },
      ...['user', 'add', 'lee@example.com', ...inOrganization(), '--role', 'notary', '--name', '이순신'],
    );
    expect(stdout).toMatch(/^https:\/\/example\.com\/notary\/account\.html#invitation=/);
    const listed = await scene.ingam('user', 'list', ...inOrganization());
    expect(listed.stdout).toMatch(
      /^lee@example\.com {2}notary {2}invited {2}이순신 +\d{4}-\d\d-\d\d {2}psn_/m,
    );
  });

  test('add rejects an existing user with exit code 1', async () => {
    const again = await scene.ingam(
      'user',
      'add',
      'lee@example.com',
      ...inOrganization(),
      '--role',
      'auditor',
    );
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('already');
  });

  test('role and remove accept an address or an id', async () => {
    const { id } = await scene.json<User>('user', 'role', 'LEE@example.com', 'auditor', ...inOrganization());
    expect((await users()).find((user) => user.id === id)?.role).toBe('auditor');
    expect((await scene.ingam('user', 'remove', id, ...inOrganization())).code).toBe(0);
    expect((await users()).map(({ email }) => email)).toEqual(['kim@example.com']);
  });

  test('invite makes earlier links invalid', async () => {
    const first = await scene.json<Invited>('user', 'invite', 'kim@example.com', ...inOrganization());
    const second = await scene.json<Invited>('user', 'invite', 'kim@example.com', ...inOrganization());
    expect(second.invitation?.token).not.toBe(first.invitation?.token);
    expect(second.invitation?.link).toContain(`#invitation=${second.invitation?.token ?? ''}`);
  });

  test.each<[string[], string]>([
    [['user', 'role', 'kin@example.com', 'owner'], 'Did you mean kim@example.com?'],
    [['user', 'remove', 'nobody@else.example'], 'ingam user list --organization org_'],
    [['user', 'role', 'kim@example.com', 'ownr'], 'Did you mean owner?'],
    [['user', 'add', 'x@example.com'], 'missing --role: owner|notary|auditor'],
    [['user', 'add', 'no address', '--role', 'owner'], 'an e-mail address has the form NAME@HOST'],
  ])('rejects ingam %j', async (argv, hint) => {
    const { code, stdout, stderr } = await scene.ingam(...argv, ...inOrganization());
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(hint);
  });
});

describe('operators', () => {
  const operators = async () =>
    (await scene.json<{ operators: { email: string; hasPassword: boolean }[] }>('user', 'operator'))
      .operators;
  const withPassword = (email: string, password: string) =>
    scene.ingamWith(
      { stdin: [Buffer.from(`${password}\nmore`)] },
      ...['user', 'operator', email, '--password-stdin'],
    );

  test('are listed when there is none', async () => {
    const { code, stdout, stderr } = await scene.ingam('user', 'operator');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain('There is no operator yet');
  });

  test('the first one gets a password from standard input, and a repetition changes nothing', async () => {
    const short = await withPassword('ops@example.com', 'short');
    expect({ code: short.code, stdout: short.stdout }).toEqual({ code: 2, stdout: '' });
    expect(short.stderr).toContain('12 to 1024 characters');
    expect(await operators()).toEqual([]);

    const made = await withPassword('Ops@example.com', PASSWORD);
    expect(made).toMatchObject({ code: 0, stdout: '' });
    expect(made.stderr).toBe('ops@example.com is the first operator.\n');
    expect(made.stderr).not.toContain(PASSWORD);
    expect(await operators()).toMatchObject([{ email: 'ops@example.com', hasPassword: true }]);

    const again = await withPassword('ops@example.com', 'another password!');
    expect(again).toMatchObject({ code: 0, stdout: '', stderr: 'ops@example.com is already an operator.\n' });
  });

  test('another one gets a link and cannot be given a password', async () => {
    const refused = await withPassword('second@example.com', PASSWORD);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('Omit --password-stdin');
    expect(await scene.line('user', 'operator', 'second@example.com')).toContain('/account.html#invitation=');
    // Until the link is used, the same command creates a new one.
    expect(await scene.line('user', 'operator', 'second@example.com')).toContain('/account.html#invitation=');
    const { stdout } = await scene.ingam('user', 'operator');
    expect(stdout).toMatch(/^ops@example\.com +active/m);
    expect(stdout).toMatch(/^second@example\.com +invited/m);
  });

  test('get a link for a forgotten password without an organization', async () => {
    expect(await scene.line('user', 'invite', 'ops@example.com')).toContain('#invitation=');
  });

  test('are removed with --off, except the last one', async () => {
    expect((await scene.ingam('user', 'operator', 'second@example.com', '--off')).code).toBe(0);
    const last = await scene.ingam('user', 'operator', 'ops@example.com', '--off');
    expect(last.code).toBe(1);
    expect(last.stderr).toContain('at least one operator');
  });

  test('people are disabled and enabled', async () => {
    const disabled = await scene.json<{ disabledAt: string | null }>('user', 'disable', 'kim@example.com');
    expect(disabled.disabledAt).not.toBeNull();
    expect((await scene.ingam('user', 'list', ...inOrganization())).stdout).toMatch(/owner +disabled/);
    const enabled = await scene.json<{ disabledAt: string | null }>('user', 'enable', 'kim@example.com');
    expect(enabled.disabledAt).toBeNull();
  });

  test.each<[string[], string]>([
    [['user', 'operator', '--off'], 'missing EMAIL'],
    [['user', 'operator', 'a@b.example', '--off', '--password-stdin'], 'cannot be used together'],
    [['user', 'operator', 'a@b.example', '--password-stdin'], 'no password on standard input'],
    [['user', 'disable', 'nobody@example.com'], 'there is no such person'],
  ])('rejects ingam %j', async (argv, message) => {
    const { code, stderr } = await scene.ingam(...argv);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
