import { useEffect, useMemo } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { Load } from '../../components/load.js';
import { Problem } from '../../components/problem.js';
import { Time } from '../../components/time.js';
import { Action } from '../../lib/action.js';
import { announce } from '../../lib/announce.js';
import * as api from '../../lib/account-api.js';
import { formatTime } from '../../lib/format.js';
import type { Resource } from '../../lib/resource.js';
import { messages } from '../../messages/account.js';
import { deviceName } from './device.js';
import { Entry, Panel, Tag } from './entries.js';

interface SessionsProps {
  readonly of: Resource<readonly api.OwnSession[]>;
  /** The name of the identity provider that has signed the user in; null: none has. */
  readonly provider: string | null;
}

/** The user's sessions, with buttons to end them. */
export function Sessions({ of: sessions, provider }: SessionsProps) {
  const t = messages().you;
  const action = useMemo(() => new Action(), []);
  useEffect(() => void sessions.load(), [sessions]);
  const end = (run: () => Promise<void>, done: string) => {
    void action.run(async () => {
      await run();
      await sessions.load();
      announce(done);
    });
  };
  return (
    <Panel heading={t.sessionsHeading}>
      <p class="hint">{provider === null ? t.sessionsLead : messages().provider.sessionsLead(provider)}</p>
      <Load of={sessions}>
        {(list) => (
          <>
            <ul class="entries">
              {[...list]
                .sort((a, b) => Number(b.current) - Number(a.current))
                .map((each) => (
                  <OwnSession
                    key={each.id}
                    of={each}
                    onEnd={() => {
                      end(() => api.endSession(each.id), t.sessionEnded);
                    }}
                  />
                ))}
            </ul>
            {list.every(({ current }) => current) ? (
              <p class="hint">{t.onlyThis}</p>
            ) : (
              <div class="form-actions">
                <Button
                  onPress={() => {
                    end(api.endOtherSessions, t.othersEnded);
                  }}
                >
                  {t.endOthers}
                </Button>
              </div>
            )}
          </>
        )}
      </Load>
      <Problem error={action.error.value} />
    </Panel>
  );
}

interface OwnSessionProps {
  readonly of: api.OwnSession;
  readonly onEnd: () => void;
}

function OwnSession({ of: { current, createdAt, lastUsedAt, address, agent }, onEnd }: OwnSessionProps) {
  const t = messages().you;
  const name = deviceName(agent);
  return (
    <Entry
      name={name}
      title={agent}
      tags={current ? <Tag tone="good">{t.thisSession}</Tag> : null}
      lines={[t.sessionTimes(<Time at={createdAt} />, <Time at={lastUsedAt} />, address)]}
    >
      {current ? null : (
        <Button aria-label={t.endSessionNamed(name, formatTime(Date.parse(createdAt)))} onPress={onEnd}>
          {t.endSession}
        </Button>
      )}
    </Entry>
  );
}
