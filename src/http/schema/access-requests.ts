import { z } from 'zod';
import { EVENT_KINDS, ROLES, SCOPES } from '../../store/index.js';
import { textFault } from '../request/text-rules.js';
import { decimal, Moment } from './request-schemas.js';

/** What callers send about accounts and people. What is an e-mail address or a network, access/ knows. */

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
const Role = z.enum(ROLES);

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
  account: Id.exactOptional().describe('On whose behalf to act, for people with several accounts.'),
  cookies: Cookies,
});
export const ChooseAccount = z.strictObject({ account: Id });
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

export const NewAccount = z.strictObject({ name: Name, limits: LimitChange.exactOptional() });
export const AccountChange = z.strictObject({
  name: Name.exactOptional(),
  limits: LimitChange.exactOptional(),
  disabled: z.boolean().exactOptional(),
});
export const AccountsQuery = z.strictObject({
  cursor: Id.exactOptional().describe('As the page before gave it.'),
  limit: decimal(1, 1000).default(100),
});

export const NewUserInput = z.strictObject({ email: Email, name: Name, role: Role });
export const UserChange = z.strictObject({ role: Role });
export const OfAccountQuery = z.strictObject({
  account: Id.exactOptional().describe('For operators, who give a new account its first owner.'),
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
  account: Id.exactOptional().describe('For operators; everyone else sees what concerns their own account.'),
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
