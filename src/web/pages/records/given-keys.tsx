import { useEffect, useMemo } from 'preact/hooks';
import { Load } from '../../components/load.js';
import { Panel } from '../../components/panel.js';
import { Time } from '../../components/time.js';
import { kindOfKey, shownEventKey } from '../../lib/record-keys.js';
import { Resource } from '../../lib/resource.js';
import { recordMessages } from '../../messages/records.js';
import { messages } from '../../messages/records-asks.js';
import { requestsFor, type SigningRequest } from './asked.js';

/** How a key came that was given under a link, and no more than that; nothing if none was. */
export function KeyGiven({
  of: { key, keyGivenAt, email, mailedAt },
}: {
  readonly of: Pick<SigningRequest, 'key' | 'keyGivenAt' | 'email' | 'mailedAt'>;
}) {
  const t = messages();
  if (key === null || keyGivenAt === null) return null;
  const [shown, kind, time] = [
    shownEventKey(key),
    recordMessages().keyKinds[kindOfKey(key)],
    <Time key="time" at={keyGivenAt} />,
  ];
  return (
    <>
      {email === null || mailedAt === null
        ? t.keyGiven(shown, kind, time)
        : t.keyGivenMailed(shown, kind, time, <bdi>{email}</bdi>)}
    </>
  );
}

/** The keys of a record that came by link, and who vouches for whose they are; nothing if there are none. */
export function KeysByLink({ id }: { readonly id: string }) {
  const t = messages();
  const requests = useMemo(() => new Resource(() => requestsFor(id)), [id]);
  useEffect(() => void requests.load(), [requests]);
  const { state } = requests;
  const given = (requests.value ?? []).filter(({ key }) => key !== null);
  if (state.kind === 'loading' || (state.kind === 'here' && given.length === 0)) return null;
  return (
    <Panel heading={t.keysByLink} prose={[t.keysByLinkExplained]}>
      <Load of={requests}>
        {() => (
          <ul class="record-list">
            {given.map((request) => (
              <li key={request.id}>
                <bdi>{request.name ?? t.erasedName}</bdi>: <KeyGiven of={request} />
              </li>
            ))}
          </ul>
        )}
      </Load>
    </Panel>
  );
}
