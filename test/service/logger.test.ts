import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { formatLine } from '../../src/service/logger.js';

const TIME = new Date(2026, 10, 28, 9, 5, 7).getTime();
const line = (fields: object) => JSON.stringify({ level: 30, time: TIME, pid: 1, ...fields });

test('formats a log line for a terminal as time, level, message and fields', () => {
  expect(formatLine(line({ msg: 'block sealed', worker: 2, height: 7, name: 'a b' }))).toBe(
    '09:05:07 INFO  block sealed  worker=2  height=7  name="a b"\n',
  );
});

test('prints the stack of an error below its line', () => {
  const err = { type: 'StoreError', stack: 'StoreError: no database\n    at read (store.js:1:2)' };
  expect(formatLine(line({ level: 50, msg: 'sealing stalled', err }))).toBe(
    '09:05:07 ERROR sealing stalled\n    StoreError: no database\n    at read (store.js:1:2)\n',
  );
});

test('escapes control characters for the terminal', () => {
  const text = formatLine(line({ msg: 'a\u001b[2Jb', name: '\u202ec\n' }));
  expect(text).toBe('09:05:07 INFO  a\\u001b[2Jb  name="\\u202ec\\n"\n');
});

test('escapes in JSON what JSON itself leaves as it is', async () => {
  const root = join(import.meta.dirname, '../..');
  const name = 'a\u009b2J\u202eb\u007f\u{e0001}한';
  const program = `
    import { createLogger } from ${JSON.stringify(join(root, 'src/service/logger.ts'))};
    createLogger({ logLevel: 'info', logFormat: 'json' }).info({ name: ${JSON.stringify(name)} }, 'said');`;
  const { stderr } = await promisify(execFile)(process.execPath, [
    '--import',
    join(root, 'test/support/ts-loader.mjs'),
    '--input-type=module',
    '--eval',
    program,
  ]);
  expect(stderr).toContain('\\u009b');
  expect(stderr.trimEnd()).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(JSON.parse(stderr)).toMatchObject({ name, msg: 'said' });
});
