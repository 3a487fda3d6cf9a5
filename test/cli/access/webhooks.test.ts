import { afterAll, beforeAll, expect, test } from 'vitest';
import { SECRET } from '../../support/parts.js';
import { type Receiver, startReceiver, verified } from '../../support/webhooks.js';
import { createScene, type Scene } from './scene.js';

let scene: Scene;
let receiver: Receiver;
let organization: string;
beforeAll(async () => {
  scene = await createScene({ INGAM_SECRET: SECRET, INGAM_WEBHOOK_PRIVATE: '127.0.0.0/8' });
  receiver = await startReceiver();
  organization = await scene.line('organization', 'create', 'Example Ltd');
});
afterAll(async () => {
  await receiver[Symbol.asyncDispose]();
  await scene[Symbol.asyncDispose]();
});

const webhook = (command: string, ...argv: string[]) =>
  scene.ingam('webhook', command, ...argv, '--organization', organization);

test('a webhook is made, shown, tested, changed, replayed and deleted', async () => {
  const made = await webhook('create', receiver.url, '--name', 'archive', '--type', 'notarization.sealed');
  expect(made.code).toBe(0);
  expect(made.stdout).toMatch(/^whsec_[A-Za-z0-9+/]{43}=\n$/);
  const [, id = ''] = /Webhook (whk_[a-z2-7]{20}) of Example Ltd/.exec(made.stderr) ?? [];
  expect((await webhook('list')).stdout).toMatch(
    new RegExp(`^${id}  archive  enabled  http://127\\.0\\.0\\.1:\\d+/hook  notarization\\.sealed$`, 'm'),
  );
  expect(await webhook('test', id)).toMatchObject({ code: 0 });
  const [message] = receiver.received;
  expect(verified(made.stdout.trim(), message ?? expect.fail())).toMatchObject({ type: 'webhook.test' });
  receiver.answer = () => ({ status: 500 });
  const failed = await webhook('test', id);
  expect([failed.code, failed.stdout]).toEqual([1, expect.stringContaining('refused (500)') as string]);
  const listed = await webhook('attempts', id, '--failed');
  expect(listed.stdout.match(/webhook\.test/g)).toHaveLength(1);
  const changed = await webhook(
    'change',
    id,
    '--name',
    'store',
    '--type',
    'record.event',
    '--disable',
    '--json',
  );
  expect(JSON.parse(changed.stdout)).toMatchObject({
    name: 'store',
    types: ['record.event'],
    status: 'disabled',
  });
  expect((await webhook('show', id)).stdout).toContain('status: disabled\n');
  const rotated = await webhook('secret', id);
  expect(rotated.stdout).toMatch(/^whsec_/);
  expect(rotated.stdout).not.toBe(made.stdout);
  expect(await webhook('replay', id, '--since', '1d')).toMatchObject({ code: 0 });
  expect(await webhook('delete', id)).toMatchObject({ code: 0, stdout: '' });
  const gone = await webhook('show', id);
  expect([gone.code, gone.stderr]).toEqual([2, expect.stringContaining('no such webhook') as string]);
});

test.each([
  [
    ['create', 'https://example.com/', '--name', 'x', '--type', 'record.events'],
    'Did you mean --type record.event?',
  ],
  [['create', 'https://10.0.0.1/', '--name', 'x', '--type', 'record.event'], 'INGAM_WEBHOOK_PRIVATE'],
  [['create', 'https://example.com/', '--name', 'x'], 'at least one type'],
  [['change', 'whk_x'], 'nothing to change'],
  [['change', 'whk_x', '--enable', '--disable'], 'give one of --enable, --disable'],
  [['replay', 'whk_x'], 'give one of --position, --since'],
  [['show'], 'missing WEBHOOK'],
])('says what is wrong with %j', async ([command = '', ...argv], said) => {
  const { code, stdout, stderr } = await webhook(command, ...argv);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(said);
});
