import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { MAIN } from '../support/built.js';
import { createDatabase } from '../support/database.js';

// The commands of docs/recovery.md as they stand, on a service with its embedded PostgreSQL.

/** The commands of a section. */
async function commandsOf(section: string): Promise<string> {
  const page = await readFile(join(import.meta.dirname, '../../docs/recovery.md'), 'utf8');
  const part = page.split(/^## /m).find((each) => each.startsWith(`${section}\n`)) ?? '';
  return (
    /^```sh\n(.*?)^```$/ms.exec(part)?.[1] ?? expect.fail(`docs/recovery.md has no commands under ${section}`)
  );
}

/** What systemd does, and what people do meanwhile. */
const STAGE = String.raw`
SERVICE=
MEMBER_NODE=
trap 'kill $SERVICE $MEMBER_NODE 2> /dev/null || true; wait' EXIT
systemctl() {
  if [ "$1" = stop ]; then kill "$SERVICE" && wait "$SERVICE"; return; fi
  : > out
  "$NODE" "$MAIN" serve > out 2> err &
  SERVICE=$!
  until grep -q 'Public key' out; do
    kill -0 "$SERVICE" 2> /dev/null || { echo "did not start: $(tail -n 2 err)"; return 1; }
    sleep 0.2
  done
  export INGAM_SERVER=$(grep -o 'http://[0-9.:]*' out | head -n 1)
}
ingam() { "$NODE" "$MAIN" "$@"; }
member() {
  env -u INGAM_WORKERS INGAM_MEMBER_POLL_MS=100 INGAM_DATA_DIR="$PWD/member" "$NODE" "$MAIN" member --upstream "$INGAM_SERVER" --key "$1" > member.out 2> member.err &
  MEMBER_NODE=$!
  until grep -q 'Public key' member.out; do
    kill -0 "$MEMBER_NODE" 2> /dev/null || { echo "the member did not start: $(tail -n 2 member.err)"; return 1; }
    sleep 0.2
  done
  export MEMBER=$(grep -o 'http://[0-9.:]*' member.out | head -n 1)
}
notarize() { echo "$1" > "$1.txt"; ingam notarize "$1.txt" > /dev/null; }
`;

async function play(script: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ingam-recovery-'));
  try {
    for (const name of ['backup', 'elsewhere']) await mkdir(join(folder, name));
    await writeFile(join(folder, 'passphrase'), 'six random words or more\n');
    const env = {
      ...{ PATH: process.env['PATH'], HOME: folder, NODE: process.execPath, MAIN, PORT: '0' },
      ...{ INGAM_DATA_DIR: join(folder, 'data'), BACKUP: join(folder, 'backup'), INGAM_WORKERS: '1' },
      ...{ ELSEWHERE: join(folder, 'elsewhere'), PASSPHRASE: join(folder, 'passphrase') },
      ...{ PROOFS: folder, ...more },
    };
    const shell = spawn('bash', ['-c', `set -eu\n${STAGE}${script}`], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [out, errors, [code]] = await Promise.all([
      text(shell.stdout),
      text(shell.stderr),
      once(shell, 'close') as Promise<[number | null]>,
    ]);
    expect({ code, errors: code === 0 ? '' : errors + out }).toEqual({ code: 0, errors: '' });
    return out;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test('a backup is restored, with all that was notarized', async () => {
  const said = await play(`
systemctl start ingam
notarize before
${await commandsOf('Backup')}
KEY=$(grep 'Public key' out)
${await commandsOf('Restore')}
[ "$KEY" = "$(grep 'Public key' out)" ]
ingam verify before.txt --key "\${KEY##*: }"
notarize after
ingam audit --data-dir "$INGAM_DATA_DIR" > /dev/null
ingam doctor
systemctl stop ingam
`);
  expect(said).toContain('VERIFIED');
  expect(said).toContain('No problem was found.');
});

test('a backup from before later blocks is refused, and the service says what is missing', async () => {
  const said = await play(`
systemctl start ingam
notarize before
${await commandsOf('Backup')}
notarize lost
${(await commandsOf('Restore')).replace('systemctl start ingam', 'systemctl start ingam || true')}
ingam doctor || true
`);
  expect(said).toMatch(/did not start: .*the database holds 1 blocks, but a checkpoint over 2 was signed/s);
  expect(said).toMatch(/problem: The service would not seal on this database/);
});

test('a log whose database is lost goes on from a backup, a member, and the proofs that people have', async () => {
  const said = await play(`
systemctl start ingam
KEY=$(grep 'Public key' out)
KEY="\${KEY##*: }"
member "$KEY"
notarize before
${await commandsOf('Backup')}
notarize later
notarize last
rm last.txt.ingam.json
SIZE=$(curl -s "$INGAM_SERVER/checkpoint" | sed -n 2p)
until [ "$(curl -s "$MEMBER/checkpoint" | sed -n 2p)" = "$SIZE" ]; do sleep 0.2; done
${await commandsOf('A lost database')}
[ "$KEY" = "$(grep 'Public key' out | sed 's/.*: //')" ]
notarize after
for NAME in before later after; do ingam verify "$NAME.txt" --key "$KEY"; done
SIZE=$(curl -s "$INGAM_SERVER/checkpoint" | sed -n 2p)
systemctl stop ingam
ingam audit
`);
  expect(said).toMatch(/Blocks taken back from .*: 2, with 2 entries/);
  expect(said).toContain('later.txt.ingam.json: taken back');
  expect(said.match(/^SOUND/gm)).toHaveLength(3);
  expect(said.match(/^VERIFIED/gm)).toHaveLength(3);
});

test('a service moves from its embedded PostgreSQL to another one', async () => {
  await using database = await createDatabase({ empty: true });
  const said = await play(
    `
systemctl start ingam
notarize before
KEY=$(grep 'Public key' out)
${await commandsOf('Moving to a PostgreSQL of your own')}
[ "$KEY" = "$(grep 'Public key' out)" ]
notarize after
ingam verify before.txt --key "\${KEY##*: }"
systemctl stop ingam
ingam audit --data-dir "$INGAM_DATA_DIR" --database "$DATABASE_URL"
`,
    { NEW_DATABASE: database.url },
  );
  expect(said).toMatch(/^SOUND {2}2 entries/m);
  expect(said).toContain('VERIFIED');
});

const PROGRAMS = '/usr/lib/postgresql';

test.runIf(existsSync(PROGRAMS))(
  'a PostgreSQL comes back from a base backup and its archive, up to the last block',
  async () => {
    const said = await play(`
chmod 711 .
export PATH="$(ls -d ${PROGRAMS}/*/bin | tail -n 1):$PATH"
as() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- env PATH="$PATH" "$@"; else "$@"; fi; }
pg_ctl() { as pg_ctl "$@" -l "$SERVER_FILES/log" > /dev/null; }
pg_basebackup() { as pg_basebackup "$@"; }
touch() { as touch "$@"; }
cp() { as cp "$@"; }
SERVER_FILES="$PWD/server" CLUSTER="$PWD/server/cluster" ARCHIVE="$PWD/server/archive" BASE="$PWD/server/base"
mkdir server server/archive
if [ "$(id -u)" = 0 ]; then chown -R postgres server; fi
as initdb -D "$CLUSTER" -U tester -A trust -E UTF8 --no-locale > /dev/null
PGPORT=$("$NODE" -e "const s = require('net').createServer().listen(0, '127.0.0.1', () => { console.log(s.address().port); s.close(); })")
echo "port = $PGPORT
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
archive_mode = on
archive_command = 'cp %p $ARCHIVE/%f'" >> "$CLUSTER/postgresql.conf"
trap 'kill $SERVICE 2> /dev/null || true; pg_ctl stop -D "$CLUSTER" -m immediate || true; wait' EXIT
pg_ctl start -D "$CLUSTER" -w
export DATABASE_ADMIN_URL="postgresql://tester@127.0.0.1:$PGPORT/postgres"
psql -q "$DATABASE_ADMIN_URL" -c 'CREATE DATABASE ingam'
export DATABASE_URL="postgresql://tester@127.0.0.1:$PGPORT/ingam"
systemctl start ingam
notarize before
KEY=$(grep 'Public key' out)
${await commandsOf('Restore to a point in time')}
notarize later
${await commandsOf('Restore from a base backup')}
[ "$KEY" = "$(grep 'Public key' out)" ]
notarize after
systemctl stop ingam
ingam audit --data-dir "$INGAM_DATA_DIR" --database "$DATABASE_URL"
`);
    expect(said).toMatch(/^SOUND {2}3 entries/m);
  },
);
