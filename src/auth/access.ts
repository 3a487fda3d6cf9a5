import { Background } from '../background/index.js';
import { AccessLog } from './access-log.js';
import { DownloadLog } from './download-log.js';
import { AnonymousLimits, PrincipalLimits } from './limits.js';
import { API_KEY_PREFIX, ApiKeys } from './api-keys.js';
import type { AccessOptions, AccessParts, AccessPolicy, Client, Credential } from './context.js';
import { Invitations } from './invitations.js';
import { MailLimits } from './mail-limits.js';
import { ExternalIssuer } from './oidc.js';
import { Attempts } from './attempts.js';
import { Challenges } from './challenges.js';
import { Passkeys } from './passkeys.js';
import { IdentityProvider } from './provider.js';
import { PasswordResets } from './password-resets.js';
import { Passwords } from './passwords.js';
import { Organizations, People, Users } from './people.js';
import { ANONYMOUS_PRINCIPAL, type Principal } from './policy.js';
import { Sessions } from './sessions.js';
import { AccessTokens, SigningKeys } from './tokens.js';

/** How long ended sessions are kept: they tell the networks that a person has signed in from. */
const SESSION_RETENTION_MS = 30 * 86_400_000;

/**
 * Authentication and authorization: organizations, people, sessions, keys, limits, and the access log. Its
 * parts reject with AccessErrors, and with StoreErrors when the database fails. Every decision reads
 * committed data, so a revocation takes effect with the next request on every instance.
 */
export class Access {
  readonly policy: AccessPolicy;
  readonly sessions: Sessions;
  readonly passkeys: Passkeys;
  /** Where people sign in on the page; null: only here. */
  readonly provider: IdentityProvider | null;
  readonly invitations: Invitations;
  readonly passwordResets: PasswordResets;
  readonly organizations: Organizations;
  readonly users: Users;
  readonly people: People;
  readonly keys: ApiKeys;
  readonly signingKeys: SigningKeys;
  readonly limits: PrincipalLimits;
  readonly anonymousLimits: AnonymousLimits;
  readonly log: AccessLog;
  readonly downloads: DownloadLog;
  readonly #parts: AccessParts;
  readonly #operator: AccessOptions['operator'];
  readonly #tokens: AccessTokens;
  readonly #externalIssuer: ExternalIssuer | null;

  constructor(options: AccessOptions) {
    const { store, rateLimits, secret, origin, policy, oidc, operator, logger, clock = Date.now } = options;
    const { background = new Background(logger), onMail = null } = options;
    const parts: AccessParts = { store, rateLimits, logger, background, clock, onMail };
    const attempts = new Attempts(parts);
    const passwords = new Passwords(parts, attempts, secret);
    const challenges = new Challenges(secret, clock);
    this.policy = policy;
    this.signingKeys = new SigningKeys(parts, secret);
    this.#tokens = new AccessTokens(this.signingKeys, origin, clock);
    const issuer = oidc?.signIn == null ? null : oidc.issuer;
    this.sessions = new Sessions(parts, passwords, this.#tokens, secret, issuer);
    const { sessions } = this;
    this.passkeys = new Passkeys(parts, { passwords, attempts, sessions, challenges });
    const mailLimits = new MailLimits(rateLimits, secret);
    const { passkeys } = this;
    this.invitations = new Invitations(parts, { passwords, passkeys, sessions, mailLimits }, secret);
    this.passwordResets = new PasswordResets(parts, passwords, mailLimits, secret);
    this.organizations = new Organizations(parts);
    this.users = new Users(parts, this.invitations);
    this.people = new People(parts, this.invitations);
    this.keys = new ApiKeys(parts);
    this.limits = new PrincipalLimits(parts);
    this.anonymousLimits = new AnonymousLimits(clock);
    this.log = new AccessLog(parts);
    this.downloads = new DownloadLog(parts);
    this.#parts = parts;
    this.#operator = operator;
    this.provider =
      oidc?.signIn == null
        ? null
        : new IdentityProvider(oidc, oidc.signIn, parts, { attempts, challenges, sessions });
    this.#externalIssuer = oidc?.tokens == null ? null : new ExternalIssuer(oidc, oidc.tokens, parts);
  }

  /** Makes sure that there is a signing key, and creates the configured operator. */
  async start(): Promise<void> {
    await this.signingKeys.current();
    if (this.#operator != null) await this.invitations.seedOperator(this.#operator);
  }

  /** Writes what is pending. The caller closes the store after this. */
  async close(): Promise<void> {
    await this.keys.close();
    await this.limits.close();
    await this.downloads.close();
  }

  /** Housekeeping: removes expired sessions, challenges and rate limits. */
  async purgeExpired(): Promise<void> {
    const now = this.#parts.clock();
    await this.#parts.store.expireSessions(now - SESSION_RETENTION_MS);
    await this.#parts.store.expireChallenges(now);
    await this.#parts.store.expirePasswordResets(now);
    await this.#parts.rateLimits.expire(now);
  }

  /**
   * Who a credential belongs to, by what is committed now.
   * @throws {AccessError} invalid_token, token_expired, address_not_allowed, issuer_unavailable
   */
  async authenticate(credential: Credential | null, client: Client): Promise<Principal> {
    if (credential === null) return ANONYMOUS_PRINCIPAL;
    const { kind, token } = credential;
    // This service puts only its own access tokens into the cookie; anything else in it was planted.
    if (kind === 'bearer') {
      if (token.startsWith(API_KEY_PREFIX)) return this.keys.principal(token, client);
      if (this.#externalIssuer?.issued(token) === true) return this.#externalIssuer.principal(token);
    }
    return this.sessions.principal(await this.#tokens.check(token));
  }
}
