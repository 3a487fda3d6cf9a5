import { describe, editedText, fromDecimal, toHex, utf8 } from './bytes.js';
import { ProofError } from './errors.js';
import {
  COSIGNATURE,
  ED25519,
  formatVerifierKey,
  isCosignerKeyType,
  isLogKeyType,
  parseVerifierKey,
  verifierKey,
  type VerifierKey,
} from './verifier-key.js';
import { NO_TIME_TRUST, TimeLines, type TimeTrust } from './time/trust.js';

/** A trust policy (c2sp.org/tlog-policy): the trusted logs, and the witnesses that must have cosigned. */
export interface Policy {
  readonly logs: readonly VerifierKey[];
  /** Former log keys, trusted for checkpoints of at most `until` blocks. */
  readonly retired: readonly RetiredKey[];
  readonly witnesses: ReadonlyMap<string, VerifierKey>;
  readonly groups: ReadonlyMap<string, Group>;
  /** Name of the witness or group that must be met; null: none. */
  readonly quorum: string | null;
  readonly time: TimeTrust;
}

export interface RetiredKey {
  readonly key: VerifierKey;
  readonly until: number;
}

export interface Group {
  /** How many members must be met. */
  readonly threshold: number;
  /** Names of witnesses and of groups that are defined before. */
  readonly members: readonly string[];
}

/**
 * A policy that trusts these log keys and requires no cosignatures.
 * @throws {ProofError} malformed_key for a key that cannot sign for a log
 */
export function policyOfKeys(logs: readonly VerifierKey[]): Policy {
  if (!logs.every(({ type }) => isLogKeyType(type))) throw new ProofError('malformed_key', LOG_KEY_TYPES);
  return { logs, retired: [], witnesses: new Map(), groups: new Map(), quorum: null, time: NO_TIME_TRUST };
}

const LOG_KEY_TYPES = 'a log key must be of type 1 (Ed25519) or 6 (ML-DSA-44)';
const KEYWORDS = new Set(['all', 'any', 'none']);
/** A comment for other readers, which makes them trust less, not more. */
const RETIRED = '#retired-log';

/** In bytes: more than any policy needs. */
const MAX_POLICY_LENGTH = 1024 * 1024;

/**
 * Reads a policy, also one that an editor has saved with a byte order mark or carriage returns.
 * @throws {ProofError} malformed_policy naming the line, reencoded_text, or malformed_key for a verifier key
 */
