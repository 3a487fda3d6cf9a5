// Written by test/support/write-client-types.ts from the description of the API: do not edit it.

export type Accepted = {
  readonly notarizations: readonly Notarization[];
  /** Absent when a repeated request finds its documents sealed: their proofs have taken its place. */
  readonly receipt?: Receipt;
};

export type AcceptedEvent = {
  /** Id of the record: the SHA-256 of its first note. */
  readonly record: string;
  /** Number of the event in its record, from 0. */
  readonly sequence: number;
  readonly type: string;
  /** The record’s value after the event. */
  readonly value: string;
  /** `accepted`: it waits for its block. `applied`: its block changed the record. `void`: it changed nothing, because the record was another one at its turn. */
  readonly status: 'accepted' | 'applied' | 'void';
  /** Why the event is void: a code of the rules. */
  readonly reason?: string;
  /** Id of the event’s notarization. */
  readonly notarization: string;
  /** Position in the chain. */
  readonly position: number;
  /** RFC 3339, UTC, milliseconds. */
  readonly acceptedAt: string;
  /** Of the block that holds the event. */
  readonly height?: number;
  /** RFC 3339, UTC, milliseconds. */
  readonly sealedAt?: string;
  /** The 114 bytes that the receipt and the block commit to, in base64. */
  readonly entry: string;
  /** Absent when a repeated request finds the event sealed. */
  readonly receipt?: Receipt;
  readonly links: EventLinks;
};

export type AccessLog = {
  /** Newest first. */
  readonly events: readonly {
    readonly id: number;
    /** RFC 3339, UTC, milliseconds. */
    readonly at: string;
    readonly kind:
      | 'operator_created'
      | 'sign_in'
      | 'sign_in_failed'
      | 'sign_in_blocked'
      | 'sign_out'
      | 'organization_chosen'
      | 'session_ended'
      | 'refresh_token_reused'
      | 'password_set'
      | 'passkey_added'
      | 'passkey_renamed'
      | 'passkey_removed'
      | 'passkey_need_changed'
      | 'invitation_made'
      | 'invitation_accepted'
      | 'organization_created'
      | 'organization_changed'
      | 'organization_disabled'
      | 'organization_enabled'
      | 'user_added'
      | 'user_removed'
      | 'role_changed'
      | 'operator_changed'
      | 'person_disabled'
      | 'person_enabled'
      | 'key_created'
      | 'key_revoked'
      | 'signing_key_rotated'
      | 'limit_hit'
      | 'details_published'
      | 'details_withdrawn'
      | 'details_read_by_operator'
      | 'tags_changed'
      | 'event_body_erased'
      | 'record_published'
      | 'record_withdrawn'
      | 'notarization_erased'
      | 'signing_requested'
      | 'signing_opened'
      | 'signing_key_given'
      | 'signing_record_named'
      | 'signing_reminded'
      | 'signing_answered'
      | 'signing_delegated'
      | 'signing_withdrawn'
      | 'signing_erased'
      | 'webhook_created'
      | 'webhook_changed'
      | 'webhook_removed'
      | 'webhook_secret_rotated'
      | 'webhook_replayed'
      | 'webhook_disabled'
      | 'hold_placed'
      | 'hold_lift_requested'
      | 'hold_lift_withdrawn'
      | 'hold_lifted'
      | 'proof_downloaded'
      | 'certificate_downloaded'
      | 'document_downloaded'
      | 'register_exported';
    readonly organizationId: string | null;
    /** Who did it; null: unknown. */
    readonly personId: string | null;
    readonly keyId: string | null;
    /** The client’s address; null: on the machine itself. */
    readonly address: string | null;
    readonly detail: {
      readonly [name: string]: string | number | boolean | null;
    };
  }[];
  /** Names of the people, organizations and API keys that the events mention, by id. */
  readonly names: {
    readonly [name: string]: string;
  };
  /** `cursor` for the next page; null: this is the last page. */
  readonly next: string | null;
};

export type AnswerSigning = {
  /** From the link. It is in the body, because URLs are logged. */
  readonly token: string;
  /** The event note, signed with all keys that the rules ask for. */
  readonly note: string;
  /** The body whose digest the note names. */
  readonly body: {
    readonly [name: string]: unknown;
  };
};

export type AnsweredSigning = {
  readonly asked: AskedSigning;
  /** null: the other person has to sign as well. */
  readonly event: AcceptedEvent | null;
};

export type ApiKey = {
  readonly id: string;
  readonly name: string;
  /** How the key begins. */
  readonly prefix: string;
  readonly scopes: readonly ('notarize' | 'read')[];
  /** CIDR networks that may use the key; empty: any. */
  readonly networks: readonly string[];
  /** RFC 3339, UTC, milliseconds. */
  readonly createdAt: string;
  /** The id of a person, or `cli`. */
  readonly createdBy: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  /** Precise to the minute. */
  readonly lastUsedAt: string | null;
  readonly limits: Limits;
};

export type ApiKeys = {
  /** Newest first, including revoked keys. */
  readonly keys: readonly ApiKey[];
};

/** After this block, and no later. */
export type AsOf = {
  readonly height: number;
  /** RFC 3339, UTC, milliseconds. */
  readonly sealedAt: string;
};

export type AskedSigning = {
  readonly id: string;
  /** `contract`: sign a contract for a document. `transfer`: accept an item, or the rights to a work. `licence`: give the key to which a licence of a work is then granted. `claim`: sign the claim of a work. */
  readonly kind: 'contract' | 'transfer' | 'licence' | 'claim';
  /** `invited`: nobody has opened the link. `opened`. `key_given`: name the key in a contract, an offer or a licence. `to_sign`: the contract or offer names it, or the claim waits for its signature. `signed`, `declined`: by the record, events that wait for their block included; where there is no contract, `declined` is what the person said. `granted`: a licence names the key. `delegated`: somebody else was asked. `closed`: the record takes no answer from this key any more. `withdrawn`, `expired`, `erased`. */
  readonly status:
    | 'invited'
    | 'opened'
    | 'key_given'
    | 'to_sign'
    | 'signed'
    | 'granted'
    | 'declined'
    | 'delegated'
    | 'closed'
    | 'withdrawn'
    | 'expired'
    | 'erased';
  /** Why the item or work cannot be had any more, if the status is `closed`: another key holds it than when the request was made, somebody else has accepted it, or it is destroyed or withdrawn. */
  readonly closedBy: 'holder_changed' | 'taken' | 'over' | null;
  /** Of the log, for what is signed. */
  readonly origin: string;
  readonly organization: OrganizationName;
  readonly title: string | null;
  readonly message: string | null;
  /** Of a contract. */
  readonly document: {
    readonly sha256: string;
    readonly name: string | null;
    readonly size: number | null;
    /** Whether the organization keeps the document here: `getSigningDocument`. */
    readonly kept: boolean;
  } | null;
  readonly name: string | null;
  /** RFC 3339, UTC, milliseconds. */
  readonly createdAt: string;
  /** RFC 3339, UTC, milliseconds. */
  readonly expiresAt: string;
  readonly key: string | null;
  readonly keyGivenAt: string | null;
  /** For which a passkey can be made here; null: at this address there are none. */
  readonly passkeyDomain: string | null;
  /** The key that the contract names until yours takes its place. */
  readonly replaces: {
    /** The verifier key, `NAME+ID+KEY`. */
    readonly key: string;
  } | null;
  /** Who was named instead. */
  readonly successor: {
    readonly name: string | null;
    readonly key: string | null;
    /** Whether you have signed that this key takes the place of yours, as the contract is now. It counts when the one who was named signs too. */
    readonly handedOver: boolean;
  } | null;
  /** The event with which your key takes the place of another, signed by that one: add your signature. */
  readonly handover: {
    readonly note: string;
    readonly body: {
      readonly [name: string]: unknown;
    };
  } | null;
  /** What is transferred, licensed or claimed; null: a contract. */
  readonly subject: {
    /** null: the work is not claimed yet. */
    readonly record: {
      /** Id of the record: the SHA-256 of its first note. */
      readonly id: string;
      readonly kind: 'document' | 'work' | 'item';
      readonly status: string;
      readonly sequence: number;
      readonly value: string;
      /** The verifier key, `NAME+ID+KEY`. */
      readonly holder: string;
    } | null;
    /** What its first event states, or shall state; null: erased. */
    readonly body: {
      readonly [name: string]: unknown;
    } | null;
    /** To your key; null: there is none. */
    readonly offer: {
      readonly until: string | null;
      /** The condition; null: the item or work is yours at once. */
      readonly on: {
        readonly [name: string]: unknown;
      } | null;
    } | null;
    /** What the event states that granted it; null: none, or erased. */
    readonly licence: {
      readonly [name: string]: unknown;
    } | null;
  } | null;
  readonly contract: {
    /** Id of the record: the SHA-256 of its first note. */
    readonly record: string;
    readonly sequence: number;
    readonly value: string;
    readonly status: string;
    readonly deadline: string | null;
    readonly party: number | null;
    readonly replaces: number | null;
    /** Whether those who come first have answered. */
    readonly turn: boolean;
    readonly parties: readonly {
      /** What the contract calls the party; null: erased. */
      readonly name: string | null;
      /** The verifier key, `NAME+ID+KEY`. */
      readonly key: string;
      readonly order: number;
      readonly answer: 'signed' | 'declined' | null;
    }[];
    /** As proposed or last amended; null: erased. */
    readonly terms: {
      readonly [name: string]: unknown;
    } | null;
  } | null;
};

export type Block = {
  readonly height: number;
  readonly hash: string;
  readonly previousHash: string;
  readonly merkleRoot: string;
  /** SHA-256 of what the block states besides its entries; zeros when it states nothing. */
  readonly state: string;
  readonly firstPosition: number;
  readonly entryCount: number;
  /** RFC 3339, UTC, milliseconds. */
  readonly sealedAt: string;
  readonly difficulty: number;
  /** A 64-bit number in decimal. */
  readonly nonce: string;
  /** The 134 bytes whose SHA-256 is the hash. */
  readonly header: string;
  readonly links: {
    readonly self: string;
    readonly header: string;
    readonly previous?: string;
  };
};

export type BlockPlace = {
  readonly height: number;
  /** Index within the block. */
  readonly index: number;
};

export type Blocks = {
  /** Highest first. */
  readonly blocks: readonly Block[];
  readonly links: {
    readonly next?: string;
  };
};

export type Chain = {
  readonly origin: string;
  readonly verifierKey: string;
  /** The keys that sign receipts, one for each algorithm. */
  readonly receiptKeys: readonly string[];
  /** Height of the last block; null if there is none. */
  readonly height: number | null;
  /** Entries in blocks. */
  readonly size: number;
  /** Entries accepted. */
  readonly nextPosition: number;
  readonly difficulty: number | null;
  readonly checkpoint: string | null;
  /** Trust policy for verifiers (C2SP tlog-policy). */
  readonly policy: string;
  /** All keys that have signed the log, oldest first; absent if there was only one. */
  readonly logKeys?: readonly {
    readonly verifierKey: string;
    /** Size of the first checkpoint that the key signs. */
    readonly from: number;
    /** Size of the last one; null while the key is in use. */
    readonly until: number | null;
  }[];
  /** Size of the last checkpoint that a quorum has cosigned; absent if the log has no members. */
  readonly cosigned?: number;
  /** The members that cosign, and how many blocks each has cosigned. */
  readonly members?: readonly {
    readonly name: string;
    readonly verifierKey: string;
    readonly size: number;
  }[];
};

export type ChangePassword = {
  readonly current: string;
  /** At least 12 characters, of any kind. */
  readonly next: string;
  /** true: sets the tokens as cookies, for pages of this service, and omits them from the response. */
  readonly cookies?: boolean;
};

export type ChooseOrganization = {
  readonly organization: string;
};

export type Connection = {
  /** Your address, for limits and the access log. */
  readonly address: string;
  /** Addresses in `X-Forwarded-For`: what proxies, or you, have written there. */
  readonly forwardedFor: number;
  /** Whether `INGAM_TRUST_PROXY` trusts the proxy that the request came through. */
  readonly trusted: boolean;
};

export type CosignedCount = {
  /** Members that have cosigned a checkpoint over this block. */
  readonly signed: number;
  /** Members of the log. */
  readonly of: number;
  /** The smallest number that meets the quorum. */
  readonly needed: number;
};

export type DeclineSigning = {
  /** From the link. It is in the body, because URLs are logged. */
  readonly token: string;
  readonly reason?: string;
};

export type DelegateSigning = {
  /** From the link. It is in the body, because URLs are logged. */
  readonly token: string;
  readonly name: string;
  /** ASCII, of the form NAME@HOST. Without a mail server it is only kept for you to read. */
  readonly email?: string;
};

export type DelegatedSigning = {
  readonly asked: AskedSigning;
  /** For the person who was named; null: it is sent by e-mail to them alone. */
  readonly link: LinkToSign | null;
};

export type Details = {
  /** File name, without a path. */
  readonly name?: string;
  readonly title?: string;
  readonly author?: string;
  /** A reference of the owner, such as a case, order or contract number. */
  readonly reference?: string;
  readonly note?: string;
  readonly tags?: readonly string[];
};

export type Digest = {
  /** `at_once`: when a block holds notarizations of the organization or something begins to wait, at most every 15 minutes; `hourly`: on the full hour; `daily`: at midnight UTC. */
  readonly every: 'off' | 'at_once' | 'hourly' | 'daily';
};

