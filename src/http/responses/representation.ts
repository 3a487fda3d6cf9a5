import {
  type InvitationLink,
  may,
  PERMISSIONS,
  type Principal as KnownPrincipal,
  type Tokens,
} from '../../auth/index.js';
import type { Accepted as AcceptedSubmission, OwnReceipt } from '../../intake/index.js';
import { nodeSha256 } from '../../crypto/primitives.js';
import type { Notarization as StoredNotarization, Place } from '../../log/index.js';
import { canonicalJson, encodeEntry, encodeHeader, type Entry, idWithDetails } from '../../proof/index.js';
import type {
  AccessEvent,
  ApiKey as StoredApiKey,
  Organization as StoredOrganization,
  Marks,
  OrganizationUser,
  Passkey as StoredPasskey,
  Session as StoredSession,
  StoredBlock,
} from '../../store/index.js';
import type * as resources from '../schemas/auth.js';
import type { Passkey } from '../schemas/passkeys.js';
import type { Block, Notarization, Receipt } from '../schemas/resources.js';

/** Converts the types of the lower layers to JSON: hex, base64 and RFC 3339 exist only from here on. */

/** What is shown besides the public data of the chain. */
export interface Shown {
  readonly details: boolean;
  /** undefined: not shown. */
  readonly marks?: OwnMarks | undefined;
  readonly submittedBy?: string | undefined;
}

/** What its organization sees of what it has done with a notarization. */
export type OwnMarks = Pick<Marks, 'published'> & Partial<Marks>;

/** As far as the principal may know them. */
export function marksFor(principal: KnownPrincipal, { held, ...others }: Marks): OwnMarks {
  return { ...others, ...(may(principal, 'holds') ? { held } : {}) };
}

export function notarizationJson(
  notarization: StoredNotarization,
  { details: withDetails, marks, submittedBy }: Shown,
): Notarization {
  const { position, entry } = notarization;
  const details = withDetails ? notarization.details : null;
  const text = details === null ? null : canonicalJson(details);
  return {
    ...withoutDetails(idWithDetails(position, entry, text, nodeSha256), position, entry, notarization),
    // Validated against the schema when submitted, and by their digest since.
    ...(details === null ? {} : { details: details }),
    ...(marks?.published === undefined ? {} : { published: marks.published }),
    ...(marks?.addedTags === undefined ? {} : { addedTags: [...marks.addedTags] }),
    ...(marks?.held === undefined ? {} : { held: marks.held }),
    ...(marks?.kept === true ? { kept: true } : {}),
    ...(submittedBy === undefined ? {} : { submittedBy }),
  };
}

function statusOf({ block, cosigned, anchored }: Place): Notarization['status'] {
  if (block === null) return 'accepted';
  if (cosigned?.quorum === false) return 'sealed';
  if (anchored === true) return 'anchored';
  return cosigned === null ? 'sealed' : 'cosigned';
}

/**
 * The notarization of document `i` of a submission, as JSON text: its details are not parsed only to be
 * formatted again.
 */
export function acceptedText(
  { firstPosition, entries, details }: AcceptedSubmission,
  i: number,
  place: Place,
): { readonly text: string; readonly self: string } {
  const entry = entries[i];
  if (entry === undefined) throw new RangeError(`the submission has no document ${i}`);
  const position = firstPosition + i;
  const json = details[i] ?? null;
  const shown = withoutDetails(idWithDetails(position, entry, json, nodeSha256), position, entry, place);
  const text = JSON.stringify(shown);
  return {
    text: json === null ? text : `${text.slice(0, -1)},"details":${json}}`,
    self: shown.links.self,
  };
}

function withoutDetails(id: string, position: number, entry: Entry, place: Place): Notarization {
  const { block, cosigned } = place;
  const self = `/v1/notarizations/${id}`;
  return {
    id,
    sha256: hex(entry.digest),
    size: entry.size,
    acceptedAt: formatTime(entry.acceptedAt),
    status: statusOf(place),
    position,
    ...(block === null
      ? {}
      : {
          sealedAt: formatTime(block.sealedAt),
          block: { height: block.height, index: position - block.firstPosition },
        }),
    ...(cosigned === null
      ? {}
      : { cosigned: { signed: cosigned.signed, of: cosigned.of, needed: cosigned.needed } }),
    entry: base64(encodeEntry(entry)),
    links: {
      self,
      proof: `${self}/proof`,
      events: `${self}/events`,
      ...(block === null ? {} : { block: `/v1/blocks/${block.height}` }),
    },
  };
}

