import { z } from 'zod';
import {
  canonicalJson,
  digestDigits,
  isObject,
  type Json,
  type JsonObject,
  TYPED_DIGEST,
  TYPED_DIGEST_PREFIX,
  utf8,
} from '../../proof/index.js';

const MAX_NAME_LENGTH = 255;
/** UTF-8 bytes of the canonical JSON. */
export const MAX_DETAILS_BYTES = 16 * 1024;

export const line = (max: number) => z.string().min(1).max(max).superRefine(refuse(textFault));

export const FileName = z
  .string()
  .superRefine((name, context) => {
    const fault = fileNameFault(name);
    if (fault !== null) context.addIssue({ code: 'custom', message: fault });
  })
  .meta({ minLength: 1, maxLength: MAX_NAME_LENGTH });

/** Details of a document. Only their salted hash is sealed, so they can be shown, kept private, or erased. */
export const Details = z
  .strictObject({
    name: FileName.optional().describe('File name, without a path.'),
    title: line(500).optional(),
    author: line(255).optional(),
    reference: line(255)
      .optional()
      .describe('A reference of the owner, such as a case, order or contract number.'),
    note: z.string().min(1).max(8000).superRefine(refuse(longTextFault)).optional(),
    tags: z.array(line(100)).min(1).max(64).optional(),
  })
  .superRefine((details, context) => {
    if (Object.keys(details).length === 0) {
      context.addIssue({ code: 'custom', message: 'must have at least one key, or be absent' });
      return;
    }
    // Issues of the fields come first: half a surrogate pair has no canonical JSON at all.
    if (context.issues.length > 0 || areShort(details)) return;
    if (utf8(canonicalJson(toJson(details))).length > MAX_DETAILS_BYTES) {
      context.addIssue({ code: 'custom', message: `must have at most ${MAX_DETAILS_BYTES} bytes in total` });
    }
  });

export type Details = z.infer<typeof Details>;

/** Keys, quotes, commas and brackets. */
const FRAME_BYTES = 512;

/**
 * Whether they are certainly within the limit, which saves most details their canonical form: no character
 * that they may contain takes more than three bytes.
 */
function areShort(details: Readonly<Record<string, string | string[] | undefined>>): boolean {
  const texts = Object.values(details).flat();
  const length = texts.reduce((sum, text) => sum + (text?.length ?? 0), 0);
  return FRAME_BYTES + 3 * length <= MAX_DETAILS_BYTES;
}

/** Without undefined keys, which JSON does not have. */
export function toJson(details: Details): JsonObject {
  return Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined)) as JsonObject;
}

function refuse(faultOf: (text: string) => string | null) {
  return (text: string, context: z.RefinementCtx<string>): void => {
    const fault = faultOf(text);
    if (fault !== null) context.addIssue({ code: 'custom', message: `must not contain ${fault}` });
  };
}

/** Request bodies and queries. The same schemas validate requests and describe them in /openapi.json. */

export const MAX_DOCUMENTS = 10_000;

export const Sha256 = z
  .string()
  .regex(TYPED_DIGEST, 'must be 64 hexadecimal digits (32 bytes)')
  .overwrite(digestDigits)
  .describe(
    'SHA-256 of the document in hexadecimal. Upper case, white space between digits and `sha256:` in front are accepted; responses have 64 lower-case digits.',
  );

const Size = z.int().min(0).describe('Length of the document in bytes.');

export const DocumentInput = z.strictObject({
  sha256: Sha256,
  size: Size.optional(),
  details: Details.optional(),
});
export type DocumentInput = z.infer<typeof DocumentInput>;

export const DocumentsInput = z.strictObject({
  documents: z.array(DocumentInput).min(1).max(MAX_DOCUMENTS),
});

/** The same, with the documents still to be checked. */
export const DocumentsFrame = z.strictObject({
  documents: z.array(z.unknown()).min(1).max(MAX_DOCUMENTS),
});

/** Details of an uploaded file, whose part has a file name of its own. */
export const UploadDetails = z
  .strictObject({
    ...Details.shape,
    name: FileName.nullable()
      .optional()
      .describe('File name, without a path. Default: the file name of the part. null: none.'),
  })
  .refine((details) => Object.keys(details).length > 0, 'must have at least one key, or be absent');
export type UploadDetails = z.infer<typeof UploadDetails>;

/** The limits of multipart requests. */
export const MULTIPART_LIMITS = { files: 1000, fields: 10, fieldBytes: 1024 * 1024 } as const;