export type DigestChange = {
  /** `at_once`: when a block holds notarizations of the organization or something begins to wait, at most every 15 minutes; `hourly`: on the full hour; `daily`: at midnight UTC. */
  readonly every: 'off' | 'at_once' | 'hourly' | 'daily';
  /** Of the e-mails. */
  readonly language?: 'en' | 'ko';
};

export type DocumentInput = {
  /** SHA-256 of the document in hexadecimal. Upper case, white space between digits and `sha256:` in front are accepted; responses have 64 lower-case digits. */
  readonly sha256: string;
  /** Length of the document in bytes. */
  readonly size?: number;
  readonly details?: Details;
};

export type DocumentsInput = {
  readonly documents: readonly DocumentInput[];
};

export type ErasedNotarization = {
  /** Position of the erased notarization in the chain. */
  readonly position: number;
  /** Of its entry, which its block still commits to: whoever has a proof can compare. */
  readonly leafHash: string;
  /** RFC 3339, UTC, milliseconds. */
  readonly erasedAt: string;
  /** The signed note that certifies the erasure. Keep it as a file, byte for byte: docs/erasure.md. */
  readonly certificate: string;
  /** Of the certificate, which is notarized as a document. */
  readonly sha256: string;
  /** Id of the notarization of the certificate; null: not notarized yet. Ask again in a minute. */
  readonly notarization: string | null;
  /** Id of the person. */
  readonly erasedBy: string;
};

export type Erasure = {
  /** Position of the erased notarization in the chain. */
  readonly position: number;
  /** Of its entry, which its block still commits to: whoever has a proof can compare. */
  readonly leafHash: string;
  /** RFC 3339, UTC, milliseconds. */
  readonly erasedAt: string;
  /** The signed note that certifies the erasure. Keep it as a file, byte for byte: docs/erasure.md. */
  readonly certificate: string;
  /** Of the certificate, which is notarized as a document. */
  readonly sha256: string;
  /** Id of the notarization of the certificate; null: not notarized yet. Ask again in a minute. */
  readonly notarization: string | null;
};

export type Erasures = {
  /** Latest first. */
  readonly erasures: readonly ErasedNotarization[];
  /** `cursor` for the next page; null: this is the last page. */
  readonly next: string | null;
};

export type EventInput = {
  /** The event note, signed with all keys that the rules ask for. */
  readonly note: string;
  /** The body whose digest the note names. */
  readonly body: {
    readonly [name: string]: unknown;
  };
};

export type EventLinks = {
  readonly record: string;
  readonly events: string;
  readonly history: string;
  readonly notarization: string;
  readonly proof: string;
};

/** One for each line of the request, in the same order. */
export type EventResultLine =
  | {
      /** Id of the record: the SHA-256 of its first note. */
      readonly record: string;
      /** Number of the event in its record, from 0. */
      readonly sequence: number;
      readonly type: string;
      /** The record’s value after the event. */
      readonly value: string;
      /** `accepted`: it waits for its block. `applied`: its block changed the record. `void`: it changed nothing, because the record was another one at its turn. */
      readonly status: 'accepted' | 'applied' | 'void';
      /** Why the event is void: a code of the rules. */
      readonly reason?: string;
      /** Id of the event’s notarization. */
      readonly notarization: string;
      /** Position in the chain. */
      readonly position: number;
      /** RFC 3339, UTC, milliseconds. */
      readonly acceptedAt: string;
      /** Of the block that holds the event. */
      readonly height?: number;
      /** RFC 3339, UTC, milliseconds. */
      readonly sealedAt?: string;
      /** The 114 bytes that the receipt and the block commit to, in base64. */
      readonly entry: string;
      /** Absent when a repeated request finds the event sealed. */
      readonly receipt?: Receipt;
      readonly links: EventLinks;
      readonly line: number;
    }
  | ResultError;

/** The caller’s own password, or a passkey that they have. */
export type FreshProof =
  | {
      readonly password: string;
    }
  | {
      readonly passkey: PasskeyAssertion;
    };

export type GiveKey = {
  /** From the link. It is in the body, because URLs are logged. */
  readonly token: string;
  /** The verifier key, `NAME+ID+KEY`. */
  readonly key: string;
  /** A note of the lines `ingam/key/v1`, log, request and document, signed with the key. */
  readonly offer: string;
};

export type Health = {
  readonly status: 'ok';
};

export type HeldNotarizations = {
  readonly notarizations: readonly {
    readonly position: number;
    /** null: erased after the hold was lifted. */
    readonly id: string | null;
  }[];
  /** `cursor` for the next page; null: this is the last page. */
  readonly next: string | null;
};

export type History = {
  /** Newest first. */
  readonly events: readonly HistoryEvent[];
  /** Of the people and keys, by `by`; only for those who may read the access log. */
  readonly names: {
    readonly [name: string]: string;
  };
  /** `cursor` for the next page; null: this is the last page. */
  readonly next: string | null;
};

export type HistoryEvent = {
  /** Of `cosigned`, as the members state it; of `anchored`, when the service had the anchor, which says itself for which time it stands. */
  readonly at: string;
  /** `register_exported`: the whole register, without conditions. Downloads and exports are recorded once a day (UTC) for each person or API key. */
  readonly kind:
    | 'notarized'
    | 'sealed'
    | 'cosigned'
    | 'anchored'
    | 'details_published'
    | 'details_withdrawn'
    | 'proof_downloaded'
    | 'certificate_downloaded'
    | 'document_downloaded'
    | 'register_exported'
    | 'hold_placed'
    | 'hold_lift_requested'
    | 'hold_lifted'
    | 'event_body_erased'
    | 'notarization_erased';
  /** `key:<id>`, `person:<id>`; null: the log itself, or nobody is known. */
  readonly by: string | null;
  /** Height, of `sealed`. */
  readonly block?: number;
  /** Name of the time source, of `anchored`. */
  readonly source?: string;
  /** Id of the legal hold. */
  readonly hold?: string;
};

export type HistoryFile = {
  readonly format: 'ingam-history-v1';
  readonly [name: string]: unknown;
};

export type HistoryVerification = {
  /** `incomplete`: nothing in the file is wrong, but what `missing` lists is not in it, so the rules cannot be checked further. */
  readonly verdict: 'verified' | 'invalid' | 'untrusted' | 'incomplete';
  /** Id of the record: the SHA-256 of its first note. */
  readonly record: string;
  /** Nothing later happened up to this block. null: the file does not show it. */
  readonly asOf: {
    readonly height: number;
    readonly sealedAt: string;
  } | null;
  /** What the events make of the record; null: unknown. */
  readonly state: RecordState | null;
  readonly title: string | null;
  /** The events that the record takes next. */
  readonly next: readonly NextStep[];
  readonly timeline: readonly {
    readonly sequence: number;
    /** null: the event cannot be read. */
    readonly type: string | null;
    /** It happened by itself: nobody signed it. */
    readonly automatic: boolean;
    /** What an automatic event rests on. */
    readonly facts: readonly string[];
    /** The keys that signed it. null: it is automatic, or not signed as the rules ask for. */
    readonly signers: readonly string[] | null;
    /** null: there is none, or it is not in the file. */
    readonly body: {
      readonly [name: string]: unknown;
    } | null;
    /** Of its block; null: it is an automatic event that cannot be read. */
    readonly height: number | null;
    /** null: its block is not in the file. */
    readonly sealedAt: string | null;
    /** What the anchors of its block show of the time of registration. */
    readonly time: {
      /** The block was made after this. */
      readonly notBefore: string | null;
      /** The block existed by this. */
      readonly notAfter: string | null;
      /** The independent sources that `notAfter` rests on. */
      readonly sources: readonly string[];
      /** How many independent sources this service names. */
      readonly of: number;
      /** Times that cannot all be true. */
      readonly conflict: 'sources' | 'sealed_too_early' | 'sealed_too_late' | null;
    } | null;
  }[];
  readonly missing: readonly {
    readonly what: 'body' | 'record' | 'record_before' | 'document';
    readonly message: string;
    readonly event?: number;
    /** Id of the record: the SHA-256 of its first note. */
    readonly record?: string;
    readonly block?: number;
    readonly document?: string;
  }[];
  /** Members that cosigned the checkpoint, and before when. */
  readonly cosignatures: readonly {
    readonly witness: string;
    readonly before: string;
  }[];
  /** What was checked; the codes are those of every verifier. */
  readonly steps: readonly {
    readonly number: number;
    readonly name: string;
    readonly outcome: 'passed' | 'failed' | 'skipped';
    /** Why the step failed. */
    readonly code: string | null;
    readonly message: string;
    readonly expected?: string;
    readonly computed?: string;
    /** Where the step failed. */
    readonly at?: {
      readonly block?: number;
      /** Its sequence. */
      readonly event?: number;
      /** Another record than the one that the history is about. */
      readonly record?: string;
      readonly document?: string;
    };
  }[];
};

export type Hold = {
  readonly id: string;
  readonly reason: string;
  /** `lift_requested`: in force until another owner approves. */
  readonly status: 'in_force' | 'lift_requested' | 'lifted';
  /** RFC 3339, UTC, milliseconds. */
  readonly placedAt: string;
  /** Id of the person, as in the others. */
  readonly placedBy: string;
  readonly liftRequest?: {
    /** RFC 3339, UTC, milliseconds. */
    readonly at: string;
    readonly by: string;
    readonly reason: string;
  };
  readonly lifted?: {
    /** RFC 3339, UTC, milliseconds. */
    readonly at: string;
    readonly by: string;
  };
  /** How many notarizations it keeps. */
  readonly notarizations: number;
};

export type Holds = {
  /** Latest first. */
  readonly holds: readonly Hold[];
  /** Of the people in the holds, by id. */
  readonly names: {
    readonly [name: string]: string;
  };
  /** `cursor` for the next page; null: this is the last page. */
  readonly next: string | null;
};

export type InspectInvitation = {
  readonly token: string;
};

export type Invitation = {
  /** A secret that is shown only now. Anyone who has it can join as this user. */
  readonly token: string;
  /** RFC 3339, UTC, milliseconds. */
  readonly expiresAt: string;
  /** Whether the link goes to the person by e-mail. false: this service sends none, or too many went out. */
  readonly mailed: boolean;
};

export type InvitationInfo = {
  /** Who is invited; null: the first operator. */
  readonly email: string | null;
  readonly name: string | null;
  /** The organization that they join; null: none, or they already belong to it. */
  readonly organization: OrganizationName | null;
  /** `new`: the person chooses a password. `own`: the person has one here, and enters it or is signed in. `either`: as `own`, or the person replaces it. */
  readonly password: 'new' | 'own' | 'either';
  /** With `either`: the other organizations for which the person can act with the password. */
  readonly memberships: readonly OrganizationName[];
  /** Whether the person becomes an operator of the service. */
  readonly operator: boolean;
  /** Whether redeeming it creates the first operator of the service. */
  readonly firstOperator: boolean;
};

export type KeptDetails = {
  /** File name, without a path. */
  readonly name?: string;
  readonly title?: string;
  readonly author?: string;
  /** A reference of the owner, such as a case, order or contract number. */
  readonly reference?: string;
  readonly note?: string;
  readonly tags?: readonly string[];
  /** Of a token: what it is a time-stamp of, such as `sha256:…`. */
  readonly imprint?: string;
  /** Of a token: its serial number in hexadecimal. */
  readonly serial?: string;
  /** Of a token: its policy, in dotted decimal. */
  readonly policy?: string;
};

export type KeyStatements = {
  readonly statements: readonly {
    readonly note: string;
    readonly proof: ProofFile;
  }[];
};

export type LiftRequest = {
  /** Why the hold is no longer needed. */
  readonly reason: string;
};

export type LimitChange = {
  readonly requestsPerMinute?: number | null;
  readonly digestsPerDay?: number | null;
  readonly bytesPerDay?: number | null;
};

/** null: no limit. */
export type Limits = {
  readonly requestsPerMinute: number | null;
  readonly digestsPerDay: number | null;
  readonly bytesPerDay: number | null;
};

export type LinkToSign = {
  /** The link is `sign.html#token=` and this. Whoever has it can answer for the person: deliver it privately. */
  readonly token: string;
  /** Whether it is sent by e-mail. */
  readonly mailed: boolean;
};

export type MapProof = {
  /** Id of the record: the SHA-256 of its first note. */
  readonly record: string;
  /** Of the block after which the map was so. */
  readonly height: number;
  /** The state statement of the block. null: it has none, so the map is empty. */
  readonly statement: string | null;
  /** To the root in the statement. */
  readonly path: {
    /** Hashes beside the way to the place of the record, the deepest first. */
    readonly siblings: readonly string[];
    /** What is at that place. Another key, or null: there is no such record. */
    readonly leaf: {
      readonly key: string;
      readonly value: string;
    } | null;
  };
  /** Of the block. */
  readonly header: string;
  /** From the header to the root of the checkpoint. */
  readonly headerPath: readonly string[];
  readonly checkpoint: string;
};

export type Membership = {
  readonly organization: OrganizationName;
  /** `owner`: everything; `notary`: notarize, read, publish; `auditor`: read, also the access log. */
  readonly role: 'owner' | 'notary' | 'auditor';
};

