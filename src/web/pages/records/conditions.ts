import { type Signal, signal } from '@preact/signals';
import type { Condition } from '../../../proof/records/state.js';
import { FieldState } from '../../components/fields.js';
import { digestDigits } from '../../../proof/bytes.js';
import { formatNumber } from '../../lib/format.js';
import { isLeaf, type Names } from '../../components/condition-sentence.js';
import { recordMessages } from '../../messages/records.js';
import { messages } from '../../messages/records-page.js';
import { recordIdIn } from './place.js';
import { DayField } from './day-field.js';

/** Conditions in plain sentences, which are built by choosing (docs/records.md, "Conditions"). */

/** What one line of a condition says. `group`: further lines. */
export const LINES = ['signed', 'fulfilled', 'after', 'before', 'notarized', 'record', 'group'] as const;
export type LineKind = (typeof LINES)[number];
export type Rule = 'all' | 'any' | 'atLeast';

/** Deeper ones are for the command line. The language allows eight. */
export const DEEPEST = 3;
const ID = /^[0-9a-f]{64}$/;

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
  readonly day = new DayField({ name: 'condition-day' });
  readonly digest = new FieldState({
    name: 'condition-digest',
    check: (typed) => (ID.test(digestDigits(typed)) ? null : messages().digestWrong),
  });
  readonly record = new FieldState({
    name: 'condition-record',
    check: (typed) => (recordIdIn(typed) === null ? messages().recordWrong : null),
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
        return { after: this.day.time(false) };
      case 'before':
        return { before: this.day.time(true) };
      case 'notarized':
        return { notarized: digestDigits(this.digest.value) };
      case 'record':
        return { record: recordIdIn(this.record.value) ?? this.record.value, is: this.status.value };
      case 'group':
        return this.group?.build({ parties: [], conditions }) ?? { all: [] };
    }
  }

  /** Takes a condition over. @returns false when a line cannot say it */
  fill(condition: Condition, names: Names): boolean {
    if (!isLeaf(condition)) {
      this.kind.value = 'group';
      return this.group?.fill(condition, names) ?? false;
    }
    if ('signed' in condition) {
      this.kind.value = 'signed';
      this.party.value = String(condition.signed);
    } else if ('fulfilled' in condition) {
      this.kind.value = 'fulfilled';
      const index = names.conditions.indexOf(condition.fulfilled);
      this.condition.value = String(index);
      return index >= 0;
    } else if ('after' in condition) {
      this.kind.value = 'after';
      this.day.fill(condition.after, false);
    } else if ('before' in condition) {
      this.kind.value = 'before';
      this.day.fill(condition.before, true);
    } else if ('notarized' in condition) {
      this.kind.value = 'notarized';
      this.digest.type(condition.notarized);
    } else {
      this.kind.value = 'record';
      this.record.type(condition.record);
      const status = STATUSES.find((each) => each === condition.is);
      this.status.value = status ?? 'executed';
      return status !== undefined;
    }
    return true;
  }
}

/** Some lines, of which all, one or some must hold. */
export class GroupDraft {
  readonly rule = signal<Rule>('all');
  readonly least: FieldState;
  readonly lines = signal<readonly LineDraft[]>([]);
  /** Whether a condition was to be taken over that has more levels than can be built here. */
  readonly lost = signal(false);
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

  /**
   * Takes a condition over: wholly, or not at all.
   * @returns false when it cannot be built here
   */
  fill(condition: Condition, names: Names): boolean {
    const parts = partsOfCondition(condition);
    this.rule.value = 'any' in condition ? 'any' : 'of' in condition ? 'atLeast' : 'all';
    if ('of' in condition) this.least.type(String(condition.atLeast));
    const lines = parts.map(() => new LineDraft('record', this.depth));
    const isWhole = parts.every((part, i) => lines[i]?.fill(part, names) === true);
    this.lines.value = isWhole ? lines : [];
    this.lost.value = !isWhole;
    return isWhole;
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

function partsOfCondition(condition: Condition): readonly Condition[] {
  if ('all' in condition) return condition.all;
  if ('any' in condition) return condition.any;
  return 'of' in condition ? condition.of : [condition];
}

/** A party without a name yet, by its number. */
export function partyName(name: string, index: number): string {
  return name === '' ? recordMessages().sentences.party(formatNumber(index + 1)) : name;
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
