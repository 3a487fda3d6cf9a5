import { type Canvas, PAGE } from './canvas.js';
import type { Facts } from './facts.js';
import { heading, type Page } from './parts.js';
import type { Words } from './words.js';
import { both, row } from './rows.js';

export function organizationText({ id, name }: NonNullable<Facts['organization']>): string {
  return name === null ? id : `${name} (${id})`;
}

/** The texts that others have written, with their labels. */
export function printedTexts(facts: Facts): (readonly [string, string])[] {
  const { issuer, organization } = facts;
  const all: readonly (readonly [(words: Words) => string, string | null])[] = [
    [(words) => words.name, facts.name],
    [(words) => words.documentTitle, facts.title],
    [(words) => words.author, facts.author],
    [(words) => words.reference, facts.reference],
    [(words) => words.organization, organization === null ? null : organizationText(organization)],
    [(words) => words.chain, facts.wholeOrigin],
    ...facts.cosigned.map(({ witness }) => [(words: Words) => words.cosigner, witness] as const),
    ...facts.registered.sources.map((name) => [(words: Words) => words.timeSource, name] as const),
    [(words) => words.signedBy, facts.key],
    [(words) => words.issuedBy, issuer?.name ?? null],
    [(words) => words.contact, issuer?.contact ?? null],
  ];
  return all.flatMap(([label, text]) => (text === null ? [] : [[both(facts, label), text] as const]));
}

/** So many graphemes always fit on a page, even if all of them are printed as codes. */
const CHUNK = 400;
/** No service has longer texts; a proof of another one may. */
const MAX_CHUNKS = 20;

/** Pages with the texts in full. */
export function furtherPages(facts: Facts, ruler: () => Canvas): Page[] {
  const rows = printedTexts(facts).flatMap(([label, text]) =>
    chunksOf(text).map((chunk, i) => [i === 0 ? label : '', chunk] as const),
  );
  const draw = (canvas: Canvas, some: typeof rows) => {
    heading(
      canvas,
      both(facts, (words) => words.inFull),
    );
    canvas.group('Table', () => {
      for (const [label, text] of some) row(canvas, facts, () => label, text, { maxLines: Infinity });
    });
  };
  const pages: (typeof rows)[] = [[]];
  for (const each of rows) {
    const canvas = ruler();
    draw(canvas, [...(pages.at(-1) ?? []), each]);
    if (canvas.y > PAGE.height - PAGE.bottom - 20) pages.push([each]);
    else pages.at(-1)?.push(each);
  }
  return pages.map((some) => (canvas: Canvas) => {
    draw(canvas, some);
  });
}

function chunksOf(text: string): string[] {
  const graphemes = Array.from(new Intl.Segmenter('und').segment(text), ({ segment }) => segment);
  const chunks = Array.from({ length: Math.ceil(graphemes.length / CHUNK) }, (_, i) =>
    graphemes.slice(i * CHUNK, (i + 1) * CHUNK).join(''),
  );
  return chunks.length <= MAX_CHUNKS ? chunks : [...chunks.slice(0, MAX_CHUNKS), '…'];
}
