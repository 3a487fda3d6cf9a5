import { type Canvas, COLOUR, COLUMN, PAGE, SIZE, type TextStyle } from './canvas.js';
import type { Facts, Moment } from './facts.js';
import { hasCodes } from './fonts.js';
import { drawLogo, drawQrCode, drawSeal, flow, FOOT_GAP, heading, LOGO, type Page, SEAL } from './parts.js';
import type { Words } from './words.js';
import { organizationText, printedTexts } from './in-full.js';
import { both, pair, row, say, small } from './rows.js';

const QR = 82;
/** How many cosigners are printed; all are in the attached proof. */
const MAX_COSIGNERS = 3;
const QR_GAP = 16;
const MAX_GAP = 20;

const PARTS = [banner, document, digest, times, chain];

interface Front {
  readonly draw: Page;
  /** With what does not fit the first page; empty in most certificates. */
  readonly rest: readonly Page[];
  /** Whether a text was cut off. */
  readonly isCut: boolean;
}

/** The first page, and what does not fit it. */
export function frontOf(facts: Facts, newRuler: () => Canvas): Front {
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
