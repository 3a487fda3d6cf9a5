import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { type S3Settings, VaultKeys } from '../vault/index.js';
import { address, clientText, integer, parsedBy, type Values } from './settings.js';

/** An absolute folder that can be written, or a bucket, with what its names begin with. */
type VaultPlace =
  | { readonly kind: 'folder'; readonly path: string }
  | ({ readonly kind: 's3' } & Pick<S3Settings, 'bucket' | 'prefix'>);

const vaultPlace = z.string().transform((text, context): VaultPlace => {
  if (text.startsWith('s3:')) {
    // Of names that are no addresses, S3 allows these.
    const match = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([A-Za-z0-9._/-]{0,200}))?$/.exec(text);
    const [, bucket, path = ''] = match ?? [];
    const parts = path.split('/').filter((part) => part !== '');
    if (bucket !== undefined && !parts.some((part) => /^\.+$/.test(part)))
      return { kind: 's3', bucket, prefix: parts.map((part) => `${part}/`).join('') };
    context.addIssue('must read s3://BUCKET or s3://BUCKET/PREFIX');
    return z.NEVER;
  }
  const path = resolve(text);
  try {
    if (statSync(path).isDirectory()) {
      accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
      return { kind: 'folder', path };
    }
    context.addIssue(`(${path}) must be a folder, or read s3://BUCKET`);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : null;
    if (code === null) throw error;
    context.addIssue(
      code === 'ENOENT'
        ? `(${path}) does not exist. Make the folder, or mount its disk: it is not made here, because documents would then be kept on the wrong disk`
        : `(${path}) cannot be read and written by the service (${code})`,
    );
  }
  return z.NEVER;
});

export interface VaultConfig {
  readonly place: { readonly kind: 'folder'; readonly path: string } | ({ readonly kind: 's3' } & S3Settings);
  /** Keys of 64 hexadecimal digits, separated by spaces; the first wraps. */
  readonly keys: string;
  /** Most bytes of each organization; null: no limit. */
  readonly quota: number | null;
}

const keys = parsedBy('a key of the vault', (text) => (VaultKeys.parse(text), text));

export const VAULT_SETTINGS = {
  INGAM_VAULT: vaultPlace.nullable().default(null),
  INGAM_VAULT_KEY: keys.nullable().default(null),
  INGAM_VAULT_QUOTA_BYTES: integer(1, Number.MAX_SAFE_INTEGER).nullable().default(null),
  INGAM_VAULT_S3_ENDPOINT: address.nullable().default(null),
  INGAM_VAULT_S3_REGION: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/, 'must be the name of a region, such as ap-northeast-2')
    .default('us-east-1'),
  INGAM_VAULT_S3_ACCESS_KEY: clientText.nullable().default(null),
  INGAM_VAULT_S3_SECRET_KEY: clientText.nullable().default(null),
};

const S3_SETTINGS = [
  ...(['INGAM_VAULT_S3_ENDPOINT', 'INGAM_VAULT_S3_REGION'] as const),
  ...(['INGAM_VAULT_S3_ACCESS_KEY', 'INGAM_VAULT_S3_SECRET_KEY'] as const),
] as const;

type VaultValues = Values<typeof VAULT_SETTINGS>;

/** The same secret is not given twice, and what is given is used. */
export function vaultMistakes(
  value: Partial<VaultValues>,
  isSet: (name: keyof VaultValues) => boolean,
): string[] {
  const mistakes: string[] = [];
  const s3 = S3_SETTINGS.filter(isSet);
  if (!isSet('INGAM_VAULT')) {
    const idle = [...(['INGAM_VAULT_KEY', 'INGAM_VAULT_QUOTA_BYTES'] as const).filter(isSet), ...s3];
    if (idle.length > 0)
      mistakes.push(`INGAM_VAULT must be set as well, for ${idle.join(', ')}: a folder, or s3://BUCKET`);
    return mistakes;
  }
  if (!isSet('INGAM_VAULT_KEY')) {
    mistakes.push(
      'INGAM_VAULT_KEY must be set as well, or INGAM_VAULT_KEY_FILE: make a key with "openssl rand -hex 32", and keep a copy of it elsewhere. Without it, nobody can read the documents',
    );
  }
  const { INGAM_VAULT: place } = value;
  if (place?.kind === 'folder' && s3.length > 0)
    mistakes.push(`INGAM_VAULT must read s3://BUCKET for ${s3.join(', ')}; it is a folder`);
  if (place?.kind === 's3') {
    const missing = [
      ...(isSet('INGAM_VAULT_S3_ACCESS_KEY') ? [] : ['INGAM_VAULT_S3_ACCESS_KEY']),
      ...(isSet('INGAM_VAULT_S3_SECRET_KEY') ? [] : ['INGAM_VAULT_S3_SECRET_KEY']),
    ];
    if (missing.length > 0) mistakes.push(`${missing.join(', ')} must be set as well: the bucket needs them`);
  }
  return mistakes;
}

/** Complete: `vaultMistakes` has found nothing. */
export function vaultConfig(value: VaultValues): VaultConfig | null {
  const { INGAM_VAULT: place } = value;
  if (place === null) return null;
  const { INGAM_VAULT_S3_REGION: region } = value;
  return {
    place:
      place.kind === 'folder'
        ? place
        : {
            ...place,
            region,
            endpoint: value.INGAM_VAULT_S3_ENDPOINT ?? `https://s3.${region}.amazonaws.com`,
            accessKey: value.INGAM_VAULT_S3_ACCESS_KEY ?? '',
            secretKey: value.INGAM_VAULT_S3_SECRET_KEY ?? '',
          },
    keys: value.INGAM_VAULT_KEY ?? '',
    quota: value.INGAM_VAULT_QUOTA_BYTES,
  };
}
