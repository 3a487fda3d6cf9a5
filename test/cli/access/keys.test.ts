import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createScene, type Scene } from './scene.js';

let scene: Scene;
let organization: string;
beforeAll(async () => {
  scene = await createScene();
  organization = await scene.line('organization', 'create', 'Example Ltd');
});
afterAll(() => scene[Symbol.asyncDispose]());

interface Key {
  readonly id: string;
  readonly scopes: readonly string[];
  readonly networks: readonly string[];
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  readonly limits: object;
}

interface NewKey {
  readonly key: Key;
  readonly secret: string;
}

const create = () => ['key', 'create', '--organization', organization];
const keys = async () =>
  (await scene.json<{ keys: Key[] }>('key', 'list', '--organization', organization)).keys;

describe('ingam key', () => {
  test('create prints only the key to standard output, and its description to standard error', async () => {
    const { code, stdout, stderr } = await scene.ingam(...create(), '--name', 'archive');
    expect(code).toBe(0);
    const [, id = ''] = /^ingam_([0-9a-f]{16})_[A-Za-z0-9_-]{43}\n$/.exec(stdout) ?? [];
    expect(stderr).toContain(`Key ${id} of Example Ltd, valid until revoked.`);
    expect(stderr).not.toContain(stdout.trim());
    const listed = await scene.ingam('key', 'list', '--organization', organization);
    expect(listed.stdout).not.toContain(stdout.trim());
    expect(listed.stdout).toMatch(
      new RegExp(`^${id}  archive  active  notarize,read +\\d{4}-\\d\\d-\\d\\d +- +- +any$`, 'm'),
    );
  });

  test('create sets scope, networks, expiry and limits', async () => {
    const now = Date.now();
    const { key: made, secret } = await scene.json<NewKey>(
      ...create(),
      ...['--name', 'scanner', '--scope', 'notarize'],
      ...[
        '--network',
        '192.0.2.0/24',
        '--network',
        '2001:db8::1',
        '--expires',
        '30d',
        '--digests-per-day',
        '500',
      ],
    );
    expect(made).toMatchObject({
      scopes: ['notarize'],
      networks: ['192.0.2.0/24', '2001:db8::1/128'],
      limits: { requestsPerMinute: null, digestsPerDay: 500, bytesPerDay: null },
    });
    expect(secret).toContain(made.id);
    const days = (Date.parse(made.expiresAt ?? '') - now) / 86_400_000;
    expect(Math.round(days)).toBe(30);
    const { key: until } = await scene.json<NewKey>(...create(), '--name', 'x', '--expires', '2199-01-31');
    expect(until.expiresAt).toBe('2199-01-31T00:00:00.000Z');
  });

  test('revoke accepts an id or a whole key', async () => {
    const found = await scene.line(...create(), '--name', 'lost');
    const { stderr } = await scene.ingam('key', 'revoke', found);
    expect(stderr).toMatch(/^Key [0-9a-f]{16} \(lost\) revoked\.\n$/);
    const id = found.split('_')[1] ?? '';
    expect((await keys()).find((key) => key.id === id)?.revokedAt).not.toBeNull();
    const again = await scene.ingam('key', 'revoke', id);
    expect(again).toMatchObject({ code: 0, stderr: `Key ${id} (lost) was already revoked.\n` });
    expect((await scene.ingam('key', 'list', '--organization', organization)).stdout).toMatch(
      /lost +revoked/,
    );
  });

  test('revoke does not repeat the secret of an unknown key', async () => {
    const { code, stderr } = await scene.ingam('key', 'revoke', `ingam_0123456789abcdef_${'S'.repeat(43)}`);
    expect(code).toBe(2);
    expect(stderr).toContain('API key ingam_0123456789abcdef');
    expect(stderr).not.toContain('SSSS');
  });

  test.each<[string[], string]>([
    [['key', 'create', '--organization', 'ID'], 'missing --name NAME'],
    [['key', 'create', '--name', 'x'], 'missing --organization ID'],
    [
      ['key', 'create', '--organization', 'ID', '--name', 'x', '--scope', 'raed'],
      'Did you mean --scope read?',
    ],
    [
      ['key', 'create', '--organization', 'ID', '--name', 'x', '--expires', '2027-02-31'],
      '--expires: 2027-02-31 is not a time',
    ],
    [
      ['key', 'create', '--organization', 'ID', '--name', 'x', '--expires', 'tomorrow'],
      'Examples: 2027-01-31',
    ],
    [
      ['key', 'create', '--organization', 'ID', '--name', 'x', '--bytes-per-day', '5GB'],
      'KiB, MiB, GiB or TiB',
    ],
    [
      ['key', 'create', '--organization', 'ID', '--name', 'x', '--requests-per-minute', '-1'],
      '--requests-per-minute requires N',
    ],
    [
      ['key', 'create', '--organization', 'ID', '--name', 'x', '--requests-per-minute', '1.5'],
      'must be a whole number',
    ],
    [['key', 'revoke'], 'missing ID'],
  ])('rejects ingam %j before opening a database', async (argv, message) => {
    const { code, stdout, stderr } = await scene.ingam(...argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  test('create reports what the service rejects', async () => {
    const past = await scene.ingam(...create(), '--name', 'x', '--expires', '2001-01-01');
    expect(past.code).toBe(2);
    expect(past.stderr).toContain('must be in the future');
    const network = await scene.ingam(...create(), '--name', 'x', '--network', '192.0.2.0/33');
    expect(network.stderr).toContain('a network has the form');
  });
});
