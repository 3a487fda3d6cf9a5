import { parseKeyStatements, type ShownStatement } from '../log/key-statements.js';
import { NODE } from '../node-crypto.js';
import {
  formatLogLines,
  formatWitnessLines,
  LogKeys,
  policyOfKeys,
  readKeyStatement,
  sameKey,
  utf8,
  verify,
  type Policy,
  type VerifierKey,
} from '../proof/index.js';

/**
 * Whether whoever believes `kept` may believe `offered`: because it asks for the same witnesses, because some of the log's statements
 * come to just the keys that are kept, and because each statement after those stands in a chain that its own keys vouch for, as far
 * as they were believed before it, and the witnesses. So a key that was given up gets nothing back.
 * @param text the body of `GET /v1/log-keys`
 * @throws {ProofError}
 */
export function vouchesFor(kept: Policy, offered: Policy, text: string): boolean {
  if (formatWitnessLines(kept).join('\n') !== formatWitnessLines(offered).join('\n')) return false;
  const changes = changesOf(text);
  const known = changes.findIndex(({ before }) => sameKeys(before.trusted, kept));
  if (known === -1 || !comeTo(changes, offered)) return false;
  return changes
    .slice(known)
    .every(({ shown, named, before }) =>
      stands(shown, { ...kept, logs: named.filter((key) => isIn(key, before.latest)), retired: [] }),
    );
}

/**
 * Whether `offered` names the keys of a log that `key` is or was a key of, and no others: those before it and after it, each with the
 * size that the chain says. The witnesses are those that the service names itself, and add nothing.
 * @throws {ProofError}
 */
export function isVouchedForBy(key: VerifierKey, offered: Policy, text: string): boolean {
  const changes = changesOf(text);
  if (!comeTo(changes, offered) || !changes.some(({ after }) => after.has(key))) return false;
  return changes.every(({ shown, named, before }) => {
    const logs =
      isIn(key, named) && !before.has(key) ? [key] : named.filter((each) => isIn(each, before.latest));
    return stands(shown, policyOfKeys(logs));
  });
}

/** A statement, and the log's keys before and after it. */
interface Change {
  readonly shown: ShownStatement;
  readonly named: readonly VerifierKey[];
  readonly before: LogKeys;
  readonly after: LogKeys;
}

function changesOf(text: string): Change[] {
  const statements = parseKeyStatements(text);
  const placed = statements.map(({ note, proof }) => ({
    text: note,
    firstSize: proof.block.header.height + 1,
  }));
  const [first = null] = statements[0] === undefined ? [] : readKeyStatement(statements[0].note);
  return statements.map((shown, i) => ({
    shown,
    named: readKeyStatement(shown.note),
    before: LogKeys.of(first, placed.slice(0, i)),
    after: LogKeys.of(first, placed.slice(0, i + 1)),
  }));
}

function comeTo(changes: readonly Change[], offered: Policy): boolean {
  const last = changes.at(-1);
  return last !== undefined && sameKeys(last.after.trusted, offered);
}

function stands({ note, proof }: ShownStatement, policy: Policy): boolean {
  const document = { sha256: proof.document.sha256, size: utf8(note).length };
  return verify({ proof, document, policy, primitives: NODE }).verdict === 'verified';
}

function isIn(key: VerifierKey, keys: readonly VerifierKey[]): boolean {
  return keys.some((each) => sameKey(each, key));
}

function sameKeys(a: Pick<Policy, 'logs' | 'retired'>, b: Pick<Policy, 'logs' | 'retired'>): boolean {
  return formatLogLines(a).join('\n') === formatLogLines(b).join('\n');
}