export type MultipartInput = {
  readonly file: readonly string[];
  /** JSON: one object for all files, or an array with one object or null for each file, in the same order. A file without a "name" here is named by its part; with "name": null, it has no name. At most 1 MiB. */
  readonly details?: UploadDetails | readonly (UploadDetails | null)[];
};

export type NewApiKey = {
  readonly key: ApiKey;
  /** The complete key, for `Authorization: Bearer`. It is shown only now. */
  readonly secret: string;
};

export type NewHold = {
  /** Why, such as a case number. It is kept for good, also after the hold is lifted. */
  readonly reason: string;
  /** Ids of the notarizations. */
  readonly notarizations?: readonly string[];
  /** Every notarization in the register that matches now; not those that are made later. */
  readonly search?: {
    /** Words or parts of words, of at least three letters, or beginnings of words in name, title, author, reference, note or tags; all must match. */
    readonly q?: string;
    /** A complete tag, in upper or lower case. */
    readonly tag?: string;
    /** The beginning of the digest. */
    readonly sha256?: string;
    /** Accepted at or after this time. */
    readonly from?: string;
    /** Accepted before this time. */
    readonly to?: string;
  };
};

export type NewInvitation = {
  readonly invitation: Invitation;
};

export type NewKeyInput = {
  readonly name: string;
  readonly scopes: readonly ('notarize' | 'read')[];
  /** CIDR networks that may use the key; absent: any. */
  readonly networks?: readonly string[];
  readonly expiresAt?: string | null;
  readonly limits?: LimitChange;
};

export type NewOrganization = {
  readonly name: string;
  readonly limits?: LimitChange;
  /** true: the caller becomes its first owner. Only for people who have signed in here. */
  readonly owned?: boolean;
};

export type NewPasskeyInput = {
  readonly name: string;
  /** `response.clientDataJSON`. */
  readonly clientData: string;
  /** `response.getAuthenticatorData()`. */
  readonly authenticatorData: string;
};

export type NewPasswordReset = {
  readonly email: string;
  /** Of the e-mail; by default it is in both. */
  readonly language?: 'en' | 'ko';
};

export type NewPublication = {
  /** A note with the lines `ingam/publish/v1`, the log’s origin, the record’s id, what is shown (words of the list with commas between them) and the time in milliseconds since 1970, at most 300 seconds from now; signed with the key of the holder. */
  readonly note: string;
};

export type NewSigningRequest = {
  /** Default: `contract`. */
  readonly kind?: 'contract' | 'transfer' | 'licence' | 'claim';
  /** What the contract is called: needed for a contract. By default what the item or work is called. */
  readonly title?: string;
  /** What the person is told, in your words. */
  readonly message?: string;
  /** Of the contract: needed for a contract. */
  readonly document?: {
    /** SHA-256 of the document in hexadecimal. Upper case, white space between digits and `sha256:` in front are accepted; responses have 64 lower-case digits. */
    readonly sha256: string;
    readonly name?: string;
    /** Length in bytes. */
    readonly size?: number;
  };
  /** The item or work that is transferred or licensed: needed for these. Whoever has the link reads what its first event states. */
  readonly record?: string;
  /** What the claim shall state, as the body of `work.claim` without `nonce` and `holder`: needed for a claim. */
  readonly claim?: {
    readonly [name: string]: unknown;
  };
  /** What you call the person. */
  readonly name: string;
  /** ASCII, of the form NAME@HOST. Without a mail server it is only kept for you to read. */
  readonly email?: string;
  /** Of e-mails; default `en`. */
  readonly language?: 'en' | 'ko';
  /** Until when the person can answer; within a year. */
  readonly expiresAt: string;
};

export type NewSigningResult = {
  readonly request: SigningRequest;
  readonly link: LinkToSign;
};

export type NewUser = {
  readonly user: User;
  readonly invitation: Invitation | null;
};

export type NewUserInput = {
  readonly email: string;
  readonly name: string;
  readonly role: 'owner' | 'notary' | 'auditor';
  /** Of the e-mail; by default it is in both. */
  readonly language?: 'en' | 'ko';
};

export type NewWebhook = {
  readonly name: string;
  /** https, without user name and password; not an address of a private network. */
  readonly url: string;
  /** What it is told. */
  readonly types: readonly (
    | 'notarization.sealed'
    | 'notarization.cosigned'
    | 'notarization.anchored'
    | 'record.event'
    | 'contract.executed'
    | 'contract.expired'
    | 'contract.deadline_near'
    | 'key.created'
    | 'key.revoked'
    | 'anchor.late'
    | 'member.alarm'
  )[];
};

export type NextStep = {
  readonly type: string;
  /** All of these keys sign it, and those that its body names. */
  readonly signers: readonly string[];
  readonly party: number | null;
  /** Name of the condition that it fulfils; SHA-256 of the name when the body was erased. */
  readonly condition: string | null;
};

export type Notarization = {
  readonly id: string;
  readonly sha256: string;
  /** Bytes; null if only a digest was submitted. */
  readonly size: number | null;
  /** RFC 3339, UTC, milliseconds. */
  readonly acceptedAt: string;
  /** `cosigned`: a quorum of the members has cosigned it; left out without members. `anchored`: a time source has confirmed it as well, and its proof carries that; never without time sources. */
  readonly status: 'accepted' | 'sealed' | 'cosigned' | 'anchored';
  /** Position in the chain, from 0, without gaps. */
  readonly position: number;
  /** RFC 3339, UTC, milliseconds. */
  readonly sealedAt?: string;
  readonly block?: BlockPlace;
  /** Cosignatures of the log’s members; absent if it has none. */
  readonly cosigned?: CosignedCount;
  /** The 114 bytes that the receipt and the block commit to. */
  readonly entry: string;
  readonly details?:
    | KeptDetails
    | {
        readonly nonce: string;
        readonly [name: string]: unknown;
      };
  /** Whether everyone can see the details; only shown to the organization. */
  readonly published?: boolean;
  /** Tags that the organization has given since, which are not notarized; only shown to the organization. */
  readonly addedTags?: readonly string[];
  /** Whether a legal hold keeps it from being erased; shown to owners and auditors. */
  readonly held?: boolean;
  /** The vault keeps the document (`GET …/document`); only shown to the organization. */
  readonly kept?: true;
  /** `key:<id>`, `person:<id>`, `request:<id>` for whoever answered a request to sign by its link, `service:tsa` for time-stamps of clients without a key, or `service:recovery` for what was taken back from its proof after a loss (docs/recovery.md); only shown to the organization. */
  readonly submittedBy?: string;
  readonly links: {
    readonly self: string;
    readonly proof: string;
    readonly events: string;
    readonly block?: string;
  };
};

export type NotarizationChange = {
  /** Whether everyone can see the details. */
  readonly published: boolean;
};

export type OpenSigning = {
  /** From the link. It is in the body, because URLs are logged. */
  readonly token: string;
};

export type OpenedSession = {
  readonly principal: Principal;
  /** The organizations that the person can act for. */
  readonly memberships: readonly Membership[];
  readonly policy: ServicePolicy;
  /** Whether organizations can have their documents kept here. */
  readonly vault: boolean;
  readonly signIn: SignInWays;
  /** When the access token expires and must be refreshed. */
  readonly accessExpiresAt: string | null;
  /** Absent if they were set as cookies. */
  readonly tokens?: {
    readonly accessToken: string;
    /** RFC 3339, UTC, milliseconds. */
    readonly accessExpiresAt: string;
    readonly refreshToken: string;
    /** RFC 3339, UTC, milliseconds. */
    readonly refreshExpiresAt: string;
  };
};

export type Organization = {
  readonly id: string;
  readonly name: string;
  /** RFC 3339, UTC, milliseconds. */
  readonly createdAt: string;
  /** Nobody can act for a disabled organization. null: not disabled. */
  readonly disabledAt: string | null;
  readonly limits: Limits;
  /** People act for it only in a session with a passkey, or of the identity provider. */
  readonly requiresPasskey: boolean;
};

export type OrganizationChange = {
  readonly name?: string;
  readonly limits?: LimitChange;
  readonly disabled?: boolean;
};

export type OrganizationName = {
  readonly id: string;
  readonly name: string;
};

export type Organizations = {
  /** Sorted by id. */
  readonly organizations: readonly Organization[];
  /** `cursor` for the next page; null: this is the last page. */
  readonly next: string | null;
};

export type OwnSessions = {
  /** Latest first. */
  readonly sessions: readonly {
    readonly id: string;
    readonly current: boolean;
    /** RFC 3339, UTC, milliseconds. */
    readonly createdAt: string;
    /** RFC 3339, UTC, milliseconds. */
    readonly lastUsedAt: string;
    /** RFC 3339, UTC, milliseconds. */
    readonly expiresAt: string;
    readonly address: string;
    readonly agent: string;
    /** The organization that the session acts for. */
    readonly organizationId: string | null;
  }[];
};

export type Passkey = {
  readonly id: string;
  readonly name: string;
  /** The host name that passkeys are for. */
  readonly rpId: string;
  /** RFC 3339, UTC, milliseconds. */
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
};

/** A PublicKeyCredential that `navigator.credentials.get` has given, its bytes in base64url. */
export type PasskeyAssertion = {
  readonly id: string;
  /** `response.clientDataJSON`. */
  readonly clientData: string;
  readonly authenticatorData: string;
  readonly userHandle: string;
  readonly signature: string;
};

export type PasskeyChallenge = {
  /** In base64url. Valid for five minutes, and once. */
  readonly challenge: string;
  /** The host name that passkeys are for. */
  readonly rpId: string;
};

export type PasskeyCreation = {
  /** In base64url. Valid for five minutes, and once. */
  readonly challenge: string;
  /** The host name that passkeys are for. */
  readonly rpId: string;
  readonly user: {
    /** In base64url. */
    readonly id: string;
    readonly email: string;
    readonly name: string;
  };
  /** Ids of the caller’s passkeys, in base64url. */
  readonly known: readonly string[];
};

export type PasskeyName = {
  readonly name: string;
};

export type PasskeyNeed = {
  /** Whether signing in takes a passkey: the password alone is not enough then. */
  readonly needed: boolean;
  readonly proof: FreshProof;
};

export type PasskeyProof = {
  readonly proof: FreshProof;
};

export type PasskeyRequirement = {
  readonly required: boolean;
};

export type Passkeys = {
  /** Oldest first. */
  readonly passkeys: readonly Passkey[];
  /** Whether the caller’s password alone is not enough to sign in. */
  readonly needed: boolean;
};

export type PendingProof = {
  readonly format: 'ingam-pending-v1';
  readonly [name: string]: unknown;
};

export type Principal =
  | {
      readonly kind: 'anonymous';
      /** What the caller may do, in the organization that they act for. */
      readonly permissions: readonly (
        | 'notarize'
        | 'read'
        | 'publish'
        | 'tag'
        | 'erase'
        | 'holds'
        | 'users'
        | 'keys'
        | 'webhooks'
        | 'access_log'
        | 'organizations'
        | 'whole_access_log'
      )[];
    }
  | {
      readonly kind: 'key';
      readonly id: string;
      readonly organization: OrganizationName;
      readonly scopes: readonly ('notarize' | 'read')[];
      /** What the caller may do, in the organization that they act for. */
      readonly permissions: readonly (
        | 'notarize'
        | 'read'
        | 'publish'
        | 'tag'
        | 'erase'
        | 'holds'
        | 'users'
        | 'keys'
        | 'webhooks'
        | 'access_log'
        | 'organizations'
        | 'whole_access_log'
      )[];
    }
  | {
      readonly kind: 'user';
      readonly id: string;
      readonly email: string | null;
      readonly name: string;
      readonly operator: boolean;
      /** The organization that they act for; null: none. */
      readonly organization: OrganizationName | null;
      readonly role: 'owner' | 'notary' | 'auditor' | null;
      /** The organization of the session requires a passkey, and the session is without one: it acts for none until it has one. */
      readonly lacksPasskey: boolean;
      /** What the caller may do, in the organization that they act for. */
      readonly permissions: readonly (
        | 'notarize'
        | 'read'
        | 'publish'
        | 'tag'
        | 'erase'
        | 'holds'
        | 'users'
        | 'keys'
        | 'webhooks'
        | 'access_log'
        | 'organizations'
        | 'whole_access_log'
      )[];
    };

