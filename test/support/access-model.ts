/**
 * The rules about organizations, small enough to be read at once: what tests compare the service's answers with. It knows nothing of how the
 * service decides.
 */

export type Role = 'owner' | 'notary' | 'auditor';
export type Scope = 'notarize' | 'read';
type Right =
  | 'notarize'
  | 'read'
  | 'publish'
  | 'tag'
  | 'erase'
  | 'holds'
  | 'users'
  | 'keys'
  | 'webhooks'
  | 'log'
  | 'organizations'
  | 'whole log';

export interface ModelPerson {
  readonly kind: 'person';
  /** Index of the organization → role. */
  readonly roles: Map<number, Role>;
  readonly operator: boolean;
  /** Organization that the session acts for; null: none. */
  acts: number | null;
}

export interface ModelKey {
  readonly kind: 'key';
  readonly organization: number;
  readonly scopes: readonly Scope[];
  revoked: boolean;
}

export type Actor = { readonly kind: 'nobody' } | ModelPerson | ModelKey;

export interface ModelNotarization {
  readonly id: string;
  readonly sha256: string;
  /** Of the document, in its details: nobody else's reads so. */
  readonly name: string;
  /** null: nobody's. */
  readonly organization: number | null;
  published: boolean;
  /** Nobody else's read so. */
  readonly addedTags: string[];
}

/** A request to sign. */
export interface ModelRequest {
  readonly id: string;
  /** What the organization calls the person: nobody else's reads so. */
  readonly name: string;
  readonly organization: number;
  readonly asker: Actor;
  /** What opens its link, and what opened it before; null: it was not replaced. */
  token: string;
  former: string | null;
  ended: 'withdrawn' | 'erased' | null;
  keyGiven: boolean;
}

/** A legal hold. */
export interface ModelHold {
  readonly id: string;
  /** Nobody else's reads so. */
  readonly reason: string;
  readonly organization: number;
  readonly notarization: ModelNotarization;
  /** Token of who has requested to lift it; null: nobody has. */
  requestedBy: string | null;
  lifted: boolean;
}

const OF_ROLE: Readonly<Record<Role, readonly Right[]>> = {
  owner: ['notarize', 'read', 'publish', 'tag', 'erase', 'holds', 'users', 'keys', 'webhooks', 'log'],
  notary: ['notarize', 'read', 'publish', 'tag'],
  auditor: ['read', 'holds', 'log'],
};

/** The organization that the actor acts for; null: for none. */
export function organizationOf(actor: Actor): number | null {
  if (actor.kind === 'nobody') return null;
  if (actor.kind === 'key') return actor.organization;
  return actor.acts !== null && actor.roles.has(actor.acts) ? actor.acts : null;
}

export function has(actor: Actor, right: Right): boolean {
  if (actor.kind === 'nobody') return false;
  if (actor.kind === 'key') return actor.scopes.some((scope) => scope === right);
  const organization = organizationOf(actor);
  const role = organization === null ? undefined : actor.roles.get(organization);
  if (role !== undefined && OF_ROLE[role].includes(right)) return true;
  return actor.operator && (right === 'organizations' || right === 'whole log');
}

/** Whether the credential is good for anything. */
export function isKnown(actor: Actor): boolean {
  if (actor.kind === 'key') return !actor.revoked;
  return actor.kind === 'nobody' || actor.operator || actor.roles.size > 0;
}

/** The status of a call that needs one of these rights, or null when it may go on. */
export function refusal(actor: Actor, ...rights: readonly Right[]): 401 | 403 | null {
  if (!isKnown(actor)) return 401;
  if (rights.length === 0 || rights.some((right) => has(actor, right))) return null;
  return actor.kind === 'nobody' ? 401 : 403;
}

/** What somebody with the document can find: without the part that shows anonymous details. */
export function publicIdOf({ id }: ModelNotarization): string {
  return id.split('-').slice(0, 2).join('-');
}

/** What of a notarization the actor is shown by this id of it. */
export function sightOf(
  actor: Actor,
  { id, organization }: ModelNotarization,
  given: string,
): 'details' | 'status' | 'nothing' {
  if (organization === null) return given === id ? 'details' : 'status';
  if (organizationOf(actor) !== organization) return 'nothing';
  return has(actor, 'read') ? 'details' : 'status';
}

/** What the proof that is asked for by this id shows; null: there is none for the actor. */
export function proofFor(
  actor: Actor,
  notarization: ModelNotarization,
  given: string,
  disclose: 'none' | 'all' | undefined,
  isPrivate: boolean,
): { readonly details: boolean; readonly organization: boolean } | null {
  const sight = sightOf(actor, notarization, given);
  const wanted = disclose !== 'none';
  if (sight === 'details') {
    return { details: wanted, organization: disclose === 'all' && notarization.organization !== null };
  }
  if (sight === 'nothing' && isPrivate) return null;
  const details = wanted && notarization.published && !isPrivate;
  return disclose === 'all' && !details ? null : { details, organization: false };
}

/** What verifying the document by its digest tells of it. */
export function foundBy(
  actor: Actor,
  notarization: ModelNotarization,
  isPrivate: boolean,
): 'details' | 'place' | 'nothing' {
  const own =
    notarization.organization !== null &&
    organizationOf(actor) === notarization.organization &&
    has(actor, 'read');
  if (isPrivate) return own ? 'details' : 'nothing';
  return own || notarization.published ? 'details' : 'place';
}
