/**
 * Which characters a name or a title may hold. Refused are those that make a text look like another one than it is, or that
 * break logs, headers and terminals: control characters, marks that change the direction of writing (the file
 * "gpj.exe" shown as "exe.jpg"), and halves of surrogate pairs, which have no UTF-8 form to hash.
 */
const FORBIDDEN: readonly (readonly [RegExp, string])[] = [
  [/[\u0000-\u001f\u007f-\u009f]/u, 'a control character'],
  [/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u, 'a mark that changes the direction of writing'],
  [/[\u2028\u2029]/u, 'a line separator'],
  [/\p{Surrogate}/u, 'half of a surrogate pair'],
];

/** What is wrong with a one-line text, or null. */
export function textFault(text: string): string | null {
  return FORBIDDEN.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}

/** The same for a text of several lines, which may hold line feeds and tabs. */
export function longTextFault(text: string): string | null {
  return textFault(text.replaceAll(/[\n\t]/g, ' '));
}
