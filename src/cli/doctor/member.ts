import { NODE_LIMITS } from '../../background/time-limits.js';
import { hostOf } from '../../background/webhook.js';
import { Chain } from '../../http/schemas/resources.js';
import { FollowedKeys } from '../../member/headers.js';
import { openSignedByAny, RefusedError, remoteLog, UnavailableError } from '../../member/index.js';
import type { RemoteLog } from '../../member/remote-log.js';
import { equal, formatVerifierKey, ProofError, type VerifierKey } from '../../proof/index.js';
import { logTree } from '../../sealer/index.js';
import { memberKeyFile, memberSigner } from '../../service/keys.js';
import type { MemberConfig } from '../../service/member-config.js';
import { openStore, type Store, StoreError } from '../../store/index.js';
import { Failure } from '../failure.js';
import { readText } from '../files.js';
import { examineStored } from './database.js';
import { finding, type Finding } from './finding.js';
import { exists, openFiles } from './keys.js';
import { examineDisk, judgeBlocksClock, judgeLogClock } from './machine.js';
import { BLOCK_LAG, examineMembers, examineService, get, localAddress, reasonOf } from './network.js';

/** What a member's node depends on. */
export async function examineMember(config: MemberConfig, stop: AbortSignal): Promise<readonly Finding[]> {
  // Before the database, whose examination may start a server in the data directory.
  const disk = await examineDisk(config.dataDir);
  const upstream = remoteLog(config.upstream, NODE_LIMITS.followingMs, stop);
  const [own, service] = await Promise.all([
    examineStored(
      config,
      { workers: 1, requireSync: false },
      (url, { found, isUsable }) =>
        isUsable ? examineCopy(url, found, config, upstream) : examineWithoutCopy(found, config, upstream),
      (database) => examineWithoutCopy([database], config, upstream),
    ),
    examineService(localAddress(config), stop),
  ]);
  const peers = config.peers.map((url) => ({ name: hostOf(url), url }));
  const network = await Promise.all([
    examineListing(config, own, stop),
    examineMembers(peers, 'INGAM_MEMBER_PEERS', config.upstreamKey.name, own.blocks, stop),
  ]);
  return [finding('settings', 'ok', 'settings'), ...disk, ...own.found, ...service, ...network.flat()];
}

interface Own {
  readonly found: readonly Finding[];
  /** null: there is none, or it cannot be read. */
  readonly key: VerifierKey | null;
  /** In the copy; null: they cannot be counted. */
  readonly blocks: number | null;
  /** Size of the last checkpoint that it has cosigned; null: likewise. */
  readonly cosigned: number | null;
}

async function examineWithoutCopy(
  database: readonly Finding[],
  config: MemberConfig,
  upstream: RemoteLog,
): Promise<Own> {
  const [{ found, key }, log] = await Promise.all([
    examineKey(config, false),
    examineLog(config, upstream, null),
  ]);
  return { found: [...database, ...found, ...log], key, blocks: null, cosigned: null };
}

/** @param database the findings about it */
async function examineCopy(
  url: string,
  database: readonly Finding[],
  config: MemberConfig,
  upstream: RemoteLog,
): Promise<Own> {
  const store = await openStore({ url, poolSize: 2, asItIs: true });
  try {
    const tip = await store.tip();
    const last = await store.cosignedCheckpoint(config.upstreamKey.name);
    const blocks = tip === null ? 0 : tip.height + 1;
    const { found, key } = await examineKey(config, blocks > 0 || last !== null);
    return {
      found: [
        ...[...database, ...judgeBlocksClock(tip?.sealedAt ?? 0, Date.now()), ...found],
        last === null
          ? finding('log', 'note', 'cosignedNone')
          : finding('log', 'ok', 'cosignedHere', last.size, blocks),
        ...(await examineLog(config, upstream, { store, blocks })),
      ],
      key,
      blocks,
      cosigned: last?.size ?? 0,
    };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    const broken = finding('database', 'problem', 'databaseUnreachable', error.message);
    return { found: [...database, broken], key: null, blocks: null, cosigned: null };
  } finally {
    await store.close();
  }
}

