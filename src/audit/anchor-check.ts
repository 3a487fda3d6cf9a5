import { nodeSha256 } from '../crypto/primitives.js';
import { equal, merkleRoot, toHex, utf8 } from '../proof/index.js';
import { parseBitcoinHeader } from '../proof/time/bitcoin.js';
import { bitcoinCommitments } from '../proof/time/ots-tree.js';
import { parseOts } from '../proof/time/ots.js';
import { DerError } from '../proof/time/der.js';
import { readClaims } from '../proof/time/rfc3161.js';
import { TimeError } from '../proof/time/time-error.js';
import { anchorMac, type AnchorRow, type RecordRows } from '../store/index.js';
import { type AuditNote, finding, type Findings } from './finding.js';

const PAGE = 256;
/** Most revocation lists that are named. */
const LIMIT = 1000;

interface Options {
  readonly rows: RecordRows;
  readonly rowKeys: readonly Uint8Array[] | null;
  readonly findings: Findings;
  readonly notes: AuditNote[];
  readonly onPage: () => void;
}

/**
 * Compares the anchors with the checkpoints that they are about. Whether a token counts is the question of a
 * verifier, who knows whom to trust; here every one must be about the note of its checkpoint.
 */
export async function checkAnchors(options: Options): Promise<void> {
  const { rows, rowKeys, findings, notes, onPage } = options;
  let before: Uint8Array | null = null;
  let last = 0n;
  let missing = 0n;
  for (;;) {
    const page = await rows.anchors(last, PAGE);
    for (const row of page) {
      const add = (problem: 'extra' | 'not_authentic' | 'anchor_mismatch' | 'missing', message: string) => {
        findings.add(finding('anchor', { id: row.id }, null, problem, message));
      };
      missing += row.id - last - 1n;
      last = row.id;
      if (rowKeys !== null && !isGenuine(row, before, rowKeys)) {
        const message = `Anchor ${row.id} is not as the service wrote it, or is not in its place: one before it was changed, added or removed.`;
        add('not_authentic', message);
      }
      before = row.mac;
      const fault = faultOf(row);
      if (fault !== null)
        add(
          row.type !== 'renewal' && row.note === null ? 'extra' : 'anchor_mismatch',
          `Anchor ${row.id} ${fault}.`,
        );
      if (row.lists < new Set(row.crls.map(toHex)).size)
        add('missing', `A revocation list of anchor ${row.id} is missing.`);
    }
    onPage();
    if (page.length < PAGE) break;
  }
  const given = await rows.lastAnchorId();
  if (given !== null && given < last) {
    const message = `The anchors go up to number ${last}, but the database has given numbers up to ${given} only.`;
    findings.add(finding('anchor', { id: last }, 'id', 'extra', message));
  }
  missing += given !== null && given > last ? given - last : 0n;
  if (missing > 0n) {
    const message = `${missing} numbers of anchors are missing. Storing that failed leaves such a gap; so does an anchor that was removed.`;
    notes.push({ about: 'anchors', message });
  }
  await checkRenewals(options);
  await checkLists(options);
}

function isGenuine(row: AnchorRow, before: Uint8Array | null, rowKeys: readonly Uint8Array[]): boolean {
  const { mac } = row;
  const number = (value: bigint | null) => (value === null ? null : Number(value));
  const facts = {
    madeAt: Number(row.made_at),
    size: number(row.size),
    validUntil: number(row.valid_until),
    height: number(row.height),
    type: row.type,
    source: row.source,
    data: nodeSha256(row.data),
    headers: row.headers === null ? null : nodeSha256(row.headers),
    crls: row.crls,
  };
  return mac !== null && rowKeys.some((key) => equal(mac, anchorMac(key, before, facts)));
}

/** What is wrong, after "Anchor 5"; null: nothing. */
function faultOf({ type, size, note, data, height, headers }: AnchorRow): string | null {
  // Its leaves are compared below.
  if (type === 'renewal') return null;
  if (note === null) return `is of the checkpoint over ${String(size)} blocks, which is not there`;
  const other = 'is not about the note of its checkpoint';
  const digest = nodeSha256(utf8(note));
  try {
    if (type === 'rfc3161') return isAbout(data, digest) ? null : other;
    const detached = parseOts(data);
    if (!equal(detached.digest, digest)) return other;
    if (type === 'pending' || headers === null) return null;
    const { merkleRoot: root } = parseBitcoinHeader(headers.slice(0, 80));
    const leads = bitcoinCommitments(detached).some(
      (each) => each.height === Number(height) && equal(each.merkleRoot, root),
    );
    return leads ? null : 'does not lead to its Bitcoin header';
  } catch (error) {
    if (error instanceof DerError || error instanceof TimeError) return `cannot be read: ${error.message}`;
    throw error;
  }
}

/** @throws {DerError} */
function isAbout(token: Uint8Array, digest: Uint8Array): boolean {
  const claims = readClaims(token);
  return claims.digest === 'sha256' && equal(claims.imprint, digest);
}

async function checkRenewals({ rows, findings, onPage }: Options): Promise<void> {
  let leaves: Uint8Array[] = [];
  let token: Uint8Array | null = null;
  let after = { renewal: 0n, index: -1 };
  const add = (problem: 'extra' | 'anchor_mismatch', message: string) => {
    const { renewal, index } = after;
    findings.add(finding('renewal_leaf', { renewal, index }, null, problem, message));
  };
  const finish = () => {
    if (leaves.length > 0 && token !== null && !stamps(token, leaves))
      add('anchor_mismatch', `Renewal ${after.renewal} is not about the tokens that it is said to renew.`);
    leaves = [];
  };
  for (;;) {
    const page = await rows.renewalLeaves(after, PAGE);
    for (const row of page) {
      if (row.renewal !== after.renewal) finish();
      after = { renewal: row.renewal, index: row.index };
      token = row.token;
      if (row.token === null) add('extra', `There is no renewal ${row.renewal}.`);
      else if (!row.fits || row.index !== leaves.length)
        add(
          'anchor_mismatch',
          `Leaf ${row.index} of renewal ${row.renewal} is not the token that it names, with its revocation lists.`,
        );
      leaves.push(row.hash);
    }
    onPage();
    if (page.length < PAGE) break;
  }
  finish();
}

function stamps(token: Uint8Array, leaves: readonly Uint8Array[]): boolean {
  try {
    return isAbout(token, nodeSha256(merkleRoot(leaves, nodeSha256)));
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}

async function checkLists({ rows, findings }: Options): Promise<void> {
  for (const { digest, fits } of await rows.oddRevocationLists(LIMIT)) {
    const which = `The revocation list ${toHex(digest)}`;
    const [problem, message] = fits
      ? (['extra', `${which} belongs to no anchor.`] as const)
      : (['anchor_mismatch', `${which} is not the one that its digest names.`] as const);
    findings.add(finding('revocation_list', { digest: toHex(digest) }, null, problem, message));
  }
}
