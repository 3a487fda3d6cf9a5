import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
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
  withoutTimes,
  type VerifierKey,
  verify,
} from '../proof/index.js';
import { defineCommand } from './command.js';
import { Failure } from './failure.js';
import { malformed, readText, writeWhole } from './files.js';
import { EXIT, printJson, printLine, printNote } from './io.js';
import { openService, SERVER_OPTIONS } from './service-client.js';
import { defaultTrustFile, parseKey } from './trust-store.js';
import { keysMessages } from './messages/keys.js';
import { SUMMARIES } from './summaries.js';

export const trustCommand = defineCommand({
  name: 'trust',
  summary: SUMMARIES.trust,
  usage: '[--server URL] [--expect VKEY] [--out FILE]',
  text: {
    en: `Fetches the trust policy of a service, shows its key, and saves the policy where "ingam verify" looks for it.

A key fetched from the server that it is meant to check proves nothing by itself. Compare it with the key that the
owner of the service has published elsewhere, or pass that key with --expect.

A saved policy is replaced without --force only if its own keys vouch for the change: the log has rotated its key
and states so in blocks that the saved policy trusts.

The key is written to standard output.`,
    ko: `서비스의 신뢰 정책을 받아 키를 보여 주고, "ingam verify"가 찾는 곳에 저장합니다.

확인 대상인 서버에서 받은 키는 그것만으로 아무것도 증명하지 못합니다. 서비스의 소유자가 다른 곳에 공개한 키와
비교하거나 그 키를 --expect로 지정하세요.

저장된 정책은 그 정책의 키가 변경을 보증할 때만 --force 없이 바뀝니다. 로그가 키를 교체했고, 저장된 정책이 신뢰하는
블록에 그렇게 적혀 있는 경우입니다.

키를 표준 출력에 씁니다.`,
  },
  options: {
    ...SERVER_OPTIONS,
    expect: {
      type: 'string',
      value: 'VKEY',
      help: { en: 'the expected key; any other is rejected', ko: '예상하는 키. 다른 키는 거부합니다' },
    },
    out: {
      type: 'string',
      value: 'FILE',
      help: {
        en: 'file for the policy (default: ~/.config/ingam/trust, or in $XDG_CONFIG_HOME)',
        ko: '정책을 저장할 파일(기본값: ~/.config/ingam/trust 또는 $XDG_CONFIG_HOME 아래)',
      },
    },
    force: {
      type: 'boolean',
      help: { en: 'replace a different saved policy', ko: '저장된 다른 정책을 바꿈' },
    },
    json: {
      type: 'boolean',
      help: { en: 'print key, fingerprint and file as JSON', ko: '키, 지문, 파일을 JSON으로 출력' },
    },
  },
  positionals: { min: 0, max: 0 },
  async run({ values }, io) {
    const expected = values.expect === undefined ? null : parseKey('--expect', values.expect);
    const service = await openService({ server: values.server }, io);
    const text = service.object(await service.request('v1/chain'))['policy'];
    if (typeof text !== 'string') throw service.unexpected('it has no trust policy');
    const offered = parsePolicyOf(text, service.url.href);
    const { logs } = offered;
    const keys = logs.map(formatVerifierKey);
    if (keys.length === 0) throw service.unexpected('its trust policy names no log');
    const isVouchedFor = async (by: (statements: string) => boolean) =>
      holds(by, service.text(await service.request('v1/log-keys')));
    // Other keys, earlier, later or retired ones, are trusted only if the expected key vouches for them.
    const isExpected =
      expected === null ||
      (keys.length === 1 && keys[0] === formatVerifierKey(expected) && offered.retired.length === 0) ||
      (await isVouchedFor((statements) => isVouchedForBy(expected, offered, statements)));
    if (!isExpected) {
      throw new Failure('refused', keysMessages().unexpectedKey(service.url.href, keys.join(', ')), {
        code: 'unexpected_key',
        exitCode: EXIT.failed,
      });
    }
    const file = values.out === undefined ? defaultTrustFile(io) : resolve(io.cwd, values.out);
    const kept = await keep(file, text, values.force, (before) =>
      isVouchedFor((statements) => vouchesFor(parsePolicy(before), offered, statements)),
    );
    // SHA-256 of the raw public key: short enough to compare by telephone.
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
    for (const key of keys) printLine(io.stdout, key);
    for (const print of fingerprints) printLine(io.stderr, keysMessages().fingerprint(grouped(print)));
    printLine(
      io.stderr,
      kept === 'unchanged' ? keysMessages().alreadySaved(file) : keysMessages().savedIn(file),
    );
    if (kept === 'followed') {
      printNote(io, keysMessages().keyFollowed);
    } else if (expected === null) {
      printNote(io, ...keysMessages().compareKey);
    }
    return EXIT.ok;
  },
});