/** @param hasChain whether blocks were cosigned with a key. @returns it, where it can be read; it creates none */
async function examineKey(
  { dataDir, key: given, name }: MemberConfig,
  hasChain: boolean,
): Promise<{ readonly found: readonly Finding[]; readonly key: VerifierKey | null }> {
  const found = await openFiles(dataDir);
  const file = memberKeyFile(dataDir);
  if (given === null && !(await exists(file))) {
    const missing = hasChain
      ? finding('keys', 'problem', 'memberKeyMissing', file)
      : finding('keys', 'ok', 'keysNew');
    return { found: [...found, missing], key: null };
  }
  try {
    const { key } = memberSigner(given ?? (await readText(file, file)), name);
    return { found: [...found, finding('keys', 'ok', 'memberKeyHere', formatVerifierKey(key))], key };
  } catch (error) {
    if (error instanceof ProofError)
      return { found: [...found, finding('keys', 'problem', 'memberKeyWrong', error.message)], key: null };
    if (error instanceof Failure)
      return { found: [...found, finding('keys', 'problem', 'keyUnreadable', error.message)], key: null };
    throw error;
  }
}

interface Copy {
  readonly store: Store;
  readonly blocks: number;
}

/** Whether the log answers, is signed by the configured key, and continues the copy. */
async function examineLog(
  { upstreamKey }: MemberConfig,
  upstream: RemoteLog,
  copy: Copy | null,
): Promise<Finding[]> {
  const { host } = upstream;
  try {
    const text = await upstream.checkpoint();
    if (text === null) return [finding('log', 'note', 'logEmpty', host)];
    const { signed } =
      copy === null
        ? { signed: openSignedByAny(text, [upstreamKey]) }
        : await new FollowedKeys(copy.store, upstreamKey).open(text, upstream, copy.blocks === 0);
    const { size, root } = signed.checkpoint;
    if (copy !== null && size > 0 && size <= copy.blocks) {
      const own = await logTree(copy.store, size).root();
      if (!equal(own, root)) return [finding('log', 'problem', 'logForked', host, size)];
    }
    return [judgeLog(host, size, copy?.blocks ?? null)];
  } catch (error) {
    if (error instanceof UnavailableError)
      return [finding('log', 'problem', 'logUnreachable', error.message)];
    if (error instanceof RefusedError) return [finding('log', 'problem', 'logRefused', host, error.message)];
    throw error;
  }
}

/** @param size of the published checkpoint. @param blocks in the copy; null: they cannot be counted */
export function judgeLog(host: string, size: number, blocks: number | null): Finding {
  const lag = blocks === null ? 0 : size - blocks;
  if (lag > BLOCK_LAG) return finding('log', 'warning', 'logAhead', host, size, lag);
  // A service publishes a checkpoint some seconds after members have cosigned it.
  return -lag > BLOCK_LAG
    ? finding('log', 'problem', 'logShorter', host, size, blocks ?? 0)
    : finding('log', 'ok', 'logReached', host, size);
}

/** What the followed service says of this member, and what time it has. Other implementations say nothing. */
async function examineListing(
  { upstream }: MemberConfig,
  { key, cosigned }: Own,
  stop: AbortSignal,
): Promise<Finding[]> {
  try {
    const { text, clockAheadMs, uncertaintyMs } = await get(`${upstream}/v1/chain`, stop);
    const clock = clockAheadMs === null ? [] : [judgeLogClock(clockAheadMs, uncertaintyMs)];
    const { success, data } = Chain.safeParse(JSON.parse(text));
    if (!success || key === null) return clock;
    return [...clock, judgeListing(data, key, cosigned)];
  } catch (error) {
    return [finding('log', 'note', 'listingUnknown', reasonOf(error))];
  }
}

/** @param cosigned as this member remembers it; null: it cannot be read */
export function judgeListing(
  { members = [] }: Pick<Chain, 'members'>,
  key: VerifierKey,
  cosigned: number | null,
): Finding {
  const own = formatVerifierKey(key);
  const listed = members.find(({ verifierKey }) => verifierKey === own);
  if (listed === undefined) return finding('log', 'warning', 'listedNot', own);
  return cosigned !== null && listed.size > cosigned
    ? finding('log', 'problem', 'cosignedForgotten', listed.size, cosigned)
    : finding('log', 'ok', 'listed', listed.size);
}
