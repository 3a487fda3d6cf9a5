import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bearer, createKey, createOrganization, createUser } from '../support/people.js';
import { displayWidth } from '../../src/cli/io.js';
import { invoke, type InvokeOptions } from './invoke.js';
import { exists, folder, proofOf, service, useService } from './service.js';

useService();

let key: { id: string; secret: string };
let organization: string;
let writeOnly: { id: string; secret: string };
beforeAll(async () => {
  const { id } = await createOrganization(service, '예시 주식회사');
  organization = id;
  key = await createKey(service, id);
  writeOnly = await createKey(service, id, ['notarize']);
});

/** Runs a command whose settings are those that `login` has saved. */
const ingam = (argv: string[], options: InvokeOptions = {}) =>
  invoke(argv, {
    cwd: folder.path,
    ...options,
    env: { XDG_CONFIG_HOME: folder.at('config'), ...options.env },
  });
const CONFIG = ['config', 'ingam', 'config.json'] as const;
const login = () => ingam(['login', '--server', service.url], { stdin: [Buffer.from(`${key.secret}\n`)] });
const hex = (text: string) => createHash('sha256').update(text).digest('hex');

describe('login', () => {
  test('checks and saves server and key, which only the user can read, and never prints the key', async () => {
    const { code, stdout, stderr } = await login();
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain(`key ${key.id} of 예시 주식회사, which may notarize, read.`);
    expect(((await stat(folder.at(...CONFIG))).mode & 0o777).toString(8)).toBe('600');
    const shown = await ingam(['config']);
    expect(shown.stdout).toContain(`server: ${service.url}/ (saved: `);
    expect(shown.stdout).toContain(`key: ingam_${key.id}_… (saved: `);
    const json = await ingam(['config', '--json']);
    for (const text of [stderr, shown.stdout, json.stdout]) expect(text).not.toContain(key.secret);
    await chmod(folder.at(...CONFIG), 0o644);
    expect((await ingam(['list'])).stderr).toContain('other users of this machine can read');
  });

  test('asks for the key on a terminal', async () => {
    const asked: string[] = [];
    const askSecret = (question: string) => Promise.resolve(asked.push(question) === 1 ? key.secret : '');
    expect((await ingam(['login', '--server', service.url], { askSecret })).code).toBe(0);
    expect(asked).toEqual([`API key for ${service.url}/ (not shown): `]);
    const none = await ingam(['login', '--server', service.url], { askSecret });
    expect(none.code).toBe(2);
    expect(none.stderr).toContain('ingam login --anonymous');
  });

  test('says what to do about a wrong key or server, and saves nothing', async () => {
    const wrong = await ingam(['login', '--server', service.url, '--key', 'ingam_x_y']);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('wrong, expired or revoked');
    const nobody = await ingam(['login', '--server', 'http://127.0.0.1:1', '--key', 'x']);
    expect(nobody.code).toBe(2);
    expect(nobody.stderr).toContain('cannot reach http://127.0.0.1:1/');
    expect(await exists(...CONFIG)).toBe(false);
  });

  test('gives a saved key to the saved server only; options and environment take precedence', async () => {
    await login();
    const config = async (...argv: string[]) => {
      const { stdout } = await ingam(['config', '--json', ...argv]);
      return JSON.parse(stdout) as { server: { value: string; source: string }; key: unknown };
    };
    expect(await config('--server', 'https://other.example')).toMatchObject({
      server: { value: 'https://other.example/', source: 'option' },
      key: null,
    });
    const sent: (string | undefined)[] = [];
    const other = createServer((request, response) => {
      sent.push(request.headers.authorization);
      response.writeHead(404).end();
    }).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await ingam(['show', hex('x'), '--server', `http://127.0.0.1:${port}`]);
    other.close();
    expect(sent).toEqual([undefined]);
    const { stdout } = await ingam(['config', '--json'], {
      env: { INGAM_SERVER: 'https://env.example', INGAM_KEY: 'ingam_e_s' },
    });
    expect(JSON.parse(stdout)).toMatchObject({
      server: { value: 'https://env.example/', source: 'environment' },
      key: { id: 'e', source: 'environment' },
    });
  });

  test('saves a server alone with --anonymous, and forgets both with logout', async () => {
    expect((await ingam(['login', '--server', service.url, '--anonymous'])).code).toBe(0);
    expect((await ingam(['config'])).stdout).toContain('key: (none)');
    await login();
    const out = await ingam(['logout']);
    expect(out.stderr).toContain('stays valid');
    expect(await exists(...CONFIG)).toBe(false);
    expect((await ingam(['logout'])).stderr).toContain('Nothing was saved');
  });

  test('names a damaged file, which logout removes', async () => {
    await mkdir(folder.at('config', 'ingam'), { recursive: true });
    await writeFile(folder.at(...CONFIG), '{"sever":"x"}');
    const { code, stderr } = await ingam(['list']);
    expect(code).toBe(2);
    expect(stderr).toContain('Remove it with "ingam logout"');
    expect((await ingam(['logout'])).code).toBe(0);
    expect(await exists(...CONFIG)).toBe(false);
  });
});

