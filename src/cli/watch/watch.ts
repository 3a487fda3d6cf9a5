import { isAbsolute, relative, resolve } from 'node:path';
import { isBucket } from '../bucket.js';
import { defineCommand } from '../command.js';
import { type Failure, failureOf, usageError } from '../failure.js';
import { EXIT, type ExitCode, type Io, withChanges } from '../io.js';
import { LANG_OPTION } from '../language.js';
import { usageMessages } from '../messages/usage.js';
import { watchMessages } from '../messages/watch.js';
import { DETAILS_OPTIONS, QUIET_OPTION, readDetails } from '../notarize/notarize.js';
import { KEY_OPTION, openService, SERVER_OPTIONS } from '../service-client.js';
import { SUMMARIES } from '../summaries.js';
import { loadTrust } from '../trust-store.js';
import { bucketSource } from './bucket.js';
import { Report } from './report.js';
import { exclusion, folderSource, type Source } from './source.js';
import { Watching } from './watching.js';

const DEFAULT_INTERVAL = '10';
const SECONDS = { minimum: 1, maximum: 86_400 };
const SEAL_WAIT_MS = 120_000;

export const watchCommand = defineCommand({
  name: 'watch',
  summary: SUMMARIES.watch,
  usage: 'DIR…|s3://BUCKET/FOLDER… [--proofs DIR] [--once]',
  text: {
    en: `Notarizes the files that are in these folders, and those that appear or change there, until it is stopped. Only
their digests are sent. The proof of NAME is NAME.ingam.json beside it, or in a folder that mirrors the watched
ones (--proofs).

A file is notarized when nothing has changed its size or time for an interval. Hidden files and folders, names
that programs give to files they are still writing (*.tmp, *.part, *.crdownload, ~$…) and proofs are left out,
links are not followed. A change that keeps both size and time is not noticed. A file that has changed is
notarized again: its old proof is renamed with its time. Deleted files keep their proofs.

While the service, the network or a folder is away, it goes on trying. After an interruption of any kind, start it
again: nothing is notarized twice. What it knows is in the hidden files .ingam-watch… beside the proofs. Run one
watch for a folder.

Of a bucket, objects are listed and read, nothing is written: --proofs is required. Settings are those of other S3
tools: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, AWS_ENDPOINT_URL.

The paths of final proofs are written to standard output, one per line; with --json one JSON object per line.
Exit code: 0 stopped, or --once and all done, 1 some files failed or are still changing, 2 nothing can be done,
3 with --once: accepted but not sealed in time.`,
    ko: `폴더에 있는 파일과 그곳에 새로 생기거나 바뀌는 파일을 멈출 때까지 등록합니다. 해시값만 보냅니다. NAME의 증명 파일은
그 옆의 NAME.ingam.json이며, --proofs를 쓰면 감시하는 폴더와 같은 구조의 폴더에 저장합니다.

정해진 간격 동안 크기와 시각이 바뀌지 않은 파일을 등록합니다. 숨김 파일과 폴더, 프로그램이 아직 쓰고 있는 파일의 이름
(*.tmp, *.part, *.crdownload, ~$…), 증명 파일은 제외하고 링크는 따라가지 않습니다. 크기와 시각을 그대로 둔 변경은 알 수
없습니다. 바뀐 파일은 다시 등록하고 이전 증명 파일의 이름에 시각을 붙입니다. 지운 파일의 증명은 남습니다.

서비스나 네트워크, 폴더를 쓸 수 없는 동안에는 계속 다시 시도합니다. 어떤 이유로 중단되어도 다시 시작하면 되며, 두 번
등록하지 않습니다. 필요한 정보는 증명 파일 옆의 숨김 파일 .ingam-watch…에 있습니다. 한 폴더에 하나만 실행하세요.

버킷에서는 객체를 조회하고 읽기만 하므로 --proofs가 필요합니다. 설정은 다른 S3 도구와 같습니다:
AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, AWS_ENDPOINT_URL.

최종 증명 파일의 경로를 표준 출력에 한 줄에 하나씩 쓰며, --json이면 한 줄에 JSON 객체 하나를 씁니다.
종료 코드: 0 멈춤, 또는 --once로 모두 완료, 1 일부 실패 또는 아직 바뀌는 중, 2 아무것도 할 수 없음,
3 --once: 접수되었으나 시간 안에 봉인되지 않음.`,
  },
  options: {
    ...SERVER_OPTIONS,
    ...KEY_OPTION,
    proofs: {
      type: 'string',
      value: 'DIR',
      help: {
        en: 'write the proofs to a mirror of the folders here',
        ko: '증명 파일을 같은 구조로 이 폴더에 저장',
      },
    },
    exclude: {
      type: 'string',
      multiple: true,
      value: 'PATTERN',
      help: {
        en: 'leave out these names (*.log), or paths in the folder\n(drafts/**); may be repeated',
        ko: '이 이름(*.log)이나 폴더 안의 경로(drafts/**)를 제외.\n여러 번 쓸 수 있습니다',
      },
    },
    interval: {
      type: 'string',
      value: 'SECONDS',
      help: {
        en: `how often to look, and how long a file must not change\n(default: ${DEFAULT_INTERVAL})`,
        ko: `살펴보는 간격이자 파일이 바뀌지 않아야 하는 시간\n(기본값: ${DEFAULT_INTERVAL})`,
      },
    },
    once: {
      type: 'boolean',
      help: {
        en: `look once, wait until all is sealed, at most ${SEAL_WAIT_MS / 1000} seconds, and end`,
        ko: `한 번만 살펴보고, 봉인될 때까지 최대 ${SEAL_WAIT_MS / 1000}초 기다린 뒤 끝냄`,
      },
    },
    ...DETAILS_OPTIONS,
    ...QUIET_OPTION,
    ...LANG_OPTION,
    json: {
      type: 'boolean',
      help: { en: 'print each outcome as a line of JSON', ko: '결과마다 JSON 한 줄을 출력' },
    },
  },
  positionals: {
    min: 1,
    max: Infinity,
    missing: { en: 'missing DIR or s3://BUCKET', ko: 'DIR이나 s3://BUCKET을 지정하세요' },
  },
  async run({ values, positionals }, given) {
    const interval = values.interval ?? DEFAULT_INTERVAL;
    const intervalMs = seconds(interval) * 1000;
    // The first failure that ends one of them ends the others.
    const ended = new AbortController();
    const io = withChanges(given, {
      signal: AbortSignal.any([given.signal, ended.signal]),
      // Progress bars of several would overwrite each other.
      isTTY: given.isTTY && !values.quiet && positionals.length === 1,
    });
    const options = {
      proofs: values.proofs ?? null,
      isSkipped: exclusion(values.exclude),
      settleMs: intervalMs,
    };
    const sources: Source[] = [];
    for (const each of positionals) {
      sources.push(isBucket(each) ? bucketSource(each, options, io) : await folderSource(each, options, io));
    }
    assertApart(sources, io);
    const service = await openService(values, io);
    const detailsOf = await readDetails(values, given);
    const { policy } = await loadTrust({ trust: undefined, key: [] }, given);
    const report = new Report({ io: given, json: values.json, quiet: values.quiet, policy });
    const once = values.once ? { waitMs: SEAL_WAIT_MS } : null;
    const watches: Watching[] = [];
    for (const source of sources) {
      watches.push(await Watching.open(source, { io, service, detailsOf, policy, report, intervalMs, once }));
    }
    if (once === null) report.watching(positionals, interval);
    const failures: Failure[] = [];
    await Promise.all(
      watches.map((watch) =>
        watch.run().catch((error: unknown) => {
          failures.push(failureOf(error));
          ended.abort();
        }),
      ),
    );
    report.summary();
    const [failure] = failures;
    if (failure !== undefined) throw failure;
    if (given.signal.aborted) return once === null ? EXIT.ok : EXIT.interrupted;
    return exitCodeOf(report);
  },
});

