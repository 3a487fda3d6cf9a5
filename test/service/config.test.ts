import { generateKeyPairSync } from 'node:crypto';
import { chmod, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ErasureKeys } from '../../src/crypto/erasure-keys.js';
import { generateKey } from '../../src/crypto/keys.js';
import { COSIGNATURE, formatVerifierKey } from '../../src/proof/index.js';
import { createTsaKey } from '../support/tsa.js';
import { logoPng } from '../certificate/support.js';
import { createFolder } from '../cli/invoke.js';
import { loadConfig } from '../../src/service/config.js';
import { assertKept } from '../../src/service/lifecycle.js';
import { loadMemberConfig } from '../../src/service/member-config.js';
import { ConfigError, type Environment } from '../../src/service/settings.js';

function mistakesOf(env: Environment, load: (env: Environment) => unknown = loadConfig) {
  try {
    load(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    throw error;
  }
  return [];
}

describe('the configuration of a service', () => {
  it('reports mistakes of every kind at once', () => {
    const logKey = generateKey('notary.example.com/main');
    const mistakes = mistakesOf({
      PORT: '70000',
      INGAM_ORIGIN: 'notary.example.com/other',
      INGAM_LOG_KEY: logKey.text,
      INGAM_RECEIPT_KEY: 'PRIVATE+KEY+receipts+00000000+AAAA',
      INGAM_SEAL_INTERVAL_MS: '60000',
      INGAM_SEAL_PROMISE_MS: '30000',
      INGAM_MAX_QUEUE: 'many',
      INGAM_MEMBERS: 'no such file',
      INGAM_ANONYMUS: 'off',
      INGAM_TRUST_PROXY: '10.0.0.0/8, proxy.local',
      INGAM_OPERATOR_EMAIL: 'op@example.com',
      INGAM_OIDC_ISSUER: 'https://id.example.com',
      INGAM_OIDC_ROLES: 'legal=judge@org_1',
    });
    expect(mistakes).toEqual([
      'PORT must be from 0 to 65535',
      'INGAM_RECEIPT_KEY is not a private key as "ingam keygen" writes it: key type 0 is not known; 1 (Ed25519), 4 (Ed25519 cosignature), 6 (ML-DSA-44) and 255 (ML-DSA-44 over a text) are',
      'INGAM_MAX_QUEUE must be a whole number',
      'INGAM_MEMBERS must be a policy or a file that contains it: no such file',
      'INGAM_TRUST_PROXY must be a number of proxies, or addresses and networks: "proxy.local" is neither',
      'INGAM_OIDC_ROLES must read VALUE=ROLE@ORGANIZATION, separated by spaces; got "legal=judge@org_1". Values with spaces or commas need JSON: [{"value": "Legal team", "role": "notary", "organization": "org_…"}]',
      'INGAM_ANONYMUS is not a setting',
      'INGAM_OPERATOR_PASSWORD must be set as well: INGAM_OPERATOR_EMAIL, INGAM_OPERATOR_PASSWORD go together',
      'INGAM_OIDC_ISSUER does nothing alone: set INGAM_OIDC_CLIENT_ID, for people who sign in on the page, or INGAM_OIDC_AUDIENCE and INGAM_OIDC_JWKS_URL, for tokens that the API accepts',
      'INGAM_SECRET must be set as well: all machines with this INGAM_RECEIPT_KEY must have the same. Take that of keys/service.secret if there is one, or make one with: openssl rand -hex 32',
      'INGAM_SEAL_INTERVAL_MS must be below INGAM_SEAL_PROMISE_MS, or receipts promise what cannot be kept',
      'INGAM_ORIGIN is notary.example.com/other, but INGAM_LOG_KEY is for notary.example.com/main; a log keeps its name for life',
    ]);
  });

  it('says what is wrong with the vault, and what to do', async () => {
    await using folder = await createFolder();
    const key = '11'.repeat(32);
    const keyFile = folder.at('vault.key');
    await writeFile(keyFile, `${key} ${'22'.repeat(32)}\n`);
    const missing = folder.at('missing');
    expect(mistakesOf({ INGAM_VAULT: missing, INGAM_VAULT_KEY: key })).toEqual([
      `INGAM_VAULT (${missing}) does not exist. Make the folder, or mount its disk: it is not made here, because documents would then be kept on the wrong disk`,
    ]);
    expect(mistakesOf({ INGAM_VAULT: keyFile, INGAM_VAULT_KEY: key })).toEqual([
      `INGAM_VAULT (${keyFile}) must be a folder, or read s3://BUCKET`,
    ]);
    expect(mistakesOf({ INGAM_VAULT: folder.path })).toEqual([
      'INGAM_VAULT_KEY must be set as well, or INGAM_VAULT_KEY_FILE: make a key with "openssl rand -hex 32", and keep a copy of it elsewhere. Without it, nobody can read the documents',
    ]);
    expect(mistakesOf({ INGAM_VAULT: folder.path, INGAM_VAULT_KEY: 'secret' })).toEqual([
      'INGAM_VAULT_KEY is not a key of the vault: a secret is 64 hexadecimal digits in lower case, as "openssl rand -hex 32" prints them',
    ]);
    expect(mistakesOf({ INGAM_VAULT_KEY: key, INGAM_VAULT_QUOTA_BYTES: '5' })).toEqual([
      'INGAM_VAULT must be set as well, for INGAM_VAULT_KEY, INGAM_VAULT_QUOTA_BYTES: a folder, or s3://BUCKET',
    ]);
    const folderEnv = { INGAM_VAULT: folder.path, INGAM_VAULT_KEY_FILE: keyFile };
    expect(mistakesOf({ ...folderEnv, INGAM_VAULT_KEY: key, INGAM_VAULT_S3_REGION: 'x' })).toEqual([
      'INGAM_VAULT_KEY and INGAM_VAULT_KEY_FILE are the same setting: set one of them',
      'INGAM_VAULT must read s3://BUCKET for INGAM_VAULT_S3_REGION; it is a folder',
    ]);
    expect(mistakesOf({ INGAM_VAULT: 's3://b', INGAM_VAULT_KEY: key })).toContain(
      'INGAM_VAULT must read s3://BUCKET or s3://BUCKET/PREFIX',
    );
    expect(mistakesOf({ INGAM_VAULT: 's3://bucket/../x', INGAM_VAULT_KEY: key })).toContain(
      'INGAM_VAULT must read s3://BUCKET or s3://BUCKET/PREFIX',
    );
    expect(mistakesOf({ INGAM_VAULT: 's3://bucket', INGAM_VAULT_KEY: key })).toEqual([
      'INGAM_VAULT_S3_ACCESS_KEY, INGAM_VAULT_S3_SECRET_KEY must be set as well: the bucket needs them',
    ]);
    expect(loadConfig(folderEnv).vault).toEqual({
      place: { kind: 'folder', path: folder.path },
      ...{ keys: `${key} ${'22'.repeat(32)}`, quota: null },
    });
    expect(
      loadConfig({
        ...{ INGAM_VAULT: 's3://bucket/a/b', INGAM_VAULT_KEY: key, INGAM_VAULT_QUOTA_BYTES: '5' },
        ...{
          INGAM_VAULT_S3_REGION: 'ap-northeast-2',
          INGAM_VAULT_S3_ACCESS_KEY: 'a',
          INGAM_VAULT_S3_SECRET_KEY: 'b',
        },
      }).vault,
    ).toEqual({
      place: {
        ...{
          kind: 's3',
          bucket: 'bucket',
          prefix: 'a/b/',
          region: 'ap-northeast-2',
          accessKey: 'a',
          secretKey: 'b',
        },
        endpoint: 'https://s3.ap-northeast-2.amazonaws.com',
      },
      ...{ keys: key, quota: 5 },
    });
    expect(loadConfig({}).vault).toBeNull();
  });

  it('says what is wrong with a file of data keys, and what to do', async () => {
    await using folder = await createFolder();
    const path = folder.at('erasure.keys');
    const env = { INGAM_ERASURE_KEYS: path, INGAM_DATA_DIR: folder.at('data') };
    expect(mistakesOf(env)).toEqual([
      `INGAM_ERASURE_KEYS must be the name of a file that can be read, in a folder that can be written (ENOENT): make one with "ingam erasure-keys --new ${path}", or restore the one that the database was used with`,
    ]);
    const text = ErasureKeys.create(1).format();
    await writeFile(path, text.slice(0, -2), { mode: 0o600 });
    expect(mistakesOf(env)).toEqual([
      `INGAM_ERASURE_KEYS (${path}) is no file of data keys: it is not whole: its last line is not the checksum of the others. Restore it from its copy`,
    ]);
    await writeFile(path, text);
    await chmod(path, 0o640);
    expect(mistakesOf(env)).toEqual([
      `INGAM_ERASURE_KEYS (${path}) can be read by others: chmod 600 ${path}`,
    ]);
    await chmod(path, 0o600);
    expect(mistakesOf(env)).toEqual([]);
    expect(loadConfig(env).erasureKeys).toBe(path);
    expect(mistakesOf({ ...env, INGAM_DATA_DIR: folder.path })).toEqual([
      `INGAM_ERASURE_KEYS must be outside of INGAM_DATA_DIR (${folder.path}), which backups contain`,
    ]);
    expect(loadConfig({}).erasureKeys).toBeNull();
  });

  it('reads the settings of a time-stamping authority', async () => {
    expect(loadConfig({}).tsa).toBeNull();
    expect(loadConfig({ INGAM_TSA: 'on' }).tsa).toEqual({
      policy: '2.25.125170070022977937687639345452800568862',
      accuracyMs: 1000,
      servers: [],
    });
    const key = await createTsaKey();
    const { tsa, tsaKey } = loadConfig({
      INGAM_TSA: 'on',
      INGAM_TSA_KEY: key,
      INGAM_TSA_POLICY: '1.3.6.1.4.1.99999.1',
      INGAM_TSA_ACCURACY_MS: '250',
      INGAM_TSA_NTP: 'time.example, 192.0.2.1:1123 [2001:db8::1] [::1]:1123',
    });
    expect(tsaKey).toBe(key);
    expect(tsa).toEqual({
      policy: '1.3.6.1.4.1.99999.1',
      accuracyMs: 250,
      servers: [
        { host: 'time.example', port: 123 },
        { host: '192.0.2.1', port: 1123 },
        { host: '2001:db8::1', port: 123 },
        { host: '::1', port: 1123 },
      ],
    });
  });

  it.each<readonly [string, string]>([
    ['INGAM_TSA', 'yes'],
    ['INGAM_TSA_KEY', 'no/such/file'],
    ['INGAM_TSA_KEY', 'a\nb'],
    ...['1', '3.1', '1.40', '1.2.03', '1.2.', `2.25.${'9'.repeat(40)}`, '1.2'.repeat(60)].map(
      (policy) => ['INGAM_TSA_POLICY', policy] as const,
    ),
    ['INGAM_TSA_ACCURACY_MS', '99'],
    ['INGAM_TSA_NTP', 'http://time.example'],
    ['INGAM_TSA_NTP', '2001:db8::1'],
    ['INGAM_TSA_NTP', 'time.example:70000'],
  ])('says what is wrong with %s=%s', (name, value) => {
    const mistakes = mistakesOf({ [name]: value });
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatch(new RegExp(`^${name} (must|is not|Invalid)`));
  });

  it('never quotes a private key in a message', () => {
    const { text } = generateKey('notary.example.com/main');
    const spoiled = `${text.slice(0, -4)}AAA=`;
    const [mistake = ''] = mistakesOf({ INGAM_LOG_KEY: spoiled });
    expect(mistake).toMatch(/^INGAM_LOG_KEY is not a private key/);
    expect(mistake).not.toContain(spoiled.split('+').at(-1));
  });

  it('says what to write instead of a database URL that cannot be read, and never quotes its password', () => {
    const mistakes = mistakesOf({
      PORT: 'x',
      DATABASE_URL: 'postgresql://ingam:top#secret@db.example/ingam',
      DATABASE_OWNER_URL: 'postgresql://owner:secret@a,b:port/ingam',
    });
    expect(mistakes).toEqual([
      'PORT must be a whole number',
      'DATABASE_URL contains "#" where it cannot stand for itself: in a user name or password it must be written as %23',
      expect.stringMatching(
        /^DATABASE_OWNER_URL has the host "b:port", which is not a name or address with a port/,
      ),
    ]);
    expect(mistakes.join()).not.toContain('secret');
    expect(mistakesOf({ DATABASE_OWNER_URL: 'postgresql://owner@db.example/ingam' })).toEqual([
      'DATABASE_URL must be set as well: DATABASE_OWNER_URL is used to migrate that database',
    ]);
    expect(mistakesOf({ INGAM_REQUIRE_SYNC: 'on' })).toEqual([
      'DATABASE_URL must be set as well: INGAM_REQUIRE_SYNC=on needs a PostgreSQL with a synchronous standby, and the embedded one has none',
    ]);
    const read = { INGAM_READ_DATABASE_URL: 'postgresql://standby.example/ingam' };
    expect(mistakesOf(read)).toEqual([
      'DATABASE_URL must be set as well: INGAM_READ_DATABASE_URL is a standby of that database, and the embedded one has none',
    ]);
    const two = { INGAM_READ_DATABASE_URL: 'postgresql://a.example,b.example/ingam' };
    expect(mistakesOf({ ...two, DATABASE_URL: 'postgresql://db.example/ingam' })).toEqual([
      'INGAM_READ_DATABASE_URL must name one server: a standby, or an address that leads to one',
    ]);
    const member = { INGAM_MEMBER_UPSTREAM: 'http://x', DATABASE_URL: 'postgresql://a:b/c@d/e' };
    expect(mistakesOf(member, loadMemberConfig)).toContainEqual(expect.stringContaining('%2F'));
  });

  it('requires an address of the mail server, of the sender, and of the pages that e-mails lead to', () => {
    const mail = {
      INGAM_SMTP_URL: 'smtps://ingam:secret@mail.example.com',
      INGAM_SMTP_FROM: 'ingam@example.com',
      INGAM_PUBLIC_URL: 'https://notary.example.com',
    };
    expect(loadConfig(mail).mail).toEqual({ url: mail.INGAM_SMTP_URL, from: mail.INGAM_SMTP_FROM });
    expect(loadConfig({}).mail).toBeNull();
    const { INGAM_PUBLIC_URL: _address, ...homeless } = mail;
    expect(mistakesOf(homeless)).toEqual(['INGAM_PUBLIC_URL must be set as well: e-mails have links to it']);
    const { INGAM_SMTP_FROM: _sender, ...nobody } = mail;
    expect(mistakesOf(nobody)).toEqual([
      'INGAM_SMTP_FROM must be set as well: INGAM_SMTP_URL, INGAM_SMTP_FROM go together',
    ]);
    for (const url of ['https://mail.example.com', 'smtp://', 'smtps://mail.example.com/inbox', 'mail']) {
      const [wrong = ''] = mistakesOf({ ...mail, INGAM_SMTP_URL: url });
      expect(wrong).toMatch(/^INGAM_SMTP_URL must be the address of a mail server/);
    }
    expect(mistakesOf({ ...mail, INGAM_SMTP_FROM: 'Ingam <ingam@example.com>' })).toEqual([
      'INGAM_SMTP_FROM must be an e-mail address of the form NAME@HOST, in ASCII',
    ]);
  });

  it('refuses a data directory without a file system of its own where a volume is required', async () => {
    await using folder = await createFolder();
    // This folder may be on a file system of its own; the root never is.
    const inRoot = { requireVolume: true, dataDir: '/ingam-test-that-does-not-exist/data' };
    await expect(assertKept(inRoot)).rejects.toThrow('is no volume');
    await assertKept({ ...inRoot, requireVolume: false });
    await assertKept({ requireVolume: true, dataDir: '/proc/data' });
    expect(loadConfig({ INGAM_REQUIRE_VOLUME: 'on', INGAM_DATA_DIR: folder.path }).requireVolume).toBe(true);
  });

  it('reads each secret from a file, and says what is wrong with the file without quoting it', async () => {
    await using folder = await createFolder();
    const [log, receipt] = [
      generateKey('notary.example.com/main'),
      generateKey('notary.example.com/receipt'),
    ];
    const secrets = {
      DATABASE_URL: 'postgresql://ingam:secret@db.example/ingam',
      DATABASE_OWNER_URL: 'postgresql://owner:secret@db.example/ingam',
      INGAM_LOG_KEY: log.text,
      INGAM_RECEIPT_KEY: receipt.text,
      INGAM_SECRET: '01'.repeat(32),
      INGAM_METRICS_TOKEN: 'a token of 16 characters'.replaceAll(' ', '-'),
      INGAM_OPERATOR_PASSWORD: 'correct horse battery staple ',
      INGAM_ALARM_WEBHOOK: 'https://alarms.example/secret',
    };
    const files: Record<string, string> = { INGAM_OPERATOR_EMAIL: 'kim@example.com' };
    for (const [name, value] of Object.entries(secrets)) {
      await writeFile(folder.at(name), `${value}\n`);
      files[`${name}_FILE`] = folder.at(name);
    }
    expect(loadConfig(files)).toEqual(loadConfig({ ...secrets, INGAM_OPERATOR_EMAIL: 'kim@example.com' }));
    await writeFile(folder.at('empty'), '\n');
    await writeFile(folder.at('wrong'), 'PRIVATE+KEY+secret');
    expect(
      mistakesOf({
        INGAM_SECRET_FILE: folder.at('missing'),
        INGAM_METRICS_TOKEN_FILE: folder.at('empty'),
        INGAM_LOG_KEY_FILE: folder.at('wrong'),
        HOST_FILE: folder.at('wrong'),
        INGAM_ORIGIN_FILE: folder.at('wrong'),
      }),
    ).toEqual([
      `INGAM_METRICS_TOKEN_FILE names an empty file: ${folder.at('empty')}`,
      expect.stringMatching(/^INGAM_LOG_KEY_FILE is not a private key (?!.*secret)/),
      expect.stringMatching(/^INGAM_SECRET_FILE must be the name of a file that can be read: ENOENT/),
      'INGAM_ORIGIN_FILE is not a setting',
    ]);
  });

  it('rejects a receipt key that is the log key', () => {
    const { text } = generateKey('notary.example.com/main');
    const secret = { INGAM_SECRET: '01'.repeat(32) };
    expect(mistakesOf({ INGAM_LOG_KEY: text, INGAM_RECEIPT_KEY: text, ...secret })).toEqual([
      'INGAM_RECEIPT_KEY must not be the log key',
    ]);
  });

  it('requires the secret beside a receipt key, so that no machine makes one of its own', () => {
    const receipt = { INGAM_RECEIPT_KEY: generateKey('notary.example.com/main/receipt').text };
    expect(mistakesOf(receipt)).toEqual([expect.stringMatching(/^INGAM_SECRET must be set as well: /)]);
    expect(mistakesOf({ ...receipt, INGAM_SECRET: '01'.repeat(32) })).toEqual([]);
    const [wrong = ''] = mistakesOf({ INGAM_SECRET: 'AB'.repeat(32) });
    expect(wrong).toMatch(/^INGAM_SECRET is not a secret: a secret is 64 hexadecimal digits/);
    expect(wrong).not.toContain('ABAB');
  });

  it.each([
    ['nothing', {}, true],
    ['every address', { HOST: '0.0.0.0' }, false],
    ['another address', { HOST: '192.168.1.5' }, false],
    ['IPv6 loopback', { HOST: '::1' }, true],
    ['a loopback address', { HOST: '127.8.0.1' }, true],
    ['a proxy in front of loopback', { INGAM_TRUST_PROXY: '1' }, false],
    ['every address, switched on', { HOST: '0.0.0.0', INGAM_ANONYMOUS: 'on' }, true],
    ['loopback, switched off', { INGAM_ANONYMOUS: 'off' }, false],
  ])('decides about anonymous submission with %s: %j → %s', (_, env, expected) => {
    expect(loadConfig(env).access.anonymousSubmission).toBe(expected);
  });

  it('reads proxies, the public address and roles of an identity provider', () => {
    const { access } = loadConfig({
      INGAM_TRUST_PROXY: 'loopback, 10.0.0.0/8 fd00::/8',
      INGAM_PUBLIC_URL: 'https://notary.example.com/',
      INGAM_VERIFICATION: 'private',
      INGAM_OIDC_ISSUER: 'https://id.example.com',
      INGAM_OIDC_AUDIENCE: 'ingam',
      INGAM_OIDC_JWKS_URL: 'https://id.example.com/jwks',
      INGAM_OIDC_ROLES: 'legal=notary@org_1 heads=owner@org_1',
    });
    expect(access.trustProxy).toEqual(['loopback', '10.0.0.0/8', 'fd00::/8']);
    expect(access.publicUrl?.host).toBe('notary.example.com');
    expect(access.privateVerification).toBe(true);
    expect(access.oidc).toMatchObject({
      issuer: 'https://id.example.com',
      roleClaim: 'roles',
      roles: [
        { claimValue: 'legal', role: 'notary', organizationId: 'org_1' },
        { claimValue: 'heads', role: 'owner', organizationId: 'org_1' },
      ],
      tokens: { audience: 'ingam', accessTokensOnly: false },
      signIn: null,
    });
  });

  it('reads how people sign in at an identity provider', async () => {
    await using folder = await createFolder();
    const file = folder.at('client-secret');
    await writeFile(file, 'kept in a file\n');
    const page = {
      INGAM_PUBLIC_URL: 'https://notary.example.com/sub',
      INGAM_OIDC_ISSUER: 'https://id.example.com/realms/main',
      INGAM_OIDC_CLIENT_ID: 'notary',
      INGAM_OIDC_ROLES: 'legal=notary@org_1',
    };
    const { oidc } = loadConfig({ ...page, INGAM_OIDC_CLIENT_SECRET_FILE: file }).access;
    expect(oidc).toMatchObject({
      tokens: null,
      signIn: {
        clientId: 'notary',
        clientSecret: 'kept in a file',
        scopes: 'openid profile email',
        name: 'id.example.com',
        publicUrl: new URL('https://notary.example.com/sub/'),
        sessionMinutes: 60,
      },
    });
    expect(loadConfig(page).access.oidc?.signIn?.clientSecret).toBeNull();
    const own = {
      INGAM_PUBLIC_URL: 'http://localhost:8080',
      INGAM_OIDC_ISSUER: 'http://127.0.0.1:9000',
      INGAM_OIDC_NAME: '한빛 SSO',
      INGAM_OIDC_SCOPES: 'openid groups',
      INGAM_OIDC_SESSION_MINUTES: '480',
      INGAM_OIDC_CLIENT_SECRET: 's',
    };
    expect(loadConfig({ ...page, ...own }).access.oidc?.signIn).toMatchObject({
      ...{ name: '한빛 SSO', scopes: 'openid groups', sessionMinutes: 480, clientSecret: 's' },
    });
    const mistakes: readonly (readonly [Record<string, string | undefined>, string])[] = [
      [{ INGAM_OIDC_ISSUER: undefined }, 'INGAM_OIDC_ISSUER must be set as well, for INGAM_OIDC_CLIENT_ID'],
      [
        { INGAM_OIDC_ISSUER: 'http://id.example.com' },
        'INGAM_OIDC_ISSUER must be an https address for sign-in on the page; http is for loopback only',
      ],
      [
        { INGAM_OIDC_ISSUER: 'id.example.com' },
        'INGAM_OIDC_ISSUER must be an https address for sign-in on the page; http is for loopback only',
      ],
      [
        { INGAM_PUBLIC_URL: undefined },
        'INGAM_PUBLIC_URL must be set as well: the identity provider leads people back there, to sign-in/callback',
      ],
      [
        { INGAM_PUBLIC_URL: 'http://notary.example.com' },
        'INGAM_PUBLIC_URL must be an https address for sign-in at INGAM_OIDC_ISSUER; http is for loopback only',
      ],
      [
        { INGAM_OIDC_ROLES: undefined },
        'INGAM_OIDC_ROLES must be set as well: without a role nobody can sign in with INGAM_OIDC_CLIENT_ID',
      ],
      [
        { INGAM_OIDC_CLIENT_SECRET: 'x', INGAM_OIDC_CLIENT_SECRET_FILE: file },
        'INGAM_OIDC_CLIENT_SECRET and INGAM_OIDC_CLIENT_SECRET_FILE are the same setting: set one of them',
      ],
      [
        { INGAM_OIDC_CLIENT_SECRET_FILE: folder.path },
        'INGAM_OIDC_CLIENT_SECRET_FILE must be the name of a file that can be read: EISDIR: illegal operation on a directory, read',
      ],
      [
        { INGAM_OIDC_SCOPES: 'profile email' },
        'INGAM_OIDC_SCOPES must contain openid: without it the provider does not say who signs in',
      ],
      [{ INGAM_OIDC_SESSION_MINUTES: '2' }, 'INGAM_OIDC_SESSION_MINUTES must be from 5 to 720'],
      [
        {
          INGAM_OIDC_CLIENT_ID: undefined,
          INGAM_OIDC_AUDIENCE: 'a',
          INGAM_OIDC_JWKS_URL: 'https://id.example.com/jwks',
          INGAM_OIDC_NAME: 'x',
        },
        'INGAM_OIDC_CLIENT_ID must be set as well, for INGAM_OIDC_NAME: sign-in on the page',
      ],
    ];
    for (const [change, mistake] of mistakes) expect(mistakesOf({ ...page, ...change })).toEqual([mistake]);
  });

  it('reads groups with spaces and commas, and claims with dots in their names, as JSON', () => {
    const oidc = {
      INGAM_OIDC_ISSUER: 'https://id.example.com',
      INGAM_OIDC_AUDIENCE: 'ingam',
      INGAM_OIDC_JWKS_URL: 'https://id.example.com/jwks',
    };
    const { access } = loadConfig({
      ...oidc,
      INGAM_OIDC_ROLES: ' [{"value": "Legal, Seoul = all@hq", "role": "owner", "organization": "org_1"}]',
      INGAM_OIDC_ROLE_CLAIM: '["resource_access", "my.client", "roles"]',
      INGAM_OIDC_ACCESS_TOKENS_ONLY: 'on',
    });
    expect(access.oidc).toMatchObject({
      roleClaim: ['resource_access', 'my.client', 'roles'],
      roles: [{ claimValue: 'Legal, Seoul = all@hq', role: 'owner', organizationId: 'org_1' }],
      tokens: { accessTokensOnly: true },
    });
    for (const wrong of [
      '[',
      '[{}]',
      '["legal"]',
      '[{"value": "a", "role": "judge", "organization": "o"}]',
    ]) {
      expect(mistakesOf({ ...oidc, INGAM_OIDC_ROLES: wrong })).toEqual([
        'INGAM_OIDC_ROLES must read VALUE=ROLE@ORGANIZATION, or be JSON of the form [{"value": "Legal team", "role": "notary", "organization": "org_…"}]',
      ]);
    }
    for (const wrong of ['[', '[]', '[1]', '[""]']) {
      expect(mistakesOf({ ...oidc, INGAM_OIDC_ROLE_CLAIM: wrong })).toEqual([
        'INGAM_OIDC_ROLE_CLAIM must be the name of a claim, or a JSON list such as ["resource_access", "my.client", "roles"]',
      ]);
    }
  });
});

it.each([
  ['INGAM_PUBLIC_URL', loadConfig, 'https://user:secret@notary.example.com'],
  ['INGAM_OIDC_JWKS_URL', loadConfig, 'https://user@id.example.com/jwks'],
  ['INGAM_MEMBER_UPSTREAM', loadMemberConfig, 'https://user:secret@notary.example.com'],
  ['INGAM_MEMBER_PEERS', loadMemberConfig, 'https://a.example https://:secret@b.example'],
  ['INGAM_MEMBER_WEBHOOK', loadMemberConfig, 'https://user:secret@chat.example/hook'],
] as const)('refuses credentials in %s, without repeating them', (name, load, value) => {
  const mistakes = mistakesOf({ [name]: value }, load);
  expect(mistakes).toContain(
    `${name} must not contain a user name or password: addresses are published and logged`,
  );
  expect(mistakes.join()).not.toContain('secret@');
});

describe('what is printed on certificates, and their signature', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));

  it('are read from files', async () => {
    await using folder = await createFolder();
    await writeFile(folder.at('logo.png'), Buffer.from(logoPng(), 'base64'));
    const { issuer } = loadConfig({
      INGAM_ISSUER_NAME: '법무법인 가나다',
      INGAM_ISSUER_LOGO: folder.at('logo.png'),
    });
    expect(issuer).toEqual({ name: '법무법인 가나다', contact: null, logo: logoPng() });
    expect(loadConfig({})).toMatchObject({ issuer: null, pdfSigning: null });
  });

  it('are refused with what to do', async () => {
    await using folder = await createFolder();
    await writeFile(folder.at('logo'), 'GIF89a');
    await writeFile(folder.at('key.pem'), key);
    expect(
      mistakesOf({
        INGAM_ISSUER_CONTACT: 'two\nlines',
        INGAM_ISSUER_LOGO: folder.at('logo'),
        INGAM_PDF_KEY: folder.at('key.pem'),
        INGAM_PDF_CHAIN: key,
      }),
    ).toEqual([
      'INGAM_ISSUER_CONTACT must be one line',
      'INGAM_ISSUER_LOGO must be a PNG of at most 256 KiB',
      'INGAM_ISSUER_NAME must be set as well: INGAM_ISSUER_CONTACT, INGAM_ISSUER_LOGO are printed beside it',
      'INGAM_PDF_KEY, INGAM_PDF_CHAIN: the chain must be PEM, with the certificate of the private key first: the file has no "-----BEGIN CERTIFICATE-----" block',
    ]);
    expect(mistakesOf({ INGAM_PDF_KEY: key })).toEqual([
      'INGAM_PDF_CHAIN must be set as well: INGAM_PDF_KEY, INGAM_PDF_CHAIN go together',
    ]);
    expect(mistakesOf({ INGAM_PDF_TSA: 'seoul' })).toEqual([
      'INGAM_PDF_TSA must be the name of a "tsa" line of INGAM_TIME_SOURCES; "seoul" is none',
    ]);
    const [missing = ''] = mistakesOf({ INGAM_ISSUER_NAME: 'x', INGAM_ISSUER_LOGO: folder.at('none') });
    expect(missing).toContain('INGAM_ISSUER_LOGO cannot be read: ENOENT');
  });
});

