import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { parseWitnesses, ProofError, type Witnesses } from '../proof/index.js';

/** Whom this log asks for cosignatures: the text of a policy, or the name of a file that holds one. */
export const WITNESS_SETTINGS = {
  INGAM_WITNESSES: z
    .string()
    .transform((value, context): Witnesses => {
      try {
        // The name of a file has no line feed, and a policy of one line no quorum.
        return parseWitnesses(value.includes('\n') ? value : readFileSync(value, 'utf8'));
      } catch (error) {
        const system = error instanceof Error && 'code' in error && error.code === 'ENOENT';
        if (!system && !(error instanceof ProofError)) throw error;
        context.addIssue(
          system ? `must be the text of a policy or a file that holds one: no such file` : error.message,
        );
        return z.NEVER;
      }
    })
    .nullable()
    .default(null),
};
