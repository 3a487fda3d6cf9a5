import { detailsDigest, isCanonicalDetails, type EntryRow } from './entry-row.js';
import { finding, show, type AuditFinding } from './finding.js';

/** What is wrong about an entry's details and erasure, if the entry itself is right. */
export function besides(
  row: EntryRow,
  text: string | null,
  erasureRecorded: boolean,
  sealed: boolean,
): AuditFinding[] {
  const position = String(row.position);
  const key = { position };
  if (row.digest === null) {
    const found: AuditFinding[] = [];
    if (!sealed) {
      found.push(
        finding(
          'entry',
          key,
          'digest',
          'erasure_mismatch',
          `The entry at position ${position} is empty, but no block holds it yet.`,
        ),
      );
    } else if (!erasureRecorded) {
      found.push(
        finding(
          'erasure',
          key,
          null,
          'missing',
          `The entry at position ${position} is empty, but its erasure is not recorded.`,
        ),
      );
    }
    if (text !== null) {
      found.push(
        finding(
          'details',
          key,
          null,
          'erasure_mismatch',
          `The details of position ${position} outlived its erasure.`,
        ),
      );
    }
    return found;
  }
  if (erasureRecorded) {
    return [
      finding(
        'erasure',
        key,
        null,
        'erasure_mismatch',
        `Position ${position} is recorded as erased, but it is not.`,
      ),
    ];
  }
  if (text === null && row.details_digest === null) return [];
  if (row.details_digest === null) {
    return [
      finding(
        'details',
        key,
        null,
        'extra',
        `The entry at position ${position} has no details, but there is a row of them.`,
      ),
    ];
  }
  if (text === null) {
    return [finding('details', key, null, 'missing', `The details of position ${position} are missing.`)];
  }
  const digest = detailsDigest(row.salt, text);
  if (!digest.equals(row.details_digest)) {
    const message = sealed
      ? `The details of position ${position} are not those that were notarized.`
      : `The details of position ${position} do not fit its entry: one of the two was changed.`;
    return [
      finding('details', key, 'json', 'details_mismatch', message, {
        expected: show(row.details_digest),
        found: show(digest),
      }),
    ];
  }
  return isCanonicalDetails(text)
    ? []
    : [
        finding(
          'details',
          key,
          'json',
          'not_canonical',
          `The details of position ${position} are not in canonical form.`,
        ),
      ];
}
