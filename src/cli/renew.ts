import { resolve } from 'node:path';
import { Checker, NewerLists, parseTimeSources, RevocationLists, stamp } from '../anchoring/index.js';
import { SourceError } from '../anchoring/request.js';
import { NODE, nodeSha256 } from '../crypto/primitives.js';
import {
  formatProof,
  inclusionPath,
  leafHash,
  merkleRoot,
  parseProof,
  PENDING_FORMAT,
  ProofError,
  type ProofFile,
  toHex,
  verify,
} from '../proof/index.js';
import {
  formatAnchor,
  readAnchor,
  renewedBytes,
  type Anchor,
  type KeptToken,
  type Renewal,
  type Rfc3161Anchor,
} from '../proof/time/anchor.js';
import { defineCommand } from './command.js';
import { Failure, usageError } from './failure.js';
import { readProof, readSmall, writeWhole } from './files.js';
import { EXIT, type Io, printJson, printLine } from './io.js';
import { renewDocument } from './renew-document.js';
import { loadTrust, TRUST_OPTIONS } from './trust-store.js';
import { renewalMessages } from './messages/renewal.js';
import { SUMMARIES } from './summaries.js';

export const renewCommand = defineCommand({
  name: 'renew',
  summary: SUMMARIES.renew,
  usage: '[--document FILE] PROOF… --tsa URL --root FILE [--trust FILE]',
  text: {
    en: `Has one new time-stamp made over all time-stamps in these proofs, and adds it to each of them. So they still
count when the certificate of an old one has ended, or its key was stolen: verifiers then see that it existed before.
Any time-stamping authority (RFC 3161) will do; whoever verifies must trust it, by a line "#tsa" in the trust policy.

The revocation lists that the old certificates name are fetched and added, as far as they end in a certificate of your
trust policy or in the one given: later, nobody issues them any more. A list that cannot be had is left out.

The service renews what it keeps by itself: "ingam upgrade" fetches that. This command is for proofs whose service is
gone.

With --document FILE, the document of one PROOF is read, and one time-stamp is made over document and whole proof,
by SHA3-512 and SHA-512: for the day on which SHA-256 is weak. The authority's signatures and certificates must not rest
on SHA-256 either. "ingam verify FILE PROOF" then says by when the two existed together.

The paths of the renewed proofs are written to standard output, one per line. All are renewed, or none.`,
    ko: `지정한 증명 파일의 모든 타임스탬프에 대해 새 타임스탬프를 하나 받아 각 증명 파일에 더합니다. 그러면 이전
타임스탬프의 인증서가 만료되거나 키가 도난당해도 그 전에 있었음을 확인할 수 있어 계속 인정됩니다. 타임스탬프
기관(RFC 3161)은 아무 곳이나 쓸 수 있지만, 확인하는 사람이 신뢰 정책의 "#tsa" 줄로 그 기관을 신뢰해야 합니다.

이전 인증서에 적힌 폐지 목록 가운데 신뢰 정책이나 지정한 인증서로 이어지는 것을 받아 더합니다. 나중에는 아무도
발급하지 않기 때문입니다. 받을 수 없는 목록은 뺍니다.

서비스가 보관하는 것은 서비스가 저절로 갱신하며 "ingam upgrade"로 받을 수 있습니다. 이 명령은 서비스가 없어진 증명을
위한 것입니다.

--document FILE을 쓰면 PROOF 하나의 문서를 읽어 문서와 증명 전체에 대해 SHA3-512와 SHA-512로 타임스탬프를 하나
받습니다. SHA-256이 약해질 날을 위한 것입니다. 기관의 서명과 인증서도 SHA-256에 기대지 않아야 합니다. 그러면 "ingam
verify FILE PROOF"가 둘이 함께 언제까지 있었는지 알려 줍니다.

갱신한 증명 파일의 경로를 표준 출력에 한 줄에 하나씩 씁니다. 모두 갱신하거나 하나도 갱신하지 않습니다.`,
  },
  options: {
    tsa: { type: 'string', value: 'URL', help: { en: 'the time-stamping authority', ko: '타임스탬프 기관' } },
    root: {
      type: 'string',
      value: 'FILE',
      help: { en: 'its root certificate, as PEM', ko: '그 기관의 루트 인증서(PEM)' },
    },
    document: {
      type: 'string',
      value: 'FILE',
      help: {
        en: 'stamp this document with its proof, without SHA-256',
        ko: 'SHA-256 없이 이 문서와 증명에 타임스탬프를 받음',
      },
    },
    trust: TRUST_OPTIONS.trust,
    json: { type: 'boolean', help: { en: 'print the outcome as JSON', ko: '결과를 JSON으로 출력' } },
  },
  positionals: { min: 1, max: Infinity, missing: { en: 'missing PROOF', ko: 'PROOF를 지정하세요' } },
  async run({ values: { tsa, root, document, trust, json }, positionals }, io) {
    if (tsa === undefined) throw usageError(renewalMessages().missingTsa);
    if (root === undefined) throw usageError(renewalMessages().missingRoot);
    const source = sourceOf(tsa, root, await readSmall(resolve(io.cwd, root), root));
    if (document !== undefined) {
      const [path = '', ...more] = positionals;
      if (more.length > 0) throw usageError(renewalMessages().oneProof);
      await renewDocument(document, path, source, io);
      if (json) printJson(io.stdout, { proofs: [path] });
      else printLine(io.stdout, path);
      return EXIT.ok;
    }
    const { policy } = await loadTrust({ trust, key: [] }, io);
    const authorities = policy?.time.authorities.flatMap(({ roots }) => roots.map(({ der }) => der)) ?? [];
    const proofs: { readonly path: string; readonly proof: ProofFile }[] = [];
    for (const path of positionals) proofs.push({ path, proof: await readFinal(path, io) });
    const renewed = await renewAll(proofs, source, [...source.roots, ...authorities], io);
    for (const { path, proof } of renewed)
      await writeWhole(resolve(io.cwd, path), path, formatProof(proof), true);
    if (json) printJson(io.stdout, { proofs: renewed.map(({ path }) => path) });
    else for (const { path } of renewed) printLine(io.stdout, path);
    return EXIT.ok;
  },
});

