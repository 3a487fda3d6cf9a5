import { LANGUAGES } from '../messages/language.js';
import {
  formatLogLines,
  formatTimeLines,
  formatWitnessLines,
  printable,
  printableJson,
  sha256 as portableSha256,
  toHex,
  utf8,
  type DocumentFacts,
  type Policy,
  type Sha256,
} from '../proof/index.js';
import { Claims, type Claim } from './claim.js';
import { declarations } from './declarations.js';
import { Files, type PackFile } from './files.js';
import { safeName } from './names.js';
import { addProof, type PackedProof } from './proof-claims.js';
import { readme, type PackFacts } from './readme.js';
import { quote } from './shell.js';
import { NOT_SHOWN, timeSentence } from './summary.js';

/** In bytes: a longer document is not copied into a pack. */
export const MAX_PACKED_DOCUMENT = 256 * 1024 * 1024;

export interface PackInput {
  /** At least one, all judged with `document`. */
  readonly proofs: readonly PackedProof[];
  readonly document: {
    readonly facts: DocumentFacts;
    readonly name: string;
    /** null: the document stays out of the pack. */
    readonly bytes: Uint8Array | null;
  };
  /** With which the proofs were judged; null: nobody was trusted. */
  readonly policy: Policy | null;
  /** The verifier in one file, HTML. */
  readonly verifier: Uint8Array;
  readonly sha256?: Sha256;
}

const CLAIMS_FORMAT = 'ingam-evidence-claims-v1';

/**
 * The files of an evidence pack (docs/evidence-pack.md), by their paths. The same input gives the same files:
 * nothing depends on the clock.
 */
export function buildPack({
  proofs,
  document,
  policy,
  verifier,
  sha256 = portableSha256,
}: PackInput): PackFile[] {
  const files = new Files();
  const path =
    document.bytes === null ? null : files.add(`document/${safeName(document.name)}`, document.bytes);
  const packed = {
    facts: document.facts,
    file: path === null || document.bytes === null ? null : { path, bytes: document.bytes },
  };
  if (policy !== null) files.add('policy.txt', utf8(policyText(policy)));
  files.add('verify.html', verifier);
  const claims: Claim[] = [];
  for (const [i, judged] of proofs.entries()) {
    const own = new Claims(files, `proof-${i + 1}`);
    addProof(own, judged, packed, policy);
    claims.push(...own.list);
  }
  const facts: PackFacts = { proofs, policy, document: path, claims };
  for (const [name, text] of declarations(facts)) files.add(name, utf8(text));
  for (const language of LANGUAGES) {
    const name = language === 'en' ? 'README.md' : `README.${language}.md`;
    files.add(name, utf8(readme(facts, language)));
  }
  files.add('claims.json', utf8(claimsJson(facts)));
  files.add('check.sh', utf8(checkScript(claims)));
  files.add('SHA256SUMS', utf8(sums(files, path, document.facts, sha256)));
  return files.sorted;
}

function policyText(policy: Policy): string {
  return [
    '# Compare each key with the one that its owner gives you in another way.',
    ...formatLogLines(policy),
    ...formatTimeLines(policy.time),
    ...formatWitnessLines(policy),
    '',
  ].join('\n');
}

function claimsJson({ proofs, claims }: PackFacts): string {
  const value = {
    format: CLAIMS_FORMAT,
    verified: proofs.every(({ verification }) => verification.verdict === 'verified'),
    proofs: proofs.map((judged, i) => ({
      folder: `proof-${i + 1}`,
      verdict: judged.verification.verdict,
      failed: judged.verification.steps
        .filter(({ outcome }) => outcome === 'failed')
        .map(({ number, name, code, message }) => ({ step: number, name, code, message })),
      time: timeSentence(judged),
    })),
    claims,
    notShown: NOT_SHOWN,
  };
  return `${printableJson(JSON.stringify(value, null, 2))}\n`;
}

/** Runs all commands and says what holds. */
function checkScript(claims: readonly Claim[]): string {
  return `#!/bin/sh
# Checks this evidence pack: needs coreutils, diffutils, grep, sed and OpenSSL 3.
cd "$(dirname "$0")" || exit 2
LC_ALL=C.UTF-8
export LC_ALL
failed=0
check() {
  if sh -c "$3" >/dev/null 2>&1; then result=holds; else result='DOES NOT HOLD'; failed=1; fi
  printf '%s\\n' "$result  $1: $2"
}
sha256sum -c --quiet SHA256SUMS || failed=1
${claims
  .map(({ id, claim, command, verdict }) =>
    command === null
      ? `printf '%s\\n' ${quote(`no command (${verdict})  ${id}: ${printable(claim.en)}`)}\n`
      : `check ${quote(id)} ${quote(printable(claim.en))} ${quote(command)}\n`,
  )
  .join('')}exit $failed
`;
}

/** For `sha256sum -c`. The document has been hashed before. */
function sums(files: Files, document: string | null, facts: DocumentFacts, sha256: Sha256): string {
  return files.sorted
    .map(({ path, bytes }) => `${toHex(path === document ? facts.sha256 : sha256(bytes))}  ${path}\n`)
    .join('');
}
