import { z } from 'zod';
import { Details } from './documents.js';
import { API_ERRORS, type ApiErrorCode } from './error-codes.js';

/** Responses. /openapi.json and the tests use the same schemas. */

export const Hash = z.string().regex(/^[0-9a-f]{64}$/);
const Base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/);
export const Count = z.int().min(0);
export const Time = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  .describe('RFC 3339, UTC, milliseconds.');

export const BlockPlace = z.strictObject({ height: Count, index: Count.describe('Index within the block.') });

export const CosignedCount = z.strictObject({
  signed: Count.describe('Members that have cosigned a checkpoint over this block.'),
  of: Count.describe('Members of the log.'),
  needed: Count.describe('The smallest number that meets the quorum.'),
});

/** Details as they are kept: those of a time-stamp token that this service gave have fields of their own. */
export const KeptDetails = z.strictObject({
  ...Details.shape,
  imprint: z.string().optional().describe('Of a token: what it is a time-stamp of, such as `sha256:…`.'),
  serial: z.string().optional().describe('Of a token: its serial number in hexadecimal.'),
  policy: z.string().optional().describe('Of a token: its policy, in dotted decimal.'),
});

/** The body of an event of a record, which is the details of its notarization. */
const KeptBody = z.looseObject({ nonce: z.string().regex(/^[0-9a-f]{32}$/) });

export const Notarization = z.strictObject({
  id: z.string(),
  sha256: Hash,
  size: Count.nullable().describe('Bytes; null if only a digest was submitted.'),
  acceptedAt: Time,
  status: z
    .enum(['accepted', 'sealed', 'cosigned', 'anchored'])
    .describe(
      '`cosigned`: a quorum of the members has cosigned it; left out without members. `anchored`: a time source has confirmed it as well, and its proof carries that; never without time sources.',
    ),
  position: Count.describe('Position in the chain, from 0, without gaps.'),
  sealedAt: Time.optional(),
  block: BlockPlace.optional(),
  cosigned: CosignedCount.optional().describe('Cosignatures of the log’s members; absent if it has none.'),
  entry: Base64.describe('The 114 bytes that the receipt and the block commit to.'),
  details: z.union([KeptDetails, KeptBody]).optional(),
  published: z
    .boolean()
    .optional()
    .describe('Whether everyone can see the details; only shown to the organization.'),
  addedTags: z
    .array(z.string())
    .optional()
    .describe(
      'Tags that the organization has given since, which are not notarized; only shown to the organization.',
    ),
  held: z
    .boolean()
    .optional()
    .describe('Whether a legal hold keeps it from being erased; shown to owners and auditors.'),
  kept: z
    .literal(true)
    .optional()
    .describe('The vault keeps the document (`GET …/document`); only shown to the organization.'),
  submittedBy: z
    .string()
    .optional()
    .describe(
      '`key:<id>`, `person:<id>`, `request:<id>` for whoever answered a request to sign by its link, `service:tsa` for time-stamps of clients without a key, or `service:recovery` for what was taken back from its proof after a loss (docs/recovery.md); only shown to the organization.',
    ),
  links: z.strictObject({
    self: z.string(),
    proof: z.string(),
    events: z.string(),
    block: z.string().optional(),
  }),
});
export type Notarization = z.infer<typeof Notarization>;

export const Register = z.strictObject({
  notarizations: z.array(Notarization).describe('In the order that was asked for.'),
  total: Count.exactOptional().describe('How many match, with `count=true`.'),
  next: z
    .string()
    .nullable()
    .describe('`cursor` for the next page; null: this is the last page, or the order has no cursor.'),
});

export type Register = z.infer<typeof Register>;

export const Receipt = z
  .strictObject({
    note: z
      .string()
      .describe('A signed note that promises to seal a group of entries, to which these belong.'),
    index: Count.describe('Place of the first of these entries in the group.'),
    path: z
      .array(Base64)
      .describe('Leads from these entries to the root in the note; of a single entry, its inclusion path.'),
  })
  .describe('docs/proof-format.md, "Receipts".');
export type Receipt = z.infer<typeof Receipt>;

export const Accepted = z.strictObject({
  notarizations: z.array(Notarization).min(1),
  receipt: Receipt.optional().describe(
    'Absent when a repeated request finds its documents sealed: their proofs have taken its place.',
  ),
});
export type Accepted = z.infer<typeof Accepted>;

const FieldErrors = z.array(z.strictObject({ path: z.string(), message: z.string() }));

export const Problem = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.enum(Object.keys(API_ERRORS) as [ApiErrorCode, ...ApiErrorCode[]]),
    detail: z.string(),
    requestId: z.string(),
    errors: FieldErrors.optional(),
    current: z
      .strictObject({ sequence: Count, value: Hash })
      .optional()
      .describe(
        'Of the record that refuses an event: its last sequence, and the value before of its next event.',
      ),
  })
  .describe('RFC 9457');

/** A line that was not accepted. */
export const ResultError = z.strictObject({ line: z.int().min(1), error: Problem });

export const ResultLine = z
  .union([
    z.strictObject({
      line: z.int().min(1),
      id: z.string(),
      sha256: Hash,
      size: Count.nullable(),
      acceptedAt: Time,
      status: z.literal('accepted'),
      position: Count,
      entry: Base64,
      receipt: Receipt.optional().describe(
        'On the last accepted line of a chunk: the receipt for all accepted lines of the chunk. Absent when a repeated request finds them sealed.',
      ),
    }),
    ResultError,
  ])
  .describe('One for each line of the request, in the same order.');

