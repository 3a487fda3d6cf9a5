import type { Command } from './command.js';

export interface CommandEntry {
  readonly summary: string;
  load(): Promise<Command>;
}

/** Each command is loaded on demand, so that `ingam verify` neither loads nor touches what other commands need. */
export const COMMANDS: ReadonlyMap<string, CommandEntry> = new Map([
  [
    'verify',
    {
      summary: 'verify a document against its proof, offline',
      load: async () => (await import('./verify.js')).verifyCommand,
    },
  ],
  [
    'notarize',
    {
      summary: 'notarize files and folders, and save their proofs',
      load: async () => (await import('./notarize/notarize.js')).notarizeCommand,
    },
  ],
  [
    'upgrade',
    {
      summary: 'replace pending proofs with final ones',
      load: async () => (await import('./notarize/upgrade.js')).upgradeCommand,
    },
  ],
  [
    'inspect',
    {
      summary: 'show every field of a proof, without verifying it',
      load: async () => (await import('./inspect.js')).inspectCommand,
    },
  ],
  [
    'certificate',
    {
      summary: 'create a printable PDF certificate from a proof',
      load: async () => (await import('./certificate.js')).certificateCommand,
    },
  ],
  [
    'export',
    {
      summary: 'convert a proof to the format of another tool',
      load: async () => (await import('./export.js')).exportCommand,
    },
  ],
  [
    'trust',
    {
      summary: "fetch a service's trust policy and save it",
      load: async () => (await import('./trust.js')).trustCommand,
    },
  ],
  [
    'audit',
    {
      summary: 'check a whole chain, in a database or on a server',
      load: async () => (await import('./audit/audit.js')).auditCommand,
    },
  ],
  [
    'compare',
    {
      summary: 'check that two checkpoints belong to the same log history',
      load: async () => (await import('./compare.js')).compareCommand,
    },
  ],
  [
    'evidence',
    {
      summary: 'check evidence that a log misbehaved',
      load: async () => (await import('./evidence.js')).evidenceCommand,
    },
  ],
  [
    'keygen',
    {
      summary: 'generate a key pair',
      load: async () => (await import('./keygen.js')).keygenCommand,
    },
  ],
  [
    'log-key',
    {
      summary: "rotate the log's signing key",
      load: async () => (await import('./log-key.js')).logKeyCommand,
    },
  ],
  [
    'organization',
    {
      summary: 'create, list, limit and disable organizations',
      load: async () => (await import('./organization.js')).organizationCommand,
    },
  ],
  [
    'user',
    {
      summary: 'manage the users of organizations, and operators',
      load: async () => (await import('./user.js')).userCommand,
    },
  ],
  [
    'key',
    {
      summary: 'create, list and revoke API keys',
      load: async () => (await import('./key.js')).keyCommand,
    },
  ],
  [
    'access-log',
    {
      summary: 'show sign-ins, failed sign-ins, key and role changes',
      load: async () => (await import('./access-log.js')).accessLogCommand,
    },
  ],
  [
    'serve',
    {
      summary: 'run the service',
      load: async () => (await import('./serve.js')).serveCommand,
    },
  ],
  [
    'member',
    {
      summary: "run a member's node, which checks and cosigns another chain",
      load: async () => (await import('./member.js')).memberCommand,
    },
  ],
]);
