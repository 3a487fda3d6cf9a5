import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { parseHistory } from '../../src/proof/index.js';
import { folder, ingam, proofOf, useService } from './service.js';

useService();

/** A key in `NAME.key`. @returns the public key */
async function keygen(name: string, ...more: string[]): Promise<string> {
  const argv = ['keygen', '--kind', 'holder', '--name', name, '--out', `${name}.key`, ...more];
  return (await ingam(...argv)).stdout.trim();
}

const record = (...argv: string[]) => ingam('record', ...argv);
const json = async (...argv: string[]) =>
  JSON.parse((await record(...argv, '--json')).stdout) as Record<string, unknown>;

/** A document that ada holds. @returns the record's id */
async function newDocument(...more: string[]): Promise<string> {
  await writeFile(folder.at('plan.txt'), 'plan');
  const argv = ['--field', 'document=@plan.txt', '--field', 'title=Plan', ...more];
  const { stdout, stderr, code } = await record('new', 'document', '--key', 'ada.key', ...argv);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^[0-9a-f]{64}\n$/);
  return stdout.trim();
}

describe('a record', () => {
  test('begins, takes events, and is shown to the holders of its keys and to nobody else', async () => {
    const ada = await keygen('ada', '--algorithm', 'ml-dsa-44');
    await keygen('eve');
    const id = await newDocument();
    await writeFile(folder.at('plan.txt'), 'plan 2');
    const added = await record(
      'add',
      id,
      'document.version',
      '--key',
      'ada.key',
      '--field',
      'document=@plan.txt',
    );
    expect(added).toMatchObject({ code: 0, stdout: '1\n' });
    expect(added.stderr).toMatch(
      /^Event 1 \(document\.version\) of record [0-9a-f]{64} is sealed in block \d+, .* UTC\.\n$/,
    );
    const shown = await record('show', id, '--key', 'ada.key');
    expect(shown.code).toBe(0);
    expect(shown.stdout).toMatch(/^status: current$/m);
    expect(shown.stdout).toMatch(/^title: Plan$/m);
    expect(shown.stdout).toMatch(/^ {2}0 document\.create: block \d+, /m);
    expect(shown.stdout).toMatch(/^ {2}document\.withdraw by ada\+[0-9a-f]{8}$/m);
    const { state, events } = await json('show', id, '--key', 'ada.key');
    expect(state).toMatchObject({ kind: 'document', holder: ada, versions: 2 });
    expect(events).toMatchObject([{ type: 'document.create' }, { type: 'document.version' }]);
    const foreign = await record('show', id, '--key', 'eve.key');
    expect(foreign).toMatchObject({ stdout: '' });
    expect(foreign.stderr).toContain('Only its parties see a record: give the key of one with --key FILE');
  });

  test('takes an event that is signed on several machines, as a file', async () => {
    const [ada, bob] = [await keygen('ada'), await keygen('bob')];
    const id = await newDocument();
    const holder = ['--field', `holder=${bob}`];
    const drafted = await record(
      'add',
      id,
      'record.rekey',
      '--key',
      'ada.key',
      ...holder,
      '--out',
      'rekey.json',
    );
    expect(drafted).toMatchObject({ code: 0, stdout: 'rekey.json\n' });
    expect(drafted.stderr).toMatch(/^Still to sign: bob\+[0-9a-f]{8}\. They do it with: ingam record sign/m);
    const early = await record('submit', 'rekey.json');
    expect(early).toMatchObject({ code: 1, stdout: '' });
    expect(early.stderr).toContain('missing_signature');
    const before = await readFile(folder.at('rekey.json'), 'utf8');
    const looked = await record('sign', 'rekey.json');
    expect(looked.stderr).toContain(`record.rekey, event 1 of record ${id}, in the log test.example/log:\n`);
    expect(looked.stderr).toContain(`holder: ${bob}`);
    expect(looked.stderr).toMatch(/^Signatures: ada\+[0-9a-f]{8}$/m);
    expect(await readFile(folder.at('rekey.json'), 'utf8')).toBe(before);
    expect(await record('sign', 'rekey.json', '--key', 'bob.key')).toMatchObject({ code: 0 });
    const twice = await record('sign', 'rekey.json', '--key', 'bob.key');
    expect(twice.code).toBe(2);
    expect(twice.stderr).toMatch(/the event has a signature of bob\+[0-9a-f]{8} already/);
    expect(await record('submit', 'rekey.json')).toMatchObject({ code: 0, stdout: '1\n' });
    // Again, as after a connection that broke.
    expect(await record('submit', 'rekey.json')).toMatchObject({ code: 0, stdout: '1\n' });
    expect(await json('show', id, '--key', 'bob.key')).toMatchObject({ holder: bob, sequence: 1 });
    expect(ada).not.toBe(bob);
  });

  test('refuses an event that comes too late, and says what came first', async () => {
    await keygen('ada');
    const id = await newDocument();
    const draft = ['--key', 'ada.key', '--out', 'late.json'];
    expect(await record('add', id, 'document.withdraw', ...draft)).toMatchObject({ code: 0 });
    await writeFile(folder.at('plan.txt'), 'plan 3');
    const version = ['document.version', '--key', 'ada.key', '--field', 'document=@plan.txt'];
    expect(await record('add', id, ...version)).toMatchObject({ code: 0 });
    const late = await record('submit', 'late.json', '--key', 'ada.key');
    expect(late).toMatchObject({ code: 1, stdout: '' });
    expect(late.stderr).toContain('nother event came first');
    expect(late.stderr).toContain(
      'Meanwhile: event 1 (document.version). Look at it with "ingam record show',
    );
    const failed = await json('submit', 'late.json', '--key', 'ada.key');
    expect(failed).toMatchObject({ error: { code: 'stale_value' } });
  });

  test('is saved as a history file, and never over another file', async () => {
    await keygen('ada');
    const id = await newDocument();
    const saved = await record('history', id, '--key', 'ada.key');
    expect(saved).toMatchObject({ code: 0, stdout: `${id.slice(0, 16)}.ingam-history.json\n` });
    const again = await record('history', id, '--key', 'ada.key');
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('already exists; it was not changed');
    // What a block states of records is no evidence of time, for them or for documents.
    const history = parseHistory(await readFile(folder.at(saved.stdout.trim())));
    expect(history.blocks.flatMap(({ anchors }) => anchors)).toEqual([]);
    expect((await ingam('notarize', 'plan.txt')).code).toBe(0);
    expect(await proofOf('plan.txt.ingam.json')).toMatchObject({ anchors: [] });
  });
});

