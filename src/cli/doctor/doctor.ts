import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { isLoopback } from '../../auth/index.js';
import { embeddedConnections } from '../../service/budget.js';
import { type Config, loadConfig } from '../../service/config.js';
import { givenDatabase } from '../../service/lifecycle.js';
import { ConfigError } from '../../service/settings.js';
import { EmbeddedError, findEmbeddedPostgres, startEmbeddedPostgres } from '../../postgres/index.js';
import { openStore, StoreError } from '../../store/index.js';
import { defineCommand } from '../command.js';
import { NO_LOG, readSecrets } from '../database.js';
import { LANG_OPTION } from '../language.js';
import { EXIT, type Io, printJson, printLine, printMarked } from '../io.js';
import { doctorMessages } from '../messages/doctor.js';
import { SUMMARIES } from '../summaries.js';
import { examineDatabase, examineReadDatabase } from './database.js';
import { AREAS, finding, type Finding } from './finding.js';
import { examineChain, examineKeys, examineSecrets } from './keys.js';
import { examineDisk, examineTimeServers, judgeChainClock, judgeDatabaseClock } from './machine.js';
import { examineMembers, examineProxy, examineService, examineTimeSources } from './network.js';

export const doctorCommand = defineCommand({
  name: 'doctor',
  summary: SUMMARIES.doctor,
  usage: '[--json]',
  text: {
    en: `Checks what the service depends on, and says what to do about each thing that is wrong: settings, database, clock, keys,
disk, members, time sources, the running service, and the proxy in front of it. It changes nothing, and asks each time
source for one time-stamp.

Run it on the machine of the service, as the user that runs it and with its environment: the same DATABASE_URL,
INGAM_DATA_DIR and others. The service may be running or not.

Exit code 0: no problem, maybe warnings. 1: problems. --json prints every finding with a stable code.`,
    ko: `서비스가 의존하는 것을 점검하고, 잘못된 것마다 무엇을 해야 하는지 알려 줍니다: 설정, 데이터베이스, 시계, 키, 디스크,
참여 기관, 시각 출처, 실행 중인 서비스, 그 앞의 프록시. 아무것도 바꾸지 않으며, 시각 출처마다 타임스탬프를 하나씩
요청합니다.

서비스의 컴퓨터에서, 서비스를 실행하는 사용자로, 같은 환경 변수(DATABASE_URL, INGAM_DATA_DIR 등)로 실행하세요. 서비스는
실행 중이어도, 아니어도 됩니다.

종료 코드 0: 문제 없음(주의는 있을 수 있음). 1: 문제 있음. --json은 모든 항목을 변하지 않는 코드와 함께 출력합니다.`,
  },
  options: {
    json: { type: 'boolean', help: { en: 'print JSON', ko: 'JSON으로 출력' } },
    ...LANG_OPTION,
  },
  positionals: { min: 0, max: 0 },
  async run({ values: { json } }, io) {
    const found = await examine(io);
    const sorted = AREAS.flatMap((area) => found.filter((each) => each.area === area));
    const problems = sorted.filter(({ state }) => state === 'problem').length;
    const warnings = sorted.filter(({ state }) => state === 'warning').length;
    if (json) printJson(io.stdout, { ok: problems === 0, problems, warnings, findings: sorted });
    else print(sorted, problems, warnings, io);
    return problems === 0 ? EXIT.ok : EXIT.failed;
  },
});

const COLOURS = { ok: 32, note: 36, warning: 33, problem: 31 } as const;

function print(findings: readonly Finding[], problems: number, warnings: number, io: Io): void {
  const t = doctorMessages();
  for (const area of AREAS) {
    const own = findings.filter((each) => each.area === area);
    if (own.length === 0) continue;
    printLine(io.stdout, t.areas[area]);
    for (const { state, message, advice } of own) {
      const colour = io.isOutputTTY && (io.env['NO_COLOR'] ?? '') === '' ? COLOURS[state] : null;
      printMarked(io.stdout, `  ${t.states[state]}`, colour, `: ${message}`);
      if (advice !== null) printLine(io.stdout, `    → ${advice}`);
    }
  }
  printLine(io.stdout);
  printLine(io.stdout, problems + warnings === 0 ? t.nothingFound : t.found(problems, warnings));
}

