import { toHex } from '../../../proof/bytes.js';
import { entryLeafHash, notarizationId } from '../../../proof/entry.js';
import { printable } from '../../../proof/errors.js';
import { PENDING_FORMAT, type PendingProof, type ProofFile } from '../../../proof/proof-file.js';
import type { ChosenFile } from '../../lib/files.js';
import { type HashedDocument, type Parsed, PROOF_ENDING } from './files.js';

/** What was given, as it was read. */
export type Reading =
  | { readonly as: 'document'; readonly document: HashedDocument }
  /** `sha256`: of a certificate as a file; null otherwise. */
  | { readonly as: 'proof'; readonly parsed: Parsed; readonly sha256: Uint8Array | null }
  /** A notarization of the service. `document`: as the link states it; null: it states none. */
  | { readonly as: 'link'; readonly id: string; readonly document: HashedDocument | null }
  /** The file can no longer be read. */
  | { readonly as: 'gone' };

export interface Given {
  /** Unique. */
  readonly key: string;
  /** null: it was pasted. */
  readonly file: ChosenFile | null;
  /** Path of the file, or what was pasted. */
  readonly name: string;
}

export interface Read extends Given {
  readonly reading: Reading;
}

/** What is checked together: a document with a proof, one of them alone, or what cannot be read. */
export interface Arranged {
  /** Unique among what is checked; the same as long as it is made of the same. */
  readonly key: string;
  readonly name: string;
  readonly document: (HashedDocument & { readonly file: ChosenFile | null }) | null;
  readonly proof: { readonly parsed: Parsed; readonly path: string } | null;
  /** A pending proof that was kept; null: none. */
  readonly receipt: PendingProof | null;
  /** Of the service; null: it is not known yet. */
  readonly id: string | null;
  readonly gone: boolean;
}

/** A proof, and the pending proof of the same document that was kept with it. */
interface Unit {
  readonly proof: Proof;
  readonly receipt: { readonly key: string; readonly proof: PendingProof } | null;
  /** Digest of its document in hexadecimal; null: it names none, or cannot be read. */
  readonly claim: string | null;
}
type Proof = Read & { readonly reading: Extract<Reading, { as: 'proof' }> };
type Link = Read & { readonly reading: Extract<Reading, { as: 'link' }> };
type Document = Read & { readonly hashed: HashedDocument };

export function isPending(proof: ProofFile | PendingProof): proof is PendingProof {
  return proof.format === PENDING_FORMAT;
}

/** Name of the log, as it can be shown. */
export function originOf(proof: ProofFile | PendingProof): string {
  return printable(isPending(proof) ? proof.receipt.origin : proof.log.checkpoint.origin);
}

/** Of the entry in the log. */
export function positionOf(proof: ProofFile | PendingProof): number {
  return isPending(proof) ? proof.position : proof.block.header.firstPosition + proof.block.index;
}

/**
 * Puts together what belongs together: each document with every proof that names its digest, then by the names
 * of the files, and at last a single document with a single proof or link, whatever they say. A link to a proof
 * that is here as a file says nothing more. Everything else given is in at least one of the results, in the order in which it was given. A certificate is a proof; when another
 * proof names it, it is a document as well, or only that unless it is the proof of a document here.
 */
export function arrange(read: readonly Read[]): Arranged[] {
  const proofs = read.filter((each): each is Proof => each.reading.as === 'proof');
  const claimed = new Set(proofs.flatMap(({ reading }) => claimOf(reading.parsed) ?? []));
  const documents = read.flatMap((each): Document[] => {
    const { reading } = each;
    if (reading.as === 'document') return [{ ...each, hashed: reading.document }];
    const sha256 = reading.as === 'proof' ? reading.sha256 : null;
    if (sha256 === null || !claimed.has(toHex(sha256))) return [];
    return [{ ...each, hashed: { name: baseName(each.name), size: each.file?.file.size ?? null, sha256 } }];
  });
  const here = new Set(documents.map(({ hashed }) => toHex(hashed.sha256)));
  const keys = new Set(documents.map(({ key }) => key));
  const units = unitsOf(proofs).filter(
    ({ proof, claim }) => !keys.has(proof.key) || (claim !== null && here.has(claim)),
  );
  const free = new Set(units);
  const found = new Map<Document, readonly Unit[]>();
  const pair = (document: Document, fitting: readonly Unit[]) => {
    if (fitting.length === 0) return;
    found.set(document, fitting);
    for (const unit of fitting) free.delete(unit);
  };
  for (const document of documents) {
    const digest = toHex(document.hashed.sha256);
    pair(
      document,
      units.filter(({ claim }) => claim === digest),
    );
  }
  for (const document of documents.filter((each) => !found.has(each))) {
    const names = [`${document.name}${PROOF_ENDING}`, `${document.name}.certificate.pdf`];
    pair(
      document,
      [...free].filter(({ proof }) => names.includes(proof.name)),
    );
  }
  const [onlyDocument, onlyUnit] = [documents[0], units[0]];
  const links = read.filter(
    (each): each is Link => each.reading.as === 'link' && !isAmong(each.reading.id, proofs),
  );
  const isPair = documents.length === 1 && units.length === 1 && links.length === 0;
  if (isPair && onlyDocument !== undefined && onlyUnit !== undefined) pair(onlyDocument, [onlyUnit]);

  const [onlyLink] = links;
  if (onlyLink !== undefined && links.length === 1 && onlyDocument !== undefined && read.length === 2) {
    const { hashed, key, file, name } = onlyDocument;
    const { id } = onlyLink.reading;
    return [{ ...NOTHING, key: `${key}/${onlyLink.key}`, name, document: { ...hashed, file }, id }];
  }

  return read.flatMap((each): Arranged[] => {
    const { reading, key, name } = each;
    if (reading.as === 'gone') return [{ ...NOTHING, key, name, gone: true }];
    if (reading.as === 'link') {
      if (!links.some((link) => link.key === key)) return [];
      const document = reading.document === null ? null : { ...reading.document, file: null };
      return [{ ...NOTHING, key, name, document, id: reading.id }];
    }
    const document = documents.find((own) => own.key === key);
    const fitting = document === undefined ? [] : (found.get(document) ?? []);
    const own = units.find(({ proof }) => proof.key === key);
    return [
      ...(document === undefined
        ? []
        : fitting.length === 0
          ? [together(document, null)]
          : fitting.map((unit) => together(document, unit))),
      ...(own === undefined || !free.has(own) ? [] : [together(null, own)]),
    ];
  });
}

