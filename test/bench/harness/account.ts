import { query } from '../../faults/harness/database.js';
import { MAIN } from '../../cli/built.js';
import { run } from './child.js';
import type { Holder } from './fill-chain.js';
import { Spoiled } from './statistics.js';

export interface Place {
  readonly databaseUrl: string;
  /** Where the service keeps what its keys are made with. */
  readonly dataDir: string;
}

/** A new account with these limits, made by the command line. */
export async function createAccount(place: Place, limits: readonly string[] = []): Promise<Holder> {
  const id = await ingam(place, 'account', 'create', 'Bench', ...limits);
  const [row] = await query<Holder>(place.databaseUrl, `SELECT id, number FROM account WHERE id = '${id}'`);
  if (row === undefined) throw new Spoiled(`no account ${id} has been made`);
  return row;
}

/** @returns the secret of a new key of the account */
export function createKey(place: Place, account: Holder, scope: 'notarize' | 'read'): Promise<string> {
  return ingam(place, 'key', 'create', '--account', account.id, '--name', 'bench', '--scope', scope);
}

async function ingam({ databaseUrl, dataDir }: Place, ...args: string[]): Promise<string> {
  const env = { DATABASE_URL: databaseUrl, INGAM_DATA_DIR: dataDir };
  const { stdout } = await run(process.execPath, [MAIN, ...args], { env });
  return stdout.trim();
}
