import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { Choice, Choices, Form } from '../../components/fields.js';
import { Load } from '../../components/load.js';
import { announce } from '../../lib/announce.js';
import * as api from '../../lib/account-api.js';
import { Resource } from '../../lib/resource.js';
import { messages } from '../../messages/account.js';
import { Panel } from './entries.js';

/** How often the user is told by e-mail what is new in the organization. */
export function Digest({ organization }: { readonly organization: string }) {
  const t = messages().digest;
  const digest = useMemo(() => new Resource(api.digest), []);
  useEffect(() => void digest.load(), [digest]);
  return (
    <Panel heading={t.heading}>
      <p class="hint">{t.lead(organization)}</p>
      <Load of={digest}>{({ every }) => <DigestForm every={every} />}</Load>
    </Panel>
  );
}

function DigestForm({ every }: api.DigestChoice) {
  const t = messages().digest;
  const chosen = useSignal(every);
  const saved = useSignal(false);
  return (
    <Form
      name="digest"
      fields={[]}
      submit={t.save}
      send={async () => {
        await api.chooseDigest(chosen.value);
        saved.value = true;
        announce(messages().digest.saved);
      }}
    >
      <Choices legend={t.legend}>
        {api.DIGEST_TIMES.map((each) => (
          <Choice
            key={each}
            type="radio"
            name="digest"
            label={t.times[each]}
            explained={each === 'off' ? undefined : t.explained[each]}
            checked={chosen.value === each}
            onChange={() => {
              chosen.value = each;
              saved.value = false;
            }}
          />
        ))}
      </Choices>
      {saved.value ? <p class="done">{t.saved}</p> : null}
    </Form>
  );
}
