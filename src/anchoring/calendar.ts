import { toHex } from '../proof/index.js';
import { verifyBitcoinAnchor } from '../proof/time/bitcoin-anchor.js';
import { bitcoinCommitments, pendingCommitments, prune, upgrade } from '../proof/time/ots-tree.js';
import {
  formatOts,
  MAX_CALENDAR_ANSWER,
  parseCalendarTimestamp,
  parseOts,
  type DetachedTimestamp,
  type Timestamp,
} from '../proof/time/ots.js';
import { headersOf, tipOf } from './bitcoin-node.js';
import { reading, requestFrom, SourceError, type Limits } from './request.js';
import type { BitcoinNode, CalendarSource } from './sources.js';

/** Asking a calendar of OpenTimestamps. */

const ACCEPT = { accept: 'application/vnd.opentimestamps.v1' };

/**
 * Submits a digest.
 * @returns an .ots file that this calendar has promised to complete
 * @throws {SourceError}
 */
export async function submitDigest(
  { url }: Pick<CalendarSource, 'url'>,
  digest: Uint8Array,
  limits: Limits,
): Promise<Uint8Array> {
  const { body } = await requestFrom(`${url}/digest`, {
    body: digest,
    headers: { ...ACCEPT, 'content-type': 'application/octet-stream' },
    limit: MAX_CALENDAR_ANSWER,
    ...limits,
  });
  const timestamp = reading(() => parseCalendarTimestamp(body));
  // Only addresses that the operator has named are asked later: what an .ots file names is anybody's.
  const own = prune(timestamp, (each) => each.type === 'pending' && each.url === url);
  if (own !== null) return formatOts({ digest, timestamp: own });
  const named = pendingCommitments({ digest, timestamp }).map((each) => each.url);
  throw new SourceError(
    'wrong_answer',
    named.length === 0
      ? 'its answer promises nothing'
      : `it will be completed at ${named.join(', ')}: write that address into the file of time sources`,
  );
}

/** A timestamp that leads to a Bitcoin block. */
export interface Completed {
  readonly ots: Uint8Array;
  readonly height: number;
  /** That of the block first. */
  readonly headers: readonly Uint8Array[];
}

/** A block that has fewer blocks on top may yet be dropped from the chain. */
const BLOCKS_ON_TOP = 5;

/**
 * Asks the calendar for what it has promised.
 * @returns null while it is pending
 * @throws {SourceError}
 */
export async function completeTimestamp(
  { url }: Pick<CalendarSource, 'url'>,
  pending: Uint8Array,
  node: BitcoinNode,
  limits: Limits,
): Promise<Completed | null> {
  const detached = parseOts(pending);
  for (const { url: named, commitment } of pendingCommitments(detached)) {
    if (named !== url) continue;
    const { status, body } = await requestFrom(
      `${url}/timestamp/${toHex(commitment)}`,
      { headers: ACCEPT, limit: MAX_CALENDAR_ANSWER, ...limits },
      [200, 404],
    );
    if (status === 404) continue;
    const answer: Timestamp = reading(() => parseCalendarTimestamp(body, commitment.length));
    const upgraded = upgrade(detached, commitment, answer);
    const completed = upgraded === null ? null : await placed(upgraded, node, limits);
    if (completed !== null) return completed;
  }
  return null;
}

/** With the headers of the earliest block that the timestamp leads to; null: it leads to none that is deep enough. */
async function placed(
  upgraded: DetachedTimestamp,
  node: BitcoinNode,
  limits: Limits,
): Promise<Completed | null> {
  const [first] = bitcoinCommitments(upgraded);
  if (first === undefined) return null;
  const { height } = first;
  if ((await tipOf(node, limits)) < height + BLOCKS_ON_TOP) return null;
  const headers = await headersOf(node, height, BLOCKS_ON_TOP + 1, limits);
  const kept = prune(
    upgraded.timestamp,
    (each) => each.type === 'pending' || (each.type === 'bitcoin' && each.height === height),
  );
  const ots = formatOts({ digest: upgraded.digest, timestamp: kept ?? upgraded.timestamp });
  const [header = new Uint8Array(), ...following] = headers;
  const verdict = verifyBitcoinAnchor(
    upgraded.digest,
    ots,
    { header, height, path: [], following },
    [],
    node.network,
  );
  if (!verdict.ok) throw new SourceError('wrong_answer', `its timestamp does not count: ${verdict.fault}`);
  return { ots, height, headers };
}
