import type { Connections } from '../connections.js';
import type { Everyday } from '../everyday.js';
import type { StoreLog } from '../types.js';
import type { AccessStore } from './access-store.js';
import { accountsOver } from './accounts.js';
import { apiKeysOver } from './api-keys.js';
import { appendEvent, events } from './events.js';
import { invitationsOver } from './invitations.js';
import { peopleOver } from './people.js';
import { refreshTokensOver } from './refresh-tokens.js';
import { sessionsOver } from './sessions.js';
import { signingKeysOver } from './signing-keys.js';
import { usersOver } from './users.js';

export function accessOver(connections: Connections, everyday: Everyday, log: StoreLog): AccessStore {
  return {
    ...accountsOver(connections, everyday),
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