async function examine(io: Io): Promise<readonly Finding[]> {
  let config: Config;
  try {
    config = loadConfig(io.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    // What they configure cannot be looked at.
    return error.mistakes.map((mistake) => finding('settings', 'problem', 'setting', mistake));
  }
  const { host, port, access: access_, timeSources, tsa } = config;
  const local = `http://${host.includes(':') ? `[${host}]` : anyAsLoopback(host)}:${port}`;
  // Before the database, whose examination may start a server in the data directory.
  const disk = await examineDisk(config.dataDir);
  const [chain, ...rest] = await Promise.all([
    examineStored(config, io),
    examineTimeServers(tsa?.servers ?? [], tsa?.accuracyMs ?? 0, io.signal),
    examineTimeSources(timeSources, io.signal),
    examineService(local, io.signal),
  ]);
  const network = await Promise.all([
    examineMembers(config.members, chain.origin, chain.blocks, io.signal),
    examineProxy(access_.publicUrl, chain.origin, isLoopback(host), io.signal),
  ]);
  return [finding('settings', 'ok', 'settings'), ...disk, ...chain.found, ...rest.flat(), ...network.flat()];
}

const anyAsLoopback = (host: string) => (host === '0.0.0.0' ? '127.0.0.1' : host);

/** What depends on the database: itself, the clocks, and whether the keys fit it. */
interface Stored {
  readonly found: readonly Finding[];
  /** The log's name; null: its key cannot be read. */
  readonly origin: string | null;
  /** Blocks in the database; null: they cannot be counted. */
  readonly blocks: number | null;
}

async function examineStored(config: Config, io: Io): Promise<Stored> {
  const given = givenDatabase(config);
  if (given !== null) {
    const [stored, read] = await Promise.all([
      examineAt(given.url, config, false),
      config.readDatabaseUrl === null ? [] : examineReadDatabase(config.readDatabaseUrl, config.workers),
    ]);
    return { ...stored, found: [...stored.found, ...read] };
  }
  const directory = join(config.dataDir, 'postgres');
  const exists = await access(directory).then(
    () => true,
    () => false,
  );
  if (!exists) {
    const { found, log } = await examineKeys(config, false);
    const none = finding('database', 'ok', 'databaseNew', config.dataDir);
    return { found: [none, ...found], origin: log?.key.name ?? null, blocks: null };
  }
  try {
    const running = await findEmbeddedPostgres(directory);
    if (running !== null) return await examineAt(running.url, config, true);
    const started = await startEmbeddedPostgres({
      directory,
      log: NO_LOG,
      connections: embeddedConnections(config.workers),
    });
    try {
      return await examineAt(started.url, config, true);
    } finally {
      await started.stop();
    }
  } catch (error) {
    if (!(error instanceof EmbeddedError)) throw error;
    const { found, log } = await examineKeys(config, false);
    const broken = finding('database', 'problem', 'databaseUnreachable', error.message);
    io.signal.throwIfAborted();
    return { found: [broken, ...found], origin: log?.key.name ?? null, blocks: null };
  }
}

async function examineAt(url: string, config: Config, isEmbedded: boolean): Promise<Stored> {
  const { found, seen } = await examineDatabase(url, config, isEmbedded);
  const clock = seen === null ? [] : [judgeDatabaseClock(seen.clockAheadMs, seen.clockUncertaintyMs)];
  const isUsable =
    seen !== null && seen.ownsTables !== null && !found.some(({ code }) => code === 'databaseMigration');
  if (!isUsable) {
    const { found: keys, log } = await examineKeys(config, false);
    return { found: [...found, ...clock, ...keys], origin: log?.key.name ?? null, blocks: null };
  }
  const store = await openStore({ url, poolSize: 2, asItIs: true });
  try {
    const { tip, latestTime } = await store.sealingState();
    const newest = Math.max(latestTime, tip?.sealedAt ?? 0);
    const { found: keys, log } = await examineKeys(config, tip !== null);
    const secrets = await readSecrets({ config, dataDir: config.dataDir }).catch(() => null);
    const chain = log === null ? null : await examineChain(store, config, log);
    return {
      found: [
        ...[...found, ...clock, ...judgeChainClock(newest, Date.now()), ...keys],
        ...(chain?.found ?? []),
        ...(await examineSecrets(store, config, secrets)),
      ],
      origin: log?.key.name ?? null,
      blocks: tip === null ? 0 : tip.height + 1,
    };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    const broken = finding('database', 'problem', 'databaseUnreachable', error.message);
    return { found: [...found, ...clock, broken], origin: null, blocks: null };
  } finally {
    await store.close();
  }
}
