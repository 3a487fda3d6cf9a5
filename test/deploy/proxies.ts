import { spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import {
  connect,
  type ClientHttp2Session,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBuilt } from '../support/built.js';
import { until } from '../support/until.js';
import { DEPLOY, run, type Step, tool } from './step.js';
import { freePort } from '../support/free-port.js';

/** The configurations of nginx and Caddy in front of a service on loopback: uploads, event streams, HTTP/2, and below a path. */

const NAME = 'notary.example.com';
const HOST_OF_PATH = 'www.example.com';
const UPLOAD = 64 * 1024 * 1024;

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

async function ask(
  session: ClientHttp2Session,
  host: string,
  path: string,
  {
    method = 'GET',
    body = null,
    headers = {},
  }: { method?: string; body?: Buffer | null; headers?: OutgoingHttpHeaders } = {},
): Promise<Answer> {
  const stream = session.request({ ':method': method, ':path': path, ':authority': host, ...headers });
  const response = once(stream, 'response') as Promise<[IncomingHttpHeaders & { ':status': number }]>;
  stream.end(body ?? undefined);
  const [answered] = await response;
  let text = '';
  for await (const chunk of stream.setEncoding('utf8') as AsyncIterable<string>) text += chunk;
  return { status: answered[':status'], headers: answered, body: text };
}

function assertThat(holds: boolean, what: string, seen: unknown): void {
  if (!holds) throw new Error(`${what}: ${JSON.stringify(seen).slice(0, 500)}`);
}

/** What must work through the proxy, at the root (prefix "/") or below a path. @returns what was tried */
async function tryThrough(session: ClientHttp2Session, host: string, prefix: string): Promise<void> {
  const api = `${prefix}v1/notarizations`;
  const file = randomBytes(UPLOAD);
  const uploaded = await ask(session, host, `${api}?wait=sealed`, {
    method: 'POST',
    body: file,
    headers: { 'content-type': 'application/octet-stream', 'x-forwarded-for': '192.0.2.1' },
  });
  assertThat(uploaded.status === 201, 'the upload was not accepted', uploaded);
  const [entry] = (JSON.parse(uploaded.body) as { notarizations: { id: string; sha256: string }[] })
    .notarizations;
  const digest = createHash('sha256').update(file).digest('hex');
  assertThat(entry?.sha256 === digest, 'another document arrived', entry);
  const location = String(uploaded.headers['location']);
  assertThat(location.startsWith(api), 'Location leads elsewhere', location);
  const found = await ask(session, host, new URL(location, `https://${host}`).pathname);
  assertThat(found.status === 200, 'Location leads nowhere', found);

  // An event arrives while the stream is open: nothing collects it on its way.
  const stream = session.request({
    ':path': `${api}/${entry?.id ?? ''}/events`,
    ':authority': host,
    accept: 'text/event-stream',
  });
  const [first] = (await once(stream.setEncoding('utf8'), 'data')) as [string];
  assertThat(/^(?:event|data|id|:|retry)/.test(first), 'this is no event', first);
  stream.close();

  const seen = await ask(session, host, `${prefix}v1/connection`, {
    headers: { 'x-forwarded-for': '192.0.2.1' },
  });
  const connection = JSON.parse(seen.body) as { address: string; trusted: boolean };
  assertThat(
    connection.trusted && connection.address === '127.0.0.1',
    'the client is not seen as it is',
    connection,
  );
  const page = await ask(session, host, prefix, { headers: { accept: 'text/html' } });
  const asset = /(?:src|href)="\.\/(assets\/[^"]+)"/.exec(page.body)?.[1] ?? '';
  assertThat(page.status === 200 && asset !== '', 'the page is missing', page);
  const loaded = await ask(session, host, `${prefix}${asset}`);
  assertThat(loaded.status === 200, 'an asset of the page is missing', loaded.status);
}

interface Scene {
  readonly folder: string;
  /** The service at the root of its host, and another one below a path. */
  readonly ports: { readonly root: number; readonly path: number };
  readonly listen: number;
  readonly certificate: { readonly cert: string; readonly key: string };
}

