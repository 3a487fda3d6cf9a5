import { once } from 'node:events';
import type { Logger } from 'pino';
import { AccessError } from '../auth/index.js';
import type { Progress } from '../member/index.js';
import { EmbeddedError } from '../postgres/index.js';
import { ProofError } from '../proof/index.js';
import { SealProblem } from '../sealer/index.js';
import { type Config, configOf, loadSettings, RELOADED } from '../service/config.js';
import {
  type MemberConfig,
  memberConfigOf,
  type MemberValues,
  RELOADED_MEMBER,
} from '../service/member-config.js';
import { ConfigError } from '../service/settings.js';
import { createLogger } from '../service/logger.js';
import { startMember } from '../service/member-node.js';
import { reloader } from '../service/reload.js';
import { type RunningService, startService } from '../service/service.js';
import { WorkersFailed } from '../service/workers.js';
import { StoreError } from '../store/index.js';
import { defineCommand } from './command.js';
import { readSettings } from './database.js';
import { Failure, systemCode } from './failure.js';
import {
  createProgress,
  EXIT,
  formatSeconds,
  grouped,
  type Io,
  printLine,
  printNote,
  type Progress as Bar,
} from './io.js';
import { MEMBER_OPTIONS, type MemberOptions, memberSettings } from './member-settings.js';
import { serveMessages } from './messages/serve.js';
import { SUMMARIES } from './summaries.js';
import { progressMessages } from './messages/progress.js';

export const serveCommand = defineCommand({
  name: 'serve',
  summary: SUMMARIES.serve,
  usage: '',
  text: {
    en: `Starts the service. It is configured by environment variables: PORT, HOST, DATABASE_URL, INGAM_DATA_DIR and
others, all described in README.md. Without DATABASE_URL it runs its own PostgreSQL in the data directory.

Prints its address and its public key on standard output, and logs on standard error: text on a terminal, else JSON.
Until there is an administrator, it also prints a link to set one up (docs/access.md); "ingam setup-link" prints a
new one. SIGHUP reads INGAM_LOG_LEVEL_FILE, INGAM_METRICS_TOKEN_FILE and INGAM_LOG_KEY_FILE again, and names the other
settings that have changed and need a restart. SIGTERM or Ctrl-C shuts it down gracefully: requests in progress finish,
writes complete, its PostgreSQL stops. A second signal stops it at once.`,
    ko: `서비스를 시작합니다. 설정은 환경 변수로 합니다: PORT, HOST, DATABASE_URL, INGAM_DATA_DIR 등. 모두 README.md에
설명되어 있습니다. DATABASE_URL이 없으면 데이터 디렉터리에서 자체 PostgreSQL을 실행합니다.

주소와 공개 키를 표준 출력에, 로그를 표준 오류에 씁니다. 로그는 터미널이면 글, 아니면 JSON이며 영어입니다. 관리자가
없는 동안에는 관리자를 설정하는 링크도 출력합니다(docs/access.md). "ingam setup-link"로 새 링크를 받을 수 있습니다.
SIGHUP을 받으면 INGAM_LOG_LEVEL_FILE, INGAM_METRICS_TOKEN_FILE, INGAM_LOG_KEY_FILE을 다시 읽고, 바뀌었지만 다시
시작해야 하는 다른 설정을 알려 줍니다. SIGTERM이나 Ctrl-C를 받으면 처리 중인 요청과 쓰기를 마치고 PostgreSQL을 멈춘 뒤
종료합니다. 신호를 한 번 더 받으면 바로 멈춥니다.`,
  },
  options: {},
  positionals: { min: 0, max: 0 },
  async run(_, io) {
    const values = readSettings(() => loadSettings(io.env));
    const config = configOf(values);
    const logger = createLogger(config);
    const starting = startService(config, logger);
    const reloading = starting.then((service) =>
      reloader({
        ...{ logger, values, reloaded: RELOADED, read: () => loadSettings(io.env) },
        apply: (seen) => {
          service.reload(configOf(seen));
        },
      }),
    );
    reloadOnSignal(reloading, io);
    const server = await starting.catch((error: unknown) => {
      throw startFailure('service', error, config);
    });
    const lines = io.isOutputTTY
      ? welcome(server, config, io.env['npm_lifecycle_event'] === 'start' ? 'README.md' : 'FILE')
      : startLines(server);
    for (const line of lines) printLine(io.stdout, line);
    const ended = io.signal.aborted ? null : await Promise.race([once(io.signal, 'abort'), server.failed]);
    printNote(io, serveMessages().stopping);
    await server.stop();
    if (!(ended instanceof WorkersFailed)) return EXIT.ok;
    throw new Failure('unreachable', serveMessages().cannotContinue(ended.message), {
      cause: ended,
      exitCode: EXIT.failed,
      hint: serveMessages().seeLog,
    });
  },
});

