// @vitest-environment happy-dom
import { afterEach, expect, it, vi } from 'vitest';
import type * as api from '../../src/web/lib/account-api.js';
import { formatTime } from '../../src/web/lib/format.js';
import { session } from '../../src/web/lib/session.js';
import { AccountPage } from '../../src/web/pages/account/account-page.js';
import { Event } from '../../src/web/pages/account/log.js';
import { changes, press, screen, show } from './view.js';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const EVENT = {
  ...{ id: 7, at: '2026-11-29T06:04:11.000Z', kind: 'role_changed', address: '192.0.2.1' },
  ...{ organizationId: 'org_aaaaaaaaaaaaaaaaaaaa', personId: 'psn_bbbbbbbbbbbbbbbbbbbb', keyId: null },
  detail: { person: 'psn_cccccccccccccccccccc', email: 'lee@example.com', role: 'auditor', limit: null },
};
const NAMES = {
  org_aaaaaaaaaaaaaaaaaaaa: '한빛',
  psn_bbbbbbbbbbbbbbbbbbbb: 'Kim Minji',
  psn_cccccccccccccccccccc: 'Lee Jun',
};

const rows = (place: HTMLElement) =>
  [...place.querySelectorAll('dl > div')].map((row) => [
    row.querySelector('dt')?.textContent,
    row.querySelector('dd')?.textContent,
  ]);

it('shows an event with names instead of ids', async () => {
  const place = await show(<Event of={EVENT} names={NAMES} />);
  expect(rows(place)).toEqual([
    ['By', 'Kim Minji'],
    ['Organization', '한빛'],
    ['Person', 'Lee Jun'],
    ['E-mail address', 'lee@example.com'],
    ['Role', 'Auditor'],
    ['From', '192.0.2.1'],
  ]);
  expect(place.textContent).not.toMatch(/(psn|org)_/);
});

it('shows the id of what has no name, marks what alarms, and says when nobody is known', async () => {
  const failed = { ...EVENT, kind: 'sign_in_failed', personId: null, organizationId: null, detail: {} };
  const place = await show(<Event of={failed} names={{}} />);
  expect(place.querySelector('.is-alarming')).not.toBeNull();
  expect(rows(place)[0]).toEqual(['By', 'Unknown']);
  const unnamed = await show(<Event of={{ ...EVENT, keyId: '00112233445566aa' }} names={{}} />);
  expect(unnamed.querySelector('code')?.textContent).toBe('psn_bbbbbbbbbbbbbbbbbbbb');
});

it('says of a key whose it is, which call it was, and what is shown to everybody', async () => {
  const digest = '5f'.repeat(32);
  const facts = async (kind: string, detail: api.AccessEvent['detail'], keyId: string | null = null) =>
    rows(
      await show(
        <Event of={{ ...EVENT, kind, personId: null, organizationId: null, keyId, detail }} names={{}} />,
      ),
    );
  expect(
    await facts('signing_key_given', { request: 'srq_aaaaaaaaaaaaaaaaaaaa', key: digest }),
  ).toContainEqual(['Signer’s key (SHA-256)', digest]);
  expect(await facts('signing_answered', { answer: 'item.accept' }, '00112233445566aa')).toEqual([
    ['API key', '00112233445566aa'],
    ['Answer', 'Accepted'],
    ['From', '192.0.2.1'],
  ]);
  expect(await facts('details_read_by_operator', { route: '/v1/signing-requests', count: 12 })).toEqual([
    ['By', 'Unknown'],
    ['Call', '/v1/signing-requests'],
    ['Number shown', '12'],
    ['From', '192.0.2.1'],
  ]);
  const signedAt = Date.parse('2026-11-29T06:04:11.000Z');
  const published = await facts('record_published', { signedAt, shows: 'title keys' });
  expect(published).toContainEqual(['Shown to everybody', 'title, names of keys']);
  expect(published).toContainEqual(['Signed', formatTime(signedAt)]);
});

it('is open to auditors, with a file of all events for spreadsheets', async () => {
  const asked: string[] = [];
  const organization = { id: 'org_aaaaaaaaaaaaaaaaaaaa', name: '한빛' };
  const auditor = { kind: 'user', id: 'psn_dddddddddddddddddddd', email: 'a@b.example', name: 'Aud' };
  vi.stubGlobal('fetch', (input: unknown) => {
    const { pathname, search } = new URL(String(input), 'http://localhost/');
    asked.push(pathname + search);
    if (pathname === '/v1/session') {
      return Promise.resolve(
        Response.json({
          principal: { ...auditor, operator: false, organization, role: 'auditor' },
          memberships: [{ organization, role: 'auditor' }],
          policy: { anonymousSubmission: false, privateVerification: false },
        }),
      );
    }
    if (pathname === '/v1/session/others') return Promise.resolve(Response.json({ sessions: [] }));
    if (pathname === '/v1/passkeys') return Promise.resolve(Response.json({ passkeys: [], needed: false }));
    if (search.includes('format=csv')) return Promise.resolve(new Response('at,kind\r\n'));
    return Promise.resolve(Response.json({ events: [EVENT], names: NAMES, next: null }));
  });
  const saved: string[] = [];
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    saved.push(this.download);
  });
  await changes(() => session.load());
  location.hash = '#log';
  await show(<AccountPage />);
  await screen.findByText('Kim Minji');
  const sections = [...document.querySelectorAll('.section-links a')].map(({ textContent }) => textContent);
  expect(sections).toEqual(['Profile', 'Access log']);
  // The organization that everything here is about is not repeated with each event.
  expect(screen.queryByText('한빛')).toBeNull();
  await press('Download CSV');
  await vi.waitFor(() => {
    expect(saved).toEqual(['ingam-access-log.csv']);
  });
  expect(asked).toContain('/v1/access-log?limit=50');
  expect(asked).toContain('/v1/access-log?format=csv');
});
