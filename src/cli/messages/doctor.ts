import { byLanguage } from '../language.js';

/** What `ingam doctor` finds, and what to do about it. */
export type Said = readonly [says: string, advice?: string];

export type KeyName = 'log' | 'receipt' | 'secret';

const en = {
  areas: {
    settings: 'Settings',
    database: 'Database',
    clock: 'Clock',
    keys: 'Keys',
    disk: 'Disk',
    log: 'Followed log',
    members: 'Members',
    time_sources: 'Time sources',
    service: 'Service',
    proxy: 'Address and proxy',
  },
  states: { ok: 'ok', note: 'note', warning: 'warning', problem: 'problem' },
  nothingFound: 'No problem was found.',
  found: (problems: number, warnings: number) =>
    `Found: ${problems} ${problems === 1 ? 'problem' : 'problems'}, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}.`,

  settings: (): Said => ['Every setting can be read.'],
  setting: (mistake: string, page: string): Said => [
    mistake,
    `Correct it in the environment of what runs here; ${page} describes every setting.`,
  ],

  databaseNew: (folder: string): Said => [
    `There is no database in ${folder} yet: the first start creates one.`,
  ],
  databaseUnreachable: (detail: string): Said => [
    `The database cannot be used: ${detail}.`,
    'Check that PostgreSQL runs, that DATABASE_URL leads to it, and that its pg_hba.conf admits this machine.',
  ],
  databaseServer: (version: string, role: string): Said => [
    `PostgreSQL ${version} answers, as the role ${role}.`,
  ],
  databaseOld: (version: string): Said => [
    `PostgreSQL ${version} is too old.`,
    'Move to PostgreSQL 15 or newer.',
  ],
  databaseEncoding: (encoding: string): Said => [
    `The encoding of the database is ${encoding}, in which not every name can be stored.`,
    "Create another one with ENCODING 'UTF8' TEMPLATE template0.",
  ],
  databaseStandby: (): Said => [
    'The server is a standby, which accepts no writes.',
    'Name the primary in DATABASE_URL, or all servers, separated by commas.',
  ],
  databaseReadOnly: (): Said => [
    'default_transaction_read_only is on for this server, database or role.',
    'Remove it with ALTER ROLE … RESET default_transaction_read_only, or in the same way on the database or the server.',
  ],
  databaseFsync: (): Said => [
    'The server runs with fsync=off: a crash of its machine can lose acknowledged documents.',
    'Set fsync=on in postgresql.conf.',
  ],
  databaseSuperuser: (role: string): Said => [
    `The role ${role} is a superuser: whoever gets SQL into its connection can read files of the server.`,
    'Make a role without such powers, as docs/postgresql.md shows.',
  ],
  databaseOwner: (role: string): Said => [
    `The role ${role} owns the tables: whoever gets DATABASE_URL can switch off the triggers that protect the chain.`,
    'Let another role own them, and name it in DATABASE_OWNER_URL (docs/postgresql.md).',
  ],
  databaseUnencrypted: (): Said => [
    'The connection to the database is not encrypted, and leaves this machine.',
    'Add ?sslmode=verify-full to DATABASE_URL.',
  ],
  databaseCurrent: (): Said => ['Every migration of this version is applied.'],
  databaseUnmigrated: (count: number): Said => [
    `${count} ${count === 1 ? 'migration' : 'migrations'} of this version ${count === 1 ? 'is' : 'are'} not applied yet.`,
    'The next start of this version applies them. Make a backup before it.',
  ],
  databaseMigration: (detail: string): Said => [
    `The database does not fit this version: ${detail}.`,
    'Run the version of Ingam that it was last used with, or a newer one.',
  ],
  databaseConnections: (needed: number, available: number): Said => [
    `Up to ${needed} connections are used, and the server allows ${available}.`,
  ],
  databaseTooFew: (needed: number, available: number, hasWorkers: boolean): Said => [
    `Up to ${needed} connections are needed, but the server allows ${available}.`,
    `Raise max_connections of the server by ${needed - available} or more${hasWorkers ? ', or lower INGAM_WORKERS' : ''}.`,
  ],
  databaseCrowded: (needed: number, free: number): Said => [
    `Up to ${needed} connections are used, and only ${free} are free now; what runs here holds some itself.`,
    'If nothing runs here, close other clients, or raise max_connections.',
  ],
  databaseLocal: (): Said => [
    'Commits wait for no synchronous standby: acknowledged documents are on one disk.',
  ],
  databaseNotReplicated: (): Said => [
    'INGAM_REQUIRE_SYNC is on, but commits wait for no synchronous standby: nothing can be accepted.',
    'Set synchronous_standby_names in PostgreSQL, or have Patroni do it (synchronous_mode); see docs/operations.md.',
  ],
  databaseReplicated: (count: number): Said => [
    `Commits wait for a synchronous standby, of which ${count} ${count === 1 ? 'is' : 'are'} connected.`,
  ],
  databaseReplicatedUnknown: (role: string): Said => [
    'Commits wait for a synchronous standby. Whether one is connected is not shown to this role.',
    `To have it checked: GRANT pg_read_all_stats TO ${role}.`,
  ],
  databaseNoStandby: (): Said => [
    'Commits wait for a synchronous standby, and none is connected: nothing can be accepted.',
    'Start the standby, or let Patroni choose another one; see docs/operations.md.',
  ],
  databaseWeakCommit: (value: string): Said => [
    `synchronous_commit is ${value}, so that commits are not confirmed by the standby's disk.`,
    'Remove it with ALTER ROLE … RESET synchronous_commit, or in the same way on the database or the server.',
  ],
  readStandby: (version: string): Said => [`Readers are served from a standby (PostgreSQL ${version}).`],
  readPrimary: (): Said => [
    'INGAM_READ_DATABASE_URL names a server that is no standby: readers burden a primary.',
    'Name a standby of the server of DATABASE_URL, or remove the setting.',
  ],
  readWithoutChain: (): Said => [
    'The server of INGAM_READ_DATABASE_URL has no chain of Ingam: it is no standby of the server of DATABASE_URL.',
    'Name a standby, with the same database, or remove the setting.',
  ],
  readTooFew: (needed: number, available: number): Said => [
    `The service uses up to ${needed} connections to the server of INGAM_READ_DATABASE_URL, but it allows ${available}.`,
    `Raise max_connections of that server by ${needed - available} or more, or lower INGAM_WORKERS.`,
  ],
  readUnencrypted: (): Said => [
    'The connection to the server of INGAM_READ_DATABASE_URL is not encrypted, and leaves this machine.',
    'Add ?sslmode=verify-full to INGAM_READ_DATABASE_URL.',
  ],
  readUnreachable: (detail: string): Said => [
    `The server of INGAM_READ_DATABASE_URL cannot be used (${detail}): readers are served from the primary.`,
    'Start that server, check its pg_hba.conf, or remove the setting.',
  ],

  clockDatabase: (offset: string): Said => [
    `The clocks of this machine and of the database differ by ${offset}.`,
  ],
  clockDatabaseWrong: (offset: string, isAhead: boolean): Said => [
    `The clock of the database is ${offset} ${isAhead ? 'ahead of' : 'behind'} that of this machine.`,
    'Synchronize both with NTP (timedatectl, chronyc tracking).',
  ],
  clockBehindChain: (seconds: string): Said => [
    `The clock of this machine is ${seconds} behind the latest time in the chain: nothing is accepted until it has caught up.`,
    'Synchronize the clock with NTP; docs/recovery.md says what else to do.',
  ],
  clockBehindBlocks: (seconds: string): Said => [
    `The clock of this machine is ${seconds} behind the time of the latest block: cosignatures would state a time before it.`,
    'Synchronize the clock with NTP (timedatectl, chronyc tracking). If it is right, ask the operator of the service about theirs.',
  ],
  clockLog: (): Said => ['The clocks of this machine and of the followed service agree.'],
  clockLogWrong: (offset: string, isAhead: boolean): Said => [
    `The clock of the followed service is ${offset} ${isAhead ? 'ahead of' : 'behind'} that of this machine, whose time cosignatures state.`,
    'Synchronize this clock with NTP (timedatectl, chronyc tracking). If it is right, tell the operator of the service.',
  ],
  clockServer: (name: string, offset: string): Said => [
    `It differs from the time server ${name} by ${offset}.`,
  ],
  clockServerWrong: (name: string, offset: string): Said => [
    `It differs from the time server ${name} by ${offset}.`,
    'Synchronize the clock with NTP. While most time servers say so, no time-stamps are given.',
  ],
  clockServerSilent: (detail: string): Said => [
    `A time server gives no time: ${detail}.`,
    'Let UDP port 123 out, or name another server in INGAM_TSA_NTP.',
  ],

  keysHere: (name: string): Said => [`The keys of the log ${name} are here.`],
  keysNew: (): Said => ['There are no keys yet: the first start creates them. Back them up after it.'],
  keyMissing: (key: KeyName, place: string): Said => [
    `${{ log: 'The log key', receipt: 'The receipt key', secret: 'The secret of the service' }[key]} is missing: ${place} does not exist, and the database already has a chain.`,
    'Put the file back from the backup of the keys. Without it the service would make a new key, which fits no proof of this log.',
  ],
  keyUnreadable: (detail: string): Said => [
    `A key cannot be read: ${detail}.`,
    'Give the file to the user that runs this node (chown), or restore it from the backup of the keys.',
  ],
  memberKeyHere: (key: string): Said => [`The key of this member is ${key}.`],
  memberKeyMissing: (place: string): Said => [
    `The key of this member is missing: ${place} does not exist, and blocks have been cosigned.`,
    'Put the file back from its copy. Without it the node would make a new key, which is that of a new member (docs/members.md, "When a key is lost or stolen").',
  ],
  memberKeyWrong: (detail: string): Said => [
    `The key of this member cannot be used: ${detail}.`,
    'Put the right file back from its copy, or correct INGAM_MEMBER_KEY or INGAM_MEMBER_NAME.',
  ],
  keyOpen: (file: string): Said => [`${file} can be read by others.`, `Run: chmod 600 ${file}`],
  keysMatch: (blocks: number): Said => [
    blocks === 0
      ? 'The database has no block yet.'
      : `The last of ${blocks} ${blocks === 1 ? 'block' : 'blocks'} in the database is signed with this key, and no later one is known.`,
  ],
  chainRefused: (detail: string): Said => [
    `The service would not seal on this database: ${detail}.`,
    'See "A database that is older than it was" in docs/postgresql.md.',
  ],
  secretOther: (): Said => [
    'The access log was written with another service secret.',
    'All machines must have the same INGAM_SECRET; put a former one behind it (docs/access.md).',
  ],
  erasureKeysLost: (trees: string): Said => [
    `The file of data keys lacks the keys of ${trees}.`,
    'Restore the file of INGAM_ERASURE_KEYS that the service was used with.',
  ],

  diskFree: (folder: string, free: string, percent: number): Said => [
    `${free} (${percent} %) are free where ${folder} is.`,
  ],
  diskLow: (folder: string, free: string, percent: number): Said => [
    `Only ${free} (${percent} %) are free where ${folder} is.`,
    'Make room: on a full disk nothing new can be stored (docs/recovery.md).',
  ],
  diskMissing: (folder: string): Said => [
    `The data directory ${folder} does not exist: the first start creates it.`,
    'If there was a start before, INGAM_DATA_DIR names the wrong directory, or a volume is not mounted.',
  ],
  diskUnwritable: (folder: string): Said => [
    `The data directory ${folder} cannot be written by this user.`,
    'Run this command as the user that runs this node, or give that user the directory (chown -R).',
  ],

  logReached: (host: string, size: number): Said => [
    `${host} publishes ${size} ${size === 1 ? 'block' : 'blocks'}, signed by the key of the log.`,
  ],
  logEmpty: (host: string): Said => [`${host} answers, and publishes no checkpoint yet.`],
  logUnreachable: (detail: string): Said => [
    `The followed log cannot be read: ${detail}.`,
    'Check INGAM_MEMBER_UPSTREAM, and that connections to it are allowed from here.',
  ],
  logRefused: (host: string, detail: string): Said => [
    `What ${host} publishes is not the followed log: ${detail}.`,
    'Check the address in INGAM_MEMBER_UPSTREAM. Compare INGAM_MEMBER_UPSTREAM_KEY with what the operator has given you in another way than by that server.',
  ],
  logAhead: (host: string, size: number, lag: number): Said => [
    `${host} publishes ${size} blocks, ${lag} more than are stored here.`,
    'Start the node, or let it catch up. If it does not, its log and the part "Service" say why.',
  ],
  logShorter: (host: string, size: number, blocks: number): Said => [
    `${host} publishes ${size} ${size === 1 ? 'block' : 'blocks'}, and ${blocks} are stored here, which the log has signed: it has lost blocks, or hides them.`,
    'Keep this copy, and tell the operator and the other members (docs/members.md, "Alarms").',
  ],
  logForked: (host: string, size: number): Said => [
    `${host} publishes another history than the one that is stored here, over ${size} ${size === 1 ? 'block' : 'blocks'}.`,
    'Keep this copy, and tell the operator and the other members; "ingam compare" writes the evidence (docs/members.md).',
  ],
  cosignedNone: (): Said => ['No checkpoint was cosigned yet.'],
  cosignedHere: (size: number, blocks: number): Said => [
    `The last cosigned checkpoint is over ${size} ${size === 1 ? 'block' : 'blocks'}; ${blocks} ${blocks === 1 ? 'is' : 'are'} stored here.`,
  ],
  cosignedForgotten: (size: number, cosigned: number): Said => [
    `The service has cosignatures of this member over ${size} blocks, and the database knows of ${cosigned}: it is older than it was.`,
    'Restore the newest copy of the database. If this is the newest, compare the log with other members before you start the node (docs/recovery.md, "A member").',
  ],
  listed: (size: number): Said => [
    `The service names this member, and has its cosignature over ${size} ${size === 1 ? 'block' : 'blocks'}.`,
  ],
  listedNot: (key: string): Said => [
    'The service does not name this member, so its cosignatures are in no proof.',
    `Give its operator the address of this node and its key, for INGAM_MEMBERS: ${key}`,
  ],
  listingUnknown: (detail: string): Said => [
    `Whether the service names this member is not known: ${detail}.`,
  ],

  memberReached: (name: string, size: string): Said => [`${name} has cosigned ${size} blocks.`],
  memberBehind: (name: string, size: string, lag: string): Said => [
    `${name} has cosigned ${size} blocks, which is ${lag} behind.`,
    'Ask its operator what /readyz of that node says. Proofs get its cosignature when it has caught up.',
  ],
  memberNothing: (name: string): Said => [
    `${name} answers, and publishes no checkpoint of this log.`,
    'Ask its operator to check INGAM_MEMBER_UPSTREAM and INGAM_MEMBER_UPSTREAM_KEY.',
  ],
  memberUnreachable: (name: string, detail: string, setting: string): Said => [
    `${name} cannot be reached: ${detail}.`,
    `Check the address in ${setting}, and that connections to it are allowed from here.`,
  ],

  sourceReached: (name: string): Said => [`${name} answers.`],
  sourceUnreachable: (name: string, detail: string): Said => [
    `${name} gives no usable answer: ${detail}.`,
    'Check the address in the file of INGAM_TIME_SOURCES, and that connections to it are allowed from here.',
  ],

  serviceAbsent: (url: string): Said => [
    `Nothing answers at ${url}: it is not running, or not on this machine.`,
  ],
  serviceReady: (url: string, version: string): Said => [`What runs at ${url} (${version}) is ready.`],
  serviceProblem: (message: string): Said => [message, 'Its log has the details (journalctl, docker logs).'],
  serviceVersion: (running: string, own: string): Said => [
    `What runs is version ${running}, this command is version ${own}.`,
    'Restart it to use the installed version, or run the command of that version.',
  ],

  publicUrlUnset: (): Said => [
    'INGAM_PUBLIC_URL is not set: links in certificates and set-up links lead to this machine.',
    'Set it to the address that people use, if others than this machine use the service.',
  ],
  publicUrlUnreachable: (url: string, detail: string): Said => [
    `${url} cannot be reached from here: ${detail}.`,
    'Check the name, the certificate and the proxy. Where this network cannot reach its own public address, try from elsewhere.',
  ],
  publicUrlOther: (url: string, detail: string): Said => [
    `${url} leads to something else than this service: ${detail}.`,
    'Let the proxy pass on the original Host, and every path under INGAM_PUBLIC_URL without its prefix; deploy/nginx and deploy/caddy show how.',
  ],
  publicUrlOtherLog: (url: string, name: string): Said => [
    `${url} leads to the log ${name}, which is another one.`,
    'Correct INGAM_PUBLIC_URL, or where the proxy leads to.',
  ],
  proxyNone: (url: string, address: string): Said => [
    `${url} leads here without a proxy; the service sees this machine as ${address}.`,
  ],
  proxyGood: (url: string, address: string): Said => [
    `${url} leads here through a trusted proxy; the service sees this machine as ${address}.`,
  ],
  proxySilent: (): Said => [
    'The proxy does not say for whom it asks: limits and the access log take all people for one client.',
    'Let the proxy set X-Forwarded-For, and set INGAM_TRUST_PROXY to the number of proxies or their addresses.',
  ],
  proxyUntrusted: (address: string): Said => [
    `The proxy says for whom it asks, but INGAM_TRUST_PROXY does not trust it: everybody counts as ${address}.`,
    'Set INGAM_TRUST_PROXY to the number of proxies (often 1) or to their addresses.',
  ],
  proxyForgeable: (): Said => [
    'Anybody can choose the address that the service sees: it believed one that this command made up.',
    'Lower INGAM_TRUST_PROXY to the number of your proxies, and let the outermost one replace X-Forwarded-For.',
  ],
};

