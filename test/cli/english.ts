/**
 * English sentences in a Korean text: three words one after the other. Not what is quoted or to be typed, and not the
 * technical details in parentheses.
 */
export function englishIn(text: string): string[] {
  const told = text
    .replaceAll(/^Usage: .*$/gm, '')
    .replaceAll(/^(사용법:| {2}).*$/gm, (line) => line.replace(/[\x20-\x7e]+ingam .*$/, ''))
    .replaceAll(/"[^"\n]*"/g, '')
    .replaceAll(/\([^()\n]*(\([^()\n]*\)[^()\n]*)*\)/g, '')
    .replaceAll(/ingam [\x20-\x7e]*/g, '');
  return told.match(/[A-Za-z]{2,}(?: [a-z]{2,}){2,}/g) ?? [];
}
