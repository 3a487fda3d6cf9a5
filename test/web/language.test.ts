import { afterAll, describe, expect, it, vi } from 'vitest';
import { ENGLISH, stubBrowser } from './browser.js';

// The language is chosen when the module is loaded.
vi.resetModules();
stubBrowser(['de-CH', 'ko', 'en-US']);
afterAll(() => {
  vi.resetModules();
  stubBrowser(ENGLISH);
});
const { language, locale, localeFor, preferredLanguage, recall, setLanguage } =
  await import('../../src/web/lib/language.js');

describe('the language', () => {
  it.each([
    ['the first that there is', null, ['fr', 'ko-KR', 'en'], 'ko'],
    ['what was chosen before all', 'en', ['ko'], 'en'],
    ['English for everybody else', null, ['fr'], 'en'],
    ['English without any preference', null, [], 'en'],
    ['not what somebody else stored', 'xx', ['ko'], 'ko'],
    ['whatever the case', null, ['KO-kr'], 'ko'],
  ] as const)('is %s', (_, remembered, accepted, expected) => {
    expect(preferredLanguage(remembered, accepted)).toBe(expected);
  });

  it('uses the user’s own region for dates and numbers', () => {
    expect(localeFor('en', ['ko-KR', 'en-US'])).toBe('en-US');
    expect(localeFor('ko', ['en-US'])).toBe('ko-KR');
  });

  it('is remembered once it is chosen', () => {
    expect([language(), locale()]).toEqual(['ko', 'ko']);
    setLanguage('en');
    expect([language(), locale(), recall('ingam.language')]).toEqual(['en', 'en-US', 'en']);
  });
});
