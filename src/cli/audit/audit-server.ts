import { auditLog, type LogSource } from '../../audit/remote.js';
import { indexPath, TILE_WIDTH, type TileId, tilePath } from '../../proof/index.js';
import { usageError } from '../failure.js';
import { throwIfStopped } from '../files.js';
import {
  counted,
  createProgress,
  EXIT,
  type ExitCode,
  type Io,
  printable,
  printJson,
  printLine,
} from '../io.js';
import { openService, type ServiceAnswer, type ServiceClient, ServiceRefusal } from '../service-client.js';
import { loadTrust, type TrustOptions } from '../trust-store.js';
import { FindingPrinter, type ShownFinding } from './audit-report.js';

/** Checks what a service publishes about its chain. @throws {Failure} */
export async function auditServer(
  values: TrustOptions & { readonly server: string; readonly json: boolean },
  io: Io,
): Promise<ExitCode> {
  const { policy } = await loadTrust(values, io);
  if (policy === null) {
    // A key fetched together with the log would prove nothing.
    throw usageError(
      "missing the log's public key: give it with --key VKEY",
      'Or save it first: ingam trust --server URL',
    );
  }
  const service = openService({ server: values.server }, io);
  const printer = new FindingPrinter(io);
  const findings: ShownFinding[] = [];
  const progress = createProgress(io, 'Checking blocks', 1);
  const audit = auditLog({
    source: serviceLog(service),
    policy,
    signal: io.signal,
    onProgress: (done, total) => {
      progress.update(done / total, counted(done, 'block'));
    },
  });
  let next = await audit.next();
  for (; next.done !== true; next = await audit.next()) {
    throwIfStopped(io.signal);
    progress.clear();
    if (values.json) findings.push(next.value);
    else printer.print(next.value);
  }
  progress.clear();
  const checkpoint = next.value;
  const count = values.json ? findings.length : printer.count;
  const blocks = checkpoint?.size ?? 0;
  if (values.json) {
    printJson(io.stdout, { sound: count === 0, origin: checkpoint?.origin ?? null, blocks, findings });
  } else {
    const origin = checkpoint?.origin ?? service.url.href;
    const checked = `${counted(blocks, 'block')} of ${origin}`;
    if (count === 0) printLine(io.stdout, printable(`SOUND  ${checked}: no findings in what it publishes`));
    else printLine(io.stderr, printable(`${counted(count, 'finding')} in ${checked}.`));
  }
  return count === 0 ? EXIT.ok : EXIT.failed;
}

/** A service's published log (c2sp.org/tlog-tiles), read over HTTP. */
function serviceLog(service: ServiceClient): LogSource {
  const read = async (path: string): Promise<ServiceAnswer | null> => {
    try {
      return await service.request(path);
    } catch (error) {
      if (error instanceof ServiceRefusal && error.status === 404) return null;
      throw error;
    }
  };
  return {
    checkpoint: async () => {
      const answer = await read('checkpoint');
      return answer === null ? null : service.text(answer);
    },
    keyStatements: async () => {
      const answer = await read('v1/log-keys');
      return answer === null ? null : service.text(answer);
    },
    tile: async (tile: TileId) => (await read(tilePath(tile)))?.bytes ?? null,
    entryBundle: async (index, width) => {
      const partial = width === TILE_WIDTH ? '' : `.p/${width}`;
      return (await read(`tile/entries/${indexPath(index)}${partial}`))?.bytes ?? null;
    },
  };
}
