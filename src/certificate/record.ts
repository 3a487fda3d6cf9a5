import { isObject, type Json } from '../proof/canonical-json.js';
import { HISTORY_MEDIA_TYPE, parseHistory } from '../proof/records/history-file.js';
import { type HistoryVerification, type TimelineEvent, verifyHistory } from '../proof/records/history.js';
import { parseEventKey } from '../proof/records/keys.js';
import { splitVerifierKey } from '../proof/verifier-key.js';
import { parsePolicy } from '../proof/policy.js';
import { NODE } from '../crypto/primitives.js';
import { type Canvas, COLOUR, COLUMN, PAGE, SIZE, type TextStyle } from './canvas.js';
import { createPdf } from './document.js';
import { CertificateError, type Issuer, type Moment, momentFormat, type SignatureClaim } from './facts.js';
import { drawLogo, drawSeal, flow, heading, list, LOGO, type Page, SEAL } from './parts.js';
import { program } from './program.js';
import { RECORD_CERTIFICATE_WORDS, type RecordWords } from './record-words.js';
import type { CertificateLanguage } from './words.js';

/** The certificate of a record: its history in words, with the history file inside. */
export interface RecordCertificateInput {
  /** The text of the history file. */
  readonly history: string;
  /** The issuer's trust policy, under which the history is judged. */
  readonly policy: string;
  readonly language: CertificateLanguage;
  /** IANA name of the time zone that is printed in addition to UTC. */
  readonly timeZone: string;
  /** Address of a verify page; null: not printed. */
  readonly verifyPage: string | null;
  /** SHA-256 of the verifier in one file, in hexadecimal; null: not printed. */
  readonly verifier: string | null;
  readonly issuer: Issuer | null;
  /** The host name of the service through which the certificate is issued; null: it is not by a service. */
  readonly service: string | null;
  readonly signature?: SignatureClaim | null;
}

const ATTACHMENT = 'history.ingam-history.json';
/** Of a long history, the last events are printed. All are in the attachment. */
const MOST_EVENTS = 200;
const GAP = 12;
const LABEL = 148;
const small: TextStyle = { size: SIZE.small, colour: COLOUR.soft };

interface Context {
  readonly languages: readonly [RecordWords, ...RecordWords[]];
  readonly judged: HistoryVerification;
  readonly asOf: NonNullable<HistoryVerification['asOf']>;
  readonly origin: string;
  readonly moment: (milliseconds: number) => Moment;
  readonly input: RecordCertificateInput;
}

/**
 * Makes a PDF/A-3a about a verified history. The same input gives the same bytes with the same release of Ingam and Node.
 * @throws {CertificateError} not_verified, unknown_time_zone, time_out_of_range, bad_logo
 */
export async function createRecordCertificate(input: RecordCertificateInput): Promise<Uint8Array> {
  const bytes = Buffer.from(input.history);
  const history = parseHistory(bytes);
  const judged = verifyHistory({
    history,
    policy: parsePolicy(input.policy),
    primitives: NODE,
  });
  const { verdict, asOf, steps, record } = judged;
  if ((verdict !== 'verified' && verdict !== 'incomplete') || asOf === null) {
    const reason = steps.find(({ outcome }) => outcome === 'failed')?.message ?? verdict;
    throw new CertificateError('not_verified', `a certificate needs a verified history: ${reason}`);
  }
  const languages = languagesOf(input.language);
  const [words] = languages;
  const context: Context = {
    ...{ languages, judged, asOf, input },
    origin: history.log.checkpoint.origin,
    moment: momentFormat(languages.length === 1 ? words.locale : null, input.timeZone),
  };
  return createPdf(
    {
      title: `${words.title} ${record.slice(0, 16)}`,
      language: words.language,
      at: asOf.sealedAt,
      attachment: {
        name: ATTACHMENT,
        bytes,
        mediaType: HISTORY_MEDIA_TYPE,
        description: words.attachment,
      },
      signature: input.signature ?? null,
    },
    (ruler) => flow(partsOf(context), GAP, ruler),
    (canvas, page, count) => {
      footer(canvas, context, page, count);
    },
  );
}

