export { Anchoring } from './anchoring.js';
export { Beacons } from './beacons.js';
export { Checker } from './checker.js';
export { NO_TIME_SOURCES, parseTimeSources, trustOf, type TimeSources } from './sources.js';
export { probeTimeSources } from './probe.js';
export { Renewing } from './renewing.js';
export { NewerLists, RevocationLists, stamp } from './tsa.js';
export { StatusView, type SourceStatus } from './status.js';
