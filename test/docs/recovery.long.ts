import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { createDatabase } from '../support/database.js';

// The commands of docs/recovery.md as they stand.

/** With the built program. */
const ROOT = join(import.meta.dirname, '../..');

/** The commands of a section. */
async function commandsOf(section: string): Promise<string> {
  const page = await readFile(join(ROOT, 'docs/recovery.md'), 'utf8');
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
  "$NODE" "$PROGRAM/dist/cli/main.js" serve > out 2> err &
  SERVICE=$!
  until grep -q 'Public key' out; do
    kill -0 "$SERVICE" 2> /dev/null || { echo "did not start: $(tail -n 2 err)"; return 1; }
    sleep 0.2
  done
  export INGAM_SERVER=$(grep -o 'http://[0-9.:]*' out | head -n 1)
}
ingam() { "$NODE" "$PROGRAM/dist/cli/main.js" "$@"; }
member() {
  env -u INGAM_WORKERS INGAM_MEMBER_POLL_MS=100 INGAM_DATA_DIR="$PWD/member" "$NODE" "$PROGRAM/dist/cli/main.js" member --upstream "$INGAM_SERVER" --key "$1" > member.out 2> member.err &
  MEMBER_NODE=$!
  until grep -q 'Public key' member.out; do
    kill -0 "$MEMBER_NODE" 2> /dev/null || { echo "the member did not start: $(tail -n 2 member.err)"; return 1; }
    sleep 0.2
  done
  export MEMBER=$(grep -o 'http://[0-9.:]*' member.out | head -n 1)
}
notarize() { echo "$1" > "$1.txt"; ingam notarize "$1.txt" > /dev/null; }
submit() { echo "$1" > "$1.txt"; curl -s -o answer -w '%{http_code}\n' -F "file=@$1.txt" "$INGAM_SERVER/v1/notarizations"; }
`;

async function play(script: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ingam-recovery-'));
  try {
    for (const name of ['backup', 'elsewhere']) await mkdir(join(folder, name));
    await writeFile(join(folder, 'passphrase'), 'six random words or more\n');
    const env = {
      ...{ PATH: process.env['PATH'], HOME: folder, NODE: process.execPath, PROGRAM: ROOT, PORT: '0' },
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

test('a member comes back from its backup, with its key, and goes on with the log', async () => {
  const said = await play(`
systemctl start ingam
KEY=$(grep 'Public key' out)
KEY="\${KEY##*: }"
member "$KEY"
OWN_KEY=$(grep 'Public key' member.out)
notarize before
until_equal() {
  SIZE=$(curl -s "$INGAM_SERVER/checkpoint" | sed -n 2p)
  until [ "$(curl -s "$MEMBER/checkpoint" | sed -n 2p)" = "$SIZE" ]; do sleep 0.2; done
}
until_equal
export INGAM_DATA_DIR="$PWD/member" INGAM_MEMBER_UPSTREAM="$INGAM_SERVER" INGAM_MEMBER_UPSTREAM_KEY="$KEY"
unset INGAM_WORKERS
${await commandsOf('A member')}
notarize later
kill "$MEMBER_NODE" && wait "$MEMBER_NODE"
mv member member.lost
systemctl() { member "$KEY"; }
${await commandsOf('A lost member')}
[ "$OWN_KEY" = "$(grep 'Public key' member.out)" ]
notarize after
until_equal
ingam audit --server "$MEMBER" --key "$KEY"
`);
  expect(said.match(/^SOUND/gm)).toHaveLength(2);
  expect(said).toMatch(/ok: The key of this member is /);
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

test('a data directory comes back from the copy of its keys and from a member', async () => {
  await using database = await createDatabase({ empty: true });
  const said = await play(
    `
systemctl start ingam
KEY=$(grep 'Public key' out)
member "\${KEY##*: }"
notarize before
${await commandsOf('Backup')}
SIZE=$(curl -s "$INGAM_SERVER/checkpoint" | sed -n 2p)
until [ "$(curl -s "$MEMBER/checkpoint" | sed -n 2p)" = "$SIZE" ]; do sleep 0.2; done
systemctl stop ingam
rm -r "$INGAM_DATA_DIR"
systemctl start ingam || true
rm -r "$INGAM_DATA_DIR"
${await commandsOf('A lost data directory')}
[ "$KEY" = "$(grep 'Public key' out)" ]
notarize after
ingam verify before.txt --key "\${KEY##*: }"
systemctl stop ingam
ingam audit
`,
    { DATABASE_URL: database.url },
  );
  expect(said).toMatch(/did not start: .*(?:does not exist|is not signed by the log key)/s);
  expect(said).toMatch(/no later one is known/);
  expect(said).toMatch(/^SOUND {2}2 entries/m);
  expect(said).toContain('VERIFIED');
});

test('the service goes on while the files of its keys are lost, and starts when they are back', async () => {
  const said = await play(`