type Started = Pick<RunningService, 'url' | 'verifierKey' | 'setUpUrl'>;

/** For scripts. */
function startLines({ url, verifierKey, setUpUrl }: Started): string[] {
  return [
    serveMessages().running(url),
    serveMessages().publicKey(verifierKey),
    ...(setUpUrl === null ? [] : [serveMessages().setUp, setUpUrl]),
  ];
}

/** For the person at a terminal: what there is, and what to do first. @param file to try it with */
export function welcome({ url, verifierKey, setUpUrl }: Started, config: Config, file: string): string[] {
  // The port to which the commands connect by themselves.
  const server = config.port === 8080 ? '' : ` --server ${url}`;
  const t = serveMessages();
  // Aligned by hand in each table.
  return [
    '',
    t.running(url),
    '',
    `  ${t.labels.open}${url}`,
    ...(setUpUrl === null ? [] : [`  ${t.labels.setUp}${setUpUrl}`, `  ${t.labels.below}${t.setUpNote}`]),
    `  ${t.labels.key}${verifierKey}`,
    `  ${t.labels.below}${t.keyNote}`,
    `  ${t.labels.data}${config.dataDir}`,
    '',
    t.tryIt,
    '',
    `  npx ingam notarize ${file}${server}`,
    `  npx ingam verify ${file} --key ${verifierKey}`,
    '',
    t.howToStop,
  ];
}

/** A readable message for errors that the operator can fix. Any other error is a bug and keeps its stack. */
function startFailure(
  node: 'service' | 'member',
  error: unknown,
  { host, port }: Config | MemberConfig,
): unknown {
  const t = serveMessages();
  const failure = (message: string, hint?: string) =>
    new Failure('unreachable', t.cannotStart(node, message), {
      cause: error,
      exitCode: EXIT.failed,
      ...(hint === undefined ? {} : { hint }),
    });
  if (error instanceof ConfigError) return new Failure('usage', t.settings(error.message), { cause: error });
  // About the operator that the configuration names.
  if (error instanceof AccessError || (error instanceof WorkersFailed && error.isOperator)) {
    return failure(error.message, serveMessages().checkOperator);
  }
  if (
    error instanceof StoreError ||
    error instanceof EmbeddedError ||
    error instanceof SealProblem ||
    error instanceof ProofError ||
    (error instanceof WorkersFailed && error.code === null)
  ) {
    return failure(error.message);
  }
  if (systemCode(error) === 'EADDRINUSE') return failure(t.portInUse(host, port), t.otherPort);
  // Of the system: what it says names the file or the address.
  if (error instanceof WorkersFailed || (error instanceof Error && 'syscall' in error)) {
    return failure(error.message, t.checkAddress);
  }
  return error;
}

/** Interval of log lines while catching up. */
const LOG_EVERY_MS = 10_000;

