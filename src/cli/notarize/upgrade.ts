import { resolve } from 'node:path';
import { NODE } from '../../crypto/primitives.js';
import { extendProof, PENDING_FORMAT, type Policy, type ProofFile } from '../../proof/index.js';
import { defineCommand } from '../command.js';
import { failedLine, type Failure, failureJson, failureOf, hintsOf } from '../failure.js';
import { assertFits, awaitProof, expectedOf, fetchProof, replacePending, writeProof } from './proofs.js';
import { LANG_OPTION } from '../language.js';
import { notarizeMessages } from '../messages/notarize.js';
import { progressMessages } from '../messages/progress.js';
import { createProgress, EXIT, type ExitCode, type Io, printJson, printLine, printNote } from '../io.js';
import { forEachOf, shownPath } from '../find-files.js';
import { readProof } from '../files.js';
import { timeInput } from '../time.js';
import {
  KEY_OPTION,
  openService,
  SERVER_OPTIONS,
  type ServiceClient,
  isAboutCaller,
} from '../service-client.js';
import { loadTrust, type Trust } from '../trust-store.js';

interface Upgrade {
  readonly proof: string;
  readonly status: 'final' | 'upgraded' | 'pending' | 'failed';
  /** The receipt, which is kept because the seal came later than it promises. */
  readonly lateReceipt?: string;
  readonly failure?: Failure;
}

const AT_ONCE = 8;
const WAIT_MS = 120_000;

export const upgradeCommand = defineCommand({
  name: 'upgrade',
  summary: 'replace pending proofs with final ones, and add newer evidence',
  usage: 'PROOF… [--server URL] [--wait]',
  text: `Fetches and verifies the final proof for each pending one, and replaces the file. To a final proof, what has
come since is added: anchors, and the checkpoint that more of the members you trust have cosigned. Nothing else of it is
changed.
If the seal came later than promised, the pending proof is kept under a name with its time, to show that.

The paths of replaced proofs are written to standard output, one per line.
Exit code: 0 all are final, 1 some failed, 2 nothing could be done, 3 some are not sealed yet.`,
  options: {
    ...SERVER_OPTIONS,
    ...KEY_OPTION,
    wait: { type: 'boolean', help: `wait until sealed, at most ${WAIT_MS / 1000} seconds` },
    ...LANG_OPTION,
    json: { type: 'boolean', help: 'print the outcome for each proof as JSON' },
  },
  positionals: { min: 1, max: Infinity, missing: 'missing PROOF' },
  async run({ values, positionals }, io) {
    const service = await openService(values, io);
    const trust = await loadTrust({ trust: undefined, key: [] }, io);
    const deadline = performance.now() + (values.wait ? WAIT_MS : 0);
    const progress = createProgress(io, progressMessages().upgrading, positionals.length);
    const upgrades: Upgrade[] = [];
    await forEachOf([...positionals.entries()], AT_ONCE, async ([i, proof]) => {
      upgrades[i] = await upgradeOne(proof, service, trust, deadline, io);
      progress.update(i + 1);
    });
    progress.clear();
    if (values.json) printJson(io.stdout, { proofs: upgrades.map(upgradeJson) });
    else {
      for (const upgrade of upgrades) printUpgrade(upgrade, io);
      printNote(io, ...hintsOf(upgrades));
    }
    return exitCodeOf(upgrades, io);
  },
});

async function upgradeOne(
  path: string,
  service: ServiceClient,
  { policy }: Trust,
  deadline: number,
  io: Io,
): Promise<Upgrade> {
  try {
    const pending = await readProof(resolve(io.cwd, path), path);
    if (pending.format !== PENDING_FORMAT) return await extend(path, pending, service, policy, io);
    const proof = await awaitProof(service, expectedOf(pending), policy, deadline);
    if (proof.format === PENDING_FORMAT) return { proof: path, status: 'pending' };
    const kept = await replacePending(resolve(io.cwd, path), pending, proof);
    return {
      proof: path,
      status: 'upgraded',
      ...(kept === null ? {} : { lateReceipt: shownPath(kept, io.cwd) }),
    };
  } catch (error) {
    return { proof: path, status: 'failed', failure: failureOf(error) };
  }
}

/** Adds to a final proof the anchors and cosignatures that have come since. */
async function extend(
  path: string,
  own: ProofFile,
  service: ServiceClient,
  policy: Policy | null,
  io: Io,
): Promise<Upgrade> {
  const expected = expectedOf(own);
  const { proof: fetched } = await fetchProof(service, expected, policy);
  if (fetched.format === PENDING_FORMAT) return { proof: path, status: 'final' };
  const extended = extendProof(own, fetched, { policy, primitives: NODE, ...(await timeInput(fetched)) });
  if (extended === null) return { proof: path, status: 'final' };
  assertFits(service, extended, expected, policy);
  await writeProof(resolve(io.cwd, path), extended, true);
  return { proof: path, status: 'upgraded' };
}

function upgradeJson({ proof, status, lateReceipt, failure }: Upgrade) {
  return {
    proof,
    status,
    ...(lateReceipt === undefined ? {} : { lateReceipt }),
    ...(failure === undefined ? {} : { error: failureJson(failure) }),
  };
}

function printUpgrade({ proof, status, lateReceipt, failure }: Upgrade, io: Io): void {
  switch (status) {
    case 'upgraded':
      printLine(io.stdout, proof);
      if (lateReceipt !== undefined) printNote(io, notarizeMessages().late(proof, lateReceipt));
      break;
    case 'final':
      printNote(io, notarizeMessages().alreadyFinal(proof));
      break;
    case 'pending':
      printNote(io, notarizeMessages().notSealed(proof));
      break;
    case 'failed':
      if (failure !== undefined) printNote(io, failedLine(proof, failure));
      break;
  }
}

function exitCodeOf(upgrades: readonly Upgrade[], { signal }: Io): ExitCode {
  const failed = upgrades.filter(({ status }) => status === 'failed');
  if (signal.aborted) return EXIT.interrupted;
  if (failed.length > 0) {
    // Only input errors or an unreachable service: the exit code of other commands for these.
    const nothingDone = failed.length === upgrades.length;
    return nothingDone &&
      failed.every(({ failure }) => failure?.reason !== 'refused' || isAboutCaller(failure))
      ? EXIT.usage
      : EXIT.failed;
  }
  return upgrades.some(({ status }) => status === 'pending') ? EXIT.pending : EXIT.ok;
}