systemctl start ingam
KEY=$(grep 'Public key' out)
${await commandsOf('Backup')}
rm -r "$INGAM_DATA_DIR/keys"
notarize meanwhile
ingam doctor || true
${await commandsOf('A lost key')}
systemctl stop ingam
systemctl start ingam
[ "$KEY" = "$(grep 'Public key' out)" ]
notarize after
rm "$INGAM_DATA_DIR/keys/receipt.key" "$INGAM_DATA_DIR/keys/service.secret"
systemctl stop ingam
systemctl start ingam
notarize last
for NAME in meanwhile after last; do ingam verify "$NAME.txt" --key "\${KEY##*: }"; done
`);
  expect(said).toMatch(/problem: The log key is missing/);
  expect(said).toContain('No problem was found.');
  expect(said.match(/^VERIFIED/gm)).toHaveLength(3);
});

test('without its log key a log ends, its proofs stay valid, and a new log starts', async () => {
  const said = await play(`
systemctl start ingam
KEY=$(grep 'Public key' out)
KEY="\${KEY##*: }"
notarize before
systemctl stop ingam
rm "$INGAM_DATA_DIR/keys/log.key"
systemctl start ingam || true
${(await commandsOf('A lost log key')).replace('systemctl stop ingam\n', '')}
ingam verify before.txt --key "$KEY"
ingam audit --data-dir "$INGAM_DATA_DIR.ended" --key "$KEY"
[ "$KEY" != "$(grep 'Public key' out | sed 's/.*: //')" ]
notarize after
`);
  expect(said).toMatch(/did not start: .*is not signed by the log key of this service/s);
  expect(said).toContain('VERIFIED');
  expect(said).toMatch(/^SOUND {2}1 entry/m);
});

/** Packages this build twice, as two versions: there is no earlier release. */
const TWO_VERSIONS = `
PROGRAM="$PWD/program" NEW_PROGRAM="$PWD/new-program"
"$NODE" "$ROOT/scripts/package.mjs" "$PROGRAM" > /dev/null
cp -al "$PROGRAM" "$NEW_PROGRAM"
sed -i 's/"version": *"[^"]*"/"version": "0.0.9"/' "$PROGRAM/package.json"
`;

test('two instances are upgraded one after the other, on one database', async () => {
  await using database = await createDatabase({ empty: true });
  const said = await play(
    `
${TWO_VERSIONS}
systemctl start ingam
KEY=$(grep 'Public key' out)
cp -a "$PROGRAM" other-program
cp -a "$INGAM_DATA_DIR" other-data
INGAM_DATA_DIR="$PWD/other-data" "$NODE" other-program/dist/cli/main.js serve > other.out 2> other.err &
MEMBER_NODE=$!
until grep -q 'Public key' other.out; do kill -0 "$MEMBER_NODE"; sleep 0.2; done
OTHER=$(grep -o 'http://[0-9.:]*' other.out | head -n 1)
notarize before
${await commandsOf('Upgrade')}
curl -s "$INGAM_SERVER/v1/version"; echo
curl -s "$OTHER/v1/version"; echo
notarize new
INGAM_SERVER="$OTHER" notarize old
kill "$MEMBER_NODE"
wait "$MEMBER_NODE"
notarize after
for NAME in before new old after; do ingam verify "$NAME.txt" --key "\${KEY##*: }"; done
systemctl stop ingam
ingam audit
`,
    { DATABASE_URL: database.url, ROOT },
  );
  expect(said).toMatch(/"version":"0\.1\.0".*"version":"0\.0\.9"/s);
  expect(said.match(/^VERIFIED/gm)).toHaveLength(4);
  expect(said).toMatch(/^SOUND {2}4 entries/m);
});

test('an older version refuses a newer database, and starts on the backup from before the upgrade', async () => {
  const said = await play(
    `
