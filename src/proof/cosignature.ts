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

/**
 * Signs a log's checkpoint as a witness, with Ed25519 (c2sp.org/tlog-cosignature).
 * @param text the checkpoint's text, with its final LF
 * @param signer with a key of type COSIGNATURE
 * @param time of signing, in seconds since the Unix epoch; not 0
 */
export function cosign(text: string, signer: NoteSigner, time: number): NoteSignature {
  if (signer.key.type !== COSIGNATURE) throw new RangeError('only cosignature keys cosign');
  if (!Number.isSafeInteger(time) || time < 1) throw new RangeError('time must be seconds after 1970');
  const signature = signer.sign(utf8(`cosignature/v1\ntime ${time}\n${text}`));
  return cosignatureLine({ name: signer.key.name, keyId: signer.key.keyId, time, signature });
}

/** Puts the parts of a cosignature into a line of a note. */
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
    text.split('\n').flatMap((line) => {
      const [keyword, name, , url] = wordsOf(line);
      return keyword === 'witness' && name !== undefined && url !== undefined ? [[name, url]] : [];
    }),
  );
  const all = [...policy.witnesses].map(([name, key]) => {
    const url = urls.get(name) ?? '';
    if (!/^https?:\/\/[^/?#]+[^?#]*$/.test(url)) {
      throw new ProofError('malformed_policy', `the witness ${name} must have an http or https address`);
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
