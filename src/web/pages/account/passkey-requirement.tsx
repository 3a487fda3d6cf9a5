import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { Choice } from '../../components/fields.js';
import { Load } from '../../components/load.js';
import { Confirm } from '../../components/modal.js';
import { announce } from '../../lib/announce.js';
import * as api from '../../lib/account-api.js';
import { Resource } from '../../lib/resource.js';
import { messages } from '../../messages/account.js';
import { Panel } from './entries.js';

/** Whether users act for the organization only with a passkey, which its owners decide. */
export function PasskeyRequirement({ id, name }: { readonly id: string; readonly name: string }) {
  const t = messages().passkeys;
  const organization = useMemo(() => new Resource(() => api.organization(id)), [id]);
  const asked = useSignal(false);
  useEffect(() => void organization.load(), [organization]);
  return (
    <Panel heading={t.heading}>
      <Load of={organization}>
        {({ requiresPasskey: required }) => (
          <>
            <Choice
              type="checkbox"
              name="required"
              label={t.require}
              explained={t.requireExplained(name)}
              checked={required}
              onChange={() => (asked.value = true)}
            />
            {asked.value ? (
              <Confirm
                heading={required ? t.requireNotHeading(name) : t.requireHeading(name)}
                yes={required ? t.requireNot : t.require}
                own={{ passkey_required: t.requireFirst }}
                run={async () => {
                  organization.change(await api.requirePasskeys(id, !required));
                  asked.value = false;
                  announce(required ? messages().passkeys.requiredNoMore : messages().passkeys.requiredNow);
                }}
                onClose={() => (asked.value = false)}
              >
                <p>{required ? t.requireNotExplained : t.requireExplained(name)}</p>
              </Confirm>
            ) : null}
          </>
        )}
      </Load>
    </Panel>
  );
}
