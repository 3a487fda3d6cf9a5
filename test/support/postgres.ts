import { randomBytes } from 'node:crypto';
import { chmod, mkdir } from 'node:fs/promises';
import { ensureCluster, runAsSuperuser } from '../../src/postgres/directory.js';
import {
  type EmbeddedOptions,
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../src/postgres/index.js';
import { findBinaries } from '../../src/postgres/programs.js';
import { chooseRunner } from '../../src/postgres/runner.js';

export interface TestServer {
  readonly server: EmbeddedPostgres;
  /** Of the server's database, for a superuser: nobody has one but tests. */
  readonly adminUrl: string;
}

/** An embedded server in a directory that does not exist yet, with a superuser who can connect. */
export async function startTestServer(options: EmbeddedOptions): Promise<TestServer> {
  const { directory, log } = options;
  await mkdir(directory, { recursive: true });
  await chmod(directory, 0o711);
  const binaries = await findBinaries();
  const runner = await chooseRunner(directory, binaries.postgres, log);
  const { path } = await ensureCluster(directory, binaries, runner);
  const password = randomBytes(16).toString('hex');
  await runAsSuperuser(path, binaries, runner, [`CREATE ROLE tester SUPERUSER LOGIN PASSWORD '${password}'`]);
  const server = await startEmbeddedPostgres(options);
  const url = new URL(server.url);
  url.username = 'tester';
  url.password = password;
  return { server, adminUrl: url.href };
}
