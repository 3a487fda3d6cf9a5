import { defineCommand } from '../command.js';
import { usageError } from '../failure.js';
import { DATABASE_OPTIONS } from '../database.js';
import { SERVER_OPTIONS } from '../service-client.js';
import { TRUST_OPTIONS } from '../trust-store.js';

export const auditCommand = defineCommand({
  name: 'audit',
  summary: 'check a whole chain, in a database or behind a server',
  usage: '[--data-dir DIR | --database URL | --server URL] [--key VKEY]',
  text: `Derives everything again from the entries up: leaves, tiles, roots, headers, links, proof of work, the log and its
signed checkpoints, and names exactly what does not fit.

In a database (by default the one that "ingam serve" uses in this environment) every row is checked. With --server
it is what that service publishes about its chain: headers, tiles, checkpoint. The key to judge by is --key or
--trust; for a local installation it is by default the log key in the data directory.

Findings are on standard output. Exit code: 0 nothing wrong, 1 findings, 2 wrong usage or out of reach.`,
  options: {
    ...DATABASE_OPTIONS,
    server: { ...SERVER_OPTIONS.server, help: 'the address of a service, whose published log is checked' },
    ...TRUST_OPTIONS,
    json: { type: 'boolean', help: 'findings and totals as JSON on standard output' },
  },
  positionals: { min: 0, max: 0 },
  async run({ values }, io) {
    const { server } = values;
    if (server === undefined) {
      const { auditDatabase } = await import('./audit-database.js');
      return auditDatabase(values, io);
    }
    if (values.database !== undefined || values['data-dir'] !== undefined) {
      throw usageError(
        '--server checks what is published; leave out --database and --data-dir, or check those alone',
      );
    }
    const { auditServer } = await import('./audit-server.js');
    return auditServer({ ...values, server }, io);
  },
});
