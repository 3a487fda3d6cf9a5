import { defineCommand } from '../command.js';
import { usageError } from '../failure.js';
import { DATABASE_OPTIONS } from '../database.js';
import { SERVER_OPTIONS } from '../service-client.js';
import { TRUST_OPTIONS } from '../trust-store.js';

export const auditCommand = defineCommand({
  name: 'audit',
  summary: 'check a whole chain, in a database or on a server',
  usage: '[--data-dir DIR | --database URL | --server URL] [--key VKEY]',
  text: `Recomputes leaves, tiles, roots, headers, links, proof of work, the log and its signed checkpoints from the entries,
and reports every difference.

In a database (by default the one that "ingam serve" uses in this environment) it checks every row. With --server it
checks what that service publishes: headers, tiles, checkpoint. The log's key comes from --key or --trust; for a
local installation it defaults to the log key in the data directory.

Findings are written to standard output. Exit code: 0 no findings, 1 findings, 2 wrong usage or unreachable.`,
  options: {
    ...DATABASE_OPTIONS,
    server: { ...SERVER_OPTIONS.server, help: 'address of a service whose published log is checked' },
    ...TRUST_OPTIONS,
    json: { type: 'boolean', help: 'print findings and totals as JSON' },
  },
  positionals: { min: 0, max: 0 },
  async run({ values }, io) {
    const { server } = values;
    if (server === undefined) {
      const { auditDatabase } = await import('./audit-database.js');
      return auditDatabase(values, io);
    }
    if (values.database !== undefined || values['data-dir'] !== undefined) {
      throw usageError('--server cannot be used together with --database or --data-dir');
    }
    const { auditServer } = await import('./audit-server.js');
    return auditServer({ ...values, server }, io);
  },
});
