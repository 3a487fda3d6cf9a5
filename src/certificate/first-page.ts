import type { Canvas } from './canvas.js';
import type { Facts, Moment } from './facts.js';
import { COLOUR, COLUMN, PAGE, SIZE } from './look.js';
import { drawQrCode } from './qr-code.js';
import { heading, pair, row } from './rows.js';
import { drawSeal } from './seal.js';

const SEAL = 46;
const QR = 82;
/** Cosigners that are printed; all are in the attached proof. */
const MAX_COSIGNERS = 3;
const QR_GAP = 16;
const MAX_GAP = 20;
const FOOT = PAGE.height - PAGE.bottom - 14 - QR;

/** @param ruler a canvas that does not draw, for how much space there is between the parts */
export function firstPage(canvas: Canvas, facts: Facts, ruler: Canvas): void {
  const parts = [banner, document, digest, times, place, signatures];
  for (const part of parts) part(ruler, facts);
  const gap = Math.min(MAX_GAP, (FOOT - ruler.y) / parts.length);
  for (const part of parts) {
    part(canvas, facts);
    canvas.y += gap;
  }
  foot(canvas, facts);
}

function banner(canvas: Canvas, { words, origin, height, sealed, position }: Facts): void {
  const top = canvas.y;
  canvas.ornament((doc) => {
    drawSeal(doc, PAGE.left, top, SEAL);
  });
  const left = PAGE.left + SEAL + 14;
  canvas.y = top - 3;
  canvas.text('H1', words.title, { size: SIZE.title, weight: 'bold', leading: 1.35, left });
  canvas.text('P', words.number(position), { colour: COLOUR.soft, left });
  canvas.y = top + SEAL + 13;
  canvas.rule(COLOUR.seal, 1.1);
  canvas.y += 11;
  canvas.text('P', words.lead(origin, height, sealed.utc), {
    size: SIZE.lead,
    leading: 1.6,
    maxLines: 4,
  });
}

function document(canvas: Canvas, facts: Facts): void {
  const { words, name, nameProven } = facts;
  heading(canvas, words.document);
  canvas.text('P', name ?? words.nameWithheld, {
    size: SIZE.name,
    weight: 'bold',
    colour: name === null ? COLOUR.soft : COLOUR.ink,
    leading: 1.4,
    maxLines: 2,
  });
  if (name !== null && !nameProven)
    canvas.text('P', words.nameNotInProof, { size: SIZE.small, colour: COLOUR.soft });
  canvas.y += 2;
  canvas.group('Table', () => {
    const optional: readonly (readonly [string, string | null])[] = [
      [words.documentTitle, facts.title],
      [words.author, facts.author],
      [words.reference, facts.reference],
      [words.size, facts.size],
      [words.account, facts.account],
    ];
    for (const [label, value] of optional)
      if (value !== null) row(canvas, label, value, label === words.documentTitle ? { maxLines: 2 } : {});
  });
  if (facts.moreDetails > 0)
    canvas.text('P', words.moreDetails(String(facts.moreDetails)), { size: SIZE.small, colour: COLOUR.soft });
}

function digest(canvas: Canvas, { words, digest: hex }: Facts): void {
  heading(canvas, words.digest);
  const height = 2 * SIZE.digest * 1.7 + 14;
  const top = canvas.y;
  canvas.ornament((doc) => doc.roundedRect(PAGE.left, top, COLUMN, height, 4).fill(COLOUR.sunken));
  canvas.y += 7;
  // In the same groups of eight as on the web pages, each at the same place of its line.
  canvas.cells(
    hex.match(/.{8}/g) ?? [],
    [0, 1, 2, 3].map((column) => PAGE.left + 18 + (column * (COLUMN - 36 + 18)) / 4),
    { size: SIZE.digest, weight: 'bold', leading: 1.7, actual: hex, exact: true },
  );
  canvas.y = top + height;
}

function times(canvas: Canvas, { words, zone, accepted, sealed, cosigned }: Facts): void {
  heading(canvas, words.times);
  const both = ({ utc, local }: Moment) => (zone === null ? [utc] : [utc, local]);
  canvas.group('Table', () => {
    const heads = zone === null ? [words.utc] : [words.utc, zone];
    pair(canvas, '', heads, { size: SIZE.small, colour: COLOUR.soft });
    pair(canvas, words.accepted, both(accepted));
    pair(canvas, words.sealed, both(sealed), { weight: 'bold' });
    for (const { witness, time } of cosigned.slice(0, MAX_COSIGNERS))
      pair(canvas, words.cosignedBy(witness), both(time));
  });
  const further = cosigned.length - MAX_COSIGNERS;
  if (further > 0)
    canvas.text('P', words.furtherCosigners(String(further)), { size: SIZE.small, colour: COLOUR.soft });
}

function place(canvas: Canvas, facts: Facts): void {
  const { words, origin, height, number, count, position } = facts;
  heading(canvas, words.place);
  canvas.group('Table', () => {
    row(canvas, words.chain, origin);
    row(canvas, words.block, words.blockOf(height, number, count));
    row(canvas, words.position, position);
  });
}

function signatures(canvas: Canvas, { words, origin, key, cosigned }: Facts): void {
  heading(canvas, words.signatures);
  canvas.group('Table', () => {
    row(canvas, words.signedBy, key, { maxLines: 2, size: 8.2, leading: 1.65, exact: true });
    row(
      canvas,
      words.cosigners,
      cosigned.length === 0 ? words.noCosigners(origin) : words.cosigned(String(cosigned.length)),
      { maxLines: 2 },
    );
  });
}

function foot(canvas: Canvas, { words, verifyPage }: Facts): void {
  const left = PAGE.left + (verifyPage === null ? 0 : QR + QR_GAP);
  if (verifyPage !== null) {
    canvas.figure(words.qrCode(verifyPage), (doc) => {
      drawQrCode(doc, verifyPage, { left: PAGE.left, top: FOOT, size: QR });
    });
  }
  canvas.y = FOOT - 4;
  heading(canvas, words.verifyHere, left);
  if (verifyPage !== null) {
    canvas.text('P', words.verifyHereExplained, { left, maxLines: 2 });
    canvas.text('Link', verifyPage, { left, weight: 'bold', link: verifyPage, maxLines: 2 });
  }
  canvas.text('P', words.verifyCommand, { left, maxLines: 2 });
  canvas.y += 3;
  canvas.text('P', words.notANotary, { left, size: SIZE.small, colour: COLOUR.soft, maxLines: 3 });
}
