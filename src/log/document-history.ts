import type { Store } from '../store/index.js';
import type { Notarizations } from './notarizations.js';

/** A step in the life of a notarization, which the log itself took. */
export type LogStep =
  /** `by`: `key:<id>` or `person:<id>`. */
  | { readonly kind: 'notarized'; readonly at: number; readonly by: string }
  | { readonly kind: 'sealed'; readonly at: number; readonly height: number }
  /** The quorum was met, as the members state it. */
  | { readonly kind: 'cosigned'; readonly at: number }
  /** `at`: when the service stored the anchor. */
  | { readonly kind: 'anchored'; readonly at: number; readonly source: string };

/**
 * What the log did with an organization's notarization, also if it was erased: derived from what is stored anyway, so
 * that it costs nothing to record. null: it is not the organization's.
 */
export async function stepsOf(
  store: Pick<Store, 'submissionAt' | 'anchorsOver'>,
  notarizations: Pick<Notarizations, 'places' | 'cosignedAt'>,
  organization: number,
  position: number,
): Promise<LogStep[] | null> {
  const submission = await store.submissionAt(organization, position);
  if (submission === null) return null;
  const notarized = { kind: 'notarized', at: submission.acceptedAt, by: submission.submittedBy } as const;
  const [place] = await notarizations.places(position, 1);
  const block = place?.block ?? null;
  if (block === null) return [notarized];
  const [cosignedAt, anchors] = await Promise.all([
    notarizations.cosignedAt(block),
    store.anchorsOver(block.height),
  ]);
  return [
    notarized,
    { kind: 'sealed', at: block.sealedAt, height: block.height },
    ...(cosignedAt === null
      ? []
      : [{ kind: 'cosigned', at: notBefore(block.sealedAt, cosignedAt) } as const]),
    ...anchors.map(({ madeAt, source }) => ({ kind: 'anchored', at: madeAt, source }) as const),
  ];
}

/** Members state whole seconds, so that a cosignature would seem older than the seal of the same second. */
function notBefore(sealedAt: number, second: number): number {
  return Math.floor(sealedAt / 1000) * 1000 === second ? sealedAt : second;
}
