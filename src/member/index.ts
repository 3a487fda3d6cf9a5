export { compareTrees, type Comparison, type SignedTree } from './diagnosis.js';
export { Member, type MemberOptions, type MemberStatus } from './member.js';
export type { PeerStatus } from './peers.js';
export type { Progress } from './follower.js';
export type { RefusalReason } from './refusal.js';
export { Witness, type WitnessAnswer } from './witness.js';
export { Refusal, Unavailable } from './refusal.js';
export { remoteLog } from './remote-log.js';
export { openSignedByAny, type SignedCheckpoint } from './signed-checkpoint.js';
