import { z } from 'zod';
import { canonicalJson, utf8, type JsonObject } from '../../proof/index.js';
import { longTextFault, textFault } from '../request/text-rules.js';

export const MAX_NAME_LENGTH = 255;
/** UTF-8 bytes of the canonical JSON. */
export const MAX_DETAILS_BYTES = 16 * 1024;

const line = (max: number) => z.string().min(1).max(max).superRefine(refuse(textFault));

/** What the owner says of a document. Only its salted hash is sealed, so it can be shown, kept back, or erased. */
export const Details = z
  .strictObject({
    name: line(MAX_NAME_LENGTH)
      .refine((name) => !/[/\\]/.test(name), 'must be a file name, without slashes')
      .optional()
      .describe('File name, without a path.'),
    title: line(500).optional(),
    author: line(255).optional(),
    reference: line(255)
      .optional()
      .describe('The owner’s own number for it: of a case, an order, a contract.'),
    note: z.string().min(1).max(8000).superRefine(refuse(longTextFault)).optional(),
    tags: z.array(line(100)).min(1).max(64).optional(),
  })
  .superRefine((details, context) => {
    if (Object.keys(details).length === 0) {
      context.addIssue({ code: 'custom', message: 'must have at least one key, or be left out' });
      return;
    }
    // Issues of the fields come first: half a surrogate pair has no canonical JSON at all.
    if (context.issues.length > 0) return;
    if (utf8(canonicalJson(toJson(details))).length > MAX_DETAILS_BYTES) {
      context.addIssue({ code: 'custom', message: `must have at most ${MAX_DETAILS_BYTES} bytes in all` });
    }
  });

export type Details = z.infer<typeof Details>;

/** Without the keys that are undefined, which JSON does not have. */
export function toJson(details: Details): JsonObject {
  return Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined)) as JsonObject;
}

function refuse(faultOf: (text: string) => string | null) {
  return (text: string, context: z.RefinementCtx<string>): void => {
    const fault = faultOf(text);
    if (fault !== null) context.addIssue({ code: 'custom', message: `must not hold ${fault}` });
  };
}
