import { Readable } from 'node:stream';
import type { AuditNote } from '../../audit/finding.js';
import { logAt } from '../../audit/log-paths.js';
import type { LogSource } from '../../audit/log-source.js';
import { auditLog } from '../../audit/remote.js';
import { TooLongError } from '../../background/bodies.js';
import { keyStatementsJson, LogReader, showKeyStatements } from '../../log/index.js';
import { HASH_LENGTH, type Policy, ProofError } from '../../proof/index.js';
import type { Store } from '../../store/index.js';
import { usageError } from '../failure.js';
import { throwIfStopped } from '../files.js';
import {
  createProgress,
  EXIT,
  type ExitCode,
  grouped,
  type Io,
  printable,
  printJson,
  printLine,
  printNote,
} from '../io.js';
import { openService, type ServiceClient, ServiceRefusal } from '../service-client.js';
import { loadTrust, type TrustOptions } from '../trust-store.js';
import { evidenceMessages } from '../messages/evidence.js';
import { FindingPrinter, type ShownFinding } from './findings.js';

/** Checks what a service publishes about its chain. @throws {Failure} */
export async function auditServer(
  values: TrustOptions & { readonly server: string; readonly json: boolean },
  io: Io,
): Promise<ExitCode> {
  const { policy } = await loadTrust(values, io);
  if (policy === null) {
    // A key fetched together with the log would prove nothing.
    throw usageError(evidenceMessages().missingLogKey, evidenceMessages().saveFirst);
  }
  const service = await openService({ server: values.server }, io);
  return auditPublished(serviceLog(service), service.url.href, policy, values, io);
}

/**
 * Checks the log in a member's database, which has no entries, as if it were published.
 * @param shown its name in messages
 * @throws {Failure}
 */
export async function auditMember(
  store: Store,
  shown: string,
  values: TrustOptions & { readonly json: boolean },
  io: Io,
): Promise<ExitCode> {
  const { policy } = await loadTrust(values, io);
  const [key] = policy?.logs ?? [];
  if (policy === null || key === undefined) throw usageError(evidenceMessages().missingLogKey);
  return auditPublished(storedLog(store, key.name), shown, policy, values, io);
}

/** @param shown the log's name while it has no checkpoint */
async function auditPublished(
  source: LogSource,
  shown: string,
  policy: Policy,
  values: { readonly json: boolean },
  io: Io,
): Promise<ExitCode> {
  const printer = new FindingPrinter(io);
  const findings: ShownFinding[] = [];
  const progress = createProgress(io, evidenceMessages().checkingBlocks, 1);
  const audit = auditLog({
    source,
    policy,
    signal: io.signal,
    onProgress: (done, total) => {
      progress.update(done / total, evidenceMessages().blocks(grouped(done)));
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
    const notChecked: AuditNote[] = [evidenceMessages().noEvents];
    printJson(io.stdout, {
      sound: count === 0,
      origin: checkpoint?.origin ?? null,
      blocks,
      findings,
      notChecked,
    });
  } else {
    const origin = checkpoint?.origin ?? shown;
    const t = evidenceMessages();
    const checked = t.blocksOf(grouped(blocks), origin);
    if (count === 0) printLine(io.stdout, printable(t.soundPublished(checked)));
    else printNote(io, t.findingsIn(grouped(count), checked));
    printNote(io, t.notChecked(t.noEvents.about, t.noEvents.message));
  }
  return count === 0 ? EXIT.ok : EXIT.failed;
}

/** The log that a member has followed, up to the checkpoint that it has cosigned last. */
function storedLog(store: Store, origin: string): LogSource {
  const reader = new LogReader(store);
  const latest = () => store.cosignedCheckpoint(origin);
  return {
    checkpoint: async () => (await latest())?.note ?? null,
    keyStatements: async () => keyStatementsJson(await showKeyStatements(store, latest)),
    statements: reader.statements.bind(reader),
    changes: reader.changes.bind(reader),
    leaves: async (first, target) => {
      const hashes = await reader.leaves(first, target.length / HASH_LENGTH);
      if (hashes === null) return null;
      target.set(hashes);
      return hashes.length;
    },
    tile: reader.tile.bind(reader),
    entryBundle: reader.entryBundle.bind(reader),
  };
}

/** A service's published log (c2sp.org/tlog-tiles), read over HTTP. */
function serviceLog(service: ServiceClient): LogSource {
  return logAt(async (path, take, orForbidden = false) => {
    try {
      const { bytes } = await service.request(path);
      return await take(Readable.from([bytes]));
    } catch (error) {
      if (error instanceof TooLongError || error instanceof ProofError)
        throw service.unexpected(error.message, error);
      const status = error instanceof ServiceRefusal ? error.status : null;
      if (status === 404 || (orForbidden && status === 403)) return null;
      throw error;
    }
  });
}
