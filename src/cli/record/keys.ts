import { resolve } from 'node:path';
import { parsePrivateKey, type PrivateKey } from '../../crypto/keys.js';
import {
  ED25519,
  formatVerifierKey,
  ML_DSA_44_TEXT,
  parseEventKey,
  ProofError,
  toHex,
  type VerifierKey,
} from '../../proof/index.js';
import { Failure } from '../failure.js';
import { readText } from '../files.js';
import { type Io } from '../io.js';
import { recordsMessages } from '../messages/records.js';

/** The option of commands that sign for holders, or show that they are one. */
export const HOLDER_KEY_OPTION = {
  key: {
    type: 'string',
    multiple: true,
    value: 'FILE',
    help: {
      en: 'private key of a holder or party, from "ingam keygen --kind holder"; may be repeated',
      ko: '"ingam keygen --kind holder"로 만든 보유자나 당사자의 개인 키. 여러 번 쓸 수 있습니다',
    },
  },
} as const;

/** @throws {Failure} unreadable, malformed */
export async function readHolderKeys(files: readonly string[], io: Io): Promise<PrivateKey[]> {
  return Promise.all(files.map((file) => readHolderKey(file, io)));
}

async function readHolderKey(file: string, io: Io): Promise<PrivateKey> {
  const text = await readText(resolve(io.cwd, file), file);
  let key: PrivateKey;
  try {
    key = parsePrivateKey(text);
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    throw new Failure('malformed', recordsMessages().badKey(file, error.message), {
      ...{ code: error.code, hint: recordsMessages().makeHolderKey, cause: error },
    });
  }
  if (key.key.type === ED25519 || key.key.type === ML_DSA_44_TEXT) return key;
  throw new Failure('malformed', recordsMessages().otherKey(file), {
    hint: recordsMessages().makeHolderKey,
  });
}

/** The name of a key and its id, by which people tell keys of one name apart. */
export function shownKey({ name, keyId }: Pick<VerifierKey, 'name' | 'keyId'>): string {
  return `${name}+${toHex(keyId)}`;
}

/** The same of a key in text form. */
export function shownKeyText(text: string): string {
  return shownKey(parseEventKey(text));
}

export function keyOf({ key }: PrivateKey): string {
  return formatVerifierKey(key);
}
