import type { Meter } from '../../lib/meter.js';
import { belongsTo, type View } from './arranged.js';
import { isCancellable, isEditable, isFinal, isInProgress, isUnsubmitted, type Item } from './item.js';

/** Progress of hashing or uploading all documents. */
interface Progress {
  readonly work: 'hashing' | 'uploading';
  readonly files: number;
  readonly allFiles: number;
  readonly bytes: number;
  readonly allBytes: number;
}

/** null: no hashing or uploading in progress. */
export function progressOf(items: readonly Item[]): Progress | null {
  const phases = new Set(items.map(({ state }) => state.phase));
  if (phases.has('uploading')) {
    return sum('uploading', items, ({ wanted }) => wanted !== null && wanted !== 'digest', isUploaded);
  }
  if (phases.has('waiting') || phases.has('hashing')) {
    return sum(
      'hashing',
      items,
      () => true,
      ({ sha256 }) => sha256 !== null,
    );
  }
  return null;
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
    // Failed and cancelled documents no longer count.
    if (!belongs(item) || (!done && isFinal(item))) continue;
    allFiles += 1;
    allBytes += item.file.size;
    if (done) files += 1;
    if (done) bytes += item.file.size;
    else if (item.state.phase === work) bytes += item.bytesDone;
  }
  return { work, files, allFiles, bytes, allBytes };
}

/** What the page says about all documents together. */
export interface Summary {
  readonly all: number;
  /** How many there are in each part of the list. */
  readonly views: Readonly<Record<View, number>>;
  readonly unsubmitted: number;
  readonly known: number;
  readonly failed: number;
  /** Submitted by the user. */
  readonly wanted: number;
  readonly sealed: number;
  /** Heights of the blocks in which they were sealed, ascending. */
  readonly blocks: readonly number[];
  /** Documents whose proof can be downloaded. */
  readonly proven: number;
  /** Documents that were notarized here and whose proof was not downloaded. */
  readonly unsaved: number;
  readonly working: boolean;
  readonly cancellable: boolean;
  readonly editable: boolean;
  /** Whether details of a single document, not yet sent, would be lost with it. */
  readonly typed: boolean;
  readonly progress: (Progress & { readonly speed: number | null; readonly left: number | null }) | null;
}

/** @param meter measures the speed from one call to the next */
export function summaryOf(items: readonly Item[], meter: Meter | null): Summary {
  const count = (holds: (item: Item) => boolean) => items.filter(holds).length;
  const progress = progressOf(items);
  if (progress === null) meter?.reset();
  else meter?.add(performance.now(), progress.bytes, progress.work);
  const blocks = items.flatMap(({ state }) => (state.phase === 'sealed' ? [state.seal.height] : []));
  return {
    all: items.length,
    views: {
      all: items.length,
      undecided: count((item) => belongsTo('undecided', item)),
      under_way: count((item) => belongsTo('under_way', item)),
      sealed: blocks.length,
    },
    unsubmitted: count(isUnsubmitted),
    known: count(({ state }) => state.phase === 'known'),
    failed: count(({ state }) => state.phase === 'failed'),
    wanted: count(({ wanted }) => wanted !== null),
    sealed: blocks.length,
    blocks: [...new Set(blocks)].sort((a, b) => a - b),
    proven: count(({ proven }) => proven?.sealedAt != null),
    unsaved: count(({ state, saved }) => !saved && (state.phase === 'sealed' || state.phase === 'accepted')),
    working: items.some((item) => item.wanted !== null && isInProgress(item)),
    cancellable: items.some(isCancellable),
    editable: items.some(isEditable),
    typed: items.some((item) => item.details !== null && isEditable(item)),
    progress:
      progress === null
        ? null
        : {
            ...progress,
            speed: meter?.speed ?? null,
            left: meter?.timeLeft(progress.allBytes - progress.bytes) ?? null,
          },
  };
}
