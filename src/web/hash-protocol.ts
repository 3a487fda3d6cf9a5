/** What the page and its hashing worker say to each other. */

export type HashRequest =
  | { readonly kind: 'hash'; readonly job: number; readonly file: File }
  | { readonly kind: 'cancel'; readonly job: number };

export type HashReply =
  | { readonly kind: 'progress'; readonly job: number; readonly bytes: number }
  | { readonly kind: 'done'; readonly job: number; readonly sha256: Uint8Array; readonly size: number }
  | { readonly kind: 'cancelled'; readonly job: number }
  /** The file is gone or was changed since it was chosen. */
  | { readonly kind: 'unreadable'; readonly job: number };
