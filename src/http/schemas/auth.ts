import { z } from 'zod';
import { PERMISSIONS } from '../../auth/index.js';
import { DIGEST_TIMES, EVENT_KINDS, ROLES, SCOPES } from '../../store/index.js';
import { decimal, Moment } from './documents.js';
import { Cookies, Id, Name, Secret } from './inputs.js';
import { PasskeyAssertion } from './passkeys.js';
import { Count, Time } from './resources.js';

/** Requests about organizations and people. E-mail addresses and networks are checked in auth/. */

const Password = z.string().min(1).max(4096).describe('At least 12 characters, of any kind.');
const Email = z.string().min(1).max(320).meta({ format: 'email' });
const RoleName = z.enum(ROLES);

/** RFC 3339; as milliseconds since the Unix epoch. */
const Expiry = z.iso
  .datetime({ offset: true, error: 'must be a time as RFC 3339 writes it: 2026-01-31T12:00:00Z' })
  .transform((text) => Date.parse(text));

export const LimitChange = z.strictObject({
  requestsPerMinute: z.int().min(0).max(2_000_000_000).nullable().exactOptional(),
  digestsPerDay: z.int().min(0).nullable().exactOptional(),
  bytesPerDay: z.int().min(0).nullable().exactOptional(),
});

export const SignIn = z.strictObject({
  email: Email,
  password: Secret,
  organization: Id.exactOptional().describe(
    'The organization to act for; needed by people who belong to several.',
  ),
  cookies: Cookies,
});
export const ChooseOrganization = z.strictObject({ organization: Id });
export const Refresh = z.strictObject({
  refreshToken: Secret.exactOptional(),
  cookies: Cookies,
});
export const ChangePassword = z.strictObject({ current: Secret, next: Password, cookies: Cookies });

/** Of an e-mail. */
const Language = z.enum(['en', 'ko']).exactOptional().describe('Of the e-mail; by default it is in both.');

const DigestEvery = z
  .enum(['off', ...DIGEST_TIMES])
  .describe(
    '`at_once`: when a block holds notarizations of the organization or something begins to wait, at most every 15 minutes; `hourly`: on the full hour; `daily`: at midnight UTC.',
  );
export const Digest = z.strictObject({ every: DigestEvery });
export const DigestChange = z.strictObject({
  every: DigestEvery,
  language: z.enum(['en', 'ko']).default('en').describe('Of the e-mails.'),
});
export const UnsubscribeQuery = z.strictObject({ token: Secret.describe('Of the e-mail.') });

export const NewPasswordReset = z.strictObject({ email: Email, language: Language });
export const RedeemPasswordReset = z.strictObject({ token: Secret, password: Password });

export const InspectInvitation = z.strictObject({ token: Secret });
export const RedeemInvitation = z.strictObject({
  token: Secret,
  email: Email.exactOptional().describe(
    'Only for the first operator: all other people were invited by their address.',
  ),
  name: Name.exactOptional(),
  organization: Name.exactOptional().describe(
    'Only for the first operator: the name of a new organization, of which they become the owner.',
  ),
  password: Password.exactOptional().describe(
    'A new password, or the one that the person has here (see `password` of `inspectInvitation`). May be left out by the person who is signed in.',
  ),
  passkey: PasskeyAssertion.exactOptional().describe('Instead of the password that the person has here.'),
  replacesPassword: z
    .boolean()
    .exactOptional()
    .describe('`password` is a new one, although the person has another. Only where `either` is allowed.'),
  cookies: Cookies,
});

export const NewOrganization = z.strictObject({
  name: Name,
  limits: LimitChange.exactOptional(),
  owned: z
    .boolean()
    .exactOptional()
    .describe('true: the caller becomes its first owner. Only for people who have signed in here.'),
});
export const OrganizationChange = z.strictObject({
  name: Name.exactOptional(),
  limits: LimitChange.exactOptional(),
  disabled: z.boolean().exactOptional(),
});
export const PasskeyRequirement = z.strictObject({ required: z.boolean() });
export const OrganizationsQuery = z.strictObject({
  cursor: Id.exactOptional().describe('`next` of the previous page.'),
  limit: decimal(1, 1000).default(100),
});

