import type { ChildProcess } from 'node:child_process';
import { expect } from 'vitest';
import { startBuilt, type BuiltNode, type RunningNode } from './built.js';
import { createFolder, type TestFolder } from '../cli/invoke.js';
import { createDatabase } from './database.js';
import { startHere } from './in-process.js';
import { createSwitchboard, type Switchboard } from './switchboard.js';

interface NodeOptions {
  /** The node's first start migrates an empty database. By default it gets a migrated one, whose tables are not its role's. */
  readonly ownsTables?: boolean;
}

/** Runs in reverse order at the end of a test. */
export type CleanUp = (() => PromiseLike<unknown>)[];

/**
 * An installed service or member with its own database and folder, behind an address that stays the same when it is started
 * again.
 */
abstract class InstalledNode<N extends RunningNode> {
  readonly board: Switchboard;
  readonly folder: TestFolder;
  /** The environment of the node; a command that works on the same database and folder needs it too. */
  readonly env: Readonly<Record<string, string>>;
  readonly #cleanUp: CleanUp;
  #running: N | null = null;

  protected constructor({ cleanUp, board, folder, env }: Place) {
    this.#cleanUp = cleanUp;
    this.board = board;
    this.folder = folder;
    this.env = env;
  }

  protected static async prepare(
    cleanUp: CleanUp,
    env: Readonly<Record<string, string>>,
    options: NodeOptions = {},
  ): Promise<Place> {
    const [database, folder, board] = await Promise.all([
      createDatabase({ empty: options.ownsTables === true }),
      createFolder(),
      createSwitchboard(),
    ]);
    cleanUp.push(
      () => database.drop(),
      () => folder[Symbol.asyncDispose](),
      () => board[Symbol.asyncDispose](),
    );
    return {
      cleanUp,
      board,
      folder,
      env: {
        HOME: folder.path,
        INGAM_DATA_DIR: folder.at('data'),
        INGAM_LOG_LEVEL: 'warn',
        ...env,
        DATABASE_URL: database.url,
      },
    };
  }

  protected abstract run(argv: readonly string[]): Promise<N>;

  /** The address that stays. */
  get url(): string {
    return this.board.url;
  }

  /** The address of the running node itself. */
  get own(): string {
    return this.running.url;
  }

  protected get running(): N {
    if (this.#running === null) throw new Error('the node is not running');
    return this.#running;
  }

  /** Resolves when the node serves requests. */
  async start(argv: readonly string[]): Promise<void> {
    const node = await this.run(argv);
    this.#cleanUp.push(() => node.kill());
    this.#running = node;
    this.board.connectTo(node.url);
  }

  /** As on SIGTERM. */
  async stop(): Promise<void> {
    await this.running.stop();
    this.board.connectTo(null);
  }
}

/** What it is made of. */
interface Place {
  readonly cleanUp: CleanUp;
  readonly board: Switchboard;
  readonly folder: TestFolder;
  readonly env: Readonly<Record<string, string>>;
}

/** In this process: for what no signal has a part in. */
export class LocalNode extends InstalledNode<RunningNode> {
  static async create(
    cleanUp: CleanUp,
    env: Readonly<Record<string, string>>,
    options?: NodeOptions,
  ): Promise<LocalNode> {
    return new LocalNode(await InstalledNode.prepare(cleanUp, env, options));
  }

  protected override run(argv: readonly string[]): Promise<RunningNode> {
    return startHere(argv, { cwd: this.folder.path, env: this.env });
  }
}

/** In a process of its own. */
export class NodeProcess extends InstalledNode<BuiltNode> {
  static async create(cleanUp: CleanUp, env: Readonly<Record<string, string>>): Promise<NodeProcess> {
    return new NodeProcess(await InstalledNode.prepare(cleanUp, env));
  }

  /** The lines that the process has printed to standard error. */
  get stderr(): readonly string[] {
    return this.running.stderr;
  }

  get child(): ChildProcess {
    return this.running.child;
  }

  protected override run(argv: readonly string[]): Promise<BuiltNode> {
    // More workers would only be more processes to start; test/service has several.
    const env = argv[0] === 'serve' ? { INGAM_WORKERS: '1', ...this.env } : this.env;
    return startBuilt(argv, { cwd: this.folder.path, env });
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const { child, exited } = this.running;
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
