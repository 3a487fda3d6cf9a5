import { NODE_VERIFIERS } from '../crypto/primitives.js';
import {
  checkSignature,
  cosignatureLine,
  equal,
  isObject,
  type Json,
  parseNote,
  ProofError,
  toHex,
  utf8,
  type VerifierKey,
} from '../proof/index.js';
import { Fingerprint } from '../intake/submission.js';
import {
  type CosignaturePlace,
  type IdempotencyRow,
  lexemesOf,
  type RecordRows,
  runMac,
  type RunRow,
} from '../store/index.js';
import { checkAccess } from './access-check.js';
import { checkAnchors } from './anchor-check.js';
import { checkErasures, type KeyTime } from './erasure-check.js';
import { checkVaultRows } from './vault-check.js';
import { type AuditNote, finding, type Findings, show } from './finding.js';

const PAGE = 1024;
/** Most rows of one kind that are named. */
const LIMIT = 1000;
/** Most positions that a note lists. */
const LISTED = 100;

export interface RecordsOptions {
  readonly rows: RecordRows;
  /** Keys of the members that cosign the log. */
  readonly members: readonly VerifierKey[];
  /** Under which the service makes MACs of rows, or made them earlier; null: they are unknown. */
  readonly rowKeys: readonly Uint8Array[] | null;
  /** When each key of the log was in use; null: unknown. */
  readonly logKeys: readonly KeyTime[] | null;
  readonly findings: Findings;
  readonly notes: AuditNote[];
  readonly notChecked: AuditNote[];
  readonly onPage: () => void;
}

/**
 * Compares everything beside the chain with the chain, with the access log, and with the keys that are known:
 * who submitted, what is public, words, idempotency keys, cosignatures, accounts. Memory grows with the number
 * of accounts, not with that of entries.
 */
export async function checkRecords(options: RecordsOptions): Promise<void> {
  const { rowKeys, notChecked } = options;
  if (rowKeys === null) {
    notChecked.push({
      about: 'who submitted, anchors, and the access log',
      message:
        'not checked whether the service has written these rows: that needs its secret. Give --data-dir DIR or INGAM_SECRET.',
    });
  }
  await checkWords(options);
  await checkPublications(options);
  await checkBodyErasures(options);
  await checkErasures(options);
  await checkVaultRows(options);
  await checkSubmitters(options);
  await checkIdempotency(options);
  await checkCosignatures(options);
  await checkAnchors(options);
  await checkAccess(options);
  await nameErased(options);
}

async function checkWords({ rows, findings, onPage }: RecordsOptions): Promise<void> {
  let after = -1n;
  for (;;) {
    const page = await rows.words(after, PAGE);
    for (const { position, keyed, json, words, tags, organization_number: organization } of page) {
      after = position;
      if (keyed) {
        if (words === null) continue;
        const message = `The search words of position ${position} are not encrypted, although its details are.`;
        findings.add(finding('details_words', { position }, null, 'extra', message));
        continue;
      }
      const expected = json === null && tags.length === 0 ? null : expectedWords(organization, json, tags);
      if (expected === null) {
        // The chain's part names details that cannot be read; words without details are named here.
        if (words !== null && json === null) {
          const message = `There are search words for position ${position}, but no details.`;
          findings.add(finding('details_words', { position }, null, 'extra', message));
        }
        continue;
      }
      if (sameWords(expected, words ?? [])) continue;
      const message = `The search words of position ${position} are not those of its details and tags: its organization does not find it by them.`;
      const values = { expected: show(expected.join(' ')), found: show((words ?? []).join(' ')) };
      const column = words === null ? null : 'words';
      findings.add(finding('details_words', { position }, column, 'words_mismatch', message, values));
    }
    onPage();
    if (page.length < PAGE) return;
  }
}