/** Describes multipart requests, whose fields are read one by one. */
export const MultipartInput = z.strictObject({
  file: z
    .array(z.string().meta({ format: 'binary' }))
    .min(1)
    .max(MULTIPART_LIMITS.files),
  details: z
    .union([UploadDetails, z.array(UploadDetails.nullable())])
    .optional()
    .describe(
      'JSON: one object for all files, or an array with one object or null for each file, in the same order. A file without a "name" here is named by its part; with "name": null, it has no name. At most 1 MiB.',
    ),
});

export const VerifyMultipartInput = z.strictObject({
  file: z.string().meta({ format: 'binary' }).optional().describe('The document.'),
  proof: z
    .string()
    .meta({ format: 'binary' })
    .optional()
    .describe('The proof file, or a certificate that carries it.'),
});

/** Any object, as it is: a copy of zod's would lose a member named __proto__, and pass for another object. */
export const AnyObject = z
  .unknown()
  .refine((json) => isObject(json as Json), 'must be an object')
  .meta({ type: 'object' }) as z.ZodType<JsonObject>;

/** Any object, or the text of the file: the parser in proof/ checks its form. */
const ProofInput = z.union([z.string(), AnyObject]);

export const VerifyInput = z
  .strictObject({
    sha256: Sha256.optional(),
    size: Size.optional().describe('Length of the document in bytes, checked if present.'),
    proof: ProofInput.optional().describe('A proof file: its JSON, or its text as a string.'),
  })
  .refine(
    ({ sha256, proof }) => sha256 !== undefined || proof !== undefined,
    'must have "sha256", "proof", or both',
  )
  .refine(({ sha256, size }) => size === undefined || sha256 !== undefined, '"size" needs "sha256"');

export const decimal = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^(0|[1-9][0-9]{0,15})$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(minimum).max(maximum))
    .meta({ type: 'integer', minimum, maximum });

export const NotarizeQuery = z.strictObject({
  wait: z
    .literal('sealed')
    .optional()
    .describe('Respond when the documents are sealed, or after the time that `Prefer: wait` allows.'),
});
export const UploadQuery = NotarizeQuery.extend({
  vault: z
    .literal('keep')
    .optional()
    .describe(
      'Keep the bytes of the documents, encrypted, until the notarizations are erased. Only for organizations, and if the service has a vault; without it, `no_vault`, and nothing is notarized.',
    ),
});
export const RawNotarizeQuery = UploadQuery.extend({
  name: z.string().min(1).optional().describe('File name of a document that is the body itself.'),
});
export const ProofQuery = z.strictObject({
  disclose: z
    .enum(['none', 'all'])
    .optional()
    .describe(
      '`none`: without details, as everyone may have it. `all`: with details and the organization, or an error. Default: with the details if the caller may see them.',
    ),
});
const certificateWords = {
  lang: z
    .enum(['en', 'ko', 'ko-en'])
    .optional()
    .describe(
      'The language; by default from Accept-Language. `ko-en`: Korean and English on one sheet, followed by the explanations in each.',
    ),
  tz: z
    .string()
    .regex(/^[A-Za-z0-9_+/-]{0,64}$/, 'must be the name of a time zone')
    .default('UTC')
    .describe('IANA time zone for times beside UTC, such as Asia/Seoul.'),
};

export const CertificateQuery = ProofQuery.extend({
  ...certificateWords,
  name: FileName.optional().describe(
    'Name of the document, for a proof that discloses none. The certificate says that the person who requested it gave this name. It is not kept.',
  ),
});

export const RecordCertificateQuery = z.strictObject(certificateWords);

export const BlocksQuery = z.strictObject({
  before: decimal(0, Number.MAX_SAFE_INTEGER).optional().describe('Only blocks below this height.'),
  limit: decimal(1, 100).default(20).describe('How many blocks, highest first.'),
});

export const StatesQuery = z.strictObject({
  first: decimal(0, Number.MAX_SAFE_INTEGER - 256).describe('Height of the first block.'),
  count: decimal(1, 256).describe('How many blocks.'),
});

/** RFC 3339, or a date, which stands for its first moment in UTC. As milliseconds since the Unix epoch. */
export const Moment = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], {
    error: 'must be an RFC 3339 time (2026-01-31T12:00:00Z) or a date',
  })
  .transform((text) => Date.parse(text));

