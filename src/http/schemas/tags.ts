import { z } from 'zod';
import { line } from './documents.js';
import { Count } from './resources.js';

/** Tags that an organization gives to its notarizations after they were accepted. */

const Tags = z.array(line(100)).min(1).max(64);

export const TagsChange = z
  .strictObject({
    notarizations: z.array(z.string().min(1).max(100)).min(1).max(2000).describe('Ids.'),
    add: Tags.exactOptional(),
    remove: Tags.exactOptional().describe(
      'In upper or lower case. Those in the details were notarized and stay.',
    ),
  })
  .refine(
    ({ add, remove }) => add !== undefined || remove !== undefined,
    'must have "add", "remove", or both',
  );

export const TagsChanged = z.strictObject({
  changed: Count.describe('How many notarizations have other tags now.'),
});
