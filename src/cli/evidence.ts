import { resolve } from 'node:path';
import {
  checkEvidence,
  logKeysFor,
  parseCheckpoint,
  parseEvidence,
  ProofError,
  type Evidence,
  type EvidenceVerdict,
} from '../proof/index.js';
import { defineCommand } from './command.js';
import { Failure, usageError } from './failure.js';
import { malformed, readText } from './files.js';
import { loadTrust, TRUST_OPTIONS } from './trust-store.js';
import { EXIT, printJson, printLine, printable } from './io.js';

export const evidenceCommand = defineCommand({
  name: 'evidence',
  summary: 'check evidence that a log misbehaved',
  usage: 'FILE [--trust FILE | --key VKEY]',
  text: `Checks, offline, an evidence file written by "ingam compare" or by a member: that the log whose key you give has
signed two histories, or a block that breaks a rule. Nobody without the log's key can forge such evidence.

Exit code: 0 the evidence is valid, 1 it proves nothing, 2 it cannot be read.`,
  options: { ...TRUST_OPTIONS, json: { type: 'boolean', help: 'print the outcome as JSON' } },
  positionals: { min: 1, max: 1, missing: 'missing FILE' },
  async run({ values, positionals: [path = ''] }, io) {
    const evidence = await read(resolve(io.cwd, path), path);
    const { policy } = await loadTrust(values, io);
    // Size 0 selects retired keys as well: signing with one of them is misbehaviour too.
    const keys = policy === null ? [] : logKeysFor(policy, originOf(evidence), 0);
    if (keys.length === 0)
      throw usageError(`missing the public key of ${originOf(evidence)}: give it with --key VKEY`);
    const verdict = checkEvidence(evidence, ...keys);
    if (values.json) printJson(io.stdout, verdict);
    else
      printLine(
        io.stdout,
        printable(`${verdict.holds ? 'HOLDS' : 'SHOWS NOTHING'}  ${path}: ${inWords(verdict)}`),
      );
    return verdict.holds ? EXIT.ok : EXIT.failed;
  },
});

async function read(path: string, shown: string): Promise<Evidence> {
  const text = await readText(path, shown);
  if (text.includes('"ingam-observation-v1"')) {
    throw new Failure(
      'malformed',
      `${shown} is an observation of a member, which nothing signed by the log proves to others`,
      {
        code: 'not_provable',
      },
    );
  }
  try {
    return parseEvidence(text);
  } catch (error) {
    throw malformed(error, shown, 'evidence');
  }
}

function originOf(evidence: Evidence): string {
  try {
    return parseCheckpoint((evidence.kind === 'fork' ? evidence.first : evidence.checkpoint).text).origin;
  } catch (error) {
    if (error instanceof ProofError) return '';
    throw error;
  }
}

function inWords(verdict: EvidenceVerdict): string {
  if (!verdict.holds) return verdict.message;
  if (verdict.kind === 'rule')
    return `${verdict.origin} has signed block ${verdict.height}, which breaks the rule ${verdict.rule}`;
  const [first, second] = verdict.sizes;
  return `${verdict.origin} has signed two histories: its checkpoints over ${first} and ${second} blocks contradict each other`;
}