export const Step = z.strictObject({
  number: z.int().min(1),
  name: z.string(),
  outcome: z.enum(['passed', 'failed', 'skipped']),
  code: z.string().nullable().describe('Why the step failed.'),
  message: z.string(),
  expected: z.string().optional(),
  computed: z.string().optional(),
});

export const TimeReport = z
  .strictObject({
    notBefore: Time.nullable().describe('The block was made after this.'),
    notAfter: Time.nullable().describe('The block existed by this.'),
    sources: z.array(z.string()).describe('The independent sources that `notAfter` rests on.'),
    of: Count.describe('How many independent sources this service names.'),
    conflict: z
      .enum(['sources', 'sealed_too_early', 'sealed_too_late'])
      .nullable()
      .describe('Times that cannot all be true.'),
    anchors: z.array(
      z.strictObject({
        index: Count.describe('The place of the anchor in the proof.'),
        type: z.string(),
        counts: z.boolean(),
        source: z.string().optional(),
        notBefore: Time.optional(),
        notAfter: Time.optional(),
        notRevokedAsOf: Time.optional().describe(
          'As of when revocation lists show that the certificates of its source were not revoked. Absent: there are none.',
        ),
        fault: z.string().optional().describe('Why it does not count.'),
        message: z.string().optional(),
      }),
    ),
  })
  .describe(
    'What anchors show of the time of registration, never of the document’s creation. Absent: the proof is pending, or there is none.',
  );

export const Verification = z.strictObject({
  verdict: z.enum(['verified', 'pending', 'unknown', 'invalid', 'untrusted']),
  sha256: Hash,
  steps: z.array(Step),
  time: TimeReport.optional(),
  notarizations: z
    .array(Notarization)
    .describe('This document’s notarizations by this service, earliest first.'),
  more: z.boolean().describe('Whether there are more than these.'),
});
export type Verification = z.infer<typeof Verification>;

export const Block = z.strictObject({
  height: Count,
  hash: Hash,
  previousHash: Hash,
  merkleRoot: Hash,
  state: Hash.describe('SHA-256 of what the block states besides its entries; zeros when it states nothing.'),
  firstPosition: Count,
  entryCount: z.int().min(1),
  sealedAt: Time,
  difficulty: Count,
  nonce: z
    .string()
    .regex(/^(0|[1-9][0-9]*)$/)
    .describe('A 64-bit number in decimal.'),
  header: Base64.describe('The 134 bytes whose SHA-256 is the hash.'),
  links: z.strictObject({ self: z.string(), header: z.string(), previous: z.string().optional() }),
});
export type Block = z.infer<typeof Block>;

export const Blocks = z.strictObject({
  blocks: z.array(Block).describe('Highest first.'),
  links: z.strictObject({ next: z.string().optional() }),
});

export const Chain = z.strictObject({
  origin: z.string(),
  verifierKey: z.string(),
  receiptKeys: z.array(z.string()).describe('The keys that sign receipts, one for each algorithm.'),
  height: Count.nullable().describe('Height of the last block; null if there is none.'),
  size: Count.describe('Entries in blocks.'),
  nextPosition: Count.describe('Entries accepted.'),
  difficulty: Count.nullable(),
  checkpoint: z.string().nullable(),
  policy: z.string().describe('Trust policy for verifiers (C2SP tlog-policy).'),
  logKeys: z
    .array(
      z.strictObject({
        verifierKey: z.string(),
        from: Count.describe('Size of the first checkpoint that the key signs.'),
        until: Count.nullable().describe('Size of the last one; null while the key is in use.'),
      }),
    )
    .optional()
    .describe('All keys that have signed the log, oldest first; absent if there was only one.'),
  cosigned: Count.optional().describe(
    'Size of the last checkpoint that a quorum has cosigned; absent if the log has no members.',
  ),
  members: z
    .array(z.strictObject({ name: z.string(), verifierKey: z.string(), size: Count }))
    .optional()
    .describe('The members that cosign, and how many blocks each has cosigned.'),
});

export type Chain = z.infer<typeof Chain>;

export const Readiness = z.strictObject({
  ready: z.boolean(),
  leading: z.boolean(),
  lagMs: Count.nullable(),
  durability: z
    .enum(['replicated', 'local'])
    .nullable()
    .describe(
      'Where the database has a document when it is acknowledged: also on a synchronous standby, or on its own disk only. null: not known yet, or a node of a member.',
    ),
  problems: z.array(
    z.strictObject({
      code: z.string(),
      message: z.string(),
      until: Time.optional().describe('When it will have ended by itself, if that is known.'),
    }),
  ),
  warnings: z
    .array(z.strictObject({ code: z.string(), message: z.string() }))
    .describe('What an operator should look into, and what does not make the service unready.'),
});
export type Readiness = z.infer<typeof Readiness>;

export const Health = z.strictObject({ status: z.literal('ok') });

/** A proof file, specified in docs/proof-format.md. */
export const ProofFileJson = z.looseObject({ format: z.literal('ingam-proof-v1') });
export const PendingProofJson = z.looseObject({ format: z.literal('ingam-pending-v1') });

/** A state statement, specified in docs/proof-format-time.md. */
export const StateStatementJson = z.looseObject({ format: z.literal('ingam-state-v1') });
export const States = z.strictObject({ statements: z.array(z.string().nullable()) });

/** Key statements, specified in docs/proof-format.md. */
export const KeyStatements = z.strictObject({
  statements: z.array(z.strictObject({ note: z.string(), proof: ProofFileJson })),
});
