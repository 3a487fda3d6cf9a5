import type { Canvas } from './canvas.js';
import type { Facts } from './facts.js';
import { COLOUR, PAGE } from './look.js';
import { heading, list } from './rows.js';

const GAP = 12;
const LADDER = PAGE.left + 16;

export function secondPage(canvas: Canvas, facts: Facts): void {
  const { words, origin, height, sealed, blocks, disclosed, cosigned } = facts;
  const bullet = () => '•';
  heading(canvas, words.shows);
  list(
    canvas,
    words.showsList({ origin, block: height, sealed: sealed.utc, blocks, details: disclosed }),
    bullet,
  );
  canvas.y += GAP;
  heading(canvas, words.showsNot);
  list(canvas, words.showsNotList({ origin, witnesses: cosigned.map(({ witness }) => witness) }), bullet);
  canvas.y += GAP;
  heading(canvas, words.check);
  list(canvas, words.checkList, (number) => String(number));
  canvas.y += GAP;
  heading(canvas, words.steps);
  canvas.text('P', words.stepsExplained, { colour: COLOUR.soft });
  canvas.y += 5;
  ladder(canvas, facts);
}

/** From the document down to the signature, with the values in full: what a proof is, at a glance. */
function ladder(canvas: Canvas, facts: Facts): void {
  const { words } = facts;
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
