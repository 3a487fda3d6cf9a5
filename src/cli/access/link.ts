import type { Config } from '../../config.js';

/** Addresses at which nobody can be called: they mean "all of this machine's". */
const EVERYWHERE = new Set(['0.0.0.0', '::']);

/**
 * The page where an invitation is taken. What stands behind # goes to no server and into no log.
 * @param token of an invitation, or of the first start
 */
export function invitationLink(base: string, kind: 'invitation' | 'setup', token: string): string {
  return new URL(`account.html#${kind}=${token}`, base.endsWith('/') ? base : `${base}/`).href;
}

/** Where people reach the service that this configuration is of. */
export function addressOf({ access, host, port }: Config): string {
  if (access.publicUrl !== null) return access.publicUrl.href;
  const name = EVERYWHERE.has(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}/`;
}
