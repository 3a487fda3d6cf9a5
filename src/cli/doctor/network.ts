import { createHash } from 'node:crypto';
import { readLimited } from '../../background/bodies.js';
import { NODE_LIMITS, timeLimit } from '../../background/time-limits.js';
import { probeTimeSources, type TimeSources } from '../../anchoring/index.js';
import { Connection, Version } from '../../http/schemas/about.js';
import { Readiness } from '../../http/schemas/resources.js';
import { VERSION } from '../../http/version.js';
import { parseCheckpointNote, ProofError } from '../../proof/index.js';
import { finding, type Finding } from './finding.js';

const MAX_ANSWER = 256 * 1024;
/** More blocks than are sealed while the question is under way. */
export const BLOCK_LAG = 10;
/** RFC 5737: an address that no client has. */
const MADE_UP = '192.0.2.1';

interface Answer {
  readonly status: number;
  readonly text: string;
  /** How far the clock of the server is ahead of this machine's; null: it does not say its time. */
  readonly clockAheadMs: number | null;
  readonly uncertaintyMs: number;
}

/** RFC 9110, section 5.6.7: times in headers have no fractions. */
const DATE_MS = 1000;

/** @throws {Error} with the reason, also when the answer is too long */
export async function get(
  url: URL | string,
  stop: AbortSignal,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const [sentAt, started] = [Date.now(), performance.now()];
  const response = await fetch(url, {
    redirect: 'manual',
    headers,
    signal: timeLimit(NODE_LIMITS.checkpointMs, stop),
  });
  const took = performance.now() - started;
  const date = Date.parse(response.headers.get('date') ?? '');
  return {
    status: response.status,
    text: Buffer.from(await readLimited(response.body, MAX_ANSWER)).toString('utf8'),
    clockAheadMs: Number.isNaN(date) ? null : date + DATE_MS / 2 - (sentAt + took / 2),
    uncertaintyMs: (DATE_MS + took) / 2,
  };
}

/** At which this machine reaches a node that listens so. */
export function localAddress({ host, port }: { readonly host: string; readonly port: number }): string {
  const name = host === '0.0.0.0' ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
}

/**
 * @param setting that names them
 * @param origin the log's name; null: it is not known
 * @param blocks in the database; null: likewise
 */
export function examineMembers(
  members: readonly { readonly name: string; readonly url: string }[],
  setting: 'INGAM_MEMBERS' | 'INGAM_MEMBER_PEERS',
  origin: string | null,
  blocks: number | null,
  stop: AbortSignal,
): Promise<Finding[]> {
  if (origin === null) return Promise.resolve([]);
  const path = `${createHash('sha256').update(origin).digest('hex')}/checkpoint`;
  return Promise.all(
    members.map(async ({ name, url }) => {
      try {
        const { status, text } = await get(`${url}/${path}`, stop);
        if (status !== 200) return finding('members', 'warning', 'memberNothing', name);
        return judgeMember(name, parseCheckpointNote(text).checkpoint.size, blocks);
      } catch (error) {
        if (error instanceof ProofError) return finding('members', 'warning', 'memberNothing', name);
        return finding('members', 'warning', 'memberUnreachable', name, reasonOf(error), setting);
      }
    }),
  );
}

export function judgeMember(name: string, size: number, blocks: number | null): Finding {
  const lag = blocks === null ? 0 : blocks - size;
  return lag > BLOCK_LAG
    ? finding('members', 'warning', 'memberBehind', name, String(size), String(lag))
    : finding('members', 'ok', 'memberReached', name, String(size));
}

export async function examineTimeSources(sources: TimeSources, stop: AbortSignal): Promise<Finding[]> {
  const probes = await probeTimeSources(sources, stop);
  return probes.map(({ name, problem }) =>
    problem === null
      ? finding('time_sources', 'ok', 'sourceReached', name)
      : finding('time_sources', 'warning', 'sourceUnreachable', name, problem),
  );
}

/** The service on this machine, if it runs: what it says of itself. */
export async function examineService(url: string, stop: AbortSignal): Promise<Finding[]> {
  let version: string;
  let readiness: Readiness;
  try {
    version = Version.parse(JSON.parse((await get(`${url}/v1/version`, stop)).text)).version;
    readiness = Readiness.parse(JSON.parse((await get(`${url}/readyz`, stop)).text));
  } catch {
    return [finding('service', 'note', 'serviceAbsent', url)];
  }
  return [
    ...(version === VERSION ? [] : [finding('service', 'warning', 'serviceVersion', version, VERSION)]),
    ...(readiness.ready ? [finding('service', 'ok', 'serviceReady', url, version)] : []),
    ...readiness.problems.map(({ message }) => finding('service', 'problem', 'serviceProblem', message)),
    ...readiness.warnings.map(({ message }) => finding('service', 'warning', 'serviceProblem', message)),
  ];
}

/** What the service saw of a request without and of one with an address that was made up. */
export interface SeenThroughProxy {
  readonly plain: Connection;
  readonly forged: Connection;
}

/** @param isEncrypted whether the address is https, which this service never serves itself */
export function judgeProxy(url: string, { plain, forged }: SeenThroughProxy, isEncrypted: boolean): Finding {
  if (forged.address === MADE_UP) return finding('proxy', 'problem', 'proxyForgeable');
  if (plain.forwardedFor === 0) {
    return isEncrypted
      ? finding('proxy', 'problem', 'proxySilent')
      : finding('proxy', 'ok', 'proxyNone', url, plain.address);
  }
  return plain.trusted
    ? finding('proxy', 'ok', 'proxyGood', url, plain.address)
    : finding('proxy', 'problem', 'proxyUntrusted', plain.address);
}

/**
 * Asks the service through the address that people use.
 * @param isLoopback whether the service listens for this machine alone
 */
export async function examineProxy(
  publicUrl: URL | null,
  origin: string | null,
  isLoopback: boolean,
  stop: AbortSignal,
): Promise<Finding[]> {
  if (publicUrl === null) {
    return [finding('proxy', isLoopback ? 'note' : 'warning', 'publicUrlUnset')];
  }
  const url = publicUrl.href;
  let answers: readonly Answer[];
  try {
    const connection = new URL('v1/connection', publicUrl);
    answers = await Promise.all([
      get(connection, stop),
      get(connection, stop, { 'X-Forwarded-For': MADE_UP }),
      get(new URL('v1/chain', publicUrl), stop),
    ]);
  } catch (error) {
    return [finding('proxy', 'warning', 'publicUrlUnreachable', url, reasonOf(error))];
  }
  const refused = answers.find(({ status }) => status !== 200);
  if (refused !== undefined) {
    const said = /"detail":"([^"]{1,300})"/.exec(refused.text)?.[1];
    const detail = `status ${refused.status}${said === undefined ? '' : `: ${said}`}`;
    return [finding('proxy', 'problem', 'publicUrlOther', url, detail)];
  }
  try {
    const [plain, forged, chain] = answers.map(({ text }) => JSON.parse(text) as unknown);
    const { origin: other } = chain as { readonly origin?: unknown };
    if (origin !== null && other !== origin)
      return [finding('proxy', 'problem', 'publicUrlOtherLog', url, String(other))];
    const seen = { plain: Connection.parse(plain), forged: Connection.parse(forged) };
    return [judgeProxy(url, seen, publicUrl.protocol === 'https:')];
  } catch (error) {
    return [finding('proxy', 'problem', 'publicUrlOther', url, reasonOf(error))];
  }
}
