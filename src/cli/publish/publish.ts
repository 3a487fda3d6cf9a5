import { setTimeout as sleep } from 'node:timers/promises';
import { NODE_LIMITS } from '../../background/time-limits.js';
import {
  type Archive,
  ArchiveError,
  type Published,
  publishLog,
  RefusedError,
  remoteLog,
  UnavailableError,
} from '../../member/index.js';
import { logKeysFor, type Policy, type VerifierKey } from '../../proof/index.js';
import { VaultError } from '../../vault/index.js';
import { isBucket } from '../bucket.js';
import { defineCommand } from '../command.js';
import { Failure, failureOf, usageError } from '../failure.js';
import { throwIfStopped } from '../files.js';
import { createProgress, EXIT, grouped, type Io, jsonText, printLine, printNote } from '../io.js';
import { LANG_OPTION } from '../language.js';
import { evidenceMessages } from '../messages/evidence.js';
import { publishMessages } from '../messages/publish.js';
import { usageMessages } from '../messages/usage.js';
import { SERVER_OPTIONS, serviceSettings } from '../service-client.js';
import { SUMMARIES } from '../summaries.js';
import { loadTrust, TRUST_OPTIONS } from '../trust-store.js';
import { bucketArchive } from './bucket.js';
import { folderArchive } from './folder.js';

const DEFAULT_INTERVAL = '5';
const SECONDS = { minimum: 1, maximum: 86_400 };
const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 60_000;

export const publishCommand = defineCommand({
  name: 'publish',
  summary: SUMMARIES.publish,
  usage: '--to DIR|s3://BUCKET/FOLDER [--follow] [--check] [--trust FILE | --key VKEY]',
  text: {
    en: `Writes what a log publishes into a folder or bucket, at the paths of the service, so that any web server can give
it to members, witnesses and verifiers: the checkpoint, the tiles and headers (C2SP tlog-tiles), the leaf hashes,
state statements and change lists, and the log's key statements. It has no digest, name or salt of a document.

Everything is read from the service or a member over HTTP and verified before it is written, with the log's key
from --key or --trust. The checkpoint is written last: whatever interrupts it, each checkpoint that is there has
its tiles there. What has been written is not read again; --check compares all of it and mends what differs. Run
one at a time for a folder or bucket.

For a bucket: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, AWS_ENDPOINT_URL. The key
must be allowed to list, read, write and delete there.

Exit code: 0 published, or stopped, 1 the log shows what is not valid, or --check found differences, 2 nothing
could be done.`,
    ko: `로그가 공개하는 내용을 서비스와 같은 경로로 폴더나 버킷에 씁니다. 그러면 아무 웹 서버나 참여 기관, 증인,
검증자에게 제공할 수 있습니다: 체크포인트, 타일과 헤더(C2SP tlog-tiles), 리프 해시, 상태 진술, 변경 목록, 로그의
키 진술. 문서의 해시값이나 이름, 솔트는 들어 있지 않습니다.

모든 내용은 서비스나 참여 기관에서 HTTP로 읽고, --key나 --trust로 지정한 로그의 키로 확인한 뒤에 씁니다.
체크포인트를 마지막에 쓰므로, 어떤 이유로 중단되어도 그곳의 체크포인트에 필요한 타일은 모두 그곳에 있습니다. 이미
쓴 것은 다시 읽지 않으며, --check를 쓰면 모두 비교하고 다른 것을 고칩니다. 한 폴더나 버킷에 하나만 실행하세요.

버킷의 설정: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, AWS_ENDPOINT_URL. 키에는
그곳을 조회하고, 읽고, 쓰고, 지울 권한이 있어야 합니다.

종료 코드: 0 썼거나 멈춤, 1 로그가 올바르지 않은 것을 제시했거나 --check에서 다른 점을 찾음, 2 아무것도 할 수
없음.`,
  },
  options: {
    to: {
      type: 'string',
      required: true,
      value: 'DIR',
      help: {
        en: 'folder, or folder of a bucket: s3://BUCKET/FOLDER',
        ko: '폴더, 또는 버킷의 폴더: s3://BUCKET/FOLDER',
      },
    },
    ...SERVER_OPTIONS,
    ...TRUST_OPTIONS,
    follow: {
      type: 'boolean',
      help: {
        en: 'go on with each new checkpoint, until it is stopped',
        ko: '멈출 때까지 새 체크포인트마다 계속 씀',
      },
    },
    interval: {
      type: 'string',
      value: 'SECONDS',
      help: {
        en: `with --follow: how often to look (default: ${DEFAULT_INTERVAL})`,
        ko: `--follow에서 살펴보는 간격(기본값: ${DEFAULT_INTERVAL})`,
      },
    },
    check: {
      type: 'boolean',
      help: {
        en: 'compare every file that is there, and mend those that differ',
        ko: '그곳에 있는 파일을 모두 비교하고 다른 것을 고침',
      },
    },
    ...LANG_OPTION,
    json: {
      type: 'boolean',
      help: {
        en: 'print each checkpoint that is published as a line of JSON',
        ko: '쓴 체크포인트마다 JSON 한 줄을 출력',
      },
    },
  },
  positionals: { min: 0, max: 0 },
  async run({ values }, io) {
    const intervalMs = seconds(values.interval ?? DEFAULT_INTERVAL) * 1000;
    if (values.check && values.follow) throw usageError(usageMessages().notTogether('--check', '--follow'));
    if (values.interval !== undefined && !values.follow)
      throw usageError(publishMessages().onlyWithFollow('--interval'));
    const { policy } = await loadTrust(values, io);
    if (policy === null) {
      // A key fetched together with the log would prove nothing.
      throw usageError(evidenceMessages().missingLogKey, evidenceMessages().saveFirst);
    }
    const { url } = await serviceSettings({ server: values.server }, io);
    const { to, check, json } = values;
    const archive = isBucket(to) ? bucketArchive(to, io) : await folderArchive(to, io);
    const publishing = { to, from: url.href, archive, policy, check, json, io };
    if (!values.follow) return (await publish(publishing)) > 0 ? EXIT.failed : EXIT.ok;
    await follow(publishing, intervalMs);
    return EXIT.ok;
  },
});

