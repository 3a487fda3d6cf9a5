import type { Connections } from '../connections.js';
import type { PrismaAccess } from '../prisma-client.js';
import { apiKeyRows } from './api-keys.js';
import { credentialRows } from './credentials.js';
import { eventRows } from './events.js';
import { invitationRows } from './invitations.js';
import { organizationRows, personRows, userRows } from './people.js';
import { sessionRows, signingKeyRows } from './sessions.js';
import type { AccessStore } from './store.js';

export function accessRows(connections: Connections, prisma: PrismaAccess): AccessStore {
  return {
    ...organizationRows(prisma),
    ...personRows(prisma),
    ...userRows(prisma),
    ...invitationRows(prisma),
    ...sessionRows(prisma),
    ...signingKeyRows(prisma),
    ...apiKeyRows(connections, prisma),
    ...credentialRows(connections),
    ...eventRows(prisma),
  };
}
