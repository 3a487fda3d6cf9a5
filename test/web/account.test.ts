import './browser.js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { EVENT_FACTS, EVENT_KINDS } from '../../src/auth/index.js';
import { PUBLISHABLE } from '../../src/proof/index.js';
import { assertPassword } from '../../src/auth/passwords.js';
import { problemSentence } from '../../src/web/components/problem.js';
import { setLanguage } from '../../src/web/lib/language.js';
import { messages } from '../../src/web/messages/account.js';
import { lengthSentence, passwordLength } from '../../src/web/pages/account/fields.js';
import { invitationLink, parseAccountLink } from '../../src/web/lib/links.js';
import { EVENT_GROUPS, eventQuery } from '../../src/web/pages/account/events.js';
import { deviceName } from '../../src/web/pages/account/device.js';

afterEach(() => {
  setLanguage('en');
});

describe('links to the organization page', () => {
  it.each([
    ['#setup=abc-_1', { kind: 'setup', token: 'abc-_1' }],
    ['#invitation=abc', { kind: 'invitation', token: 'abc' }],
    ['#from=notarize', { kind: 'from', address: './' }],
    ['#from=register', { kind: 'from', address: './register.html#' }],
    ['#from=register&q=a%20b&tag=x', { kind: 'from', address: './register.html#q=a%20b&tag=x' }],
    ['#from=records&id=ab', { kind: 'from', address: './records.html#id=ab' }],
    ['#from=registers', { kind: 'section', name: 'you' }],
    ['#keys', { kind: 'section', name: 'keys' }],
    ['', { kind: 'section', name: 'you' }],
    ['#setup=', { kind: 'section', name: 'you' }],
    // Nothing leads to another site.
    ['#from=https://elsewhere.example', { kind: 'section', name: 'you' }],
    ['#elsewhere', { kind: 'section', name: 'you' }],
  ])('%s', (fragment, link) => {
    expect(parseAccountLink(fragment)).toEqual(link);
  });

  it('lead back to the page that made them, wherever it is mounted', () => {
    const link = new URL(invitationLink('https://host.example/ingam/account.html?x#users', 't0ken'));
    expect(link.href).toBe('https://host.example/ingam/account.html#invitation=t0ken');
    expect(parseAccountLink(link.hash)).toEqual({ kind: 'invitation', token: 't0ken' });
  });
});

describe('the length of a password', () => {
  it.each([
    '',
    'a'.repeat(11),
    'a'.repeat(12),
    '한'.repeat(12),
    '🔑'.repeat(12),
    'ﬁ'.repeat(6),
    'a'.repeat(1025),
  ])('is judged as the service judges it: %j', (password) => {
    const length = passwordLength(password);
    const taken = () => {
      assertPassword(password);
    };
    if (length >= 12 && length <= 1024) expect(taken).not.toThrow();
    else expect(taken).toThrow();
  });

  it('is described while the user types', () => {
    expect(lengthSentence('a')).toBe('11 more characters needed.');
    expect(lengthSentence('a'.repeat(11))).toBe('1 more character needed.');
    expect(lengthSentence('a'.repeat(12))).toBe('Long enough.');
    expect(lengthSentence('a'.repeat(1025))).toContain('1,024');
  });
});

describe('devices', () => {
  const mozilla = (rest: string) => `Mozilla/5.0 (${rest}`;
  it.each([
    [mozilla('X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36'), 'Chrome on Linux'],
    [mozilla('Windows NT 10.0) AppleWebKit/537.36 Chrome/131.0 Safari/537.36 Edg/131.0'), 'Edge on Windows'],
    [
      mozilla('iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Mobile Safari/604.1'),
      'Safari on iPhone',
    ],
    [mozilla('Macintosh; Intel Mac OS X 10.15; rv:133.0) Gecko Firefox/133.0'), 'Firefox on macOS'],
    [mozilla('Linux; Android 14) Chrome/131.0 SamsungBrowser/27.0'), 'Samsung Internet on Android'],
    ['curl/8.5.0', 'curl/8.5.0'],
    ['Mozilla/5.0', 'Unknown program'],
    ['', 'Unknown program'],
    ['<script>alert(1)</script>', 'Unknown program'],
  ])('%s', (agent, name) => {
    expect(deviceName(agent)).toBe(name);
  });
});

describe('the access log', () => {
  it('knows every kind of event, once', () => {
    const grouped = Object.values(EVENT_GROUPS).flat();
    expect([...grouped].sort()).toEqual([...EVENT_KINDS].sort());
    expect(Object.keys(messages().log.kinds).sort()).toEqual([...EVENT_KINDS].sort());
  });

  it('has a word for every fact of an event', () => {
    // `key` is not the key of the API here.
    const needed = EVENT_FACTS.map((fact) => (fact === 'key' ? 'signer' : fact));
    expect(needed.filter((fact) => !Object.hasOwn(messages().log.facts, fact))).toEqual([]);
    expect(Object.keys(messages().log.shown).sort()).toEqual(
      [...new Set(Object.values(PUBLISHABLE).flat())].sort(),
    );
  });

  it('is queried for whole days in the reader’s time zone', () => {
    vi.stubEnv('TZ', 'Asia/Seoul');
    const query = eventQuery({ group: 'users', from: '2026-03-01', to: '2026-03-31' });
    vi.unstubAllEnvs();
    expect(query).toEqual({
      kind: 'invitation_made,invitation_accepted,user_added,user_removed,role_changed',
      from: '2026-02-28T15:00:00.000Z',
      to: '2026-03-31T15:00:00.000Z',
    });
    expect(eventQuery({ group: null, from: '', to: '' })).toEqual({});
  });
});

describe('a limit that is used up', () => {
  const problem = (retryAfterSeconds: number | null) => ({
    status: 429,
    code: 'limit_exceeded',
    detail: '',
    requestId: null,
    retryAfterSeconds,
  });

  it('states when it resets, if that is known', () => {
    expect(problemSentence(problem(7200))).toContain('2 hours');
    expect(problemSentence(problem(null))).toContain('Send less at once');
  });
});

describe('the sentence of a problem', () => {
  it('prefers the page’s own message to the shared one', () => {
    const problem = { status: 403, code: 'forbidden', detail: '', requestId: null, retryAfterSeconds: null };
    expect(problemSentence(problem, { forbidden: 'Own.' })).toBe('Own.');
    expect(problemSentence(problem)).toBe('Your role does not allow this.');
  });
});
