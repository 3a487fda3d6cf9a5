import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatVerifierKey } from '../../src/proof/index.js';
import { MAIN, runBuilt } from '../support/built.js';
import { FORGER_KEY, ForgedChain, serveChain } from '../support/forger.js';
import { freePort } from '../support/free-port.js';
import { filesIn } from '../support/static-files.js';
import { until } from '../support/until.js';
import { DEPLOY, run, type Step, tool } from './step.js';

/** deploy/nginx/ingam-static.conf in front of files that the command of ingam-publish.service has written. */

const IMMUTABLE = 'public, max-age=31536000, immutable';
const KEY = formatVerifierKey(FORGER_KEY.key);

/** Type and Cache-Control of a file. */
function expectedOf(path: string): readonly [string, string] {
  if (path === 'checkpoint') return ['text/plain; charset=utf-8', 'no-cache'];
  if (path === 'v1/log-keys') return ['application/json', 'no-cache'];
  return [path.startsWith('v1/tile/states/') ? 'application/json' : 'application/octet-stream', IMMUTABLE];
}

async function ingam(...argv: string[]): Promise<void> {
  const { code, stdout, stderr } = await runBuilt([...argv, '--key', KEY]);
  if (code !== 0) throw new Error(`ingam ${argv.join(' ')}: ${String(code)}\n${stdout}${stderr}`);
}

/** Runs the command of ingam-publish.service as the unit has it, and stops it when it has published. */
async function publish(site: string, server: string, policy: string): Promise<void> {
  const unit = await readFile(join(DEPLOY, 'systemd', 'ingam-publish.service'), 'utf8');
  const [, command = ''] = /^ExecStart=\S+ \S+ (.+)$/m.exec(unit) ?? [];
  await writeFile(policy, `log ${KEY}\nquorum none\n`);
  const argv = command.replaceAll('${PUBLISH_TO}', site).split(' ');
  const child = spawn(process.execPath, [MAIN, ...argv], {
    env: { PATH: process.env['PATH'], INGAM_SERVER: server, INGAM_TRUST: policy },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = once(child, 'exit');
  const isThere = () =>
    access(join(site, 'checkpoint')).then(
      () => true,
      () => false,
    );
  await until('the checkpoint', async () => child.exitCode !== null || (await isThere()));
  child.kill('SIGTERM');
  const [code] = (await exited) as [number | null];
  if (code !== 0) throw new Error(`ingam ${argv.join(' ')}: ${String(code)}`);
}

async function configure(folder: string, site: string, port: number): Promise<string> {
  const server = (await readFile(join(DEPLOY, 'nginx', 'ingam-static.conf'), 'utf8'))
    .replaceAll(/^\s*(?:listen \[::\]|ssl_).*$/gm, '')
    .replace('listen 443 ssl http2', `listen 127.0.0.1:${port}`)
    .replaceAll('root /srv/ingam-log', `root ${site}`);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (each) => `${each}_temp_path ${folder}/${each};`,
  );
  const config = join(folder, 'nginx.conf');
  await writeFile(
    config,
    [
      // As root it would read as another user, who may not enter the folder.
      process.getuid?.() === 0 ? 'user root;' : '',
      ...['daemon off;', 'worker_processes 1;', `pid ${folder}/nginx.pid;`, 'events {}'],
      ...['http {', `access_log off; ${temporary.join(' ')}`, server, '}'],
    ].join('\n'),
  );
  return config;
}

export const staticSteps: readonly Step[] = [
  {
    name: 'nginx with the log as files',
    run: async () => {
      const nginx = await tool('nginx', 'Debian: nginx-light');
      const folder = await mkdtemp(join(tmpdir(), 'ingam-static-'));
      const site = join(folder, 'site');
      const operator = await serveChain({ chain: new ForgedChain().grown(300, { entries: 2 }) });
      const port = await freePort();
      try {
        await publish(site, operator.url, join(folder, 'policy'));
        await writeFile(join(site, '.ingam-torn.tmp'), 'x');
        const config = await configure(folder, site, port);
        await run(nginx, ['-t', '-c', config, '-e', `${folder}/error.log`]);
        const server = spawn(nginx, ['-c', config, '-e', `${folder}/error.log`], { stdio: 'inherit' });
        const url = `http://127.0.0.1:${port}`;
        try {
          await until('nginx to answer', () =>
            fetch(`${url}/checkpoint`).then(
              ({ status }) => status === 200,
              () => null,
            ),
          );
          const files = await filesIn(site);
          files.delete('.ingam-torn.tmp');
          for (const [path, bytes] of files) {
            const answer = await fetch(`${url}/${path}`);
            const same = Buffer.from(await answer.arrayBuffer()).equals(bytes);
            const told = [answer.headers.get('content-type'), answer.headers.get('cache-control')];
            if (!same || told.join() !== expectedOf(path).join())
              throw new Error(
                `${path}: ${answer.status}, ${same ? 'the same' : 'other'} bytes, ${told.join()}`,
              );
          }
          for (const path of ['.ingam-torn.tmp', 'tile/0/000.p/9', 'v1/leaves?first=0&count=1']) {
            const { status } = await fetch(`${url}/${path}`);
            if (status !== 404) throw new Error(`${path}: ${status}`);
          }
          await ingam('audit', '--server', url);
          await ingam('compare', url, operator.url);
          return `${files.size} files with their types, audited and compared from there`;
        } finally {
          const exited = once(server, 'exit');
          server.kill('SIGTERM');
          await exited;
        }
      } finally {
        await operator[Symbol.asyncDispose]();
        await rm(folder, { recursive: true });
      }
    },
  },
];
