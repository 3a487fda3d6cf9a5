import { z } from 'zod';
import { decimal, longTextFault, RegisterQuery } from './documents.js';
import { Count, Hash, Time } from './resources.js';

/** Requests and responses about erasures and legal holds. */

const Reason = z
  .string()
  .min(1)
  .max(2000)
  .superRefine((text, context) => {
    const fault = longTextFault(text);
    if (fault !== null) context.addIssue({ code: 'custom', message: `must not contain ${fault}` });
  });

export const Erasure = z.strictObject({
  position: Count.describe('Position of the erased notarization in the chain.'),
  leafHash: Hash.describe('Of its entry, which its block still commits to: whoever has a proof can compare.'),
  erasedAt: Time,
  certificate: z
    .string()
    .describe(
      'The signed note that certifies the erasure. Keep it as a file, byte for byte: docs/erasure.md.',
    ),
  sha256: Hash.describe('Of the certificate, which is notarized as a document.'),
  notarization: z
    .string()
    .nullable()
    .describe('Id of the notarization of the certificate; null: not notarized yet. Ask again in a minute.'),
});
export type Erasure = z.infer<typeof Erasure>;

export const ErasedNotarization = Erasure.extend({ erasedBy: z.string().describe('Id of the person.') });
export type ErasedNotarization = z.infer<typeof ErasedNotarization>;

export const Erasures = z.strictObject({
  erasures: z.array(ErasedNotarization).describe('Latest first.'),
  next: z.string().nullable().describe('`cursor` for the next page; null: this is the last page.'),
});

export const ErasuresQuery = z.strictObject({
  limit: decimal(1, 1000).exactOptional().describe('Page size; default 50.'),
  cursor: decimal(0, Number.MAX_SAFE_INTEGER).exactOptional().describe('`next` of the previous page.'),
});

const { q, tag, sha256, from, to } = RegisterQuery.shape;

export const NewHold = z
  .strictObject({
    reason: Reason.describe(
      'Why, such as a case number. It is kept for good, also after the hold is lifted.',
    ),
    notarizations: z
      .array(z.string().min(1).max(100))
      .min(1)
      .max(2000)
      .exactOptional()
      .describe('Ids of the notarizations.'),
    search: z
      .strictObject({ q, tag, sha256, from, to })
      .refine((search) => Object.keys(search).length > 0, 'must have at least one condition')
      .exactOptional()
      .describe('Every notarization in the register that matches now; not those that are made later.'),
  })
  .refine(
    ({ notarizations, search }) => (notarizations === undefined) !== (search === undefined),
    'must have either "notarizations" or "search"',
  );

export const LiftRequest = z.strictObject({ reason: Reason.describe('Why the hold is no longer needed.') });

export const Hold = z.strictObject({
  id: z.string(),
  reason: z.string(),
  status: z
    .enum(['in_force', 'lift_requested', 'lifted'])
    .describe('`lift_requested`: in force until another owner approves.'),
  placedAt: Time,
  placedBy: z.string().describe('Id of the person, as in the others.'),
  liftRequest: z.strictObject({ at: Time, by: z.string(), reason: z.string() }).optional(),
  lifted: z.strictObject({ at: Time, by: z.string() }).optional(),
  notarizations: Count.describe('How many notarizations it keeps.'),
});
export type Hold = z.infer<typeof Hold>;

export const Holds = z.strictObject({
  holds: z.array(Hold).describe('Latest first.'),
  names: z.record(z.string(), z.string()).describe('Of the people in the holds, by id.'),
  next: z.string().nullable().describe('`cursor` for the next page; null: this is the last page.'),
});

export const HoldsQuery = z.strictObject({
  status: z
    .enum(['in_force', 'lifted'])
    .exactOptional()
    .describe('`in_force` includes those whose lifting is requested.'),
  notarization: z
    .string()
    .min(1)
    .max(100)
    .exactOptional()
    .describe('Only holds that keep the one with this id.'),
  limit: decimal(1, 1000).exactOptional().describe('Page size; default 50.'),
  cursor: z.string().min(1).max(100).exactOptional().describe('`next` of the previous page.'),
});

export const HeldNotarizations = z.strictObject({
  notarizations: z.array(
    z.strictObject({
      position: Count,
      id: z.string().nullable().describe('null: erased after the hold was lifted.'),
    }),
  ),
  next: z.string().nullable().describe('`cursor` for the next page; null: this is the last page.'),
});

export const HeldQuery = z.strictObject({
  limit: decimal(1, 1000).exactOptional().describe('Page size; default 50.'),
  cursor: decimal(0, Number.MAX_SAFE_INTEGER).exactOptional().describe('`next` of the previous page.'),
});
