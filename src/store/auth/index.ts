import type { Connections } from '../connections.js';
import type { Everyday } from '../prisma-client.js';
import type { StoreLog } from '../store.js';
import type { AccessStore } from './store.js';
import { organizationsOver, peopleOver, usersOver } from './people.js';
import { apiKeysOver } from './api-keys.js';
import { appendEvent, events } from './events.js';
import { invitationsOver } from './invitations.js';
import { refreshTokensOver, sessionsOver, signingKeysOver } from './sessions.js';

export function accessOver(connections: Connections, everyday: Everyday, log: StoreLog): AccessStore {
  return {
    ...organizationsOver(connections, everyday),
    ...peopleOver(connections, everyday),
    ...usersOver(connections, everyday),
    ...invitationsOver(connections),
    ...sessionsOver(connections, everyday),
    ...refreshTokensOver(connections),
    ...signingKeysOver(connections, everyday),
    ...apiKeysOver(connections, everyday, log),
    appendEvent: (event) => appendEvent(connections, event),
    events: (filter) => events(connections, filter),
  };
}
