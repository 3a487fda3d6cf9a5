import { expect } from 'vitest';
import { createDatabase } from '../../support/database.js';
import { invoke, type Invocation, type InvokeOptions } from '../invoke.js';

/** A service's database, and the administration commands that use it. */
export interface Scene extends AsyncDisposable {
  readonly databaseUrl: string;
  ingam(...argv: string[]): Promise<Invocation>;
  /** With standard input or another environment. */
  ingamWith(options: InvokeOptions, ...argv: string[]): Promise<Invocation>;
  /** The `--json` output of a command that succeeds without messages. */
  json<T>(...argv: string[]): Promise<T>;
  /** The single line on standard output. */
  line(...argv: string[]): Promise<string>;
}

/** @param env of the commands, besides the database */
export async function createScene(env: Readonly<Record<string, string>> = {}): Promise<Scene> {
  const database = await createDatabase();
  const ingamWith = (options: InvokeOptions, ...argv: string[]) =>
    invoke([...argv, '--database', database.url], options);
  const ingam = (...argv: string[]) => ingamWith({ env }, ...argv);
  return {
    databaseUrl: database.url,
    ingam,
    ingamWith,
    json: async <T>(...argv: string[]) => {
      const { code, stdout, stderr } = await ingam(...argv, '--json');
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return JSON.parse(stdout) as T;
    },
    line: async (...argv) => {
      const { code, stdout, stderr } = await ingam(...argv);
      expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(/^[^\n]+\n$/);
      return stdout.trim();
    },
    [Symbol.asyncDispose]: () => database.drop(),
  };
}
