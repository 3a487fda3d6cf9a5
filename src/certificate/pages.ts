import { type Canvas, COLOUR, COLUMN, LABEL, PAGE, SIZE, type TextStyle } from './canvas.js';
import type { Facts, Moment } from './facts.js';
import { hasCodes } from './fonts.js';
import {
  drawLogo,
  drawQrCode,
  drawSeal,
  flow,
  FOOT_GAP,
  heading,
  list,
  LOGO,
  type Page,
  SEAL,
} from './parts.js';
import type { Words } from './words.js';

const QR = 82;
/** How many cosigners are printed; all are in the attached proof. */
const MAX_COSIGNERS = 3;
const QR_GAP = 16;
const MAX_GAP = 20;
/** From the left margin to the text of a row when its label is in two languages. */
const WIDE_LABEL = 148;

/**
 * All pages, in the order in which they are printed.
 * @param ruler returns a canvas that does not draw, to measure
 */
export function pagesOf(facts: Facts, ruler: () => Canvas): Page[] {
  const front = frontOf(facts, ruler);
  const explanations = facts.languages.flatMap((words) => explanation(facts, words, ruler));
  const isCut = front.isCut || facts.origin !== facts.wholeOrigin;
  return [front.draw, ...front.rest, ...explanations, ...(isCut ? furtherPages(facts, ruler) : [])];
}

const PARTS = [banner, document, digest, times, chain];

interface Front {
  readonly draw: Page;
  /** With what does not fit the first page; empty in most certificates. */
  readonly rest: readonly Page[];
  /** Whether a text was cut off. */
  readonly isCut: boolean;
}

function frontOf(facts: Facts, newRuler: () => Canvas): Front {
  const measured = newRuler();
  foot(measured, facts, 0);
  const footHeight = Math.max(measured.y, QR);
  const footTop = PAGE.height - PAGE.bottom - FOOT_GAP - footHeight;
  const ruler = newRuler();
  let fitting = 0;
  let end = ruler.y;
  for (const part of PARTS) {
    part(ruler, facts);
    if (ruler.y > footTop) break;
    fitting++;
    end = ruler.y;
  }
  const gap = Math.min(MAX_GAP, (footTop - end) / fitting);
  const rest = PARTS.slice(fitting).map((part) => (canvas: Canvas) => {
    part(canvas, facts);
  });
  for (const part of rest.slice(1)) part(ruler);
  return {
    draw: (canvas) => {
      for (const part of PARTS.slice(0, fitting)) {
        part(canvas, facts);
        canvas.y += gap;
      }
      foot(canvas, facts, footTop);
    },
    rest: flow(rest, MAX_GAP, newRuler),
    isCut: ruler.isCut || measured.isCut,
  };
}

/** What is short stands in all languages on one line. */
function both({ languages }: Facts, of: (words: Words) => string): string {
  return [...new Set(languages.map(of))].join(' · ');
}

/** A sentence, in each language a paragraph. */
function say(canvas: Canvas, { languages }: Facts, of: (words: Words) => string, style: TextStyle): void {
  languages.forEach((words, i) => {
    canvas.text('P', of(words), { ...style, lang: i === 0 ? undefined : words.language });
  });
}

const labelWidth = ({ languages }: Facts) => (languages.length === 1 ? LABEL : WIDE_LABEL);
const small: TextStyle = { size: SIZE.small, colour: COLOUR.soft };

function banner(canvas: Canvas, facts: Facts): void {
  const { languages, id, origin, height, sealed, issuer, service } = facts;
  const top = canvas.y;
  canvas.ornament((doc) => {
    drawSeal(doc, PAGE.left, top, SEAL);
  });
  const logo = issuer?.logo ?? null;
  if (issuer !== null && logo !== null)
    canvas.figure(
      both(facts, (words) => words.logoOf(issuer.name)),
      (doc) => {
        drawLogo(doc, Buffer.from(logo, 'base64'), PAGE.left + COLUMN - LOGO.width, top);
      },
    );
  const left = PAGE.left + SEAL + 14;
  const width = PAGE.left + COLUMN - left - (logo === null ? 0 : LOGO.width + 12);
  canvas.y = top - 3;
  languages.forEach((words, i) => {
    const large: TextStyle = { size: SIZE.title, weight: 'bold', leading: 1.35, left, width };
    // Beside a logo, or as the second of two, a title is smaller.
    const fits = i === 0 && canvas.linesOf(words.title, large) === 1;
    const lang = i === 0 ? undefined : words.language;
    canvas.text('H1', words.title, fits ? large : { ...large, size: SIZE.smallTitle, lang });
  });
  canvas.text('P', `${both(facts, (words) => words.notarization)} ${id}`, {
    colour: COLOUR.soft,
    left,
    width,
    maxLines: 2,
  });
  if (issuer !== null || service !== null) {
    const contact = issuer?.contact ?? null;
    const style = { weight: 'bold', left, width, maxLines: 2 } as const;
    say(canvas, facts, (words) => words.issued(issuer?.name ?? null, service), style);
    if (contact !== null)
      canvas.text('P', `${both(facts, (words) => words.contact)}: ${contact}`, {
        colour: COLOUR.soft,
        left,
        width,
        maxLines: 2,
      });
  }
  canvas.y = Math.max(canvas.y + 5, top + SEAL + 11);
  canvas.rule(COLOUR.seal, 1.1);
  canvas.y += 8;
  say(canvas, facts, (words) => words.lead(origin, height, sealed.utc), {
    ...(languages.length === 1 ? { size: SIZE.lead, leading: 1.6 } : {}),
    maxLines: 4,
  });
}

