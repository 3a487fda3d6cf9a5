import { apiKeys, users } from '../account/calls.js';
import { words } from '../messages/register.js';
import { session } from '../session/index.js';

/** Who submitted, by `key:<id>` or `person:<id>`, as far as the reader may know what they are called. */
export type Names = ReadonlyMap<string, string>;

/** Only owners are told the names of an organization's users and keys. Best effort: without a name it is said what it was. */
export async function submitterNames(): Promise<Names> {
  if (session.current?.user?.role !== 'owner') return new Map();
  const [people, keys] = await Promise.all([users().catch(() => []), apiKeys().catch(() => [])]);
  return new Map([
    ...people.map(({ id, name }): [string, string] => [`person:${id}`, name]),
    ...keys.map(({ id, name }): [string, string] => [`key:${id}`, name]),
  ]);
}

/** @returns null when the service does not tell */
export function submitterText(submittedBy: string | undefined, names: Names): string | null {
  const t = words();
  if (submittedBy === undefined) return null;
  if (submittedBy === `person:${session.current?.user?.id ?? ''}`) return t.you;
  const name = names.get(submittedBy);
  if (submittedBy.startsWith('key:')) return name === undefined ? t.someKey : t.keyNamed(name);
  return name ?? t.someone;
}