/** RFC 9457 */
export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code:
    | 'malformed_event'
    | 'wrong_log'
    | 'wrong_record'
    | 'malformed_body'
    | 'body_mismatch'
    | 'malformed_key'
    | 'unknown_type'
    | 'duplicate_party'
    | 'unknown_party'
    | 'unknown_condition'
    | 'unknown_contest'
    | 'cyclic_effect'
    | 'missing_signature'
    | 'bad_signature'
    | 'unexpected_signature'
    | 'not_holder'
    | 'unknown_record'
    | 'stale_value'
    | 'wrong_sequence'
    | 'wrong_kind'
    | 'wrong_status'
    | 'not_your_turn'
    | 'already_signed'
    | 'already_declined'
    | 'already_fulfilled'
    | 'already_contested'
    | 'no_offer'
    | 'no_change'
    | 'not_recoverable'
    | 'too_late'
    | 'malformed_request'
    | 'unsupported_header'
    | 'digest_mismatch'
    | 'invalid_parameter'
    | 'invalid_idempotency_key'
    | 'malformed_json'
    | 'invalid_body'
    | 'invalid_details'
    | 'invalid_file_name'
    | 'malformed_multipart'
    | 'missing_boundary'
    | 'truncated_multipart'
    | 'unexpected_field'
    | 'too_many_parts'
    | 'missing_file'
    | 'empty_document'
    | 'incomplete_body'
    | 'malformed_proof'
    | 'malformed_history'
    | 'invalid_record_key'
    | 'unknown_time_zone'
    | 'invalid_email'
    | 'invalid_password'
    | 'invalid_network'
    | 'invalid_value'
    | 'invalid_mail_address'
    | 'invalid_webhook_url'
    | 'unknown_place'
    | 'invalid_signing_link'
    | 'invalid_key_offer'
    | 'invalid_reset_link'
    | 'invalid_invitation'
    | 'invalid_publication'
    | 'unauthenticated'
    | 'invalid_credentials'
    | 'invalid_passkey'
    | 'passkey_needed'
    | 'passkey_required'
    | 'invalid_token'
    | 'token_expired'
    | 'forbidden'
    | 'address_not_allowed'
    | 'csrf'
    | 'organization_not_found'
    | 'user_not_found'
    | 'passkey_not_found'
    | 'key_not_found'
    | 'not_found'
    | 'notarization_not_found'
    | 'block_not_found'
    | 'signing_request_not_found'
    | 'webhook_not_found'
    | 'hold_not_found'
    | 'no_state'
    | 'not_published'
    | 'document_not_kept'
    | 'method_not_allowed'
    | 'request_timeout'
    | 'user_exists'
    | 'last_owner'
    | 'last_operator'
    | 'owner_exists'
    | 'no_mail_server'
    | 'passkeys_unavailable'
    | 'too_many_webhooks'
    | 'signing_request_closed'
    | 'signing_not_ready'
    | 'contract_differs'
    | 'event_not_asked'
    | 'not_sealed'
    | 'legal_hold'
    | 'no_vault'
    | 'not_erasable'
    | 'lift_requested'
    | 'lift_not_requested'
    | 'second_person_required'
    | 'hold_lifted'
    | 'not_verified'
    | 'erased'
    | 'key_missing'
    | 'line_too_long'
    | 'too_large'
    | 'vault_full'
    | 'unsupported_media_type'
    | 'unsupported_encoding'
    | 'range_not_satisfiable'
    | 'unknown_host'
    | 'idempotency_mismatch'
    | 'sign_in_blocked'
    | 'limit_exceeded'
    | 'headers_too_large'
    | 'internal'
    | 'document_damaged'
    | 'quorum_missing'
    | 'queue_full'
    | 'clock_behind'
    | 'unavailable'
    | 'vault_unavailable'
    | 'vault_key_missing'
    | 'outcome_unknown'
    | 'busy'
    | 'issuer_unavailable'
    | 'stopping';
  readonly detail: string;
  readonly requestId: string;
  readonly errors?: readonly {
    readonly path: string;
    readonly message: string;
  }[];
  /** Of the record that refuses an event: its last sequence, and the value before of its next event. */
  readonly current?: {
    readonly sequence: number;
    readonly value: string;
  };
};

export type ProofFile = {
  readonly format: 'ingam-proof-v1';
  readonly [name: string]: unknown;
};

export type PublishedEvent = {
  /** Number of the event in its record, from 0. */
  readonly sequence: number;
  readonly type: string;
  /** It happened by itself: nobody signed it. */
  readonly automatic: boolean;
  /** The keys that signed it. */
  readonly signers: readonly PublishedKey[];
  /** What the holder shows of its body. Absent: nothing. */
  readonly body?: {
    readonly [name: string]: unknown;
  };
  /** The body was erased. */
  readonly erased?: true;
  /** Of the block that holds the event. */
  readonly height: number;
  /** RFC 3339, UTC, milliseconds. */
  readonly sealedAt: string;
};

export type PublishedKey = {
  readonly id: string;
  /** null: unknown. */
  readonly kind: 'ed25519' | 'ml-dsa-44' | 'passkey' | null;
  /** What whoever made the key called it. null: the holder does not show the names of keys. */
  readonly name: string | null;
};

export type PublishedRecord = {
  /** Id of the record: the SHA-256 of its first note. */
  readonly record: string;
  readonly kind: 'work' | 'item';
  readonly status: string;
  /** null: the holder does not show it, or it was erased. */
  readonly title: string | null;
  readonly holder: PublishedKey;
  /** What the holder shows, in this order. Of a work: title, kind, authors, creation, documents, licences, licensees, disputes, keys, history, search. Of an item: title, serial, features, documents, appraisals, reports, keys, history, search. `history`: the history file, with all that was ever signed. `search`: search engines may list the page. */
  readonly shows: readonly (
    | 'title'
    | 'kind'
    | 'authors'
    | 'creation'
    | 'documents'
    | 'licences'
    | 'licensees'
    | 'disputes'
    | 'keys'
    | 'history'
    | 'search'
    | 'serial'
    | 'features'
    | 'appraisals'
    | 'reports'
  )[];
  /** When the holder chose this, as their device says. */
  readonly signedAt: string;
  /** The note that the holder has signed. */
  readonly note: string;
  /** Of the last event. */
  readonly sequence: number;
  readonly asOf: AsOf;
  /** In their order; those that change nothing are left out. */
  readonly events: readonly PublishedEvent[];
  /** `cursor` for the next page; null: this is the last page. */
  readonly next: string | null;
  readonly links: {
    readonly page: string;
    /** null: the holder does not show it. */
    readonly history: string | null;
    /** Proves the value of the record in the map of all records. */
    readonly map: string;
  };
};

export type Readiness = {
  readonly ready: boolean;
  readonly leading: boolean;
  readonly lagMs: number | null;
  /** Where the database has a document when it is acknowledged: also on a synchronous standby, or on its own disk only. null: not known yet, or a node of a member. */
  readonly durability: 'replicated' | 'local' | null;
  readonly problems: readonly {
    readonly code: string;
    readonly message: string;
    /** When it will have ended by itself, if that is known. */
    readonly until?: string;
  }[];
  /** What an operator should look into, and what does not make the service unready. */
  readonly warnings: readonly {
    readonly code: string;
    readonly message: string;
  }[];
};

/** docs/proof-format.md, "Receipts". */
export type Receipt = {
  /** A signed note that promises to seal a group of entries, to which these belong. */
  readonly note: string;
  /** Place of the first of these entries in the group. */
  readonly index: number;
  /** Leads from these entries to the root in the note; of a single entry, its inclusion path. */
  readonly path: readonly string[];
};

export type RecordEvent = {
  /** Number of the event in its record, from 0. */
  readonly sequence: number;
  readonly type: string;
  /** `accepted`: it waits for its block. `applied`: its block changed the record. `void`: it changed nothing, because the record was another one at its turn. */
  readonly status: 'accepted' | 'applied' | 'void';
  /** Why the event is void: a code of the rules. */
  readonly reason?: string;
  /** The record’s value before the event; zeros before the first. */
  readonly before: string;
  /** The record’s value after the event. */
  readonly value: string;
  /** The signed note. Absent for automatic events. */
  readonly note?: string;
  /** The text of an event that happened by itself. */
  readonly automatic?: string;
  /** Absent for automatic events, and when it was erased. */
  readonly body?: {
    readonly [name: string]: unknown;
  };
  /** The body was erased. */
  readonly erased?: true;
  /** Id of its notarization. Absent for automatic events. */
  readonly notarization?: string;
  readonly position?: number;
  /** RFC 3339, UTC, milliseconds. */
  readonly acceptedAt?: string;
  /** Of the block that holds the event. */
  readonly height?: number;
  /** RFC 3339, UTC, milliseconds. */
  readonly sealedAt?: string;
};

export type RecordEvents = {
  /** In their order, void ones included. */
  readonly events: readonly RecordEvent[];
  /** `cursor` for the next page; null: this is the last page. */
  readonly next: string | null;
};

export type RecordPublication = {
  /** Id of the record: the SHA-256 of its first note. */
  readonly record: string;
  /** What the holder shows, in this order. Of a work: title, kind, authors, creation, documents, licences, licensees, disputes, keys, history, search. Of an item: title, serial, features, documents, appraisals, reports, keys, history, search. `history`: the history file, with all that was ever signed. `search`: search engines may list the page. */
  readonly shows: readonly (
    | 'title'
    | 'kind'
    | 'authors'
    | 'creation'
    | 'documents'
    | 'licences'
    | 'licensees'
    | 'disputes'
    | 'keys'
    | 'history'
    | 'search'
    | 'serial'
    | 'features'
    | 'appraisals'
    | 'reports'
  )[];
  /** The time in the note. */
  readonly signedAt: string;
  readonly links: {
    readonly page: string;
    readonly publication: string;
  };
};

export type RecordResource = {
  /** Id of the record: the SHA-256 of its first note. */
  readonly id: string;
  readonly kind: 'document' | 'work' | 'item' | 'contract';
  readonly status: string;
  /** From the body that gave it last. null: it gave none, or was erased. */
  readonly title: string | null;
  /** Verifier key of the holder. */
  readonly holder: string;
  /** Of the last event. */
  readonly sequence: number;
  /** What the next event must name as the value before. */
  readonly value: string;
  /** What the rules make of all events, also those that wait for their block. */
  readonly state: RecordState;
  /** How many events wait for their block. */
  readonly waiting: number;
  /** After the latest block that changed the record; null: no block has an event of it yet. */
  readonly sealed: {
    readonly height: number;
    readonly sequence: number;
    readonly value: string;
  } | null;
  /** The events that the record takes next. */
  readonly next: readonly NextStep[];
  readonly links: {
    readonly self: string;
    readonly events: string;
    readonly history: string;
    readonly state: string;
  };
};

export type RecordState = {
  readonly kind: 'document' | 'work' | 'item' | 'contract';
  readonly status: string;
  readonly holder: string;
  readonly [name: string]: unknown;
};

export type RecordStateResource = {
  /** Id of the record: the SHA-256 of its first note. */
  readonly record: string;
  readonly asOf: AsOf;
  /** Of the last event until then. */
  readonly sequence: number;
  readonly value: string;
  /** null: the body of an event was erased, so it cannot be told any more. */
  readonly state: RecordState | null;
  readonly links: {
    readonly map: string;
    readonly history: string;
  };
};

export type Records = {
  /** Those that came to the organization last first. */
  readonly records: readonly RecordResource[];
  /** `cursor` for the next page; null: this is the last page. */
  readonly next: string | null;
};

export type RedeemInvitation = {
  readonly token: string;
  /** Only for the first operator: all other people were invited by their address. */
  readonly email?: string;
  readonly name?: string;
  /** Only for the first operator: the name of a new organization, of which they become the owner. */
  readonly organization?: string;
  /** A new password, or the one that the person has here (see `password` of `inspectInvitation`). May be left out by the person who is signed in. */
  readonly password?: string;
  /** Instead of the password that the person has here. */
  readonly passkey?: PasskeyAssertion;
  /** `password` is a new one, although the person has another. Only where `either` is allowed. */
  readonly replacesPassword?: boolean;
  /** true: sets the tokens as cookies, for pages of this service, and omits them from the response. */
  readonly cookies?: boolean;
};

export type RedeemPasswordReset = {
  readonly token: string;
  /** At least 12 characters, of any kind. */
  readonly password: string;
};

export type Refresh = {
  readonly refreshToken?: string;
  /** true: sets the tokens as cookies, for pages of this service, and omits them from the response. */
  readonly cookies?: boolean;
};

export type Register = {
  /** In the order that was asked for. */
  readonly notarizations: readonly Notarization[];
  /** How many match, with `count=true`. */
  readonly total?: number;
  /** `cursor` for the next page; null: this is the last page, or the order has no cursor. */
  readonly next: string | null;
};

export type ResultError = {
  readonly line: number;
  readonly error: Problem;
};

/** One for each line of the request, in the same order. */
export type ResultLine =
  | {
      readonly line: number;
      readonly id: string;
      readonly sha256: string;
      readonly size: number | null;
      /** RFC 3339, UTC, milliseconds. */
      readonly acceptedAt: string;
      readonly status: 'accepted';
      readonly position: number;
      readonly entry: string;
      /** On the last accepted line of a chunk: the receipt for all accepted lines of the chunk. Absent when a repeated request finds them sealed. */
      readonly receipt?: Receipt;
    }
  | ResultError;

export type ServicePolicy = {
  readonly anonymousSubmission: boolean;
  readonly privateVerification: boolean;
};

export type Session = {
  readonly principal: Principal;
  /** The organizations that the person can act for. */
  readonly memberships: readonly Membership[];
  readonly policy: ServicePolicy;
  /** Whether organizations can have their documents kept here. */
  readonly vault: boolean;
  readonly signIn: SignInWays;
  /** When the access token expires and must be refreshed. */
  readonly accessExpiresAt: string | null;
};

export type SignIn = {
  readonly email: string;
  readonly password: string;
  /** The organization to act for; needed by people who belong to several. */
  readonly organization?: string;
  /** true: sets the tokens as cookies, for pages of this service, and omits them from the response. */
  readonly cookies?: boolean;
};

export type SignInWays = {
  /** Whether there can be passkeys at the address of this request. */
  readonly passkeys: boolean;
  /** Whether people who have forgotten their password get a link by e-mail. */
  readonly reset: boolean;
  /** The name of the identity provider at which people sign in on the page; null: none. */
  readonly provider: string | null;
};