function document(canvas: Canvas, facts: Facts): void {
  const { name, nameProven, organization, size } = facts;
  heading(
    canvas,
    both(facts, (words) => words.document),
  );
  const large: TextStyle = {
    size: SIZE.name,
    weight: 'bold',
    colour: name === null ? COLOUR.soft : COLOUR.ink,
    leading: 1.4,
    maxLines: 2,
  };
  const printed = name ?? both(facts, (words) => words.nameWithheld);
  // In the same space, a long name has more lines of smaller text.
  const style = canvas.linesOf(printed, large) <= 2 ? large : { ...large, size: SIZE.body, maxLines: 3 };
  canvas.text('P', printed, style);
  if (name !== null && !nameProven) say(canvas, facts, (words) => words.nameNotInProof, small);
  canvas.y += 2;
  canvas.group('Table', () => {
    const optional: readonly (readonly [(words: Words) => string, string | null, number])[] = [
      [(words) => words.documentTitle, facts.title, 2],
      [(words) => words.author, facts.author, 1],
      [(words) => words.reference, facts.reference, 1],
      [
        (words) => words.size,
        both(facts, (words) => (size === null ? words.sizeUnknown : words.bytes(size))),
        2,
      ],
      [(words) => words.organization, organization === null ? null : organizationText(organization), 1],
    ];
    for (const [label, value, maxLines] of optional)
      if (value !== null) row(canvas, facts, label, value, { maxLines });
  });
  if (organization !== null && organization.name !== null)
    say(canvas, facts, (words) => words.organizationNamed, small);
  if (canvas.isCut) say(canvas, facts, (words) => words.cut, small);
  if (printedTexts(facts).some(([, text]) => hasCodes(text)))
    say(canvas, facts, (words) => words.codes, small);
  if (facts.moreDetails > 0) {
    const count = String(facts.moreDetails);
    canvas.text(
      'P',
      both(facts, (words) => words.moreDetails(count)),
      small,
    );
  }
}

function organizationText({ id, name }: NonNullable<Facts['organization']>): string {
  return name === null ? id : `${name} (${id})`;
}

function digest(canvas: Canvas, facts: Facts): void {
  const { digest: hex } = facts;
  heading(
    canvas,
    both(facts, (words) => words.digest),
  );
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
  const { origin, zone, accepted, sealed, registered, cosigned, confirmations, conflict } = facts;
  heading(
    canvas,
    both(facts, (words) => words.times),
  );
  const columns = ({ utc, local }: Moment) => (zone === null ? [utc] : [utc, local]);
  const moment = (label: (words: Words) => string, at: Moment, style: TextStyle = {}, of = '') => {
    pair(canvas, facts, `${both(facts, label)}${of}`, columns(at), style);
  };
  canvas.group('Table', () => {
    const utc = both(facts, (words) => words.utc);
    pair(canvas, facts, '', zone === null ? [utc] : [utc, zone], small);
    moment((words) => words.accepted, accepted);
    moment((words) => words.sealed, sealed, { weight: 'bold' });
    if (registered.after !== null) moment((words) => words.registeredAfter, registered.after);
    if (registered.by !== null) moment((words) => words.registeredBy, registered.by);
    for (const { witness, time } of cosigned.slice(0, MAX_COSIGNERS))
      moment((words) => words.cosigned, time, {}, `: ${witness}`);
    row(
      canvas,
      facts,
      (words) => words.confirmation,
      (words) =>
        confirmations.length === 0
          ? words.noConfirmation(origin, registered.after !== null)
          : confirmations.map((each) => each(words)).join(', '),
      { weight: 'bold', maxLines: 3 },
    );
  });
  const further = cosigned.length - MAX_COSIGNERS;
  if (further > 0) {
    const count = String(further);
    say(canvas, facts, (words) => words.furtherCosigners(count), small);
  }
  if (conflict !== null)
    say(canvas, facts, (words) => words.conflicts[conflict], { weight: 'bold', colour: COLOUR.seal });
  for (const stamp of facts.documentStamps) say(canvas, facts, stamp, small);
}

