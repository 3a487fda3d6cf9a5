import { defineCommand } from '../command.js';
import { usageError } from '../failure.js';
import { DETAILS_OPTIONS, readDetails } from './details-options.js';
import { findDocuments } from './find-documents.js';
import { printJson } from '../io.js';
import { Notarizing } from './notarizing.js';
import { exitCodeOf, printSummary, summaryJson } from './notarize-report.js';
import { KEY_OPTION, openService, SERVER_OPTIONS } from '../service-client.js';
import { loadTrust } from '../input/trust-store.js';

const DEFAULT_TIMEOUT_SECONDS = 120;

export const notarizeCommand = defineCommand({
  name: 'notarize',
  summary: 'notarize files and folders, and keep their proofs beside them',
  usage: 'FILE…|FOLDER… [--server URL] [--out DIR]',
  text: `Hashes the files here and sends nothing but their digests (and what --title, --names and the like add), waits
until they are sealed, and writes FILE.ingam.json beside each. Folders are taken with all that is in them;
files named *.ingam.json are left out.

A file whose proof is there already is skipped, and a pending proof is made final: after an interruption, run the
same command again. When a file has changed since its proof was made, the old proof is kept under a name with
its time, and FILE.ingam.json becomes the proof of the file as it is now.

The paths of the proofs are on standard output, one a line.
Exit code: 0 all done, 1 some files failed, 2 nothing could be done, 3 accepted but not sealed in time.`,
  options: {
    ...SERVER_OPTIONS,
    ...KEY_OPTION,
    out: { type: 'string', value: 'DIR', help: 'write the proofs into this folder instead' },
    wait: { type: 'boolean', help: 'wait for the seal (the default)' },
    'no-wait': { type: 'boolean', help: 'write pending proofs and come back later: ingam upgrade' },
    timeout: {
      type: 'string',
      value: 'SECONDS',
      help: `how long to wait for a seal (default: ${DEFAULT_TIMEOUT_SECONDS})`,
    },
    upload: { type: 'boolean', help: 'send the documents themselves, for the service to hash' },
    force: { type: 'boolean', help: 'notarize again what has a proof, and replace that proof' },
    ...DETAILS_OPTIONS,
    json: { type: 'boolean', help: 'what became of each file, as JSON on standard output' },
  },
  positionals: { min: 1, max: Infinity, missing: 'which files?' },
  async run({ values, positionals }, io) {
    if (values.wait && values['no-wait']) throw usageError('--wait and --no-wait exclude each other');
    const waitMs = values['no-wait'] ? 0 : parseSeconds(values.timeout) * 1000;
    const service = openService(values, io);
    const detailsOf = await readDetails(values, io);
    const trust = await loadTrust({ trust: undefined, key: [] }, io);
    const found = await findDocuments(positionals, values.out ?? null, io);
    // Before hours of hashing: is anybody there?
    const chain = service.object(await service.request('v1/chain'));
    const notarizing = new Notarizing({
      io,
      service,
      detailsOf,
      policy: trust.policy,
      waitMs,
      upload: values.upload,
      force: values.force,
    });
    await notarizing.run(found.documents);
    const result = {
      ...found,
      origin: typeof chain['origin'] === 'string' ? chain['origin'] : service.url.href,
      results: notarizing.results,
      stopped: io.signal.aborted,
      pendingWanted: values['no-wait'],
      policy: trust.policy,
    };
    if (values.json) printJson(io.stdout, summaryJson(result));
    else printSummary(result, io);
    return exitCodeOf(result);
  },
});

function parseSeconds(text: string | undefined): number {
  if (text === undefined) return DEFAULT_TIMEOUT_SECONDS;
  if (!/^[0-9]{1,7}$/.test(text)) throw usageError('--timeout takes a whole number of seconds');
  return Number(text);
}
