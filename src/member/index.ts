export { compareTrees, type Comparison, type SignedTree, type PeerStatus } from './peers.js';
export { Member, type MemberOptions, type MemberStatus } from './member.js';
export type { Progress } from './follower.js';
export { type RefusalReason, RefusedError, UnavailableError } from './alarms.js';
export { Witness, type WitnessAnswer } from './witness.js';
export { remoteLog, openSignedByAny, type SignedCheckpoint } from './remote-log.js';
