import { type Signal, signal } from '@preact/signals';
import type { Condition, Leaf } from '../../../proof/records/state.js';
import { FieldState } from '../../components/fields.js';
import { digestDigits } from '../../../proof/bytes.js';
import { formatNumber, formatTime, midnight } from '../../lib/format.js';
import { common } from '../../messages/common.js';
import { recordMessages } from '../../messages/records.js';
import { messages } from '../../messages/records-page.js';

/** Conditions in plain sentences, which are built by choosing (docs/records.md, "Conditions"). */

/** What one line of a condition says. `group`: further lines. */
export const LINES = ['signed', 'fulfilled', 'after', 'before', 'notarized', 'record', 'group'] as const;
export type LineKind = (typeof LINES)[number];
export type Rule = 'all' | 'any' | 'atLeast';

/** Deeper ones are for the command line. The language allows eight. */
export const DEEPEST = 3;
const ID = /^[0-9a-f]{64}$/;

/** Which parties and conditions a condition can name: none outside contracts. */
export interface Names {
  readonly parties: readonly string[];
  readonly conditions: readonly string[];
}

/** The statuses of other records that can be waited for. */
export const STATUSES = [
  ...['executed', 'expired', 'declined', 'cancelled', 'open'],
  ...['held', 'offered', 'promised', 'lost', 'stolen', 'destroyed'],
  ...['claimed', 'contested', 'withdrawn', 'current'],
] as const;

/** One line that is being built. Each keeps what was chosen for it while another kind is tried. */
export class LineDraft {
  /** So that a line stays the same view when others are removed. */
  readonly id = crypto.randomUUID();
  readonly kind: Signal<LineKind>;
  /** Indices, as a select has them. */
  readonly party = signal('0');
  readonly condition = signal('0');
  readonly status = signal<(typeof STATUSES)[number]>('executed');
  readonly day = new FieldState({ name: 'condition-day', check: dayProblem });
  readonly digest = new FieldState({
    name: 'condition-digest',
    check: (typed) => (ID.test(digestDigits(typed)) ? null : messages().digestWrong),
  });
  readonly record = new FieldState({
    name: 'condition-record',
    check: (typed) => (ID.test(typed) ? null : messages().recordWrong),
  });
  readonly group: GroupDraft | null;

  constructor(kind: LineKind, depth: number) {
    this.kind = signal(kind);
    this.group = depth < DEEPEST ? new GroupDraft(depth + 1) : null;
  }

  /** The fields of what is chosen. */
  get fields(): readonly FieldState[] {
    switch (this.kind.value) {
      case 'signed':
      case 'fulfilled':
        return [];
      case 'before':
      case 'after':
        return [this.day];
      case 'notarized':
        return [this.digest];
      case 'record':
        return [this.record];
      case 'group':
        return this.group?.fields ?? [];
    }
  }

  build({ conditions }: Names): Condition {
    switch (this.kind.value) {
      case 'signed':
        return { signed: Number(this.party.value) };
      case 'fulfilled':
        return { fulfilled: conditions[Number(this.condition.value)] ?? '' };
      case 'after':
        return { after: Date.parse(midnight(this.day.value, 0)) };
      case 'before':
        return { before: Date.parse(midnight(this.day.value, 1)) };
      case 'notarized':
        return { notarized: digestDigits(this.digest.value) };
      case 'record':
        return { record: this.record.value, is: this.status.value };
      case 'group':
        return this.group?.build({ parties: [], conditions }) ?? { all: [] };
    }
  }
}

/** Some lines, of which all, one or some must hold. */
export class GroupDraft {
  readonly rule = signal<Rule>('all');
  readonly least: FieldState;
  readonly lines = signal<readonly LineDraft[]>([]);
  readonly depth: number;