describe('what became of an event', () => {
  /** A service that answers every submission like this, and knows its log. */
  async function answering(answer: object, use: (url: string) => Promise<void>): Promise<void> {
    const server = createServer((req, res) => {
      req.resume();
      res.setHeader('Content-Type', 'application/json');
      res.end(JSON.stringify(req.method === 'GET' ? { origin: 'test.example/log' } : answer));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }
  const event = { record: 'ab'.repeat(32), sequence: 3, type: 'contract.sign' };
  const submit = ['submit', 'plan.json', '--no-wait'];

  test.each([
    [{ ...event, status: 'void', reason: 'too_late' }, 1, 'is void (too_late): it changed nothing'],
    [{ ...event, status: 'accepted' }, 3, 'is accepted, not yet sealed. See: ingam record show'],
  ])('%j is told with its exit code', async (answer, code, words) => {
    await keygen('ada');
    await writeFile(folder.at('plan.txt'), 'plan');
    const draft = ['--key', 'ada.key', '--field', 'document=@plan.txt', '--out', 'plan.json'];
    expect(await record('new', 'document', ...draft)).toMatchObject({ code: 0 });
    await answering(answer, async (url) => {
      const told = await record(...submit, '--server', url);
      expect(told.code).toBe(code);
      expect(told.stderr).toContain(words);
    });
  });
});

describe('wrong use', () => {
  test.each([
    [['new', 'lease', '--key', 'ada.key'], 'KIND must be one of document, work, item, contract'],
    [['new', 'documnt', '--key', 'ada.key'], 'Did you mean: ingam record new document'],
    [['new', 'document'], 'missing --key FILE'],
    [['new', 'document', '--key', 'none.key'], 'none.key: no such file'],
    [['new', 'document', '--key', 'log.key'], 'log.key is the key of a log or of a member'],
    [['new', 'document', '--key', 'body.json'], 'Make one with: ingam keygen --kind holder'],
    [['new', 'document', '--key', 'ada.key'], 'the body must have the member "document"'],
    [
      ['new', 'document', '--key', 'ada.key', '--field', 'document=body.json'],
      'A document is given as NAME=@FILE',
    ],
    [['list'], 'Give an API key as an option'],
    [
      ['new', 'document', '--key', 'ada.key', '--key', 'bob.key', '--field', 'document=@ada.key'],
      'does not sign document.create',
    ],
    [['add', 'abc', 'document.withdraw', '--key', 'ada.key'], '"abc" is not a record'],
    [['add', '1'.repeat(64), 'document.withdraw', '--key', 'ada.key'], 'Only its parties see a record'],
    [['sign', 'ada.key'], 'ada.key is not a valid JSON file'],
    [['sign', 'body.json'], 'body.json is not an event'],
    [['submit', 'event.json'], 'event.json is not a valid event'],
    [['list', '--limit', '0'], '--limit must be a whole number'],
    [['history'], 'missing RECORD'],
    [['delete', 'x'], 'unknown command: record delete'],
  ])('%j is explained', async (argv, message) => {
    await keygen('ada');
    await keygen('bob');
    await ingam('keygen', '--name', 'log', '--kind', 'member', '--out', 'log.key');
    await writeFile(folder.at('body.json'), '{"title":"a"}');
    await writeFile(folder.at('event.json'), '{"note":"a\\n\\n","body":{}}');
    const { code, stdout, stderr } = await record(...argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  test('says which signature is missing', async () => {
    await keygen('ada');
    const bob = await keygen('bob');
    const id = await newDocument();
    const { code, stderr } = await record(
      'add',
      id,
      'record.rekey',
      '--key',
      'ada.key',
      '--field',
      `holder=${bob}`,
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(/record\.rekey also needs the signature of bob\+[0-9a-f]{8}/);
    expect(stderr).toContain('write the event with --out FILE');
  });
});
