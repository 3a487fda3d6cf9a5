import './browser.js';
import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { HISTORY } from '../../src/messages/history.js';
import { STEPS } from '../../src/messages/verification.js';
import { API_ERRORS } from '../../src/http/schemas/error-codes.js';
import { language, setLanguage } from '../../src/web/lib/language.js';
import { messages as account } from '../../src/web/messages/account.js';
import { common } from '../../src/web/messages/common.js';
import { messages as docs } from '../../src/web/messages/docs.js';
import { messages as explorer } from '../../src/web/messages/explorer.js';
import { messages as how } from '../../src/web/messages/how.js';
import { messages as notarize } from '../../src/web/messages/notarize.js';
import { keptMessages } from '../../src/web/messages/kept-document.js';
import { recordMessages } from '../../src/web/messages/records.js';
import { messages as recordsAsks } from '../../src/web/messages/records-asks.js';
import { messages as recordsPage } from '../../src/web/messages/records-page.js';
import { messages as register } from '../../src/web/messages/register.js';
import { messages as published } from '../../src/web/messages/published.js';
import { messages as sign } from '../../src/web/messages/sign.js';
import { valueNames } from '../../src/web/messages/values.js';
import { messages as verify } from '../../src/web/messages/verify.js';
import { offlineMessages } from '../../src/web/messages/verify-offline.js';

afterEach(() => {
  setLanguage('en');
});

/** Every text of a table with its place, functions called with placeholders. */
function texts(table: unknown, place = ''): [string, string][] {
  if (typeof table === 'string') return [[place, table]];
  if (typeof table === 'function') {
    const placeholder = new Proxy(
      {},
      { get: (_, name) => (typeof name === 'string' ? `<${name}>` : () => '<a>') },
    );
    const text = (table as (...given: unknown[]) => unknown)(placeholder, placeholder, placeholder);
    // Messages with views in them are lists.
    const parts = Array.isArray(text) ? text.filter((part) => typeof part === 'string').join('') : '<text>';
    return [[place, typeof text === 'string' ? text : parts]];
  }
  return Object.entries(table as object).flatMap(([name, value]) => texts(value, `${place}/${name}`));
}

const tables = () =>
  [
    account,
    common,
    docs,
    explorer,
    () => HISTORY[language()],
    () => STEPS[language()],
    how,
    keptMessages,
    notarize,
    offlineMessages,
    recordMessages,
    recordsAsks,
    recordsPage,
    register,
    published,
    sign,
    valueNames,
    verify,
  ].flatMap((table) => texts(table()));

describe('the messages', () => {
  setLanguage('en');
  const en = tables();
  setLanguage('ko');
  const ko = tables();

  it('exist in both languages, and none is empty', () => {
    expect(ko.map(([place]) => place)).toEqual(en.map(([place]) => place));
    expect([...en, ...ko].filter(([, text]) => text.trim() === '')).toEqual([]);
  });

  it('are Korean in Korean and English in English', () => {
    // Numbers with their units.
    const own = (place: string) => place !== '/milliseconds';
    expect(ko.filter(([place, text]) => own(place) && !/\p{Script=Hangul}/u.test(text))).toEqual([]);
    expect(en.filter(([, text]) => /\p{Script=Hangul}/u.test(text))).toEqual([]);
  });

  it('translate only error codes that the service has', () => {
    const own = [
      'wrong_digest',
      'not_understood',
      'session_changed',
      'no_choice',
      'http_413',
      'one_file',
      'unreadable',
    ];
    const known = Object.keys({
      ...common().problems,
      ...notarize().problems,
      ...register().problems,
    }).filter((code) => !own.includes(code));
    expect(known.filter((code) => !(code in API_ERRORS))).toEqual([]);
  });

  it('name every member that an event can state', () => {
    const folder = new URL('../../src/proof/records/', import.meta.url);
    const names = readdirSync(folder).flatMap((file) =>
      [...readFileSync(new URL(file, folder), 'utf8').matchAll(/\.(?:get|optional)\(\s*'(\w+)'/g)].map(
        ([, name = '']) => name,
      ),
    );
    expect(names).toContain('parties');
    const { members } = recordMessages();
    expect(names.filter((name) => name !== 'nonce' && !Object.hasOwn(members, name))).toEqual([]);
  });

  it('contain no undecided Korean particle', () => {
    expect(ko.filter(([, text]) => /[은을이]\([는를가]\)|\(으\)로/.test(text))).toEqual([]);
  });
});
