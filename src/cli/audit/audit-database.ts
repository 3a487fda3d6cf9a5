import { audit, ThreadLostError, type AuditFinding } from '../../seal/audit/index.js';
import { openAudited, type AuditedOptions } from './audited-database.js';
import { FindingPrinter, type ShownFinding } from './audit-report.js';
import { checkKeptCheckpoint } from './kept-checkpoint.js';
import { Failure } from '../failure.js';
import { databaseFailure } from '../input/database.js';
import { throwIfStopped } from '../input/hash-file.js';
import { EXIT, printJson, printLine, type ExitCode, type Io } from '../io.js';
import { createProgress } from '../output/progress.js';
import { counted, printable } from '../output/text.js';

/** Checks every row of a service's database. @throws {Failure} */
export async function auditDatabase(
  values: AuditedOptions & { readonly json: boolean },
  io: Io,
): Promise<ExitCode> {
  const { store, logKey, dataDir, close } = await openAudited(values, io);
  const progress = createProgress(io, 'Checking entries', 1);
  try {
    const result = await audit({
      store,
      logKey,
      limit: values.json ? JSON_LIMIT : PRINTED_LIMIT,
      signal: io.signal,
      onProgress: ({ done, total, blocks }) => {
        progress.update(total === 0 ? 1 : done / total, counted(blocks, 'block'));
      },
    });
    progress.clear();
    const kept = dataDir === null ? [] : await checkKeptCheckpoint(store, dataDir);
    const { findings, findingCount, ...totals } = result;
    const count = findingCount + kept.length;
    if (values.json) {
      printJson(io.stdout, {
        sound: count === 0,
        findingCount: count,
        findings: [...findings, ...kept],
        ...totals,
      });
    } else {
      const printer = new FindingPrinter(io);
      for (const one of findings) printer.print(shown(one));
      for (const one of kept) printer.print(one);
      const what = `${counted(result.entries, 'entry', 'entries')} in ${counted(result.blocks, 'block')} of ${logKey.name}`;
      if (count === 0) printLine(io.stdout, printable(`SOUND  ${what}: nothing wrong`));
      else printLine(io.stderr, printable(`${counted(count, 'finding')} in ${what}.`));
    }
    return count === 0 ? EXIT.ok : EXIT.failed;
  } catch (error) {
    throwIfStopped(io.signal);
    if (error instanceof ThreadLostError)
      throw new Failure('unreachable', error.message, { code: 'thread_lost', cause: error });
    throw databaseFailure(error);
  } finally {
    progress.clear();
    await close();
  }
}

const PRINTED_LIMIT = 100;
const JSON_LIMIT = 100_000;

function shown({ table, key, column, message, expected, found }: AuditFinding): ShownFinding {
  const row = Object.entries(key).map(([name, value]) => `${name}=${value}`);
  return {
    where: `${table} ${row.join(' ')}`.trimEnd(),
    what: column,
    says: message,
    ...(expected === undefined ? {} : { expected }),
    ...(found === undefined ? {} : { found }),
  };
}
