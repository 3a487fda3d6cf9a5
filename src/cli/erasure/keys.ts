import { resolve } from 'node:path';
import { ErasureKeys } from '../../crypto/erasure-keys.js';
import { fromHex, ProofError } from '../../proof/index.js';
import { ErasureKeyFile } from '../../store/index.js';
import { defineCommand } from '../command.js';
import { DATABASE_OPTIONS, databasePlace, type DatabaseOptions, openDatabase } from '../database.js';
import { Failure, fileFailure, usageError } from '../failure.js';
import { writeNew } from '../files.js';
import { EXIT, formatTime, grouped, type Io, printJson, printNote, printTable } from '../io.js';
import { erasureMessages } from '../messages/erasure.js';
import { failureMessages } from '../messages/failures.js';
import { SUMMARIES } from '../summaries.js';

type Tree = ErasureKeys['trees'][number];

const TREE_LENGTH = 8;

export const erasureKeysCommand = defineCommand({
  name: 'erasure-keys',
  summary: SUMMARIES['erasure-keys'],
  usage: '[--new FILE | --rotate]',
  text: {
    en: `With INGAM_ERASURE_KEYS=FILE, the service keeps salts and details of documents under data keys in FILE, and destroys
the key of what is erased: no backup and no replica of the database has that content any more. Without FILE, nobody
can read what is under its keys: keep a second copy of it, apart from the backups of the database, and replace that
copy when something was erased. See docs/erasure.md.

--new makes the file. --rotate adds a tree of keys for what comes from now on; earlier content keeps its keys.
Without either, the trees of the file that INGAM_ERASURE_KEYS names are listed.`,
    ko: `INGAM_ERASURE_KEYS=FILE로 설정하면 서비스는 문서의 솔트와 문서 정보를 FILE에 있는 데이터 키로 보호하고, 삭제할 때
그 키를 폐기합니다. 그러면 데이터베이스의 어떤 백업이나 복제본에도 그 내용이 남지 않습니다. FILE이 없으면 그 키로
보호한 내용은 아무도 읽을 수 없습니다. 데이터베이스 백업과 다른 곳에 사본을 하나 더 두고, 삭제할 때마다 그 사본도
바꾸세요. docs/erasure.md를 보세요.

--new는 파일을 만듭니다. --rotate는 앞으로 등록할 문서의 키 트리를 더하며, 이전 내용의 키는 그대로입니다. 둘 다 없으면
INGAM_ERASURE_KEYS가 가리키는 파일의 트리를 보여 줍니다.`,
  },
  options: {
    ...DATABASE_OPTIONS,
    new: {
      type: 'string',
      value: 'FILE',
      help: {
        en: 'make this file; an existing one is never replaced',
        ko: '이 파일을 만듦(이미 있으면 바꾸지 않음)',
      },
    },
    rotate: {
      type: 'boolean',
      help: {
        en: 'add a tree; a running service uses it within a minute',
        ko: '트리를 더함(실행 중인 서비스는 1분 안에 사용)',
      },
    },
    json: { type: 'boolean', help: { en: 'print the trees as JSON', ko: '트리를 JSON으로 출력' } },
  },
  positionals: { min: 0, max: 0 },
  async run({ values }, io) {
    const t = erasureMessages();
    if (values.new !== undefined && values.rotate) throw usageError(t.newOrRotate);
    if (values.new !== undefined) {
      const path = resolve(io.cwd, values.new);
      const keys = ErasureKeys.create(Date.now());
      await writeNew(path, values.new, keys.format(), 0o600);
      print(path, keys.trees, values.json, io);
      printNote(io, t.keyFileMade);
      return EXIT.ok;
    }
    const path = databasePlace(values, io).config.erasureKeys;
    if (path === null) throw usageError(t.noKeyFile, t.makeKeyFile);
    const file = await openFile(path);
    if (values.rotate) await rotate(file, values, io);
    print(path, file.keys.trees, values.json, io);
    return EXIT.ok;
  },
});

async function openFile(path: string): Promise<ErasureKeyFile> {
  try {
    return await ErasureKeyFile.open(path);
  } catch (error) {
    if (!(error instanceof ProofError)) throw fileFailure(error, path);
    const message = failureMessages().notValid(path, 'file of data keys', error.message);
    throw new Failure('malformed', message, { code: error.code, cause: error });
  }
}

async function rotate(file: ErasureKeyFile, values: DatabaseOptions, io: Io): Promise<void> {
  const { store, close } = await openDatabase(databasePlace(values, io), 'current');
  try {
    const now = Date.now();
    // The service may destroy keys at the same time, in the same file.
    await store.withErasureKeys(() => file.change((keys) => keys.rotated(now)));
    const last = file.keys.trees.at(-1);
    if (last !== undefined) await store.useKeyTree(fromHex(last.id, TREE_LENGTH), now);
  } finally {
    await close();
  }
}

function print(path: string, trees: readonly Tree[], asJson: boolean | undefined, io: Io): void {
  if (asJson) {
    printJson(io.stdout, {
      file: path,
      trees: trees.map(({ id, madeAt, nodes }) => ({ id, madeAt: new Date(madeAt).toISOString(), nodes })),
    });
    return;
  }
  const t = erasureMessages().treeColumns;
  printTable(
    io.stdout,
    [
      { title: t.tree, cell: ({ id }: Tree) => id },
      { title: t.made, cell: ({ madeAt }: Tree) => formatTime(madeAt) },
      { title: t.nodes, cell: ({ nodes }: Tree) => grouped(nodes), right: true },
    ],
    trees,
  );
}
