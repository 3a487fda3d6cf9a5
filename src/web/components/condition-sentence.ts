import type { Condition, Leaf } from '../../proof/records/state.js';
import { formatTime } from '../lib/format.js';
import { recordMessages } from '../messages/records.js';

/** Which parties and conditions a condition can name: none outside contracts. */
export interface Names {
  readonly parties: readonly string[];
  readonly conditions: readonly string[];
}

/**
 * A condition in words.
 * @param names of the parties by their index, and of the conditions; what has no name is shown as it is
 */
export function conditionSentence(condition: Condition, names: Names): string {
  const t = recordMessages().sentences;
  const each = (parts: readonly Condition[], between: string) =>
    parts
      .map((part) => (isLeaf(part) ? leafSentence(part, names) : `(${conditionSentence(part, names)})`))
      .join(between);
  if ('all' in condition) return each(condition.all, t.and);
  if ('any' in condition) return each(condition.any, t.or);
  if ('of' in condition) return t.atLeast(String(condition.atLeast), each(condition.of, '; '));
  return leafSentence(condition, names);
}

/** Whether a condition has no parts. */
export function isLeaf(condition: Condition): condition is Leaf {
  return !('all' in condition || 'any' in condition || 'of' in condition);
}

function leafSentence(leaf: Leaf, { parties }: Names): string {
  const t = recordMessages().sentences;
  if ('signed' in leaf) return t.signed(parties[leaf.signed] ?? t.party(String(leaf.signed + 1)));
  if ('fulfilled' in leaf) return t.fulfilled(leaf.fulfilled);
  if ('after' in leaf) return t.after(formatTime(leaf.after));
  if ('before' in leaf) return t.before(formatTime(leaf.before));
  if ('notarized' in leaf) return t.notarized(`${leaf.notarized.slice(0, 16)}…`);
  const statuses: Readonly<Record<string, string>> = recordMessages().statuses;
  return t.record(`${leaf.record.slice(0, 16)}…`, statuses[leaf.is] ?? leaf.is);
}