async function withScene(start: (scene: Scene) => Promise<ChildProcess>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ingam-proxy-'));
  const certificate = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', `/CN=${NAME}`, '-addext', `subjectAltName=DNS:${NAME},DNS:${HOST_OF_PATH}`],
    ...['-keyout', certificate.key, '-out', certificate.cert],
  ]);
  const serve = async (name: string, publicUrl: string) => {
    const port = await freePort();
    const node = await startBuilt(['serve'], {
      env: {
        ...{ PORT: String(port), INGAM_WORKERS: '1', INGAM_DATA_DIR: join(folder, name) },
        ...{ INGAM_PUBLIC_URL: publicUrl, INGAM_TRUST_PROXY: '1', INGAM_ANONYMOUS: 'on' },
      },
    });
    return { port, node };
  };
  const root = await serve('root', `https://${NAME}/`);
  const path = await serve('path', `https://${HOST_OF_PATH}/notary/`);
  const listen = await freePort();
  let proxy: ChildProcess | null = null;
  try {
    proxy = await start({ folder, certificate, listen, ports: { root: root.port, path: path.port } });
    const ca = await readFile(certificate.cert, 'utf8');
    for (const [host, prefix] of [
      [NAME, '/'],
      [HOST_OF_PATH, '/notary/'],
    ] as const) {
      const session = await until(`the proxy to accept HTTP/2 for ${host}`, async () => {
        const opened = connect(`https://127.0.0.1:${listen}`, { ca, servername: host });
        opened.on('error', () => undefined);
        return Promise.race([
          once(opened, 'connect').then(() => opened),
          once(opened, 'error').then(() => false as const),
        ]).catch(() => false as const);
      });
      await tryThrough(session, host, prefix);
      session.destroy();
    }
    return `${UPLOAD / 1024 ** 2} MiB upload, event stream, HTTP/2, client address, at the root and below a path`;
  } finally {
    if (proxy !== null) {
      const exited = once(proxy, 'exit');
      proxy.kill('SIGTERM');
      await exited;
    }
    await Promise.all([root.node.stop(), path.node.stop()]);
    await rm(folder, { recursive: true });
  }
}

export const proxySteps: readonly Step[] = [
  {
    name: 'nginx in front',
    run: async () => {
      const nginx = await tool('nginx', 'Debian: nginx-light');
      return withScene(async ({ folder, ports, listen, certificate }) => {
        const read = (name: string) => readFile(join(DEPLOY, 'nginx', name), 'utf8');
        const proxyFile = join(folder, 'ingam-proxy.conf');
        await writeFile(proxyFile, await read('ingam-proxy.conf'));
        const here = (text: string, port: number) =>
          text
            .replaceAll('/etc/nginx/ingam-proxy.conf', proxyFile)
            .replaceAll('127.0.0.1:8080', `127.0.0.1:${port}`)
            .replaceAll(/^\s*listen \[::\].*$/gm, '')
            .replaceAll('listen 443', `listen 127.0.0.1:${listen}`)
            .replaceAll('listen 80', `listen 127.0.0.1:${listen + 1 > 65_535 ? listen - 1 : listen + 1}`)
            .replaceAll(/\/etc\/ssl\/\S+\.crt/g, certificate.cert)
            .replaceAll(/\/etc\/ssl\/\S+\.key/g, certificate.key);
        const below = `server {\n listen 127.0.0.1:${listen} ssl http2;\n server_name ${HOST_OF_PATH};\n ssl_certificate ${certificate.cert};\n ssl_certificate_key ${certificate.key};\n${here(await read('ingam-path.conf'), ports.path)}}\n`;
        const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
          (each) => `${each}_temp_path ${folder}/${each};`,
        );
        const main = [
          ...[
            'daemon off;',
            'worker_processes 1;',
            `pid ${folder}/nginx.pid;`,
            `error_log ${folder}/error.log;`,
            'events {}',
          ],
          ...[
            'http {',
            `access_log off; ${temporary.join(' ')}`,
            here(await read('ingam.conf'), ports.root),
            below,
            '}',
          ],
        ];
        const config = join(folder, 'nginx.conf');
        await writeFile(config, main.join('\n'));
        await run(nginx, ['-t', '-c', config, '-e', `${folder}/error.log`]);
        return spawn(nginx, ['-c', config, '-e', `${folder}/error.log`], { stdio: 'inherit' });
      });
    },
  },
  {
    name: 'Caddy in front',
    run: async () => {
      const caddy = await tool('caddy', 'Debian: caddy');
      return withScene(async ({ folder, ports, listen, certificate }) => {
        const text = await readFile(join(DEPLOY, 'caddy', 'Caddyfile'), 'utf8');
        const tls = `\n\ttls ${certificate.cert} ${certificate.key}\n\tbind 127.0.0.1`;
        const [own = '', below = ''] = text.split(/^(?=# Below a path)/m);
        const here =
          `{\n\tadmin off\n\tauto_https off\n\thttps_port ${listen}\n}\n` +
          own
            .replace(`${NAME} {`, `https://${NAME}:${listen} {${tls}`)
            .replaceAll('127.0.0.1:8080', `127.0.0.1:${ports.root}`) +
          below
            .replace(`${HOST_OF_PATH} {`, `https://${HOST_OF_PATH}:${listen} {${tls}`)
            .replaceAll('127.0.0.1:8080', `127.0.0.1:${ports.path}`);
        const config = join(folder, 'Caddyfile');
        await writeFile(config, here);
        await mkdir(join(folder, 'home'));
        const env = {
          PATH: process.env['PATH'] ?? '',
          HOME: join(folder, 'home'),
          XDG_DATA_HOME: join(folder, 'home'),
        };
        return spawn(caddy, ['run', '--adapter', 'caddyfile', '--config', config], {
          stdio: ['ignore', 'ignore', 'ignore'],
          env,
        });
      });
    },
  },
];
