import { byLanguage } from '../language.js';

/** The messages of `ingam backup`, `restore`, `restore-check` and `recover`. */

const en = {
  copying: 'Copying',
  copied: (folder: string, blocks: string, entries: string, size: string) =>
    `${folder}: ${blocks} blocks, ${entries} entries, ${size}`,
  keysApart: 'Keys are not in it: keep a copy of them elsewhere (--keys FILE writes one, encrypted).',
  keysSaved: (file: string, names: string) =>
    `${file}: ${names}. Without the passphrase nobody can open it. Keep it apart from the backup.`,
  noKeys: 'there are no keys to copy',
  whereKeys: 'Give the data directory of the service with --data-dir DIR.',
  passphrase: 'Passphrase (not shown): ',
  passphraseAgain: 'The same again: ',
  passphrasesDiffer: 'the two passphrases differ',
  shortPassphrase: (least: number) => `a passphrase needs ${least} characters or more`,
  noPassphrase: 'no passphrase was given',
  howToGivePassphrase:
    'Type it when asked, or give it on standard input: ingam … --keys FILE < passphrase.txt',
  wrongPassphrase: (file: string) => `${file}: the passphrase is wrong, or the file was changed`,
  keysNeedDirectory: '--keys needs a data directory to put the keys into: give it with --data-dir DIR',
  restoreWhat: 'give the folder of a backup, or --keys FILE to put keys back alone',
  keysRestored: (folder: string, names: string) => `The keys are in ${folder}: ${names}.`,
  otherKey: (file: string) => `${file} is another key; nothing was changed`,
  moveKeyAway: 'If the key of the backup is the right one, move this one away and repeat.',
  notABackup: 'Give the folder that "ingam backup" has made. One named DIR.partial is not complete.',
  badManifest: (file: string, detail: string) => `${file} is not the list of a backup: ${detail}`,
  checkingFiles: 'Checking files',
  changedFile: (file: string) => `${file}: it was changed since the backup`,
  damaged: (folder: string) => `${folder} is not the backup that was made`,
  useAnother: 'Take another copy of it, or an earlier one.',
  otherVersion: (version: string, detail: string) =>
    `the backup was made by version ${version} of Ingam, with other tables: ${detail}`,
  useVersion: (version: string) =>
    `Restore it with version ${version}. To upgrade, start a newer version afterwards.`,
  serviceRuns: 'the service is running on this database',
  stopService: 'Stop it first: a backup is restored into a new database.',
  restored: (folder: string, blocks: string, entries: string) =>
    `Restored from ${folder}: ${blocks} blocks, ${entries} entries.`,
  noCheckpoint: (file: string) =>
    `Before you start the service: put the newest checkpoint that there is at ${file}. It shows whether blocks were signed after this backup.`,
  memberRestored:
    'This is the database of a member. It does not know what the member has cosigned since the backup: "ingam doctor" asks the service, and docs/recovery.md says what to do before the start.',
  blocksMissing: (n: string) =>
    `${n} blocks were signed after this backup, and the service will not seal without them: look for a newer copy of the database, or take them back from a member (ingam recover --from URL).`,
  filesGood: (folder: string, size: string, time: string, version: string) =>
    `${folder}: all files are as they were written (${size}, ${time}, version ${version}).`,
  restoredForCheck: (blocks: string, entries: string) =>
    `Restored into a database of its own: ${blocks} blocks, ${entries} entries.`,
  /** Beside what an audit has not checked. */
  endUnknown: {
    about: 'the end of the chain',
    message:
      'whether blocks were signed after this backup. The service finds that out when it starts on it, from the newest checkpoint in its data directory.',
  },
  recoverWhat: 'give --from URL of a member, or proofs to take entries back from',
  notAnAddress: (text: string) => `--from ${text} is not an http address`,
  stopRunning: 'Stop it first, on every machine.',
  takingBlocks: 'Taking blocks back',
  memberAway: (detail: string) => `the member cannot be read: ${detail}`,
  memberDiffers: (detail: string) => `what the member shows is not the history of this log: ${detail}`,
  askAnother: 'Try again later, or ask another member.',
  cannotRecover: (detail: string) => `the blocks cannot be taken back: ${detail}`,
  recordsLost:
    'Records cannot be taken back from hashes. Look for a newer copy of the database, or start a new log (docs/recovery.md).',
  giveDataKeys: 'Set INGAM_ERASURE_KEYS to the newest copy of the file of data keys.',
  nothingMissing: (url: string, blocks: string) =>
    `${url} has no block that is missing here (${blocks} blocks, the same history).`,
  blocksBack: (blocks: string, url: string, entries: string, kept: string) =>
    `Blocks taken back from ${url}: ${blocks}, with ${entries} entries, of which the database has ${kept}.`,
  foreignErased: (n: string) =>
    `Documents that were accepted here and are not in the log: ${n}. They are lost, and must be submitted again.`,
  canSeal: 'The database has every block that is known to be signed. The service can be started.',
  stillBehind: (detail: string) => `Do not start the service yet: ${detail}`,
  proofs: {
    taken: (file: string) => `${file}: taken back`,
    not_lost: (file: string) => `${file}: nothing to take back; the entry is there, or was erased on purpose`,
    other_log: (file: string) => `${file}: it is not of an entry in this database's log`,
    event: (file: string) => `${file}: events of records cannot be taken back`,
    details_missing: (file: string) =>
      `${file}: the details of the document are not in it: use a proof that has them`,
    no_organization: (file: string) => `${file}: its organization is not in this database`,
  },
  proofsDone: (taken: string, all: string) => `Entries taken back: ${taken} of ${all}.`,
  noScratch: 'The files are good. Only the database for the check could not be started:',
};

