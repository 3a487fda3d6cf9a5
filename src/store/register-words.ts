import type { Json, JsonObject } from '../proof/index.js';

/** Fields of details in the order in which their words are indexed, up to the limit. */
const FIRST_FIELDS: readonly string[] = ['name', 'title', 'reference', 'author'];
const LAST_FIELDS: readonly string[] = ['note'];

/** Most lexemes of one entry, and most characters of one. */
const MAX_LEXEMES = 256;
const MAX_LENGTH = 64;
const MAX_TAG_LENGTH = 255;
/** Most ends of words of other scripts, and fewest characters of one: shorter terms find words by their beginnings. */
const MAX_INNER = 128;
const MIN_INNER = 3;

/** The usual case, which is faster. */
const ASCII = /^[\x20-\x7e]*$/;
const ASCII_WORD = /[a-z0-9]+/g;
const WORD = /[\p{L}\p{N}\p{M}]+/gu;
/** Scripts without spaces: a search term may be anywhere in such a word. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
const CONTROLS = /\p{Cc}/gu;

/**
 * The words by which the organization's register finds these details. Each has the organization's number as
 * prefix, so that a search for the beginning of a word reads this organization's words only. Ends of words of scripts
 * with spaces are kept apart from words, so that a search for one or two letters reads words only.
 * @param addedTags which the organization has given since
 */
export function lexemesOf(
  organization: number,
  details: JsonObject,
  addedTags: readonly string[] = [],
): string[] {
  const tags = [...tagsOf(details), ...[...addedTags].sort()];
  const lexemes = new Set(tags.map((tag) => tagLexeme(organization, tag)));
  const words = [...textsOf(details), ...tags].flatMap(wordsOf);
  for (const part of partsOf(words)) {
    if (lexemes.size >= MAX_LEXEMES) break;
    lexemes.add(wordLexeme(organization, part));
  }
  const inner = new Set<string>();
  for (const part of innerPartsOf(words)) {
    if (inner.size >= MAX_INNER) break;
    inner.add(innerLexeme(organization, part));
  }
  return [...[...lexemes].slice(0, MAX_LEXEMES), ...inner];
}

/** Whole words before ends of words: beyond the limit, words are still found by their beginnings. */
function* partsOf(words: readonly string[]): Generator<string> {
  for (const word of words) yield cut(word, MAX_LENGTH);
  for (const word of words.filter((each) => UNSPACED.test(each))) {
    const characters = Array.from(word);
    let wasUnspaced = false;
    for (const [i, character] of characters.entries()) {
      const isUnspaced = UNSPACED.test(character);
      if (i > 0 && (isUnspaced || wasUnspaced)) yield characters.slice(i, i + MAX_LENGTH).join('');
      wasUnspaced = isUnspaced;
    }
  }
}

/** What is inside of words: `reement` of agreement. Each word's, in the order of the words. */
function* innerPartsOf(words: readonly string[]): Generator<string> {
  for (const word of words) {
    if (ASCII.test(word)) {
      const end = Math.min(word.length, 2 * MAX_LENGTH);
      for (let i = 1; i + MIN_INNER <= end; i++) yield word.slice(i, Math.min(end, i + MAX_LENGTH));
      continue;
    }
    const characters = Array.from(word).slice(0, 2 * MAX_LENGTH);
    for (let i = 1; i + MIN_INNER <= characters.length; i++) {
      if (UNSPACED.test(`${characters[i - 1] ?? ''}${characters[i] ?? ''}`)) continue;
      yield characters.slice(i, i + MAX_LENGTH).join('');
    }
  }
}

/**
 * A tsquery for all of these, or null when nothing can match: no details contain a word without a letter or
 * digit.
 * @param words each must be a part of a word of the details, or begin one if it is shorter than three letters; one with
 *   several words in it is several
 * @param tags  each must be a tag
 */
export function searchQuery(
  organization: number,
  words: readonly string[],
  tags: readonly string[],
): string | null {
  const found = words.map(wordsOf);
  if (found.some((each) => each.length === 0)) return null;
  return [
    ...found.flat().map((word) => partQuery(organization, cut(word, MAX_LENGTH))),
    ...tags.map((tag) => quoted(tagLexeme(organization, tag))),
  ].join(' & ');
}

/** Words that have this part. */
function partQuery(organization: number, part: string): string {
  const begins = `${quoted(wordLexeme(organization, part))}:*`;
  if (Array.from(part).length < MIN_INNER || UNSPACED.test(Array.from(part)[0] ?? '')) return begins;
  return `(${begins} | ${quoted(innerLexeme(organization, part))}:*)`;
}

function textsOf(details: JsonObject): string[] {
  const others = Object.keys(details).filter((key) => ![...FIRST_FIELDS, ...LAST_FIELDS].includes(key));
  return [...FIRST_FIELDS, ...others, ...LAST_FIELDS]
    .filter((key) => key !== 'tags' && key !== 'nonce')
    .flatMap((key) => [...textsIn(details[key])]);
}

const VERIFIER_KEY = /^([^+\s]+)\+[0-9a-f]{8}\+\S+$/;

/** Bodies of events nest; of a verifier key only its name is a word. */
function* textsIn(value: Json | undefined): Generator<string> {
  if (isText(value)) {
    yield VERIFIER_KEY.exec(value)?.[1] ?? value;
  } else if (typeof value === 'object' && value !== null) {
    for (const each of Object.values(value)) yield* textsIn(each);
  }
}

/** The tags in details. */
export function tagsOf({ tags }: JsonObject): string[] {
  return Array.isArray(tags) ? tags.filter(isText) : [];
}

const isText = (value: Json | undefined): value is string => typeof value === 'string';

const folded = (text: string): string => (ASCII.test(text) ? text : text.normalize('NFKC')).toLowerCase();

const wordsOf = (text: string): string[] => folded(text).match(ASCII.test(text) ? ASCII_WORD : WORD) ?? [];

const wordLexeme = (organization: number, word: string): string => `${organization}/${word}`;

const innerLexeme = (organization: number, part: string): string => `${organization}~${part}`;

/** Whether a search for one tag finds the other. */
export function sameTag(a: string, b: string): boolean {
  return tagLexeme(0, a) === tagLexeme(0, b);
}

const tagLexeme = (organization: number, tag: string): string =>
  `${organization}#${cut(folded(tag).replaceAll(CONTROLS, ' ').trim(), MAX_TAG_LENGTH)}`;

/** The first `length` characters; never half of one. */
function cut(text: string, length: number): string {
  return text.length <= length ? text : Array.from(text).slice(0, length).join('');
}

/** A lexeme in the syntax of a tsquery. */
const quoted = (lexeme: string): string => `'${lexeme.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
