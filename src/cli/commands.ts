import type { Command } from './command.js';

export interface CommandEntry {
  readonly summary: string;
  load(): Promise<Command>;
}

/** Loaded one by one on demand: `ingam verify` must not pay for, nor touch, anything that the others need. */
export const COMMANDS: ReadonlyMap<string, CommandEntry> = new Map([
  [
    'verify',
    {
      summary: 'check a document against its proof, offline',
      load: async () => (await import('./verify.js')).verifyCommand,
    },
  ],
  [
    'notarize',
    {
      summary: 'notarize files and folders, and keep their proofs beside them',
      load: async () => (await import('./notarize/notarize.js')).notarizeCommand,
    },
  ],
  [
    'upgrade',
    {
      summary: 'turn pending proofs into final ones',
      load: async () => (await import('./notarize/upgrade.js')).upgradeCommand,
    },
  ],
  [
    'inspect',
    {
      summary: 'show every field of a proof, without judging it',
      load: async () => (await import('./inspect.js')).inspectCommand,
    },
  ],
  [
    'certificate',
    {
      summary: 'make a certificate for print, a PDF, from a proof',
      load: async () => (await import('./certificate.js')).certificateCommand,
    },
  ],
  [
    'export',
    {
      summary: 'write a proof in the form of other tools',
      load: async () => (await import('./export.js')).exportCommand,
    },
  ],
  [
    'trust',
    {
      summary: "fetch a service's key and keep it as the one you trust",
      load: async () => (await import('./trust.js')).trustCommand,
    },
  ],
  [
    'audit',
    {
      summary: 'check a whole chain, in a database or behind a server',
      load: async () => (await import('./audit/audit.js')).auditCommand,
    },
  ],
  [
    'compare',
    {
      summary: 'whether two checkpoints of a log are of one history',
      load: async () => (await import('./compare.js')).compareCommand,
    },
  ],
  [
    'evidence',
    {
      summary: 'check what somebody holds against a log',
      load: async () => (await import('./evidence.js')).evidenceCommand,
    },
  ],
  [
    'keygen',
    {
      summary: 'make a key pair',
      load: async () => (await import('./keygen.js')).keygenCommand,
    },
  ],
  [
    'log-key',
    {
      summary: 'change the key that signs the log, while it runs',
      load: async () => (await import('./log-key.js')).logKeyCommand,
    },
  ],
  [
    'organization',
    {
      summary: 'make, list, limit and disable organizations',
      load: async () => (await import('./organization.js')).organizationCommand,
    },
  ],
  [
    'user',
    {
      summary: 'say who is in an organization, and who operates the service',
      load: async () => (await import('./user.js')).userCommand,
    },
  ],
  [
    'key',
    {
      summary: 'make, list and revoke API keys',
      load: async () => (await import('./key.js')).keyCommand,
    },
  ],
  [
    'access-log',
    {
      summary: 'show who signed in, failed to, made keys, changed roles',
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
      summary: "run a member's node, which checks and cosigns another's chain",
      load: async () => (await import('./member.js')).memberCommand,
    },
  ],
]);