function parsePolicyOf(text: string, source: string): Policy {
  try {
    return parsePolicy(text);
  } catch (error) {
    throw malformed(error, source, 'trust policy');
  }
}

/**
 * Saves the policy. A different policy is never replaced unless `force`, or unless its keys vouch for the
 * change.
 */
async function keep(
  file: string,
  text: string,
  force: boolean,
  isVouchedFor: (before: string) => Promise<boolean>,
): Promise<'written' | 'followed' | 'unchanged'> {
  try {
    await writeWhole(file, file, text, force);
    return 'written';
  } catch (error) {
    if (!(error instanceof Failure) || error.reason !== 'conflict') throw error;
  }
  const before = await readText(file);
  if (same(before, text)) return 'unchanged';
  if (await isVouchedFor(before)) {
    await writeWhole(file, file, text, true);
    return 'followed';
  }
  throw new Failure('conflict', keysMessages().otherPolicy(file), {
    exitCode: EXIT.failed,
    hint: keysMessages().forceOrOut,
  });
}

/** Statements that cannot be parsed vouch for nothing. */
function holds(by: (statements: string) => boolean, statements: string): boolean {
  try {
    return by(statements);
  } catch (error) {
    if (error instanceof ProofError) return false;
    throw error;
  }
}

/** Whether two policies differ only in comments that name no key. */
function same(a: string, b: string): boolean {
  const essence = (text: string) =>
    text.split('\n').filter((line) => line !== '' && !/^#(?!retired-log\b)/.test(line));
  return essence(a).join('\n') === essence(b).join('\n');
}

function grouped(hex: string): string {
  return hex.match(/.{1,4}/g)?.join(' ') ?? hex;
}

/**
 * Whether a user of the policy `kept` can trust `offered`: both require the same witnesses, the log's key
 * statements lead to exactly the kept keys, and every later statement is sealed in the chain under keys that
 * were trusted before it, with the required cosignatures. A retired key therefore vouches for nothing.
 * @param text the body of `GET /v1/log-keys`
 * @throws {ProofError}
 */
export function vouchesFor(kept: Policy, offered: Policy, text: string): boolean {
  if (formatWitnessLines(kept).join('\n') !== formatWitnessLines(offered).join('\n')) return false;
  const changes = changesOf(text);
  const known = changes.findIndex(({ before }) => sameKeys(before.trusted, kept));
  if (known === -1 || !leadTo(changes, offered)) return false;
  return changes
    .slice(known)
    .every(({ shown, named, before }) =>
      verifies(shown, { ...kept, logs: named.filter((key) => isIn(key, before.latest)), retired: [] }),
    );
}

/**
 * Whether `offered` contains exactly the keys of a log of which `key` is or was a key, each with the tree
 * sizes stated in the chain. The witnesses are the service's own choice and add no trust.
 * @throws {ProofError}
 */
export function isVouchedForBy(key: VerifierKey, offered: Policy, text: string): boolean {
  const changes = changesOf(text);
  if (!leadTo(changes, offered) || !changes.some(({ after }) => after.has(key))) return false;
  return changes.every(({ shown, named, before }) => {
    const logs =
      isIn(key, named) && !before.has(key) ? [key] : named.filter((each) => isIn(each, before.latest));
    return verifies(shown, policyOfKeys(logs));
  });
}

/** A key statement with the log's keys before and after it. */
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

function leadTo(changes: readonly Change[], offered: Policy): boolean {
  const last = changes.at(-1);
  return last !== undefined && sameKeys(last.after.trusted, offered);
}

function verifies({ note, proof }: ShownStatement, policy: Policy): boolean {
  const document = { sha256: proof.document.sha256, size: utf8(note).length };
  // Statements are proven by the log and its members: their proofs carry no anchors.
  return verify({ proof, document, policy: withoutTimes(policy), primitives: NODE }).verdict === 'verified';
}

function isIn(key: VerifierKey, keys: readonly VerifierKey[]): boolean {
  return keys.some((each) => sameKey(each, key));
}

function sameKeys(a: Pick<Policy, 'logs' | 'retired'>, b: Pick<Policy, 'logs' | 'retired'>): boolean {
  return formatLogLines(a).join('\n') === formatLogLines(b).join('\n');
}
