import { createIo } from '../cli/invoke.js';
import { run } from '../../src/cli/run.js';
import { type RunningNode, StartError } from './built.js';
import { until } from './until.js';

/**
 * As `startBuilt`, in this process: for a sixth of the processor time of a process. What is logged is not kept; `kill` is
 * `stop`, and processes there must be where that makes a difference.
 * @throws {StartError}
 */
export async function startHere(
  argv: readonly string[],
  { cwd, env = {} }: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<RunningNode & AsyncDisposable> {
  const stopping = new AbortController();
  const { io, written } = createIo({
    ...(cwd === undefined ? {} : { cwd }),
    env: {
      PORT: '0',
      ...env,
      ...(argv[0] === 'serve' ? { INGAM_WORKERS: '1' } : {}),
      INGAM_LOG_LEVEL: 'silent',
    },
    signal: stopping.signal,
  });
  let hasEnded = false;
  const exited = run(argv, io).finally(() => {
    hasEnded = true;
  });
  exited.catch(() => undefined);
  const linesOf = (text: string) => text.split('\n').slice(0, -1);
  const url = await until(
    'the address of the node',
    () => /running at (http:\S+)\n/.exec(written.stdout)?.[1] ?? (hasEnded && ''),
  );
  if (url === '') throw new StartError(argv, await exited, written.stderr);
  const stop = () => {
    stopping.abort();
    return exited;
  };
  const kill = async () => void (await stop());
  return {
    url,
    get stdout() {
      return linesOf(written.stdout);
    },
    get stderr() {
      return linesOf(written.stderr);
    },
    stop,
    kill,
    [Symbol.asyncDispose]: kill,
  };
}
