import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findOrCreateUser } from '../../src/postgres/runner.js';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** In place of the programs that ask for users and create them: the first two questions get their answers together. */
const PROGRAMS = {
  id: `
if [ "$1" = -u ]; then
  echo >> asked
  until [ "$(wc -l < asked)" -ge 2 ]; do sleep 0.01; done
fi
[ -e user ] && cat user`,
  // As useradd does: a second one gives the user another number.
  useradd: `
echo >> created
wc -l < created > user.new && mv user.new user`,
};

test('two services that start before their PostgreSQL has a user get the same one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ingam-user-'));
  const path = process.env['PATH'];
  try {
    for (const [name, script] of Object.entries(PROGRAMS)) {
      await writeFile(join(folder, name), `#!/bin/sh\ncd ${folder}\n${script}\n`);
      await chmod(join(folder, name), 0o755);
    }
    process.env['PATH'] = `${folder}:${path ?? ''}`;
    const users = await Promise.all([findOrCreateUser(log), findOrCreateUser(log)]);
    expect(users).toEqual([
      { uid: 1, gid: 1 },
      { uid: 1, gid: 1 },
    ]);
    expect(await readFile(join(folder, 'created'), 'utf8')).toBe('\n');
  } finally {
    process.env['PATH'] = path;
    await rm(folder, { recursive: true, force: true });
  }
});
