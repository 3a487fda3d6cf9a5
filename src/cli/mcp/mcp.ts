import { once } from 'node:events';
import { resolve } from 'node:path';
import { type CallToolResult, McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';
import { formatProof, fromHex, type Json, PENDING_FORMAT } from '../../proof/index.js';
import { type Command, defineCommand } from '../command.js';
import { failureJson, failureOf } from '../failure.js';
import { EXIT, type ExitCode, type Io, withChanges } from '../io.js';
import { awaitProof } from '../notarize/proofs.js';
import { submitDigests } from '../notarize/submit.js';
import { KEY_OPTION, openService, SERVER_OPTIONS } from '../service-client.js';
import { SUMMARIES } from '../summaries.js';
import { loadTrust } from '../trust-store.js';

const WAIT_MS = 60_000;

/** Runs a command line: `run` of run.ts. */
type Run = (argv: readonly string[], io: Io) => Promise<ExitCode>;

/** @param run given, because it is found where this command is */
export function mcpCommand(run: Run, version: () => Promise<string>): Command {
  return defineCommand({
    name: 'mcp',
    summary: SUMMARIES.mcp,
    usage: '[--server URL]',
    text: {
      en: `A server of the Model Context Protocol on standard input and output, which a program with a language model starts:

  {"mcpServers": {"ingam": {"command": "ingam", "args": ["mcp"]}}}

Its tools: notarize (a file, a folder or a digest), verify (a file with its proof, offline), status (of
notarizations) and record (the state of a record). Of files only digests are sent; the proof of a file is written
beside it.`,
      ko: `언어 모델을 쓰는 프로그램이 시작하는 Model Context Protocol 서버입니다. 표준 입력과 출력을 씁니다:

  {"mcpServers": {"ingam": {"command": "ingam", "args": ["mcp"]}}}

도구: notarize(파일, 폴더, 해시값 등록), verify(파일과 증명을 오프라인으로 확인), status(등록 상태),
record(기록의 상태). 파일은 해시값만 보내며, 증명 파일은 그 파일 옆에 씁니다.`,
    },
    options: { ...SERVER_OPTIONS, ...KEY_OPTION },
    positionals: { min: 0, max: 0 },
    async run({ values }, given) {
      const env = {
        ...given.env,
        ...(values.server === undefined ? {} : { INGAM_SERVER: values.server }),
        ...(values.key === undefined ? {} : { INGAM_KEY: values.key }),
      };
      const io = withChanges(given, {
        env,
        isTTY: false,
        isOutputTTY: false,
        ask: undefined,
        askSecret: undefined,
      });
      const own = await version();
      const handle = serveStdio(() => createServer(run, own, io));
      await once(process.stdin, 'close', { signal: given.signal }).catch(() => undefined);
      await handle.close();
      return EXIT.ok;
    },
  });
}

const LocalPath = z.string().min(1).describe('path of a file on this machine');
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

function createServer(run: Run, version: string, io: Io): McpServer {
  const server = new McpServer({ name: 'ingam', version });
  const at = (path: string) => resolve(io.cwd, path);

  server.registerTool(
    'notarize',
    {
      title: 'Notarize',
      description:
        'Proves from now on that exactly these bytes exist: registers the SHA-256 of a file (or of all files of a folder) in the chain of the service, waits until it is sealed, and writes the proof beside the file as NAME.ingam.json. With sha256, the proof is returned. Only digests and details leave this machine.',
      inputSchema: z
        .object({
          path: z.string().min(1).describe('path of a file or a folder on this machine').optional(),
          sha256: Sha256.describe('digest of a document, in place of a path').optional(),
          title: z.string().describe('title, sealed with the document').optional(),
          reference: z.string().describe('reference number: of a case, an order, a contract').optional(),
        })
        .refine(({ path, sha256 }) => (path === undefined) !== (sha256 === undefined), 'give path or sha256'),
      annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
    },
    ({ path, sha256, title, reference }) => {
      if (sha256 !== undefined) return notarizeDigest(sha256, { title, reference }, io);
      const details = Object.entries({ title, reference }).flatMap(([name, value]) =>
        value === undefined ? [] : [`--${name}=${value}`],
      );
      return call(run, ['notarize', '--json', ...details, '--', at(path ?? '')], [EXIT.ok, EXIT.pending], io);
    },
  );

  server.registerTool(
    'verify',
    {
      title: 'Verify',
      description:
        'Verifies a document against its proof, without a network: the verdict, the times between which it was registered, and each step. A verdict other than "verified" is an answer, not an error.',
      inputSchema: z.object({
        path: LocalPath,
        proof: z.string().min(1).describe('path of the proof; by default NAME.ingam.json').optional(),
      }),
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    ({ path, proof }) => {
      const files = [path, ...(proof === undefined ? [] : [proof])].map(at);
      return call(run, ['verify', '--json', '--', ...files], [EXIT.ok, EXIT.failed, EXIT.pending], io);
    },
  );

  server.registerTool(
    'status',
    {
      title: 'Status of notarizations',
      description:
        'What the service says of the notarizations of a document: accepted, sealed, cosigned, anchored, with times and details. It is the word of the service; verify checks a proof.',
      inputSchema: z.object({
        what: z.string().min(1).describe('id of a notarization, SHA-256 of a document, or path of a file'),
      }),
      annotations: { readOnlyHint: true, openWorldHint: true },
    },
    ({ what }) => call(run, ['show', '--json', '--all', '--', what], [EXIT.ok], io),
  );

  server.registerTool(
    'record',
    {
      title: 'State of a record',
      description:
        'What the service says of a record (a contract, an item, a work, a document with versions): its kind, holder, state, events, and what can come next, signed by whom.',
      inputSchema: z.object({ record: z.string().min(1).describe('id of the record') }),
      annotations: { readOnlyHint: true, openWorldHint: true },
    },
    ({ record }) => call(run, ['record', 'show', '--json', '--', record], [EXIT.ok], io),
  );
  return server;
}

/** Runs a command that answers in JSON. @param good the exit codes of answers */
async function call(
  run: Run,
  argv: readonly string[],
  good: readonly ExitCode[],
  io: Io,
): Promise<CallToolResult> {
  let output = '';
  let notes = '';
  const code = await run(
    argv,
    withChanges(io, {
      stdin: nothing(),
      stdout: { write: (text) => (output += text) },
      stderr: { write: (text) => (notes += text) },
    }),
  );
  const isError = !good.includes(code);
  return answer(output === '' ? { error: { message: notes.trim() } } : (JSON.parse(output) as Json), isError);
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // A client writes requests to standard input, no documents.
}

async function notarizeDigest(
  sha256: string,
  given: Readonly<Record<string, string | undefined>>,
  io: Io,
): Promise<CallToolResult> {
  try {
    const service = await openService({ server: undefined, key: undefined }, io);
    const { policy } = await loadTrust({ trust: undefined, key: [] }, io);
    const set = Object.entries(given).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    );
    const details = set.length === 0 ? undefined : Object.fromEntries(set);
    const document = { sha256: fromHex(sha256, 32) };
    const [accepted] = await submitDigests(service, [{ document, details }]);
    if (accepted === undefined) throw service.unexpected('it returned no notarization');
    const proof = await awaitProof(service, accepted, policy, performance.now() + WAIT_MS);
    const status = proof.format === PENDING_FORMAT ? 'pending' : 'sealed';
    return answer({ id: accepted.id, status, proof: JSON.parse(formatProof(proof)) as Json }, false);
  } catch (error) {
    return answer({ error: failureJson(failureOf(error)) }, true);
  }
}

function answer(value: Json, isError: boolean): CallToolResult {
  return {
    content: [{ type: 'text', text: JSON.stringify(value, null, 2) }],
    ...(isError ? { isError } : {}),
  };
}