it('refuses credentials in the address of a witness', () => {
  const key = formatVerifierKey(generateKey('w.example', COSIGNATURE).key);
  const policy = `witness w ${key} https://user:secret@w.example\nquorum w\n`;
  expect(mistakesOf({ INGAM_MEMBERS: policy })).toEqual([
    'INGAM_MEMBERS is not a policy: the address of the witness w must not contain a user name or password',
  ]);
});

describe("the configuration of a member's node", () => {
  it('reports mistakes of every kind at once', () => {
    const upstream = formatVerifierKey(generateKey('notary.example.com/main').key);
    expect(
      mistakesOf(
        {
          INGAM_MEMBER_UPSTREAM_KEY: upstream,
          INGAM_MEMBER_LOGS: upstream,
          INGAM_MEMBER_PEERS: 'https://a.example b.example',
          INGAM_MEMBER_POLL_MS: '1',
          INGAM_MAX_QUEUE: '10',
        },
        loadMemberConfig,
      ),
    ).toEqual([
      'INGAM_MEMBER_UPSTREAM is missing',
      'INGAM_MEMBER_PEERS must be an http(s) address',
      'INGAM_MEMBER_POLL_MS must be from 100 to 3600000',
      'INGAM_MAX_QUEUE is not a setting',
      'INGAM_MEMBER_LOGS names the followed log, which is cosigned anyway',
    ]);
  });
});