export type SignInWithPasskey = {
  readonly passkey: PasskeyAssertion;
  /** The organization to act for; needed by people who belong to several. */
  readonly organization?: string;
  /** true: sets the tokens as cookies, for pages of this service, and omits them from the response. */
  readonly cookies?: boolean;
};

export type SigningContract = {
  /** Id of the record: the SHA-256 of its first note. */
  readonly record: string;
};

export type SigningLink = {
  readonly link: LinkToSign;
};

export type SigningReminder = {
  /** true: a new link, for example when the first went to a wrong address. Earlier ones open nothing. */
  readonly newLink?: boolean;
};

export type SigningRequest = {
  readonly id: string;
  /** `contract`: sign a contract for a document. `transfer`: accept an item, or the rights to a work. `licence`: give the key to which a licence of a work is then granted. `claim`: sign the claim of a work. */
  readonly kind: 'contract' | 'transfer' | 'licence' | 'claim';
  /** `invited`: nobody has opened the link. `opened`. `key_given`: name the key in a contract, an offer or a licence. `to_sign`: the contract or offer names it, or the claim waits for its signature. `signed`, `declined`: by the record, events that wait for their block included; where there is no contract, `declined` is what the person said. `granted`: a licence names the key. `delegated`: somebody else was asked. `closed`: the record takes no answer from this key any more. `withdrawn`, `expired`, `erased`. */
  readonly status:
    | 'invited'
    | 'opened'
    | 'key_given'
    | 'to_sign'
    | 'signed'
    | 'granted'
    | 'declined'
    | 'delegated'
    | 'closed'
    | 'withdrawn'
    | 'expired'
    | 'erased';
  /** Why the item or work cannot be had any more, if the status is `closed`: another key holds it than when the request was made, somebody else has accepted it, or it is destroyed or withdrawn. */
  readonly closedBy: 'holder_changed' | 'taken' | 'over' | null;
  /** RFC 3339, UTC, milliseconds. */
  readonly createdAt: string;
  /** RFC 3339, UTC, milliseconds. */
  readonly expiresAt: string;
  readonly openedAt: string | null;
  readonly keyGivenAt: string | null;
  readonly endedAt: string | null;
  /** When an e-mail was last ordered. */
  readonly mailedAt: string | null;
  /** The e-mail could not be delivered: send the link another way. */
  readonly mailFailedAt: string | null;
  /** null: erased, as the other texts. */
  readonly title: string | null;
  readonly message: string | null;
  /** Of a contract. */
  readonly document: {
    readonly sha256: string;
    readonly name: string | null;
    readonly size: number | null;
  } | null;
  /** What the claim shall state. */
  readonly claim: {
    readonly [name: string]: unknown;
  } | null;
  readonly name: string | null;
  readonly email: string | null;
  readonly language: 'en' | 'ko';
  readonly key: string | null;
  /** Why the person declined where there was no contract. */
  readonly reason: string | null;
  /** The contract, the item or the work. */
  readonly record: string | null;
  /** The index of the key in the contract. */
  readonly party: number | null;
  /** Id of the request whose person has passed it on. */
  readonly predecessor: string | null;
};

export type SigningRequests = {
  /** Latest first. */
  readonly requests: readonly SigningRequest[];
  /** `cursor` for the next page; null: this is the last page. */
  readonly next: string | null;
};

export type StateStatement = {
  readonly format: 'ingam-state-v1';
  readonly [name: string]: unknown;
};

export type States = {
  readonly statements: readonly (string | null)[];
};

export type Step = {
  readonly number: number;
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Why the step failed. */
  readonly code: string | null;
  readonly message: string;
  readonly expected?: string;
  readonly computed?: string;
};

export type TagsChange = {
  /** Ids. */
  readonly notarizations: readonly string[];
  readonly add?: readonly string[];
  /** In upper or lower case. Those in the details were notarized and stay. */
  readonly remove?: readonly string[];
};

export type TagsChanged = {
  /** How many notarizations have other tags now. */
  readonly changed: number;
};

/** What anchors show of the time of registration, never of the document’s creation. Absent: the proof is pending, or there is none. */
export type TimeReport = {
  /** The block was made after this. */
  readonly notBefore: string | null;
  /** The block existed by this. */
  readonly notAfter: string | null;
  /** The independent sources that `notAfter` rests on. */
  readonly sources: readonly string[];
  /** How many independent sources this service names. */
  readonly of: number;
  /** Times that cannot all be true. */
  readonly conflict: 'sources' | 'sealed_too_early' | 'sealed_too_late' | null;
  readonly anchors: readonly {
    /** The place of the anchor in the proof. */
    readonly index: number;
    readonly type: string;
    readonly counts: boolean;
    readonly source?: string;
    /** RFC 3339, UTC, milliseconds. */
    readonly notBefore?: string;
    /** RFC 3339, UTC, milliseconds. */
    readonly notAfter?: string;
    /** As of when revocation lists show that the certificates of its source were not revoked. Absent: there are none. */
    readonly notRevokedAsOf?: string;
    /** Why it does not count. */
    readonly fault?: string;
    readonly message?: string;
  }[];
};

export type UploadDetails = {
  /** File name, without a path. Default: the file name of the part. null: none. */
  readonly name?: string | null;
  readonly title?: string;
  readonly author?: string;
  /** A reference of the owner, such as a case, order or contract number. */
  readonly reference?: string;
  readonly note?: string;
  readonly tags?: readonly string[];
};

export type User = {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  /** `owner`: everything; `notary`: notarize, read, publish; `auditor`: read, also the access log. */
  readonly role: 'owner' | 'notary' | 'auditor';
  /** RFC 3339, UTC, milliseconds. */
  readonly createdAt: string;
  /** null: invited, not yet accepted. */
  readonly acceptedAt: string | null;
  /** Disabled by an operator; null: not disabled. */
  readonly disabledAt: string | null;
};

export type UserChange = {
  readonly role: 'owner' | 'notary' | 'auditor';
};

export type Users = {
  /** Sorted by e-mail address. */
  readonly users: readonly User[];
};

export type Verification = {
  readonly verdict: 'verified' | 'pending' | 'unknown' | 'invalid' | 'untrusted';
  readonly sha256: string;
  readonly steps: readonly Step[];
  readonly time?: TimeReport;
  /** This document’s notarizations by this service, earliest first. */
  readonly notarizations: readonly Notarization[];
  /** Whether there are more than these. */
  readonly more: boolean;
};

export type VerifyInput = {
  /** SHA-256 of the document in hexadecimal. Upper case, white space between digits and `sha256:` in front are accepted; responses have 64 lower-case digits. */
  readonly sha256?: string;
  /** Length of the document in bytes, checked if present. */
  readonly size?: number;
  /** A proof file: its JSON, or its text as a string. */
  readonly proof?:
    | string
    | {
        readonly [name: string]: unknown;
      };
};

export type VerifyMultipartInput = {
  /** The document. */
  readonly file?: string;
  /** The proof file, or a certificate that carries it. */
  readonly proof?: string;
};

export type Version = {
  /** Of the program, by semantic versioning. */
  readonly version: string;
};

export type Webhook = {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly types: readonly (
    | 'notarization.sealed'
    | 'notarization.cosigned'
    | 'notarization.anchored'
    | 'record.event'
    | 'contract.executed'
    | 'contract.expired'
    | 'contract.deadline_near'
    | 'key.created'
    | 'key.revoked'
    | 'anchor.late'
    | 'member.alarm'
  )[];
  /** `retrying`: the receiver did not take the last message, which is sent again. */
  readonly status: 'enabled' | 'retrying' | 'disabled';
  /** `failed`: ten attempts of one message. `gone`: the receiver answered 410. */
  readonly disabledBecause: 'person' | 'failed' | 'gone' | null;
  readonly disabledAt: string | null;
  /** Of the message that was not taken. */
  readonly nextAttemptAt: string | null;
  /** Of the message that is being sent. */
  readonly failedAttempts: number;
  /** `whpk_…`, for the signatures `v1a`. */
  readonly publicKey: string;
  /** Until then messages are signed with the secret before as well. */
  readonly formerSecretUntil: string | null;
  /** RFC 3339, UTC, milliseconds. */
  readonly createdAt: string;
};

export type WebhookAttempts = {
  /** Latest first; kept for 30 days. */
  readonly attempts: readonly WebhookTest[];
  /** `cursor` for the next page; null: this is the last page. */
  readonly next: string | null;
};

export type WebhookChange = {
  readonly name?: string;
  /** https, without user name and password; not an address of a private network. */
  readonly url?: string;
  readonly types?: readonly (
    | 'notarization.sealed'
    | 'notarization.cosigned'
    | 'notarization.anchored'
    | 'record.event'
    | 'contract.executed'
    | 'contract.expired'
    | 'contract.deadline_near'
    | 'key.created'
    | 'key.revoked'
    | 'anchor.late'
    | 'member.alarm'
  )[];
  /** true: it goes on where it was, with the message that failed. */
  readonly enabled?: boolean;
};

export type WebhookReplay = {
  readonly from:
    | {
        /** Of a notarization in the chain. */
        readonly position: number;
      }
    | {
        readonly time: string;
      };
};

export type WebhookTest = {
  /** The header `webhook-id`. */
  readonly message: string;
  readonly type: string;
  readonly attempt: number;
  /** RFC 3339, UTC, milliseconds. */
  readonly at: string;
  /** How long it took. */
  readonly ms: number;
  /** Of the answer; null: there was none. */
  readonly status: number | null;
  /** `status`: an answer other than 2xx. `timeout`: none within 20 s. `address_refused`: it is not one that webhooks may reach. `unknown_host`: the name has no address. `tls`: no secure connection. `connection`: none at all, or it broke. */
  readonly outcome:
    | 'delivered'
    | 'status'
    | 'timeout'
    | 'address_refused'
    | 'unknown_host'
    | 'tls'
    | 'connection';
};

export type WebhookWithSecret = {
  readonly webhook: Webhook;
  /** `whsec_…`, for the signatures `v1`. It is shown only now. */
  readonly secret: string;
};

export type Webhooks = {
  /** Earliest first. */
  readonly webhooks: readonly Webhook[];
};