export const memberCommand = defineCommand({
  name: 'member',
  summary: SUMMARIES.member,
  usage: '--upstream URL --key VKEY',
  text: {
    en: `Follows the chain of the service at URL, whose log key is VKEY: checks and stores every block, and cosigns. It
refuses blocks that break a rule or contradict earlier ones, keeps the evidence, and raises an alarm (log, metric,
webhook).

It can also be configured by environment: PORT, HOST, DATABASE_URL, INGAM_DATA_DIR and INGAM_MEMBER_…, described in
docs/members.md. Without DATABASE_URL it runs an embedded PostgreSQL in the data directory.

Address and public key are written to standard output, the log to standard error. SIGHUP reads INGAM_LOG_LEVEL_FILE and
INGAM_METRICS_TOKEN_FILE again. SIGTERM or Ctrl-C stops it gracefully.`,
    ko: `URL에 있는, 로그 키가 VKEY인 서비스의 체인을 따라갑니다. 모든 블록을 검사해 저장하고 공동 서명합니다. 규칙을
어기거나 이전 것과 모순되는 블록은 거부하고 증거를 보관하며 경보를 냅니다(로그, 지표, 웹훅).

환경 변수로도 설정할 수 있습니다: PORT, HOST, DATABASE_URL, INGAM_DATA_DIR, INGAM_MEMBER_…. docs/members.md에
설명되어 있습니다. DATABASE_URL이 없으면 데이터 디렉터리에서 내장 PostgreSQL을 실행합니다.

주소와 공개 키를 표준 출력에, 로그를 표준 오류에 씁니다. SIGHUP을 받으면 INGAM_LOG_LEVEL_FILE과
INGAM_METRICS_TOKEN_FILE을 다시 읽습니다. SIGTERM이나 Ctrl-C로 안전하게 멈춥니다.`,
  },
  options: MEMBER_OPTIONS,
  positionals: { min: 0, max: 0 },
  async run({ values }, io) {
    const settings = readMemberSettings(values, io);
    const config = memberConfigOf(settings);
    const logger = createLogger(config);
    const progress = createProgress(io, serveMessages().checkingBlocks, 1);
    const starting = startMember(config, logger, progressOf(progress, io, logger));
    const reloading = starting.then((node) =>
      reloader({
        ...{ logger, values: settings, reloaded: RELOADED_MEMBER },
        read: () => memberSettings(values, io.env),
        apply: (seen) => {
          node.reload(memberConfigOf(seen));
        },
      }),
    );
    reloadOnSignal(reloading, io);
    const member = await starting.catch((error: unknown) => {
      throw startFailure('member', error, config);
    });
    printLine(io.stdout, serveMessages().memberRunning(member.url));
    printLine(io.stdout, serveMessages().memberKey(member.verifierKey));
    if (!io.signal.aborted) await once(io.signal, 'abort');
    progress.clear();
    printNote(io, serveMessages().stopping);
    await member.stop();
    return EXIT.ok;
  },
});

/** A progress bar on a terminal, otherwise periodic log lines. */
function progressOf(bar: Bar, io: Io, logger: Logger): (progress: Progress) => void {
  const pace = new Pace();
  let loggedAt = performance.now();
  return (progress) => {
    const now = performance.now();
    if (progress.blocks >= progress.of) {
      pace.end();
      bar.clear();
      return;
    }
    const text = pace.describe(progress, now);
    bar.update(progress.entries / progress.ofEntries, text);
    if (io.isTTY || now - loggedAt < LOG_EVERY_MS) return;
    loggedAt = now;
    logger.info(`catching up: ${text}`);
  };
}

/** Before the start: without a listener the signal would end the process. What it asks for waits for the start. */
function reloadOnSignal(reloading: Promise<() => void>, io: Io): void {
  io.onReload?.(() => {
    void reloading.then(
      (reload) => {
        reload();
      },
      // The start has failed, which ends the process.
      () => undefined,
    );
  });
  reloading.catch(() => undefined);
}

function readMemberSettings(values: MemberOptions, io: Io): MemberValues {
  try {
    return memberSettings(values, io.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new Failure('usage', serveMessages().settings(error.message), {
      cause: error,
      hint: serveMessages().giveUpstream,
    });
  }
}

/** Rate and remaining time of a member that catches up, measured since the first update. */
export class Pace {
  #first: (Progress & { readonly at: number }) | null = null;

  /** @param now milliseconds of a monotonic clock */
  describe(progress: Progress, now: number): string {
    // Fewer blocks than before: a new run has started.
    if (this.#first === null || progress.blocks < this.#first.blocks) this.#first = { ...progress, at: now };
    const { at, blocks, entries } = this.#first;
    const seconds = (now - at) / 1000;
    const t = serveMessages();
    const text = t.blocksOf(String(progress.blocks), grouped(progress.of));
    if (seconds === 0 || progress.entries === entries) return text;
    const perSecond = (progress.entries - entries) / seconds;
    const rates = [
      t.blocksPerSecond(grouped(Math.round((progress.blocks - blocks) / seconds))),
      t.entriesPerSecond(grouped(Math.round(perSecond))),
    ];
    return [
      text,
      ...rates,
      progressMessages().left(formatSeconds((progress.ofEntries - progress.entries) / perSecond)),
    ].join(', ');
  }

  /** Ends the measurement; the next update starts a new one. */
  end(): void {
    this.#first = null;
  }
}
