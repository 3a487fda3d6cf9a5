import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startTestServer } from '../support/postgres.js';
import { DEPLOY, Missing, ROOT, run, type Step, tool } from './step.js';

/**
 * The layout of the image without a registry: a Debian made by debootstrap, this Node, and what scripts/package.mjs makes. It runs
 * as a container would: as another user, in namespaces of its own, with a root that cannot be written and a volume.
 */

const USER = 10001;
/** Of no name. */
const STRANGER = 123_456;
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
const MAX_MIB = { all: 130, slim: 70 } as const;

const mib = async (folder: string) =>
  Math.round(Number((await run('du', ['-sk', folder])).split('\t')[0]) / 1024);

async function makeRoot(folder: string): Promise<string> {
  const debootstrap = await tool('debootstrap', 'Debian: debootstrap');
  const root = join(folder, 'root');
  const sources = (await readFile('/etc/os-release', 'utf8')).match(/VERSION_CODENAME=(\w+)/)?.[1];
  if (process.getuid?.() !== 0 || sources === undefined) throw new Missing('root on a Debian');
  await run(debootstrap, [
    '--variant=minbase',
    '--include=ca-certificates,libstdc++6',
    sources,
    root,
    await mirrorOf(sources),
  ]);
  for (const cache of ['var/cache/apt', 'var/lib/apt/lists'])
    await rm(join(root, cache), { recursive: true, force: true });
  await mkdir(join(root, 'usr/local/bin'), { recursive: true });
  await cp(process.execPath, join(root, 'usr/local/bin/node'));
  await writeFile(
    join(root, 'etc/passwd'),
    `root:x:0:0::/root:/bin/sh\ningam:x:${USER}:0::/data:/usr/sbin/nologin\n`,
  );
  await mkdir(join(root, 'data'));
  await chown(join(root, 'data'), USER, 0);
  await chmod(join(root, 'data'), 0o770);
  return root;
}

/** Where this machine gets its packages from. */
async function mirrorOf(release: string): Promise<string> {
  const said = await run('apt-cache', ['policy']);
  const [, mirror] = new RegExp(`^\\s*\\d+ (\\S+) ${release}/main`, 'm').exec(said) ?? [];
  if (mirror === undefined) throw new Missing(`a mirror of ${release} in apt's sources`);
  return mirror;
}

/** Variables of the image, as the Dockerfile sets them. */
async function imageEnvironment(): Promise<Record<string, string>> {
  const [, line = ''] = /^ENV (.*)$/m.exec(await readFile(join(DEPLOY, 'Dockerfile'), 'utf8')) ?? [];
  return Object.fromEntries(line.split(' ').map((pair) => pair.split('=', 2) as [string, string]));
}

interface Started {
  readonly url: string;
  readonly key: string;
  /** Ends the first process of the container with SIGTERM, as an engine does. @returns its exit code */
  stop(): Promise<number | null>;
}

interface Container {
  /** Absent: the embedded PostgreSQL. */
  readonly databaseUrl?: string;
  /** Mounted at /data; null: nothing is. */
  readonly volume: string | null;
  readonly user: number;
}

/**
 * Starts `ingam serve` in the root.
 * @throws {Error} with what it printed, when it does not start
 */