export function parsePolicy(source: string): Policy {
  if (utf8(source).length > MAX_POLICY_LENGTH)
    throw new ProofError('malformed_policy', `a policy has at most ${MAX_POLICY_LENGTH} bytes`);
  const text = editedText(source);
  const logs: VerifierKey[] = [];
  const retired: RetiredKey[] = [];
  const witnesses = new Map<string, VerifierKey>();
  const groups = new Map<string, Group>();
  const time = new TimeLines();
  let quorum: string | null | undefined;

  const grouped = new Set<string>();
  const logKeys = new Set<string>();
  const witnessKeys = new Set<string>();

  // c2sp.org/tlog-policy, "Character set", where a carriage return is not white space. A single one is not
  // the end of a line.
  if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text)) {
    throw new ProofError('malformed_policy', 'the policy holds control characters other than tabs');
  }
  const useOnce = (used: Set<string>, name: string, line: string) => {
    if (used.has(name)) throw malformed(line, `${describe(name)} is listed twice`);
    used.add(name);
  };
  const define = (name: string, line: string) => {
    if (KEYWORDS.has(name)) throw malformed(line, `${name} is a keyword, not a name`);
    if (witnesses.has(name) || groups.has(name)) throw malformed(line, `${name} is defined twice`);
  };
  const refer = (name: string, line: string) => {
    if (!witnesses.has(name) && !groups.has(name)) throw malformed(line, `${name} is not defined above`);
  };

  const logKey = (word: string, line: string): VerifierKey => {
    const key = parseVerifierKey(word);
    if (!isLogKeyType(key.type)) throw malformed(line, LOG_KEY_TYPES);
    useOnce(logKeys, toHex(key.publicKey), line);
    return key;
  };

  for (const line of text.split('\n')) {
    const retiredLine = retiredWords(line);
    if (retiredLine !== null) {
      const [vkey, until, ...more] = retiredLine;
      if (vkey === undefined || until === undefined || more.length > 0)
        throw malformed(line, `it reads "${RETIRED} VKEY SIZE"`);
      retired.push({ key: logKey(vkey, line), until: fromDecimal(until, 'the size on a policy line') });
    }
    try {
      if (time.read(line, wordsOf)) continue;
    } catch (error) {
      if (error instanceof ProofError) throw malformed(line, error.message);
      throw error;
    }
    const [keyword, ...words] = wordsOf(line);
    const [first, second, ...rest] = words;
    switch (keyword) {
      case undefined:
        break;
      case 'log': {
        if (first === undefined || words.length > 2) throw malformed(line, 'it reads "log VKEY [URL]"');
        logs.push(logKey(first, line));
        break;
      }
      case 'witness': {
        if (first === undefined || second === undefined || words.length > 3) {
          throw malformed(line, 'it reads "witness NAME VKEY [URL]"');
        }
        define(first, line);
        const key = cosignerKey(parseVerifierKey(second), line);
        // One key under two names would count twice in a group.
        useOnce(witnessKeys, toHex(key.publicKey), line);
        witnesses.set(first, key);
        break;
      }
      case 'group': {
        if (first === undefined || second === undefined || rest.length === 0) {
          throw malformed(line, 'it reads "group NAME all|any|K MEMBER..."');
        }
        define(first, line);
        for (const member of rest) {
          refer(member, line);
          // In at most one group, so that no witness counts twice and the groups are a forest.
          useOnce(grouped, member, line);
        }
        groups.set(first, { threshold: threshold(second, rest.length, line), members: rest });
        break;
      }
      case 'quorum':
        if (first === undefined || words.length > 1) throw malformed(line, 'it reads "quorum NAME|none"');
        if (quorum !== undefined) throw malformed(line, 'there must be only one quorum line');
        if (first !== 'none') refer(first, line);
        quorum = first === 'none' ? null : first;
        break;
      default:
        throw malformed(line, 'a line must begin with log, witness, group or quorum');
    }
  }
  if (quorum === undefined) throw new ProofError('malformed_policy', 'the policy must have a quorum line');
  return { logs, retired, witnesses, groups, quorum, time: time.finish() };
}

/** The lines of a policy for the keys of logs. */
export function formatLogLines({ logs, retired }: Pick<Policy, 'logs' | 'retired'>): string[] {
  return [
    ...logs.map((key) => `log ${formatVerifierKey(key)}`),
    ...retired.map(({ key, until }) => `${RETIRED} ${formatVerifierKey(key)} ${until}`),
  ];
}

/** The words after the keyword of a line for a retired key; null for every other line. */
function retiredWords(line: string): string[] | null {
  const keyword = new RegExp(`^[ \\t]*${RETIRED}(?![^ \\t])`).exec(line)?.[0];
  return keyword === undefined ? null : wordsOf(line.slice(keyword.length));
}

/** The trusted keys of the log of this name for its checkpoint over `size` blocks. */
export function logKeysFor({ logs, retired }: Policy, origin: string, size: number): VerifierKey[] {
  return [...logs, ...retired.filter(({ until }) => size <= until).map(({ key }) => key)].filter(
    ({ name, type }) => name === origin && isLogKeyType(type),
  );
}

/**
 * Whether the quorum is met when exactly the witnesses in `cosigned` (their names in the policy) have
 * cosigned.
 */
export function quorumHolds(policy: Policy, cosigned: ReadonlySet<string>): boolean {
  if (policy.quorum === null) return true;
  // Members are defined before their group, so one pass in that order is enough. Recursion could overflow the
  // stack.
  const met = new Set([...cosigned].filter((name) => policy.witnesses.has(name)));
  for (const [name, { members, threshold }] of policy.groups) {
    if (members.filter((member) => met.has(member)).length >= threshold) met.add(name);
  }
  return met.has(policy.quorum);
}

/** The same, without a demand for time sources: for proofs that are too young to have anchors. */
export function withoutTimes(policy: Policy): Policy {
  return { ...policy, time: { ...policy.time, least: null } };
}

/** A witness from which a log requests cosignatures. */
export interface Witness {
  /** Its name in the policy. */
  readonly name: string;
  readonly key: VerifierKey;
  /** Submission prefix (c2sp.org/tlog-witness), without trailing slash. */
  readonly url: string;
}

