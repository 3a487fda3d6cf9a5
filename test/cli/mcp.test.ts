import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { PROOF_FORMAT } from '../../src/proof/index.js';
import { MAIN } from '../support/built.js';
import { folder, ingam, proofOf, service, useService } from './service.js';

useService();

interface Answer {
  readonly isError?: boolean;
  readonly content: readonly { readonly type: string; readonly text?: string }[];
}

async function withClient(
  use: (
    call: (name: string, given: object) => Promise<Record<string, unknown>>,
    client: Client,
  ) => Promise<void>,
) {
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [MAIN, 'mcp', '--server', service.url],
      cwd: folder.path,
      env: { PATH: process.env['PATH'] ?? '', HOME: folder.path },
      stderr: 'inherit',
    }),
  );
  try {
    await use(async (name, given) => {
      const { content, isError = false } = (await client.callTool({
        name,
        arguments: given as Record<string, unknown>,
      })) as Answer;
      const text = content[0]?.text ?? '';
      return { isError, ...(text.startsWith('{') ? (JSON.parse(text) as object) : { text }) };
    }, client);
  } finally {
    await client.close();
  }
}

test('the official client finds the tools, notarizes a file and a digest, verifies, and reads the status', async () => {
  await writeFile(folder.at('a.txt'), 'of an agent');
  await ingam('trust', '--out', 'policy');
  await withClient(async (call, client) => {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['notarize', 'verify', 'status', 'record']);
    expect(tools.every(({ description = '' }) => description.length > 50)).toBe(true);
    const notarized = await call('notarize', { path: 'a.txt', title: 'By an agent' });
    expect(notarized).toMatchObject({
      isError: false,
      documents: [{ status: 'sealed', proof: folder.at('a.txt.ingam.json') }],
    });
    expect((await proofOf('a.txt.ingam.json')).details).toEqual({ title: 'By an agent' });
    const verified = await call('verify', { path: 'a.txt' });
    expect(verified['isError']).toBe(false);
    const [{ id = '' } = {}] = notarized['documents'] as { id?: string }[];
    expect(JSON.stringify(await call('status', { what: id }))).toContain(id);
    await writeFile(folder.at('a.txt'), 'of somebody else');
    const changed = await call('verify', { path: 'a.txt' });
    expect(changed).toMatchObject({ isError: false, verdict: 'invalid' });
    const sha256 = createHash('sha256').update('a digest').digest('hex');
    expect(await call('notarize', { sha256 })).toMatchObject({
      ...{ isError: false, status: 'sealed', proof: { format: PROOF_FORMAT, document: { sha256 } } },
    });
  });
});

test('what goes wrong is an error that says what to do, and the next call works', async () => {
  await writeFile(folder.at('--help'), 'a name like an option');
  await withClient(async (call) => {
    expect(await call('notarize', { path: 'missing' })).toMatchObject({ isError: true });
    expect(await call('notarize', {})).toMatchObject({ isError: true });
    expect(await call('notarize', { path: '-' })).toMatchObject({ isError: true });
    expect(await call('verify', { path: 'missing' })).toMatchObject({ isError: true });
    expect(await call('record', { record: 'nonsense' })).toMatchObject({ isError: true });
    expect(await call('notarize', { path: '--help' })).toMatchObject({ isError: false });
    expect(await readFile(folder.at('--help.ingam.json'), 'utf8')).toContain(PROOF_FORMAT);
  });
});

test('speaks JSON-RPC line by line, and ends when its input ends', async () => {
  const child = spawn(process.execPath, [MAIN, 'mcp', '--server', service.url], {
    cwd: folder.path,
    env: { PATH: process.env['PATH'], HOME: folder.path },
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const exited = once(child, 'exit');
  const send = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const clientInfo = { name: 'raw', version: '1' };
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
  send({ id: 1, method: 'initialize', params });
  send({ method: 'notifications/initialized' });
  send({ id: 2, method: 'ping' });
  send({ id: 3, method: 'tools/list' });
  while (output.split('\n').length < 4) await once(child.stdout, 'data');
  child.stdin.end();
  expect((await exited)[0]).toBe(0);
  const answers = output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: number; result: object });
  expect(answers.map(({ id }) => id)).toEqual([1, 2, 3]);
  expect(answers[0]?.result).toMatchObject({ protocolVersion: '2025-11-25', serverInfo: { name: 'ingam' } });
});
