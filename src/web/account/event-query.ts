import { midnight } from '../days.js';
import { EVENT_GROUPS, type EventGroup } from '../messages/account-log.js';

const PAGE = 50;

export interface Filter {
  readonly group: EventGroup | null;
  /** YYYY-MM-DD, as the reader's calendar has it; empty: not limited. */
  readonly from: string;
  readonly to: string;
}

/** Days are the reader's: from the beginning of the first to the end of the last. */
export function eventQuery({ group, from, to }: Filter, cursor: string | null): Record<string, string> {
  return {
    limit: String(PAGE),
    ...(group === null ? {} : { kind: EVENT_GROUPS[group].join(',') }),
    ...(from === '' ? {} : { from: midnight(from, 0) }),
    ...(to === '' ? {} : { to: midnight(to, 1) }),
    ...(cursor === null ? {} : { cursor }),
  };
}