  /** @param depth of the whole condition: 1 */
  constructor(depth = 1) {
    this.depth = depth;
    this.least = new FieldState({
      name: 'condition-least',
      value: '1',
      check: (typed) => {
        const most = this.lines.value.length;
        return /^[1-9][0-9]?$/.test(typed) && Number(typed) <= most
          ? null
          : messages().leastWrong(String(most));
      },
    });
  }

  get fields(): readonly FieldState[] {
    const own = this.rule.value === 'atLeast' ? [this.least] : [];
    return [...own, ...this.lines.value.flatMap((line) => line.fields)];
  }

  add(kind: LineKind): void {
    this.lines.value = [...this.lines.value, new LineDraft(kind, this.depth)];
  }

  remove(line: LineDraft): void {
    this.lines.value = this.lines.value.filter((each) => each !== line);
  }

  /** A line alone needs no rule. Nothing is built of a group without lines. */
  build(names: Names): Condition | null {
    const all = this.lines.value.flatMap((line) => {
      const isEmpty = line.kind.value === 'group' && line.group?.lines.value.length === 0;
      return isEmpty ? [] : [line.build(names)];
    });
    const [only] = all;
    if (only === undefined) return null;
    if (all.length === 1) return only;
    switch (this.rule.value) {
      case 'all':
        return { all };
      case 'any':
        return { any: all };
      case 'atLeast':
        return { atLeast: Number(this.least.value), of: all };
    }
  }
}

/**
 * A condition in words.
 * @param names of the parties by their index, and of the conditions; what has no name is shown as it is
 */
export function conditionSentence(condition: Condition, names: Names): string {
  const t = messages().sentences;
  const each = (parts: readonly Condition[], between: string) =>
    parts
      .map((part) => (isLeaf(part) ? leafSentence(part, names) : `(${conditionSentence(part, names)})`))
      .join(between);
  if ('all' in condition) return each(condition.all, t.and);
  if ('any' in condition) return each(condition.any, t.or);
  if ('of' in condition) return t.atLeast(String(condition.atLeast), each(condition.of, '; '));
  return leafSentence(condition, names);
}

function isLeaf(condition: Condition): condition is Leaf {
  return !('all' in condition || 'any' in condition || 'of' in condition);
}

function leafSentence(leaf: Leaf, { parties }: Names): string {
  const t = messages().sentences;
  if ('signed' in leaf) return t.signed(parties[leaf.signed] ?? t.party(String(leaf.signed + 1)));
  if ('fulfilled' in leaf) return t.fulfilled(leaf.fulfilled);
  if ('after' in leaf) return t.after(formatTime(leaf.after));
  if ('before' in leaf) return t.before(formatTime(leaf.before));
  if ('notarized' in leaf) return t.notarized(`${leaf.notarized.slice(0, 16)}…`);
  const statuses: Readonly<Record<string, string>> = recordMessages().statuses;
  return t.record(`${leaf.record.slice(0, 16)}…`, statuses[leaf.is] ?? leaf.is);
}

/** A party without a name yet, by its number. */
export function partyName(name: string, index: number): string {
  return name === '' ? messages().sentences.party(formatNumber(index + 1)) : name;
}

/** The line that a new condition begins with: contracts have more to choose from. */
export function firstLine({ parties, conditions }: Names): LineKind {
  return conditions.length > 0 ? 'fulfilled' : parties.length > 0 ? 'signed' : 'record';
}

/** What can be chosen for a line, with its words. */
export function lineOptions(
  { parties, conditions }: Names,
  canNest: boolean,
): readonly (readonly [LineKind, string])[] {
  const t = messages().lines;
  return LINES.filter((kind) => {
    if (kind === 'signed') return parties.length > 0;
    if (kind === 'fulfilled') return conditions.length > 0;
    return kind !== 'group' || canNest;
  }).map((kind) => [kind, t[kind]]);
}

/** Whether what is typed is a day. The inputs of browsers give no other text, those of old ones do. */
export function dayProblem(typed: string): string | null {
  return Number.isNaN(Date.parse(`${typed}T00:00`)) ? common().missing : null;
}