/** The most matches that are counted, left out before a page, or put in the order of a text: bounds the cost of a request. */
export const MAX_COUNTED = 20_000;
export const RegisterQuery = z.strictObject({
  q: z
    .string()
    .min(1)
    .max(500)
    .exactOptional()
    .describe(
      'Words or parts of words, of at least three letters, or beginnings of words in name, title, author, reference, note or tags; all must match.',
    ),
  sha256: z
    .string()
    .regex(TYPED_DIGEST_PREFIX, 'must be 8 to 64 hexadecimal digits')
    .overwrite(digestDigits)
    .exactOptional()
    .describe('The beginning of the digest.'),
  from: Moment.exactOptional().describe('Accepted at or after this time.'),
  to: Moment.exactOptional().describe('Accepted before this time.'),
  tag: z.string().min(1).max(100).exactOptional().describe('A complete tag, in upper or lower case.'),
  status: z
    .enum(['accepted', 'sealed', 'anchored'])
    .exactOptional()
    .describe('`sealed` includes cosigned and anchored notarizations.'),
  submittedBy: z
    .string()
    .regex(/^[a-z]+:.{1,300}$/u, 'must be key:<id> or person:<id>')
    // Not in the pattern, which other languages read in the description.
    .refine((text) => !/\p{C}/u.test(text), 'must not contain control characters')
    .exactOptional()
    .describe('Who submitted it, as in the answers: `key:<id>` or `person:<id>`.'),
  hold: z
    .string()
    .regex(/^[a-z0-9_]{1,50}$/, 'must be the id of a hold, or any')
    .exactOptional()
    .describe(
      'Only what the legal hold with this id keeps, or, with `any`, what a hold that is in force keeps. For owners and auditors.',
    ),
  order: z
    .enum(['newest', 'oldest', 'name', 'name-reversed', 'reference', 'reference-reversed'])
    .exactOptional()
    .describe(
      `By time of acceptance (\`newest\`, the default, and \`oldest\`), or by a text of the details, those without it last; the title takes the place of a missing name. By a text, at most ${MAX_COUNTED.toLocaleString('en')} matches can be ordered, and the pages have no cursor: use \`skip\`.`,
    ),
  limit: decimal(1, 1000).exactOptional().describe('Page size; default 50.'),
  skip: decimal(0, MAX_COUNTED)
    .exactOptional()
    .describe('Matches to leave out before the page, to jump to any page; without `cursor`.'),
  count: z
    .enum(['true'])
    .exactOptional()
    .describe(
      `\`true\`: the response has \`total\`, counted to at most ${MAX_COUNTED.toLocaleString('en')}.`,
    ),
  cursor: decimal(0, Number.MAX_SAFE_INTEGER)
    .exactOptional()
    .describe('`next` of the previous page, with the same order.'),
  format: z
    .enum(['json', 'csv'])
    .default('json')
    .describe('`csv`: all matches, for spreadsheets; without `limit` and `cursor`.'),
});
export type RegisterQuery = z.infer<typeof RegisterQuery>;
export const NotarizationChange = z.strictObject({
  published: z.boolean().describe('Whether everyone can see the details.'),
});
export const NoQuery = z.strictObject({});
export const Height = decimal(0, Number.MAX_SAFE_INTEGER).meta({ examples: [0] });

/**
 * Characters that names and titles must not contain, because they make a text look like another one or break
 * logs, headers and terminals: control characters, marks that change the direction of writing (the file
 * "gpj.exe" is shown as "exe.jpg"), and halves of surrogate pairs, which have no UTF-8 form to hash.
 */
const FORBIDDEN: readonly (readonly [RegExp, string])[] = [
  [/[\u0000-\u001f\u007f-\u009f]/u, 'a control character'],
  [/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u, 'a mark that changes the direction of writing'],
  [/[\u2028\u2029]/u, 'a line separator'],
  [/\p{Surrogate}/u, 'half of a surrogate pair'],
];

/** What is wrong with a file name, as a predicate, or null. */
export function fileNameFault(name: string): string | null {
  const fault = textFault(name);
  if (fault !== null) return `must not contain ${fault}`;
  if (/[/\\]/.test(name)) return 'must be without a path: no slash or backslash';
  if (name === '' || name === '.' || name === '..') return 'must name a file';
  return name.length > MAX_NAME_LENGTH ? `must have at most ${MAX_NAME_LENGTH} characters` : null;
}

/** What is wrong with a one-line text, or null. */
export function textFault(text: string): string | null {
  return FORBIDDEN.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}

/** The same for a text of several lines, which may contain line feeds and tabs. */
export function longTextFault(text: string): string | null {
  return textFault(text.replaceAll(/[\n\t]/g, ' '));
}
