import { type Canvas, COLOUR, PAGE } from './canvas.js';
import type { Facts } from './facts.js';
import { flow, heading, list, type Page } from './parts.js';
import type { Words } from './words.js';

const GAP = 12;
const LADDER = PAGE.left + 16;

/** What the certificate shows and what not, how to check it, and the steps of the proof, in one language. */
export function explanation(facts: Facts, words: Words, newRuler: () => Canvas): Page[] {
  const { languages, origin, height, sealed, blocks, disclosed, cosigned, verifier, program } = facts;
  const listed =
    (title: string, items: readonly string[], mark: (number: number) => string) => (canvas: Canvas) => {
      heading(canvas, title);
      list(canvas, items, mark);
    };
  const bullet = () => '•';
  const parts: Page[] = [
    listed(
      words.shows,
      words.showsList({ origin, block: height, sealed: sealed.utc, blocks, details: disclosed }),
      bullet,
    ),
    listed(
      words.showsNot,
      words.showsNotList({
        origin,
        members: cosigned.map(({ witness }) => witness),
        sources: facts.registered.sources,
        waited: facts.waited?.(words) ?? null,
      }),
      bullet,
    ),
    listed(words.check, words.checkList(verifier, program), String),
    (canvas) => {
      heading(canvas, words.steps);
      canvas.text('P', words.stepsExplained, { colour: COLOUR.soft });
      canvas.y += 5;
      ladder(canvas, facts, words);
    },
  ];
  const options = words === languages[0] ? {} : { lang: words.language };
  return flow(parts, GAP, newRuler).map((page) => (canvas) => {
    canvas.group(
      'Sect',
      () => {
        page(canvas);
      },
      options,
    );
  });
}

/** The steps from the document down to the signature, with every value in full. */
function ladder(canvas: Canvas, facts: Facts, words: Words): void {
  const rungs: readonly (readonly [string, string])[] = [
    [words.stepDocument, facts.digest],
    [words.stepEntry, facts.leafHash],
    [words.stepBlockRoot(facts.blockPath, facts.count), facts.blockRoot],
    [words.stepBlock(facts.height, facts.difficulty), facts.blockHash],
    [words.stepChain(facts.logPath, facts.blocks), facts.logRoot],
    [words.stepSignature, facts.key],
  ];
  const dots: number[] = [];
  canvas.group('L', () => {
    for (const [label, value] of rungs) {
      dots.push(canvas.y + 6.5);
      canvas.group('LI', () => {
        canvas.text('LBody', label, { left: LADDER, colour: COLOUR.soft, size: 8, maxLines: 1 });
        canvas.text('LBody', value, { left: LADDER, size: 8, leading: 1.35, maxLines: 2, exact: true });
      });
      canvas.y += 3;
    }
  });
  canvas.ornament((doc) => {
    const x = PAGE.left + 4;
    doc
      .moveTo(x, dots[0] ?? 0)
      .lineTo(x, dots.at(-1) ?? 0)
      .lineWidth(0.8)
      .stroke(COLOUR.line);
    for (const y of dots) doc.circle(x, y, 2.6).fill(COLOUR.seal);
  });
}
