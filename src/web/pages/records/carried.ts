import type { ChosenFile } from '../../lib/files.js';

/** Files that were dropped on a record, for the form that opens with them. */
let carried: readonly ChosenFile[] = [];

export function carry(files: readonly ChosenFile[]): void {
  carried = files;
}

/** Once. */
export function takeCarried(): readonly ChosenFile[] {
  const files = carried;
  carried = [];
  return files;
}
