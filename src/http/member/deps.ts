import type { Logger } from 'pino';
import type { LogReader } from '../../log/index.js';
import type { Member } from '../../member/index.js';
import type { Store } from '../../store/index.js';
import type { MemberMetrics } from './member-metrics.js';

/** What a member's application is made of. It owns none of it. */
export interface MemberDeps {
  readonly member: Member;
  /** The blocks that are here. */
  readonly reader: LogReader;
  readonly store: Store;
  readonly metrics: MemberMetrics;
  readonly logger: Logger;
  /** Aborts when the node begins to stop. */
  readonly stopping: AbortSignal;
}
