import { z } from 'zod';
import { decimal } from './documents.js';
import { RecordId } from './records.js';
import { Hash } from './resources.js';

export const MapQuery = z.strictObject({
  at: decimal(0, Number.MAX_SAFE_INTEGER)
    .optional()
    .describe('Height of the block. Without it, the latest that the published checkpoint covers.'),
});

const Base64 = z.string().regex(/^[A-Za-z0-9+/]+={0,2}$/);

export const MapProof = z.strictObject({
  record: RecordId,
  height: z.int().min(0).describe('Of the block after which the map was so.'),
  statement: z
    .string()
    .nullable()
    .describe('The state statement of the block. null: it has none, so the map is empty.'),
  path: z
    .strictObject({
      siblings: z
        .array(Base64)
        .describe('Hashes beside the way to the place of the record, the deepest first.'),
      leaf: z
        .strictObject({ key: Hash, value: Hash })
        .nullable()
        .describe('What is at that place. Another key, or null: there is no such record.'),
    })
    .describe('To the root in the statement.'),
  header: Base64.describe('Of the block.'),
  headerPath: z.array(Base64).describe('From the header to the root of the checkpoint.'),
  checkpoint: z.string(),
});
export type MapProof = z.infer<typeof MapProof>;
