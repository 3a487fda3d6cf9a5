/**
 * `npm run fuzz -- [--minutes N] [--seed N] [TARGET…]`: feeds mutants to everything that reads what strangers
 * send, each target for N minutes (default 5): proof, history, publication, anchors, policy, multipart, ndjson, json, get, tsa, and
 * api, api-key and api-owner (schemathesis over the whole API, without credentials, with an API key and as the owner of an
 * organization, when it is installed: `pip install schemathesis`). `limits` sends one
 * request of each kind at its limit, several times. `properties` runs each test with random inputs for N minutes: those that compare the
 * service with a model of it, too.
 *
 * Reports crashes, server errors, answers that disagree with what was sent, and the longest time for which one
 * input blocked the event loop. Exit code 1 when there was any mistake.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { parseResponse, REPLY_TYPE } from '../../src/proof/time/rfc3161.js';
import { type BuiltNode, runBuilt, startBuilt } from '../support/built.js';
import { until } from '../support/until.js';
import { limitRequests } from './limits.js';
import {
  anchorParser,
  historyParser,
  type ParserTarget,
  policyParser,
  proofParser,
  publicationParser,
} from './parsers.js';
import { Random } from './random.js';
import { Report } from './report.js';
import {
  type FuzzRequest,
  type FuzzResponse,
  getReader,
  jsonReader,
  multipartReader,
  ndjsonReader,
  type RequestTarget,
  sendTo,
  timeStampReader,
} from './requests.js';
import { argumentsOf, misused } from '../support/arguments.js';

const PARSERS: Readonly<Record<string, ParserTarget>> = {
  proof: proofParser,
  history: historyParser,
  publication: publicationParser,
  anchors: anchorParser,
  policy: policyParser,
};
const READERS: Readonly<Record<string, RequestTarget>> = {
  multipart: multipartReader,
  ndjson: ndjsonReader,
  json: jsonReader,
  get: getReader,
  tsa: timeStampReader,
};
const API = 'api';
const API_WITH_KEY = 'api-key';
const API_AS_OWNER = 'api-owner';
const LIMITS = 'limits';
const PROPERTIES = 'properties';
const WARM_UP = 10;
const ROUNDS = 5;
const ALL = [
  ...Object.keys(PARSERS),
  ...Object.keys(READERS),
  ...[LIMITS, PROPERTIES, API, API_WITH_KEY, API_AS_OWNER],
];

const Blocked = z.object({ blockedMs: z.number() });

const Accepted = z.object({ notarizations: z.array(z.object({ sha256: z.string() })) });
const Problem = z.object({ code: z.string() });
const Opened = z.object({ tokens: z.object({ accessToken: z.string() }) });

const USAGE = `Usage: npm run fuzz -- [--minutes N] [--seed N] [${ALL.join(' | ')}]`;
const { values, positionals } = argumentsOf(USAGE, {
  options: { minutes: { type: 'string', default: '5' }, seed: { type: 'string' } },
  allowPositionals: true,
});
const minutes = Number(values.minutes);
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
const targets = positionals.length === 0 ? ALL : positionals;
const unknown = targets.filter((name) => !ALL.includes(name));
if (!(minutes > 0) || !Number.isSafeInteger(seed) || unknown.length > 0) {
  misused(USAGE, 'The minutes are above 0, the seed is a whole number, and the others are names of targets.');
}
console.log(`seed ${seed}, ${minutes} minutes each: ${targets.join(', ')}`);

let mistakes = 0;
for (const name of targets) mistakes += await run(name);
process.exitCode = mistakes === 0 ? 0 : 1;

async function run(name: string): Promise<number> {
  if (name === PROPERTIES) return runProperties();
  const random = new Random(seed);
  const report = new Report(name);
  const endOf = (start: number) => start + minutes * 60_000;
  const [parser, reader] = [PARSERS[name], READERS[name]];
  if (parser !== undefined) {
    for (const end = endOf(performance.now()); performance.now() < end;) {
      parser(random, report);
      await turn();
    }
    report.print();
    return report.mistakes;
  }
  const directory = await mkdtemp(join(tmpdir(), 'ingam-fuzz-'));
  const preload = fileURLToPath(new URL('processes/loop-delay.mjs', import.meta.url));
  const env = { INGAM_DATA_DIR: directory, INGAM_WORKERS: '1', INGAM_LOG_LEVEL: 'error', INGAM_TSA: 'on' };
  await runBuilt(['tsa', 'create', '--name', 'Fuzz', '--algorithm', 'p256'], { env });
  const service = await startBuilt(['serve'], { nodeArgs: ['--import', preload], env });
  try {
    if (name === LIMITS) return await runLimits(service, report);
    if (reader === undefined) {
      const credential =
        name === API_WITH_KEY
          ? await createKey(env)
          : name === API_AS_OWNER
            ? await signInOwner(service, env)
            : null;
      return await runSchemathesis(service, credential, report);
    }
    // What is compiled on first use is not what one request costs.
    for (let i = 0; i < WARM_UP; i++) await sendTo(service.url, reader(random));
    for (const end = endOf(performance.now()); performance.now() < end;) {
      await tryRequest(service, reader(random), report);
    }
    report.print();
    return report.mistakes;
  } finally {
    await service.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Runs each test that draws its inputs with `randomRuns`. What fails shows its seed. */