describe('the register', () => {
  beforeEach(login);
  const notarize = async (name: string, text: string, ...argv: string[]) => {
    await writeFile(folder.at(name), text);
    const { code, stdout } = await ingam(['notarize', name, '--names', '--json', ...argv]);
    expect(code).toBe(0);
    return (JSON.parse(stdout) as { documents: { id: string }[] }).documents[0]?.id ?? '';
  };
  interface Listed {
    readonly notarizations: readonly { readonly id: string; readonly details: { readonly name: string } }[];
    readonly next: string | null;
  }
  const listed = async (...argv: string[]) => {
    const { code, stdout, stderr } = await ingam(['list', '--json', ...argv]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout) as Listed;
  };

  test('is listed with names, searched, and paged', async () => {
    const ids: string[] = [];
    for (const name of ['임대차 계약서.pdf', 'lease.pdf', 'offer.pdf']) {
      ids.unshift(await notarize(name, `register ${name}`, '--tag', 'paging', '--reference', '2026-가-7'));
    }
    const { code, stdout } = await ingam(['list', '--tag', 'paging']);
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^ACCEPTED +STATUS +DOCUMENT +REFERENCE +TAGS +ID$/);
    expect(lines[3]).toContain('임대차 계약서.pdf');
    expect(
      new Set(lines.map((line) => displayWidth(line.slice(0, /ID$|[0-9]+-[0-9a-f]{16}/.exec(line)?.index))))
        .size,
    ).toBe(1);

    const first = await listed('--tag', 'paging', '--limit', '2');
    expect(first.notarizations.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    const rest = await listed('--tag', 'paging', '--limit', '2', '--cursor', first.next ?? '');
    expect(rest.notarizations.map(({ id }) => id)).toEqual(ids.slice(2));
    expect((await listed('--tag', 'paging', '--all', '--order', 'oldest')).notarizations).toHaveLength(3);
    expect((await listed('lease', '--from', '1h')).notarizations.map(({ details }) => details.name)).toEqual([
      'lease.pdf',
    ]);
    expect((await listed('--sha256', hex('register offer.pdf').toUpperCase())).notarizations).toHaveLength(1);
    expect((await listed('nothing-like-this')).notarizations).toEqual([]);
    const more = await ingam(['list', '--tag', 'paging', '--limit', '1']);
    expect(more.stderr).toMatch(
      /^1 notarization shown; there are more\. The next page: --cursor [0-9]+\. All: --all\n$/,
    );
    const korean = await ingam(['list', '--tag', 'paging', '--lang', 'ko']);
    expect(korean.stdout).toMatch(/^접수 +상태 +문서 +관리 번호 +태그 +ID\n/);
  });

  test('is written as CSV, and an existing file only with --force', async () => {
    await notarize('csv.pdf', 'register csv', '--tag', 'csv');
    expect((await ingam(['list', '--tag', 'csv', '--csv', 'r.csv'])).code).toBe(0);
    expect(await readFile(folder.at('r.csv'), 'utf8')).toMatch(/^\ufeffid,.*\r\n[0-9]+-.*csv\.pdf.*\r\n$/);
    expect((await ingam(['list', '--csv', 'r.csv'])).code).toBe(2);
    expect((await ingam(['list', '--csv', 'r.csv', '--force'])).code).toBe(0);
  });

  test('is not shown without a key that may read', async () => {
    const anonymous = await ingam(['list', '--server', service.url, '--key', writeOnly.secret]);
    expect(anonymous.code).toBe(2);
    expect(anonymous.stderr).toContain('an API key of it that may read (ingam login)');
    await ingam(['logout']);
    const without = await ingam(['list', '--server', service.url]);
    expect(without.code).toBe(2);
    expect(without.stderr).toContain('ingam login');
  });

  test('shows a notarization by id, digest and file', async () => {
    const id = await notarize('shown.pdf', 'register shown', '--title', '제목');
    const byId = await ingam(['show', id]);
    expect(byId.code).toBe(0);
    expect(byId.stdout).toMatch(new RegExp(`^id: ${id}\nstatus: sealed\n`));
    expect(byId.stdout).toContain('details:\n  name: shown.pdf\n  title: 제목\n');
    for (const word of [hex('register shown').toUpperCase(), 'shown.pdf']) {
      const { stdout } = await ingam(['show', word, '--json']);
      expect(JSON.parse(stdout)).toMatchObject({ notarizations: [{ id }] });
    }
    await writeFile(folder.at('unknown'), 'never notarized');
    const unknown = await ingam(['show', 'unknown']);
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain('unknown: this service has no notarization of it that you may see');
    expect((await ingam(['show', `9${id}`])).code).toBe(1);
    const missing = await ingam(['show', 'missing']);
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain('missing: no such file');
  });

  test('shows added tags and what happened to a document, to its organization only', async () => {
    const id = await notarize('told.pdf', 'register told', '--tag', 'early');
    const { accessToken } = await createUser(service, organization, 'notary');
    const call = async (method: string, path: string, body: object) => {
      const headers = { ...bearer(accessToken), 'content-type': 'application/json' };
      const { status } = await fetch(service.url + path, { method, headers, body: JSON.stringify(body) });
      expect(status).toBe(200);
    };
    await call('POST', '/v1/tags', { notarizations: [id], add: ['late'] });
    await call('PATCH', `/v1/notarizations/${id}`, { published: true });
    const list = await ingam(['list', '--sha256', hex('register told')]);
    expect(list.stdout).toContain(`early, late  ${id}\n`);
    const lines = new RegExp(
      String.raw`^added tags: late\npublished: yes\nhistory \(newest first\):\n  2.* UTC Details published by person:\S+\n(?:  .*\n)*  2.* UTC Sealed in block [0-9]+\n  2.* UTC Notarized by key:${key.id}\n$`,
      'm',
    );
    for (const word of [id, 'told.pdf']) expect((await ingam(['show', word])).stdout).toMatch(lines);
    const korean = await ingam(['show', id, '--lang', 'ko']);
    expect(korean.stdout).toMatch(
      /^추가한 태그: late\n공개: 예\n이력\(최신순\):\n {2}2.* UTC 문서 정보 공개: person/m,
    );
    const { stdout } = await ingam(['show', 'told.pdf', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      notarizations: [
        {
          ...{ id, addedTags: ['late'] },
          history: {
            events: [
              { kind: 'details_published' },
              { kind: 'proof_downloaded' },
              { kind: 'sealed' },
              { kind: 'notarized' },
            ],
          },
        },
      ],
    });
    await ingam(['logout']);
    const stranger = await ingam(['show', 'told.pdf', '--server', service.url]);
    expect(stranger.stdout).toContain('name: told.pdf');
    expect(stranger.stdout).not.toMatch(/history|late/);
  });

  test('gives proofs by id, digest and file, and replaces no other file', async () => {
    const id = await notarize('계약.pdf', 'register proof');
    await rm(folder.at('계약.pdf.ingam.json'));
    const byFile = await ingam(['proof', '계약.pdf']);
    expect({ code: byFile.code, stdout: byFile.stdout }).toEqual({
      code: 0,
      stdout: '계약.pdf.ingam.json\n',
    });
    const trusted = ['--key', service.verifierKey];
    expect((await ingam(['verify', '계약.pdf', ...trusted])).code).toBe(0);
    expect((await ingam(['proof', '계약.pdf'])).stderr).toContain('already there');
    const byId = await ingam(['proof', id, hex('register proof'), '--out', 'proofs', '--json']);
    expect(byId.code).toBe(1);
    expect(JSON.parse(byId.stdout)).toMatchObject({
      proofs: [
        { of: id, status: 'saved', id, proof: folder.at('proofs', '계약.pdf.ingam.json') },
        { status: 'failed', error: { code: 'conflict' } },
      ],
    });
    expect((await proofOf('proofs', '계약.pdf.ingam.json')).details).toEqual({ name: '계약.pdf' });

    await writeFile(folder.at('계약.pdf.ingam.json'), 'mine');
    const kept = await ingam(['proof', '계약.pdf']);
    expect(kept.code).toBe(2);
    expect(kept.stderr).toContain('Use --force to replace it.');
    expect(await readFile(folder.at('계약.pdf.ingam.json'), 'utf8')).toBe('mine');
    expect((await ingam(['proof', '계약.pdf', '--force'])).code).toBe(0);
    expect((await ingam(['verify', '계약.pdf', ...trusted])).code).toBe(0);
  });
});
