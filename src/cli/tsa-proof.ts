import { resolve } from 'node:path';
import {
  decodeEntry,
  equal,
  fromBase64,
  isObject,
  type Json,
  PENDING_FORMAT,
  ProofError,
  toHex,
} from '../proof/index.js';
import { defineCommand } from './command.js';
import { Failure } from './failure.js';
import { PROOF_SUFFIX } from './files.js';
import { EXIT, formatTime, printLine, printNote } from './io.js';
import { awaitProof, type Expected, writeProof } from './notarize/proofs.js';
import { withSuffix } from './paths.js';
import { KEY_OPTION, openService, SERVER_OPTIONS, type ServiceClient } from './service-client.js';
import { readTimeStamp, type TimeStampFile } from './time-stamp.js';
import { loadTrust } from './trust-store.js';
import { keysMessages } from './messages/keys.js';

const WAIT_MS = 120_000;

export const proof = defineCommand({
  name: 'tsa proof',
  summary: {
    en: 'get the proof that a token is in the log of its service',
    ko: '토큰이 서비스의 로그에 있다는 증명을 받습니다',
  },
  usage: 'FILE.tsr [--server URL] [--out FILE]',
  text: {
    en: `Asks the service that gave the token for its proof, checks it and saves it, by default as FILE.tsr${PROOF_SUFFIX}.
Then "ingam verify FILE.tsr" judges it offline like the proof of any document. FILE.tsr is a token or a whole response.

A token that is not in the log was not given out by the service as it promises: exit code 1.`,
    ko: `토큰을 발급한 서비스에서 증명을 받아 확인하고 저장합니다. 기본 이름은 FILE.tsr${PROOF_SUFFIX}입니다. 그러면 "ingam
verify FILE.tsr"이 다른 문서의 증명처럼 오프라인으로 확인합니다. FILE.tsr은 토큰이나 응답 전체입니다.

로그에 없는 토큰은 서비스가 약속대로 발급한 것이 아닙니다: 종료 코드 1.`,
  },
  options: {
    ...SERVER_OPTIONS,
    ...KEY_OPTION,
    out: {
      type: 'string',
      value: 'FILE',
      help: {
        en: `file for the proof (default: FILE.tsr${PROOF_SUFFIX})`,
        ko: `증명을 쓸 파일(기본값: FILE.tsr${PROOF_SUFFIX})`,
      },
    },
  },
  positionals: { min: 1, max: 1, missing: { en: 'missing FILE.tsr', ko: 'FILE.tsr을 지정하세요' } },
  async run({ values, positionals: [shown = ''] }, io) {
    const stamp = await readTimeStamp(shown, io);
    const service = await openService(values, io);
    const { policy } = await loadTrust({ trust: undefined, key: [] }, io);
    const found = await lookUp(service, stamp);
    if (found === null) {
      throw new Failure('refused', keysMessages().tokenNotInLog(shown, service.url.href), {
        code: 'token_not_in_log',
        exitCode: EXIT.failed,
        hint: keysMessages().givenByOther,
      });
    }
    const deadline = performance.now() + WAIT_MS;
    const fetched = await awaitProof(service, found, policy, deadline);
    const path = values.out ?? withSuffix(shown, PROOF_SUFFIX);
    await writeProof(resolve(io.cwd, path), fetched, true);
    printLine(io.stdout, path);
    printNote(io, keysMessages().tokenAccepted(formatTime(fetched.entry.acceptedAt)));
    if (fetched.format !== PENDING_FORMAT) return EXIT.ok;
    printNote(io, keysMessages().tokenNotSealed(path));
    return EXIT.pending;
  },
});

/** The earliest notarization of the token, and what its proof must be for; null: there is none. */
async function lookUp(service: ServiceClient, { document }: TimeStampFile): Promise<Expected | null> {
  const answer = await service.request(`v1/verify/${toHex(document.sha256)}`);
  const { notarizations } = service.object(answer);
  const [first]: readonly Json[] = Array.isArray(notarizations) ? (notarizations as readonly Json[]) : [];
  if (first === undefined) return null;
  const { id, entry } = isObject(first) ? first : {};
  if (typeof id !== 'string' || !/^[0-9]+-[0-9a-f]+$/.test(id) || typeof entry !== 'string')
    throw service.unexpected('its notarizations have no id or no entry');
  try {
    const decoded = decodeEntry(fromBase64(entry, 'an entry'));
    if (equal(decoded.digest, document.sha256)) return { id, entry: decoded };
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
  }
  throw service.unexpected('its notarization is of another document');
}
