import { toHex } from '../../proof/bytes.js';
import { button, type Child } from '../dom.js';
import { language } from '../language.js';
import { words } from '../messages/verify.js';
import { problemLine } from '../parts/problem-line.js';
import { saveBlob } from '../save-file.js';
import { isPending, type Outcome } from './check.js';
import { isHere } from './facts-view.js';
import type { Directory } from './surroundings.js';

/** Half of the salt, in bytes: see `notarizationId` of the service. */
const SALT_PREFIX_LENGTH = 8;

/** Offers a certificate of what was found good, where the service that makes it can be asked; else nothing. */
export function certificateDownload(
  { statement, judged, lookup, document }: Outcome,
  directory: Directory | null,
): { readonly button: Child; readonly problem: Child } {
  if (directory === null || judged === null || isPending(judged.proof)) return NOTHING;
  if (statement !== 'verified' && statement !== 'holds') return NOTHING;
  // Who gave a certificate has one.
  if (judged.source === 'certificate' || (lookup === null && !isHere(judged))) return NOTHING;
  const { entry, block, details } = judged.proof;
  const id =
    lookup?.checked ??
    `${block.header.firstPosition + block.index}-${toHex(entry.salt.subarray(0, SALT_PREFIX_LENGTH))}`;
  const named = details?.['name'];
  const name = document?.name ?? (typeof named === 'string' ? named : 'document');
  const t = words();
  const problem = problemLine(() => words().certificateProblems);
  const save = async () => {
    press.setAttribute('aria-busy', 'true');
    await problem.during(async () => {
      const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
      saveBlob(`${name}.certificate.pdf`, await directory.certificate(id, language(), timeZone));
    });
    press.removeAttribute('aria-busy');
  };
  const press = button(t.saveCertificate, () => void save());
  return { button: press, problem: problem.element };
}

const NOTHING = { button: null, problem: null };
