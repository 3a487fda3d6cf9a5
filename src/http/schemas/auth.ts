import { z } from 'zod';
import { PERMISSIONS } from '../../auth/index.js';
import { EVENT_KINDS, ROLES, SCOPES } from '../../store/index.js';
import { decimal, Moment, textFault } from './documents.js';
import { Count, Time } from './resources.js';

/** What callers send about organizations and people. What is an e-mail address or a network, access/ knows. */

const Secret = z.string().min(1).max(4096);
const Password = z.string().min(1).max(4096).describe('At least 12 characters, of any kind.');
const Email = z.string().min(1).max(320);
const Id = z.string().min(1).max(100);
const Name = z
  .string()
  .min(1)
  .max(200)
  .superRefine((text, context) => {
    const fault = textFault(text);
    if (fault !== null) context.addIssue({ code: 'custom', message: `must not hold ${fault}` });
  });
const RoleName = z.enum(ROLES);

/** RFC 3339; as milliseconds since the Unix epoch. */
const Expiry = z.iso
  .datetime({ offset: true, error: 'must be a time as RFC 3339 writes it: 2026-01-31T12:00:00Z' })
  .transform((text) => Date.parse(text));

const LimitChange = z.strictObject({
  requestsPerMinute: z.int().min(0).max(2_000_000_000).nullable().exactOptional(),
  digestsPerDay: z.int().min(0).nullable().exactOptional(),
  bytesPerDay: z.int().min(0).nullable().exactOptional(),
});

const Cookies = z
  .boolean()
  .exactOptional()
  .describe('true: the tokens are set as cookies, for a page of this service, and are not in the answer.');

export const SignIn = z.strictObject({
  email: Email,
  password: Secret,
  organization: Id.exactOptional().describe('On whose behalf to act, for people with several organizations.'),
  cookies: Cookies,
});
export const ChooseOrganization = z.strictObject({ organization: Id });
export const Refresh = z.strictObject({
  refreshToken: Secret.exactOptional(),
  cookies: Cookies,
});
export const ChangePassword = z.strictObject({ current: Secret, next: Password, cookies: Cookies });

export const InspectInvitation = z.strictObject({ token: Secret });
export const RedeemInvitation = z.strictObject({
  token: Secret,
  email: Email.exactOptional().describe('Of the first operator; others were invited by theirs.'),
  name: Name.exactOptional(),
  password: Password,
  cookies: Cookies,
});

export const NewOrganization = z.strictObject({ name: Name, limits: LimitChange.exactOptional() });
export const OrganizationChange = z.strictObject({
  name: Name.exactOptional(),
  limits: LimitChange.exactOptional(),
  disabled: z.boolean().exactOptional(),
});
export const OrganizationsQuery = z.strictObject({
  cursor: Id.exactOptional().describe('As the page before gave it.'),
  limit: decimal(1, 1000).default(100),
});

export const NewUserInput = z.strictObject({ email: Email, name: Name, role: RoleName });
export const UserChange = z.strictObject({ role: RoleName });
export const OfOrganizationQuery = z.strictObject({
  organization: Id.exactOptional().describe('For operators, who give a new organization its first owner.'),
});

export const NewKeyInput = z.strictObject({
  name: Name,
  scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
  networks: z
    .array(z.string().min(1).max(50))
    .max(64)
    .exactOptional()
    .describe('CIDR; absent: from anywhere.'),
  expiresAt: Expiry.nullable().exactOptional(),
  limits: LimitChange.exactOptional(),
});

export const AccessLogQuery = z.strictObject({
  organization: Id.exactOptional().describe(
    'For operators; everyone else sees what concerns their own organization.',
  ),
  person: Id.exactOptional(),
  kind: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(EVENT_KINDS)))
    .exactOptional()
    .describe('Kinds of events, with commas.'),
  from: Moment.exactOptional().describe('Not before this time.'),
  to: Moment.exactOptional().describe('Before this time.'),
  cursor: decimal(0, Number.MAX_SAFE_INTEGER).exactOptional().describe('As the page before gave it.'),
  limit: decimal(1, 1000).default(100),
});

/** What the calls about organizations and people answer. */

const Role = z.enum(ROLES).describe('`owner`: everything; `notary`: submit and read; `auditor`: read.');

export const Limits = z
  .strictObject({
    requestsPerMinute: Count.nullable(),
    digestsPerDay: Count.nullable(),
    bytesPerDay: Count.nullable(),
  })
  .describe('null: without limit.');

export const Cursor = z.string().nullable().describe('`cursor` of the next page; null: this is the last.');

export const OrganizationName = z.strictObject({ id: z.string(), name: z.string() });

export const Organization = z.strictObject({
  id: z.string(),
  name: z.string(),
  createdAt: Time,
  disabledAt: Time.nullable().describe('Nobody acts for a disabled organization; null: it is not.'),
  limits: Limits,
});
export type Organization = z.infer<typeof Organization>;

export const Organizations = z.strictObject({
  organizations: z.array(Organization).describe('By id.'),
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

const Permissions = z
  .array(z.enum(PERMISSIONS))
  .describe('What they may do with what is the organization’s.');
const Membership = z.strictObject({ organization: OrganizationName, role: Role });

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
    organization: OrganizationName.nullable().describe('On whose behalf they act; null: on nobody’s.'),
    role: Role.nullable(),
    permissions: Permissions,
  }),
]);
export type Principal = z.infer<typeof Principal>;

export const Session = z.strictObject({
  principal: Principal,
  memberships: z.array(Membership).describe('The organizations that the person can choose from.'),
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
        organizationId: z.string().nullable().describe('The organization it acts for.'),
      }),
    )
    .describe('Latest first.'),
});

export const InvitationInfo = z.strictObject({
  email: z.string().nullable().describe('Whom it is for; null: for whoever becomes the first operator.'),
  name: z.string().nullable(),
  organization: OrganizationName.nullable().describe(
    'Which they join by it; null: none, or they are in it already.',
  ),
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
        organizationId: z.string().nullable(),
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
