import { z } from 'zod';
import { Step } from '../schema/resources.js';

/** What a member's node answers about itself. */

const Count = z.int().min(0);
const Time = z.string().describe('RFC 3339, UTC, milliseconds.');
const Hash = z.string().regex(/^[0-9a-f]{64}$/);

export const MemberState = z.strictObject({
  verifierKey: z.string().describe('Key of this node’s cosignatures.'),
  origin: z.string().describe('The log that it follows.'),
  logKey: z.string().describe('The key that this node was told.'),
  logKeys: z.array(z.string()).describe('The keys that sign the log now, by what stands in its blocks.'),
  blocks: Count.describe('Blocks that are here and were found right.'),
  of: Count.nullable().describe('Blocks that the log has shown; null before it has shown any.'),
  entries: Count,
  cosigned: Count.describe('Blocks under the checkpoint that was cosigned last.'),
  problem: z
    .strictObject({ code: z.string(), message: z.string(), since: Time })
    .nullable()
    .describe('Why nothing more is taken in at the moment.'),
  peers: z.array(z.strictObject({ url: z.string(), size: Count.nullable(), problem: z.string().nullable() })),
  evidence: z
    .array(z.strictObject({ digest: Hash, reason: z.string(), foundAt: Time }))
    .describe('What was refused, the latest first; each at /v1/evidence/{digest}.'),
});
export type MemberState = z.infer<typeof MemberState>;

export const MemberVerification = z.strictObject({
  verdict: z.enum(['verified', 'pending', 'invalid', 'untrusted']),
  copy: z
    .enum(['same', 'other', 'unknown'])
    .describe('Whether the block of the proof is the one that stands in this copy of the chain.'),
  steps: z.array(Step),
});
export type MemberVerification = z.infer<typeof MemberVerification>;