export function blockJson(block: StoredBlock): Block {
  const self = `/v1/blocks/${block.height}`;
  return {
    height: block.height,
    hash: hex(block.hash),
    previousHash: hex(block.previousHash),
    merkleRoot: hex(block.merkleRoot),
    state: hex(block.state),
    firstPosition: block.firstPosition,
    entryCount: block.entryCount,
    sealedAt: formatTime(block.sealedAt),
    difficulty: block.difficulty,
    nonce: block.nonce.toString(),
    header: base64(encodeHeader(block)),
    links: {
      self,
      header: `${self}/header`,
      ...(block.height === 0 ? {} : { previous: `/v1/blocks/${block.height - 1}` }),
    },
  };
}

export function formatTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** With Node's encoders: NDJSON responses consist mostly of hex and base64. */
export function hex(bytes: Uint8Array): string {
  return view(bytes).toString('hex');
}

function base64(bytes: Uint8Array): string {
  return view(bytes).toString('base64');
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Organizations and people as JSON, without hashes of secrets and row numbers. */

export function organizationJson({
  id,
  name,
  createdAt,
  disabledAt,
  limits,
  requiresPasskey,
}: StoredOrganization): resources.Organization {
  return {
    id,
    name,
    createdAt: formatTime(createdAt),
    disabledAt: timeOrNull(disabledAt),
    limits: limitsJson(limits),
    requiresPasskey,
  };
}

export function organizationName({ id, name }: StoredOrganization) {
  return { id, name };
}

export function userJson({ person, role, createdAt, acceptedAt }: OrganizationUser): resources.User {
  return {
    id: person.id,
    email: person.email,
    name: person.name,
    role,
    createdAt: formatTime(createdAt),
    acceptedAt: timeOrNull(acceptedAt),
    disabledAt: timeOrNull(person.disabledAt),
  };
}

export function invitationJson({ token, expiresAt, mailed }: InvitationLink) {
  return { token, expiresAt: formatTime(expiresAt), mailed };
}

export function apiKeyJson(key: StoredApiKey): resources.ApiKey {
  return {
    id: key.id,
    name: key.name,
    prefix: `ingam_${key.id}_`,
    scopes: [...key.scopes],
    networks: [...key.networks],
    createdAt: formatTime(key.createdAt),
    createdBy: key.createdBy,
    expiresAt: timeOrNull(key.expiresAt),
    revokedAt: timeOrNull(key.revokedAt),
    lastUsedAt: timeOrNull(key.lastUsedAt),
    limits: limitsJson(key.limits),
  };
}

export function principalJson(principal: KnownPrincipal): resources.Principal {
  const permissions = PERMISSIONS.filter((permission) => may(principal, permission));
  switch (principal.kind) {
    case 'anonymous':
      return { kind: 'anonymous', permissions };
    case 'key':
      return {
        kind: 'key',
        id: principal.keyId,
        organization: organizationName(principal.organization),
        scopes: [...principal.scopes],
        permissions,
      };
    case 'user':
      return {
        kind: 'user',
        id: principal.personId,
        email: principal.email,
        name: principal.name,
        operator: principal.operator,
        organization: principal.organization === null ? null : organizationName(principal.organization),
        role: principal.role,
        lacksPasskey: principal.lacksPasskey,
        permissions,
      };
  }
}

export function tokensJson({ accessToken, accessExpiresAt, refreshToken, refreshExpiresAt }: Tokens) {
  return {
    accessToken,
    accessExpiresAt: formatTime(accessExpiresAt),
    refreshToken,
    refreshExpiresAt: formatTime(refreshExpiresAt),
  };
}

export function ownSessionJson(session: StoredSession, currentId: string | null) {
  const { id, createdAt, lastUsedAt, expiresAt, address, agent, organizationId } = session;
  return {
    id,
    current: id === currentId,
    createdAt: formatTime(createdAt),
    lastUsedAt: formatTime(lastUsedAt),
    expiresAt: formatTime(expiresAt),
    address,
    agent,
    organizationId,
  };
}

export function passkeyJson({ id, name, rpId, createdAt, lastUsedAt }: StoredPasskey): Passkey {
  return { id, name, rpId, createdAt: formatTime(createdAt), lastUsedAt: timeOrNull(lastUsedAt) };
}

export function eventJson(event: AccessEvent): resources.AccessLog['events'][number] {
  const { id, at, kind, organizationId, personId, keyId, address, detail } = event;
  return {
    id,
    at: formatTime(at),
    kind,
    organizationId,
    personId,
    keyId,
    address,
    detail: { ...detail },
  };
}

function limitsJson({ requestsPerMinute, digestsPerDay, bytesPerDay }: StoredOrganization['limits']) {
  return { requestsPerMinute, digestsPerDay, bytesPerDay };
}

function timeOrNull(milliseconds: number | null): string | null {
  return milliseconds === null ? null : formatTime(milliseconds);
}

export function receiptJson({ note, index, path }: OwnReceipt): Receipt {
  return { note, index, path: path.map(base64) };
}