async function runProperties(): Promise<number> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const all = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' });
  const files = all
    .map((name) => join('test', name))
    .filter((name) => /\.test\.tsx?$/.test(name))
    .filter((name) => readFileSync(join(root, name), 'utf8').includes('/random-runs.js'));
  const child = spawn(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', '--config=test/vitest.config.ts', ...files],
    {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, INGAM_TEST_SEED: String(seed), INGAM_TEST_MINUTES: String(minutes) },
    },
  );
  const [code] = (await once(child, 'close')) as [number | null];
  console.log(`${PROPERTIES}: ${files.length} files, ${code === 0 ? 'no mistakes' : 'mistakes'}`);
  return code === 0 ? 0 : 1;
}

/** Prints for each kind of request how long it blocked the event loop, in its worst round and the middle one. */
async function runLimits(service: BuiltNode, report: Report): Promise<number> {
  const blocked = new Map<string, number[]>();
  const statuses = new Map<string, string>();
  // What is compiled on first use is not what one request costs.
  for (let round = -1; round < ROUNDS; round++) {
    for (const { name, request } of await limitRequests(service.url)) {
      await longestBlock(service);
      const response = await sendTo(service.url, request);
      const took = await longestBlock(service);
      if (response === null || response.status >= 500) report.crash(response?.text ?? 'no response', name);
      if (round < 0) continue;
      report.took(took, name);
      blocked.set(name, [...(blocked.get(name) ?? []), took]);
      statuses.set(name, String(response?.status));
    }
  }
  for (const [name, all] of blocked) {
    const sorted = all.toSorted((a, b) => a - b);
    const [median = 0, worst = 0] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
    console.log(
      `${worst.toFixed(0).padStart(6)} ms (median ${median.toFixed(0)}): ${name}, ${statuses.get(name) ?? ''}`,
    );
  }
  report.print();
  return report.mistakes;
}

/** Since the last call, in the service. */
async function longestBlock({ pid, stderr }: BuiltNode): Promise<number> {
  const before = stderr.length;
  process.kill(pid, 'SIGUSR2');
  const line = await until('the delay of the event loop', () =>
    stderr.slice(before).find((text) => text.startsWith('{"blockedMs"')),
  );
  return Blocked.parse(JSON.parse(line)).blockedMs;
}

async function tryRequest(service: BuiltNode, request: FuzzRequest, report: Report): Promise<void> {
  const input = `${request.method} ${request.path} ${request.headers['content-type'] ?? ''}\n${request.body.toString('latin1')}`;
  await longestBlock(service);
  const logged = service.stderr.length;
  const response = await sendTo(service.url, request);
  report.took(await longestBlock(service), input);
  judge(request, response, report, input);
  for (const line of service.stderr.slice(logged)) {
    if (line.includes('unexpected error')) report.crash(line, input);
  }
}