function languagesOf(language: CertificateLanguage): Context['languages'] {
  const { en, ko } = RECORD_CERTIFICATE_WORDS;
  return language === 'ko-en' ? [ko, en] : [language === 'ko' ? ko : en];
}

/** In UTC, and in the time zone that was asked for. */
function timeText({ moment, input: { timeZone } }: Context, milliseconds: number): string {
  const { utc, local } = moment(milliseconds);
  return timeZone === 'UTC' ? utc : `${utc} (${local})`;
}

/** What is short stands in all languages on one line. */
const both = ({ languages }: Context, of: (words: RecordWords) => string) =>
  [...new Set(languages.map(of))].join(' · ');

/** A sentence, in each language a paragraph. */
function say(
  canvas: Canvas,
  { languages }: Context,
  of: (words: RecordWords) => string,
  style: TextStyle = {},
): void {
  languages.forEach((words, i) => {
    canvas.text('P', of(words), { ...style, lang: i === 0 ? undefined : words.language });
  });
}

function partsOf(context: Context): readonly Page[] {
  const { judged, languages, input } = context;
  const { timeline } = judged;
  const shown = timeline.slice(-MOST_EVENTS);
  const earlier = timeline.length - shown.length;
  const titled =
    (of: (words: RecordWords) => string, body: Page): Page =>
    (canvas) => {
      heading(canvas, both(context, of));
      body(canvas);
    };
  const listed = (of: (words: RecordWords) => string, items: (words: RecordWords) => readonly string[]) =>
    titled(of, (canvas) => {
      for (const words of languages) list(canvas, items(words), () => '•');
    });
  return [
    (canvas) => {
      banner(canvas, context);
    },
    titled(
      (words) => words.now(String(context.asOf.height)),
      (canvas) => {
        facts(canvas, context);
      },
    ),
    ...shown.map((event, i): Page => {
      const one: Page = (canvas) => {
        eventLines(canvas, context, event);
      };
      if (i > 0) return one;
      return titled(
        (words) => words.events,
        (canvas) => {
          if (earlier > 0) say(canvas, context, (words) => words.earlier(String(earlier)), small);
          one(canvas);
        },
      );
    }),
    listed(
      (words) => words.keys,
      (words) => words.keysList,
    ),
    listed(
      (words) => words.check,
      (words) => words.checkList(program(), input.verifyPage, input.verifier),
    ),
    (canvas) => {
      say(canvas, context, (words) => words.notANotary, small);
    },
  ];
}

function banner(canvas: Canvas, context: Context): void {
  const { judged, languages, asOf, origin, input } = context;
  const { issuer, service } = input;
  const top = canvas.y;
  canvas.ornament((doc) => {
    drawSeal(doc, PAGE.left, top, SEAL);
  });
  const logo = issuer?.logo ?? null;
  if (logo !== null)
    canvas.figure(issuer?.name ?? '', (doc) => {
      drawLogo(doc, Buffer.from(logo, 'base64'), PAGE.left + COLUMN - LOGO.width, top);
    });
  const left = PAGE.left + SEAL + 14;
  const width = PAGE.left + COLUMN - left - (logo === null ? 0 : LOGO.width + 12);
  canvas.y = top - 3;
  languages.forEach((words, i) => {
    const size = i === 0 && languages.length === 1 ? SIZE.title : SIZE.smallTitle;
    const lang = i === 0 ? undefined : words.language;
    canvas.text('H1', words.title, { size, weight: 'bold', leading: 1.35, left, width, lang });
  });
  const record = `${both(context, (words) => words.record)} ${judged.record}`;
  canvas.text('P', record, { colour: COLOUR.soft, left, width, maxLines: 2, exact: true });
  if (issuer !== null || service !== null)
    say(canvas, context, (words) => words.issued(issuer?.name ?? null, service), {
      ...{ weight: 'bold', left, width, maxLines: 2 },
    });
  if (issuer?.contact != null)
    canvas.text('P', `${both(context, (words) => words.contact)}: ${issuer.contact}`, {
      ...{ colour: COLOUR.soft, left, width, maxLines: 2 },
    });
  canvas.y = Math.max(canvas.y + 5, top + SEAL + 11);
  canvas.rule(COLOUR.seal, 1.1);
  canvas.y += 8;
  const sealed = timeText(context, asOf.sealedAt);
  say(canvas, context, (words) => words.lead(origin, String(asOf.height), sealed), { size: SIZE.body });
  if (judged.verdict === 'incomplete')
    say(canvas, context, (words) => words.incomplete, { weight: 'bold', colour: COLOUR.seal });
}

