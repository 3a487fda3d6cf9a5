import { join, resolve } from 'node:path';
import {
  isLogKeyType,
  isReceiptKeyType,
  parsePolicy,
  parseVerifierKey,
  policyOfKeys,
  ProofError,
  type Policy,
  type VerifierKey,
} from '../proof/index.js';
import { configFolder } from './config.js';
import { Failure, isMissing, usageError } from './failure.js';
import { isRegularFile, malformed, readText } from './files.js';
import { type Io } from './io.js';
import { failureMessages } from './messages/failures.js';

/** The user's trust policy and where it came from. */
export interface Trust {
  readonly policy: Policy | null;
  readonly receiptKeys: readonly VerifierKey[];
  /** `--key`, the path of a policy file, or null if no key is trusted. */
  readonly source: string | null;
}

export interface TrustOptions {
  readonly trust: string | undefined;
  readonly key: readonly string[];
}

/** The options of every command that verifies something. */
export const TRUST_OPTIONS = {
  trust: {
    type: 'string',
    value: 'FILE',
    help: {
      en: 'trust policy file: trusted logs and required cosigners\n(default: $INGAM_TRUST, else the policy saved by "ingam trust")',
      ko: '신뢰 정책 파일: 신뢰하는 로그와 필요한 공동 서명자\n(기본값: $INGAM_TRUST, 없으면 "ingam trust"로 저장한 정책)',
    },
  },
  key: {
    type: 'string',
    multiple: true,
    value: 'VKEY',
    help: {
      en: "public key to trust, as published by the service's owner; may be repeated",
      ko: '서비스의 소유자가 공개한, 신뢰할 공개 키. 여러 번 쓸 수 있습니다',
    },
  },
} as const;

export function defaultTrustFile(io: Io): string {
  return join(configFolder(io), 'trust');
}

/** The policy file that commands use without options; null: there is none. */
export async function trustFile(io: Io): Promise<string | null> {
  const named = io.env['INGAM_TRUST'] ?? '';
  const file = named === '' ? defaultTrustFile(io) : resolve(io.cwd, named);
  return (await isRegularFile(file)) ? file : null;
}

/**
 * The command line takes precedence over the environment, and that over the saved file. Without any of them
 * the policy is null, and the verdict is never "verified".
 * @throws {Failure}
 */
export async function loadTrust(options: TrustOptions, io: Io): Promise<Trust> {
  const keys = options.key.map((text) => parseKey('--key', text));
  if (options.trust !== undefined)
    return withKeys(await readPolicy(resolve(io.cwd, options.trust), options.trust), keys);
  if (keys.length > 0)
    return { policy: policyOfKeys(keys.filter(isLogKey)), receiptKeys: keys, source: '--key' };
  const named = io.env['INGAM_TRUST'];
  if (named !== undefined && named !== '')
    return withKeys(await readPolicy(resolve(io.cwd, named), named), []);
  const kept = defaultTrustFile(io);
  try {
    return withKeys(await readPolicy(kept, kept), []);
  } catch (error) {
    if (!isMissing(error)) throw error;
    return { policy: null, receiptKeys: [], source: null };
  }
}

/**
 * Keys given in addition to a policy are further logs (or receipt signers). The policy's quorum still
 * applies.
 */
function withKeys(
  { policy, source }: { policy: Policy; source: string },
  keys: readonly VerifierKey[],
): Trust {
  return {
    policy: { ...policy, logs: [...policy.logs, ...keys.filter(isLogKey)] },
    receiptKeys: keys,
    source,
  };
}

function isLogKey({ type }: VerifierKey): boolean {
  return isLogKeyType(type);
}

async function readPolicy(path: string, shown: string): Promise<{ policy: Policy; source: string }> {
  const text = await readText(path, shown);
  try {
    return { policy: parsePolicy(text), source: shown };
  } catch (error) {
    throw malformed(error, shown, 'trust policy');
  }
}

/** @throws {Failure} usage */
export function parseKey(option: string, text: string): VerifierKey {
  let key: VerifierKey;
  try {
    // Not the carriage return at the end of a file that a shell has read.
    key = parseVerifierKey(text.trim());
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    // Never quote a private key: messages end up in logs.
    const message = text.trim().startsWith('PRIVATE+KEY+') ? failureMessages().privateKey : error.message;
    throw new Failure('usage', failureMessages().badKey(option, message), { code: error.code, cause: error });
  }
  if (!isLogKeyType(key.type) && !isReceiptKeyType(key.type)) {
    throw usageError(failureMessages().cosignersKey(option, key.name), failureMessages().listCosigners);
  }
  return key;
}
