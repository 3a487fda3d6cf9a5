import { create } from 'qrcode';
import { type Canvas, COLOUR, COLUMN, LABEL, PAGE, SIZE, type TextStyle } from './canvas.js';
import { CertificateError, type Facts, type Moment } from './facts.js';
import { hasCodes } from './fonts.js';

const SEAL = 46;
const QR = 82;
/** How many cosigners are printed; all are in the attached proof. */
const MAX_COSIGNERS = 3;
const QR_GAP = 16;
const MAX_GAP = 20;
const FOOT = PAGE.height - PAGE.bottom - 8 - QR;

const PARTS = [banner, document, digest, times, place, signatures];
/** Of the issuer, at the right of the title. */
const LOGO = { width: 84, height: SEAL };

/** @param ruler a canvas that does not draw, to measure how much space is left between the parts */
export function firstPage(canvas: Canvas, facts: Facts, ruler: Canvas): void {
  for (const part of PARTS) part(ruler, facts);
  const gap = Math.min(MAX_GAP, (FOOT - ruler.y) / PARTS.length);
  for (const part of PARTS) {
    part(canvas, facts);
    canvas.y += gap;
  }
  foot(canvas, facts);
}

function banner(canvas: Canvas, { words, id, origin, height, sealed, issuer }: Facts): void {
  const top = canvas.y;
  canvas.ornament((doc) => {
    drawSeal(doc, PAGE.left, top, SEAL);
  });
  const logo = issuer?.logo ?? null;
  if (issuer !== null && logo !== null)
    canvas.figure(words.logoOf(issuer.name), (doc) => {
      drawLogo(doc, Buffer.from(logo, 'base64'), PAGE.left + COLUMN - LOGO.width, top);
    });
  const left = PAGE.left + SEAL + 14;
  canvas.y = top - 3;
  canvas.text('H1', words.title, { size: SIZE.title, weight: 'bold', leading: 1.35, left });
  canvas.text('P', words.notarization(id), { colour: COLOUR.soft, left });
  canvas.y = top + SEAL + 11;
  canvas.rule(COLOUR.seal, 1.1);
  canvas.y += 8;
  canvas.text('P', words.lead(origin, height, sealed.utc), {
    size: SIZE.lead,
    leading: 1.6,
    maxLines: 4,
  });
}

function document(canvas: Canvas, facts: Facts): void {
  const { words, name, nameProven } = facts;
  heading(canvas, words.document);
  const large: TextStyle = {
    size: SIZE.name,
    weight: 'bold',
    colour: name === null ? COLOUR.soft : COLOUR.ink,
    leading: 1.4,
    maxLines: 2,
  };
  // In the same space, a long name has more lines of smaller text.
  const small: TextStyle = { ...large, size: SIZE.body, maxLines: 3 };
  const printed = name ?? words.nameWithheld;
  canvas.text('P', printed, canvas.linesOf(printed, large) <= 2 ? large : small);
  if (name !== null && !nameProven)
    canvas.text('P', words.nameNotInProof, { size: SIZE.small, colour: COLOUR.soft });
  canvas.y += 2;
  canvas.group('Table', () => {
    const optional: readonly (readonly [string, string | null])[] = [
      [words.documentTitle, facts.title],
      [words.author, facts.author],
      [words.reference, facts.reference],
      [words.size, facts.size],
      [words.organization, facts.organization],
    ];
    for (const [label, value] of optional)
      if (value !== null) row(canvas, label, value, label === words.documentTitle ? { maxLines: 2 } : {});
  });
  if (canvas.isCut) canvas.text('P', words.cut, { size: SIZE.small, colour: COLOUR.soft });
  if (printedTexts(facts).some(([, text]) => hasCodes(text)))
    canvas.text('P', words.codes, { size: SIZE.small, colour: COLOUR.soft });
  if (facts.moreDetails > 0)
    canvas.text('P', words.moreDetails(String(facts.moreDetails)), { size: SIZE.small, colour: COLOUR.soft });
}

function digest(canvas: Canvas, { words, digest: hex }: Facts): void {
  heading(canvas, words.digest);
  const height = 2 * SIZE.digest * 1.7 + 14;
  const top = canvas.y;
  canvas.ornament((doc) => doc.roundedRect(PAGE.left, top, COLUMN, height, 4).fill(COLOUR.sunken));
  canvas.y += 7;
  // Groups of eight in columns, as on the web pages.
  canvas.cells(
    hex.match(/.{8}/g) ?? [],
    [0, 1, 2, 3].map((column) => PAGE.left + 18 + (column * (COLUMN - 36 + 18)) / 4),
    { size: SIZE.digest, weight: 'bold', leading: 1.7, actual: hex, exact: true },
  );
  canvas.y = top + height;
}

