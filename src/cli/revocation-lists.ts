import { resolve } from 'node:path';
import { Failure, usageError } from './failure.js';
import { malformed, readHead } from './files.js';
import type { Io } from './io.js';
import { renewalMessages } from './messages/renewal.js';

/** Revocation lists that the verifier has, beside those in proofs and time-stamps. */
export const CRL_OPTION = {
  crl: {
    type: 'string',
    value: 'FILE',
    multiple: true,
    help: {
      en: 'revocation list (CRL) of a time source, in DER or PEM; can be\nrepeated',
      ko: '시각 출처의 폐지 목록(CRL), DER 또는 PEM\n여러 번 쓸 수 있습니다',
    },
  },
} as const;

/** Less than what is looked at for one token, so that those in proofs are, too. */
const MAX_CRLS = 16;

/** @throws {Failure} usage, unreadable, malformed */
export async function readLists(files: readonly string[] | undefined, io: Io): Promise<Uint8Array[]> {
  if (files === undefined) return [];
  const lists: Uint8Array[] = [];
  for (const shown of files) lists.push(...(await readFrom(shown, io)));
  if (lists.length > MAX_CRLS) throw usageError(renewalMessages().tooManyLists(MAX_CRLS, lists.length));
  return lists;
}

async function readFrom(shown: string, io: Io): Promise<Uint8Array[]> {
  // Loaded only when needed: it takes longer to load than everything else.
  const { listsOfFile, MAX_CRL } = await import('../proof/time/crl.js');
  const { DerError } = await import('../proof/time/der.js');
  // PEM takes a third more than DER.
  const bytes = await readHead(resolve(io.cwd, shown), shown, 2 * MAX_CRL);
  try {
    return listsOfFile(bytes);
  } catch (error) {
    if (!(error instanceof DerError)) throw malformed(error, shown, 'revocation list');
    throw new Failure('malformed', renewalMessages().badList(shown, error.message), {
      code: error.code,
      hint: renewalMessages().downloadList,
      cause: error,
    });
  }
}
