import type { JsonObject } from '../canonical-json.js';

// What the rules make of a record's events (docs/records.md). A state is plain JSON, and of bounded size. It has
// what later events are judged by, and nothing else of the bodies, so that bodies can be erased.

/** A verifier key of a type that signs events. */
export type HolderKey = string;

/** What something waits for (docs/records.md, "Conditions"). */
export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly atLeast: number; readonly of: readonly Condition[] }
  | Leaf;

export type Leaf =
  /** The index of a party. */
  | { readonly signed: number }
  | { readonly before: number }
  | { readonly after: number }
  /** The name of a condition of the contract; in a state, its SHA-256 in hexadecimal. */
  | { readonly fulfilled: string }
  /** The SHA-256 of a document, in hexadecimal. */
  | { readonly notarized: string }
  /** The id of another record, and its status. */
  | { readonly record: string; readonly is: string };

/** What every record has. */
interface Held {
  /** Of the record as a whole: one word, which conditions of other records can ask for. */
  readonly status: string;
  /** The key that takes the next step. */
  readonly holder: HolderKey;
  /** The key that can take over after a waiting time; null: none. */
  readonly recovery: { readonly key: HolderKey; readonly days: number } | null;
  /** A recovery that has started; `at`: when it is complete. */
  readonly recovering: { readonly holder: HolderKey; readonly at: number } | null;
}

export interface DocumentState extends Held {
  readonly kind: 'document';
  readonly status: 'current' | 'withdrawn';
  /** The SHA-256 of the current version, in hexadecimal. */
  readonly document: string;
  /** The number of versions. */
  readonly versions: number;
}

export interface WorkState extends Held {
  readonly kind: 'work';
  readonly status: 'claimed' | 'contested' | 'withdrawn';
  readonly versions: number;
  /** Whose acceptance an assignment waits for. */
  readonly assignment: { readonly to: HolderKey } | null;
  /** How many licences have begun, and those that began last. */
  readonly licences: { readonly granted: number; readonly latest: readonly Licence[] };
  /** Licences that wait for their condition. */
  readonly promised: readonly PromisedLicence[];
  /** Not settled. `by`: the other work. */
  readonly contests: readonly { readonly sequence: number; readonly by: string }[];
}

export interface Licence {
  /** Of the event that granted it. */
  readonly sequence: number;
  /** The key of the licensee, if it was named. */
  readonly to: HolderKey | null;
  readonly exclusive: boolean;
  readonly until: number | null;
}

export interface PromisedLicence extends Licence {
  readonly on: Condition;
}

export interface ItemState extends Held {
  readonly kind: 'item';
  /** A report comes before an offer. */
  readonly status: 'held' | 'offered' | 'promised' | 'lost' | 'stolen' | 'destroyed';
  readonly issuer: HolderKey;
  readonly offer: ItemOffer | null;
  readonly report: 'lost' | 'stolen' | 'destroyed' | null;
  readonly transfers: number;
  readonly appraisals: number;
}

export interface ItemOffer {
  readonly to: HolderKey;
  readonly until: number | null;
  readonly on: Condition | null;
  /** Accepted, so that the item is promised. Only an offer with a condition waits once it is accepted. */
  readonly accepted: boolean;
  /** The recovery key that the new holder names. */
  readonly recovery: Held['recovery'];
}

export interface ContractState extends Held {
  readonly kind: 'contract';
  readonly status: 'open' | 'executed' | 'expired' | 'declined' | 'cancelled';
  /** The SHA-256 of the document, in hexadecimal. */
  readonly document: string;
  readonly parties: readonly Party[];
  /** How many must sign. */
  readonly quorum: number;
  readonly deadline: number | null;
  readonly conditions: readonly {
    /** SHA-256 of its name, in hexadecimal. */
    readonly digest: string;
    /** The index of its party. */
    readonly by: number;
    readonly fulfilled: boolean;
  }[];
  /** What must hold besides the signatures; null: nothing. */
  readonly when: Condition | null;
  readonly effects: readonly { readonly item: string; readonly to: number }[];
  /** How often the terms were changed. */
  readonly amendments: number;
}

export interface Party {
  readonly key: HolderKey;
  /** Parties of a lower order answer first; those of the same order in any order. */
  readonly order: number;
  readonly answer: 'signed' | 'declined' | null;
}

export type RecordState = DocumentState | WorkState | ItemState | ContractState;

/** What the rules read of an event. */
export interface RuledEvent {
  /** The record's id, 32 bytes; null: this event begins a record. */
  readonly record: Uint8Array | null;
  readonly sequence: number;
  /** Such as item.offer. */
  readonly type: string;
  readonly body: JsonObject;
}

/** What the rules read of the chain for a signed event. */
export interface BlockFacts {
  /** The record's own id, in hexadecimal. */
  readonly id: string;
  /** Of the event's block. */
  readonly height: number;
  /** The event's block's time of sealing; while an event waits for its block, the present time. */
  readonly sealedAt: number;
  /** Another record at the end of the block before, by its id in hexadecimal; null: unknown. */
  record(id: string): RecordState | null;
}

/** What the rules read of the chain for an automatic event. */
export interface AutomaticFacts {
  /** The record's own id, in hexadecimal. */
  readonly id: string;
  readonly height: number;
  /** The block's time of sealing. */
  readonly sealedAt: number;
  /** Another record at the start of the round, by its id in hexadecimal; null: unknown. */
  record(id: string): { readonly state: RecordState; readonly value: string } | null;
  /** Whether a document with this SHA-256, in hexadecimal, is in this block or in one before it. */
  notarized(digest: string): boolean;
}

/** An automatic event that happens now. */
export interface Automatic {
  readonly type: string;
  /** The state after it. */
  readonly state: RecordState;
  /** Lines of the automatic event: "record ID VALUE" and "notarized DIGEST"; sorted, each once. */
  readonly facts: readonly string[];
}

/** When `automatic` must be asked again, besides when the record itself changes. */
export interface Watches {
  /** In the first block sealed at or after one of these times, ascending. */
  readonly times: readonly number[];
  /** In a block with a document that has one of these digests. */
  readonly digests: readonly string[];
  /** In a block in which one of these records changes. */
  readonly records: readonly string[];
}

/** What the keys that have to sign can do next. */
export interface NextStep {
  /** Of the event. */
  readonly type: string;
  /** All of them sign it. Keys that the event's body names sign as well. */
  readonly signers: readonly HolderKey[];
  /** The index of the party whose step it is; null: it is no party's. */
  readonly party: number | null;
  /** The name of the condition that it fulfils, or the name's SHA-256 where it is not known; null: none. */
  readonly condition: string | null;
}
