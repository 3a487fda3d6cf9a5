import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import {
  concat,
  blockHash,
  canonicalJson,
  detailsDigestOf,
  accountTagOf,
  ED25519,
  encodeEntry,
  encodeHeader,
  formatCheckpoint,
  formatNote,
  hasProofOfWork,
  leafHash,
  NO_PREVIOUS_HASH,
  NO_STATE,
  signNote,
  verifierKey,
  type Header,
  type NoteSigner,
} from '../../src/proof/index.js';
import { nodeSha256 } from '../../src/crypto/primitives.js';
import { buildTree } from '../../src/merkle/block-tree.js';
import { extendLog } from '../../src/sealer/log.js';
import type { Organization, KeptEntry, NewEntry, Store } from '../../src/store/index.js';
import { receiptOf } from '../support/chain.js';

const NAME = 'audit.example/log';
const DIFFICULTY = 4;
/** Fixed, so that the times of a test's blocks and entries are in a known order. */
const START = 1_800_000_000_000;

export function createSigner(name = NAME): NoteSigner {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  return {
    key: verifierKey(name, ED25519, new Uint8Array(raw)),
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
  };
}

const ORGANIZATIONS = ['organization-a', 'organization-b'];

/** The organizations that entries belong to, in the order of ORGANIZATIONS. */
async function organizationsOf({ access }: Store): Promise<Organization[]> {
  const event = { at: START, kind: 'organization_created', organizationId: null, personId: null } as const;
  const limits = { requestsPerMinute: null, digestsPerDay: null, bytesPerDay: null };
  const organizations: Organization[] = [];
  for (const id of ORGANIZATIONS) {
    const organization = { id, name: id, createdAt: START, limits };
    const told = { ...event, keyId: null, address: null, detail: {} };
    organizations.push(
      (await access.organization(id)) ?? (await access.createOrganization(organization, null, [told])),
    );
  }
  return organizations;
}

/** Every fourth entry belongs to an organization, to both alternately. */
const organizationAt = (index: number): number | null =>
  index % 4 === 0 ? (index / 4) % ORGANIZATIONS.length : null;

/** Every third entry has details, every fifth no size. */
function sample(time: number, index: number): { entry: NewEntry; json: string | null } {
  const salt = new Uint8Array(randomBytes(16));
  const details = index % 3 === 0 ? { name: `document ${time}-${index}.pdf`, note: 'größer als 4 €' } : null;
  const entry = {
    kind: 0,
    digest: new Uint8Array(randomBytes(32)),
    size: index % 5 === 0 ? null : 1000 + index,
    salt,
    accountTag: accountTagOf(salt, ORGANIZATIONS[organizationAt(index) ?? -1] ?? null),
    detailsDigest: detailsDigestOf(salt, details),
  };
  return { entry, json: details === null ? null : canonicalJson(details) };
}

/** Accepts `count` entries at once, `time` milliseconds after START. */
export async function acceptEntries(store: Store, count: number, time: number): Promise<void> {
  const samples = Array.from({ length: count }, (_, index) => sample(time, index));
  const organizations = await organizationsOf(store);
  const entries = samples.map(({ entry }) => entry);
  await store.accept({
    acceptedAt: START + time,
    entries,
    receipt: receiptOf(entries, START + time, NAME),
    details: samples.flatMap(({ json }, index) => (json === null ? [] : [{ index, json, words: [] }])),
    idempotency: [],
    register: samples.flatMap((_, offset) => {
      const organization = organizations[organizationAt(offset) ?? -1];
      return organization === undefined
        ? []
        : [{ offset, count: 1, organization: organization.number, submittedBy: 'key:test' }];
    }),
  });
}

/**
 * Seals the next `count` entries as the service does, in this process and with the clock at START + `time`.
 */
export async function sealBlock(
  store: Store,
  signer: NoteSigner,
  count: number,
  time: number,
): Promise<void> {
  const { tip, firstUnsealed } = await store.sealingState();
  const entries = (await store.entries(firstUnsealed, count)) as KeptEntry[];
  const tree = buildTree(concat(...entries.map((entry) => leafHash(encodeEntry(entry), nodeSha256))));
  const block = mine({
    height: tip === null ? 0 : tip.height + 1,
    previousHash: tip?.hash ?? NO_PREVIOUS_HASH,
    merkleRoot: tree.root,
    state: NO_STATE,
    firstPosition: firstUnsealed,
    entryCount: entries.length,
    sealedAt: START + time,
    difficulty: DIFFICULTY,
    nonce: 0n,
  });
  const size = block.height + 1;
  const log = await extendLog(store, block.height, encodeHeader(block));
  const text = formatCheckpoint({ origin: signer.key.name, size, root: log.root, extensions: [] });
  const outcome = await store.commitBlock({
    expectedTip: tip?.hash ?? null,
    block,
    statement: null,
    blockTiles: tree.tiles,
    logTiles: log.tiles,
    checkpoint: { size, root: log.root, note: formatNote(signNote(text, signer)) },
  });
  if (outcome !== 'committed') throw new Error(outcome);
}

function mine(header: Header): Header & { readonly hash: Uint8Array } {
  for (let nonce = header.nonce; ; nonce++) {
    const bytes = encodeHeader({ ...header, nonce });
    const hash = blockHash(bytes, nodeSha256);
    if (hasProofOfWork(hash, header.difficulty)) return { ...header, nonce, hash };
  }
}

/** One block for each count; entries are accepted just before their block is sealed. */
export async function buildChain(store: Store, signer: NoteSigner, counts: readonly number[]): Promise<void> {
  for (const [height, count] of counts.entries()) {
    await acceptEntries(store, count, height * 1000);
    await sealBlock(store, signer, count, height * 1000 + 500);
  }
}
