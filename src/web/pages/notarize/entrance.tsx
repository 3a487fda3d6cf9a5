import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Choice, Choices } from '../../components/fields.js';
import { DropArea, useDrops } from '../../components/drop-area.js';
import { EmptyState } from '../../components/empty-state.js';
import { Icon } from '../../components/icon.js';
import { Menu } from '../../components/menu.js';
import { announce } from '../../lib/announce.js';
import type { ChosenFile } from '../../lib/files.js';
import { firstNames, formatNumber } from '../../lib/format.js';
import { signInLink } from '../../lib/links.js';
import { type Session, session, submissionAccess } from '../../lib/session.js';
import { common } from '../../messages/common.js';
import { messages } from '../../messages/notarize.js';
import { documents } from './documents.js';
import { mayKeep, mode, setWithNames, withNames } from './settings.js';

/** The page waits this long for the service to say who may notarize. */
const UNDECIDED_MS = 1000;

/** Whether somebody comes from setting up the service. */
const welcomes = location.hash === '#welcome';

/** Where documents are given, or why they cannot be. */
export function Entrance() {
  const { current } = session;
  // If the service is unreachable, documents can still be added and hashed.
  const waited = useSignal(false);
  /** Paths that could not be read in the last drop; empty: it contained no files; null: no problem. */
  const missed = useSignal<readonly string[] | null>(null);
  useEffect(() => {
    const decide = () => {
      waited.value = true;
    };
    session.load().then(decide, decide);
    setTimeout(decide, UNDECIDED_MS);
  }, []);
  const access = current === null ? 'open' : submissionAccess(current);
  const open = access === 'open' || access === 'on_behalf';
  const add = (files: readonly ChosenFile[], unread: readonly string[] = []) => {
    missed.value = files.length > 0 && unread.length === 0 ? null : unread;
    documents.add(files);
  };
  useDrops((files, unread) => {
    if (open) add(files, unread);
    else announce(document.querySelector('.empty-state h2')?.textContent ?? '');
  });
  if (current === null && !waited.value) return <div class="entrance" aria-busy="true" />;
  if (!open && current !== null) return <NoAccess session={current} access={access} />;
  const t = messages();
  const compact = documents.items.length > 0;
  return (
    <div class="entrance">
      {welcomes && documents.items.length === 0 ? <p class="done">{t.welcome}</p> : null}
      {current === null ? null : <Organization session={current} />}
      <DropArea
        heading={compact ? t.dropMore : t.dropHeading}
        icon="drop"
        compact={compact}
        choose={[{ label: t.chooseFiles }, { label: t.chooseFolder, folder: true }]}
        onFiles={add}
      />
      <Settings />
      <p class="problem unread" role="alert">
        {missed.value === null
          ? ''
          : missed.value.length === 0
            ? t.noFiles
            : t.unread(formatNumber(missed.value.length), firstNames(missed.value))}
      </p>
    </div>
  );
}

/** What is sent, in one line, and the way to change it. */
function Settings() {
  const t = messages();
  const named = mode.value !== 'digest' || withNames.value;
  const what = [
    { digest: t.digestOnly, upload: t.upload, keep: t.keep }[mode.value],
    named ? t.namesIncluded : t.namesNotIncluded,
  ].join(' · ');
  return (
    <Menu class="settings" tone="quiet" label={what} name={`${t.modeLegend}: ${what}`}>
      {() => (
        <>
          <Choices legend={t.modeLegend}>
            <Choice
              type="radio"
              name="mode"
              label={t.digestOnly}
              explained={t.digestOnlyExplained}
              checked={mode.value === 'digest'}
              onChange={() => (mode.value = 'digest')}
            />
            <Choice
              type="radio"
              name="mode"
              label={t.upload}
              explained={t.uploadExplained}
              checked={mode.value === 'upload'}
              onChange={() => (mode.value = 'upload')}
            />
            {mayKeep.value ? (
              <Choice
                type="radio"
                name="mode"
                label={t.keep}
                explained={t.keepExplained}
                checked={mode.value === 'keep'}
                onChange={() => (mode.value = 'keep')}
              />
            ) : null}
          </Choices>
          {mode.value !== 'digest' ? null : (
            <Choice
              type="checkbox"
              name="withNames"
              label={t.withName}
              explained={t.withNameExplained}
              checked={withNames.value}
              onChange={setWithNames}
            />
          )}
        </>
      )}
    </Menu>
  );
}

/** The organization for which documents are notarized; nothing without one. */
function Organization({ session: { user, memberships } }: { readonly session: Session }) {
  const t = messages();
  if (user?.organization == null) return null;
  return (
    <p class="behalf">
      <Icon name="person" />
      <span>
        {t.onBehalf(user.organization.name)}{' '}
        {memberships.length < 2 ? null : <a href="./account.html">{t.otherOrganization}</a>}
      </span>
    </p>
  );
}

interface NoAccessProps {
  readonly session: Session;
  readonly access: 'sign_in_first' | 'no_organization' | 'reads_only';
}

/** Shown instead of the drop area to those who cannot notarize. */
function NoAccess({ session: { user, memberships, policy }, access }: NoAccessProps) {
  const t = messages();
  const loneAdministrator = user?.operator === true && memberships.length === 0;
  const { heading, message } = {
    sign_in_first: {
      heading: t.signInFirst,
      message: policy.privateVerification ? t.signInFirstPrivate : t.signInFirstExplained,
    },
    no_organization: {
      heading: t.noOrganization,
      message: loneAdministrator
        ? t.noOrganizationAdministrator
        : user?.lacksPasskey === true
          ? common().problems.passkey_required
          : t.noOrganizationExplained,
    },
    reads_only: {
      heading: t.auditorsOnlyRead(user?.organization?.name ?? ''),
      message: t.auditorsOnlyReadExplained,
    },
  }[access];
  return (
    <div class="entrance">
      <EmptyState heading={heading} message={message} icon="person">
        {access === 'sign_in_first' ? (
          <a class="button is-primary" href={signInLink('notarize')}>
            {common().signIn}
          </a>
        ) : (
          <a
            class="button is-primary"
            href={loneAdministrator ? './account.html#organizations' : './account.html'}
          >
            {loneAdministrator ? t.createOrganization : common().openAccount}
          </a>
        )}
        <a class="button" href="./verify.html">
          {t.verifyLink}
        </a>
      </EmptyState>
    </div>
  );
}