function times(canvas: Canvas, facts: Facts): void {
  const { words, zone, accepted, sealed, registered, cosigned } = facts;
  heading(canvas, words.times);
  const both = ({ utc, local }: Moment) => (zone === null ? [utc] : [utc, local]);
  canvas.group('Table', () => {
    const heads = zone === null ? [words.utc] : [words.utc, zone];
    pair(canvas, '', heads, { size: SIZE.small, colour: COLOUR.soft });
    pair(canvas, words.accepted, both(accepted));
    pair(canvas, words.sealed, both(sealed), { weight: 'bold' });
    if (registered.after !== null) pair(canvas, words.registeredAfter, both(registered.after));
    if (registered.by !== null) pair(canvas, words.registeredBy, both(registered.by));
    for (const { witness, time } of cosigned.slice(0, MAX_COSIGNERS))
      pair(canvas, words.cosignedBy(witness), both(time));
  });
  if (registered.sources.length > 0)
    canvas.text('P', words.timeSources(registered.sources.join(', ')), {
      size: SIZE.small,
      colour: COLOUR.soft,
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

function signatures(canvas: Canvas, facts: Facts): void {
  const { words, origin, key, cosigned, issuer, registered } = facts;
  heading(canvas, words.signatures);
  canvas.group('Table', () => {
    if (issuer !== null) {
      const { name, contact } = issuer;
      row(canvas, words.issuedBy, contact === null ? name : `${name} · ${contact}`);
    }
    row(canvas, words.signedBy, key, { maxLines: 2, size: 8.2, leading: 1.65, exact: true });
    row(
      canvas,
      words.cosigners,
      cosigned.length === 0
        ? words.noCosigners(origin, registered.sources.length > 0)
        : words.cosigned(String(cosigned.length)),
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

/** The texts that others have written, with their labels. */
function printedTexts(facts: Facts): (readonly [string, string])[] {
  const { words } = facts;
  const all: readonly (readonly [string, string | null])[] = [
    [words.name, facts.name],
    [words.documentTitle, facts.title],
    [words.author, facts.author],
    [words.reference, facts.reference],
    [words.organization, facts.organization],
    [words.chain, facts.wholeOrigin],
    ...facts.cosigned.map(({ witness }) => [words.cosigners, witness] as const),
    [words.signedBy, facts.key],
    [words.issuedBy, facts.issuer?.name ?? null],
    [words.contact, facts.issuer?.contact ?? null],
  ];
  return all.flatMap(([label, text]) => (text === null ? [] : [[label, text] as const]));
}

/** So many graphemes always fit on a page, even if all of them are printed as codes. */
const CHUNK = 400;
/** No service has longer texts; a proof of another one may. */
const MAX_CHUNKS = 20;

type Page = (canvas: Canvas, facts: Facts) => void;

/** Pages with the texts in full, if one of them was cut off on the first page. */
export function furtherPages(facts: Facts, ruler: () => Canvas): Page[] {
  const { words } = facts;
  const first = ruler();
  for (const part of PARTS) part(first, facts);
  if (!first.isCut && facts.origin === facts.wholeOrigin) return [];
  const rows = printedTexts(facts).flatMap(([label, text]) =>
    chunksOf(text).map((chunk, i) => [i === 0 ? label : '', chunk] as const),
  );
  const draw = (canvas: Canvas, some: typeof rows) => {
    heading(canvas, words.inFull);
    canvas.group('Table', () => {
      for (const [label, text] of some) row(canvas, label, text, { maxLines: Infinity });
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
  list(
    canvas,
    words.showsNotList({
      origin,
      members: cosigned.map(({ witness }) => witness),
      sources: facts.registered.sources,
      waited: facts.waited,
    }),
    bullet,
  );
  canvas.y += GAP;
  heading(canvas, words.check);
  list(canvas, words.checkList(facts.verifier), (number) => String(number));
  canvas.y += GAP;
  heading(canvas, words.steps);
  canvas.text('P', words.stepsExplained, { colour: COLOUR.soft });
  canvas.y += 5;
  ladder(canvas, facts);
}

/** The steps from the document down to the signature, with every value in full. */
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

// Parts of both pages.

function heading(canvas: Canvas, text: string, left: number = PAGE.left): void {
  canvas.text('H2', text, { size: SIZE.heading, weight: 'bold', colour: COLOUR.seal, leading: 1.6, left });
}

/** A label and a value. */
function row(canvas: Canvas, label: string, value: string, style: TextStyle = {}): void {
  canvas.group('TR', () => {
    canvas.beside(
      () => {
        canvas.text('TH', label, { colour: COLOUR.soft, width: LABEL - 10, maxLines: 2 });
      },
      () => {
        canvas.text('TD', value, { left: PAGE.left + LABEL, maxLines: 1, ...style });
      },
    );
  });
}

/** A label and one or two values in columns. The heads of the columns are the values of an empty label. */
function pair(canvas: Canvas, label: string, values: readonly string[], style: TextStyle = {}): void {
  const tag = label === '' ? 'TH' : 'TD';
  const width = (COLUMN - LABEL) / 2;
  canvas.group('TR', () => {
    canvas.beside(
      () => {
        canvas.text('TH', label, { colour: COLOUR.soft, width: LABEL - 10, maxLines: 3 });
      },
      ...values.map((value, i) => () => {
        canvas.text(tag, value, {
          left: PAGE.left + LABEL + i * width,
          width: width - 6,
          maxLines: 1,
          ...style,
        });
      }),
    );
  });
}

/** @param mark the bullet or number of an item */
function list(canvas: Canvas, items: readonly string[], mark: (number: number) => string): void {
  canvas.group('L', () => {
    items.forEach((item, i) => {
      canvas.group('LI', () => {
        canvas.beside(
          () => {
            canvas.text('LBody', mark(i + 1), { colour: COLOUR.seal, width: 14 });
          },
          () => {
            canvas.text('LBody', item, { left: PAGE.left + 16, maxLines: 5 });
          },
        );
      });
      canvas.y += 2;
    });
  });
}

export function footer(
  canvas: Canvas,
  { digest, page }: { readonly digest: string; readonly page: string },
): void {
  canvas.y = PAGE.height - PAGE.bottom;
  canvas.rule();
  canvas.y += 6;
  const style = { size: SIZE.small, colour: COLOUR.soft };
  canvas.beside(
    () => {
      canvas.text('P', `SHA-256 ${digest}`, { ...style, exact: true });
    },
    () => {
      canvas.text('P', page, { ...style, align: 'right' });
    },
  );
}

/** As large as its place allows, at its right end. */
function drawLogo(doc: PDFKit.PDFDocument, png: Buffer, left: number, top: number): void {
  try {
    doc.image(png, left, top, { fit: [LOGO.width, LOGO.height], align: 'right', valign: 'center' });
  } catch (error) {
    throw new CertificateError('bad_logo', 'the logo must be a PNG that is not interlaced', { cause: error });
  }
}

/** In modules (ISO/IEC 18004). */
const QUIET_ZONE = 4;

/** Black on white, on any background. The quiet zone is outside of `size`. */
function drawQrCode(
  doc: PDFKit.PDFDocument,
  text: string,
  place: { readonly left: number; readonly top: number; readonly size: number },
): void {
  const { modules } = create(text, { errorCorrectionLevel: 'M' });
  doc.translate(place.left, place.top).scale(place.size / modules.size);
  const outer = modules.size + 2 * QUIET_ZONE;
  doc.rect(-QUIET_ZONE, -QUIET_ZONE, outer, outer).fill('#ffffff');
  for (let row = 0; row < modules.size; row++) {
    for (let column = 0; column < modules.size; column++) {
      // One rectangle for each run: between adjacent ones, printers and screens draw hairlines.
      let end = column;
      while (end < modules.size && modules.get(row, end) !== 0) end++;
      if (end > column) doc.rect(column, row, end - column, 1);
      column = end;
    }
  }
  doc.fill('#000000');
}

/** The project's logo: public/seal.svg, on 32 by 32. */
function drawSeal(doc: PDFKit.PDFDocument, left: number, top: number, size: number): void {
  doc
    .save()
    .translate(left, top)
    .scale(size / 32);
  doc.roundedRect(1.5, 1.5, 29, 29, 5).fill(COLOUR.seal);
  doc.roundedRect(4, 4, 24, 24, 3).lineWidth(1.2).stroke(COLOUR.sealInk);
  doc.lineWidth(2.6).lineCap('square');
  doc.circle(12.2, 11.8, 3.7).stroke(COLOUR.sealInk);
  doc.path('M21.4 8.2v10M10.2 19.2v4.6h12').stroke(COLOUR.sealInk);
  doc.restore();
}