const NOTHING = { document: null, proof: null, receipt: null, id: null, gone: false };

function together(document: Document | null, unit: Unit | null): Arranged {
  const key = [document?.key, unit?.proof.key, unit?.receipt?.key].join('/');
  return {
    ...NOTHING,
    key,
    name: document?.name ?? unit?.proof.name ?? '',
    document: document === null ? null : { ...document.hashed, file: document.file },
    proof: unit === null ? null : { parsed: unit.proof.reading.parsed, path: unit.proof.name },
    receipt: unit?.receipt?.proof ?? null,
  };
}

/** A pending proof beside final ones of the same document is a receipt that was kept for one of them. */
function unitsOf(proofs: readonly Proof[]): Unit[] {
  const pending = new Map<string, { readonly key: string; readonly proof: PendingProof }[]>();
  for (const { key, reading } of proofs) {
    const { parsed } = reading;
    if (!('proof' in parsed) || !isPending(parsed.proof)) continue;
    const claim = toHex(parsed.proof.document.sha256);
    pending.set(claim, [...(pending.get(claim) ?? []), { key, proof: parsed.proof }]);
  }
  const used = new Set<string>();
  const finals = proofs.filter(({ reading }) => !isPendingFile(reading.parsed));
  const units = finals.map((proof): Unit => {
    const { parsed } = proof.reading;
    const claim = claimOf(parsed);
    const receipts = claim === null ? [] : (pending.get(claim) ?? []);
    const receipt =
      receipts.find((each) => 'proof' in parsed && isOfEntry(each.proof, parsed.proof)) ?? receipts[0];
    if (receipt !== undefined) used.add(receipt.key);
    return { proof, receipt: receipt ?? null, claim };
  });
  const alone = proofs.filter(({ key, reading }) => isPendingFile(reading.parsed) && !used.has(key));
  return [
    ...units,
    ...alone.map((proof) => ({ proof, receipt: null, claim: claimOf(proof.reading.parsed) })),
  ];
}

/** Whether one of the proofs is that of the notarization. An id can have the key to its details at the end. */
function isAmong(id: string, proofs: readonly Proof[]): boolean {
  return proofs.some(({ reading: { parsed } }) => {
    if (!('proof' in parsed)) return false;
    const { proof } = parsed;
    return id.startsWith(notarizationId(positionOf(proof), proof.entry.salt));
  });
}

function isPendingFile(parsed: Parsed): boolean {
  return 'proof' in parsed && isPending(parsed.proof);
}

function isOfEntry(pending: PendingProof, proof: ProofFile | PendingProof): boolean {
  return toHex(entryLeafHash(pending.entry)) === toHex(entryLeafHash(proof.entry));
}

function claimOf(parsed: Parsed): string | null {
  return 'proof' in parsed ? toHex(parsed.proof.document.sha256) : null;
}

function baseName(path: string): string {
  return path.split('/').at(-1) ?? path;
}

const PACK_LIST = 'SHA256SUMS';
/** What is checked of an evidence pack; its other files are for other tools. */
const PACK_CHECKED = /^(document\/|proof-\d+\/(proof\.ingam\.json|certificate\.pdf)$)/;

/** Takes out the files of evidence packs that are there for other tools. */
export function withoutPackTools(files: readonly ChosenFile[]): {
  readonly files: readonly ChosenFile[];
  readonly leftOut: readonly string[];
} {
  const paths = new Set(files.map(({ path }) => path));
  const packs = [...paths].flatMap((path) => {
    const root = path.endsWith(PACK_LIST) ? path.slice(0, -PACK_LIST.length) : null;
    return root !== null && paths.has(`${root}proof-1/proof.ingam.json`) ? [root] : [];
  });
  const isTool = (path: string) =>
    packs.some((root) => path.startsWith(root) && !PACK_CHECKED.test(path.slice(root.length)));
  return {
    files: files.filter(({ path }) => !isTool(path)),
    leftOut: files.flatMap(({ path }) => (isTool(path) ? [path] : [])),
  };
}
