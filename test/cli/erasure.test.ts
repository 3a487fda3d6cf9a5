import { createHash } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { Accepted } from '../../src/http/schemas/resources.js';
import {
  bearer,
  createKey,
  createOrganization,
  createUser,
  PASSWORD,
  type Someone,
} from '../support/people.js';
import { invoke, type InvokeOptions } from './invoke.js';
import { exists, folder, service, useService } from './service.js';

useService();

let owner: Someone;
let second: Someone;
let key: string;
beforeAll(async () => {
  const { id } = await createOrganization(service, 'Example Ltd');
  [owner, second] = [await createUser(service, id, 'owner'), await createUser(service, id, 'owner')];
  key = (await createKey(service, id)).secret;
});

const ingam = (argv: string[], options: InvokeOptions = {}) =>
  invoke(argv, {
    cwd: folder.path,
    ...options,
    env: { INGAM_SERVER: service.url, XDG_CONFIG_HOME: folder.at('config'), ...options.env },
  });
const as = (person: Someone, argv: string[], options: InvokeOptions = {}) =>
  ingam([...argv, '--user', person.email], { askSecret: () => Promise.resolve(PASSWORD), ...options });

let made = 0;
async function notarize(...tags: string[]): Promise<string> {
  const sha256 = createHash('sha256').update(`erased ${made++}`).digest('hex');
  const details = { name: 'contract.pdf', ...(tags.length === 0 ? {} : { tags }) };
  const res = await fetch(`${service.url}/v1/notarizations?wait=sealed`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...bearer(key) },
    body: JSON.stringify({ documents: [{ sha256, details }] }),
  });
  return Accepted.parse(await res.json()).notarizations[0]?.id ?? expect.fail();
}