export const NewUserInput = z.strictObject({ email: Email, name: Name, role: RoleName, language: Language });
export const UserChange = z.strictObject({ role: RoleName });
export const OfOrganizationQuery = z.strictObject({
  organization: Id.exactOptional().describe('For operators, who add an organization’s first owner.'),
});

export const InviteAgainQuery = OfOrganizationQuery.extend({ language: Language });

export const NewKeyInput = z.strictObject({
  name: Name,
  scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
  networks: z
    .array(z.string().min(1).max(50))
    .max(64)
    .exactOptional()
    .describe('CIDR networks that may use the key; absent: any.'),
  expiresAt: Expiry.nullable().exactOptional(),
  limits: LimitChange.exactOptional(),
});

export const AccessLogQuery = z.strictObject({
  organization: Id.exactOptional().describe(
    'For operators; everyone else sees events of their own organization.',
  ),
  person: Id.exactOptional(),
  kind: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(EVENT_KINDS)))
    .exactOptional()
    .describe('Kinds of events, separated by commas.'),
  from: Moment.exactOptional().describe('Events at or after this time.'),
  to: Moment.exactOptional().describe('Events before this time.'),
  cursor: decimal(0, Number.MAX_SAFE_INTEGER).exactOptional().describe('`next` of the previous page.'),
  limit: decimal(1, 1000).exactOptional().describe('100 by default; not for CSV, which has all matches.'),
  format: z.enum(['json', 'csv']).default('json'),
});

/** Responses about organizations and people. */

const Role = z
  .enum(ROLES)
  .describe('`owner`: everything; `notary`: notarize, read, publish; `auditor`: read, also the access log.');

export const Limits = z
  .strictObject({
    requestsPerMinute: Count.nullable(),
    digestsPerDay: Count.nullable(),
    bytesPerDay: Count.nullable(),
  })
  .describe('null: no limit.');

export const Cursor = z
  .string()
  .nullable()
  .describe('`cursor` for the next page; null: this is the last page.');

export const OrganizationName = z.strictObject({ id: z.string(), name: z.string() });

export const Organization = z.strictObject({
  id: z.string(),
  name: z.string(),
  createdAt: Time,
  disabledAt: Time.nullable().describe('Nobody can act for a disabled organization. null: not disabled.'),
  limits: Limits,
  requiresPasskey: z
    .boolean()
    .describe('People act for it only in a session with a passkey, or of the identity provider.'),
});
export type Organization = z.infer<typeof Organization>;

export const Organizations = z.strictObject({
  organizations: z.array(Organization).describe('Sorted by id.'),
  next: Cursor,
});

export const User = z.strictObject({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  role: Role,
  createdAt: Time,
  acceptedAt: Time.nullable().describe('null: invited, not yet accepted.'),
  disabledAt: Time.nullable().describe('Disabled by an operator; null: not disabled.'),
});
export type User = z.infer<typeof User>;

export const Users = z.strictObject({ users: z.array(User).describe('Sorted by e-mail address.') });

export const Invitation = z.strictObject({
  token: z.string().describe('A secret that is shown only now. Anyone who has it can join as this user.'),
  expiresAt: Time,
  mailed: z
    .boolean()
    .describe(
      'Whether the link goes to the person by e-mail. false: this service sends none, or too many went out.',
    ),
});

export const NewUser = z.strictObject({ user: User, invitation: Invitation.nullable() });
export const NewInvitation = z.strictObject({ invitation: Invitation });

export const ApiKey = z.strictObject({
  id: z.string(),
  name: z.string(),
  prefix: z.string().describe('How the key begins.'),
  scopes: z.array(z.enum(SCOPES)),
  networks: z.array(z.string()).describe('CIDR networks that may use the key; empty: any.'),
  createdAt: Time,
  createdBy: z.string().describe('The id of a person, or `cli`.'),
  expiresAt: Time.nullable(),
  revokedAt: Time.nullable(),
  lastUsedAt: Time.nullable().describe('Precise to the minute.'),
  limits: Limits,
});
export type ApiKey = z.infer<typeof ApiKey>;