const ko: typeof en = {
  areas: {
    settings: '설정',
    database: '데이터베이스',
    clock: '시계',
    keys: '키',
    disk: '디스크',
    log: '따라가는 로그',
    members: '참여 기관',
    time_sources: '시각 출처',
    service: '서비스',
    proxy: '주소와 프록시',
  },
  states: { ok: '정상', note: '참고', warning: '주의', problem: '문제' },
  nothingFound: '문제가 발견되지 않았습니다.',
  found: (problems, warnings) => `발견: 문제 ${problems}건, 주의 ${warnings}건.`,

  settings: () => ['모든 설정을 읽을 수 있습니다.'],
  setting: (mistake, page) => [
    `설정이 올바르지 않습니다(영문): ${mistake}`,
    `여기에서 실행하는 프로그램의 환경 변수에서 고치세요. 모든 설정은 ${page}에 설명되어 있습니다.`,
  ],

  databaseNew: (folder) => [`${folder}에 아직 데이터베이스가 없습니다. 처음 시작할 때 만듭니다.`],
  databaseUnreachable: (detail) => [
    `데이터베이스를 사용할 수 없습니다(${detail}).`,
    'PostgreSQL이 실행 중인지, DATABASE_URL이 맞는지, pg_hba.conf가 이 컴퓨터를 허용하는지 확인하세요.',
  ],
  databaseServer: (version, role) => [`PostgreSQL ${version}이(가) 역할 ${role}(으)로 응답합니다.`],
  databaseOld: (version) => [
    `PostgreSQL ${version}은(는) 너무 오래되었습니다.`,
    'PostgreSQL 15 이상으로 옮기세요.',
  ],
  databaseEncoding: (encoding) => [
    `데이터베이스의 인코딩이 ${encoding}이어서 저장할 수 없는 이름이 있습니다.`,
    "ENCODING 'UTF8' TEMPLATE template0으로 새 데이터베이스를 만드세요.",
  ],
  databaseStandby: () => [
    '이 서버는 쓰기를 받지 않는 대기 서버입니다.',
    'DATABASE_URL에 주 서버를 쓰거나 모든 서버를 쉼표로 구분해 쓰세요.',
  ],
  databaseReadOnly: () => [
    '이 서버, 데이터베이스 또는 역할에 default_transaction_read_only가 켜져 있습니다.',
    'ALTER ROLE … RESET default_transaction_read_only로 끄세요. 데이터베이스와 서버에서도 마찬가지입니다.',
  ],
  databaseFsync: () => [
    '서버가 fsync=off로 실행 중입니다. 서버 컴퓨터가 멈추면 접수된 문서를 잃을 수 있습니다.',
    'postgresql.conf에서 fsync=on으로 바꾸세요.',
  ],
  databaseSuperuser: (role) => [
    `역할 ${role}은(는) 슈퍼유저입니다. 이 연결에 SQL을 넣을 수 있는 사람은 서버의 파일을 읽을 수 있습니다.`,
    'docs/postgresql.md에 나온 대로 그런 권한이 없는 역할을 만드세요.',
  ],
  databaseOwner: (role) => [
    `역할 ${role}이(가) 테이블의 소유자입니다. DATABASE_URL을 얻은 사람은 체인을 보호하는 트리거를 끌 수 있습니다.`,
    '다른 역할을 소유자로 하고 DATABASE_OWNER_URL에 쓰세요(docs/postgresql.md).',
  ],
  databaseUnencrypted: () => [
    '데이터베이스 연결이 암호화되지 않은 채 이 컴퓨터를 벗어납니다.',
    'DATABASE_URL에 ?sslmode=verify-full을 더하세요.',
  ],
  databaseCurrent: () => ['이 버전의 마이그레이션이 모두 적용되어 있습니다.'],
  databaseUnmigrated: (count) => [
    `이 버전의 마이그레이션 ${count}개가 아직 적용되지 않았습니다.`,
    '이 버전을 다음에 시작할 때 적용합니다. 그 전에 백업하세요.',
  ],
  databaseMigration: (detail) => [
    `데이터베이스가 이 버전과 맞지 않습니다(${detail}).`,
    '마지막으로 사용한 Ingam 버전이나 더 새로운 버전을 실행하세요.',
  ],
  databaseConnections: (needed, available) => [
    `연결을 최대 ${needed}개 쓰고, 서버는 ${available}개를 허용합니다.`,
  ],
  databaseTooFew: (needed, available, hasWorkers) => [
    `연결이 최대 ${needed}개 필요하지만 서버는 ${available}개만 허용합니다.`,
    `서버의 max_connections를 ${needed - available} 이상 늘리${hasWorkers ? '거나 INGAM_WORKERS를 줄이' : ''}세요.`,
  ],
  databaseCrowded: (needed, free) => [
    `연결을 최대 ${needed}개 쓰는데 지금 ${free}개만 비어 있습니다. 여기에서 실행 중인 것이 쓰는 연결도 있습니다.`,
    '실행 중인 것이 없다면 다른 클라이언트를 닫거나 max_connections를 늘리세요.',
  ],
  databaseLocal: () => ['커밋이 동기 대기 서버를 기다리지 않습니다. 접수된 문서는 디스크 하나에 있습니다.'],
  databaseNotReplicated: () => [
    'INGAM_REQUIRE_SYNC가 켜져 있는데 커밋이 동기 대기 서버를 기다리지 않습니다. 아무것도 접수할 수 없습니다.',
    'PostgreSQL에 synchronous_standby_names를 설정하거나 Patroni(synchronous_mode)에 맡기세요. docs/operations.md를 보세요.',
  ],
  databaseReplicated: (count) => [`커밋이 동기 대기 서버를 기다립니다. ${count}개가 연결되어 있습니다.`],
  databaseReplicatedUnknown: (role) => [
    '커밋이 동기 대기 서버를 기다립니다. 연결되어 있는지는 이 역할에 보이지 않습니다.',
    `확인하려면: GRANT pg_read_all_stats TO ${role}`,
  ],
  databaseNoStandby: () => [
    '커밋이 동기 대기 서버를 기다리는데 연결된 것이 없습니다. 아무것도 접수할 수 없습니다.',
    '대기 서버를 시작하거나 Patroni가 다른 것을 고르게 하세요. docs/operations.md를 보세요.',
  ],
  databaseWeakCommit: (value) => [
    `synchronous_commit이 ${value}이어서 대기 서버의 디스크가 커밋을 확인하지 않습니다.`,
    'ALTER ROLE … RESET synchronous_commit으로 되돌리세요. 데이터베이스와 서버에서도 마찬가지입니다.',
  ],
  readStandby: (version) => [`조회는 대기 서버(PostgreSQL ${version})에서 처리합니다.`],
  readPrimary: () => [
    'INGAM_READ_DATABASE_URL의 서버는 대기 서버가 아닙니다. 조회가 주 서버에 부담을 줍니다.',
    'DATABASE_URL 서버의 대기 서버를 쓰거나 이 설정을 지우세요.',
  ],
  readWithoutChain: () => [
    'INGAM_READ_DATABASE_URL의 서버에 Ingam의 체인이 없습니다. DATABASE_URL 서버의 대기 서버가 아닙니다.',
    '같은 데이터베이스의 대기 서버를 쓰거나 이 설정을 지우세요.',
  ],
  readTooFew: (needed, available) => [
    `서비스는 INGAM_READ_DATABASE_URL의 서버에 연결을 최대 ${needed}개 쓰지만 서버는 ${available}개만 허용합니다.`,
    `그 서버의 max_connections를 ${needed - available} 이상 늘리거나 INGAM_WORKERS를 줄이세요.`,
  ],
  readUnencrypted: () => [
    'INGAM_READ_DATABASE_URL의 서버와의 연결이 암호화되지 않은 채 이 컴퓨터를 벗어납니다.',
    'INGAM_READ_DATABASE_URL에 ?sslmode=verify-full을 더하세요.',
  ],
  readUnreachable: (detail) => [
    `INGAM_READ_DATABASE_URL의 서버를 쓸 수 없습니다(${detail}). 조회는 주 서버에서 처리합니다.`,
    '그 서버를 시작하고 pg_hba.conf를 확인하거나 이 설정을 지우세요.',
  ],

  clockDatabase: (offset) => [`이 컴퓨터와 데이터베이스의 시계가 ${offset} 다릅니다.`],
  clockDatabaseWrong: (offset, isAhead) => [
    `데이터베이스의 시계가 이 컴퓨터보다 ${offset} ${isAhead ? '빠릅니다' : '늦습니다'}.`,
    '두 시계를 NTP로 맞추세요(timedatectl, chronyc tracking).',
  ],
  clockBehindChain: (seconds) => [
    `이 컴퓨터의 시계가 체인의 마지막 시각보다 ${seconds} 늦습니다. 따라잡을 때까지 아무것도 접수하지 않습니다.`,
    '시계를 NTP로 맞추세요. 그 밖에 할 일은 docs/recovery.md에 있습니다.',
  ],
  clockBehindBlocks: (seconds) => [
    `이 컴퓨터의 시계가 마지막 블록의 시각보다 ${seconds} 늦습니다. 공동 서명에 그보다 이른 시각이 들어갑니다.`,
    '시계를 NTP로 맞추세요(timedatectl, chronyc tracking). 시계가 맞다면 서비스의 운영자에게 그쪽 시계를 물어보세요.',
  ],
  clockLog: () => ['이 컴퓨터와 따라가는 서비스의 시계가 맞습니다.'],
  clockLogWrong: (offset, isAhead) => [
    `따라가는 서비스의 시계가 이 컴퓨터보다 ${offset} ${isAhead ? '빠릅니다' : '늦습니다'}. 공동 서명에는 이 컴퓨터의 시각이 들어갑니다.`,
    '이 시계를 NTP로 맞추세요(timedatectl, chronyc tracking). 맞다면 서비스의 운영자에게 알리세요.',
  ],
  clockServer: (name, offset) => [`시각 서버 ${name}와(과) ${offset} 다릅니다.`],
  clockServerWrong: (name, offset) => [
    `시각 서버 ${name}와(과) ${offset} 다릅니다.`,
    '시계를 NTP로 맞추세요. 대부분의 시각 서버가 이렇게 답하는 동안 타임스탬프를 주지 않습니다.',
  ],
  clockServerSilent: (detail) => [
    `시각 서버가 시각을 주지 않습니다(${detail}).`,
    'UDP 포트 123을 허용하거나 INGAM_TSA_NTP에 다른 서버를 쓰세요.',
  ],

  keysHere: (name) => [`로그 ${name}의 키가 있습니다.`],
  keysNew: () => ['아직 키가 없습니다. 처음 시작할 때 만듭니다. 그 뒤에 백업하세요.'],
  keyMissing: (key, place) => [
    `${{ log: '로그 키가', receipt: '접수증 키가', secret: '서비스의 비밀 값이' }[key]} 없습니다. ${place} 파일이 없는데 데이터베이스에는 이미 체인이 있습니다.`,
    '키의 백업에서 파일을 되돌려 놓으세요. 없으면 서비스가 새 키를 만들고, 그 키는 이 로그의 증명과 맞지 않습니다.',
  ],
  keyUnreadable: (detail) => [
    `키를 읽을 수 없습니다(${detail}).`,
    '이 노드를 실행하는 사용자에게 파일을 주거나(chown) 키의 백업에서 되돌려 놓으세요.',
  ],
  memberKeyHere: (key) => [`이 참여 기관의 키는 ${key}입니다.`],
  memberKeyMissing: (place) => [
    `이 참여 기관의 키가 없습니다. ${place} 파일이 없는데 이미 블록에 공동 서명했습니다.`,
    '사본에서 파일을 되돌려 놓으세요. 없으면 노드가 새 키를 만들고, 그 키는 새 참여 기관의 키입니다(docs/members.md, "When a key is lost or stolen").',
  ],
  memberKeyWrong: (detail) => [
    `이 참여 기관의 키를 쓸 수 없습니다(${detail}).`,
    '사본에서 맞는 파일을 되돌려 놓거나 INGAM_MEMBER_KEY 또는 INGAM_MEMBER_NAME을 고치세요.',
  ],
  keyOpen: (file) => [`${file}을(를) 다른 사용자도 읽을 수 있습니다.`, `실행하세요: chmod 600 ${file}`],
  keysMatch: (blocks) => [
    blocks === 0
      ? '데이터베이스에 아직 블록이 없습니다.'
      : `데이터베이스의 블록 ${blocks}개 중 마지막 것이 이 키로 서명되어 있고, 더 뒤의 것은 알려져 있지 않습니다.`,
  ],
  chainRefused: (detail) => [
    `서비스가 이 데이터베이스에서는 봉인하지 않습니다(${detail}).`,
    'docs/postgresql.md의 "A database that is older than it was"를 보세요.',
  ],
  secretOther: () => [
    '접근 기록이 다른 서비스 비밀 값으로 쓰였습니다.',
    '모든 컴퓨터의 INGAM_SECRET이 같아야 합니다. 이전 값은 그 뒤에 붙이세요(docs/access.md).',
  ],
  erasureKeysLost: (trees) => [
    `데이터 키 파일에 ${trees}의 키가 없습니다.`,
    '서비스가 쓰던 INGAM_ERASURE_KEYS 파일을 되돌려 놓으세요.',
  ],

  diskFree: (folder, free, percent) => [
    `${folder}이(가) 있는 디스크에 ${free}(${percent} %)가 비어 있습니다.`,
  ],
  diskLow: (folder, free, percent) => [
    `${folder}이(가) 있는 디스크에 ${free}(${percent} %)만 비어 있습니다.`,
    '공간을 만드세요. 디스크가 가득 차면 새로 저장할 수 없습니다(docs/recovery.md).',
  ],
  diskMissing: (folder) => [
    `데이터 디렉터리 ${folder}이(가) 없습니다. 처음 시작할 때 만듭니다.`,
    '시작한 적이 있다면 INGAM_DATA_DIR이 다른 디렉터리를 가리키거나 볼륨이 연결되지 않은 것입니다.',
  ],
  diskUnwritable: (folder) => [
    `이 사용자는 데이터 디렉터리 ${folder}에 쓸 수 없습니다.`,
    '이 노드를 실행하는 사용자로 이 명령을 실행하거나 그 사용자에게 디렉터리를 주세요(chown -R).',
  ],

  logReached: (host, size) => [`${host}: 로그의 키로 서명된 블록 ${size}개를 공개합니다.`],
  logEmpty: (host) => [`${host}: 응답하지만 아직 체크포인트를 공개하지 않습니다.`],
  logUnreachable: (detail) => [
    `따라가는 로그를 읽을 수 없습니다(${detail}).`,
    'INGAM_MEMBER_UPSTREAM과, 여기에서 그 주소로 연결이 허용되는지 확인하세요.',
  ],
  logRefused: (host, detail) => [
    `${host}에서 공개하는 것은 따라가는 로그가 아닙니다(${detail}).`,
    'INGAM_MEMBER_UPSTREAM의 주소를 확인하세요. INGAM_MEMBER_UPSTREAM_KEY는 운영자가 그 서버가 아닌 방법으로 알려 준 것과 비교하세요.',
  ],
  logAhead: (host, size, lag) => [
    `${host}: 블록 ${size}개를 공개합니다. 여기에 저장된 것보다 ${lag}개 많습니다.`,
    '노드를 시작하거나 따라잡게 두세요. 따라잡지 못하면 노드의 로그와 "서비스" 항목에 이유가 있습니다.',
  ],
  logShorter: (host, size, blocks) => [
    `${host}: 블록 ${size}개를 공개하지만, 여기에는 로그가 서명한 블록 ${blocks}개가 있습니다. 로그가 블록을 잃었거나 숨깁니다.`,
    '이 사본을 보관하고 운영자와 다른 참여 기관에 알리세요(docs/members.md, "Alarms").',
  ],
  logForked: (host, size) => [
    `${host}: 블록 ${size}개에 대해 여기에 저장된 것과 다른 이력을 공개합니다.`,
    '이 사본을 보관하고 운영자와 다른 참여 기관에 알리세요. "ingam compare"가 증거를 만듭니다(docs/members.md).',
  ],
  cosignedNone: () => ['아직 체크포인트에 공동 서명하지 않았습니다.'],
  cosignedHere: (size, blocks) => [
    `마지막으로 공동 서명한 체크포인트는 블록 ${size}개를 포함합니다. 여기에 블록 ${blocks}개가 저장되어 있습니다.`,
  ],
  cosignedForgotten: (size, cosigned) => [
    `서비스에는 블록 ${size}개에 대한 이 참여 기관의 공동 서명이 있지만, 데이터베이스는 ${cosigned}개까지만 압니다. 이전보다 오래된 데이터베이스입니다.`,
    '가장 새로운 데이터베이스 사본을 되돌리세요. 이것이 가장 새롭다면 노드를 시작하기 전에 다른 참여 기관의 로그와 비교하세요(docs/recovery.md, "A member").',
  ],
  listed: (size) => [
    `서비스가 이 참여 기관을 알고 있으며, 블록 ${size}개에 대한 공동 서명을 가지고 있습니다.`,
  ],
  listedNot: (key) => [
    '서비스가 이 참여 기관을 모릅니다. 그래서 어떤 증명에도 그 공동 서명이 없습니다.',
    `서비스의 운영자에게 이 노드의 주소와 키를 알려 주세요(INGAM_MEMBERS에 씁니다): ${key}`,
  ],
  listingUnknown: (detail) => [`서비스가 이 참여 기관을 아는지 알 수 없습니다(${detail}).`],

  memberReached: (name, size) => [`${name}: 블록 ${size}개에 공동 서명했습니다.`],
  memberBehind: (name, size, lag) => [
    `${name}: 블록 ${size}개에 공동 서명했고 ${lag}만큼 뒤처져 있습니다.`,
    '그 노드의 /readyz가 무엇이라고 하는지 운영자에게 물어보세요. 따라잡으면 증명에 공동 서명이 더해집니다.',
  ],
  memberNothing: (name) => [
    `${name}: 응답하지만 이 로그의 체크포인트를 공개하지 않습니다.`,
    '운영자에게 INGAM_MEMBER_UPSTREAM과 INGAM_MEMBER_UPSTREAM_KEY를 확인해 달라고 하세요.',
  ],
  memberUnreachable: (name, detail, setting) => [
    `${name}: 연결할 수 없습니다(${detail}).`,
    `${setting}의 주소와, 여기에서 그 주소로 연결이 허용되는지 확인하세요.`,
  ],

  sourceReached: (name) => [`${name}: 응답합니다.`],
  sourceUnreachable: (name, detail) => [
    `${name}: 쓸 수 있는 응답이 없습니다(${detail}).`,
    'INGAM_TIME_SOURCES 파일의 주소와, 여기에서 그 주소로 연결이 허용되는지 확인하세요.',
  ],

  serviceAbsent: (url) => [`${url}에서 아무것도 응답하지 않습니다. 실행 중이 아니거나 이 컴퓨터에 없습니다.`],
  serviceReady: (url, version) => [`${url}에서 실행 중인 것(${version})이 준비되어 있습니다.`],
  serviceProblem: (message) => [
    `실행 중인 것이 알립니다(영문): ${message}`,
    '자세한 내용은 그 로그에 있습니다(journalctl, docker logs).',
  ],
  serviceVersion: (running, own) => [
    `실행 중인 것은 버전 ${running}, 이 명령은 버전 ${own}입니다.`,
    '설치된 버전을 쓰려면 서비스를 다시 시작하고, 아니면 그 버전의 명령을 실행하세요.',
  ],

  publicUrlUnset: () => [
    'INGAM_PUBLIC_URL이 없습니다. 증명서와 설정 링크가 이 컴퓨터를 가리킵니다.',
    '다른 컴퓨터에서도 서비스를 쓴다면 사람들이 쓰는 주소로 정하세요.',
  ],
  publicUrlUnreachable: (url, detail) => [
    `여기에서 ${url}에 연결할 수 없습니다(${detail}).`,
    '이름, 인증서, 프록시를 확인하세요. 이 네트워크에서 자신의 공개 주소에 연결할 수 없다면 다른 곳에서 해 보세요.',
  ],
  publicUrlOther: (url, detail) => [
    `${url}이(가) 이 서비스가 아닌 곳으로 이어집니다(${detail}).`,
    '프록시가 원래의 Host와 INGAM_PUBLIC_URL 아래의 모든 경로를 앞부분을 뺀 채 전달하게 하세요. deploy/nginx와 deploy/caddy에 예가 있습니다.',
  ],
  publicUrlOtherLog: (url, name) => [
    `${url}이(가) 다른 로그 ${name}(으)로 이어집니다.`,
    'INGAM_PUBLIC_URL이나 프록시가 이어지는 곳을 고치세요.',
  ],
  proxyNone: (url, address) => [
    `${url}이(가) 프록시 없이 이 서비스로 이어집니다. 서비스는 이 컴퓨터를 ${address}(으)로 봅니다.`,
  ],
  proxyGood: (url, address) => [
    `${url}이(가) 신뢰하는 프록시를 거쳐 이 서비스로 이어집니다. 서비스는 이 컴퓨터를 ${address}(으)로 봅니다.`,
  ],
  proxySilent: () => [
    '프록시가 누구의 요청인지 알리지 않습니다. 제한과 접근 기록에서 모든 사람이 한 클라이언트로 취급됩니다.',
    '프록시가 X-Forwarded-For를 쓰게 하고 INGAM_TRUST_PROXY를 프록시의 수나 주소로 정하세요.',
  ],
  proxyUntrusted: (address) => [
    `프록시가 누구의 요청인지 알리지만 INGAM_TRUST_PROXY가 신뢰하지 않습니다. 모든 사람이 ${address}(으)로 취급됩니다.`,
    'INGAM_TRUST_PROXY를 프록시의 수(대개 1)나 주소로 정하세요.',
  ],
  proxyForgeable: () => [
    '누구나 서비스에 보이는 주소를 고를 수 있습니다. 서비스가 이 명령이 지어낸 주소를 믿었습니다.',
    'INGAM_TRUST_PROXY를 프록시의 수로 낮추고, 가장 바깥 프록시가 X-Forwarded-For를 새로 쓰게 하세요.',
  ],
};

export const doctorMessages = byLanguage({ en, ko });
