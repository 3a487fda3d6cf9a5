import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { parseStrictJson, ProofError, toHex, utf8Decode } from '../../proof/index.js';
import type { RestorePlan } from '../../store/index.js';
import { Failure, isMissing } from '../failure.js';
import { hashFile, readHead } from '../files.js';
import { createProgress, formatBytes, type Io, printNote } from '../io.js';
import { backupMessages } from '../messages/backup.js';
import { fsPath } from '../paths.js';

/*
 * A folder with a backup of a database: manifest.json, and a file with the rows of each table in PostgreSQL's binary COPY
 * format, which psql reads too.
 */

export const MANIFEST = 'manifest.json';
export const FORMAT = 'ingam-backup-v1';
/** There are some fifty tables. */
const MAX_LENGTH = 1024 * 1024;

export const rowsFile = (table: string) => `${table}.pgcopy`;

const name = z.string().regex(/^[a-z_][a-z0-9_]*$/);
const count = z.int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const Manifest = z.strictObject({
  format: z.literal(FORMAT),
  madeAt: z.iso.datetime(),
  /** Of this program, and of the server. */
  version: z.string(),
  postgresql: z.string(),
  blocks: count,
  entries: count,
  /** The latest signed note; null: there was no block. */
  checkpoint: z.string().nullable(),
  migrations: z.array(z.strictObject({ name: z.string(), checksum: sha256 })),
  tables: z.array(z.strictObject({ name, columns: z.array(name).min(1), rows: count, bytes: count, sha256 })),
  sequences: z.array(
    z.strictObject({
      table: name,
      column: name,
      value: z.string().regex(/^[0-9]{1,19}$/),
      used: z.boolean(),
    }),
  ),
  /** Tables whose rows follow from others. */
  leftOut: z.array(name),
});

export type Manifest = z.output<typeof Manifest> & RestorePlan;

/** Whether it is of a member's node: only that remembers what it has cosigned. */
export const isOfMember = ({ tables }: Manifest) =>
  tables.some(({ name: table, rows }) => table === 'witnessed' && rows > 0);

/**
 * @param directory absolute
 * @param shown its name in messages
 * @throws {Failure} unreadable, malformed
 */
export async function readManifest(directory: string, shown: string): Promise<Manifest> {
  const file = `${shown}/${MANIFEST}`;
  let bytes: Uint8Array;
  try {
    bytes = await readHead(join(directory, MANIFEST), file, MAX_LENGTH);
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new Failure('unreadable', error.message, { cause: error, hint: backupMessages().notABackup });
  }
  try {
    return Manifest.parse(parseStrictJson(utf8Decode(bytes)));
  } catch (error) {
    if (!(error instanceof ProofError || error instanceof z.ZodError)) throw error;
    const problem =
      error instanceof z.ZodError ? z.prettifyError(error).replaceAll('\n', ' ') : error.message;
    throw new Failure('malformed', backupMessages().badManifest(file, problem), { cause: error });
  }
}

/** The files that are not as the manifest says, each with what is wrong. @throws {Failure} interrupted */
async function changedFiles(
  directory: string,
  shown: string,
  { tables }: Manifest,
  io: Io,
): Promise<readonly string[]> {
  const t = backupMessages();
  const total = tables.reduce((sum, { bytes }) => sum + bytes, 0);
  const progress = createProgress(io, t.checkingFiles, total);
  const wrong: string[] = [];
  let done = 0;
  try {
    for (const { name: table, bytes, sha256: expected } of tables) {
      const file = `${shown}/${rowsFile(table)}`;
      try {
        const found = await hashFile(join(directory, rowsFile(table)), file, io.signal, (more) => {
          done += more;
          progress.update(done, formatBytes(done));
        });
        if (found.size !== bytes || toHex(found.sha256) !== expected) wrong.push(t.changedFile(file));
      } catch (error) {
        if (!(error instanceof Failure) || error.reason === 'interrupted') throw error;
        wrong.push(error.message);
      }
    }
    return wrong;
  } finally {
    progress.clear();
  }
}

/** @throws {Failure} malformed, with every file that is not as the manifest says */
export async function assertUnchanged(
  directory: string,
  shown: string,
  manifest: Manifest,
  io: Io,
): Promise<void> {
  const wrong = await changedFiles(directory, shown, manifest, io);
  if (wrong.length === 0) return;
  const t = backupMessages();
  for (const each of wrong) printNote(io, each);
  throw new Failure('malformed', t.damaged(shown), { code: 'backup_damaged', hint: t.useAnother });
}

/** The bytes of a table. */
export const rowsIn = (directory: string) => (table: string) =>
  createReadStream(fsPath(join(directory, rowsFile(table)))) as AsyncIterable<Uint8Array>;