/** What each operation takes and answers. */
export interface Operations {
  /** Notarize documents: files, or their digests */
  notarize: {
    query?: {
      /** Respond when the documents are sealed, or after the time that `Prefer: wait` allows. */
      wait?: 'sealed';
      /** Keep the bytes of the documents, encrypted, until the notarizations are erased. Only for organizations, and if the service has a vault; without it, `no_vault`, and nothing is notarized. */
      vault?: 'keep';
      /** File name of a document that is the body itself. */
      name?: string;
    };
    header?: {
      /** For 24 hours, the same key with the same documents returns the same response again instead of new notarizations, and costs no quota. The same key with other documents returns 422. Keys belong to an organization; without credentials, the same key with other documents is a new submission. A stream commits lines 1 to 1,000 under the key, then the next 1,000, and so on: each chunk can be repeated. */
      'Idempotency-Key'?: string;
      /** `wait=N`: respond when the documents are sealed, or after N seconds (60 at most). */
      Prefer?: string;
    };
    body: FormData | DocumentsInput | Uint8Array;
    answer: Uint8Array | Accepted;
  };
  /** Notarize one file: curl -T FILE …/v1/notarizations */
  notarizeRaw: {
    query?: {
      /** Respond when the documents are sealed, or after the time that `Prefer: wait` allows. */
      wait?: 'sealed';
      /** Keep the bytes of the documents, encrypted, until the notarizations are erased. Only for organizations, and if the service has a vault; without it, `no_vault`, and nothing is notarized. */
      vault?: 'keep';
      /** File name of a document that is the body itself. */
      name?: string;
    };
    header?: {
      /** For 24 hours, the same key with the same documents returns the same response again instead of new notarizations, and costs no quota. The same key with other documents returns 422. Keys belong to an organization; without credentials, the same key with other documents is a new submission. A stream commits lines 1 to 1,000 under the key, then the next 1,000, and so on: each chunk can be repeated. */
      'Idempotency-Key'?: string;
      /** `wait=N`: respond when the documents are sealed, or after N seconds (60 at most). */
      Prefer?: string;
    };
    body: Uint8Array;
    answer: Accepted;
  };
  /** Search the organization’s register */
  listNotarizations: {
    query?: {
      /** Words or parts of words, of at least three letters, or beginnings of words in name, title, author, reference, note or tags; all must match. */
      q?: string;
      /** The beginning of the digest. */
      sha256?: string;
      /** Accepted at or after this time. */
      from?: string;
      /** Accepted before this time. */
      to?: string;
      /** A complete tag, in upper or lower case. */
      tag?: string;
      /** `sealed` includes cosigned and anchored notarizations. */
      status?: 'accepted' | 'sealed' | 'anchored';
      /** Who submitted it, as in the answers: `key:<id>` or `person:<id>`. */
      submittedBy?: string;
      /** Only what the legal hold with this id keeps, or, with `any`, what a hold that is in force keeps. For owners and auditors. */
      hold?: string;
      /** By time of acceptance (`newest`, the default, and `oldest`), or by a text of the details, those without it last; the title takes the place of a missing name. By a text, at most 20,000 matches can be ordered, and the pages have no cursor: use `skip`. */
      order?: 'newest' | 'oldest' | 'name' | 'name-reversed' | 'reference' | 'reference-reversed';
      /** Page size; default 50. */
      limit?: number;
      /** Matches to leave out before the page, to jump to any page; without `cursor`. */
      skip?: number;
      /** `true`: the response has `total`, counted to at most 20,000. */
      count?: 'true';
      /** `next` of the previous page, with the same order. */
      cursor?: number;
      /** `csv`: all matches, for spreadsheets; without `limit` and `cursor`. */
      format?: 'json' | 'csv';
    };
    answer: Register | Uint8Array;
  };
  /** Notarize one file by name: curl -T FILE …/v1/notarizations/ */
  notarizeRawNamed: {
    path: {
      /** The file name. curl appends it to a URL that ends with a slash. */
      id: string;
    };
    query?: {
      /** Respond when the documents are sealed, or after the time that `Prefer: wait` allows. */
      wait?: 'sealed';
      /** Keep the bytes of the documents, encrypted, until the notarizations are erased. Only for organizations, and if the service has a vault; without it, `no_vault`, and nothing is notarized. */
      vault?: 'keep';
    };
    header?: {
      /** For 24 hours, the same key with the same documents returns the same response again instead of new notarizations, and costs no quota. The same key with other documents returns 422. Keys belong to an organization; without credentials, the same key with other documents is a new submission. A stream commits lines 1 to 1,000 under the key, then the next 1,000, and so on: each chunk can be repeated. */
      'Idempotency-Key'?: string;
      /** `wait=N`: respond when the documents are sealed, or after N seconds (60 at most). */
      Prefer?: string;
    };
    body: Uint8Array;
    answer: Accepted;
  };
  /** Get a notarization’s status */
  getNotarization: {
    path: {
      /** Id of the notarization, from the response to the submission. The details of an anonymous notarization are shown only with the id from there, which has three parts: the two-part id, which everybody who has the document can find, shows everything else. */
      id: string;
    };
    answer: Notarization;
  };
  /** Publish or withdraw the details */
  publishNotarization: {
    path: {
      /** Id of the notarization, from the response to the submission. The details of an anonymous notarization are shown only with the id from there, which has three parts: the two-part id, which everybody who has the document can find, shows everything else. */
      id: string;
    };
    body: NotarizationChange;
    answer: Notarization;
  };
  /** Erase the content of a notarization */
  eraseNotarization: {
    path: {
      /** Id of the notarization, from the response to the submission. The details of an anonymous notarization are shown only with the id from there, which has three parts: the two-part id, which everybody who has the document can find, shows everything else. */
      id: string;
    };
    answer: Erasure;
  };
  /** Follow a notarization’s status as server-sent events */
  watchNotarization: {
    path: {
      /** Id of the notarization, from the response to the submission. The details of an anonymous notarization are shown only with the id from there, which has three parts: the two-part id, which everybody who has the document can find, shows everything else. */
      id: string;
    };
    answer: Uint8Array;
  };
  /** Get the proof file */
  getProof: {
    path: {
      /** Id of the notarization, from the response to the submission. The details of an anonymous notarization are shown only with the id from there, which has three parts: the two-part id, which everybody who has the document can find, shows everything else. */
      id: string;
    };
    query?: {
      /** `none`: without details, as everyone may have it. `all`: with details and the organization, or an error. Default: with the details if the caller may see them. */
      disclose?: 'none' | 'all';
    };
    answer: ProofFile | PendingProof;
  };
  /** Get a certificate: a PDF that carries the proof */
  getCertificate: {
    path: {
      /** Id of the notarization, from the response to the submission. The details of an anonymous notarization are shown only with the id from there, which has three parts: the two-part id, which everybody who has the document can find, shows everything else. */
      id: string;
    };
    query?: {
      /** `none`: without details, as everyone may have it. `all`: with details and the organization, or an error. Default: with the details if the caller may see them. */
      disclose?: 'none' | 'all';
      /** The language; by default from Accept-Language. `ko-en`: Korean and English on one sheet, followed by the explanations in each. */
      lang?: 'en' | 'ko' | 'ko-en';
      /** IANA time zone for times beside UTC, such as Asia/Seoul. */
      tz?: string;
      /** Name of the document, for a proof that discloses none. The certificate says that the person who requested it gave this name. It is not kept. */
      name?: string;
    };
    header?: {
      /** Chooses the language if `lang` is absent. */
      'Accept-Language'?: string;
      /** ETag of the client’s certificate: 304 if it has not changed. */
      'If-None-Match'?: string;
    };
    answer: Uint8Array | PendingProof;
  };
  /** Get a certificate of a record: a PDF that carries its history */
  getRecordCertificate: {
    path: {
      /** Id of the record: the SHA-256 of its first note. */
      id: string;
    };
    query?: {
      /** The language; by default from Accept-Language. `ko-en`: Korean and English on one sheet, followed by the explanations in each. */
      lang?: 'en' | 'ko' | 'ko-en';
      /** IANA time zone for times beside UTC, such as Asia/Seoul. */
      tz?: string;
    };
    header?: {
      /** For a party of the record that has no account here: base64 of a note with the lines `ingam/read/v1`, the log’s origin, the record’s id and the time in seconds since 1970, signed with the party’s key. It is valid for 300 seconds. */
      'Ingam-Record-Key'?: string;
      /** Chooses the language if `lang` is absent. */
      'Accept-Language'?: string;
      /** ETag of the client’s certificate: 304 if it has not changed. */
      'If-None-Match'?: string;
    };
    answer: Uint8Array;
  };
  /** List the erasures */
  listErasures: {
    query?: {
      /** Page size; default 50. */
      limit?: number;
      /** `next` of the previous page. */
      cursor?: number;
    };
    answer: Erasures;
  };
  /** Get the certificate of an erasure */
  getErasure: {
    path: {
      /** Id of the notarization, from the response to the submission. The details of an anonymous notarization are shown only with the id from there, which has three parts: the two-part id, which everybody who has the document can find, shows everything else. */
      id: string;
    };
    answer: Erasure;
  };
  /** Get what happened to a notarization */
  getNotarizationHistory: {
    path: {
      /** Id of the notarization, from the response to the submission. The details of an anonymous notarization are shown only with the id from there, which has three parts: the two-part id, which everybody who has the document can find, shows everything else. */
      id: string;
    };
    query?: {
      /** Most events of the access log in a page; default 100. */
      limit?: number;
      /** `next` of the previous page. */
      cursor?: number;
    };
    answer: History;
  };
  /** Get the document itself, if the vault keeps it */
  getDocument: {
    path: {
      /** Id of the notarization, from the response to the submission. The details of an anonymous notarization are shown only with the id from there, which has three parts: the two-part id, which everybody who has the document can find, shows everything else. */
      id: string;
    };
    header?: {
      /** One range, such as `bytes=0-1023`: 206 with these bytes. Several ranges return the whole document. */
      Range?: string;
      /** ETag of the document: a range is sent only if it is still the same. */
      'If-Range'?: string;
      /** ETag of the client’s document: 304 if it is the same. */
      'If-None-Match'?: string;
    };
    answer: Uint8Array;
  };
  /** Get the document of a contract, if the vault keeps it */
  getRecordDocument: {
    path: {
      /** Id of the record: the SHA-256 of its first note. */
      id: string;
    };
    header?: {
      /** One range, such as `bytes=0-1023`: 206 with these bytes. Several ranges return the whole document. */
      Range?: string;
      /** ETag of the document: a range is sent only if it is still the same. */
      'If-Range'?: string;
      /** ETag of the client’s document: 304 if it is the same. */
      'If-None-Match'?: string;
      /** For a party without an account here, as with `GET /v1/records/{id}`. */
      'Ingam-Record-Key'?: string;
    };
    answer: Uint8Array;
  };
  /** Place a legal hold */
  placeHold: {
    header?: {
      /** The same request with the same key places no second hold, and gets the first as it is now. */
      'Idempotency-Key'?: string;
    };
    body: NewHold;
    answer: Hold;
  };
  /** List the organization’s legal holds */
  listHolds: {
    query?: {
      /** `in_force` includes those whose lifting is requested. */
      status?: 'in_force' | 'lifted';
      /** Only holds that keep the one with this id. */
      notarization?: string;
      /** Page size; default 50. */
      limit?: number;
      /** `next` of the previous page. */
      cursor?: string;
    };
    answer: Holds;
  };
  /** Get a legal hold */
  getHold: {
    path: {
      /** Id of the hold. */
      id: string;
    };
    answer: Hold;
  };
  /** List the notarizations that a legal hold keeps */
  listHeld: {
    path: {
      /** Id of the hold. */
      id: string;
    };
    query?: {
      /** Page size; default 50. */
      limit?: number;
      /** `next` of the previous page. */
      cursor?: number;
    };
    answer: HeldNotarizations;
  };
  /** Request that a legal hold be lifted */
  requestLift: {
    path: {
      /** Id of the hold. */
      id: string;
    };
    body: LiftRequest;
    answer: Hold;
  };
  /** Withdraw or reject the request to lift a legal hold */
  withdrawLift: {
    path: {
      /** Id of the hold. */
      id: string;
    };
    answer: Hold;
  };
  /** Approve that a legal hold is lifted */
  approveLift: {
    path: {
      /** Id of the hold. */
      id: string;
    };
    answer: Hold;
  };
  /** Add tags to notarizations, and remove them */
  changeTags: {
    body: TagsChange;
    answer: TagsChanged;
  };
  /** Begin a record with its first event */
  createRecord: {
    query?: {
      /** Respond when the documents are sealed, or after the time that `Prefer: wait` allows. */
      wait?: 'sealed';
    };
    header?: {
      /** As for documents: for 24 hours, the same key with the same event returns the same response again, and with another event 422. Keys belong to an organization; without credentials, the same key with another event is a new submission. In a stream each line is repeated by itself. */
      'Idempotency-Key'?: string;
      /** `wait=N`: respond when the event is sealed, or after N seconds (60 at most). */
      Prefer?: string;
    };
    body: EventInput;
    answer: AcceptedEvent;
  };
  /** List the organization’s records */
  listRecords: {
    query?: {
      kind?: 'document' | 'work' | 'item' | 'contract';
      /** Such as `current`, `offered` or `executed`: after the latest block. */
      status?: string;
      /** A verifier key: only records in which it has a role, such as that of the holder or of a party, after the latest block. */
      key?: string;
      /** Words or parts of words, of at least three letters, or beginnings of words in the bodies of events that the organization submitted; all must match. */
      q?: string;
      /** Page size. */
      limit?: number;
      /** `next` of the previous page. */
      cursor?: number;
    };
    answer: Records;
  };
  /** Submit a stream of events */
  submitEvents: {
    header?: {
      /** As for documents: for 24 hours, the same key with the same event returns the same response again, and with another event 422. Keys belong to an organization; without credentials, the same key with another event is a new submission. In a stream each line is repeated by itself. */
      'Idempotency-Key'?: string;
    };
    body: Uint8Array;
    answer: Uint8Array;
  };
  /** Add an event to a record */
  addEvent: {
    path: {
      /** Id of the record: the SHA-256 of its first note. */
      id: string;
    };
    query?: {
      /** Respond when the documents are sealed, or after the time that `Prefer: wait` allows. */
      wait?: 'sealed';
    };
    header?: {
      /** As for documents: for 24 hours, the same key with the same event returns the same response again, and with another event 422. Keys belong to an organization; without credentials, the same key with another event is a new submission. In a stream each line is repeated by itself. */
      'Idempotency-Key'?: string;
      /** `wait=N`: respond when the event is sealed, or after N seconds (60 at most). */
      Prefer?: string;
    };
    body: EventInput;
    answer: AcceptedEvent;
  };
  /** List or follow a record’s events */
  listRecordEvents: {
    path: {
      /** Id of the record: the SHA-256 of its first note. */
      id: string;
    };
    query?: {
      /** Page size. */
      limit?: number;
      /** `next` of the previous page. */
      cursor?: string;
    };
    header?: {
      /** For a party of the record that has no account here: base64 of a note with the lines `ingam/read/v1`, the log’s origin, the record’s id and the time in seconds since 1970, signed with the party’s key. It is valid for 300 seconds. */
      'Ingam-Record-Key'?: string;
      /** Of a stream: the id of the last event that the client has. Default: it begins with the first event. */
      'Last-Event-ID'?: string;
    };
    answer: RecordEvents | Uint8Array;
  };
  /** Get a record */
  getRecord: {
    path: {
      /** Id of the record: the SHA-256 of its first note. */
      id: string;
    };
    header?: {
      /** For a party of the record that has no account here: base64 of a note with the lines `ingam/read/v1`, the log’s origin, the record’s id and the time in seconds since 1970, signed with the party’s key. It is valid for 300 seconds. */
      'Ingam-Record-Key'?: string;
    };
    answer: RecordResource;
  };
  /** Get a record’s history with its proofs */
  getRecordHistory: {
    path: {
      /** Id of the record: the SHA-256 of its first note. */
      id: string;
    };
    query?: {
      /** Height of a block. Default: the latest that a published checkpoint covers. */
      at?: number;
    };
    header?: {
      /** For a party of the record that has no account here: base64 of a note with the lines `ingam/read/v1`, the log’s origin, the record’s id and the time in seconds since 1970, signed with the party’s key. It is valid for 300 seconds. */
      'Ingam-Record-Key'?: string;
    };
    answer: HistoryFile;
  };
  /** Get a record’s state after a block */
  getRecordState: {
    path: {
      /** Id of the record: the SHA-256 of its first note. */
      id: string;
    };
    query?: {
      /** Height of a block. Default: the latest that a published checkpoint covers. */
      at?: number;
    };
    header?: {
      /** For a party of the record that has no account here: base64 of a note with the lines `ingam/read/v1`, the log’s origin, the record’s id and the time in seconds since 1970, signed with the party’s key. It is valid for 300 seconds. */
      'Ingam-Record-Key'?: string;
    };
    answer: RecordStateResource;
  };
  /** Erase the body of an event */
  eraseEventBody: {
    path: {
      /** Id of the record: the SHA-256 of its first note. */
      id: string;
      /** Number of the event, from 0. */
      sequence: number;
    };
    answer: null;
  };
  /** Publish a work or an item */
  publishRecord: {
    path: {
      /** Id of the record: the SHA-256 of its first note. */
      id: string;
    };
    body: NewPublication;
    answer: RecordPublication;
  };
  /** Withdraw what was published of a record */
  withdrawRecord: {
    path: {
      /** Id of the record: the SHA-256 of its first note. */
      id: string;
    };
    answer: null;
  };
  /** Get a work or an item that its holder has published */
  getPublishedRecord: {
    path: {
      /** Id of the record: the SHA-256 of its first note. */
      id: string;
    };
    query?: {
      /** Page size. */
      limit?: number;
      /** `next` of the previous page. */
      cursor?: string;
    };
    answer: PublishedRecord;
  };
  /** Get the history of a record whose holder shows it */
  getPublishedHistory: {
    path: {
      /** Id of the record: the SHA-256 of its first note. */
      id: string;
    };
    answer: HistoryFile;
  };
  /** Ask a person without an account to sign a contract or a claim, or to take an item, a work or a licence */
  createSigningRequest: {
    body: NewSigningRequest;
    answer: NewSigningResult;
  };
  /** List the organization’s requests to sign */
  listSigningRequests: {
    query?: {
      /** Only those for this record. */
      record?: string;
      /** Page size; default 50. */
      limit?: number;
      /** `next` of the previous page. */
      cursor?: string;
    };
    answer: SigningRequests;
  };
  /** Get a request to sign */
  getSigningRequest: {
    path: {
      /** Id of the request. */
      id: string;
    };
    answer: SigningRequest;
  };
  /** Erase what a request to sign tells of a person */
  eraseSigningRequest: {
    path: {
      /** Id of the request. */
      id: string;
    };
    answer: null;
  };
  /** Ask for the signature of a contract that names the person’s key */
  nameSigningContract: {
    path: {
      /** Id of the request. */
      id: string;
    };
    body: SigningContract;
    answer: SigningRequest;
  };
  /** Remind the person: get the link again, and send it by e-mail */
  remindSigner: {
    path: {
      /** Id of the request. */
      id: string;
    };
    body: SigningReminder;
    answer: SigningLink;
  };
  /** Withdraw a request to sign */
  withdrawSigningRequest: {
    path: {
      /** Id of the request. */
      id: string;
    };
    answer: null;
  };
  /** Read what a link asks to sign */
  openSigning: {
    body: OpenSigning;
    answer: AskedSigning;
  };
  /** Give the key that a contract, an offer or a licence shall name */
  giveSigningKey: {
    body: GiveKey;
    answer: AskedSigning;
  };
  /** Decline where there is no contract */
  declineSigning: {
    body: DeclineSigning;
    answer: AskedSigning;
  };
  /** Name somebody else to sign */
  delegateSigning: {
    body: DelegateSigning;
    answer: DelegatedSigning;
  };
  /** Submit the signed event: a signature, a refusal, a delegation, a condition fulfilled, an acceptance, a claim */
  answerSigning: {
    body: AnswerSigning;
    answer: AnsweredSigning;
  };
  /** Get the document that the link asks to sign, if the organization keeps it */
  getSigningDocument: {
    body: OpenSigning;
    answer: Uint8Array;
  };
  /** Get the history of the record with its proofs */
  getSigningHistory: {
    body: OpenSigning;
    answer: HistoryFile;
  };
  /** Verify a document, a proof, or a document with its proof */
  verify: {
    body: VerifyInput | FormData;
    answer: Verification;
  };
  /** Verify the history file of a record */
  verifyHistory: {
    body: HistoryFile;
    answer: HistoryVerification;
  };
  /** Verify by digest */
  verifyDigest: {
    path: {
      /** SHA-256 of the document in hexadecimal. Upper case, white space between digits and `sha256:` in front are accepted; responses have 64 lower-case digits. */
      sha256: string;
    };
    answer: Verification;
  };
  /** Get the chain’s name, keys, length and latest checkpoint */
  getChain: {
    answer: Chain;
  };
  /** Get the log’s key statements, with proofs */
  getLogKeys: {
    answer: KeyStatements;
  };
  /** List blocks, latest first */
  listBlocks: {
    query?: {
      /** Only blocks below this height. */
      before?: number;
      /** How many blocks, highest first. */
      limit?: number;
    };
    answer: Blocks;
  };
  /** Get a block */
  getBlock: {
    path: {
      /** Height of the block, from 0. */
      height: number;
    };
    answer: Block;
  };
  /** Get a block’s state statement, whose SHA-256 is in its header */
  getState: {
    path: {
      /** Height of the block, from 0. */
      height: number;
    };
    answer: StateStatement;
  };
  /** Get a block’s change list: the records that it changes, with their new values */
  getChanges: {
    path: {
      /** Height of the block, from 0. */
      height: number;
    };
    answer: Uint8Array;
  };
  /** Get the state statements of consecutive blocks, as texts */
  getStates: {
    query: {
      /** Height of the first block. */
      first: number;
      /** How many blocks. */
      count: number;
    };
    answer: States;
  };
  /** Get a block’s header: 134 bytes, whose SHA-256 is the block’s hash */
  getHeader: {
    path: {
      /** Height of the block, from 0. */
      height: number;
    };
    answer: Uint8Array;
  };
  /** Get a record’s value after a block, or that there was no such record, with its proof */
  getMapPath: {
    path: {
      /** Id of the record: the SHA-256 of its first note. */
      id: string;
    };
    query?: {
      /** Height of the block. Without it, the latest that the published checkpoint covers. */
      at?: number;
    };
    answer: MapProof;
  };
  /** Get the latest signed checkpoint (C2SP tlog-checkpoint) */
  getCheckpoint: {
    answer: Uint8Array;
  };
  /** Get an entry bundle: up to 256 block headers, each after its length (C2SP tlog-tiles) */
  getEntryBundle: {
    path: {
      /** Index in groups of three digits, all but the last prefixed with x; followed by `.p/<W>` for a partial tile. */
      index: string;
    };
    answer: Uint8Array;
  };
  /** Get a tile of the log: up to 256 hashes (C2SP tlog-tiles) */
  getTile: {
    path: {
      /** 0 to 63. */
      level: number;
      /** Index in groups of three digits, all but the last prefixed with x; followed by `.p/<W>` for a partial tile. */
      index: string;
    };
    answer: Uint8Array;
  };
  /** Get leaf hashes of sealed entries, 32 bytes each */
  getLeaves: {
    query: {
      /** Position of the first entry. */
      first: number;
      /** How many hashes. */
      count: number;
    };
    answer: Uint8Array;
  };
  /** Get up to 256 leaf hashes of sealed entries, 32 bytes each */
  getLeafFile: {
    path: {
      /** Index in groups of three digits, all but the last prefixed with x; followed by `.p/<W>` for a partial tile. */
      index: string;
    };
    answer: Uint8Array;
  };
  /** Get the state statements of up to 256 blocks, as texts */
  getStateFile: {
    path: {
      /** Index in groups of three digits, all but the last prefixed with x; followed by `.p/<W>` for a partial tile. */
      index: string;
    };
    answer: States;
  };
  /** Get a tile of a block’s tree: up to 256 hashes */
  getBlockTile: {
    path: {
      /** Height of the block, from 0. */
      height: number;
      /** 0 to 63. */
      level: number;
      /** Index in groups of three digits, all but the last prefixed with x; followed by `.p/<W>` for a partial tile. */
      index: string;
    };
    answer: Uint8Array;
  };
  /** Get a time-stamp token (RFC 3161) */
  timeStamp: {
    body: Uint8Array;
    answer: Uint8Array;
  };
  /** Read what the time-stamps promise: a page in English or Korean */
  getTimeStampPolicy: {
    header?: {
      /** Chooses the language. */
      'Accept-Language'?: string;
    };
    answer: Uint8Array;
  };
  /** Get the certificates of the time-stamps */
  getTimeStampCertificates: {
    answer: Uint8Array;
  };
  /** Sign in with e-mail address and password */
  signIn: {
    body: SignIn;
    answer: OpenedSession;
  };
  /** Get the caller’s identity and permissions */
  whoAmI: {
    answer: Session;
  };
  /** Choose the organization to act for in this session */
  chooseOrganization: {
    header?: {
      /** With cookies: the value of the cookie `ingam-csrf` (over TLS with its prefix). */
      'X-CSRF-Token'?: string;
    };
    body: ChooseOrganization;
    answer: Session;
  };
  /** Sign out */
  signOut: {
    header?: {
      /** With cookies: the value of the cookie `ingam-csrf` (over TLS with its prefix). */
      'X-CSRF-Token'?: string;
    };
    answer: null;
  };
  /** Leave an organization */
  leaveOrganization: {
    path: {
      /** Id of the organization. */
      id: string;
    };
    header?: {
      /** With cookies: the value of the cookie `ingam-csrf` (over TLS with its prefix). */
      'X-CSRF-Token'?: string;
    };
    answer: null;
  };
  /** Exchange the refresh token */
  refreshSession: {
    header?: {
      /** With cookies: the value of the cookie `ingam-csrf` (over TLS with its prefix). */
      'X-CSRF-Token'?: string;
    };
    body: Refresh;
    answer: OpenedSession;
  };
  /** List the caller’s sessions */
  listOwnSessions: {
    answer: OwnSessions;
  };
  /** End all other sessions */
  endOtherSessions: {
    answer: null;
  };
  /** End a session */
  endOwnSession: {
    path: {
      /** Id of the session. */
      id: string;
    };
    answer: null;
  };
  /** Change the password */
  changePassword: {
    body: ChangePassword;
    answer: OpenedSession;
  };
  /** Ask for a link for a new password */
  askForPasswordReset: {
    body: NewPasswordReset;
    answer: null;
  };
  /** Set a new password with a link */
  redeemPasswordReset: {
    body: RedeemPasswordReset;
    answer: null;
  };
  /** Get how often the caller is told by e-mail what is new */
  getDigest: {
    answer: Digest;
  };
  /** Choose how often to be told by e-mail what is new */
  chooseDigest: {
    body: DigestChange;
    answer: Digest;
  };
  /** Get a challenge for a passkey */
  challengePasskey: {
    answer: PasskeyChallenge;
  };
  /** Sign in with a passkey */
  signInWithPasskey: {
    body: SignInWithPasskey;
    answer: OpenedSession;
  };
  /** List the caller’s passkeys */
  listPasskeys: {
    answer: Passkeys;
  };
  /** Add a passkey */
  addPasskey: {
    header?: {
      /** With cookies: the value of the cookie `ingam-csrf` (over TLS with its prefix). */
      'X-CSRF-Token'?: string;
    };
    body: NewPasskeyInput;
    answer: Passkey;
  };
  /** Choose whether signing in takes a passkey */
  needPasskey: {
    header?: {
      /** With cookies: the value of the cookie `ingam-csrf` (over TLS with its prefix). */
      'X-CSRF-Token'?: string;
    };
    body: PasskeyNeed;
    answer: null;
  };
  /** Get what a browser needs to make a passkey */
  challengeNewPasskey: {
    header?: {
      /** With cookies: the value of the cookie `ingam-csrf` (over TLS with its prefix). */
      'X-CSRF-Token'?: string;
    };
    body: PasskeyProof;
    answer: PasskeyCreation;
  };
  /** Rename a passkey */
  renamePasskey: {
    path: {
      /** Id of the passkey. */
      id: string;
    };
    header?: {
      /** With cookies: the value of the cookie `ingam-csrf` (over TLS with its prefix). */
      'X-CSRF-Token'?: string;
    };
    body: PasskeyName;
    answer: null;
  };
  /** Remove a passkey */
  removePasskey: {
    path: {
      /** Id of the passkey. */
      id: string;
    };
    header?: {
      /** With cookies: the value of the cookie `ingam-csrf` (over TLS with its prefix). */
      'X-CSRF-Token'?: string;
    };
    body: PasskeyProof;
    answer: null;
  };
  /** Look at an invitation */
  inspectInvitation: {
    body: InspectInvitation;
    answer: InvitationInfo;
  };
  /** Accept an invitation and sign in */
  redeemInvitation: {
    header?: {
      /** With cookies: the value of the cookie `ingam-csrf` (over TLS with its prefix). */
      'X-CSRF-Token'?: string;
    };
    body: RedeemInvitation;
    answer: OpenedSession;
  };
  /** List organizations */
  listOrganizations: {
    query?: {
      /** `next` of the previous page. */
      cursor?: string;
      limit?: number;
    };
    answer: Organizations;
  };
  /** Create an organization */
  createOrganization: {
    body: NewOrganization;
    answer: Organization;
  };
  /** Get an organization */
  getOrganization: {
    path: {
      /** Id of the organization. */
      id: string;
    };
    answer: Organization;
  };
  /** Rename, limit, disable or enable an organization */
  changeOrganization: {
    path: {
      /** Id of the organization. */
      id: string;
    };
    body: OrganizationChange;
    answer: Organization;
  };
  /** Require passkeys of the organization’s users, or no longer */
  requirePasskeys: {
    path: {
      /** Id of the organization. */
      id: string;
    };
    body: PasskeyRequirement;
    answer: Organization;
  };
  /** List the organization’s users */
  listUsers: {
    query?: {
      /** For operators, who add an organization’s first owner. */
      organization?: string;
    };
    answer: Users;
  };
  /** Invite a person to the organization */
  addUser: {
    query?: {
      /** For operators, who add an organization’s first owner. */
      organization?: string;
    };
    body: NewUserInput;
    answer: NewUser;
  };
  /** Change a user’s role */
  changeUser: {
    path: {
      /** Id of the person. */
      id: string;
    };
    query?: {
      /** For operators, who add an organization’s first owner. */
      organization?: string;
    };
    body: UserChange;
    answer: User;
  };
  /** Remove a user from the organization */
  removeUser: {
    path: {
      /** Id of the person. */
      id: string;
    };
    query?: {
      /** For operators, who add an organization’s first owner. */
      organization?: string;
    };
    answer: null;
  };
  /** Create a new invitation */
  inviteAgain: {
    path: {
      /** Id of the person. */
      id: string;
    };
    query?: {
      /** For operators, who add an organization’s first owner. */
      organization?: string;
      /** Of the e-mail; by default it is in both. */
      language?: 'en' | 'ko';
    };
    answer: NewInvitation;
  };
  /** List the organization’s API keys */
  listKeys: {
    answer: ApiKeys;
  };
  /** Create an API key */
  createKey: {
    body: NewKeyInput;
    answer: NewApiKey;
  };
  /** Revoke an API key, with immediate effect */
  revokeKey: {
    path: {
      /** Id of the key: the 16 digits after `ingam_`. */
      id: string;
    };
    answer: null;
  };
  /** Make a webhook */
  createWebhook: {
    body: NewWebhook;
    answer: WebhookWithSecret;
  };
  /** List the organization’s webhooks */
  listWebhooks: {
    answer: Webhooks;
  };
  /** Get a webhook */
  getWebhook: {
    path: {
      /** Id of the webhook. */
      id: string;
    };
    answer: Webhook;
  };
  /** Change a webhook, disable it, or enable it */
  changeWebhook: {
    path: {
      /** Id of the webhook. */
      id: string;
    };
    body: WebhookChange;
    answer: Webhook;
  };
  /** Delete a webhook, and the list of its attempts */
  deleteWebhook: {
    path: {
      /** Id of the webhook. */
      id: string;
    };
    answer: null;
  };
  /** Replace the secret */
  rotateWebhookSecret: {
    path: {
      /** Id of the webhook. */
      id: string;
    };
    answer: WebhookWithSecret;
  };
  /** Send a message of the type `webhook.test` now */
  testWebhook: {
    path: {
      /** Id of the webhook. */
      id: string;
    };
    answer: WebhookTest;
  };
  /** Tell again what happened since a position or a time */
  replayWebhook: {
    path: {
      /** Id of the webhook. */
      id: string;
    };
    body: WebhookReplay;
    answer: Webhook;
  };
  /** List what was sent to a webhook, and how it ended */
  listWebhookAttempts: {
    path: {
      /** Id of the webhook. */
      id: string;
    };
    query?: {
      /** Only those that were not delivered. */
      failed?: 'true';
      /** Page size; default 50. */
      limit?: number;
      /** `next` of the previous page. */
      cursor?: number;
    };
    answer: WebhookAttempts;
  };
  /** Read the access log */
  readAccessLog: {
    query?: {
      /** For operators; everyone else sees events of their own organization. */
      organization?: string;
      person?: string;
      /** Kinds of events, separated by commas. */
      kind?: string;
      /** Events at or after this time. */
      from?: string;
      /** Events before this time. */
      to?: string;
      /** `next` of the previous page. */
      cursor?: number;
      /** 100 by default; not for CSV, which has all matches. */
      limit?: number;
      format?: 'json' | 'csv';
    };
    answer: AccessLog | Uint8Array;
  };
  /** Whether the process is alive */
  health: {
    answer: Health;
  };
  /** Whether a document would be accepted and sealed now */
  readiness: {
    answer: Readiness;
  };
  /** Metrics for Prometheus */
  metrics: {
    header?: {
      /** `Bearer` and the token; not needed on this machine. */
      Authorization?: string;
    };
    answer: Uint8Array;
  };
  /** The version of this service */
  version: {
    answer: Version;
  };
  /** What the service sees of your connection */
  connection: {
    answer: Connection;
  };
}

