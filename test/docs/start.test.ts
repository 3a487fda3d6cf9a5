import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isAlive } from '../support/built.js';
import { until } from '../support/until.js';

const root = join(import.meta.dirname, '../..');

test('npm start runs the service, stops all of its processes on a signal, and keeps the chain for the next start', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ingam-start-'));
  const run = async (use: (address: string) => Promise<void>) => {
    const npm = spawn('npm', ['start'], {
      cwd: root,
      env: { ...process.env, LC_ALL: 'C', PORT: '0', INGAM_DATA_DIR: join(folder, 'data') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    for (const stream of [npm.stdout, npm.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
    }
    const ended = once(npm, 'exit');
    const address = await until(
      'the address that npm start prints',
      () => /running at (http:\S+)/.exec(text)?.[1],
    );
    const pids = [...text.matchAll(/"(?:pid|serverPid)":(\d+)/g)].map(([, pid]) => Number(pid));
    expect(new Set(pids).size).toBe(2);
    try {
      await use(address);
    } finally {
      npm.kill('SIGTERM');
      await ended;
      await until('all processes to exit', () => !pids.some(isAlive));
    }
  };
  try {
    await run(async (address) => {
      const answer = await fetch(`${address}/v1/notarizations?wait=sealed`, {
        method: 'POST',
        body: new Blob(['kept']),
        headers: { 'Content-Type': 'application/octet-stream' },
      });
      expect(answer.status).toBe(201);
    });
    await run(async (address) => {
      const state = (await (await fetch(`${address}/v1/chain`)).json()) as { height: number };
      expect(state.height).toBe(0);
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
