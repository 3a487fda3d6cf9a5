import { expect, test } from 'vitest';
import { welcome } from '../../src/cli/serve.js';
import { loadConfig } from '../../src/service/config.js';

const KEY = 'ingam.local/8661ce61+8661ce61+AAAA';
const started = (port: string) => ({
  url: `http://localhost:${port}`,
  verifierKey: KEY,
  setUpUrl: `http://localhost:${port}/account.html#setup=tkn`,
});
const say = (env: Readonly<Record<string, string>>, port: string) =>
  welcome(started(port), loadConfig({ INGAM_DATA_DIR: '/srv/ingam', ...env }), 'README.md').join('\n');

test('tells a person at a terminal where to open it, how to set it up, and two commands to try', () => {
  const text = say({}, '8080');
  for (const part of [
    'Open        http://localhost:8080\n',
    'Set up      http://localhost:8080/account.html#setup=tkn\n',
    'npx ingam setup-link',
    `Public key  ${KEY}\n`,
    'Data        /srv/ingam\n',
    '  npx ingam notarize README.md\n',
    `  npx ingam verify README.md --key ${KEY}\n`,
  ]) {
    expect(text).toContain(part);
  }
  expect(text).not.toMatch(/[{}]/);
});

test('names the server where the commands would not find it, and no link where there is none', () => {
  expect(say({ PORT: '9000' }, '9000')).toContain('notarize README.md --server http://localhost:9000\n');
  const config = loadConfig({});
  expect(welcome({ ...started('8080'), setUpUrl: null }, config, 'FILE').join('\n')).not.toContain('Set up');
});
