// @vitest-environment happy-dom
import { expect, it } from 'vitest';
import { Event } from '../../src/web/pages/account/log.js';
import { show } from './view.js';

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
