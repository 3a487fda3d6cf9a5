import type { Account, AccountUser, ApiKey, Person } from '../../store/index.js';
import { Failure, usageError } from '../failure.js';
import { closest } from '../input/closest.js';
import type { Administration } from './administration.js';
import { LOCAL } from './here.js';

/** Finding what people name, and telling them what they may have meant. */

export const ACCOUNT_OPTION = {
  account: { type: 'string', value: 'ID', help: 'the account; "ingam account list" shows the ids' },
} as const;

/** More accounts than this are not looked through for one with a similar name. */
const LOOKED_THROUGH = 1000;

/** @throws {Failure} account_not_found */
export async function findAccount(
  { access, store }: Administration,
  id: string | undefined,
): Promise<Account> {
  if (id === undefined) {
    throw usageError('which account? Give --account ID', 'The accounts and their ids: ingam account list');
  }
  const found = await store.account(id);
  if (found !== null) return found;
  const accounts = await access.accounts(LOCAL, { limit: LOOKED_THROUGH });
  const near = closest(id, [...accounts.map((account) => account.id), ...accounts.map(({ name }) => name)]);
  const meant = accounts.find((account) => account.id === near || account.name === near);
  throw notFound(
    'account_not_found',
    `there is no account ${id}`,
    meant === undefined
      ? 'The accounts and their ids: ingam account list'
      : `Did you mean ${meant.id} (${meant.name})?`,
  );
}

/** @throws {Failure} user_not_found */
export async function findUser(
  { access }: Administration,
  account: Account,
  who: string,
): Promise<AccountUser> {
  const users = await access.users(LOCAL, account.id);
  const email = who.trim().normalize('NFC').toLowerCase();
  const found = users.find(({ person }) => person.id === who || person.email === email);
  if (found !== undefined) return found;
  const near = closest(
    email,
    users.map(({ person }) => person.email),
  );
  throw notFound(
    'user_not_found',
    `there is no user ${who} in ${account.name}`,
    near === null
      ? `Its users are listed by: ingam user list --account ${account.id}`
      : `Did you mean ${near}?`,
  );
}

/** @throws {Failure} user_not_found */
export async function findPerson({ store }: Administration, who: string): Promise<Person> {
  const email = who.trim().normalize('NFC').toLowerCase();
  const found = who.includes('@') ? await store.personByEmail(email) : await store.person(who);
  if (found !== null) return found;
  throw notFound(
    'user_not_found',
    `nobody here is called ${who}`,
    'Name somebody by e-mail address or by id.',
  );
}

/** @param text the key's id, or all of it. @throws {Failure} key_not_found */
export async function findKey({ store }: Administration, text: string): Promise<ApiKey> {
  const id = /^ingam_([0-9a-f]{16})_/.exec(text)?.[1] ?? text;
  const [facts = null] = /^[0-9a-f]{16}$/.test(id) ? await store.keyFacts([id]) : [];
  if (facts !== null) return facts.key;
  // Not quoted whole: it may be somebody's secret.
  const shown = text.length > 24 ? `${text.slice(0, 22)}…` : text;
  throw notFound(
    'key_not_found',
    `there is no API key ${shown}`,
    'Keys are listed with their ids by: ingam key list --account ID',
  );
}

function notFound(code: string, message: string, hint: string): Failure {
  return new Failure('refused', message, { code, hint });
}
