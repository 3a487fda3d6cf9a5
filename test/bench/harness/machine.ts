import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os';

/** The machine that the figures were measured on; they apply to no other. */
export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly postgres: string;
  /** Load average of the minute before: other work on the machine affects every figure. */
  readonly loadBefore: number;
}

/** Must be called before the first measurement. */
export function describeMachine(postgres: string): Machine {
  const found = cpus();
  return {
    cores: found.length,
    cpu: found[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.versions.node,
    postgres,
    loadBefore: Number((loadavg()[0] ?? 0).toFixed(2)),
  };
}

export function formatMachine(machine: Machine): string {
  const { cores, cpu, memoryGiB, system, node, postgres, loadBefore } = machine;
  return (
    `${cores} × ${cpu}, ${memoryGiB} GiB, ${system}, Node ${node}, ` +
    `PostgreSQL ${postgres} (fsync and synchronous_commit on); load average before the run: ${loadBefore}`
  );
}
