import { defineCommand, type Command, type CommandSpec } from '../command.js';
import { DATABASE_OPTIONS } from '../input/database-options.js';
import type { Arguments, OptionTable } from '../input/arguments.js';
import type { ExitCode, Io } from '../io.js';
import type { Administration } from './administration.js';

type Common = typeof DATABASE_OPTIONS & {
  readonly json: { readonly type: 'boolean'; readonly help: string };
};

/** What a command does once the database is open. */
export type Work = (administration: Administration) => Promise<ExitCode>;

export interface AccessCommandSpec<T extends OptionTable> extends Omit<CommandSpec<T>, 'run'> {
  readonly jsonHelp?: string;
  /** What is missing in the database is made: the command that a service can begin with. */
  readonly makesDatabase?: true;
  /** Signs, or has something signed, in the service's name. */
  readonly needsSecret?: true;
  /** Reads the arguments: what is wrong in them is said before anything is opened. */
  plan(args: Arguments<T & Common>, io: Io): Work | Promise<Work>;
}

/** A command that the administrator of the machine gives on the service's database, without the service. */
export function defineAccessCommand<T extends OptionTable>(spec: AccessCommandSpec<T>): Command {
  const { jsonHelp = 'as JSON on standard output', makesDatabase = false, needsSecret = false } = spec;
  const json = { type: 'boolean', help: jsonHelp } as const;
  return defineCommand<T & Common>({
    ...spec,
    options: { ...spec.options, ...DATABASE_OPTIONS, json },
    run: async (args, io) => {
      const work = await spec.plan(args, io);
      // Loaded late: who asks for help, or has mistyped, waits for no database client.
      const { administer } = await import('./administration.js');
      const { values } = args as Arguments<Common>;
      return administer(values, io, { makesDatabase, needsSecret }, work);
    },
  });
}
