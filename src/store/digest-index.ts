/**
 * In SQL: whether the row of `entry` has this digest. The index `entry_digest_salt` has the first six bytes of digests
 * (docs/design/storage.md); the row says whether the others are the same. @param digest in SQL, bytes
 */
export const hasDigest = (digest: string): string =>
  `substring(entry.digest FROM 1 FOR 6) = substring(${digest}::bytea FROM 1 FOR 6) AND entry.digest = ${digest}`;