function judge(request: FuzzRequest, response: FuzzResponse | null, report: Report, input: string): void {
  if (response === null) {
    report.crash('the connection ended without a response', input);
    return;
  }
  const { status, headers, text, bytes } = response;
  const type = headers['content-type'];
  const isProblem = type === 'application/problem+json';
  let code = isProblem && request.method !== 'HEAD' ? Problem.parse(JSON.parse(text)).code : '';
  if (status === 200 && request.path === '/tsa') {
    try {
      code = parseResponse(bytes).granted ? 'granted' : 'rejected';
      if (type !== REPLY_TYPE) report.disagreement('the reply has another type', input);
    } catch (error) {
      report.crash(error, input);
    }
  }
  report.answered(status, code);
  if (status >= 500) report.crash(`${status} ${code}`, input);
  if (status === 201 && request.digests !== null) {
    const digests = Accepted.parse(JSON.parse(text)).notarizations.map(({ sha256 }) => sha256);
    if (digests.join() !== request.digests.join())
      report.disagreement('other documents were notarized', input);
  }
}

type Env = Readonly<Record<string, string>>;

async function createOrganization(env: Env): Promise<string> {
  return (await runBuilt(['organization', 'create', 'Fuzz'], { env })).stdout.trim();
}

async function createKey(env: Env): Promise<string> {
  const organization = await createOrganization(env);
  const { stdout } = await runBuilt(['key', 'create', '--organization', organization, '--name', 'fuzz'], {
    env,
  });
  return stdout.trim();
}

/** @returns an access token */
async function signInOwner({ url }: BuiltNode, env: Env): Promise<string> {
  const organization = await createOrganization(env);
  const add = ['user', 'add', 'owner@example.com', '--organization', organization, '--role', 'owner'];
  const { stdout, stderr } = await runBuilt(add, { env });
  const [, token] = /#invitation=(\S+)/.exec(stdout + stderr) ?? [];
  const res = await fetch(`${url}/v1/invitations/redeem`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ token, name: 'Owner', password: 'a long sentence of an owner' }),
  });
  return Opened.parse(await res.json()).tokens.accessToken;
}

/** @param credential null: without */
async function runSchemathesis(
  service: BuiltNode,
  credential: string | null,
  report: Report,
): Promise<number> {
  const child = spawn(
    'schemathesis',
    [
      ...['--config-file', fileURLToPath(new URL('schemathesis.toml', import.meta.url))],
      ...['run', `${service.url}/openapi.json`, '--seed', String(seed)],
      ...['--max-time', String(Math.ceil(minutes * 60)), '--request-timeout', '60'],
      // The machine may have other work.
      ...['--max-response-time', '60'],
      ...['--workers', '1', '--no-color', '--continue-on-failure', '--suppress-health-check', 'all'],
      // A schema cannot say that a link is one that was sent, or which key signs a note; and a notarization that was just made
      // has no erasure, which is the 404 of that address.
      ...['--checks', 'all', '--exclude-checks', 'positive_data_acceptance,ensure_resource_availability'],
      // Streams, what is no HTTP API of JSON, and what would end the session of the owner.
      ...[
        '--exclude-path-regex',
        report.name === API_AS_OWNER ? '/(events|tsa)$|^/v1/(session|users/)' : '/(events|tsa)$',
      ],
      ...(credential === null ? [] : ['--header', `Authorization: Bearer ${credential}`]),
    ],
    // It keeps its notes in the current directory.
    { cwd: tmpdir(), stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  child.on('error', () => undefined);
  const [code] = (await once(child, 'close').catch(() => [null])) as [number | null];
  if (child.pid === undefined) {
    console.log(
      `${report.name}: schemathesis is not installed (pip install schemathesis); nothing was tried`,
    );
    return 0;
  }
  report.cases += Number(/([0-9]+) generated/.exec(text)?.[1] ?? 0);
  if (code !== 0) {
    report.disagreement('schemathesis reports failures', text);
    console.log(text);
  }
  report.print();
  return report.mistakes;
}
