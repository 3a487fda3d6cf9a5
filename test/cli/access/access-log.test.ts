import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readFile } from 'node:fs/promises';
import { run } from '../../../src/cli/run.js';
import { EVENT_KINDS } from '../../../src/store/index.js';
import { until } from '../../support/until.js';
import { createIo } from '../invoke.js';
import { createScene, type Scene } from './scene.js';

let scene: Scene;
let organization: string;
beforeAll(async () => {
  scene = await createScene();
  organization = await scene.line('organization', 'create', 'Example Ltd');
  await scene.line('user', 'add', 'kim@example.com', '--organization', organization, '--role', 'owner');
  await scene.line('key', 'create', '--organization', organization, '--name', 'archive');
  await scene.line('organization', 'create', 'Other Ltd');
});
afterAll(() => scene[Symbol.asyncDispose]());

interface Event {
  readonly id: number;
  readonly at: string;
  readonly kind: string;
  readonly organizationId: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

async function events(...argv: string[]): Promise<Event[]> {
  const { code, stdout } = await scene.ingam('access-log', '--json', ...argv);
  expect(code).toBe(0);
  return stdout
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Event);
}

describe('ingam access-log', () => {
  test('prints one event per line, the latest last', async () => {
    const { code, stdout, stderr } = await scene.ingam('access-log');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} UTC  organization_created +Example Ltd +- .* this machine +name=Example Ltd/,
    );
    expect(lines.at(-1)).toContain('name=Other Ltd');
    expect(lines.find((line) => line.includes('key_created'))).toContain('key=archive');
  });

  test('filters by organization, kind, time and number', async () => {
    const all = await events();
    expect(all.map(({ id }) => id)).toEqual([...all.map(({ id }) => id)].sort((a, b) => a - b));
    const own = await events('--organization', organization);
    expect(own.length).toBe(all.length - 1);
    expect(new Set(own.map((event) => event.organizationId))).toEqual(new Set([organization]));
    expect((await events('--kind', 'key_created', '--kind', 'user_added')).map(({ kind }) => kind)).toEqual([
      'user_added',
      'key_created',
    ]);
    const [first, second] = all;
    expect(await events('--limit', '1')).toEqual(all.slice(-1));
    expect(await events('--to', second?.at ?? '')).toEqual(all.filter(({ at }) => at < (second?.at ?? '')));
    expect(await events('--from', first?.at ?? '')).toEqual(all);
    expect(await events('--from', '1h')).toEqual(all);
    expect(await events('--to', '1h')).toEqual([]);
    const less = await scene.ingam('access-log', '--limit', '2');
    expect(less.stderr).toContain('Earlier events exist');
  });

  test('prints new events with --follow until it is stopped', async () => {
    const stop = new AbortController();
    const { io, written } = createIo({ signal: stop.signal });
    const argv = ['access-log', '--follow', '--json', '--limit', '1', '--kind', 'organization_created'];
    const following = run([...argv, '--database', scene.databaseUrl], io);
    try {
      await until('the last event before the start', () => written.stdout.includes('Other Ltd'));
      await scene.line('organization', 'create', 'Third Ltd');
      await scene.line('key', 'create', '--organization', organization, '--name', 'unseen');
      await scene.line('organization', 'create', 'Fourth Ltd');
      await until('the event that follows', () => written.stdout.includes('Fourth Ltd'));
    } finally {
      stop.abort();
    }
    expect(await following).toBe(0);
    const names = written.stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as Event).detail['name']);
    expect(names).toEqual(['Other Ltd', 'Third Ltd', 'Fourth Ltd']);
  });

  test.each<[string[], string]>([
    [['--kind', 'sign_inn'], 'Did you mean --kind sign_in?'],
    [['--kind', 'xyz'], 'The kinds are: operator_created,'],
    [['--from', 'yesterday'], '--from: yesterday is not a time'],
    [['--limit', '-5'], '--limit requires N'],
    [['--follow', '--to', '1h'], 'cannot be used together'],
    [['--user', 'nobody@example.com'], 'no person with this address or id: nobody@example.com'],
  ])('rejects %j', async (argv, message) => {
    const { code, stdout, stderr } = await scene.ingam('access-log', ...argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  test('docs/access.md explains exactly the existing kinds of events', async () => {
    const text = await readFile(new URL('../../../docs/access.md', import.meta.url), 'utf8');
    const table = text.split('\n## Access log')[1]?.split('\n## ')[0] ?? '';
    const rows = table.split('\n').filter((line) => line.startsWith('| `'));
    const named = rows.flatMap((row) =>
      [...(row.split('|')[1] ?? '').matchAll(/`([a-z_]+)`/g)].map(([, kind]) => kind),
    );
    expect([...named].sort()).toEqual([...EVENT_KINDS].sort());
  });
});
