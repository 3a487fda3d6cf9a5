import { z } from 'zod';
import { PERMISSIONS } from '../../access/index.js';
import { EVENT_KINDS, ROLES, SCOPES } from '../../store/index.js';
import { Count, Time } from './resources.js';

/** What the calls about accounts and people answer. */

const Role = z.enum(ROLES).describe('`owner`: everything; `notary`: submit and read; `auditor`: read.');

export const Limits = z
  .strictObject({
    requestsPerMinute: Count.nullable(),
    digestsPerDay: Count.nullable(),
    bytesPerDay: Count.nullable(),
  })
  .describe('null: without limit.');

export const Cursor = z.string().nullable().describe('`cursor` of the next page; null: this is the last.');

export const AccountName = z.strictObject({ id: z.string(), name: z.string() });

export const Account = z.strictObject({
  id: z.string(),
  name: z.string(),
  createdAt: Time,
  disabledAt: Time.nullable().describe('Nobody acts for a disabled account; null: it is not.'),
  limits: Limits,
});
export type Account = z.infer<typeof Account>;

export const Accounts = z.strictObject({
  accounts: z.array(Account).describe('By id.'),
  next: Cursor,
});

export const User = z.strictObject({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  role: Role,
  createdAt: Time,
  acceptedAt: Time.nullable().describe('null: invited, and not yet come.'),
  disabledAt: Time.nullable().describe('Disabled by the operator; null: not.'),
});
export type User = z.infer<typeof User>;

export const Users = z.strictObject({ users: z.array(User).describe('By e-mail address.') });

export const Invitation = z.strictObject({
  token: z.string().describe('A secret, shown this once: whoever has it can take the place of the user.'),
  expiresAt: Time,
});

export const NewUser = z.strictObject({ user: User, invitation: Invitation.nullable() });
export const NewInvitation = z.strictObject({ invitation: Invitation });

export const ApiKey = z.strictObject({
  id: z.string(),
  name: z.string(),
  prefix: z.string().describe('What the key begins with.'),
  scopes: z.array(z.enum(SCOPES)),
  networks: z.array(z.string()).describe('CIDR; empty: from anywhere.'),
  createdAt: Time,
  createdBy: z.string().describe('Id of a person, or `cli`.'),
  expiresAt: Time.nullable(),
  revokedAt: Time.nullable(),
  lastUsedAt: Time.nullable().describe('To the minute.'),
  limits: Limits,
});
export type ApiKey = z.infer<typeof ApiKey>;

export const ApiKeys = z.strictObject({ keys: z.array(ApiKey).describe('Newest first, revoked ones too.') });

export const NewApiKey = z.strictObject({
  key: ApiKey,
  secret: z.string().describe('The key itself, for `Authorization: Bearer`; shown this once.'),
});

const Permissions = z.array(z.enum(PERMISSIONS)).describe('What they may do with what is the account’s.');
const Membership = z.strictObject({ account: AccountName, role: Role });

export const Principal = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('anonymous'), permissions: Permissions }),
  z.strictObject({
    kind: z.literal('key'),
    id: z.string(),
    account: AccountName,
    scopes: z.array(z.enum(SCOPES)),
    permissions: Permissions,
  }),
  z.strictObject({
    kind: z.literal('user'),
    id: z.string(),
    email: z.string().nullable(),
    name: z.string(),
    operator: z.boolean(),
    account: AccountName.nullable().describe('On whose behalf they act; null: on nobody’s.'),
    role: Role.nullable(),
    permissions: Permissions,
  }),
]);
export type Principal = z.infer<typeof Principal>;

export const Session = z.strictObject({
  principal: Principal,
  memberships: z.array(Membership).describe('The accounts that the person can choose from.'),
  policy: z.strictObject({ anonymousSubmission: z.boolean(), privateVerification: z.boolean() }),
  accessExpiresAt: Time.nullable().describe('When the access token is over and has to be refreshed.'),
});
export type Session = z.infer<typeof Session>;

export const OpenedSession = Session.extend({
  tokens: z
    .strictObject({
      accessToken: z.string(),
      accessExpiresAt: Time,
      refreshToken: z.string(),
      refreshExpiresAt: Time,
    })
    .optional()
    .describe('Absent when they went into cookies.'),
});
export type OpenedSession = z.infer<typeof OpenedSession>;

export const OwnSessions = z.strictObject({
  sessions: z
    .array(
      z.strictObject({
        id: z.string(),
        current: z.boolean(),
        createdAt: Time,
        lastUsedAt: Time,
        expiresAt: Time,
        address: z.string(),
        agent: z.string(),
        accountId: z.string().nullable().describe('The account it acts for.'),
      }),
    )
    .describe('Latest first.'),
});

export const InvitationInfo = z.strictObject({
  email: z.string().nullable().describe('Whom it is for; null: for whoever becomes the first operator.'),
  name: z.string().nullable(),
  account: AccountName.nullable().describe('Which they join by it; null: none, or they are in it already.'),
  hasPassword: z.boolean().describe('They have one already, and show by it that they are the one invited.'),
  firstOperator: z.boolean().describe('Whoever redeems it becomes the first operator of the service.'),
});

export const AccessLog = z.strictObject({
  events: z
    .array(
      z.strictObject({
        id: Count,
        at: Time,
        kind: z.enum(EVENT_KINDS),
        accountId: z.string().nullable(),
        personId: z.string().nullable().describe('Who did it; null: nobody who is known.'),
        keyId: z.string().nullable(),
        address: z.string().nullable().describe('Of the client; null: on the machine itself.'),
        detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
      }),
    )
    .describe('Newest first.'),
  next: Cursor,
});
export type AccessLog = z.infer<typeof AccessLog>;
