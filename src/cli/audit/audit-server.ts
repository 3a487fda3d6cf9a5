import { nodeSha256 } from '../../node-crypto.js';
import { auditLog } from '../../log/remote-audit.js';
import { FindingPrinter, type ShownFinding } from './audit-report.js';
import { usageError } from '../failure.js';
import { throwIfStopped } from '../input/hash-file.js';
import { EXIT, printJson, printLine, type ExitCode, type Io } from '../io.js';
import { createProgress } from '../output/progress.js';
import { openService } from '../service-client.js';
import { serviceLog } from './service-log.js';
import { counted, printable } from '../output/text.js';
import { loadTrust, type TrustOptions } from '../input/trust-store.js';

/** Checks what a service publishes about its chain. @throws {Failure} */
export async function auditServer(
  values: TrustOptions & { readonly server: string; readonly json: boolean },
  io: Io,
): Promise<ExitCode> {
  const { policy } = await loadTrust(values, io);
  if (policy === null) {
    // "Nothing wrong" from a key that came along with the log would be worth nothing.
    throw usageError(
      'by which key? Give the log’s with --key VKEY',
      'Or keep it first: ingam trust --server URL',
    );
  }
  const service = openService({ server: values.server }, io);
  const printer = new FindingPrinter(io);
  const findings: ShownFinding[] = [];
  const progress = createProgress(io, 'Checking blocks', 1);
  const audit = auditLog({
    source: serviceLog(service),
    policy,
    hash: nodeSha256,
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
    if (count === 0) printLine(io.stdout, printable(`SOUND  ${checked}: nothing wrong in what it publishes`));
    else printLine(io.stderr, printable(`${counted(count, 'finding')} in ${checked}.`));
  }
  return count === 0 ? EXIT.ok : EXIT.failed;
}
