import { createHash } from 'node:crypto';
import { get as httpGet, type IncomingMessage } from 'node:http';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LOCAL } from '../../src/auth/index.js';
import { Problem, Register } from '../../src/http/schemas/resources.js';
import { bearer, createKey, createOrganization, createUser, HERE, type Key } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
let organizationId: string;
let key: Key;
let reader: string;
beforeAll(async () => {
  service = await startService();
  organizationId = (await createOrganization(service)).id;
  key = await createKey(service, organizationId);
  reader = (await createUser(service, organizationId, 'auditor')).accessToken;
  const other = await createKey(service, (await createOrganization(service)).id);
  await submit(other.secret, [{ name: 'other.pdf', tags: ['hr'] }]);
  await submit(null, [{ name: 'nobody.pdf', tags: ['hr'] }]);
  await submit(key.secret, [
    { name: 'lease 2026.pdf', tags: ['Board', 'hr'] },
    { title: '매매계약서', reference: 'AB-17' },
    { name: '=cmd|calc.csv', author: 'Kim, "K"', note: 'line one\nline two' },
  ]);
  await submit(other.secret, [{ name: 'other.pdf' }]);
  await submit(key.secret, [undefined]);
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

const digest = (i: number) => createHash('sha256').update(`document ${i}`).digest('hex');
let submitted = 0;
async function submit(secret: string | null, details: readonly (object | undefined)[]) {
  const documents = details.map((each) => ({
    sha256: digest(submitted++),
    ...(each === undefined ? {} : { details: each }),
  }));
  await request(service.url)
    .post('/v1/notarizations?wait=sealed')
    .set(secret === null ? {} : bearer(secret))
    .send({ documents })
    .expect(201);
}

const list = async (query = '', token = reader) =>
  Register.parse(
    (await request(service.url).get(`/v1/notarizations${query}`).set(bearer(token)).expect(200)).body,
  );
const positions = async (query: string) => (await list(query)).notarizations.map(({ position }) => position);

describe('the list', () => {
  test('has only the organization’s notarizations, newest first, with the submitter', async () => {
    const { notarizations, next } = await list();
    expect(next).toBeNull();
    expect(notarizations.map(({ position }) => position)).toEqual([6, 4, 3, 2]);
    for (const each of notarizations) {
      expect(each).toMatchObject({ status: 'sealed', submittedBy: `key:${key.id}`, published: false });
    }
    expect(notarizations[2]?.details).toEqual({ title: '매매계약서', reference: 'AB-17' });
  });

  test.each([
    ['?limit=1', [6]],
    ['?limit=4', [6, 4, 3, 2]],
    ['?q=lease', [2]],
    ['?q=lea', [2]],
    ['?q=LEASE+20', [2]],
    ['?q=ease', [2]],
    ['?q=lease+kim', []],
    ['?q=ab-17', [3]],
    [`?q=${encodeURIComponent('계약')}`, [3]],
    ['?q=other', []],
    ['?q=%21%21', []],
    ['?tag=board', [2]],
    ['?tag=BOARD', [2]],
    ['?tag=boar', []],
    ['?tag=hr&q=lease', [2]],
    [`?sha256=${digest(3).slice(0, 8)}`, [3]],
    [`?sha256=${digest(3)}`, [3]],
    [`?sha256=SHA256:%20${digest(3).slice(0, 12).toUpperCase()}`, [3]],
    [`?sha256=${digest(0)}`, []],
    ['?status=sealed', [6, 4, 3, 2]],
    ['?status=accepted', []],
    ['?status=anchored', []],
    ['?from=2000-01-01&to=2001-01-01T00:00:00Z', []],
    ['?from=2000-01-01', [6, 4, 3, 2]],
    ['?to=2000-01-01T00:00:00%2B09:00', []],
    ['?cursor=4', [3, 2]],
    ['?cursor=0', []],
    ['?order=newest', [6, 4, 3, 2]],
    ['?order=oldest', [2, 3, 4, 6]],
    ['?order=oldest&cursor=3', [4, 6]],
    ['?order=oldest&cursor=6', []],
    ['?order=oldest&tag=board', [2]],
    ['?skip=1&limit=2', [4, 3]],
    ['?skip=3&order=oldest', [6]],
    ['?skip=4', []],
    ['?order=name', [4, 2, 3, 6]],
    ['?order=name-reversed', [3, 2, 4, 6]],
    ['?order=reference', [3, 6, 4, 2]],
    ['?order=reference&skip=1&limit=1', [6]],
    ['?order=name&tag=hr', [2]],
    [`?order=name&sha256=${digest(3).slice(0, 8)}`, [3]],
    [`?order=name&tag=hr&sha256=${digest(3).slice(0, 8)}`, []],
  ])('%s', async (query, expected) => {
    expect(await positions(query)).toEqual(expected);
  });

  test.each([
    ['?count=true&limit=1', 4],
    ['?count=true&tag=hr', 1],
    ['?count=true&order=name&skip=3', 4],
    ['?count=true&status=accepted', 0],
    [`?count=true&sha256=${digest(3)}`, 1],
    ['?count=true&q=%21%21', 0],
    ['?count=true&to=2000-01-01', 0],
  ])('%s counts what matches, whatever the page', async (query, expected) => {
    expect((await list(query)).total).toBe(expected);
  });

  test('returns each notarization once, page by page', async () => {
    const seen: number[] = [];
    let pages = 0;
    for (let cursor: string | null = ''; cursor !== null; pages++) {
      const page: Register = await list(`?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
      seen.push(...page.notarizations.map(({ position }) => position));
      cursor = page.next;
    }
    expect(seen).toEqual([6, 4, 3, 2]);
    expect(pages).toBeLessThanOrEqual(3);
  });

  test.each([
    ['?limit=0'],
    ['?limit=1001'],
    ['?cursor=x'],
    ['?sha256=abc'],
    [`?sha256=${'G'.repeat(8)}`],
    ['?status=cosigned'],
    ['?order=size'],
    ['?order=name&cursor=3'],
    ['?skip=1&cursor=3'],
    ['?skip=20001'],
    ['?count=yes'],
    ['?format=csv&order=name'],
    ['?from=yesterday'],
    ['?from=2026-02-30'],
    ['?q='],
    ['?organization=org_x'],
    ['?tag=a&tag=b'],
    ['?format=xml'],
    ['?format=csv&limit=5'],
  ])('%s is refused', async (query) => {
    const res = await request(service.url).get(`/v1/notarizations${query}`).set(bearer(reader)).expect(400);
    expect(Problem.parse(res.body).code).toBe('invalid_parameter');
  });
});

/** The cells as spreadsheets find them: quotation marks mean something only at the beginning of a cell. */
function cellsOf(text: string, separator: string): string[] {
  const cells: string[] = [];
  for (let at = 0; at < text.length; at++) {
    let cell = '';
    if (text[at] === '"') {
      for (at++; at < text.length && (text[at] !== '"' || text[at + 1] === '"'); at++) {
        if (text[at] === '"') at++;
        cell += text[at] ?? '';
      }
      at++;
    }
    for (; at < text.length && text[at] !== separator && !/[\r\n]/.test(text[at] ?? ''); at++) {
      cell += text[at] ?? '';
    }
    cells.push(cell);
  }
  return cells;
}

describe('as CSV', () => {
  const csv = (query: string, token = reader) =>
    request(service.url).get(`/v1/notarizations?format=csv${query}`).set(bearer(token)).buffer(true);

  test('is quoted, in UTF-8 that spreadsheets recognise, and without formulas', async () => {
    const res = await csv('').expect(200);
    expect(res.headers['content-type']).toBe('text/csv; charset=utf-8; header=present');
    expect(res.headers['content-disposition']).toBe('attachment; filename="ingam-register.csv"');
    expect(res.text.startsWith('\ufeffid,position,sha256,')).toBe(true);
    expect(res.text).toContain(`,"Kim, ""K""",`);
    expect(res.text).toContain('"line one\nline two"');
    expect(res.text).toContain(",'=cmd|calc.csv,");
    expect(res.text).toContain('매매계약서');
    // One line each, one of them with a line feed within quotes.
    expect(res.text.split('\r\n').filter((line) => line !== '')).toHaveLength(5);
    expect((await csv('&q=lease')).text.split('\r\n').filter((line) => line !== '')).toHaveLength(2);
  });

  test('names who submitted to auditors and owners, and to API keys only their ids', async () => {
    const ends = async (token: string) =>
      (await csv('&q=lease', token)).text
        .trimEnd()
        .split('\r\n')
        .map((line) => line.split(',').slice(-2));
    const head = ['submittedBy', 'submitterId'];
    expect(await ends(reader)).toEqual([head, ['key', `key:${key.id}`]]);
    expect(await ends(key.secret)).toEqual([head, [`key:${key.id}`, `key:${key.id}`]]);
  });

  test.each([',', ';', '\t'])(
    'has no formula in a spreadsheet that separates cells by %j',
    async (separator) => {
      const { id } = await createOrganization(service, 'Formulas');
      const writer = await createKey(service, id);
      const texts = [
        'x;=cmd|/C calc!A0',
        '=1',
        '"=2',
        'a;"=3',
        "a;'=4",
        'a;+5',
        'a;@6',
        'a;-7',
        'a;;=8',
        'a;\uff1d9',
      ];
      await submit(writer.secret, [
        ...texts.map((title) => ({ title })),
        ...['a\n=1', 'a\t=2', 'a;\n"=3', 'a\n\n=4', 'a\t\t@5', 'a;=6\n=7;=8'].map((note) => ({ note })),
        ...texts.slice(0, 4).map((tag) => ({ tags: ['a', tag] })),
      ]);
      const { text } = await csv('', writer.secret).expect(200);
      expect(text).toContain("x;'=cmd|/C calc!A0");
      const cells = cellsOf(text.slice(1), separator);
      expect(cells.length).toBeGreaterThan(20);
      expect(cells.filter((cell) => /^[=+\-@\t\r\uff0b\uff0d\uff1d\uff20]/.test(cell))).toEqual([]);
    },
  );

  test('has all matches, and is cut off when the reader loses access', async () => {
    const { id } = await createOrganization(service, 'Large');
    const writer = await createKey(service, id);
    const lines = 12_000;
    const res = await fetch(`${service.url}/v1/notarizations`, {
      method: 'POST',
      headers: { ...bearer(writer.secret), 'content-type': 'application/x-ndjson' },
      body: Array.from(
        { length: lines },
        (_, i) =>
          `{"sha256":"${i.toString(16).padStart(64, '0')}","details":{"note":"${'n'.repeat(2000)}"}}\n`,
      ).join(''),
    });
    await res.text();
    const whole = await csv('', writer.secret).expect(200);
    expect(whole.text.split('\r\n')).toHaveLength(lines + 2);
    // A reader who stops reading, whose key is revoked then, and who reads on.
    const paused = await new Promise<IncomingMessage>((resolve, reject) => {
      httpGet(`${service.url}/v1/notarizations?format=csv`, { headers: bearer(writer.secret) }, resolve).on(
        'error',
        reject,
      );
    });
    await service.deps.access.keys.revoke(LOCAL, id, writer.id, HERE);
    let rest = '';
    paused.setEncoding('utf8').on('data', (chunk: string) => (rest += chunk));
    const ended = await new Promise<string>((resolve) => {
      paused.on('end', () => {
        resolve('end');
      });
      paused.on('error', () => {
        resolve('cut off');
      });
    });
    expect(ended).toBe('cut off');
    expect(rest.split('\r\n').length).toBeLessThan(lines);
  });
});
