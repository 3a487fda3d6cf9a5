import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createCertificate } from '../certificate/certificate.js';
import { NODE, nodeSha256 } from '../crypto/primitives.js';
import { buildPack, MAX_PACKED_DOCUMENT, zipPack, type PackInput } from '../pack/index.js';
import { PENDING_FORMAT, verify, type ProofFile, type Verification } from '../proof/index.js';
import { asUsage, languageOf } from './certificate.js';
import { defineCommand } from './command.js';
import { Failure, isMissing } from './failure.js';
import {
  assertFile,
  hashDocument,
  PROOF_SUFFIX,
  readHead,
  readProofOrCertificate,
  writeNew,
} from './files.js';
import { EXIT, formatBytes, type Io, printLine, printNote } from './io.js';
import { withSuffix } from './paths.js';
import { timeInput } from './time.js';
import { loadTrust, TRUST_OPTIONS } from './trust-store.js';

const MAX_PROOFS = 64;

export const evidencePackCommand = defineCommand({
  name: 'evidence-pack',
  summary: 'put a document, its proofs and all evidence into a zip for a court',
  usage: 'FILE [PROOF…] [--without-document] [--lang en|ko] [--out FILE.zip]',
  text: `Writes a zip for a lawyer or a court expert: the document, each PROOF whole and in the parts that stock tools
need (keys, signatures, time-stamp tokens, OpenTimestamps files), a list of claims with the command that checks each,
certificates, the verifier in one file, forms of declarations, and what all this does not show. No network is used. The
same input gives the same zip. An existing file is never replaced.

PROOF defaults to FILE${PROOF_SUFFIX}. It can also be a certificate. A proof that is not verified with the keys that you
trust is packed too: then the pack says so first, and the exit code is 1.`,
  options: {
    ...TRUST_OPTIONS,
    'without-document': {
      type: 'boolean',
      help: 'leave the document out: it is secret, or too large',
    },
    lang: {
      type: 'string',
      value: 'LANG',
      help: 'language of the certificates, en or ko; the texts are in both\n(default: from $LC_ALL, $LC_MESSAGES or $LANG, else en)',
    },
    tz: {
      type: 'string',
      value: 'ZONE',
      help: 'time zone shown on the certificates in addition to UTC (default: none)',
    },
    out: {
      type: 'string',
      value: 'FILE',
      help: 'output file (default: FILE with .evidence.zip)',
    },
  },
  positionals: { min: 1, max: 1 + MAX_PROOFS, missing: 'missing FILE' },
  async run({ values, positionals: [file = '', ...given] }, io) {
    const language = languageOf(values.lang, io);
    const shown = values.out ?? withSuffix(file, '.evidence.zip');
    const paths = given.length === 0 ? [withSuffix(file, PROOF_SUFFIX)] : given;
    const { policy } = await loadTrust(values, io);
    const read: ProofFile[] = [];
    for (const path of paths) {
      const proof = await readProofOrCertificate(resolve(io.cwd, path), path);
      if (proof.format === PENDING_FORMAT) {
        printNote(io, `${path} is not sealed yet. Get the final proof with: ingam upgrade ${path}`);
        return EXIT.pending;
      }
      read.push(proof);
    }
    const verifier = await offlineVerifier();
    const document = await readDocument(file, values['without-document'], io);
    const proofs: PackInput['proofs'][number][] = [];
    for (const proof of read) {
      const verification = verify({
        proof,
        document: document.facts,
        policy,
        primitives: NODE,
        ...(await timeInput(proof)),
      });
      const certificate =
        verification.verdict !== 'verified'
          ? null
          : await createCertificate({
              proof,
              verification,
              name: document.name,
              language,
              timeZone: values.tz ?? 'UTC',
              verifyPage: null,
            }).catch(asUsage);
      proofs.push({ proof, verification, certificate });
    }
    const files = buildPack({ proofs, document, policy, verifier, sha256: nodeSha256 });
    const sealedAt = Math.max(...read.map(({ block }) => block.header.sealedAt));
    await writeNew(resolve(io.cwd, shown), shown, zipPack(files, sealedAt));
    printLine(io.stdout, shown);
    const failed = proofs.flatMap(({ verification }, i) => notVerified(paths[i] ?? '', verification));
    printNote(io, ...failed);
    return failed.length === 0 ? EXIT.ok : EXIT.failed;
  },
});

function notVerified(path: string, { verdict, steps }: Verification): string[] {
  if (verdict === 'verified') return [];
  const failure = steps.find(({ outcome }) => outcome === 'failed');
  const hint =
    failure?.code === 'no_trusted_key' ? " Give the log's key with --trust FILE or --key VKEY." : '';
  return [`The pack says that ${path} is not verified: ${failure?.message ?? ''}${hint}`];
}

async function readDocument(file: string, without: boolean, io: Io): Promise<PackInput['document']> {
  const path = resolve(io.cwd, file);
  const name = basename(file);
  if (without) return { name, facts: await hashDocument(path, file, io), bytes: null };
  const size = await assertFile(path, file);
  // A device states no size.
  const bytes = size > MAX_PACKED_DOCUMENT ? null : await readHead(path, file, MAX_PACKED_DOCUMENT + 1);
  if (bytes === null || bytes.length > MAX_PACKED_DOCUMENT) {
    throw new Failure('usage', `${file} has more than ${formatBytes(MAX_PACKED_DOCUMENT)}`, {
      code: 'too_long',
      hint: 'Make the pack with --without-document, and hand the document over beside it.',
    });
  }
  return { name, facts: { sha256: nodeSha256(bytes), size: bytes.length }, bytes };
}

/** More than it has. */
const MAX_VERIFIER = 16 * 1024 * 1024;

/** It is built with the web pages, two folders above this file, in the sources and in the build. */
async function offlineVerifier(): Promise<Uint8Array> {
  const path = fileURLToPath(new URL('../../dist/public/verify-offline.html', import.meta.url));
  try {
    return await readHead(path, path, MAX_VERIFIER);
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new Failure('unreadable', 'the verifier in one file is not built', {
      hint: 'Build it with: npm run build',
      cause: error,
    });
  }
}
