import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { ConnectionOptions } from 'node:tls';
import { StoreError } from './errors.js';

/** What the URL of a database says, as libpq reads it. */
export interface DatabaseAddress {
  /** At least one. A host that begins with a slash is a directory of sockets. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  readonly user: string;
  readonly password: string | undefined;
  readonly database: string;
  /** In which the tables are. */
  readonly schema: string;
  readonly ssl: false | ConnectionOptions;
  /** Settings for every session, as command line options (`-c name=value`). */
  readonly options: string;
}

const PARAMETERS = new Set([
  ...['schema', 'options', 'host', 'port', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey'],
  ...['application_name', 'connect_timeout', 'target_session_attrs'],
]);

/**
 * @param text postgresql://user:password@host:port,host:port/database?sslmode=verify-full
 * @throws {StoreError} bad_url, with a sentence without subject: "must begin with …"
 */
export function parseDatabaseUrl(text: string): DatabaseAddress {
  const scheme = /^postgres(ql)?:\/\//.exec(text)?.[0];
  if (scheme === undefined) throw wrong('must begin with postgres:// or postgresql://');
  const rest = text.slice(scheme.length);
  const end = rest.search(/[/?#]|$/);
  if (!rest.slice(0, end).includes('@') && rest.includes('@')) throw unescaped(rest.charAt(end));
  if (rest.includes('#')) throw unescaped('#');
  const authority = rest.slice(0, end);
  const at = authority.lastIndexOf('@');
  const [user, password] = split(authority.slice(0, Math.max(0, at)), ':').map(decoded);
  const [path, query = ''] = split(rest.slice(end), '?');
  if (path.indexOf('/', 1) > 0)
    throw wrong('must end with one name of a database: postgresql://host/database');
  const parameters = parametersOf(query);
  const hosts = hostsOf(parameters.get('host') ?? authority.slice(at + 1), parameters.get('port'));
  const name = user === undefined || user === '' ? ownName() : user;
  return {
    hosts,
    user: name,
    password: password === '' ? undefined : password,
    database: decoded(path.slice(1)) || name,
    schema: schemaOf(parameters),
    ssl: hosts.every(({ host }) => host.startsWith('/')) ? false : tlsOf(parameters),
    options: parameters.get('options') ?? '',
  };
}

/** What is wrong with the URL, as a sentence without subject; null: nothing. */
export function databaseUrlMistake(text: string): string | null {
  try {
    parseDatabaseUrl(text);
    return null;
  } catch (error) {
    if (error instanceof StoreError && error.code === 'bad_url') return error.message;
    throw error;
  }
}

/** How many servers the URL names. @param url that `parseDatabaseUrl` accepts */
export function countHosts(url: string): number {
  return parseDatabaseUrl(url).hosts.length;
}

/**
 * Whether the password and all rows go over a network without encryption.
 * @param url that `parseDatabaseUrl` accepts
 */
export function isUnencrypted(url: string): boolean {
  const { hosts, ssl } = parseDatabaseUrl(url);
  return ssl === false && hosts.some(({ host }) => !/^(\/.*|localhost|127(\.\d+){3}|::1)$/.test(host));
}

/** Without a user, libpq takes the name of the operating system's. */
function ownName(): string {
  try {
    return userInfo().username;
  } catch (error) {
    throw wrong('must name a user: postgresql://user:password@host/database', error);
  }
}

function wrong(message: string, cause?: unknown): StoreError {
  return new StoreError('bad_url', message, { cause });
}

function unescaped(character: string): StoreError {
  const escaped = `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return wrong(
    `contains "${character}" where it cannot stand for itself: in a user name or password it must be written as ${escaped}`,
  );
}

function split(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function decoded(text: string): string;
function decoded(text: string | undefined): string | undefined;
function decoded(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch (error) {
    throw wrong('contains "%" where it cannot stand for itself: it must be written as %25', error);
  }
}

function parametersOf(query: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const part of query.split('&').filter((each) => each !== '')) {
    const [name, value = ''] = split(part, '=').map((each) => decoded(each) ?? '');
    if (name === undefined || !PARAMETERS.has(name)) {
      throw wrong(
        `has the parameter "${name ?? ''}", which Ingam does not know: remove it. Known are ${[...PARAMETERS].join(', ')}`,
      );
    }
    if (found.has(name)) throw wrong(`has the parameter ${name} twice`);
    found.set(name, value);
  }
  const attributes = found.get('target_session_attrs') ?? 'read-write';
  if (attributes !== 'read-write' && attributes !== 'primary') {
    throw wrong(`has target_session_attrs=${attributes}, but the service writes: read-write is the default`);
  }
  return found;
}

function hostsOf(text: string, portText: string | undefined): DatabaseAddress['hosts'] {
  const ports = portText?.split(',') ?? [];
  const hosts = text.split(',').map((each, i) => {
    const match = /^(?:\[([0-9a-f:.%]+)\]|([^[\]:]*))(?::(.*))?$/i.exec(each);
    const port = match?.[3] ?? ports[i] ?? ports[0] ?? '5432';
    if (match === null || !/^[0-9]{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535) {
      throw wrong(
        `has the host "${each}", which is not a name or address with a port: host:5432, [::1]:5432. ` +
          'A user name or password with ":", "@", "/", "?", "#" or "%" must be percent-encoded',
      );
    }
    return { host: decoded(match[1] ?? match[2] ?? '') || 'localhost', port: Number(port) };
  });
  return hosts;
}

/** `schema`, as Prisma's URLs say it, or the search_path in `options`, as libpq's do. */
function schemaOf(parameters: ReadonlyMap<string, string>): string {
  const path = /-c\s*search_path=(\S+)/.exec(parameters.get('options') ?? '')?.[1];
  const schema = parameters.get('schema') ?? path ?? 'public';
  if (/^[a-z_][a-z0-9_]{0,62}$/.test(schema) && !schema.startsWith('pg_')) return schema;
  throw wrong(
    `names the schema ${JSON.stringify(schema)}: it must be one name of lower-case letters, digits and "_"`,
  );
}

/** TLS as libpq does it, except that nothing falls back to an unencrypted connection. */
function tlsOf(parameters: ReadonlyMap<string, string>): false | ConnectionOptions {
  const mode = parameters.get('sslmode') ?? 'disable';
  const root = parameters.get('sslrootcert');
  const trust = {
    ...(root === undefined || root === 'system' ? {} : { ca: fileOf('sslrootcert', root) }),
    ...clientCertificate(parameters),
  };
  switch (mode) {
    case 'disable':
      return false;
    case 'require':
      // As libpq: encrypted, but whoever answers is believed, unless there is a certificate to check against.
      return root === undefined
        ? { ...trust, rejectUnauthorized: false }
        : { ...trust, checkServerIdentity: () => undefined };
    case 'verify-ca':
      return { ...trust, checkServerIdentity: () => undefined };
    case 'verify-full':
      return trust;
    default:
      throw wrong(
        `has sslmode=${mode}, but must have one of verify-full (encrypted, and the server is checked), verify-ca, require (encrypted) ` +
          'and disable',
      );
  }
}

function clientCertificate(parameters: ReadonlyMap<string, string>): ConnectionOptions {
  const [cert, key] = [parameters.get('sslcert'), parameters.get('sslkey')];
  if (cert === undefined && key === undefined) return {};
  if (cert === undefined || key === undefined)
    throw wrong('must have both of sslcert and sslkey, or neither');
  return { cert: fileOf('sslcert', cert), key: fileOf('sslkey', key) };
}

function fileOf(parameter: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'it is not readable';
    const missing = reason === 'ENOENT' ? 'there is no such file' : reason;
    throw wrong(`names the file ${path} as ${parameter}, which cannot be read: ${missing}`, error);
  }
}
