/** Strict JSON of docs/proof-format.md, "Conventions", as a parser of its own: JSON.parse is not used. */

export class Malformed extends Error {}

export type Value = null | boolean | number | string | Value[] | Map<string, Value>;

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

export function parseJson(text: string): Value {
  let at = 0;
  const fail = (): never => {
    throw new Malformed(`not strict JSON at ${at}`);
  };
  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? null;
    if (found !== null) at += found.length;
    return found;
  };
  const space = () => match(/[ \t\n\r]*/y);
  const take = (token: string): boolean => {
    if (!text.startsWith(token, at)) return false;
    at += token.length;
    return true;
  };

  const string = (): string => {
    let value = '';
    for (;;) {
      value += match(/[^"\\\u0000-\u001f]*/y) ?? '';
      if (take('"')) break;
      if (!take('\\')) fail();
      const letter = text.charAt(at++);
      if (letter === 'u') {
        value += String.fromCharCode(Number.parseInt(match(/[0-9a-fA-F]{4}/y) ?? fail(), 16));
      } else value += (Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined) ?? fail();
    }
    for (const character of value) {
      const code = character.codePointAt(0) ?? 0;
      if (code >= 0xd800 && code <= 0xdfff) fail();
    }
    return value;
  };

  const value = (depth: number): Value => {
    space();
    if (take('"')) return string();
    if (take('null')) return null;
    if (take('true')) return true;
    if (take('false')) return false;
    if (depth === 32 && /[{[]/.test(text.charAt(at))) fail();
    if (take('[')) {
      const items: Value[] = [];
      space();
      if (take(']')) return items;
      do items.push(value(depth + 1));
      while ((space(), take(',')));
      return take(']') ? items : fail();
    }
    if (take('{')) {
      const members = new Map<string, Value>();
      space();
      if (take('}')) return members;
      do {
        space();
        if (!take('"')) fail();
        const key = string();
        if (members.has(key)) fail();
        space();
        if (!take(':')) fail();
        members.set(key, value(depth + 1));
      } while ((space(), take(',')));
      return take('}') ? members : fail();
    }
    const number = match(/-?[0-9][-+.eE0-9]*/y) ?? fail();
    if (!/^(0|-?[1-9][0-9]*)$/.test(number)) fail();
    const exact = BigInt(number);
    if (exact >= 2n ** 53n || exact <= -(2n ** 53n)) fail();
    return Number(exact);
  };

  const result = value(0);
  space();
  return at === text.length ? result : fail();
}

/** RFC 8785, for what parseJson gives. */
export function canonical(value: Value): string {
  if (value instanceof Map) {
    const units = (text: string) => Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
    const inOrder = [...value].sort(([a], [b]) => {
      const [left, right] = [units(a), units(b)];
      const i = left.findIndex((unit, k) => unit !== right[k]);
      return i === -1 ? left.length - right.length : (left[i] ?? 0) - (right[i] ?? -1);
    });
    return `{${inOrder.map(([key, item]) => `${quoted(key)}:${canonical(item)}`).join(',')}}`;
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  return typeof value === 'string' ? quoted(value) : String(value);
}

export function depthOf(value: Value): number {
  const items = value instanceof Map ? [...value.values()] : Array.isArray(value) ? value : null;
  return items === null ? 0 : 1 + Math.max(0, ...items.map(depthOf));
}

function quoted(text: string): string {
  const short = Object.entries(ESCAPES).filter(([letter]) => letter !== '/');
  const escaped = Array.from(text, (character) => {
    const letter = short.find(([, meaning]) => meaning === character)?.[0];
    if (letter !== undefined) return `\\${letter}`;
    return character < ' ' ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : character;
  });
  return `"${escaped.join('')}"`;
}
