import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { realpath, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { EmbeddedError } from './errors.js';

export interface Ownership {
  release(): Promise<void>;
}

/**
 * Claims the directory for this process. The claim is a listening local socket named after the directory: taking it is
 * atomic, and the system takes it away when its holder dies, even by kill -9. A lock file can do neither.
 * It is seen within one machine (on Linux, one network namespace): two containers must not be given the same volume, as with
 * any PostgreSQL.
 * @throws {EmbeddedError} in_use
 */
export async function claim(directory: string): Promise<Ownership> {
  const address = await addressOf(directory);
  for (let attempt = 0; attempt < 3; attempt++) {
    const server = await listen(address);
    if (server !== null) return { release: () => close(server) };
    const holder = await askHolder(address);
    if (holder !== null) {
      throw new EmbeddedError(
        'in_use',
        `${directory} is in use by process ${holder}: stop that one first, or give this one another data directory`,
      );
    }
    // Nobody answers: a socket file that its holder left behind (abstract sockets and pipes leave none).
    if (isFile(address)) await rm(address, { force: true });
  }
  throw new EmbeddedError('in_use', `${directory} is being claimed by another process: try again`);
}

async function addressOf(directory: string): Promise<string> {
  const hash = createHash('sha256')
    .update(await realpath(directory))
    .digest('hex');
  const name = `ingam-${hash.slice(0, 32)}`;
  switch (process.platform) {
    case 'linux':
      return `\0${name}`;
    case 'win32':
      return `\\\\.\\pipe\\${name}`;
    default:
      return join(tmpdir(), name);
  }
}

function isFile(address: string): boolean {
  return process.platform !== 'linux' && process.platform !== 'win32' && address.startsWith('/');
}

async function listen(address: string): Promise<Server | null> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end(String(process.pid));
  });
  server.listen(address);
  try {
    await once(server, 'listening');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return null;
    throw error;
  }
  return server.unref();
}

/** The holder's process id, "?" when it does not say it in time, null when there is none. */
async function askHolder(address: string): Promise<string | null> {
  const socket = connect(address);
  try {
    await once(socket, 'connect');
  } catch {
    return null;
  }
  socket.setTimeout(2_000, () => {
    socket.destroy();
  });
  const answer = await text(socket).catch(() => '');
  return answer === '' ? '?' : answer;
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  server.close();
  await once(server, 'close');
}
