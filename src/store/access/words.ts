import type { Json, JsonObject } from '../../proof/index.js';

/** Fields of details in the order in which their words are kept when there are too many. */
const FIRST_FIELDS: readonly string[] = ['name', 'title', 'reference', 'author'];
const LAST_FIELDS: readonly string[] = ['note'];

/** Lexemes that one entry is found by, at most, and characters of one. */
const MAX_LEXEMES = 256;
const MAX_LENGTH = 64;
const MAX_TAG_LENGTH = 255;

/** Most texts are, and cost a third then. */
const ASCII = /^[\x20-\x7e]*$/;
const ASCII_WORD = /[a-z0-9]+/g;
const WORD = /[\p{L}\p{N}\p{M}]+/gu;
/** Written without spaces: what is looked for stands within such a word as often as at its beginning. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
const CONTROLS = /\p{Cc}/gu;

/**
 * What the account's register finds these details by. Each lexeme begins with the account's number, so that a search for the
 * beginning of a word meets this account's words only.
 */
export function lexemesOf(account: number, details: JsonObject): string[] {
  const tags = tagsOf(details);
  const lexemes = new Set(tags.map((tag) => tagLexeme(account, tag)));
  for (const part of partsOf([...textsOf(details), ...tags].flatMap(wordsOf))) {
    if (lexemes.size >= MAX_LEXEMES) break;
    lexemes.add(wordLexeme(account, part));
  }
  return [...lexemes].slice(0, MAX_LEXEMES);
}

/** Whole words before the ends of words: when there are too many of both, words can still be found by their beginnings. */
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

/**
 * A tsquery that all of these match, or null when nothing can: a word without a letter or digit is in no details.
 * @param words each must begin a word of the details, one with several words in it begins several
 * @param tags  each must be a tag
 */
export function searchQuery(
  account: number,
  words: readonly string[],
  tags: readonly string[],
): string | null {
  const found = words.map(wordsOf);
  if (found.some((each) => each.length === 0)) return null;
  return [
    ...found.flat().map((word) => `${quoted(wordLexeme(account, cut(word, MAX_LENGTH)))}:*`),
    ...tags.map((tag) => quoted(tagLexeme(account, tag))),
  ].join(' & ');
}

function textsOf(details: JsonObject): string[] {
  const others = Object.keys(details).filter((key) => ![...FIRST_FIELDS, ...LAST_FIELDS].includes(key));
  return [...FIRST_FIELDS, ...others, ...LAST_FIELDS].map((key) => details[key]).filter(isText);
}

function tagsOf({ tags }: JsonObject): string[] {
  return Array.isArray(tags) ? tags.filter(isText) : [];
}

const isText = (value: Json | undefined): value is string => typeof value === 'string';

const folded = (text: string): string => (ASCII.test(text) ? text : text.normalize('NFKC')).toLowerCase();

const wordsOf = (text: string): string[] => folded(text).match(ASCII.test(text) ? ASCII_WORD : WORD) ?? [];

const wordLexeme = (account: number, word: string): string => `${account}/${word}`;

const tagLexeme = (account: number, tag: string): string =>
  `${account}#${cut(folded(tag).replaceAll(CONTROLS, ' ').trim(), MAX_TAG_LENGTH)}`;

/** The first `length` characters; never half of one. */
function cut(text: string, length: number): string {
  return text.length <= length ? text : Array.from(text).slice(0, length).join('');
}

/** A lexeme as it stands in the text of a tsquery. */
const quoted = (lexeme: string): string => `'${lexeme.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