type Source = Parameters<typeof stamp>[0];

/** The same rules as in a file of time sources. */
function sourceOf(url: string, root: string, certificate: Uint8Array): Source {
  const { sources, mistakes } = parseTimeSources(`tsa authority ${url} root FILE`, () => certificate);
  const [source] = sources.anchors;
  if (source?.type === 'tsa' && mistakes.length === 0) return source;
  const said = mistakes.map((mistake) =>
    mistake.replace('line 1: ', '').replace('FILE holds', `${root} holds`),
  );
  throw usageError(renewalMessages().badAuthority(said.join('; ')));
}

async function readFinal(path: string, io: Io): Promise<ProofFile> {
  const proof = await readProof(resolve(io.cwd, path), path);
  if (proof.format !== PENDING_FORMAT && proof.anchors.some((anchor) => tokenIn(anchor) !== null))
    return proof;
  const why = proof.format === PENDING_FORMAT ? renewalMessages().isPending : renewalMessages().hasNone;
  throw new Failure('conflict', renewalMessages().notRenewable(path, why));
}

/** null: another anchor, or one that cannot be read. */
function tokenIn(anchor: Anchor): Rfc3161Anchor | null {
  try {
    const known = readAnchor(anchor);
    return known?.type === 'rfc3161' ? known : null;
  } catch (error) {
    if (error instanceof ProofError) return null;
    throw error;
  }
}

/** What the next renewal covers: the last renewal, or the first token. */
const lastOf = ({ renewals, ...own }: Rfc3161Anchor): KeptToken => renewals.at(-1) ?? own;

const nameOf = (kept: KeptToken) => toHex(leafHash(renewedBytes(kept, []), nodeSha256));

/** A token in the tree that is stamped. */
interface Leaf {
  readonly index: number;
  readonly renewedCrls: readonly Uint8Array[];
  readonly hash: Uint8Array;
}

async function renewAll(
  proofs: readonly { readonly path: string; readonly proof: ProofFile }[],
  source: Source,
  /** Of chains that end in one of them, revocation lists are fetched. */
  roots: readonly Uint8Array[],
  { signal }: Io,
): Promise<{ readonly path: string; readonly proof: ProofFile }[]> {
  const tokens = proofs.flatMap(({ proof }) => proof.anchors.flatMap((anchor) => tokenIn(anchor) ?? []));
  const checker = new Checker();
  try {
    const lists = new RevocationLists(checker);
    const newer = new NewerLists(checker, lists, roots, { signal });
    const leaves = new Map<string, Leaf>();
    for (const last of tokens.map(lastOf)) {
      if (leaves.has(nameOf(last))) continue;
      const renewedCrls = await newer.about(last);
      const hash = leafHash(renewedBytes(last, renewedCrls), nodeSha256);
      leaves.set(nameOf(last), { index: leaves.size, renewedCrls, hash });
    }
    const hashes = [...leaves.values()].map(({ hash }) => hash);
    const made = await stamp(source, merkleRoot(hashes, nodeSha256), checker, lists, { signal });
    const renewalOf = (anchor: Rfc3161Anchor): Renewal => {
      const leaf = leaves.get(nameOf(lastOf(anchor)));
      if (leaf === undefined) throw new Error('a token has no leaf');
      const { index, renewedCrls } = leaf;
      const { token, crls } = made;
      return { size: hashes.length, index, path: inclusionPath(index, hashes), renewedCrls, token, crls };
    };
    return proofs.map(({ path, proof }) => {
      const anchors = proof.anchors.map((anchor) => {
        const known = tokenIn(anchor);
        return known === null
          ? anchor
          : formatAnchor({ ...known, renewals: [...known.renewals, renewalOf(known)] });
      });
      return { path, proof: checked({ ...proof, anchors }) };
    });
  } catch (error) {
    if (error instanceof SourceError)
      throw new Failure('unreachable', renewalMessages().noTimeStamp(error.message), {
        cause: error,
      });
    throw error;
  } finally {
    await checker.close();
  }
}

/** As it will be read. */
function checked(proof: ProofFile): ProofFile {
  const read = parseProof(formatProof(proof));
  if (
    read.format === PENDING_FORMAT ||
    verify({ proof: read, document: null, policy: null, primitives: NODE }).verdict === 'invalid'
  )
    throw new Failure('malformed', renewalMessages().wouldBeInvalid);
  return read;
}
