import { query } from '../../faults/harness/database.js';
import { MAIN } from '../../support/built.js';
import { run } from './child.js';
import type { Organization } from './fill-chain.js';
import { Spoiled } from './statistics.js';

export interface Place {
  readonly databaseUrl: string;
  /** The service's data directory, which has its keys. */
  readonly dataDir: string;
}

/** Creates an organization with these limits, by the command line. */
export async function createOrganization(
  place: Place,
  limits: readonly string[] = [],
): Promise<Organization> {
  const id = await ingam(place, 'organization', 'create', 'Bench', ...limits);
  const [row] = await query<Organization>(
    place.databaseUrl,
    `SELECT id, number FROM organization WHERE id = '${id}'`,
  );
  if (row === undefined) throw new Spoiled(`the organization ${id} does not exist`);
  return row;
}

/** @returns the secret of a new API key of the organization */
export function createKey(
  place: Place,
  organization: Organization,
  scope: 'notarize' | 'read',
): Promise<string> {
  return ingam(
    place,
    'key',
    'create',
    '--organization',
    organization.id,
    '--name',
    'bench',
    '--scope',
    scope,
  );
}

/** Has the organization told of everything that is sealed, at an address in a private network. */
export async function createWebhook(
  place: Place,
  { id }: Organization,
  url: string,
  network: string,
): Promise<void> {
  const args = ['webhook', 'create', url, '--organization', id, '--name', 'bench'];
  const env = { INGAM_WEBHOOK_PRIVATE: network };
  await ingamWith(env, place, ...args, '--type', 'notarization.sealed');
}

/** Has each webhook of the organization told again what is in the chain from a position on. */
export async function replayWebhooks(
  place: Place,
  { id, number }: Organization,
  position: number,
): Promise<void> {
  const made = await query<{ id: string }>(
    place.databaseUrl,
    `SELECT id FROM webhook WHERE organization_number = ${number}`,
  );
  for (const webhook of made)
    await ingam(place, 'webhook', 'replay', webhook.id, '--organization', id, '--position', String(position));
}

function ingam(place: Place, ...args: string[]): Promise<string> {
  return ingamWith({}, place, ...args);
}

async function ingamWith(
  settings: Readonly<Record<string, string>>,
  { databaseUrl, dataDir }: Place,
  ...args: string[]
): Promise<string> {
  const env = { DATABASE_URL: databaseUrl, INGAM_DATA_DIR: dataDir, ...settings };
  const { stdout } = await run(process.execPath, [MAIN, ...args], { env });
  return stdout.trim();
}
