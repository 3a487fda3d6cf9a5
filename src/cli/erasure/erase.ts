import { join, resolve } from 'node:path';
import {
  decodeEntry,
  entryLeafHash,
  equal,
  fromBase64,
  isObject,
  type Json,
  type JsonObject,
  parseErasure,
  parseNote,
  ProofError,
  utf8,
} from '../../proof/index.js';
import { defineCommand } from '../command.js';
import { failedLine, Failure, failureJson, failureOf, usageError } from '../failure.js';
import { isRegularFile, PROOF_SUFFIX, readProof, readSmall, writeWhole } from '../files.js';
import { shownPath } from '../find-files.js';
import {
  type Column,
  EXIT,
  type ExitCode,
  formatTime,
  type Io,
  printJson,
  printLine,
  printNote,
  printTable,
} from '../io.js';
import { LANG_OPTION } from '../language.js';
import { erasureMessages } from '../messages/erasure.js';
import { withSuffix } from '../paths.js';
import { detail, type Notarization, readNotarization } from '../register/notarizations.js';
import { isAboutCaller, type ServiceClient, ServiceRefusal } from '../service-client.js';
import { asPerson, PERSON_OPTIONS } from './person.js';
import { SUMMARIES } from '../summaries.js';

const NOTARIZATION_ID = /^(0|[1-9][0-9]{0,15})-[0-9a-f]{16}(-[0-9a-f]{24})?$/;

interface Outcome {
  readonly id: string;
  readonly position?: number;
  readonly erasedAt?: string;
  /** Absolute. */
  readonly certificate?: string;
  /** Absolute; absent: the certificate is not notarized yet. */
  readonly proof?: string;
  readonly failure?: Failure;
}

export const eraseCommand = defineCommand({
  name: 'erase',
  summary: SUMMARIES.erase,
  usage: 'ID… [--user EMAIL] [--yes] [--out DIR] | --list [--user EMAIL]',
  text: {
    en: `Erases digest, salt, details and search words of notarizations on the service, for good. Every other proof stays valid,
and so does each copy of the proof of what is erased. Owners erase what is their organization's, operators what is
anonymous. An erasure that a legal hold forbids is refused.

Saves the service's signed certificate of each erasure as erasure-POSITION.txt, and its proof beside it; verify both
with "ingam verify erasure-POSITION.txt". Erasing again gives the same certificate. Backups and replicas of the service
keep the content until they are dealt with: docs/erasure.md.

--list shows owners and auditors the erasures so far.
Exit code: 0 all erased, 1 some were refused, 2 nothing could be done.`,
    ko: `서비스에 있는 등록의 해시값, 솔트, 문서 정보, 검색어를 영구히 삭제합니다. 다른 증명은 모두 유효하며, 삭제한 등록의
증명 파일 사본도 유효합니다. 조직의 등록은 소유자가, 익명 등록은 관리자가 삭제합니다. 법적 보존 중인 것은 삭제할 수
없습니다.

삭제마다 서비스가 서명한 삭제 확인서를 erasure-POSITION.txt에, 그 증명 파일을 옆에 저장합니다. 둘 다 "ingam verify
erasure-POSITION.txt"로 확인하세요. 다시 삭제해도 같은 증명서를 받습니다. 서비스의 백업과 복제본에는 따로 처리할
때까지 내용이 남습니다: docs/erasure.md.

--list는 지금까지의 삭제를 소유자와 감사자에게 보여 줍니다.
종료 코드: 0 모두 삭제, 1 일부 거부, 2 아무것도 못 함.`,
  },
  options: {
    ...PERSON_OPTIONS,
    list: {
      type: 'boolean',
      help: {
        en: 'list the erasures of the organization, latest first',
        ko: '조직의 삭제 내역을 최근 것부터 표시',
      },
    },
    yes: { type: 'boolean', help: { en: 'do not ask for a confirmation', ko: '확인을 묻지 않음' } },
    out: {
      type: 'string',
      value: 'DIR',
      help: {
        en: 'save the certificates in this folder (default: this one)',
        ko: '증명서를 저장할 폴더(기본값: 현재 폴더)',
      },
    },
    ...LANG_OPTION,
    json: {
      type: 'boolean',
      help: { en: 'print the outcome for each as JSON', ko: '각각의 결과를 JSON으로 출력' },
    },
  },
  positionals: { min: 0, max: Infinity },
  async run({ values, positionals }, io) {
    const t = erasureMessages();
    const ids = [...new Set(positionals)];
    if ((ids.length === 0) !== values.list) throw usageError(t.idsOrList);
    if (values.list) return asPerson(values, io, (service) => list(service, values.json, io));
    const wrong = ids.find((id) => !NOTARIZATION_ID.test(id));
    if (wrong !== undefined) {
      throw usageError(erasureMessages().notAnId(JSON.stringify(wrong)), erasureMessages().findId);
    }
    if (!values.yes && io.ask === undefined) throw usageError(t.needsConfirmation, t.useYes);
    const folder = resolve(io.cwd, values.out ?? '.');
    return asPerson(values, io, async (service) => {
      const shown = new Map<string, Notarization | null>();
      for (const id of ids) shown.set(id, await look(service, id, io));
      if (!values.yes && (await io.ask?.(t.confirm(String(ids.length))))?.trim() !== 'erase') {
        printNote(io, t.kept);
        return EXIT.failed;
      }
      const outcomes: Outcome[] = [];
      for (const [id, before] of shown) {
        try {
          outcomes.push(await erase(service, id, before, folder, io));
        } catch (error) {
          const failure = failureOf(error);
          if (['interrupted', 'unreachable'].includes(failure.reason) || isAboutCaller(failure))
            throw failure;
          if (!values.json) printNote(io, failedLine(id, failure));
          outcomes.push({ id, failure });
        }
      }
      if (values.json) printJson(io.stdout, { erasures: outcomes.map(outcomeJson) });
      if (outcomes.some(({ failure }) => failure === undefined)) printNote(io, t.copies);
      return outcomes.some(({ failure }) => failure !== undefined) ? EXIT.failed : EXIT.ok;
    });
  },
});

