import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const CLI = join(import.meta.dirname, '../../src/cli');
/** Holds what writes in printable form, and connects it with the process. */
const WRITERS = ['io.ts', 'main.ts'];

test('commands write only through the functions that show text from outside in printable form', () => {
  const files = readdirSync(CLI, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  expect(files.length).toBeGreaterThan(20);
  const direct = files
    .filter((file) => !WRITERS.includes(file))
    .filter((file) =>
      /\.write\(|\bconsole\.|process\.(stdout|stderr)/.test(readFileSync(join(CLI, file), 'utf8')),
    );
  expect(direct).toEqual([]);
});

test('few files of the commands call the file system: paths can have any bytes (src/cli/paths.ts)', () => {
  const files = readdirSync(CLI, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const users = files.filter((file) => readFileSync(join(CLI, file), 'utf8').includes("from 'node:fs"));
  expect(users.sort()).toEqual([
    // Folders of backups, with fsPath.
    'backup/backup.ts',
    // The data directory, and what PostgreSQL and this program have named in it.
    'backup/hand-over.ts',
    // The data directory, whose name this does not concern.
    'backup/key-file.ts',
    // With fsPath.
    'backup/manifest.ts',
    // A temporary folder.
    'backup/restore-check.ts',
    'database.ts',
    'doctor/database.ts',
    'doctor/keys.ts',
    'doctor/machine.ts',
    'files.ts',
    'find-files.ts',
    'main.ts',
    'notarize/proofs.ts',
    'notarize/submit.ts',
    // A folder of a web server, with fsPath.
    'publish/folder.ts',
  ]);
});
