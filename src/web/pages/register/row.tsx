import { Icon } from '../../components/icon.js';
import { formatNumber } from '../../lib/format.js';
import { entryLink } from '../../lib/links.js';
import { session } from '../../lib/session.js';
import { common } from '../../messages/common.js';
import { messages } from '../../messages/register.js';
import { EVERYTHING, placeAddress, type Query } from './query.js';
import type { Names, Registered } from './results.js';

/** Parts of a notarization that the list and its own page show. */

const SHORT_DIGITS = 16;

/** A document's name for headings and file names; without one, the first digits of its digest. */
export function documentName({ details, sha256 }: Registered): string {
  return details?.name ?? details?.title ?? sha256.slice(0, SHORT_DIGITS);
}

export function isNamed({ details }: Registered): boolean {
  return details?.name !== undefined || details?.title !== undefined;
}

/** @returns null if the service does not disclose it */
export function submitterText(submittedBy: string | undefined, names: Names): string | null {
  const t = messages();
  if (submittedBy === undefined) return null;
  if (submittedBy === `person:${session.current?.user?.id ?? ''}`) return t.you;
  if (submittedBy === 'service:tsa') return t.timeStamps;
  if (submittedBy.startsWith('request:')) return t.byLink;
  const name = names.get(submittedBy);
  if (submittedBy.startsWith('key:')) return name === undefined ? t.someKey : t.keyNamed(name);
  return name ?? t.someone;
}

/** How many members have cosigned; null: nobody is asked to, or it is not sealed. */
export function cosignedText({ cosigned, status }: Registered): string | null {
  if (cosigned === undefined) return null;
  const [signed, of, needed] = [cosigned.signed, cosigned.of, cosigned.needed].map(formatNumber) as [
    string,
    string,
    string,
  ];
  const isEnough = status === 'cosigned' || status === 'anchored';
  return isEnough ? common().cosigned(signed, of) : common().cosignedSoFar(signed, of, needed);
}

/** The status of a notarization. */
export function Status({ of }: { readonly of: Registered }) {
  const t = messages();
  const { block, status } = of;
  if (block === undefined) {
    return (
      <div class="seal-status is-pending">
        <Icon name="clock" />
        <p>{t.sealing}</p>
      </div>
    );
  }
  const cosigned = cosignedText(of);
  return (
    <div class="seal-status">
      <Icon name="check" />
      <div>
        <p>
          <a href={entryLink(block)}>{t.sealedIn(formatNumber(block.height))}</a>
        </p>
        {cosigned === null ? null : <p class="hint">{cosigned}</p>}
        {status === 'anchored' ? <p class="hint">{common().anchored}</p> : null}
      </div>
    </div>
  );
}

/** The link to a document's page. @param query the list to return to */
export function DocumentLink({ of, query }: { readonly of: Registered; readonly query: Query }) {
  const t = messages();
  const href = placeAddress({ kind: 'one', id: of.id, query });
  const short = of.sha256.slice(0, SHORT_DIGITS);
  return (
    <p class="entry-name">
      {isNamed(of) ? (
        <a href={href}>
          <bdi>{documentName(of)}</bdi>
        </a>
      ) : (
        <a href={href} aria-label={t.unnamed(short)}>
          <code>{`${short}…`}</code>
        </a>
      )}
      {of.published === true ? <span class="tag">{t.published}</span> : null}
      {of.kept === true ? <span class="tag">{t.kept}</span> : null}
      {of.held === true ? <span class="tag is-doubt">{t.held}</span> : null}
    </p>
  );
}

/** Tags; each leads to the documents that have it. */
export function Tags({ of }: { readonly of: readonly string[] }) {
  return (
    <ul class="tags">
      {of.map((tag) => (
        <li key={tag}>
          <a class="tag" href={placeAddress({ kind: 'list', query: { ...EVERYTHING, tag } })}>
            <bdi>{tag}</bdi>
          </a>
        </li>
      ))}
    </ul>
  );
}