function facts(canvas: Canvas, context: Context): void {
  const { judged } = context;
  const { texts, state } = judged;
  const row = (label: (words: RecordWords) => string, value: string, exact = false) => {
    canvas.group('TR', () => {
      canvas.beside(
        () => {
          canvas.text('TH', both(context, label), { colour: COLOUR.soft, width: LABEL - 10, maxLines: 2 });
        },
        () => {
          canvas.text('TD', value, { left: PAGE.left + LABEL, maxLines: 4, exact });
        },
      );
    });
  };
  canvas.group('Table', () => {
    if (texts.title !== null) row((words) => words.name, texts.title);
    if (state === null) return;
    row(
      (words) => words.kind,
      both(context, (words) => words.kinds[state.kind]),
    );
    row(
      (words) => words.status,
      both(context, (words) => words.statuses[state.status]),
    );
    row(
      (words) => words.holder,
      both(context, (words) => keyText(words, state.holder)),
    );
    if (state.kind === 'document' || state.kind === 'contract')
      row((words) => words.document, state.document, true);
    if (state.kind !== 'contract') return;
    const names = partyNames(judged.timeline);
    state.parties.forEach(({ key, answer }, i) => {
      const told = (words: RecordWords) =>
        `${words.party(names[i] ?? words.partyNumber(String(i + 1)), words.answers[answer ?? 'none'])} · ${keyText(words, key)}`;
      row(i === 0 ? (words) => words.parties : () => '', both(context, told));
    });
  });
}

/** As the last terms call them. */
function partyNames(timeline: readonly TimelineEvent[]): readonly (string | undefined)[] {
  const body = timeline.findLast(
    ({ type }) => type === 'contract.propose' || type === 'contract.amend',
  )?.body;
  const parties = body?.['parties'];
  if (!Array.isArray(parties)) return [];
  return (parties as readonly Json[]).map((party) => {
    const name = isObject(party) ? party['name'] : null;
    return typeof name === 'string' ? name : undefined;
  });
}

/** The name and id of a key, and how it is kept. */
function keyText(words: RecordWords, text: string): string {
  const name = splitVerifierKey(text).slice(0, 2).join('+');
  return words.key(name, words.keyKinds[parseEventKey(text).algorithm]);
}

function eventLines(canvas: Canvas, context: Context, event: TimelineEvent): void {
  const { sequence, type, sealedAt, height, signers, automatic, body } = event;
  canvas.group('Sect', () => {
    const name = type === null ? '' : both(context, (words) => words.types[type] ?? type);
    canvas.text('P', `${sequence} ${name}`, { weight: 'bold', maxLines: 2 });
    const style = { left: PAGE.left + 16 };
    if (sealedAt !== null && height !== null) {
      const time = timeText(context, sealedAt);
      say(canvas, context, (words) => words.sealed(time, String(height)), { ...style, colour: COLOUR.soft });
    }
    if (automatic) say(canvas, context, (words) => words.byItself, style);
    else {
      const keys = (words: RecordWords) => signers?.map((key) => keyText(words, key)).join(', ');
      say(canvas, context, (words) => words.signedWith(keys(words) ?? words.notChecked), {
        ...style,
        maxLines: 6,
      });
      if (body === null) say(canvas, context, (words) => words.erased, style);
    }
  });
}

function footer(canvas: Canvas, context: Context, page: string, count: string): void {
  canvas.y = PAGE.height - PAGE.bottom;
  canvas.rule();
  canvas.y += 6;
  canvas.beside(
    () => {
      canvas.text('P', context.judged.record, { ...small, exact: true });
    },
    () => {
      canvas.text(
        'P',
        both(context, (words) => words.page(page, count)),
        { ...small, align: 'right' },
      );
    },
  );
}
