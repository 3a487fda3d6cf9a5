import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { placeOfData } from './global-setup.js';

/**
 * All files of the run in one folder, in memory where there is plenty: on a disk a copy of a PostgreSQL server takes ten
 * times as much processor time, and whatever waits for the disk longer. What is killed finds there what it has written, as on a disk.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(await placeOfData(), 'ingam-test-'));
  // Started by root, PostgreSQL runs as another user, who must be able to reach its data.
  await chmod(folder, 0o711);
  const given = process.env['TMPDIR'];
  if (folder.startsWith(tmpdir()) || (await runsPrograms(folder))) process.env['TMPDIR'] = folder;
  return async () => {
    if (given === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = given;
    await rm(folder, { recursive: true, force: true });
  };
}

/** Containers often have a place in memory from which no program can be run. Tests write programs. */
async function runsPrograms(folder: string): Promise<boolean> {
  const path = join(folder, 'program');
  await writeFile(path, '#!/bin/sh\n', { mode: 0o755 });
  return new Promise((resolve) => {
    execFile(path, (error) => {
      resolve(error === null);
    });
  });
}