function chain(canvas: Canvas, facts: Facts): void {
  const { origin, height, number, count, position, key } = facts;
  heading(
    canvas,
    both(facts, (words) => words.place),
  );
  canvas.group('Table', () => {
    row(canvas, facts, (words) => words.chain, origin);
    row(
      canvas,
      facts,
      (words) => words.block,
      both(facts, (words) => words.blockOf(height, number, count)),
    );
    row(canvas, facts, (words) => words.position, position);
    row(canvas, facts, (words) => words.signedBy, key, {
      maxLines: 2,
      size: 8.2,
      leading: 1.65,
      exact: true,
    });
  });
}

/** @param top where it begins */
function foot(canvas: Canvas, facts: Facts, top: number): void {
  const { verifyPage, verifier, program } = facts;
  const left = PAGE.left + (verifyPage === null ? 0 : QR + QR_GAP);
  if (verifyPage !== null) {
    canvas.figure(
      both(facts, (words) => words.qrCode(verifyPage)),
      (doc) => {
        drawQrCode(doc, verifyPage, { left: PAGE.left, top, size: QR });
      },
    );
  }
  canvas.y = top - 4;
  heading(
    canvas,
    both(facts, (words) => words.verifyHere),
    left,
  );
  const link = (address: string) => {
    canvas.text('Link', address.replace(/#.*/, ''), {
      ...{ left, size: SIZE.foot, weight: 'bold', link: address, maxLines: 2 },
    });
  };
  const style = { left, size: SIZE.foot };
  if (verifyPage !== null) {
    say(canvas, facts, (words) => words.verifyHereExplained, style);
    link(verifyPage);
  }
  say(canvas, facts, (words) => words.verifyCommand(program), style);
  if (verifier !== null) {
    say(canvas, facts, (words) => words.verifierFile(program.version), style);
    canvas.text('P', verifier.sha256, { ...style, exact: true });
    if (verifier.address !== null) link(verifier.address);
  }
  canvas.y += 3;
  say(canvas, facts, (words) => words.notANotary, { ...small, left });
}

/** The texts that others have written, with their labels. */
function printedTexts(facts: Facts): (readonly [string, string])[] {
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
function furtherPages(facts: Facts, ruler: () => Canvas): Page[] {
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

const GAP = 12;
const LADDER = PAGE.left + 16;

/** What the certificate shows and what not, how to check it, and the steps of the proof, in one language. */
function explanation(facts: Facts, words: Words, newRuler: () => Canvas): Page[] {
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

// Parts of all pages.

/** A label and a value, or a sentence in each language. */
function row(
  canvas: Canvas,
  facts: Facts,
  label: (words: Words) => string,
  value: string | ((words: Words) => string),
  style: TextStyle = {},
): void {
  const indent = labelWidth(facts);
  const ofValue: TextStyle = { left: PAGE.left + indent, maxLines: 1, ...style };
  canvas.group('TR', () => {
    canvas.beside(
      () => {
        canvas.text('TH', both(facts, label), { colour: COLOUR.soft, width: indent - 10, maxLines: 2 });
      },
      () => {
        if (typeof value === 'string') canvas.text('TD', value, ofValue);
        else
          canvas.group('TD', () => {
            say(canvas, facts, value, ofValue);
          });
      },
    );
  });
}

/** A label and one or two values in columns. The heads of the columns are the values of an empty label. */
function pair(
  canvas: Canvas,
  facts: Facts,
  label: string,
  values: readonly string[],
  style: TextStyle = {},
): void {
  const tag = label === '' ? 'TH' : 'TD';
  const indent = labelWidth(facts);
  const width = (COLUMN - indent) / 2;
  canvas.group('TR', () => {
    canvas.beside(
      () => {
        canvas.text('TH', label, { colour: COLOUR.soft, width: indent - 10, maxLines: 3 });
      },
      ...values.map((value, i) => () => {
        canvas.text(tag, value, {
          left: PAGE.left + indent + i * width,
          width: width - 6,
          maxLines: 1,
          ...style,
        });
      }),
    );
  });
}

/** @param page its number; @param count of all pages */
export function footer(canvas: Canvas, facts: Facts, page: string, count: string): void {
  canvas.y = PAGE.height - PAGE.bottom;
  canvas.rule();
  canvas.y += 6;
  canvas.beside(
    () => {
      canvas.text('P', `SHA-256 ${facts.digest}`, { ...small, exact: true });
    },
    () => {
      canvas.text(
        'P',
        both(facts, (words) => words.page(page, count)),
        { ...small, align: 'right' },
      );
    },
  );
}