const ko: typeof en = {
  copying: '복사',
  copied: (folder, blocks, entries, size) => `${folder}: 블록 ${blocks}개, 등록 항목 ${entries}개, ${size}`,
  keysApart: '키는 들어 있지 않습니다. 다른 곳에 사본을 두세요(--keys FILE로 암호화한 사본을 만듭니다).',
  keysSaved: (file, names) =>
    `${file}: ${names}. 암호가 없으면 아무도 열 수 없습니다. 백업과 다른 곳에 보관하세요.`,
  noKeys: '복사할 키가 없습니다',
  whereKeys: '--data-dir DIR로 서비스의 데이터 디렉터리를 지정하세요.',
  passphrase: '암호(표시되지 않음): ',
  passphraseAgain: '한 번 더: ',
  passphrasesDiffer: '두 암호가 다릅니다',
  shortPassphrase: (least) => `암호는 ${least}자 이상이어야 합니다`,
  noPassphrase: '암호가 없습니다',
  howToGivePassphrase: '요청할 때 입력하거나 표준 입력으로 주세요: ingam … --keys FILE < passphrase.txt',
  wrongPassphrase: (file) => `${file}: 암호가 틀렸거나 파일이 바뀌었습니다`,
  keysNeedDirectory: '--keys에는 키를 넣을 데이터 디렉터리가 필요합니다. --data-dir DIR로 지정하세요',
  restoreWhat: '백업 폴더를 지정하세요. 키만 되돌리려면 --keys FILE을 지정하세요',
  keysRestored: (folder, names) => `키가 ${folder}에 있습니다: ${names}`,
  otherKey: (file) => `${file}에 다른 키가 있습니다. 아무것도 바꾸지 않았습니다`,
  moveKeyAway: '백업의 키가 맞다면 이 키를 다른 곳으로 옮기고 다시 실행하세요.',
  notABackup:
    '"ingam backup"으로 만든 폴더를 지정하세요. 이름이 DIR.partial인 것은 완성되지 않은 백업입니다.',
  badManifest: (file, detail) => `${file}이(가) 백업의 목록이 아닙니다(${detail})`,
  checkingFiles: '파일 검사',
  changedFile: (file) => `${file}: 백업한 뒤에 바뀌었습니다`,
  damaged: (folder) => `${folder}은(는) 만들어진 그대로의 백업이 아닙니다`,
  useAnother: '다른 사본이나 이전 백업을 쓰세요.',
  otherVersion: (version, detail) => `테이블이 다른 Ingam ${version} 버전으로 만든 백업입니다(${detail})`,
  useVersion: (version) => `${version} 버전으로 되돌리세요. 업그레이드하려면 그다음에 새 버전을 시작하세요.`,
  serviceRuns: '이 데이터베이스에서 서비스가 실행 중입니다',
  stopService: '먼저 서비스를 멈추세요. 백업은 새 데이터베이스에 되돌립니다.',
  restored: (folder, blocks, entries) =>
    `${folder}에서 되돌렸습니다: 블록 ${blocks}개, 등록 항목 ${entries}개.`,
  noCheckpoint: (file) =>
    `서비스를 시작하기 전에 가장 새로운 체크포인트를 ${file}에 두세요. 이 백업 뒤에 서명된 블록이 있는지 알 수 있습니다.`,
  memberRestored:
    '참여 기관의 데이터베이스입니다. 백업 뒤에 공동 서명한 것은 모릅니다. "ingam doctor"가 서비스에 물어보며, 시작하기 전에 할 일은 docs/recovery.md에 있습니다.',
  blocksMissing: (n) =>
    `이 백업 뒤에 블록 ${n}개가 서명되었으며, 서비스는 그 블록 없이 새 블록을 만들지 않습니다. 더 새로운 데이터베이스 사본을 찾거나 참여 기관에서 되찾으세요(ingam recover --from URL).`,
  filesGood: (folder, size, time, version) =>
    `${folder}: 모든 파일이 백업할 때와 같습니다(${size}, ${time}, ${version} 버전).`,
  restoredForCheck: (blocks, entries) =>
    `별도의 데이터베이스에 되돌렸습니다: 블록 ${blocks}개, 등록 항목 ${entries}개.`,
  endUnknown: {
    about: '체인의 끝',
    message:
      '이 백업 뒤에 서명된 블록이 있는지. 서비스가 이 데이터베이스로 시작할 때 데이터 디렉터리의 가장 새로운 체크포인트로 알아냅니다.',
  },
  recoverWhat: '--from URL로 참여 기관을, 또는 등록 항목을 되찾을 증명을 지정하세요',
  notAnAddress: (text) => `--from ${text}은(는) http 주소가 아닙니다`,
  stopRunning: '먼저 모든 컴퓨터에서 서비스를 멈추세요.',
  takingBlocks: '블록을 되찾는 중',
  memberAway: (detail) => `참여 기관에서 읽을 수 없습니다(${detail})`,
  memberDiffers: (detail) => `참여 기관이 보여 주는 것이 이 로그의 이력이 아닙니다(${detail})`,
  askAnother: '나중에 다시 하거나 다른 참여 기관을 쓰세요.',
  cannotRecover: (detail) => `블록을 되찾을 수 없습니다(${detail})`,
  recordsLost:
    '기록은 해시에서 되찾을 수 없습니다. 더 새로운 데이터베이스 사본을 찾거나 새 로그를 시작하세요(docs/recovery.md).',
  giveDataKeys: 'INGAM_ERASURE_KEYS를 가장 새로운 데이터 키 파일로 설정하세요.',
  nothingMissing: (url, blocks) => `${url}에는 여기에 없는 블록이 없습니다(블록 ${blocks}개, 같은 이력).`,
  blocksBack: (blocks, url, entries, kept) =>
    `${url}에서 되찾은 블록: ${blocks}개, 등록 항목 ${entries}개. 그중 ${kept}개는 데이터베이스에 있습니다.`,
  foreignErased: (n) => `여기에서 접수한 문서 ${n}개가 로그에 없습니다. 잃어버렸으므로 다시 등록해야 합니다.`,
  canSeal: '서명된 것으로 알려진 모든 블록이 데이터베이스에 있습니다. 서비스를 시작할 수 있습니다.',
  stillBehind: (detail) => `아직 서비스를 시작하지 마세요(${detail})`,
  proofs: {
    taken: (file) => `${file}: 되찾았습니다`,
    not_lost: (file) => `${file}: 되찾을 것이 없습니다. 등록 항목이 있거나 일부러 삭제한 것입니다`,
    other_log: (file) => `${file}: 이 데이터베이스의 로그에 있는 등록 항목의 것이 아닙니다`,
    event: (file) => `${file}: 기록의 이벤트는 되찾을 수 없습니다`,
    details_missing: (file) => `${file}: 문서 정보가 없습니다. 문서 정보가 있는 증명을 쓰세요`,
    no_organization: (file) => `${file}: 그 조직이 이 데이터베이스에 없습니다`,
  },
  proofsDone: (taken, all) => `되찾은 등록 항목: ${all}개 중 ${taken}개.`,
  noScratch: '파일은 온전합니다. 검사용 데이터베이스만 시작하지 못했습니다:',
};

export const backupMessages = byLanguage({ en, ko });