function exitCodeOf({ failures, stillChanging, waiting }: Report): ExitCode {
  if (failures + stillChanging > 0) return EXIT.failed;
  return waiting > 0 ? EXIT.pending : EXIT.ok;
}

function seconds(text: string): number {
  const { minimum, maximum } = SECONDS;
  if (!/^[0-9]{1,5}$/.test(text) || Number(text) < minimum || Number(text) > maximum)
    throw usageError(usageMessages().wholeNumber('--interval', SECONDS));
  return Number(text);
}

/** @throws {Failure} usage, when a file would be watched twice, or two proofs would have the same path */
function assertApart(sources: readonly Source[], { cwd }: Io): void {
  const t = watchMessages();
  const isIn = (inner: string, outer: string) => {
    const path = relative(outer, inner);
    return !isAbsolute(path) && !/^\.\.(?:[/\\]|$)/.test(path);
  };
  for (const [i, first] of sources.entries()) {
    for (const second of sources.slice(i + 1)) {
      const [one, two] = [first, second].map(({ shown }) =>
        isBucket(shown) ? `/${shown}` : resolve(cwd, shown),
      ) as [string, string];
      if (isIn(one, two) || isIn(two, one))
        throw usageError(t.nested(first.shown, second.shown), t.nameOuter);
      if (first.root === second.root) throw usageError(t.sameName(first.shown, second.shown), t.otherProofs);
    }
  }
}
