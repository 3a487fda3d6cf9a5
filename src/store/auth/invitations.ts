import type pg from 'pg';
import { type Connections, transaction } from '../connections.js';
import type { AccessStore, Invitation, Person } from './store.js';
import { insertEvent } from './events.js';
import {
  endSessionsOf,
  lockOperators,
  voidInvitationsIntoNoOrganization,
  lockOrganization,
} from './people.js';
import { PERSON_COLUMNS, toInvitation, toPerson, type PersonRow } from './rows.js';

type Invitations = Pick<AccessStore, 'putInvitation' | 'invitation' | 'redeemInvitation'>;
type Redemption = Parameters<AccessStore['redeemInvitation']>[0];

export function invitationsOver(connections: Connections): Invitations {
  return {
    putInvitation: ({ secretHash, personId, organizationId, createdAt, expiresAt }, event) =>
      transaction(connections, 'inviting', async (client) => {
        await lockInvited(client, personId);
        await client.query(
          `DELETE FROM invitation
           WHERE person_id IS NOT DISTINCT FROM $1 AND organization_id IS NOT DISTINCT FROM $2`,
          [personId, organizationId],
        );
        await client.query(
          `INSERT INTO invitation (secret_hash, person_id, organization_id, created_at, expires_at)
           VALUES ($1, $2, $3, $4, $5)`,
          [secretHash, personId, organizationId, createdAt, expiresAt],
        );
        if (event !== null) await insertEvent(client, event);
      }),

    invitation: async (secretHash, now) => {
      const [row] = await connections.read<InvitationRow>(GOOD_INVITATION, [secretHash, now]);
      return row === undefined ? null : toInvitation(row);
    },

    redeemInvitation: (redemption, event) =>
      transaction(connections, 'accepting an invitation', async (client) => {
        const person = await redeem(client, redemption);
        if (person !== null) await insertEvent(client, event(person));
        return person;
      }),
  };
}

interface InvitationRow {
  readonly personId: string | null;
  readonly organizationId: string | null;
  readonly createdAt: string;
  readonly expiresAt: string;
}

const GOOD_INVITATION = `
SELECT invitation.person_id AS "personId", invitation.organization_id AS "organizationId", invitation.created_at AS "createdAt",
       invitation.expires_at AS "expiresAt"
FROM invitation LEFT JOIN person ON person.id = invitation.person_id
WHERE invitation.secret_hash = $1 AND invitation.expires_at > $2 AND CASE
  WHEN invitation.person_id IS NULL THEN NOT EXISTS (SELECT FROM person WHERE operator)
  ELSE person.disabled_at IS NULL
END`;

/** Everything about one person's invitations goes one after the other; so does what makes an operator. */
async function lockInvited(client: pg.ClientBase, personId: string | null): Promise<void> {
  if (personId === null) await lockOperators(client);
  else await client.query('SELECT FROM person WHERE id = $1 FOR NO KEY UPDATE', [personId]);
}

async function redeem(client: pg.ClientBase, redemption: Redemption): Promise<Person | null> {
  const { secretHash, now } = redemption;
  const seen = await good(client, secretHash, now);
  if (seen === null) return null;
  // Organizations before people, as everywhere: two transactions never wait for one another crosswise.
  if (seen.organizationId !== null) await lockOrganization(client, seen.organizationId);
  await lockInvited(client, seen.personId);
  // Whoever held the locks before may have used it up.
  const invitation = await good(client, secretHash, now);
  if (invitation === null) return null;
  const id =
    invitation.personId === null
      ? await firstOperator(client, redemption)
      : await invitedPerson(client, redemption, invitation, invitation.personId);
  if (id === null) return null;
  await client.query('DELETE FROM invitation WHERE secret_hash = $1', [secretHash]);
  return settle(client, redemption, id);
}

async function good(client: pg.ClientBase, secretHash: Uint8Array, now: number): Promise<Invitation | null> {
  const { rows } = await client.query<InvitationRow>(GOOD_INVITATION, [secretHash, now]);
  const [row] = rows;
  return row === undefined ? null : toInvitation(row);
}

/** @throws {RangeError} when that would make an operator who cannot sign in */
async function firstOperator(
  client: pg.ClientBase,
  { operator, name, now, passwordHash }: Redemption,
): Promise<string | null> {
  if (operator === null) return null;
  const { rows } = await client.query<{ id: string; password_hash: string | null }>(
    `INSERT INTO person AS known (id, email, name, operator, created_at) VALUES ($1, $2, $3, true, $4)
     ON CONFLICT (email) DO UPDATE SET operator = true, disabled_at = NULL RETURNING id, password_hash`,
    [operator.id, operator.email, name ?? operator.email, now],
  );
  const [row] = rows;
  if ((row?.password_hash ?? passwordHash) === null) throw new RangeError('an operator needs a password');
  return row?.id ?? null;
}

/** Accepts the person's place in the invitation's organization. null: the invitation must not do what it is used for. */
async function invitedPerson(
  client: pg.ClientBase,
  { previousPasswordHash, passwordHash, now }: Redemption,
  { organizationId }: Invitation,
  personId: string,
): Promise<string | null> {
  const { rows } = await client.query<{ same: boolean; guarded: boolean }>(
    `SELECT password_hash IS NOT DISTINCT FROM $2 AS same, operator OR EXISTS (
       SELECT FROM organization_user
       WHERE person_id = $1 AND accepted_at IS NOT NULL AND organization_id IS DISTINCT FROM $3
     ) AS guarded
     FROM person WHERE id = $1`,
    [personId, previousPasswordHash, organizationId],
  );
  const [person] = rows;
  if (person?.same !== true) return null;
  if (organizationId === null) return personId;
  if (person.guarded && passwordHash !== null) return null;
  const { rowCount } = await client.query(
    `UPDATE organization_user SET accepted_at = COALESCE(accepted_at, $3) WHERE organization_id = $1 AND person_id = $2`,
    [organizationId, personId, now],
  );
  return rowCount === 1 ? personId : null;
}

async function settle(
  client: pg.ClientBase,
  { passwordHash, name, now }: Redemption,
  id: string,
): Promise<Person | null> {
  const { rows } = await client.query<PersonRow>(
    `UPDATE person SET password_hash = COALESCE($2, password_hash), name = COALESCE($3, name)
     WHERE id = $1 RETURNING ${PERSON_COLUMNS}`,
    [id, passwordHash, name],
  );
  if (passwordHash !== null) {
    await endSessionsOf(client, id, now);
    await voidInvitationsIntoNoOrganization(client, id);
  }
  const [row] = rows;
  return row === undefined ? null : toPerson(row);
}