/** Method and path of each operation. */
export const OPERATIONS = {
  notarize: ['POST', '/v1/notarizations'],
  notarizeRaw: ['PUT', '/v1/notarizations'],
  listNotarizations: ['GET', '/v1/notarizations'],
  notarizeRawNamed: ['PUT', '/v1/notarizations/{id}'],
  getNotarization: ['GET', '/v1/notarizations/{id}'],
  publishNotarization: ['PATCH', '/v1/notarizations/{id}'],
  eraseNotarization: ['DELETE', '/v1/notarizations/{id}'],
  watchNotarization: ['GET', '/v1/notarizations/{id}/events'],
  getProof: ['GET', '/v1/notarizations/{id}/proof'],
  getCertificate: ['GET', '/v1/notarizations/{id}/certificate.pdf'],
  getRecordCertificate: ['GET', '/v1/records/{id}/certificate.pdf'],
  listErasures: ['GET', '/v1/erasures'],
  getErasure: ['GET', '/v1/notarizations/{id}/erasure'],
  getNotarizationHistory: ['GET', '/v1/notarizations/{id}/history'],
  getDocument: ['GET', '/v1/notarizations/{id}/document'],
  getRecordDocument: ['GET', '/v1/records/{id}/document'],
  placeHold: ['POST', '/v1/holds'],
  listHolds: ['GET', '/v1/holds'],
  getHold: ['GET', '/v1/holds/{id}'],
  listHeld: ['GET', '/v1/holds/{id}/notarizations'],
  requestLift: ['POST', '/v1/holds/{id}/lift'],
  withdrawLift: ['DELETE', '/v1/holds/{id}/lift'],
  approveLift: ['POST', '/v1/holds/{id}/lift/approval'],
  changeTags: ['POST', '/v1/tags'],
  createRecord: ['POST', '/v1/records'],
  listRecords: ['GET', '/v1/records'],
  submitEvents: ['POST', '/v1/records/events'],
  addEvent: ['POST', '/v1/records/{id}/events'],
  listRecordEvents: ['GET', '/v1/records/{id}/events'],
  getRecord: ['GET', '/v1/records/{id}'],
  getRecordHistory: ['GET', '/v1/records/{id}/history'],
  getRecordState: ['GET', '/v1/records/{id}/state'],
  eraseEventBody: ['DELETE', '/v1/records/{id}/events/{sequence}/body'],
  publishRecord: ['PUT', '/v1/records/{id}/publication'],
  withdrawRecord: ['DELETE', '/v1/records/{id}/publication'],
  getPublishedRecord: ['GET', '/v1/records/{id}/publication'],
  getPublishedHistory: ['GET', '/v1/records/{id}/publication/history'],
  createSigningRequest: ['POST', '/v1/signing-requests'],
  listSigningRequests: ['GET', '/v1/signing-requests'],
  getSigningRequest: ['GET', '/v1/signing-requests/{id}'],
  eraseSigningRequest: ['DELETE', '/v1/signing-requests/{id}'],
  nameSigningContract: ['POST', '/v1/signing-requests/{id}/contract'],
  remindSigner: ['POST', '/v1/signing-requests/{id}/reminder'],
  withdrawSigningRequest: ['POST', '/v1/signing-requests/{id}/withdrawal'],
  openSigning: ['POST', '/v1/signing/open'],
  giveSigningKey: ['POST', '/v1/signing/key'],
  declineSigning: ['POST', '/v1/signing/decline'],
  delegateSigning: ['POST', '/v1/signing/delegation'],
  answerSigning: ['POST', '/v1/signing/event'],
  getSigningDocument: ['POST', '/v1/signing/document'],
  getSigningHistory: ['POST', '/v1/signing/history'],
  verify: ['POST', '/v1/verify'],
  verifyHistory: ['POST', '/v1/verify/history'],
  verifyDigest: ['GET', '/v1/verify/{sha256}'],
  getChain: ['GET', '/v1/chain'],
  getLogKeys: ['GET', '/v1/log-keys'],
  listBlocks: ['GET', '/v1/blocks'],
  getBlock: ['GET', '/v1/blocks/{height}'],
  getState: ['GET', '/v1/blocks/{height}/state'],
  getChanges: ['GET', '/v1/blocks/{height}/changes'],
  getStates: ['GET', '/v1/states'],
  getHeader: ['GET', '/v1/blocks/{height}/header'],
  getMapPath: ['GET', '/v1/map/{id}'],
  getCheckpoint: ['GET', '/checkpoint'],
  getEntryBundle: ['GET', '/tile/entries/{index}'],
  getTile: ['GET', '/tile/{level}/{index}'],
  getLeaves: ['GET', '/v1/leaves'],
  getLeafFile: ['GET', '/v1/tile/leaves/{index}'],
  getStateFile: ['GET', '/v1/tile/states/{index}'],
  getBlockTile: ['GET', '/v1/blocks/{height}/tile/{level}/{index}'],
  timeStamp: ['POST', '/tsa'],
  getTimeStampPolicy: ['GET', '/tsa/policy'],
  getTimeStampCertificates: ['GET', '/tsa/certificates'],
  signIn: ['POST', '/v1/session'],
  whoAmI: ['GET', '/v1/session'],
  chooseOrganization: ['PATCH', '/v1/session'],
  signOut: ['DELETE', '/v1/session'],
  leaveOrganization: ['DELETE', '/v1/session/organizations/{id}'],
  refreshSession: ['POST', '/v1/session/refresh'],
  listOwnSessions: ['GET', '/v1/session/others'],
  endOtherSessions: ['DELETE', '/v1/session/others'],
  endOwnSession: ['DELETE', '/v1/session/others/{id}'],
  changePassword: ['POST', '/v1/session/password'],
  askForPasswordReset: ['POST', '/v1/password-resets'],
  redeemPasswordReset: ['POST', '/v1/password-resets/redeem'],
  getDigest: ['GET', '/v1/session/digest'],
  chooseDigest: ['PUT', '/v1/session/digest'],
  challengePasskey: ['POST', '/v1/session/passkey/challenge'],
  signInWithPasskey: ['POST', '/v1/session/passkey'],
  listPasskeys: ['GET', '/v1/passkeys'],
  addPasskey: ['POST', '/v1/passkeys'],
  needPasskey: ['PATCH', '/v1/passkeys'],
  challengeNewPasskey: ['POST', '/v1/passkeys/challenge'],
  renamePasskey: ['PATCH', '/v1/passkeys/{id}'],
  removePasskey: ['POST', '/v1/passkeys/{id}/removal'],
  inspectInvitation: ['POST', '/v1/invitations/inspect'],
  redeemInvitation: ['POST', '/v1/invitations/redeem'],
  listOrganizations: ['GET', '/v1/organizations'],
  createOrganization: ['POST', '/v1/organizations'],
  getOrganization: ['GET', '/v1/organizations/{id}'],
  changeOrganization: ['PATCH', '/v1/organizations/{id}'],
  requirePasskeys: ['PUT', '/v1/organizations/{id}/passkeys'],
  listUsers: ['GET', '/v1/users'],
  addUser: ['POST', '/v1/users'],
  changeUser: ['PATCH', '/v1/users/{id}'],
  removeUser: ['DELETE', '/v1/users/{id}'],
  inviteAgain: ['POST', '/v1/users/{id}/invitation'],
  listKeys: ['GET', '/v1/keys'],
  createKey: ['POST', '/v1/keys'],
  revokeKey: ['DELETE', '/v1/keys/{id}'],
  createWebhook: ['POST', '/v1/webhooks'],
  listWebhooks: ['GET', '/v1/webhooks'],
  getWebhook: ['GET', '/v1/webhooks/{id}'],
  changeWebhook: ['PATCH', '/v1/webhooks/{id}'],
  deleteWebhook: ['DELETE', '/v1/webhooks/{id}'],
  rotateWebhookSecret: ['POST', '/v1/webhooks/{id}/secret'],
  testWebhook: ['POST', '/v1/webhooks/{id}/test'],
  replayWebhook: ['POST', '/v1/webhooks/{id}/replay'],
  listWebhookAttempts: ['GET', '/v1/webhooks/{id}/attempts'],
  readAccessLog: ['GET', '/v1/access-log'],
  health: ['GET', '/healthz'],
  readiness: ['GET', '/readyz'],
  metrics: ['GET', '/metrics'],
  version: ['GET', '/v1/version'],
  connection: ['GET', '/v1/connection'],
} as const satisfies Record<keyof Operations, readonly [string, string]>;

/** Those that change nothing, although they are no GET. */
export const READING: ReadonlySet<keyof Operations> = new Set([
  'getSigningDocument',
  'getSigningHistory',
  'verify',
  'verifyHistory',
  'inspectInvitation',
] as const);