${TWO_VERSIONS}
mkdir "$NEW_PROGRAM/prisma/migrations/29990101000000_more"
echo 'CREATE TABLE more (a integer);' > "$NEW_PROGRAM/prisma/migrations/29990101000000_more/migration.sql"
systemctl start ingam
KEY=$(grep 'Public key' out)
notarize before
${await commandsOf('Upgrade')}
systemctl stop ingam
PROGRAM="$PROGRAM.old" systemctl start ingam || true
${(await commandsOf('Downgrade')).replace('systemctl stop ingam\n', '')}
[ "$KEY" = "$(grep 'Public key' out)" ]
curl -s "$INGAM_SERVER/v1/version"; echo
notarize after
ingam verify before.txt --key "\${KEY##*: }"
systemctl stop ingam
ingam audit
`,
    { ROOT },
  );
  expect(said).toMatch(/1 migration/);
  expect(said).toMatch(/did not start: .*29990101000000_more.*which this version does not know/s);
  expect(said).toContain('"version":"0.0.9"');
  expect(said).toMatch(/^SOUND {2}2 entries/m);
  expect(said).toContain('VERIFIED');
});

/** A clock that is off by the milliseconds in a file. */
const CLOCK = `
timedatectl() { [ "$*" = 'set-ntp true' ]; echo 0 > clock; }
echo 0 > clock
cat > clock.mjs << 'END'
import { readFileSync } from 'node:fs';
const now = Date.now;
Date.now = () => now() + Number(readFileSync(process.env.CLOCK, 'utf8'));
END
export CLOCK="$PWD/clock" NODE_OPTIONS="--import=$PWD/clock.mjs"
systemctl start ingam
KEY=$(grep 'Public key' out)
`;

test('a clock that was set back accepts nothing, and goes on when it is right', async () => {
  const said = await play(`
${CLOCK}
notarize before
echo -3600000 > clock
until submit early | grep 503; do sleep 0.2; done
curl -s "$INGAM_SERVER/readyz"
ingam doctor || true
echo corrected
${await commandsOf('A wrong clock')}
notarize after
systemctl stop ingam
ingam audit
`);
  expect(said).toMatch(/"code":"clock_behind"/);
  expect(said).toMatch(
    /problem: The clock of this machine is .* behind the latest time in the chain.*corrected/s,
  );
  expect(said).toMatch(/corrected.*No problem was found/s);
  expect(said).toMatch(/^SOUND {2}2 entries/m);
});

test('after a clock that was ahead, nothing is accepted until that time has come', async () => {
  const said = await play(`
${CLOCK}
echo 3600000 > clock
notarize ahead
${(await commandsOf('A wrong clock')).replace('ingam doctor', 'ingam doctor || true')}
until submit early | grep 503; do sleep 0.2; done
grep -o '"code":"[a-z_]*"' answer
echo 3660000 > clock
notarize after
ingam verify after.txt --key "\${KEY##*: }"
`);
  expect(said).toMatch(/problem: The clock of this machine is .* behind the latest time in the chain/);
  expect(said).toMatch(/503\n"code":"clock_behind"/);
  expect(said).toContain('VERIFIED');
});

/** Whether a file system with a limit can be mounted. */
const isRoot = process.platform === 'linux' && process.getuid?.() === 0;

test.runIf(isRoot)('a full disk loses nothing, and the service goes on when there is room', async () => {
  const said = await play(`
mkdir disk
mount -t tmpfs -o size=192m,mode=0755 tmpfs disk
trap 'kill $SERVICE 2> /dev/null || true; wait; umount --lazy disk' EXIT
export INGAM_DATA_DIR="$PWD/disk/data"
systemctl start ingam
KEY=$(grep 'Public key' out)
notarize before
fallocate -l 32M "$INGAM_DATA_DIR/spare"
dd if=/dev/zero of=disk/ballast bs=64k 2> /dev/null || true
N=0
until [ "$(submit "full-$N")" = 503 ]; do N=$((N + 1)); done
until [ "$(curl -s -o /dev/null -w '%{http_code}' "$INGAM_SERVER/readyz")" = 503 ]; do sleep 0.2; done
${await commandsOf('A full disk')}
until curl -sf -o /dev/null "$INGAM_SERVER/readyz"; do sleep 0.2; done
notarize after
SEALED=0
while [ "$SEALED" -lt "$N" ]; do
  ingam notarize "full-$SEALED.txt" > /dev/null
  SEALED=$((SEALED + 1))
done
for NAME in before after; do ingam verify "$NAME.txt" --key "\${KEY##*: }"; done
systemctl stop ingam
ingam audit
`);
  expect(said.match(/^VERIFIED/gm)).toHaveLength(2);
  expect(said).toMatch(/^SOUND/m);
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