export const ApiKeys = z.strictObject({
  keys: z.array(ApiKey).describe('Newest first, including revoked keys.'),
});

export const NewApiKey = z.strictObject({
  key: ApiKey,
  secret: z.string().describe('The complete key, for `Authorization: Bearer`. It is shown only now.'),
});

const Permissions = z
  .array(z.enum(PERMISSIONS))
  .describe('What the caller may do, in the organization that they act for.');
export const Membership = z.strictObject({ organization: OrganizationName, role: Role });

export const Principal = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('anonymous'), permissions: Permissions }),
  z.strictObject({
    kind: z.literal('key'),
    id: z.string(),
    organization: OrganizationName,
    scopes: z.array(z.enum(SCOPES)),
    permissions: Permissions,
  }),
  z.strictObject({
    kind: z.literal('user'),
    id: z.string(),
    email: z.string().nullable(),
    name: z.string(),
    operator: z.boolean(),
    organization: OrganizationName.nullable().describe('The organization that they act for; null: none.'),
    role: Role.nullable(),
    lacksPasskey: z
      .boolean()
      .describe(
        'The organization of the session requires a passkey, and the session is without one: it acts for none until it has one.',
      ),
    permissions: Permissions,
  }),
]);
export type Principal = z.infer<typeof Principal>;

export const ServicePolicy = z.strictObject({
  anonymousSubmission: z.boolean(),
  privateVerification: z.boolean(),
});
export const SignInWays = z.strictObject({
  passkeys: z.boolean().describe('Whether there can be passkeys at the address of this request.'),
  reset: z.boolean().describe('Whether people who have forgotten their password get a link by e-mail.'),
  provider: z
    .string()
    .nullable()
    .describe('The name of the identity provider at which people sign in on the page; null: none.'),
});

export const Session = z.strictObject({
  principal: Principal,
  memberships: z.array(Membership).describe('The organizations that the person can act for.'),
  policy: ServicePolicy,
  vault: z.boolean().describe('Whether organizations can have their documents kept here.'),
  signIn: SignInWays,
  accessExpiresAt: Time.nullable().describe('When the access token expires and must be refreshed.'),
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
    .describe('Absent if they were set as cookies.'),
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
        organizationId: z.string().nullable().describe('The organization that the session acts for.'),
      }),
    )
    .describe('Latest first.'),
});

export const InvitationInfo = z.strictObject({
  email: z.string().nullable().describe('Who is invited; null: the first operator.'),
  name: z.string().nullable(),
  organization: OrganizationName.nullable().describe(
    'The organization that they join; null: none, or they already belong to it.',
  ),
  password: z
    .enum(['new', 'own', 'either'])
    .describe(
      '`new`: the person chooses a password. `own`: the person has one here, and enters it or is signed in. `either`: as `own`, or the person replaces it.',
    ),
  memberships: z
    .array(OrganizationName)
    .describe('With `either`: the other organizations for which the person can act with the password.'),
  operator: z.boolean().describe('Whether the person becomes an operator of the service.'),
  firstOperator: z.boolean().describe('Whether redeeming it creates the first operator of the service.'),
});

export const AccessLog = z.strictObject({
  events: z
    .array(
      z.strictObject({
        id: Count,
        at: Time,
        kind: z.enum(EVENT_KINDS),
        organizationId: z.string().nullable(),
        personId: z.string().nullable().describe('Who did it; null: unknown.'),
        keyId: z.string().nullable(),
        address: z.string().nullable().describe('The client’s address; null: on the machine itself.'),
        detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
      }),
    )
    .describe('Newest first.'),
  names: z
    .record(z.string(), z.string())
    .describe('Names of the people, organizations and API keys that the events mention, by id.'),
  next: Cursor,
});
export type AccessLog = z.infer<typeof AccessLog>;
