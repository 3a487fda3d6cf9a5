import { createHmac } from 'node:crypto';
import { toHex } from '../proof/bytes.js';

// Message authentication codes over rows that nothing in the chain proves, under a key that is not in the
// database: whoever can write rows cannot make them. HMAC-SHA-256, cut to 16 bytes.

const LENGTH = 16;

/** A run of entries that one submitter had accepted, which `leaf` ties to its place in the chain. */
export interface RunFacts {
  readonly organization: number;
  readonly acceptedAt: number;
  readonly count: number;
  readonly submittedBy: string;
  /** Leaf hash of the run's first entry. An erasure leaves it. */
  readonly leaf: Uint8Array;
}

/** Of a row of register_run. */
export function runMac(key: Uint8Array, run: RunFacts): Buffer {
  const { organization, acceptedAt, count, submittedBy, leaf } = run;
  return macOf(key, ['register_run', organization, acceptedAt, count, submittedBy, toHex(leaf)]);
}

/** An event as it is stored. */
export interface EventFacts {
  readonly at: number;
  readonly kind: string;
  readonly organizationId: string | null;
  readonly personId: string | null;
  readonly keyId: string | null;
  readonly address: string | null;
  /** JSON text. */
  readonly detail: string;
}

/**
 * Of a row of access_event, over the one before it: an event that is changed, added or removed between others
 * breaks the sequence.
 * @param previous the MAC of the latest event that has one; null: there is none
 */
export function eventMac(key: Uint8Array, previous: Uint8Array | null, event: EventFacts): Buffer {
  const { at, kind, organizationId, personId, keyId, address, detail } = event;
  const before = previous === null ? null : toHex(previous);
  return macOf(key, ['access_event', before, at, kind, organizationId, personId, keyId, address, detail]);
}

/** An anchor as it is stored. */
export interface AnchorFacts {
  readonly madeAt: number;
  readonly size: number | null;
  readonly validUntil: number | null;
  readonly height: number | null;
  readonly type: string;
  readonly source: string;
  /** SHA-256 of the token or .ots file. */
  readonly data: Uint8Array;
  /** SHA-256 of the Bitcoin headers. */
  readonly headers: Uint8Array | null;
  /** SHA-256 of each revocation list. */
  readonly crls: readonly Uint8Array[];
}

/** Of a row of anchor, over the one before it. @param previous as for `eventMac` */
export function anchorMac(key: Uint8Array, previous: Uint8Array | null, anchor: AnchorFacts): Buffer {
  const { madeAt, size, validUntil, height, type, source, data, headers, crls } = anchor;
  const hex = (bytes: Uint8Array | null) => (bytes === null ? null : toHex(bytes));
  const before = hex(previous);
  const content = [hex(data), hex(headers), ...crls.map(hex)];
  return macOf(key, ['anchor', before, madeAt, size, validUntil, height, type, source, ...content]);
}

/** JSON keeps fields apart, whatever they hold. */
function macOf(key: Uint8Array, fields: readonly (string | number | null)[]): Buffer {
  return createHmac('sha256', key).update(JSON.stringify(fields)).digest().subarray(0, LENGTH);
}
