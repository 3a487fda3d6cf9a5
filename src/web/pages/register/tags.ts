import type { Registered } from './results.js';

/** Whether they are one tag for the service: upper and lower case do not matter. */
const same = (a: string, b: string): boolean =>
  a.normalize('NFKC').toLowerCase() === b.normalize('NFKC').toLowerCase();

const has = (tags: readonly string[], tag: string): boolean => tags.some((each) => same(each, tag));

/** All tags of a document: the notarized ones, and those that it was given since. */
export function tagsOf({ details, addedTags = [] }: Registered): readonly string[] {
  return [...(details?.tags ?? []), ...addedTags];
}

/** A document as the service has it after a change of its tags. */
export function withTags(row: Registered, add: readonly string[], remove: readonly string[]): Registered {
  const kept = (row.addedTags ?? []).filter((tag) => !has(remove, tag));
  const added = add.filter((tag) => !has([...(row.details?.tags ?? []), ...kept], tag));
  return { ...row, addedTags: [...kept, ...added].sort() };
}
