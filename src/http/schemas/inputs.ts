import { z } from 'zod';
import { textFault } from './documents.js';

/** Values that requests about organizations, people and passkeys share. */

export const Secret = z.string().min(1).max(4096);
export const Id = z.string().min(1).max(100);

/** One line. */
export const Name = z
  .string()
  .min(1)
  .max(200)
  .superRefine((text, context) => {
    const fault = textFault(text);
    if (fault !== null) context.addIssue({ code: 'custom', message: `must not contain ${fault}` });
  });

export const Cookies = z
  .boolean()
  .exactOptional()
  .describe('true: sets the tokens as cookies, for pages of this service, and omits them from the response.');
