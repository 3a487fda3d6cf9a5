import { describe, expect, it } from 'vitest';
import { API_ERRORS } from '../../src/http/schemas/error-codes.js';
import { stubBrowser } from './browser.js';

stubBrowser(['en']);
const { setLanguage } = await import('../../src/web/lib/language.js');
const { common } = await import('../../src/web/messages/common.js');
const { words: notarize } = await import('../../src/web/messages/notarize.js');
const { words: verify } = await import('../../src/web/messages/verify.js');
const { fileWords } = await import('../../src/web/messages/verify-offline.js');
const { stepWords } = await import('../../src/web/messages/steps.js');
const { words: organization } = await import('../../src/web/messages/account.js');
const { partWords } = await import('../../src/web/messages/parts.js');
const { youWords } = await import('../../src/web/messages/account-you.js');
const { usersWords } = await import('../../src/web/messages/account-users.js');
const { keysWords } = await import('../../src/web/messages/account-keys.js');
const { logWords } = await import('../../src/web/messages/account-log.js');
const { organizationsWords } = await import('../../src/web/messages/account-accounts.js');
const { words: explorer } = await import('../../src/web/messages/explorer.js');
const { words: register } = await import('../../src/web/messages/register.js');
const { words: how } = await import('../../src/web/messages/how.js');
const { words: docs } = await import('../../src/web/messages/docs.js');
const { valueWords } = await import('../../src/web/messages/raw-values.js');

/** Every text of a table with its place, functions called with their parameters' places. */
function texts(table: unknown, place = ''): [string, string][] {
  if (typeof table === 'string') return [[place, table]];
  if (typeof table === 'function') {
    const facts = new Proxy(
      {},
      { get: (_, name) => (typeof name === 'string' ? `<${name}>` : () => '<fact>') },
    );
    // Some take a count, a code or facts first: what is made of it is not looked at.
    return [[place, (table as (...given: unknown[]) => unknown)(facts, '<b>', '<c>')]].map(
      ([name, text]) => [name, typeof text === 'string' ? text : '<given>'] as [string, string],
    );
  }
  return Object.entries(table as object).flatMap(([name, value]) => texts(value, `${place}/${name}`));
}

const tables = () =>
  [
    common(),
    notarize(),
    verify(),
    fileWords(),
    docs(),
    stepWords(),
    valueWords(),
    organization(),
    partWords(),
    youWords(),
    usersWords(),
    keysWords(),
    logWords(),
    organizationsWords(),
    explorer(),
    how(),
    register(),
  ].flatMap((table) => texts(table));

describe('the messages', () => {
  setLanguage('en');
  const en = tables();
  setLanguage('ko');
  const ko = tables();

  it('are the same in both languages, and none is empty', () => {
    expect(ko.map(([place]) => place)).toEqual(en.map(([place]) => place));
    expect([...en, ...ko].filter(([, text]) => text.trim() === '')).toEqual([]);
  });

  it('are Korean in Korean, and nothing else in English', () => {
    // Numbers with their units.
    const own = (place: string) => place !== '/speed' && place !== '/milliseconds';
    expect(ko.filter(([place, text]) => own(place) && !/\p{Script=Hangul}/u.test(text))).toEqual([]);
    expect(en.filter(([, text]) => /\p{Script=Hangul}/u.test(text))).toEqual([]);
  });

  it('translate codes that the service has', () => {
    const own = ['wrong_digest', 'not_understood', 'session_changed', 'no_choice'];
    const known = Object.keys({
      ...common().problems,
      ...partWords().problems,
      ...register().problems,
    }).filter((code) => !own.includes(code));
    expect(known.filter((code) => !(code in API_ERRORS))).toEqual([]);
  });

  it('leave no particle undecided', () => {
    expect(ko.filter(([, text]) => /[은을이]\([는를가]\)|\(으\)로/.test(text))).toEqual([]);
  });
});
