import { LOCAL } from '../auth/policy.js';
import type { Account } from '../store/index.js';
import { defineGroup } from './command.js';
import { EXIT, printJson, printLine, type ExitCode, type Io, printTable, printable } from './io.js';
import {
  defineAccessCommand,
  HERE,
  LIMIT_COLUMNS,
  LIMIT_OPTIONS,
  limitsGiven,
  withoutLimits,
  findAccount,
  accountJson,
  day,
} from './admin-command.js';
import type { Administration } from './administration.js';

const PAGE = 1000;
const WHICH = { min: 1, max: 1, missing: 'which account? "ingam account list" shows the ids' } as const;

const create = defineAccessCommand({
  name: 'account create',
  summary: 'make an account',
  usage: 'NAME [--requests-per-minute N] [--digests-per-day N] [--bytes-per-day N]',
  text: 'Makes an account for an organisation. Its id is on standard output.',
  options: LIMIT_OPTIONS,
  positionals: { min: 1, max: 1, missing: 'what is it called?' },
  plan({ values, positionals: [name = ''] }, io) {
    const limits = withoutLimits(limitsGiven(values));
    return async ({ access }) => {
      const account = await access.createAccount(LOCAL, { name, limits }, HERE);
      if (values.json) printJson(io.stdout, accountJson(account));
      else {
        printLine(io.stdout, account.id);
        const next = `ingam user add EMAIL --account ${account.id} --role owner`;
        printLine(io.stderr, printable(`${account.name} is made. To give it its first owner: ${next}`));
      }
      return EXIT.ok;
    };
  },
});

const list = defineAccessCommand({
  name: 'account list',
  summary: 'all accounts, with their ids and limits',
  usage: '',
  text: 'The accounts are on standard output.',
  options: {},
  positionals: { min: 0, max: 0 },
  plan:
    ({ values }, io) =>
    async (administration) => {
      const accounts = await allAccounts(administration);
      if (values.json) printJson(io.stdout, { accounts: accounts.map(accountJson) });
      else if (accounts.length > 0) printAccounts(accounts, io);
      else printLine(io.stderr, 'There are no accounts yet. The first: ingam account create NAME');
      return EXIT.ok;
    },
});

const show = defineAccessCommand({
  name: 'account show',
  summary: 'one account',
  usage: 'ID',
  text: 'Shows an account, and how many users and usable API keys it has.',
  options: {},
  positionals: WHICH,
  plan:
    ({ values, positionals: [id] }, io) =>
    async (administration) => {
      const account = await findAccount(administration, id);
      const { access } = administration;
      const users = (await access.users(LOCAL, account.id)).length;
      const now = Date.now();
      const keys = (await access.keys(LOCAL, account.id)).filter(
        ({ revokedAt, expiresAt }) => revokedAt === null && (expiresAt === null || expiresAt > now),
      ).length;
      if (values.json) printJson(io.stdout, { ...accountJson(account), users, keys });
      else {
        printAccounts([account], io);
        printLine(io.stderr, `Users: ${users}. API keys that can be used: ${keys}.`);
      }
      return EXIT.ok;
    },
});

const limits = defineAccessCommand({
  name: 'account limits',
  summary: 'set or show the limits of an account',
  usage: 'ID [--requests-per-minute N] [--digests-per-day N] [--bytes-per-day N]',
  text: `Sets what is given, and leaves the others as they are; "none" takes a limit away. What has been used before counts.`,
  options: LIMIT_OPTIONS,
  positionals: WHICH,
  plan({ values, positionals: [id] }, io) {
    const given = limitsGiven(values);
    return (administration) =>
      Object.keys(given).length === 0
        ? showOne(administration, id, values.json, io)
        : change(administration, id, { limits: given }, values.json, io);
  },
});

const rename = defineAccessCommand({
  name: 'account rename',
  summary: 'change the name of an account; its id stays',
  usage: 'ID NAME',
  text: 'Proofs and the register name accounts by their ids alone.',
  options: {},
  positionals: { min: 2, max: 2, missing: 'which account, and what shall it be called?' },
  plan:
    ({ values, positionals: [id, name = ''] }, io) =>
    (administration) =>
      change(administration, id, { name }, values.json, io),
});

const disable = defineAccessCommand({
  name: 'account disable',
  summary: 'nobody acts for the account any more',
  usage: 'ID',
  text: `Its users and API keys can do nothing on its behalf from the next request on. What it has notarized stays, and its
proofs go on to verify. "ingam account enable" takes it back.`,
  options: {},
  positionals: WHICH,
  plan:
    ({ values, positionals: [id] }, io) =>
    (administration) =>
      change(administration, id, { disabled: true }, values.json, io),
});

const enable = defineAccessCommand({
  name: 'account enable',
  summary: 'take back that an account was disabled',
  usage: 'ID',
  text: 'Its users and API keys are what they were.',
  options: {},
  positionals: WHICH,
  plan:
    ({ values, positionals: [id] }, io) =>
    (administration) =>
      change(administration, id, { disabled: false }, values.json, io),
});

type Change = Parameters<Administration['access']['updateAccount']>[2];

async function change(
  administration: Administration,
  id: string | undefined,
  to: Change,
  json: boolean,
  io: Io,
): Promise<ExitCode> {
  const account = await findAccount(administration, id);
  report(await administration.access.updateAccount(LOCAL, account.id, to, HERE), json, io);
  return EXIT.ok;
}

async function showOne(
  administration: Administration,
  id: string | undefined,
  json: boolean,
  io: Io,
): Promise<ExitCode> {
  report(await findAccount(administration, id), json, io);
  return EXIT.ok;
}

function report(account: Account, json: boolean, io: Io): void {
  if (json) printJson(io.stdout, accountJson(account));
  else printAccounts([account], io);
}

async function allAccounts({ access }: Administration): Promise<Account[]> {
  const all: Account[] = [];
  for (;;) {
    const after = all.at(-1)?.id;
    const page = await access.accounts(LOCAL, { limit: PAGE, ...(after === undefined ? {} : { after }) });
    all.push(...page);
    if (page.length < PAGE) return all;
  }
}

function printAccounts(accounts: readonly Account[], io: Io): void {
  printTable(
    io.stdout,
    [
      { title: 'ID', cell: ({ id }: Account) => id },
      { title: 'NAME', cell: ({ name }: Account) => name },
      { title: 'STATE', cell: ({ disabledAt }: Account) => (disabledAt === null ? 'active' : 'disabled') },
      { title: 'MADE', cell: ({ createdAt }: Account) => day(createdAt) },
      ...LIMIT_COLUMNS,
    ],
    accounts,
  );
}

export const accountCommand = defineGroup({
  name: 'account',
  summary: 'organisations that notarize: make, list, limit and disable them',
  text: `Works on the database of a service on this machine, as its administrator; the service may run meanwhile.
docs/access.md says what accounts are for.`,
  commands: { create, list, show, limits, rename, disable, enable },
});
