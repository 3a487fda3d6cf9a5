import { isLoopback } from '../../auth/index.js';
import { type Config, loadConfig } from '../../service/config.js';
import { isForMember, memberConfigOf } from '../../service/member-config.js';
import { ConfigError } from '../../service/settings.js';
import { openStore, StoreError } from '../../store/index.js';
import { defineCommand } from '../command.js';
import { readSecrets } from '../database.js';
import { LANG_OPTION } from '../language.js';
import { MEMBER_OPTIONS, type MemberOptions, memberSettings } from '../member-settings.js';
import { EXIT, type Io, printJson, printLine, printMarked } from '../io.js';
import { doctorMessages } from '../messages/doctor.js';
import { SUMMARIES } from '../summaries.js';
import { examineReadDatabase, examineStored } from './database.js';
import { AREAS, finding, type Finding } from './finding.js';
import { examineChain, examineKeys, examineSecrets } from './keys.js';
import { examineDisk, examineTimeServers, judgeChainClock } from './machine.js';
import { examineMember } from './member.js';
import { examineMembers, examineProxy, examineService, examineTimeSources, localAddress } from './network.js';

export const doctorCommand = defineCommand({
  name: 'doctor',
  summary: SUMMARIES.doctor,
  usage: '[--json] [--upstream URL --key VKEY]',
  text: {
    en: `Checks what the service depends on, and says what to do about each thing that is wrong: settings, database, clock, keys,
disk, members, time sources, the running service, and the proxy in front of it. It changes nothing, and asks each time
source for one time-stamp.

Run it on the machine of the service, as the user that runs it and with its environment: the same DATABASE_URL,
INGAM_DATA_DIR and others. The service may be running or not.

With the settings of a member's node (INGAM_MEMBER_…, or --upstream and --key as for "ingam member") it checks that
node: also whether the followed log answers, is signed by its key, continues the copy, and knows this member.

Exit code 0: no problem, maybe warnings. 1: problems. --json prints every finding with a stable code.`,
    ko: `서비스가 의존하는 것을 점검하고, 잘못된 것마다 무엇을 해야 하는지 알려 줍니다: 설정, 데이터베이스, 시계, 키, 디스크,
참여 기관, 시각 출처, 실행 중인 서비스, 그 앞의 프록시. 아무것도 바꾸지 않으며, 시각 출처마다 타임스탬프를 하나씩
요청합니다.

서비스의 컴퓨터에서, 서비스를 실행하는 사용자로, 같은 환경 변수(DATABASE_URL, INGAM_DATA_DIR 등)로 실행하세요. 서비스는
실행 중이어도, 아니어도 됩니다.

참여 기관 노드의 설정(INGAM_MEMBER_…, 또는 "ingam member"처럼 --upstream과 --key)이 있으면 그 노드를 점검합니다.
따라가는 로그가 응답하는지, 그 키로 서명되었는지, 사본을 잇는지, 이 참여 기관을 아는지도 점검합니다.

종료 코드 0: 문제 없음(주의는 있을 수 있음). 1: 문제 있음. --json은 모든 항목을 변하지 않는 코드와 함께 출력합니다.`,
  },
  options: {
    json: { type: 'boolean', help: { en: 'print JSON', ko: 'JSON으로 출력' } },
    ...MEMBER_OPTIONS,
    ...LANG_OPTION,
  },
  positionals: { min: 0, max: 0 },
  async run({ values: { json, ...options } }, io) {
    const found = await examine(options, io);
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

async function examine(options: MemberOptions, io: Io): Promise<readonly Finding[]> {
  const isMember = isForMember(io.env) || options.upstream !== undefined || options.key !== undefined;
  try {
    return await (isMember
      ? examineMember(memberConfigOf(memberSettings(options, io.env)), io.signal)
      : examineInstallation(loadConfig(io.env), io));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const page = isMember ? 'docs/members.md' : 'README.md';
    // What they configure cannot be looked at.
    return error.mistakes.map((mistake) => finding('settings', 'problem', 'setting', mistake, page));
  }
}

async function examineInstallation(config: Config, io: Io): Promise<readonly Finding[]> {
  const { host, access, timeSources, tsa } = config;
  // Before the database, whose examination may start a server in the data directory.
  const disk = await examineDisk(config.dataDir);
  const [chain, ...rest] = await Promise.all([
    examineChainIn(config),
    examineTimeServers(tsa?.servers ?? [], tsa?.accuracyMs ?? 0, io.signal),
    examineTimeSources(timeSources, io.signal),
    examineService(localAddress(config), io.signal),
  ]);
  const network = await Promise.all([
    examineMembers(config.members?.all ?? [], 'INGAM_MEMBERS', chain.origin, chain.blocks, io.signal),
    examineProxy(access.publicUrl, chain.origin, isLoopback(host), io.signal),
  ]);
  return [finding('settings', 'ok', 'settings'), ...disk, ...chain.found, ...rest.flat(), ...network.flat()];
}

/** What depends on the database: itself, the clocks, and whether the keys fit it. */
interface Stored {
  readonly found: readonly Finding[];
  /** The log's name; null: its key cannot be read. */
  readonly origin: string | null;
  /** Blocks in the database; null: they cannot be counted. */
  readonly blocks: number | null;
}

async function examineChainIn(config: Config): Promise<Stored> {
  const without = async (database: readonly Finding[]): Promise<Stored> => {
    const { found, log } = await examineKeys(config, false);
    return { found: [...database, ...found], origin: log?.key.name ?? null, blocks: null };
  };
  const [stored, read] = await Promise.all([
    examineStored(
      config,
      config,
      (url, { found, isUsable }) => (isUsable ? examineAt(url, found, config) : without(found)),
      (database) => without([database]),
    ),
    config.readDatabaseUrl === null ? [] : examineReadDatabase(config.readDatabaseUrl, config.workers),
  ]);
  return { ...stored, found: [...stored.found, ...read] };
}

/** @param database the findings about it */
async function examineAt(url: string, database: readonly Finding[], config: Config): Promise<Stored> {
  const store = await openStore({ url, poolSize: 2, asItIs: true });
  try {
    const { tip, latestTime } = await store.sealingState();
    const newest = Math.max(latestTime, tip?.sealedAt ?? 0);
    const { found: keys, log } = await examineKeys(config, tip !== null);
    const secrets = await readSecrets({ config, dataDir: config.dataDir }).catch(() => null);
    const chain = log === null ? null : await examineChain(store, config, log);
    return {
      found: [
        ...[...database, ...judgeChainClock(newest, Date.now()), ...keys],
        ...(chain?.found ?? []),
        ...(await examineSecrets(store, config, secrets)),
      ],
      origin: log?.key.name ?? null,
      blocks: tip === null ? 0 : tip.height + 1,
    };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    const broken = finding('database', 'problem', 'databaseUnreachable', error.message);
    return { found: [...database, broken], origin: null, blocks: null };
  } finally {
    await store.close();
  }
}
