import type { Json } from '../../src/proof/index.js';
import type { Random } from './random.js';

/** What parsers stumble over. */
const TEXTS = [
  '',
  '\u0000',
  '\r\n',
  '\ufeff',
  '\u202e',
  '\ud800',
  '—',
  '-1',
  '1e400',
  '0x10',
  '__proto__',
  'constructor',
  '../../etc/passwd',
  '"'.repeat(3),
  '\\',
  'ÿ'.repeat(50),
  'a'.repeat(70_000),
] as const;
const NUMBERS = [0, -1, 1.5, 2 ** 31, 2 ** 53, 2 ** 53 - 1, 1e308, -0] as const;

/** In characters: more than any limit of what is read. */
const MAX_REPEATED = 8 * 1024 * 1024;

/** A value that differs from `value` in one to a few places, and still has a similar form. */
export function mutateJson(random: Random, value: Json, depth = 0): Json {
  if (typeof value !== 'object' || value === null || random.chance(0.1)) return otherValue(random, value);
  if (Array.isArray(value)) return mutateArray(random, value as readonly Json[], depth);
  const entries = Object.entries(value as Readonly<Record<string, Json>>);
  const at = random.below(entries.length + 1);
  const target = entries[at];
  if (target === undefined || random.chance(0.15)) {
    return Object.fromEntries([...entries, [random.pick(TEXTS), otherValue(random, 'x')]]);
  }
  if (random.chance(0.15)) return Object.fromEntries(entries.filter((_, i) => i !== at));
  const [key, member] = target;
  return Object.fromEntries(
    entries.map((entry, i) => (i === at ? [key, mutateJson(random, member, depth + 1)] : entry)),
  );
}

function mutateArray(random: Random, items: readonly Json[], depth: number): Json {
  const at = random.below(items.length + 1);
  switch (random.below(4)) {
    case 0:
      return items.filter((_, i) => i !== at);
    case 1:
      return [...items.slice(0, at), otherValue(random, items[0] ?? 1), ...items.slice(at)];
    case 2: {
      const item = items[0] ?? 0;
      // Thousands of the longest tokens do not fit into a string.
      const most = Math.max(2, Math.floor(MAX_REPEATED / JSON.stringify(item).length));
      return Array.from({ length: Math.min(random.pick([2, 60, 3000]), most) }, () => item);
    }
    default:
      return items.map((item, i) => (i === at ? mutateJson(random, item, depth + 1) : item));
  }
}

function otherValue(random: Random, value: Json): Json {
  if (typeof value === 'string' && random.chance(0.6)) return mutateText(random, value);
  return random.pick<Json>([
    null,
    true,
    random.pick(NUMBERS),
    random.pick(TEXTS),
    [],
    {},
    nested(random.pick([3, 31, 40, 2000])),
    Object.fromEntries(Array.from({ length: random.pick([3, 5000]) }, (_, i) => [`k${i}`, i])),
  ]);
}

function nested(depth: number): Json {
  let value: Json = 0;
  for (let i = 0; i < depth; i++) value = [value];
  return value;
}

/** A text with a piece removed, repeated, exchanged or put in. */
export function mutateText(random: Random, text: string): string {
  const at = random.below(text.length + 1);
  const end = Math.min(text.length, at + 1 + random.below(random.pick([1, 4, 200])));
  const piece = text.slice(at, end);
  switch (random.below(5)) {
    case 0:
      return text.slice(0, at) + text.slice(end);
    case 1:
      return text.slice(0, end) + piece.repeat(random.pick([1, 2, 1000])) + text.slice(end);
    case 2:
      return text.slice(0, at) + random.pick(TEXTS) + text.slice(end);
    case 3:
      return text.slice(0, at) + String.fromCharCode(random.below(256)) + text.slice(at + 1);
    default:
      return [...text.split('\n')].sort(() => random.next() - 0.5).join('\n');
  }
}

export function mutateBytes(random: Random, bytes: Buffer): Buffer {
  const text = mutateText(random, bytes.toString('latin1'));
  return Buffer.from(text, 'latin1');
}
