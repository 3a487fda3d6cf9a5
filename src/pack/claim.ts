import type { Files } from './files.js';
import type { Text } from './text.js';

export type ClaimVerdict =
  | 'holds'
  | 'fails'
  /** It is not looked at, because others do not hold or the trust policy does not ask for it. */
  | 'not_checked'
  /** An anchor that does not count. Anybody can add one to a proof, so it changes nothing else. */
  | 'not_counted';

/** One sentence about the files of a pack, and how anybody checks it. */
export interface Claim {
  /** Of the pack: `proof-1/entry`. */
  readonly id: string;
  readonly claim: Text;
  /** What Ingam found when the pack was made. */
  readonly verdict: ClaimVerdict;
  /** Those that show it. */
  readonly files: readonly string[];
  /**
   * For a POSIX shell in the unpacked folder: its exit status is 0 exactly when the claim holds. null: Debian
   * has no tool for it, or there is nothing to check.
   */
  readonly command: string | null;
  /** Why it does not hold, why there is no command, or what else checks it. */
  readonly note: Text | null;
}

/** Collects the claims about one folder of a pack, with their files. */
export class Claims {
  readonly list: Claim[] = [];
  readonly files: Files;
  readonly folder: string;

  constructor(files: Files, folder: string) {
    this.files = files;
    this.folder = folder;
  }

  /** @param name in the folder; @returns the path */
  file(name: string, bytes: Uint8Array): string {
    return this.files.add(`${this.folder}/${name}`, bytes);
  }

  add(
    name: string,
    claim: Text,
    verdict: ClaimVerdict | boolean,
    files: readonly string[],
    command: string | null,
    note: Text | null = null,
  ): void {
    this.list.push({
      id: `${this.folder}/${name}`,
      claim,
      verdict: typeof verdict === 'string' ? verdict : verdict ? 'holds' : 'fails',
      files: [...new Set(files)],
      command,
      note,
    });
  }
}
