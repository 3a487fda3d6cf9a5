/** For what never changes once it exists: sealed blocks, tiles, files with a hash in their name. */
export const IMMUTABLE = 'public, max-age=31536000, immutable';
