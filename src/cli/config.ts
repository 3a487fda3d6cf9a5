import { homedir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../proof/index.js';
import { Failure, isMissing } from './failure.js';
import { isReadByOthers, readObject, writeWhole } from './files.js';
import { type Io, printNote } from './io.js';
import { loginMessages } from './messages/login.js';

/** What `ingam login` has saved. */
export interface Config {
  readonly server: string | null;
  /** Goes to `server` and to no other. */
  readonly key: string | null;
}

/** The folder of what the user has saved: XDG Base Directory Specification. */
export function configFolder(io: Io): string {
  const base = io.env['XDG_CONFIG_HOME'];
  // The specification says to ignore relative paths.
  const folder = base?.startsWith('/') === true ? base : join(io.env['HOME'] ?? homedir(), '.config');
  return join(folder, 'ingam');
}

export function configFile(io: Io): string {
  return join(configFolder(io), 'config.json');
}

/** @throws {Failure} malformed, unreadable */
export async function readConfig(io: Io): Promise<Config> {
  const file = configFile(io);
  const found: JsonObject = await readObject(file).catch((error: unknown): JsonObject => {
    if (isMissing(error)) return {};
    throw error;
  });
  const { server = null, key = null, ...others } = found;
  const isText = (value: unknown): value is string | null => value === null || typeof value === 'string';
  if (!isText(server) || !isText(key) || Object.keys(others).length > 0) {
    throw new Failure('malformed', loginMessages().malformed(file), { hint: loginMessages().startAgain });
  }
  if (key !== null && (await isReadByOthers(file))) printNote(io, loginMessages().readByOthers(file));
  return { server, key };
}

/** Only its owner may read the file. */
export async function writeConfig(config: Config, io: Io): Promise<string> {
  const file = configFile(io);
  await writeWhole(file, file, `${JSON.stringify(config, null, 2)}\n`, true, 0o600);
  return file;
}

/** The public part of an API key: `ingam_<id>_<secret>` has it in the middle. */
export function keyId(key: string): string | null {
  return /^ingam_([0-9a-z]+)_./.exec(key)?.[1] ?? null;
}
