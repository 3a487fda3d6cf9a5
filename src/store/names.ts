/** Advisory locks are (class, lock) pairs within one database; the class spells "INGM". */
export const ADVISORY_CLASS = 0x49_4e_47_4d;
/** Held by the transaction that commits blocks. */
export const SEALING_LOCK = 1;
/** Held by the leader's session. */
export const LEADER_LOCK = 2;
/** Held by a transaction that changes who is an operator. */
export const OPERATORS_LOCK = 3;
/** Held by a transaction that changes which key signs access tokens. */
export const SIGNING_KEYS_LOCK = 4;

/** NOTIFY channel; the payload is the new block's height. */
export const SEALED_CHANNEL = 'ingam_sealed';
/** The payload is the size of a checkpoint with a new cosignature. */
export const COSIGNED_CHANNEL = 'ingam_cosigned';
