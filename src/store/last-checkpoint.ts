import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from './durable-file.js';

/**
 * The last signed checkpoint that this process has seen, kept outside PostgreSQL: a database that is older than it has been
 * rolled back.
 */
export class LastCheckpointFile {
  readonly path: string;

  constructor(dataDir: string) {
    this.path = join(dataDir, 'checkpoint');
  }

  /** The signed note, or null when none was kept yet. */
  async read(): Promise<string | null> {
    try {
      return await readFile(this.path, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw error;
    }
  }

  /** On disk when this resolves; a crash leaves the one before or this one. */
  async write(note: string): Promise<void> {
    await writeDurably(this.path, note, 0o644);
  }
}
