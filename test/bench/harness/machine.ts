import { arch, cpus, platform, release, totalmem } from 'node:os';

/** What the figures hold for: they are true of this machine alone. */
export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  /** null: no row needed a database. */
  readonly postgres: string | null;
}

export function describeMachine(postgres: string | null): Machine {
  const found = cpus();
  return {
    cores: found.length,
    cpu: found[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.versions.node,
    postgres,
  };
}

export function formatMachine({ cores, cpu, memoryGiB, system, node, postgres }: Machine): string {
  const database = postgres === null ? '' : `, PostgreSQL ${postgres} (fsync and synchronous_commit on)`;
  return `${cores} × ${cpu}, ${memoryGiB} GiB, ${system}, Node ${node}${database}`;
}
