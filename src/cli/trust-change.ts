import { parseKeyStatements } from '../log/key-statements.js';
import { NODE } from '../node-crypto.js';
import {
  formatLogLines,
  formatWitnessLines,
  LogKeys,
  readKeyStatement,
  sameKey,
  utf8,
  verify,
  type Policy,
  type VerifierKey,
} from '../proof/index.js';

/**
 * Whether whoever believes `kept` may believe `offered`: because it asks for the same witnesses, and because every key that it
 * believes beside those that are kept stands in a statement of the log, which the kept policy itself believes.
 * @param text the body of `GET /v1/log-keys`
 * @throws {ProofError}
 */
export function vouchesFor(kept: Policy, offered: Policy, text: string): boolean {
  if (formatWitnessLines(kept).join('\n') !== formatWitnessLines(offered).join('\n')) return false;
  const statements = parseKeyStatements(text);
  const keys = LogKeys.of(
    null,
    statements.map(({ note, proof }) => ({ text: note, firstSize: proof.block.header.height + 1 })),
  );
  if (formatLogLines(keys.trusted).join('\n') !== formatLogLines(offered).join('\n')) return false;
  const known: VerifierKey[] = [...kept.logs, ...kept.retired.map(({ key }) => key)];
  let signing = kept.logs;
  for (const { note, proof } of statements) {
    const named = readKeyStatement(note);
    if (named.every((key) => known.some((each) => sameKey(each, key)))) continue;
    const document = { sha256: proof.document.sha256, size: utf8(note).length };
    const policy = { ...kept, logs: signing };
    if (verify({ proof, document, policy, primitives: NODE }).verdict !== 'verified') return false;
    known.push(...named);
    signing = named;
  }
  return statements.length > 0;
}
