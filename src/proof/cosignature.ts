import { concat, utf8 } from './bytes.js';
import { ProofError } from './errors.js';
import {
  COSIGNATURE,
  formatVerifierKey,
  type NoteSignature,
  type NoteSigner,
  type VerifierKey,
} from './note.js';
import { parsePolicy, type Policy, wordsOf } from './policy.js';

/** c2sp.org/tlog-cosignature, Ed25519: what a witness puts under somebody's checkpoint. */

/**
 * @param text a checkpoint's text, with its final LF
 * @param signer with a key of type COSIGNATURE
 * @param time when, in seconds since the Unix epoch; not 0
 */
export function cosign(text: string, signer: NoteSigner, time: number): NoteSignature {
  if (signer.key.type !== COSIGNATURE) throw new RangeError('only cosignature keys cosign');
  if (!Number.isSafeInteger(time) || time < 1) throw new RangeError('time must be seconds after 1970');
  const signature = signer.sign(utf8(`cosignature/v1\ntime ${time}\n${text}`));
  return cosignatureLine({ name: signer.key.name, keyId: signer.key.keyId, time, signature });
}

/** The parts of a cosignature as a line of a note has them. */
export function cosignatureLine(parts: {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly time: number;
  readonly signature: Uint8Array;
}): NoteSignature {
  const seconds = new Uint8Array(8);
  new DataView(seconds.buffer).setBigUint64(0, BigInt(parts.time));
  return { name: parts.name, keyId: parts.keyId, signature: concat(seconds, parts.signature) };
}

/** A witness that a log asks for cosignatures. */
export interface Witness {
  /** Its name in the policy. */
  readonly name: string;
  readonly key: VerifierKey;
  /** Submission prefix (c2sp.org/tlog-witness), without trailing slash. */
  readonly url: string;
}

/** Whom a log asks, and how many must sign. */
export interface Witnesses {
  readonly all: readonly Witness[];
  /** Of the same witnesses, naming no log yet. */
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
    throw new ProofError('malformed_policy', 'the log is this one: a policy of its witnesses names none');
  if (policy.witnesses.size === 0) throw new ProofError('malformed_policy', 'the policy names no witness');
  const urls = new Map(
    text.split('\n').flatMap((line) => {
      const [keyword, name, , url] = wordsOf(line);
      return keyword === 'witness' && name !== undefined && url !== undefined ? [[name, url]] : [];
    }),
  );
  const all = [...policy.witnesses].map(([name, key]) => {
    const url = urls.get(name) ?? '';
    if (!/^https?:\/\/[^/?#]+[^?#]*$/.test(url)) {
      throw new ProofError('malformed_policy', `the witness ${name} needs an http or https address`);
    }
    return { name, key, url: url.replace(/\/+$/, '') };
  });
  return { all, policy, needed: leastSigners(policy) };
}

/**
 * The fewest cosignatures that can meet the quorum; 0 when it is `none`. Each name is a member of one group at most, so the
 * cheapest members of a group are cheapest together.
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

/** The lines of a policy that name its witnesses, its groups and its quorum. Addresses are for the log alone. */
export function formatWitnessLines({ witnesses, groups, quorum }: Policy): string[] {
  return [
    ...[...witnesses].map(([name, key]) => `witness ${name} ${formatVerifierKey(key)}`),
    ...[...groups].map(([name, { threshold, members }]) => `group ${name} ${threshold} ${members.join(' ')}`),
    `quorum ${quorum ?? 'none'}`,
  ];
}
