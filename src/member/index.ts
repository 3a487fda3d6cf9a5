export { compareTrees, type SignedTree } from './comparison.js';
export { Member, type MemberOptions } from './member.js';
export type { Progress } from './follower.js';
export { RefusedError, UnavailableError } from './alarms.js';
export { Witness, type WitnessResponse } from './witness.js';
export { remoteLog, openSignedByAny } from './remote-log.js';
export { type Archive, ArchiveError } from './archive.js';
export { publishLog, type Published } from './publication.js';
export { recoverBlocks, type Recovered, RecoveryError } from './recovery.js';
