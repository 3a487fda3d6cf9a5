import { isFinal, type Item } from './item.js';

/** How far the work on all documents is that takes its time by their length: hashing, then uploading. */
export interface Progress {
  readonly work: 'hashing' | 'uploading';
  readonly files: number;
  readonly allFiles: number;
  readonly bytes: number;
  readonly allBytes: number;
}

/** null: no such work is under way. */
export function progressOf(items: readonly Item[]): Progress | null {
  if (items.some(isUploading)) {
    return sum('uploading', items, ({ wanted }) => wanted === 'upload', isUploaded);
  }
  if (items.some(isHashing))
    return sum(
      'hashing',
      items,
      () => true,
      ({ sha256 }) => sha256 !== null,
    );
  return null;
}

function isHashing({ state: { phase } }: Item): boolean {
  return phase === 'waiting' || phase === 'hashing';
}

function isUploading({ state: { phase } }: Item): boolean {
  return phase === 'uploading';
}

function isUploaded({ state: { phase } }: Item): boolean {
  return phase === 'uploaded' || phase === 'accepted' || phase === 'sealed';
}

function sum(
  work: Progress['work'],
  items: readonly Item[],
  belongs: (item: Item) => boolean,
  isDone: (item: Item) => boolean,
): Progress {
  let [files, allFiles, bytes, allBytes] = [0, 0, 0, 0];
  for (const item of items) {
    const done = isDone(item);
    // What was given up is no part of the whole any more.
    if (!belongs(item) || (!done && isFinal(item))) continue;
    allFiles += 1;
    allBytes += item.file.size;
    if (done) files += 1;
    if (done) bytes += item.file.size;
    else if (item.state.phase === work) bytes += item.bytesDone;
  }
  return { work, files, allFiles, bytes, allBytes };
}