describe('erase', () => {
  test('asks on a terminal, erases, and saves a certificate that verifies with its proof', async () => {
    const id = await notarize();
    const asked: string[] = [];
    const answering = (answer: string) => ({
      ask: (question: string) => {
        asked.push(question);
        return Promise.resolve(answer);
      },
    });
    const kept = await as(owner, ['erase', id], answering('yes'));
    expect(kept.code).toBe(1);
    expect(kept.stderr).toContain('Nothing was erased.');
    const { code, stderr } = await as(owner, ['erase', id], answering('erase'));
    expect({ code, asked: asked.length }).toEqual({ code: 0, asked: 2 });
    expect(stderr).toContain('contract.pdf');
    const file = `erasure-${id.split('-')[0] ?? ''}.txt`;
    expect(stderr).toContain(`${id}: erased. Certificate: ${file}`);

    // The proof is pending at first.
    expect((await ingam(['upgrade', `${file}.ingam.json`, '--wait'])).code).toBe(0);
    const verified = await ingam(['verify', file, '--key', service.verifierKey]);
    expect(verified.stdout).toContain('VERIFIED');
    expect(verified.stderr).toContain(
      'It certifies that test.example/log erased the content of the notarization',
    );
    expect(verified.code).toBe(0);
    const json = await ingam(['verify', file, '--key', service.verifierKey, '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ verdict: 'verified', erasure: { signed: true } });

    const before = await readFile(folder.at(file), 'utf8');
    const again = await as(second, ['erase', id, '--yes']);
    expect(again.code).toBe(0);
    expect(again.stderr).toContain('was erased before');
    expect(await readFile(folder.at(file), 'utf8')).toBe(before);
  });

  test('without a terminal needs --yes, and a person', async () => {
    const id = await notarize();
    const unconfirmed = await ingam(['erase', id]);
    expect([unconfirmed.code, unconfirmed.stderr.includes('--yes')]).toEqual([2, true]);
    const byKey = await ingam(['erase', id, '--yes', '--key', key]);
    expect(byKey.code).toBe(2);
    expect(byKey.stderr).toContain('--user EMAIL');
    const piped = await ingam(['erase', id, '--yes', '--user', owner.email, '--json'], {
      stdin: [Buffer.from(`${PASSWORD}\n`)],
    });
    expect(piped.code).toBe(0);
    expect(JSON.parse(piped.stdout)).toMatchObject({
      erasures: [{ id, certificate: expect.any(String) as string }],
    });
    const wrong = await ingam(['erase', 'x', '--yes']);
    expect([wrong.code, wrong.stderr.includes('is not the id')]).toEqual([2, true]);
  });

  test('does not replace another file of the same name, and goes on with the others', async () => {
    const [first, next] = [await notarize(), await notarize()];
    const file = `erasure-${first.split('-')[0] ?? ''}.txt`;
    await writeFile(folder.at(file), 'mine');
    const { code, stderr } = await as(owner, ['erase', first, next, '--yes']);
    expect(code).toBe(1);
    expect(stderr).toContain('it was not changed');
    expect(await readFile(folder.at(file), 'utf8')).toBe('mine');
    expect(await exists(`erasure-${next.split('-')[0] ?? ''}.txt`)).toBe(true);
  });
});

describe('erase --list', () => {
  test('shows the erasures to owners, latest first, as a table and as JSON', async () => {
    const [first, next] = [await notarize(), await notarize()];
    expect((await as(owner, ['erase', first, next, '--yes'])).code).toBe(0);
    const { code, stdout } = await as(second, ['erase', '--list']);
    expect(code).toBe(0);
    const [head, ...lines] = stdout.split('\n');
    expect(head).toMatch(/^POSITION +ERASED +BY +CERTIFICATE/);
    const positions = [next, first].map((id) => id.split('-')[0]);
    expect(lines.slice(0, 2).map((line) => line.split(' ')[0])).toEqual(positions);
    expect(lines[0]).toContain(owner.personId);
    const json = await as(second, ['erase', '--list', '--json']);
    const { erasures } = JSON.parse(json.stdout) as { erasures: { position: number; certificate: string }[] };
    expect(erasures.slice(0, 2).map(({ position }) => String(position))).toEqual(positions);
    expect(erasures[0]?.certificate).toContain('ingam/erasure/v1');
    for (const argv of [['erase'], ['erase', first, '--list']]) expect((await ingam(argv)).code).toBe(2);
  });
});

describe('erasure-keys', () => {
  test('makes a file that is never replaced, lists its trees, and adds one', async () => {
    const made = await ingam(['erasure-keys', '--new', 'e.keys']);
    expect(made.code).toBe(0);
    expect(made.stderr).toContain('Keep a copy elsewhere');
    expect(((await stat(folder.at('e.keys'))).mode & 0o777).toString(8)).toBe('600');
    expect((await ingam(['erasure-keys', '--new', 'e.keys'])).code).toBe(2);
    const env = { INGAM_ERASURE_KEYS: folder.at('e.keys'), INGAM_DATA_DIR: folder.at('data') };
    const rotated = await ingam(['erasure-keys', '--rotate', '--database', service.databaseUrl, '--json'], {
      env,
    });
    expect(rotated.code).toBe(0);
    const { trees } = JSON.parse(rotated.stdout) as { trees: { id: string; nodes: number }[] };
    expect(trees.map(({ nodes }) => nodes)).toEqual([1, 1]);
    const shown = await ingam(['erasure-keys'], { env });
    expect(shown.stdout).toContain(trees[1]?.id);
    expect((await service.store.keyTrees()).includes(trees[1]?.id ?? '')).toBe(true);
    const unset = await ingam(['erasure-keys']);
    expect([unset.code, unset.stderr.includes('ingam erasure-keys --new FILE')]).toEqual([2, true]);
    expect((await ingam(['erasure-keys', '--new', 'x', '--rotate'])).code).toBe(2);
  });
});

test('verify refuses a notarized text that only looks like a certificate', async () => {
  await writeFile(
    folder.at('fake.txt'),
    `ingam/erasure/v1\ntest.example/log\n1\n${'A'.repeat(43)}=\n5\n\n— x AAAA\n`,
  );
  expect((await ingam(['notarize', 'fake.txt', '--wait'])).code).toBe(0);
  const { code, stdout, stderr } = await ingam(['verify', 'fake.txt', '--key', service.verifierKey]);
  expect(code).toBe(1);
  expect(stdout).not.toContain('VERIFIED');
  expect(stderr).toContain('claims to certify an erasure, and does not');
});

describe('hold', () => {
  test('keeps what a search finds until two owners lift it', async () => {
    const id = await notarize('case 12');
    const placed = await as(owner, ['hold', '--tag', 'case 12', '--reason', 'case 12 of 2026']);
    expect(placed.code).toBe(0);
    const hold = placed.stdout.trim();
    expect(placed.stderr).toContain(`Legal hold ${hold} keeps 1 notarization.`);
    const refused = await as(second, ['erase', id, '--yes']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('legal hold');

    expect((await as(owner, ['hold', '--lift', hold, '--reason', 'closed'])).code).toBe(0);
    const same = await as(owner, ['hold', '--approve', hold]);
    expect(same.code).toBe(1);
    expect(same.stderr).toContain('another owner has to approve');
    expect((await as(second, ['hold', '--keep', hold])).code).toBe(0);
    expect((await as(owner, ['hold', '--lift', hold, '--reason', 'closed'])).code).toBe(0);
    const list = await as(second, ['hold', '--list']);
    expect(list.stdout).toContain('lifting requested');
    expect((await as(second, ['hold', '--approve', hold])).code).toBe(0);
    expect((await as(second, ['erase', id, '--yes'])).code).toBe(0);
  });

  test('needs one action and a reason', async () => {
    for (const argv of [[], ['1-0000000000000000'], ['--list', '--keep', 'hld_x'], ['--lift', 'hld_x']]) {
      expect((await ingam(['hold', ...argv])).code, argv.join(' ')).toBe(2);
    }
  });
});

test('an audit from outside finds nothing after erasures', async () => {
  const id = await notarize();
  expect((await as(owner, ['erase', id, '--yes'])).code).toBe(0);
  const { code, stdout } = await ingam(['audit', '--server', service.url, '--key', service.verifierKey]);
  expect({ code, stdout }).toMatchObject({ code: 0 });
});
