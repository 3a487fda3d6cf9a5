import { audit, type AuditOptions, type AuditResult } from '../../audit/audit.js';
import type { AuditNote } from '../../audit/finding.js';
import { Background } from '../../background/index.js';
import type { VerifierKey } from '../../proof/index.js';
import { SUPERUSER } from '../../postgres/index.js';
import { openErasureKeys } from '../../service/erasure-keys.js';
import { buildVault } from '../../service/vault.js';
import { compareSchema, type Store } from '../../store/index.js';
import {
  databaseFailure,
  type DatabaseOptions,
  databasePlace,
  type DatabasePlace,
  NO_LOG,
  openDatabase,
} from '../database.js';
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
import type { TrustOptions } from '../trust-store.js';
import { evidenceMessages } from '../messages/evidence.js';
import { FindingPrinter, MAX_JSON, MAX_PRINTED, shown, type ShownFinding } from './findings.js';
import { checkKeptCheckpoints, type KeptCheckpoint, keptCheckpoints } from './kept-checkpoints.js';
import { type AuditKeys, findAuditKeys } from './keys.js';

interface DatabaseAuditOptions extends TrustOptions, DatabaseOptions {
  readonly checkpoint: string | undefined;
  readonly vault: boolean;
  readonly json: boolean;
}

/** Checks every row of a service's database. @throws {Failure} */
export async function auditDatabase(values: DatabaseAuditOptions, io: Io): Promise<ExitCode> {
  const place = databasePlace(values, io);
  if (values.vault && place.config.vault === null) throw usageError(evidenceMessages().noVault);
  const keys = await findAuditKeys(values, place, io);
  return auditPlace(values, place, keys, await keptCheckpoints(values, place, io), io);
}

/**
 * @param checkpoints which were kept outside the database
 * @param notCompared what is said when there are none
 * @throws {Failure}
 */
export async function auditPlace(
  values: { readonly vault: boolean; readonly json: boolean },
  place: DatabasePlace,
  keys: AuditKeys,
  checkpoints: readonly KeptCheckpoint[],
  io: Io,
  notCompared: AuditNote = evidenceMessages().notCompared,
): Promise<ExitCode> {
  const { store, urls, close } = await openDatabase(place, 'any');
  const progress = createProgress(io, evidenceMessages().checkingEntries, 1);
  const reading = createProgress(io, evidenceMessages().readingKept, 1);
  try {
    const result = await audit({
      store,
      ...keys,
      superusers: place.urls === null ? [SUPERUSER] : null,
      schema: await compareSchema(urls),
      // One more than is printed, to say that there are more.
      limit: values.json ? MAX_JSON : MAX_PRINTED + 1,
      kept: values.vault ? await keptBytes(place, store, reading, io) : null,
      signal: io.signal,
      onProgress: ({ done, total, blocks }) => {
        progress.update(total === 0 ? 1 : done / total, evidenceMessages().blocks(grouped(blocks)));
      },
    });
    progress.clear();
    reading.clear();
    // Without its tables there is nothing to compare with.
    const readable = !result.findings.some(({ table }) => table === 'schema');
    const kept = readable ? await checkKeptCheckpoints(store, checkpoints) : [];
    return report(values, keys.logKey, result, kept, { checkpoints, notCompared }, io);
  } catch (error) {
    throwIfStopped(io.signal);
    throw databaseFailure(error);
  } finally {
    progress.clear();
    reading.clear();
    await close();
  }
}

/** The vault of the configuration, to read what it has. @throws {Failure} */
async function keptBytes(
  { config }: DatabasePlace,
  store: Store,
  progress: ReturnType<typeof createProgress>,
  io: Io,
): Promise<NonNullable<AuditOptions['kept']> | null> {
  const erasureKeys = await openErasureKeys(config.erasureKeys);
  const vault = buildVault(store, config.vault, erasureKeys, new Background(), NO_LOG);
  if (vault === null) return null;
  return {
    ...{ store, vault, signal: io.signal },
    onDocument: (part) => {
      progress.update(part);
    },
  };
}

interface Comparison {
  readonly checkpoints: readonly KeptCheckpoint[];
  readonly notCompared: AuditNote;
}

function report(
  { json }: { readonly json: boolean },
  logKey: VerifierKey,
  { database, findings, findingCount, ...totals }: AuditResult,
  kept: readonly ShownFinding[],
  { checkpoints: compared, notCompared }: Comparison,
  io: Io,
): ExitCode {
  const count = findingCount + kept.length;
  const sound = count + database.findingCount === 0;
  const t = evidenceMessages();
  const own: AuditNote[] = compared.length === 0 ? [notCompared] : [];
  if (json) {
    printJson(io.stdout, {
      sound,
      findingCount: count,
      findings: [...findings, ...kept],
      ...totals,
      keptCheckpoint:
        compared.length === 0 ? 'not compared with any kept checkpoint' : compared.map(({ path }) => path),
      database: { ...database, notChecked: [...own, ...database.notChecked] },
    });
    return sound ? EXIT.ok : EXIT.failed;
  }
  const line = (text: string): void => {
    printLine(io.stdout, printable(text));
  };
  const printer = new FindingPrinter(io);
  for (const one of findings) printer.print(shown(one));
  for (const one of kept) printer.print(one);
  const what = t.entriesOf(grouped(totals.entries), grouped(totals.blocks), logKey.name);
  if (count === 0) line(t.sound(what));
  else printNote(io, t.findingsIn(grouped(count), what));
  line('');
  line(evidenceMessages().secondPart);
  const second = new FindingPrinter(io);
  for (const one of database.findings) second.print(shown(one));
  if (database.findingCount === 0) line(evidenceMessages().noFindings);
  else printNote(io, t.findingsBeside(grouped(database.findingCount)));
  for (const { about, message } of database.notes) line(evidenceMessages().note(about, message));
  for (const { about, message } of own) line(t.notChecked(about, message));
  for (const { about, message } of database.notChecked) line(t.notCheckedThere(about, message));
  return sound ? EXIT.ok : EXIT.failed;
}