async function start(root: string, { volume, user, databaseUrl = '' }: Container): Promise<Started> {
  const script = [
    'mount --make-rprivate /',
    `mount --bind ${root} ${root}`,
    // Without a volume the root can be written, or nothing could be lost with it.
    ...(volume === null ? [] : [`mount -o remount,bind,ro ${root}`, `mount --bind ${volume} ${root}/data`]),
    `mount -t tmpfs -o mode=1777 tmpfs ${root}/tmp`,
    `mount -t proc proc ${root}/proc`,
    `mount -t tmpfs tmpfs ${root}/dev`,
    `mkdir -m 1777 ${root}/dev/shm`,
    `for each in null zero random urandom; do touch ${root}/dev/$each; mount --bind /dev/$each ${root}/dev/$each; done`,
    // chroot needs a capability, so it comes first.
    `exec chroot ${root} /usr/bin/setpriv --reuid=${user} --regid=0 --clear-groups --bounding-set=-all --inh-caps=-all --no-new-privs ` +
      '/usr/local/bin/node /opt/ingam/dist/cli/main.js serve',
  ];
  const child = spawn(
    'unshare',
    ['--mount', '--pid', '--fork', '--kill-child', 'bash', '-ec', script.join('\n')],
    {
      env: {
        PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
        ...(await imageEnvironment()),
        PORT: '0',
        INGAM_WORKERS: '1',
        INGAM_ANONYMOUS: 'on',
        DATABASE_URL: databaseUrl,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  let url = '';
  for await (const line of createInterface({ input: child.stdout })) {
    said += `${line}\n`;
    const port = /running at http:\/\/\S+:(\d+)/.exec(line)?.[1];
    if (port !== undefined) url = `http://127.0.0.1:${port}`;
    const key = /^Public key .*: (\S+)$/.exec(line)?.[1];
    if (key === undefined) continue;
    child.stdout.resume();
    return {
      url,
      key,
      stop: async () => {
        const children = await readFile(
          `/proc/${String(child.pid)}/task/${String(child.pid)}/children`,
          'utf8',
        );
        process.kill(Number(children.trim().split(' ')[0]), 'SIGTERM');
        return exited;
      },
    };
  }
  await exited;
  throw new Error(`it did not start:\n${said}`);
}

async function notarize({ url }: Started): Promise<{ readonly id: string }> {
  const response = await fetch(`${url}/v1/notarizations?wait=sealed`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: 'a document',
  });
  const body = (await response.json()) as { notarizations?: { id: string }[] };
  const [entry] = body.notarizations ?? [];
  if (response.status !== 201 || entry === undefined)
    throw new Error(`not notarized: ${JSON.stringify(body)}`);
  return entry;
}

export const imageSteps: readonly Step[] = [
  {
    name: 'the image without a registry',
    run: async () => {
      const folder = await mkdtemp(join(tmpdir(), 'ingam-image-'));
      try {
        // Other users must get through to the root and the volume.
        await chmod(folder, 0o755);
        const root = await makeRoot(folder);
        const base = await mib(root);
        const app = join(root, 'opt/ingam');
        await mkdir(join(root, 'opt'), { recursive: true });
        await run(process.execPath, [join(ROOT, 'scripts/package.mjs'), app]);
        await run(process.execPath, [
          join(ROOT, 'scripts/package.mjs'),
          join(folder, 'slim'),
          '--without-postgres',
        ]);
        const sizes = { base, all: await mib(app), slim: await mib(join(folder, 'slim')) };
        if (sizes.all > MAX_MIB.all || sizes.slim > MAX_MIB.slim)
          throw new Error(`too large: ${JSON.stringify(sizes)} MiB`);
        const lost = await start(root, { volume: null, user: USER }).then(
          () => null,
          (error: unknown) => String(error),
        );
        if (lost?.includes('is no volume') !== true)
          throw new Error(`it started without a volume: ${lost ?? ''}`);
        const own = await lives(root, folder, { user: USER });
        // A platform may choose a user, which has no name in the image.
        const unnamed = await start(root, { volume: await volumeFor(folder, STRANGER), user: STRANGER }).then(
          () => null,
          (error: unknown) => String(error),
        );
        if (unnamed?.includes('has no name in /etc/passwd') !== true)
          throw new Error(`as a stranger: ${unnamed ?? 'it started'}`);
        const database = await startTestServer({ directory: join(folder, 'database'), log: SILENT });
        let stranger: string;
        try {
          stranger = await lives(root, folder, { user: STRANGER, databaseUrl: database.server.ownerUrl });
        } finally {
          await database.server.stop();
        }
        const said = [`as its own user ${own}`, `as a user of the platform, with DATABASE_URL, ${stranger}`];
        return `base ${sizes.base} MiB (with Node), Ingam ${sizes.all} MiB, without PostgreSQL ${sizes.slim} MiB; read-only root; ${said.join('; ')}`;
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  },
];

async function volumeFor(folder: string, user: number): Promise<string> {
  const volume = join(folder, `volume-${user}`);
  await mkdir(volume, { recursive: true });
  await chown(volume, user, 0);
  await chmod(volume, 0o770);
  return volume;
}

/** Notarizes, is replaced by another container on the same volume, and still has it. @returns what is on the volume */
async function lives(root: string, folder: string, container: Omit<Container, 'volume'>): Promise<string> {
  const volume = await volumeFor(folder, container.user);
  const first = await start(root, { ...container, volume });
  const { id } = await notarize(first);
  const code = await first.stop();
  if (code !== 0) throw new Error(`it ended with ${String(code)} after SIGTERM`);
  const second = await start(root, { ...container, volume });
  try {
    const found = await fetch(`${second.url}/v1/notarizations/${id}`);
    if (found.status !== 200 || second.key !== first.key) throw new Error('the volume did not keep the log');
  } finally {
    await second.stop();
  }
  return `it wrote ${(await readdir(volume)).sort().join(', ')}`;
}