/** null: the details are none that the service writes. */
function expectedWords(
  organization: number | null,
  json: string | null,
  tags: readonly string[],
): string[] | null {
  try {
    const details = JSON.parse(json ?? '{}') as Json;
    if (!isObject(details)) return null;
    return organization === null ? [] : lexemesOf(organization, details, tags);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function sameWords(expected: readonly string[], found: readonly string[]): boolean {
  const wanted = new Set(expected);
  return wanted.size === new Set(found).size && found.every((word) => wanted.has(word));
}

async function checkPublications({ rows, findings, onPage }: RecordsOptions): Promise<void> {
  for (const { position, published_at, told_at, publishable } of await rows.publications(LIMIT)) {
    const add = (
      column: string | null,
      problem: 'missing' | 'unexplained',
      message: string,
      values: { readonly expected?: string; readonly found?: string } = {},
    ) => {
      findings.add(finding('publication', { position }, column, problem, message, values));
    };
    if (published_at === null) {
      add(
        null,
        'missing',
        `The access log tells that the details of position ${position} are public, but they are not.`,
      );
    } else if (told_at === null) {
      add(
        null,
        'unexplained',
        `The details of position ${position} are public, but no event tells that its organization published them.`,
      );
    } else if (!publishable) {
      add(
        null,
        'unexplained',
        `The details of position ${position} are public, but the entry is erased, or is not that organization's.`,
      );
    } else {
      const values = { expected: show(told_at), found: show(published_at) };
      add(
        'published_at',
        'unexplained',
        `The details of position ${position} were published at another time.`,
        values,
      );
    }
  }
  onPage();
}

async function checkBodyErasures({ rows, findings, onPage }: RecordsOptions): Promise<void> {
  for (const { position, told } of await rows.bodyErasures(LIMIT)) {
    const message = told
      ? `The access log tells that the body of the event at position ${position} was erased, but that is not recorded.`
      : `The body of the event at position ${position} is erased, but no event tells who erased it.`;
    findings.add(finding('body_erasure', { position }, null, told ? 'missing' : 'unexplained', message));
  }
  onPage();
}

async function checkSubmitters(options: RecordsOptions): Promise<void> {
  const { rows, rowKeys, findings, onPage } = options;
  for (const { first_position: first, submitted_by: by } of await rows.unknownSubmitters(LIMIT)) {
    const message = `The register row from position ${first} on names a submitter that the organization did not have: ${by}.`;
    findings.add(finding('register_run', { first_position: first }, 'submitted_by', 'unexplained', message));
  }
  onPage();
  if (rowKeys !== null) await checkRuns(rowKeys, options);
}

async function checkRuns(
  rowKeys: readonly Uint8Array[],
  { rows, findings, notChecked, onPage }: RecordsOptions,
): Promise<void> {
  let after = -1n;
  let unsealed = 0;
  for (;;) {
    const page = await rows.runs(after, PAGE);
    for (const row of page) {
      after = row.first_position;
      if (row.leaf === null) unsealed++;
      else if (!isGenuine(row, row.leaf, rowKeys)) {
        const message = `The register row from position ${after} on is not as the service wrote it, or was written with another secret than those given: ${row.submitted_by} may not have submitted it.`;
        findings.add(finding('register_run', { first_position: after }, null, 'not_authentic', message));
      }
    }
    onPage();
    if (page.length < PAGE) break;
  }
  if (unsealed > 0) {
    const message = `${unsealed} register rows of entries that no block holds yet were not checked.`;
    notChecked.push({ about: 'who submitted', message });
  }
}

function isGenuine(row: RunRow, leaf: Uint8Array, rowKeys: readonly Uint8Array[]): boolean {
  const { mac } = row;
  const facts = {
    organization: row.organization_number,
    acceptedAt: Number(row.accepted_at),
    count: row.entry_count,
    submittedBy: row.submitted_by,
    leaf,
  };
  return mac !== null && rowKeys.some((key) => equal(mac, runMac(key, facts)));
}

const ANONYMOUS_SCOPE = 'anonymous:';

async function checkIdempotency(options: RecordsOptions): Promise<void> {
  const { rows, findings, onPage } = options;
  let after = { scope: '', key: '' };
  for (;;) {
    const page = await rows.idempotency(after, PAGE);
    const sound: IdempotencyRow[] = [];
    for (const row of page) {
      const { scope, key, fingerprint, entry_count: count } = row;
      after = { scope, key };
      const add = (column: string, message: string) => {
        findings.add(finding('idempotency', { scope, key }, column, 'unexplained', message));
      };
      const own = row.of_organization || scope === `${ANONYMOUS_SCOPE}${toHex(fingerprint)}`;
      if (!own)
        add(
          'scope',
          `The idempotency key ${key} belongs to no organization, and to no anonymous submission.`,
        );
      else if (row.entries < count || count < 1 || row.fitting < count)
        add(
          'first_position',
          `The idempotency key ${key} does not lead to entries of its owner that were accepted at its time.`,
        );
      else sound.push(row);
    }
    await checkFingerprints(sound, options);
    onPage();
    if (page.length < PAGE) return;
  }
}

/** Documents that are compared at once; one submission may have more. */
const DOCUMENTS = 4096;

/** A repeated submission is recognized by the documents of the first. Those of an erased one are unknown. */
async function checkFingerprints(
  keys: readonly IdempotencyRow[],
  { rows, findings }: RecordsOptions,
): Promise<void> {
  for (let from = 0; from < keys.length;) {
    const some: IdempotencyRow[] = [];
    for (let count = 0; from < keys.length; from++) {
      const next = keys[from];
      if (next === undefined || (count > 0 && count + next.entry_count > DOCUMENTS)) break;
      count += next.entry_count;
      some.push(next);
    }
    const documents = await rows.documents(some);
    for (const [i, { scope, key, fingerprint, of_organization: ofOrganization }] of some.entries()) {
      const own = documents.filter(({ run }) => run === i + 1);
      const found = own.flatMap(({ digest, ...rest }) => (digest === null ? [] : [{ ...rest, digest }]));
      if (found.length < own.length) continue;
      const computed = new Fingerprint(ofOrganization ? scope : null, found.length);
      for (const { digest, size, json } of found) {
        computed.add(digest, size === null ? null : Number(size), json === null ? null : utf8(json));
      }
      const expected = computed.digest();
      if (equal(expected, fingerprint)) continue;
      const message = `The idempotency key ${key} is not for the documents that it leads to.`;
      const values = { expected: toHex(expected), found: toHex(fingerprint) };
      findings.add(finding('idempotency', { scope, key }, 'fingerprint', 'unexplained', message, values));
    }
  }
}

async function checkCosignatures(options: RecordsOptions): Promise<void> {
  const { rows, members, findings, notChecked, onPage } = options;
  const unknown = new Map<string, number>();
  let after: CosignaturePlace | null = null;
  for (;;) {
    const page: Awaited<ReturnType<RecordRows['cosignatures']>> = await rows.cosignatures(after, PAGE);
    for (const row of page) {
      after = row;
      const { size, witness, key_id: keyId, note } = row;
      const add = (column: string | null, problem: 'extra' | 'bad_signature', message: string) => {
        const place = { witness, key_id: toHex(keyId), size };
        findings.add(finding('cosignature', place, column, problem, message));
      };
      const key = members.find((each) => each.name === witness && equal(each.keyId, keyId));
      if (note === null)
        add(null, 'extra', `${witness} has cosigned ${size} blocks, but there is no such checkpoint.`);
      else if (key === undefined) {
        const name = `${witness}+${toHex(keyId)}`;
        unknown.set(name, (unknown.get(name) ?? 0) + 1);
      } else if (!holds(row, note, key))
        add(
          'signature',
          'bad_signature',
          `The cosignature of ${witness} under the checkpoint over ${size} blocks is invalid.`,
        );
    }
    onPage();
    if (page.length < PAGE) break;
  }
  for (const [name, count] of unknown) {
    notChecked.push({
      about: 'cosignatures',
      message: `${count} of ${name}: its key is not known. Give a trust policy that lists it with --trust.`,
    });
  }
}

function holds(
  row: { readonly signed_at: bigint; readonly signature: Uint8Array },
  noteText: string,
  key: VerifierKey,
): boolean {
  try {
    const { text } = parseNote(noteText);
    const line = cosignatureLine({
      name: key.name,
      keyId: key.keyId,
      time: Number(row.signed_at),
      signature: row.signature,
    });
    return checkSignature({ text, signatures: [line] }, key, NODE_VERIFIERS).state === 'good';
  } catch (error) {
    if (error instanceof ProofError) return false;
    throw error;
  }
}

async function nameErased({ rows, notes }: RecordsOptions): Promise<void> {
  const positions = await rows.erasedPositions(LISTED + 1);
  if (positions.length === 0) return;
  const listed = positions.slice(0, LISTED).join(', ');
  const message = `erased at these positions: ${listed}${positions.length > LISTED ? ' …' : ''}. The log proves what was erased only to those who have its proof, and nothing here proves who erased it.`;
  notes.push({ about: 'erasures', message });
}
