export { FolderStorage } from './folder.js';
export { VaultKeys } from './keys.js';
export { S3Storage, type S3Settings } from './s3.js';
export { elementOf, S3Client, textOf } from './s3-client.js';
export { type ByteRange, VaultError, type VaultErrorCode } from './storage.js';
export { type KeptDocument, Vault, type WrittenDocument } from './vault.js';
