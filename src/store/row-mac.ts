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

/** JSON keeps fields apart, whatever they hold. */
function macOf(key: Uint8Array, fields: readonly (string | number | null)[]): Buffer {
  return createHmac('sha256', key).update(JSON.stringify(fields)).digest().subarray(0, LENGTH);
}