interface Listed {
  readonly position: number;
  readonly erasedAt: string;
  readonly erasedBy: string;
  readonly notarization: string | null;
}

async function list(service: ServiceClient, asJson: boolean | undefined, io: Io): Promise<ExitCode> {
  const t = erasureMessages();
  const erasures: JsonObject[] = [];
  for (let cursor: Json = ''; typeof cursor === 'string';) {
    const after = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: JsonObject = service.object(await service.request(`v1/erasures?limit=1000${after}`));
    const { erasures: found, next = null } = page;
    if (!Array.isArray(found) || !found.every(isObject))
      throw service.unexpected('it has no list of erasures');
    erasures.push(...found);
    cursor = next;
  }
  if (asJson) {
    printJson(io.stdout, { erasures });
    return EXIT.ok;
  }
  if (erasures.length === 0) {
    printNote(io, t.noErasures);
    return EXIT.ok;
  }
  const columns: readonly Column<Listed>[] = [
    { title: t.erasureColumns.position, cell: ({ position }) => String(position) },
    { title: t.erasureColumns.erased, cell: ({ erasedAt }) => formatTime(Date.parse(erasedAt)) },
    { title: t.erasureColumns.by, cell: ({ erasedBy }) => erasedBy },
    { title: t.erasureColumns.certificate, cell: ({ notarization }) => notarization ?? '-' },
  ];
  printTable(
    io.stdout,
    columns,
    erasures.map((each) => readListed(service, each)),
  );
  return EXIT.ok;
}

function readListed(
  service: ServiceClient,
  { position, erasedAt, erasedBy, notarization }: JsonObject,
): Listed {
  if (
    typeof position !== 'number' ||
    typeof erasedAt !== 'string' ||
    typeof erasedBy !== 'string' ||
    (typeof notarization !== 'string' && notarization !== null)
  ) {
    throw service.unexpected('an erasure has no position, time, person or certificate');
  }
  return { position, erasedAt, erasedBy, notarization };
}

/** Shows what will be erased; null: it is erased already, or not there. */
async function look(service: ServiceClient, id: string, io: Io): Promise<Notarization | null> {
  try {
    const found = readNotarization(service, service.object(await service.request(`v1/notarizations/${id}`)));
    printNote(io, erasureMessages().about(id, detail(found, 'name') ?? '-', found.sha256));
    return found;
  } catch (error) {
    if (error instanceof ServiceRefusal && [404, 410].includes(error.status)) return null;
    throw error;
  }
}

async function erase(
  service: ServiceClient,
  id: string,
  before: Notarization | null,
  folder: string,
  io: Io,
): Promise<Outcome> {
  const t = erasureMessages();
  const answer = await service.request(`v1/notarizations/${id}`, { method: 'DELETE' });
  const { position, erasedAt, certificate, notarization } = service.object(answer);
  if (typeof position !== 'number' || typeof erasedAt !== 'string' || typeof certificate !== 'string') {
    throw service.unexpected('an erasure has no position, time or certificate');
  }
  assertAbout(certificate, id, before);
  const path = join(folder, `erasure-${position}.txt`);
  const shown = shownPath(path, io.cwd);
  await save(path, shown, certificate);
  printLine(io.stderr, (before === null ? t.erasedBefore : t.erased)(id, shown));
  const outcome = { id, position, erasedAt, certificate: path };
  if (typeof notarization !== 'string') return outcome;
  const proof = withSuffix(path, PROOF_SUFFIX);
  const source = service.text(await service.request(`v1/notarizations/${notarization}/proof`));
  await writeWhole(proof, shownPath(proof, io.cwd), source, true);
  // What cannot be read back is no proof.
  await readProof(proof, shownPath(proof, io.cwd));
  printNote(io, t.proofSaved(shownPath(proof, io.cwd)));
  return { ...outcome, proof };
}

/** The service may not answer with another certificate. Its signature is for "ingam verify". */
function assertAbout(certificate: string, id: string, before: Notarization | null): void {
  const wrong = new Failure('refused', erasureMessages().wrongCertificate);
  try {
    const erasure = parseErasure(parseNote(certificate).text);
    if (String(erasure.position) !== id.split('-')[0]) throw wrong;
    if (before === null) return;
    const leaf = entryLeafHash(decodeEntry(fromBase64(before.entry)));
    if (!equal(erasure.leafHash, leaf)) throw wrong;
  } catch (error) {
    throw error instanceof ProofError ? wrong : error;
  }
}

async function save(path: string, shown: string, certificate: string): Promise<void> {
  if (await isRegularFile(path)) {
    const before = await readSmall(path, shown);
    if (equal(before, utf8(certificate))) return;
    // It was signed again before it was notarized, by the keys that the log has now.
    if (isSameStatement(before, certificate)) return writeWhole(path, shown, certificate, true);
    throw new Failure('conflict', erasureMessages().fileExists(shown));
  }
  await writeWhole(path, shown, certificate, false);
}

function isSameStatement(before: Uint8Array, after: string): boolean {
  try {
    return parseNote(before).text === parseNote(after).text;
  } catch (error) {
    if (error instanceof ProofError) return false;
    throw error;
  }
}

function outcomeJson({ failure, ...outcome }: Outcome) {
  return failure === undefined ? outcome : { ...outcome, error: failureJson(failure) };
}
