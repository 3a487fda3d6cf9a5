export { Authority, type KeySource, type Reply, type TsaSettings } from './authority.js';
export { ClockGuard } from './clock-guard.js';
export { TsaFiles } from './key-files.js';
export { configuredKey, keyInFile } from './key-source.js';
export {
  algorithmOf,
  KEY_ALGORITHMS,
  organizationIn,
  parseTsaKey,
  pemOfCertificates,
  type KeyAlgorithm,
  type TsaKey,
} from './key.js';
export { askTime, NtpError, type ClockOffset, type NtpServer } from './sntp.js';
