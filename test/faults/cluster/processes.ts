import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Scene } from '../harness/scene.js';

/** Whom the programs run as: PostgreSQL does not run as root, and Debian's packages bring a user. null: as we do. */
export function account(): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const id = (which: '-u' | '-g') => Number(execFileSync('id', [which, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

const SHOWN_LINES = 60;

/** Starts a program that runs until it is killed, at the latest at the end of the scene. What it writes is in a file. */
export function start(scene: Scene, name: string, command: string, argv: readonly string[]): ChildProcess {
  const file = outputOf(scene, name);
  if (!existsSync(file)) scene.evidence(name, () => lastLines(scene, name, SHOWN_LINES).join('\n'));
  const output = openSync(file, 'a');
  const child = spawn(command, argv, {
    ...account(),
    env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin`, HOME: scene.directory, LC_ALL: 'C' },
    cwd: scene.directory,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  child.on('error', (error) => {
    scene.say(`${name}: ${String(error)}`);
  });
  scene.defer(() => kill(child));
  return child;
}

/** Of what a program wrote in all its runs. */
export function lastLines(scene: Scene, name: string, count: number): string[] {
  return readFileSync(outputOf(scene, name), 'utf8').trimEnd().split('\n').slice(-count);
}

const outputOf = ({ directory }: Scene, name: string) => join(directory, `${name}.log`);

export async function kill(child: ChildProcess): Promise<void> {
  const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null;
  child.kill('SIGKILL');
  await exited;
}

/** The postmaster in this data directory, and its children; none when it does not run. */
export function serverProcesses(dataDirectory: string): number[] {
  try {
    const pid = Number(readFileSync(join(dataDirectory, 'postmaster.pid'), 'utf8').split('\n')[0]);
    return commandOf(pid).includes('postgres') ? [pid, ...childrenOf(pid)] : [];
  } catch {
    return [];
  }
}

/** The title that a process gave itself, or its command line; empty when it has ended. */
export function commandOf(pid: number): string {
  return readProc(pid, 'cmdline').replaceAll('\0', ' ');
}

/** Those that have ended in the meantime are ignored. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended.
    }
  }
}

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((each) => Number(/^PPid:\s*([0-9]+)$/m.exec(readProc(each, 'status'))?.[1]) === pid);
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