/** The witnesses of a log, and how many of them must sign. */
export interface Witnesses {
  readonly all: readonly Witness[];
  /** The policy of these witnesses, still without a log. */
  readonly policy: Policy;
  /** The fewest cosignatures that can meet the quorum; 0 when it is `none`. */
  readonly needed: number;
}

/**
 * A trust policy without logs (c2sp.org/tlog-policy) whose witnesses have addresses.
 * @throws {ProofError} malformed_policy or malformed_key
 */
export function parseWitnesses(text: string): Witnesses {
  const policy = parsePolicy(text);
  if (policy.logs.length + policy.retired.length > 0)
    throw new ProofError('malformed_policy', 'a policy of the witnesses of this log must not name a log');
  if (policy.witnesses.size === 0) throw new ProofError('malformed_policy', 'the policy must name a witness');
  const urls = new Map(
    editedText(text)
      .split('\n')
      .flatMap((line) => {
        const [keyword, name, , url] = wordsOf(line);
        return keyword === 'witness' && name !== undefined && url !== undefined ? [[name, url]] : [];
      }),
  );
  const all = [...policy.witnesses].map(([name, key]) => {
    const url = urls.get(name) ?? '';
    if (!/^https?:\/\/[^/?#]+[^?#]*$/.test(url)) {
      throw new ProofError('malformed_policy', `the witness ${name} must have an http or https address`);
    }
    if (/^https?:\/\/[^/]*@/.test(url)) {
      const message = `the address of the witness ${name} must not contain a user name or password`;
      throw new ProofError('malformed_policy', message);
    }
    return { name, key, url: url.replace(/\/+$/, '') };
  });
  return { all, policy, needed: leastSigners(policy) };
}

/**
 * The fewest cosignatures that can meet the quorum; 0 when it is `none`. Every name is in at most one group,
 * so the cheapest members of a group never share a witness.
 */
export function leastSigners({ witnesses, groups, quorum }: Policy): number {
  if (quorum === null) return 0;
  const cost = new Map([...witnesses.keys()].map((name) => [name, 1]));
  for (const [name, { members, threshold }] of groups) {
    const costs = members.map((member) => cost.get(member) ?? 0).sort((a, b) => a - b);
    cost.set(
      name,
      costs.slice(0, threshold).reduce((sum, each) => sum + each, 0),
    );
  }
  return cost.get(quorum) ?? 0;
}

/**
 * The lines of a policy for its witnesses, groups and quorum. Without addresses, which only the log needs.
 */
export function formatWitnessLines({ witnesses, groups, quorum }: Policy): string[] {
  return [
    ...[...witnesses].map(([name, key]) => `witness ${name} ${formatVerifierKey(key)}`),
    ...[...groups].map(([name, { threshold, members }]) => `group ${name} ${threshold} ${members.join(' ')}`),
    `quorum ${quorum ?? 'none'}`,
  ];
}

/** The words of a line without its comment, which begins with a word that begins with #. */
function wordsOf(line: string): string[] {
  const words = line.split(/[ \t]+/).filter((word) => word !== '');
  const comment = words.findIndex((word) => word.startsWith('#'));
  return comment === -1 ? words : words.slice(0, comment);
}

function threshold(word: string, members: number, line: string): number {
  if (word === 'all') return members;
  if (word === 'any') return 1;
  const count = /^[1-9][0-9]{0,3}$/.test(word) ? Number(word) : Number.NaN;
  if (!(count <= members)) throw malformed(line, `the threshold must be all, any, or 1 to ${members}`);
  return count;
}

/**
 * Some operators publish the plain form of a witness's key, but a witness always signs with the cosignature
 * form.
 */
function cosignerKey(key: VerifierKey, line: string): VerifierKey {
  if (key.type === ED25519) return verifierKey(key.name, COSIGNATURE, key.publicKey);
  if (isCosignerKeyType(key.type)) return key;
  throw malformed(line, 'a witness key must be of type 1, 4 (Ed25519) or 6 (ML-DSA-44)');
}

function malformed(line: string, reason: string): ProofError {
  return new ProofError('malformed_policy', `policy line ${describe(line.trim())}: ${reason}`);
}
