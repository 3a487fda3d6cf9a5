import { clientOf } from '../auth/authenticate.js';
import { accountJson } from '../responses/representation.js';
import type { HttpDeps } from '../server/deps.js';
import { queryOf } from '../requests/query.js';
import { BODY_ERRORS, bodyAs } from '../requests/json.js';
import { contextOf } from '../requests/context.js';
import { pathParameter, type Route } from '../server/route.js';
import { AccountChange, AccountsQuery, NewAccount, Account, Accounts } from '../schemas/auth.js';
import { NoQuery } from '../schemas/documents.js';

const JSON_TYPE = 'application/json';
const ID = { id: 'Of the account.' };

/** Accounts: the operator's, and each one's own to look at. */
export function accountRoutes({ access }: HttpDeps): Route[] {
  return [
    {
      method: 'get',
      path: '/v1/accounts',
      access: 'accounts',
      operation: {
        id: 'listAccounts',
        tag: 'Accounts',
        summary: 'All accounts',
        query: AccountsQuery,
        responses: { 200: { description: 'A page.', content: { [JSON_TYPE]: Accounts } } },
        errors: ['invalid_parameter', 'unavailable'],
      },
      async handle(req, res) {
        const { cursor, limit } = queryOf(req, AccountsQuery);
        const page = { limit, ...(cursor === undefined ? {} : { after: cursor }) };
        const accounts = await access.accounts(contextOf(req).principal, page);
        const next = accounts.length < limit ? null : (accounts.at(-1)?.id ?? null);
        res.set('Cache-Control', 'no-store').json({ accounts: accounts.map(accountJson), next });
      },
    },
    {
      method: 'post',
      path: '/v1/accounts',
      access: 'accounts',
      operation: {
        id: 'createAccount',
        tag: 'Accounts',
        summary: 'Create an account',
        query: NoQuery,
        body: { [JSON_TYPE]: NewAccount },
        responses: { 201: { description: 'Created.', content: { [JSON_TYPE]: Account } } },
        errors: [...BODY_ERRORS, 'invalid_parameter', 'invalid_value', 'unavailable'],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        const input = await bodyAs(req, NewAccount);
        const account = await access.createAccount(contextOf(req).principal, input, clientOf(req));
        res.location(`/v1/accounts/${account.id}`);
        res.status(201).set('Cache-Control', 'no-store').json(accountJson(account));
      },
    },
    {
      method: 'get',
      path: '/v1/accounts/{id}',
      access: ['accounts', 'read', 'notarize'],
      operation: {
        id: 'getAccount',
        tag: 'Accounts',
        summary: 'One account: for whoever acts for it, and for operators',
        path: ID,
        query: NoQuery,
        responses: { 200: { description: 'As it is.', content: { [JSON_TYPE]: Account } } },
        errors: ['invalid_parameter', 'account_not_found', 'unavailable'],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        const account = await access.account(contextOf(req).principal, pathParameter(req, 'id'));
        res.set('Cache-Control', 'no-store').json(accountJson(account));
      },
    },
    {
      method: 'patch',
      path: '/v1/accounts/{id}',
      access: 'accounts',
      operation: {
        id: 'changeAccount',
        tag: 'Accounts',
        summary: 'Rename, limit, disable or enable an account',
        path: ID,
        query: NoQuery,
        body: { [JSON_TYPE]: AccountChange },
        responses: { 200: { description: 'Changed.', content: { [JSON_TYPE]: Account } } },
        errors: [...BODY_ERRORS, 'invalid_parameter', 'invalid_value', 'account_not_found', 'unavailable'],
      },
      async handle(req, res) {
        queryOf(req, NoQuery);
        const change = await bodyAs(req, AccountChange);
        const id = pathParameter(req, 'id');
        const account = await access.updateAccount(contextOf(req).principal, id, change, clientOf(req));
        res.set('Cache-Control', 'no-store').json(accountJson(account));
      },
    },
  ];
}
