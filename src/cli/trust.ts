import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { NODE } from '../crypto/primitives.js';
import { parseKeyStatements, type ShownStatement } from '../log/key-statements.js';
import {
  formatLogLines,
  formatVerifierKey,
  formatWitnessLines,
  LogKeys,
  parsePolicy,
  type Policy,
  policyOfKeys,
  ProofError,
  readKeyStatement,
  sameKey,
  utf8,
  type VerifierKey,
  verify,
} from '../proof/index.js';
import { writeDurably } from '../store/files.js';
import { defineCommand } from './command.js';
import { Failure, fileFailure, systemCode } from './failure.js';
import { malformed, readText } from './files.js';
import { EXIT, printable, printJson, printLine } from './io.js';
import { openService, SERVER_OPTIONS } from './service-client.js';
import { defaultTrustFile, parseKey } from './trust-store.js';

export const trustCommand = defineCommand({
  name: 'trust',
  summary: "fetch a service's key and keep it as the one you trust",
  usage: '[--server URL] [--expect VKEY] [--out FILE]',
  text: `Fetches the trust policy of a service, shows its key, and keeps the policy where "ingam verify" looks for it.

A key that comes from the server it shall judge proves nothing by itself. Compare it with what the owner of the
service has published elsewhere, or give that key with --expect.

A policy that is kept already is replaced without --force only when its own keys vouch for the change: the log has
changed its key, and says so in blocks that the kept policy believes.

The key is on standard output.`,
  options: {
    ...SERVER_OPTIONS,
    expect: { type: 'string', value: 'VKEY', help: 'the key that it must be; any other is refused' },
    out: {
      type: 'string',
      value: 'FILE',
      help: 'where to keep the policy (default: ~/.config/ingam/trust, by $XDG_CONFIG_HOME)',
    },
    force: { type: 'boolean', help: 'replace another policy that is kept there' },
    json: { type: 'boolean', help: 'key, fingerprint and file as JSON on standard output' },
  },
  positionals: { min: 0, max: 0 },
  async run({ values }, io) {
    const expected = values.expect === undefined ? null : formatVerifierKey(parseKey(values.expect));
    const service = openService({ server: values.server }, io);
    const text = service.object(await service.request('v1/chain'))['policy'];
    if (typeof text !== 'string') throw service.unexpected('it gives no trust policy');
    const offered = parsePolicyOf(text, service.url.href);
    const { logs } = offered;
    const keys = logs.map(formatVerifierKey);
    if (keys.length === 0) throw service.unexpected('its trust policy names no log');
    const isVouchedFor = async (by: (statements: string) => boolean) =>
      holds(by, service.text(await service.request('v1/log-keys')));
    // Keys beside the expected one, or before or after it, retired ones too, are believed only by way of it.
    const isExpected =
      expected === null ||
      (keys.length === 1 && keys[0] === expected && offered.retired.length === 0) ||
      (await isVouchedFor((said) => isVouchedForBy(parseKey(expected), offered, said)));
    if (!isExpected) {
      throw new Failure(
        'refused',
        `the key of ${service.url.href} is not the expected one, but ${keys.join(', ')}`,
        {
          code: 'unexpected_key',
          exitCode: EXIT.failed,
        },
      );
    }
    const file = values.out === undefined ? defaultTrustFile(io) : resolve(io.cwd, values.out);
    const kept = await keep(file, text, values.force, (before) =>
      isVouchedFor((said) => vouchesFor(parsePolicy(before), offered, said)),
    );
    // SHA-256 over the raw public key: short enough to be read out over the telephone.
    const fingerprints = logs.map(({ publicKey }) => createHash('sha256').update(publicKey).digest('hex'));
    if (values.json) {
      printJson(io.stdout, {
        file,
        keys,
        fingerprints,
        changed: kept !== 'unchanged',
        compared: expected !== null,
      });
      return EXIT.ok;
    }
    for (const key of keys) printLine(io.stdout, printable(key));
    for (const print of fingerprints) printLine(io.stderr, `SHA-256 of the key: ${grouped(print)}`);
    printLine(io.stderr, `${kept === 'unchanged' ? 'Kept already in' : 'Kept in'} ${printable(file)}`);
    if (kept === 'followed') {
      printLine(io.stderr, 'The log has changed its key, and the one that was kept here vouches for that.');
    } else if (expected === null) {
      printLine(
        io.stderr,
        'This key came from the server that it shall judge: compare it with what the owner of the',
      );
      printLine(
        io.stderr,
        'service tells you by another way (a contract, a letter, the telephone) before you rely on it.',
      );
    }
    return EXIT.ok;
  },
});

function parsePolicyOf(text: string, source: string): Policy {
  try {
    return parsePolicy(text);
  } catch (error) {
    throw malformed(error, `the policy of ${source}`, 'a trust policy');
  }
}

/** A key that changes is the alarm that this whole file exists for: it is never replaced in passing. */
async function keep(
  file: string,
  text: string,
  force: boolean,
  isVouchedFor: (before: string) => Promise<boolean>,
): Promise<'written' | 'followed' | 'unchanged'> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, { flag: force ? 'w' : 'wx' });
    return 'written';
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw fileFailure(error, file);
  }
  const before = await readText(file);
  if (same(before, text)) return 'unchanged';
  if (await isVouchedFor(before)) {
    await replace(file, text);
    return 'followed';
  }
  throw new Failure('conflict', `${file} holds another policy, and was left as it is`, {
    exitCode: EXIT.failed,
    hint: 'If you expected the key to change, say --force. To trust two services, keep their policies apart with --out, and name one with INGAM_TRUST or --trust.',
  });
}

/** A crash leaves the one or the other. */
async function replace(file: string, text: string): Promise<void> {
  const mode = 0o644;
  await writeDurably(file, text, mode).catch((error: unknown) => {
    throw fileFailure(error, file);
  });
}

/** Whatever cannot be read vouches for nothing. */
function holds(by: (statements: string) => boolean, statements: string): boolean {
  try {
    return by(statements);
  } catch (error) {
    if (error instanceof ProofError) return false;
    throw error;
  }
}

/** Comments may differ, but for those that name a key. */
function same(a: string, b: string): boolean {
  const essence = (text: string) =>
    text.split('\n').filter((line) => line !== '' && !/^#(?!retired-log\b)/.test(line));
  return essence(a).join('\n') === essence(b).join('\n');
}

function grouped(hex: string): string {
  return hex.match(/.{1,4}/g)?.join(' ') ?? hex;
}

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
