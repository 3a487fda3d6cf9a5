import type { ChildProcess } from 'node:child_process';
import { expect } from 'vitest';
import { startBuilt, type BuiltNode } from './built.js';
import { createFolder, type TestFolder } from '../cli/invoke.js';
import { createDatabase } from './database.js';
import { createSwitchboard, type Switchboard } from './switchboard.js';

/** Runs in reverse order at the end of a test. */
export type CleanUp = (() => PromiseLike<unknown>)[];

/**
 * An installed service or member: a process with its own database and folder, behind an address that stays the same when the
 * process is replaced.
 */
export class NodeProcess {
  readonly board: Switchboard;
  readonly folder: TestFolder;
  /** The environment of the process; a command that works on the same database and folder needs it too. */
  readonly env: Readonly<Record<string, string>>;
  readonly #cleanUp: CleanUp;
  #running: BuiltNode | null = null;

  private constructor(
    cleanUp: CleanUp,
    board: Switchboard,
    folder: TestFolder,
    env: Readonly<Record<string, string>>,
  ) {
    this.#cleanUp = cleanUp;
    this.board = board;
    this.folder = folder;
    this.env = env;
  }

  static async create(cleanUp: CleanUp, env: Readonly<Record<string, string>>): Promise<NodeProcess> {
    const [database, folder, board] = await Promise.all([
      createDatabase({ empty: true }),
      createFolder(),
      createSwitchboard(),
    ]);
    cleanUp.push(
      () => database.drop(),
      () => folder[Symbol.asyncDispose](),
      () => board[Symbol.asyncDispose](),
    );
    return new NodeProcess(cleanUp, board, folder, {
      HOME: folder.path,
      INGAM_DATA_DIR: folder.at('data'),
      INGAM_LOG_LEVEL: 'warn',
      ...env,
      DATABASE_URL: database.url,
    });
  }

  /** The address that stays. */
  get url(): string {
    return this.board.url;
  }

  /** The address of the process itself. */
  get own(): string {
    return this.#process.url;
  }

  /** The lines that the process has printed to standard error. */
  get stderr(): readonly string[] {
    return this.#process.stderr;
  }

  get child(): ChildProcess {
    return this.#process.child;
  }

  get #process() {
    if (this.#running === null) throw new Error('the process is not running');
    return this.#running;
  }

  /** Resolves when the process serves requests. */
  async start(argv: readonly string[]): Promise<void> {
    // More workers would only be more processes to start; test/service has several.
    const env = argv[0] === 'serve' ? { INGAM_WORKERS: '1', ...this.env } : this.env;
    const node = await startBuilt(argv, { cwd: this.folder.path, env });
    this.#cleanUp.push(() => node.kill());
    this.#running = node;
    this.board.connectTo(node.url);
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const { child, exited } = this.#process;
    child.kill(signal);
    await exited;
    this.board.connectTo(null);
  }
}

export interface Shown {
  readonly id: string;
  readonly status: string;
  readonly block?: { readonly height: number };
}

/** Notarizes a text and waits for its seal. */
export async function notarize(url: string, text: string): Promise<Shown> {
  const response = await fetch(`${url}/v1/notarizations?wait=sealed`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: text,
  });
  expect(response.status).toBe(201);
  const [shown] = ((await response.json()) as { notarizations: Shown[] }).notarizations;
  if (shown === undefined) throw new Error('nothing was notarized');
  return shown;
}

export async function statusOf(url: string, id: string): Promise<string> {
  return ((await (await fetch(`${url}/v1/notarizations/${id}`)).json()) as Shown).status;
}