interface Publishing {
  readonly to: string;
  /** Address of the log. */
  readonly from: string;
  readonly archive: Archive;
  readonly policy: Policy;
  readonly check: boolean;
  readonly json: boolean;
  readonly io: Io;
}

/** @returns how many files were mended. @throws {Failure} */
async function publish(publishing: Publishing, isFirst = true): Promise<number> {
  const { to, from, archive, policy, check, io } = publishing;
  const t = publishMessages();
  const progress = createProgress(io, t.publishing, 1);
  try {
    const published = await publishLog({
      ...{ archive, check, signal: io.signal },
      source: remoteLog(from, NODE_LIMITS.followingMs, io.signal),
      keyOf: (origin) => keyOf(policy, origin),
      onProgress: (done, total) => {
        progress.update(done / total, evidenceMessages().blocks(grouped(done)));
      },
    });
    progress.clear();
    if (published === null) {
      if (isFirst) printNote(io, t.noCheckpoint(from));
      return 0;
    }
    if (published.isNewer || isFirst) report(publishing, published);
    return published.mended;
  } catch (error) {
    throwIfStopped(io.signal);
    throw explained(error, to, from);
  } finally {
    progress.clear();
  }
}

/** A key of the log that the user trusts; retired ones too, since its statements lead on from them. */
function keyOf(policy: Policy, origin: string): VerifierKey {
  const [key] = logKeysFor(policy, origin, 0);
  if (key === undefined) throw usageError(evidenceMessages().missingKeyOf(origin));
  return key;
}

function report({ to, json, io }: Publishing, published: Published): void {
  const t = publishMessages();
  const { origin, blocks, entries, written, mended, isNewer } = published;
  if (json) {
    printLine(io.stdout, jsonText({ origin, blocks, entries, written, mended, isNewer, to }));
    return;
  }
  const what = evidenceMessages().entriesOf(grouped(entries), grouped(blocks), origin);
  printLine(io.stdout, isNewer ? t.published(what, to, grouped(written)) : t.upToDate(what, to));
  if (mended > 0) printNote(io, t.mended(grouped(mended)));
}

/** Whether it can pass by itself. What the log shows that is not valid, and another log, never does. */
const mayPass = ({ reason, code }: Failure): boolean =>
  ['unreachable', 'unreadable'].includes(reason) || ['ahead', 'busy'].includes(code);

/** Returns when it is stopped. @throws {Failure} */
async function follow(publishing: Publishing, intervalMs: number): Promise<void> {
  const { io, to } = publishing;
  const t = publishMessages();
  // A wrong address or folder is noticed at once.
  await publish(publishing);
  printNote(io, t.following(to, String(intervalMs / 1000)));
  let attempts = 0;
  for (;;) {
    const delay = Math.min(FIRST_DELAY_MS * 2 ** (attempts - 1), LONGEST_DELAY_MS);
    const pause = attempts === 0 ? intervalMs : delay * (0.5 + Math.random() / 2);
    await sleep(pause, undefined, { signal: io.signal }).catch(() => undefined);
    if (io.signal.aborted) return;
    try {
      await publish(publishing, false);
      if (attempts > 1) printNote(io, t.recovered(to));
      attempts = 0;
    } catch (error) {
      const failure = failureOf(error);
      if (failure.reason === 'interrupted') return;
      if (!mayPass(failure)) throw failure;
      attempts++;
      // One of several processes of a service learns of a block a moment later.
      if (attempts !== 2) continue;
      printNote(io, t.outage(failure.message));
      if (failure.hint !== null) printNote(io, failure.hint);
    }
  }
}

function explained(error: unknown, to: string, from: string): unknown {
  const t = publishMessages();
  if (error instanceof UnavailableError)
    return new Failure('unreachable', t.logAway(error.message), { cause: error, hint: t.logAwayHint });
  if (error instanceof VaultError)
    return new Failure('unreachable', t.bucketFailed(error.message), { cause: error });
  if (error instanceof RefusedError) {
    const isFork = error.reason === 'fork';
    return new Failure('refused', t.refused(from, error.message), {
      ...{ code: error.reason, exitCode: EXIT.failed, cause: error },
      hint: isFork ? t.evidenceHint : t.nothingChanged,
    });
  }
  if (error instanceof ArchiveError) {
    const { problem, what } = error;
    const { message, hint } = t.problems[problem](to, what);
    return new Failure('conflict', message, { code: problem, hint, cause: error });
  }
  return error;
}

function seconds(text: string): number {
  const { minimum, maximum } = SECONDS;
  if (!/^[0-9]{1,5}$/.test(text) || Number(text) < minimum || Number(text) > maximum)
    throw usageError(usageMessages().wholeNumber('--interval', SECONDS));
  return Number(text);
}
