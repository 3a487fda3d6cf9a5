const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

/**
 * Lines of at most `width`, broken at spaces: Korean too is set by whole words. A word that is wider than a line, such as a
 * long file name, is broken where the line ends.
 * @param widthOf of a part of a line, in the unit of `width`; a line is taken to be as wide as its parts
 * @param maxLines lines beyond are left out; an ellipsis ends the last one then
 */
export function wrap(
  text: string,
  width: number,
  widthOf: (part: string) => number,
  maxLines = Number.POSITIVE_INFINITY,
): string[] {
  const lines: string[] = [];
  const space = widthOf(' ');
  let line = '';
  let used = 0;
  const breakLine = () => {
    lines.push(line);
    line = '';
    used = 0;
  };
  for (const word of text.split(' ')) {
    if (lines.length > maxLines) break;
    const needed = widthOf(word);
    if (line !== '' && used + space + needed > width) breakLine();
    if (needed <= width) {
      used += line === '' ? needed : space + needed;
      line = line === '' ? word : `${line} ${word}`;
      continue;
    }
    for (const { segment } of graphemes.segment(word)) {
      const more = widthOf(segment);
      if (line !== '' && used + more > width) breakLine();
      if (lines.length > maxLines) break;
      line += segment;
      used += more;
    }
  }
  lines.push(line);
  if (lines.length <= maxLines) return lines;
  const last = Array.from(graphemes.segment(lines[maxLines - 1] ?? ''), ({ segment }) => segment);
  while (last.length > 0 && widthOf(`${last.join('')}…`) > width) last.pop();
  return [...lines.slice(0, maxLines - 1), `${last.join('')}…`];
}
