import type { Client } from '../../access/index.js';

export { LOCAL } from '../../access/principal.js';

/** Commands come over no network. */
export const HERE: Client = { address: '', agent: '' };
