import type { Block, Mail, Message } from './message.js';

/** An e-mail as it is sent. Both parts say the same. */
export interface RenderedMail {
  /** One line. */
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/**
 * Nothing in it is loaded from elsewhere or runs, and every address that it leads to is written out. Colors are those of
 * the mail program, light or dark.
 */
export function render({ messages }: Pick<Mail, 'messages'>): RenderedMail {
  const [{ language }] = messages;
  const subject = messages.map((message) => oneLine(message.subject)).join(' / ');
  const text = messages.map(({ blocks }) => blocks.map(textOf).join('\n\n')).join('\n\n---\n\n');
  const html = `<!DOCTYPE html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(subject)}</title>
</head>
<body style="${BODY}">
${messages.map(sectionOf).join('\n<hr>\n')}
</body>
</html>
`;
  return { subject, text: `${text}\n`, html };
}

const BODY = 'margin: 0 auto; padding: 16px; max-width: 600px; font: 16px/1.6 sans-serif';
const QUOTE = 'margin: 0; padding: 0 12px; border-left: 4px solid gray';
/** Long addresses are broken rather than cut. */
const LINK = 'word-break: break-all';

function sectionOf({ language, blocks }: Message): string {
  return `<div lang="${language}">\n${blocks.map(htmlOf).join('\n')}\n</div>`;
}

function textOf(block: Block): string {
  if (typeof block === 'string') return oneLine(block);
  if ('quote' in block)
    return linesOf(block.quote)
      .map((line) => `> ${line}`.trimEnd())
      .join('\n');
  if ('facts' in block) return block.facts.map(([name, value]) => `${name}: ${oneLine(value)}`).join('\n');
  return block.link;
}

function htmlOf(block: Block): string {
  if (typeof block === 'string') return `<p>${escaped(oneLine(block))}</p>`;
  if ('quote' in block) {
    return `<blockquote style="${QUOTE}">${linesOf(block.quote).map(escaped).join('<br>')}</blockquote>`;
  }
  if ('facts' in block) {
    const lines = block.facts.map(
      ([name, value]) => `${escaped(name)}: <bdi>${escaped(oneLine(value))}</bdi>`,
    );
    return `<p>${lines.join('<br>')}</p>`;
  }
  const address = escaped(block.link);
  return `<p style="${LINK}"><a href="${address}">${address}</a></p>`;
}

/** Characters that end lines, that are not shown, or that change the order of others (Unicode's UAX 9). */
const INERT = /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/gu;

function oneLine(text: string): string {
  return text.replaceAll(/[\r\n\t\u0085\u2028\u2029]+/g, ' ').replaceAll(INERT, '');
}

function linesOf(text: string): readonly string[] {
  return text.split(/\r\n|[\r\n\u0085\u2028\u2029]/).map(oneLine);
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? '');
}
