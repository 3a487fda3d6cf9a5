import { createHash } from 'node:crypto';
import {
  ED25519,
  formatVerifierKey,
  fromHex,
  verifierKey,
  type JsonObject,
} from '../../../src/proof/index.js';
import { RecordRefusal } from '../../../src/proof/records/refusal.js';
import type { BlockFacts, RuledEvent } from '../../../src/proof/records/state.js';

/** 64 hexadecimal digits. */
export const digestOf = (text: string) => createHash('sha256').update(text).digest('hex');

/** A key that no test signs with: the rules do not look at signatures. */
export const keyOf = (name: string) =>
  formatVerifierKey(verifierKey(name, ED25519, fromHex(digestOf(name), 32)));

const NONCE = '00'.repeat(16);

export function eventOf(
  type: string,
  body: JsonObject,
  record: string | null = null,
  sequence = record === null ? 0 : 1,
): RuledEvent {
  return {
    type,
    sequence,
    record: record === null ? null : fromHex(record, 32),
    body: { nonce: NONCE, ...body },
  };
}

export const ID = digestOf('the record');
export const NOW = Date.UTC(2026, 0, 1);

export function factsAt(sealedAt = NOW, others: Partial<BlockFacts> = {}): BlockFacts {
  return { id: ID, height: 1, sealedAt, record: () => null, ...others };
}

/** The code with which something is refused; null: it is not. */
export function refusal(run: () => unknown): string | null {
  try {
    run();
    return null;
  } catch (error) {
    if (error instanceof RecordRefusal) return error.code;
    throw error;
  }
}
