/**
 * The order in which the characters of a line stand on paper: the Unicode Bidirectional Algorithm (UAX #9)
 * for text without explicit marks, which certificates show as codes.
 */

type Class = 'L' | 'R' | 'AL' | 'EN' | 'AN' | 'ES' | 'ET' | 'CS' | 'NSM' | 'WS' | 'ON';

/** UAX #9, table 4, for the scripts that the fonts have. The first that matches. */
const CLASSES: readonly (readonly [Class, RegExp])[] = [
  ['NSM', /[\p{Mn}\p{Me}]/u],
  ['EN', /[0-9\u06f0-\u06f9\u00b2\u00b3\u00b9\u2070-\u2079\u2080-\u2089\uff10-\uff19]/u],
  ['AN', /[\u0600-\u0605\u0660-\u0669\u066b\u066c\u06dd]/u],
  ['ES', /[+\-\u207a\u207b\u208a\u208b\u2212\uff0b\uff0d]/u],
  ['ET', /[#%\p{Sc}\u00b0\u00b1\u066a\u2030-\u2034\uff03\uff05]/u],
  ['CS', /[,./:\u00a0\u060c\u202f\u2044\uff0c\uff0e\uff0f\uff1a]/u],
  ['WS', /\s/u],
  ['R', /[\u05be\u05c0\u05c3\u05c6\u05f3\u05f4\p{Script=Hebrew}]/u],
  ['AL', /[\u0608\u060b\u060d\u061b-\u061f\u0640\u066d\u06d4\p{Script=Arabic}]/u],
  ['L', /[\p{L}\p{N}\p{Mc}]/u],
];
const BRACKETS: ReadonlyMap<string, string> = new Map(
  ['()', '[]', '{}', '«»', '‹›', '「」', '『』', '【】', '〈〉', '《》', '<>'].map((pair) => [
    pair.charAt(0),
    pair.charAt(1),
  ]),
);
/** UAX #9, BD14 and BD15: of these, the first five of ASCII and CJK are paired; the others only mirrored. */
const PAIRED = /[()[\]{}「」『』【】〈〉《》]/;
const MIRRORED = new Map(
  [...BRACKETS].flatMap(([open, close]) => [[open, close] as const, [close, open] as const]),
);

function classOf(character: string): Class {
  return CLASSES.find(([, pattern]) => pattern.test(character))?.[0] ?? 'ON';
}

/** What is to be shown in place of a character in text that runs from right to left. */
export function mirrored(character: string): string {
  return MIRRORED.get(character) ?? character;
}

/** The embedding level of each character: odd ones run from right to left. */
export function levelsOf(characters: readonly string[]): number[] {
  const original = characters.map(classOf);
  if (!original.some((each) => each === 'R' || each === 'AL' || each === 'AN')) return original.map(() => 0);
  // P2, P3
  const first = original.find((each) => each === 'L' || each === 'R' || each === 'AL') ?? 'L';
  const base = first === 'L' ? 0 : 1;
  const outside = base === 0 ? 'L' : 'R';
  const types = weak(original, outside);
  brackets(characters, original, types, outside);
  neutrals(types, outside);
  // I1, I2
  const levels = types.map((type) => {
    if (base === 0) return type === 'R' ? 1 : type === 'EN' || type === 'AN' ? 2 : 0;
    return type === 'R' ? 1 : 2;
  });
  // L1: spaces at the end
  for (let i = levels.length - 1; i >= 0 && original[i] === 'WS'; i--) levels[i] = base;
  return levels;
}

/** W1 to W7 */
function weak(original: readonly Class[], outside: 'L' | 'R'): Class[] {
  const types = [...original];
  let strong: Class = outside;
  let before: Class = outside;
  types.forEach((type, i) => {
    if (type === 'NSM') types[i] = before;
    else if (type === 'EN' && strong === 'AL') types[i] = 'AN';
    else if (type === 'L' || type === 'R' || type === 'AL') strong = type;
    if (type === 'NSM' && before === 'EN' && strong === 'AL') types[i] = 'AN';
    before = types[i] ?? 'ON';
  });
  types.forEach((type, i) => {
    if (type === 'AL') types[i] = 'R';
  });
  types.forEach((type, i) => {
    const [left, right] = [types[i - 1], types[i + 1]];
    if (left !== right) return;
    if (left === 'EN' && (type === 'ES' || type === 'CS')) types[i] = 'EN';
    if (left === 'AN' && type === 'CS') types[i] = 'AN';
  });
  for (let i = 0; i < types.length; i++) {
    if (types[i] !== 'ET') continue;
    let end = i;
    while (types[end] === 'ET') end++;
    if (types[i - 1] === 'EN' || types[end] === 'EN') types.fill('EN', i, end);
    i = end - 1;
  }
  let last: Class = outside;
  types.forEach((type, i) => {
    if (type === 'ES' || type === 'ET' || type === 'CS') types[i] = 'ON';
    else if (type === 'L' || type === 'R') last = type;
    else if (type === 'EN' && last === 'L') types[i] = 'L';
  });
  return types;
}

const directionOf = (type: Class | undefined) =>
  type === 'L' ? 'L' : type === 'R' || type === 'EN' || type === 'AN' ? 'R' : null;

/** N0: a pair of brackets has one direction. */
function brackets(
  characters: readonly string[],
  original: readonly Class[],
  types: Class[],
  outside: 'L' | 'R',
): void {
  const opened: { close: string; at: number }[] = [];
  const pairs: [number, number][] = [];
  characters.forEach((character, i) => {
    if (types[i] !== 'ON' || !PAIRED.test(character)) return;
    const close = BRACKETS.get(character);
    if (close !== undefined) {
      opened.push({ close, at: i });
      return;
    }
    const match = opened.findLastIndex((each) => each.close === character);
    if (match === -1) return;
    pairs.push([opened[match]?.at ?? 0, i]);
    opened.length = match;
  });
  for (const [open, close] of pairs.sort(([a], [b]) => a - b)) {
    const inside = new Set(types.slice(open + 1, close).map(directionOf));
    const opposite = outside === 'L' ? 'R' : 'L';
    let direction: 'L' | 'R' | null = null;
    if (inside.has(outside)) direction = outside;
    else if (inside.has(opposite)) {
      const before =
        types
          .slice(0, open)
          .map(directionOf)
          .findLast((each) => each !== null) ?? outside;
      direction = before === opposite ? opposite : outside;
    }
    if (direction === null) continue;
    for (const at of [open, close]) {
      types[at] = direction;
      for (let i = at + 1; original[i] === 'NSM'; i++) types[i] = direction;
    }
  }
}

/** N1, N2 */
function neutrals(types: Class[], outside: 'L' | 'R'): void {
  const isNeutral = (type: Class | undefined) => type === 'ON' || type === 'WS';
  for (let i = 0; i < types.length; i++) {
    if (!isNeutral(types[i])) continue;
    let end = i;
    while (end < types.length && isNeutral(types[end])) end++;
    const left = i === 0 ? outside : directionOf(types[i - 1]);
    const right = end === types.length ? outside : directionOf(types[end]);
    types.fill(left === right && left !== null ? left : outside, i, end);
    i = end - 1;
  }
}

/** L2: items in logical order, put into the order on paper. */
export function onPaper<T extends { readonly level: number }>(items: readonly T[]): T[] {
  const ordered = [...items];
  const highest = Math.max(0, ...items.map(({ level }) => level));
  for (let level = highest; level > 0; level--) {
    for (let i = 0; i < ordered.length; i++) {
      let end = i;
      while (end < ordered.length && (ordered[end]?.level ?? 0) >= level) end++;
      ordered.splice(i, end - i, ...ordered.slice(i, end).reverse());
      i = Math.max(i, end);
    }
  }
  return ordered;
}
