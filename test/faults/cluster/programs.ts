import { execFileSync } from 'node:child_process';
import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Programs of a cluster, with Debian's package of each. */
const PACKAGES = { patroni: 'patroni', etcd: 'etcd-server', haproxy: 'haproxy' } as const;

/** Debian keeps the servers of each version in a directory of their own, outside of PATH. */
const SERVERS = '/usr/lib/postgresql';

/** Where Debian's newest PostgreSQL has its programs; null: there is none. */
export function serverPrograms(): string | null {
  const versions = list(SERVERS).sort((a, b) => Number(b) - Number(a));
  return (
    versions.map((version) => join(SERVERS, version, 'bin')).find((bin) => canRun(join(bin, 'postgres'))) ??
    null
  );
}

/**
 * Which of etcd's two interfaces Patroni speaks. Before 3.1 its client of the newer one is not safe: a primary that was stopped
 * for longer than `ttl` overwrites the key of the leader that replaced it, and discards what that one acknowledged
 * (mended by patroni/patroni#2689); and after a cut it may compare with a stale copy of /sync for ever (#2783).
 */
export function etcdInterface(): 'etcd' | 'etcd3' {
  const printed = execFileSync('patroni', ['--version'], { encoding: 'utf8' });
  const [major = 0, minor = 0] = (/ ([0-9]+)\.([0-9]+)/.exec(printed) ?? []).slice(1).map(Number);
  return major > 3 || (major === 3 && minor >= 1) ? 'etcd3' : 'etcd';
}

/** What prevents a cluster on this machine, and what to do about it; null: nothing. */
export function whyNoCluster(): string | null {
  const path = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin'];
  const missing = Object.entries(PACKAGES)
    .filter(([program]) => !path.some((directory) => canRun(join(directory, program))))
    .map(([, name]): string => name);
  if (serverPrograms() === null) missing.push('postgresql');
  return missing.length === 0
    ? null
    : `The failover of a database cluster is not tested, because these programs are missing. On Debian: apt-get install ${missing.join(' ')}`;
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function canRun(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
