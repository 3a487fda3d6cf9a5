import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { toHex } from '../../proof/index.js';
import { defineCommand } from '../command.js';
import { Failure } from '../failure.js';
import { assertWritable, isRegularFile, writeWhole } from '../files.js';
import { shownPath } from '../find-files.js';
import { createProgress, EXIT, formatBytes, type Io, printJson, printLine, printNote, Rate } from '../io.js';
import { LANG_OPTION } from '../language.js';
import { progressMessages } from '../messages/progress.js';
import { registerMessages } from '../messages/register.js';
import { safeName } from '../paths.js';
import {
  KEY_OPTION,
  openService,
  SERVER_OPTIONS,
  type ServiceClient,
  ServiceRefusal,
} from '../service-client.js';
import { SUMMARIES } from '../summaries.js';
import { detail, findNotarizations, type Notarization } from './notarizations.js';

export const documentCommand = defineCommand({
  name: 'document',
  summary: SUMMARIES.document,
  usage: 'ID|DIGEST [--out FILE]',
  text: {
    en: `Downloads a document that the service keeps, because it was notarized with --keep, and saves it under the name in
its details if there is one, else as document-ID. It is saved only if its SHA-256 is the one that was notarized. When
the connection breaks, the download goes on where it was.

The path of the file is written to standard output. A file that exists is not replaced without --force.
Exit code: 0 saved, 1 the service does not keep it or has lost it, 2 nothing could be done.`,
    ko: `--keep으로 등록하여 서비스가 보관하는 문서를 내려받아 문서 정보에 이름이 있으면 그 이름으로, 없으면 document-ID로
저장합니다. SHA-256이 등록한 것과 같을 때만 저장합니다. 연결이 끊기면 끊긴 곳부터 이어 받습니다.

파일의 경로를 표준 출력에 씁니다. 이미 있는 파일은 --force 없이 바꾸지 않습니다.
종료 코드: 0 저장, 1 서비스가 보관하지 않거나 잃음, 2 아무것도 못 함.`,
  },
  options: {
    ...SERVER_OPTIONS,
    ...KEY_OPTION,
    out: {
      type: 'string',
      value: 'FILE',
      help: { en: 'save the document as this file', ko: '문서를 이 파일로 저장' },
    },
    force: { type: 'boolean', help: { en: 'replace an existing file', ko: '이미 있는 파일을 바꿈' } },
    ...LANG_OPTION,
    json: { type: 'boolean', help: { en: 'print the outcome as JSON', ko: '결과를 JSON으로 출력' } },
  },
  positionals: {
    min: 1,
    max: 1,
    missing: { en: 'missing ID or DIGEST', ko: 'ID나 DIGEST를 지정하세요' },
  },
  async run({ values, positionals: [word = ''] }, io) {
    const t = registerMessages();
    const service = await openService(values, io);
    const { notarizations } = await findNotarizations(service, word, io);
    const { notarization, first, rest } = await firstKept(service, notarizations).catch(asFailed);
    const { id, sha256, size } = notarization;
    const name = values.out ?? safeName(detail(notarization, 'name')) ?? `document-${id}`;
    const path = resolve(io.cwd, name);
    const shown = shownPath(path, io.cwd);
    if (!values.force && (await isRegularFile(path)))
      throw new Failure('conflict', t.documentExists(shown), { hint: t.useForce });
    await assertWritable(path, shown);
    const saved = checked(word, sha256, watched(first, rest, size, io));
    await writeWhole(path, shown, saved, values.force).catch(asFailed);
    if (values.json) printJson(io.stdout, { id, sha256, size, document: path });
    else {
      printLine(io.stdout, shown);
      printNote(io, t.documentSaved(shown, formatBytes(size ?? 0)));
    }
    return EXIT.ok;
  },
});

/** What the service does not have, or has lost, is no mistake of the caller. */
function asFailed(error: unknown): never {
  const isLost =
    error instanceof ServiceRefusal &&
    ['document_not_kept', 'document_damaged', 'no_vault'].includes(error.code);
  if (!isLost) throw error;
  const { code, message } = error;
  throw new Failure('refused', message, { code, exitCode: EXIT.failed, cause: error });
}

interface Kept {
  readonly notarization: Notarization;
  readonly first: IteratorResult<Uint8Array>;
  readonly rest: AsyncIterator<Uint8Array>;
}

/** Of several notarizations of a document, the first with which it is kept. @throws {Failure} that of the last */
async function firstKept(service: ServiceClient, notarizations: readonly Notarization[]): Promise<Kept> {
  for (const [i, notarization] of notarizations.entries()) {
    const rest = service.download(`v1/notarizations/${notarization.id}/document`);
    try {
      return { notarization, first: await rest.next(), rest };
    } catch (error) {
      const isOther = error instanceof ServiceRefusal && error.status === 404;
      if (!isOther || i === notarizations.length - 1) throw error;
    }
  }
  throw new RangeError('there is no notarization');
}

async function* watched(
  first: IteratorResult<Uint8Array>,
  rest: AsyncIterator<Uint8Array>,
  size: number | null,
  io: Io,
): AsyncGenerator<Uint8Array> {
  const progress = createProgress(io, progressMessages().downloading, size ?? 0);
  const rate = new Rate(size ?? 0);
  let done = 0;
  try {
    for (let next = first; next.done !== true; next = await rest.next()) {
      done += next.value.length;
      progress.update(done, `${formatBytes(done)}${rate.describe(done, formatBytes)}`);
      yield next.value;
    }
  } finally {
    progress.clear();
  }
}

/** The same bytes. Fails at their end when they are of another document: then nothing is saved. */
async function* checked(
  word: string,
  sha256: string,
  document: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  for await (const bytes of document) {
    hash.update(bytes);
    yield bytes;
  }
  if (toHex(hash.digest()) !== sha256)
    throw new Failure('refused', registerMessages().otherDocument(word), { exitCode: EXIT.failed });
}
