import { computed, signal } from '@preact/signals';
import { extendProof } from '../../../proof/extend.js';
import { parseProof, type ProofFile } from '../../../proof/proof-file.js';
import type { JudgeAnchors } from '../../../proof/time/findings.js';
import type * as Pack from '../../../pack/index.js';
import type { ChosenFile } from '../../lib/files.js';
import { Hasher, type HashWorkers } from '../../lib/hasher.js';
import { recall, remember } from '../../lib/language.js';
import { connection } from '../../lib/request.js';
import {
  arrange,
  type Arranged,
  type Given,
  isPending,
  type Read,
  type Reading,
  withoutPackTools,
} from './arrange.js';
import { check, type Directory, type HistoryCode, idOf, type Outcome, timeInput } from './check.js';
import {
  digestOfCertificate,
  isCertificate,
  isProof,
  PROOF_ENDING,
  HISTORY_ENDING,
  readProof,
} from './files.js';
import type { Pasted } from '../../lib/pasted.js';
import { isUnusable, ownTrust, type Trust, type TrustChoice } from './trust.js';
import { unzipped, zipEntries } from './zip.js';

/** What differs between the service's page and the offline file. */
export interface VerifyContext {
  /** Loads the code that judges anchors, which a proof without anchors does not need. */
  readonly judgeAnchors: () => Promise<JudgeAnchors>;
  /** Loads the code that reads and verifies histories of records. */
  readonly histories: () => Promise<HistoryCode>;
  readonly workers: HashWorkers;
  /**
   * The trust that applies unless users enter their own. Rejects as the requests of api.ts do, and with
   * ProofError.
   */
  readonly trust: (signal: AbortSignal) => Promise<Trust>;
  /** null: offline. */
  readonly directory: Directory | null;
  /** What evidence packs are made of. */
  readonly pack: {
    readonly load: () => Promise<Pick<typeof Pack, 'buildPack' | 'MAX_PACKED_DOCUMENT' | 'zipPack'>>;
    /** HTML of the verifier in one file, without anybody's trust in it. */
    readonly verifier: () => Promise<Uint8Array>;
  };
  /** Address of an entry in the explorer; null: offline. */
  readonly entryLink: ((entry: { readonly height: number; readonly index: number }) => string) | null;
  /** Opens the page that notarizes with these files; null: offline. */
  readonly notarize: ((files: readonly ChosenFile[]) => Promise<void>) | null;
}

/** What is checked together, and the outcome. */
export class Case {
  readonly about: Arranged;
  /** null: not checked yet. An older outcome stays until the new one is there. */
  readonly outcome = signal<Outcome | null>(null);
  /** The notarization to check; null: the best evidence. */
  notarization: string | null = null;
  /** The proof with what was added to it; null: as it was given. */
  extended: ProofFile | null = null;

  constructor(about: Arranged) {
    this.about = about;
  }
}

export interface Work {
  /** Files that have been read, or results that are there, of all. */
  readonly done: number;
  readonly all: number;
  /** Of the file that is read; null: the checks are made. */
  readonly file: { readonly name: string; readonly bytes: number; readonly size: number } | null;
}

const TRUST_KEY = 'ingam.trust';
/** A key is checked after a pause in typing. */
const TYPING_MS = 250;
const AT_ONCE = 4;

/** Everything that was given, and what came out of it. Every change checks what it concerns. */
export class Checks {
  readonly context: VerifyContext;
  readonly #hasher: Hasher;
  readonly #given = signal<readonly Given[]>([]);
  readonly #cases = signal<readonly Case[]>([]);
  readonly #work = signal<Work | null>(null);
  readonly #leftOut = signal<readonly string[]>([]);
  readonly #unread = signal<readonly string[]>([]);
  readonly #trust = signal(rememberedTrust());
  readonly #readings = new Map<string, Reading>();
  readonly #count = computed(() => this.#cases.value.filter(({ outcome }) => outcome.value !== null).length);
  /** Which pending proofs are followed, in which run. */
  readonly #followed = new WeakMap<Case, AbortSignal>();
  #typing: ReturnType<typeof setTimeout> | undefined;
  #running = new AbortController();
  #keys = 0;

  constructor(context: VerifyContext) {
    this.context = context;
    this.#hasher = new Hasher(context.workers);
  }

  get given(): readonly Given[] {
    return this.#given.value;
  }

  get cases(): readonly Case[] {
    return this.#cases.value;
  }

  /** null: none. */
  get work(): Work | null {
    return this.#work.value;
  }

  /** Whether everything given has its outcome. */
  get isDone(): boolean {
    return (
      this.#work.value === null &&
      this.#cases.value.length > 0 &&
      this.#count.value === this.#cases.value.length
    );
  }

  /** Paths of files of evidence packs that are there for other tools. */
  get leftOut(): readonly string[] {
    return this.#leftOut.value;
  }

  /** Paths that the browser or the zip did not give. */
  get unread(): readonly string[] {
    return this.#unread.value;
  }

  get trust(): TrustChoice {
    return this.#trust.value;
  }

  set trust(chosen: TrustChoice) {
    const before = keyOf(this.#trust.peek());
    this.#trust.value = chosen;
    remember(TRUST_KEY, JSON.stringify(chosen));
    // What is not a key yet changes no result.
    if (keyOf(chosen) === before) return;
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => {
      this.again();
    }, TYPING_MS);
  }

  /** @param unread paths that the browser could not read */
  async add(chosen: readonly ChosenFile[], unread: readonly string[] = []): Promise<void> {
    const opened = await Promise.all(chosen.map(openZip));
    const { files, leftOut } = withoutPackTools(opened.flatMap((each) => each.files));
    this.#leftOut.value = [...this.#leftOut.value, ...leftOut];
    this.#unread.value = [...this.#unread.value, ...unread, ...opened.flatMap((each) => each.unread)];
    this.#give(files.map((file) => ({ file, name: file.path, reading: null })));
  }

  paste(text: string, { id, sha256 }: Pasted): void {
    const document = sha256 === null ? null : { name: null, size: null, sha256 };
    const reading: Reading | null =
      id !== null ? { as: 'link', id, document } : document === null ? null : { as: 'document', document };
    this.#give([{ file: null, name: text, reading }]);
  }

  #give(more: readonly (Omit<Given, 'key'> & { readonly reading: Reading | null })[]): void {
    const added = more.map(({ file, name, reading }) => {
      this.#keys += 1;
      const key = String(this.#keys);
      if (reading !== null) this.#readings.set(key, reading);
      return { key, file, name };
    });
    this.#given.value = [...this.#given.value, ...added];
    this.again(false);
  }

  remove(key: string): void {
    this.#readings.delete(key);
    this.#given.value = this.#given.value.filter((each) => each.key !== key);
    this.again(false);
  }

  clear(): void {
    this.#readings.clear();
    for (const list of [this.#given, this.#leftOut, this.#unread, this.#cases]) list.value = [];
    this.again(false);
  }

  /** Stops reading, and takes out what was not read. */
  cancel(): void {
    this.#given.value = this.#given.value.filter(({ key }) => this.#readings.has(key));
    this.again(false);
  }

  /** Checks everything again, or only what has no outcome yet. */
  again(all = true): void {
    this.#running.abort();
    this.#running = new AbortController();
    const { signal: stopped } = this.#running;
    this.#run(all, stopped).catch((error: unknown) => {
      if (!stopped.aborted) throw error;
    });
  }

  /** Checks another notarization of a document. */
  async choose(one: Case, id: string): Promise<void> {
    one.notarization = id;
    await this.#check(one, this.#trusted(this.#running.signal), this.#running.signal);
  }

  /**
   * Adds to the given proof what the service has collected for it since, and checks it again.
   * @returns false: there is nothing new
   * @throws as the requests of api.ts do, and ProofError
   */
  async extend(one: Case, directory: Directory): Promise<boolean> {
    const checked = one.outcome.peek()?.checked ?? null;
    if (checked === null || isPending(checked.proof)) return false;
    const later = parseProof(await directory.proofText(idOf(checked.proof), new AbortController().signal));
    const time = await timeInput(later, this.context.judgeAnchors);
    if (isPending(later)) return false;
    const proof = extendProof(checked.proof, later, { policy: checked.trust.policy, ...time });
    if (proof === null) return false;
    one.extended = proof;
    await this.#check(one, this.#trusted(this.#running.signal), this.#running.signal);
    return true;
  }

  async #run(all: boolean, stopped: AbortSignal): Promise<void> {
    try {
      await this.#read(stopped);
      const before = new Map(this.#cases.peek().map((one) => [one.about.key, one]));
      const read = this.#given.peek().flatMap((each): Read[] => {
        const reading = this.#readings.get(each.key);
        return reading === undefined ? [] : [{ ...each, reading }];
      });
      this.#cases.value = arrange(read).map((about) => before.get(about.key) ?? new Case(about));
      const trust = this.#trusted(stopped);
      const todo = this.#cases.value.filter(
        ({ outcome }) => all || outcome.peek() === null || outcome.peek()?.statement === 'pending',
      );
      if (todo.length > 0) this.#work.value = { done: 0, all: todo.length, file: null };
      let done = 0;
      await eachOf(todo, async (one) => {
        await this.#check(one, trust, stopped);
        done += 1;
        this.#work.value = { done, all: todo.length, file: null };
      });
    } finally {
      if (!stopped.aborted) this.#work.value = null;
    }
  }

  async #read(stopped: AbortSignal): Promise<void> {
    const given = this.#given.peek();
    const unread = given.filter(({ key }) => !this.#readings.has(key));
    let done = given.length - unread.length;
    await eachOf(unread, async ({ key, file }) => {
      if (file === null) return;
      const { size } = file.file;
      const progress = (bytes: number) => {
        if (!stopped.aborted)
          this.#work.value = { done, all: given.length, file: { name: file.path, bytes, size } };
      };
      progress(0);
      const reading = await this.#readOne(file, stopped, progress);
      stopped.throwIfAborted();
      this.#readings.set(key, reading);
      done += 1;
    });
  }

  async #readOne(
    chosen: ChosenFile,
    stopped: AbortSignal,
    onProgress: (bytes: number) => void,
  ): Promise<Reading> {
    const { file } = chosen;
    try {
      if (await isProof(chosen)) {
        const sha256 = (await isCertificate(chosen)) ? await digestOfCertificate(file) : null;
        return { as: 'proof', parsed: await readProof(file), sha256 };
      }
      const sha256 = await this.#hasher.hash(file, stopped, onProgress);
      return { as: 'document', document: { name: file.name, size: file.size, sha256 } };
    } catch {
      stopped.throwIfAborted();
      return { as: 'gone' };
    }
  }

  /** One request for all checks of a run. */
  #trusted(stopped: AbortSignal): () => Promise<Trust> {
    let trust: Promise<Trust> | null = null;
    return () => {
      const { source, pasted } = this.#trust.peek();
      const own = source === 'own' ? ownTrust(pasted) : null;
      return (trust ??= own === null ? this.context.trust(stopped) : Promise.resolve(own));
    };
  }

  async #check(one: Case, trust: () => Promise<Trust>, stopped: AbortSignal): Promise<void> {
    const { judgeAnchors, histories, directory } = this.context;
    const { about, extended, notarization } = one;
    const question = { about, extended, notarization, trust, directory, judgeAnchors, histories };
    const outcome = await check(question, stopped);
    stopped.throwIfAborted();
    one.outcome.value = outcome;
    if (directory !== null && outcome.statement === 'pending' && this.#followed.get(one) !== stopped) {
      this.#followed.set(one, stopped);
      this.#follow(one, trust, stopped).catch((error: unknown) => {
        if (!stopped.aborted) throw error;
      });
    }
  }

  /** Asks again until the service has sealed it, or the page is left. */
  async #follow(one: Case, trust: () => Promise<Trust>, stopped: AbortSignal): Promise<void> {
    for (let attempt = 1; one.outcome.peek()?.statement === 'pending'; attempt++) {
      await connection.backOff(attempt, null, stopped);
      if (document.visibilityState === 'visible') await this.#check(one, trust, stopped);
    }
  }
}

/** Some at a time. Rejects with the first failure. */
async function eachOf<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const waiting = items.values();
  const some = async () => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, some));
}

/** What the results depend on; null: the service's trust. */
function keyOf(chosen: TrustChoice): string | null {
  return chosen.source === 'service' || isUnusable(chosen) ? null : chosen.pasted;
}

/**
 * The files of a zip that contains proofs; any other zip is a document. What cannot be unpacked is named.
 */
async function openZip(
  chosen: ChosenFile,
): Promise<{ readonly files: readonly ChosenFile[]; readonly unread: readonly string[] }> {
  const whole = { files: [chosen], unread: [] };
  if (!chosen.file.name.toLowerCase().endsWith('.zip')) return whole;
  const entries = await zipEntries(chosen.file).catch(() => null);
  const hasProofs = entries?.some(({ name }) => name.endsWith(PROOF_ENDING) || name.endsWith(HISTORY_ENDING));
  if (entries === null || hasProofs !== true) return whole;
  const unread: string[] = [];
  const files = await Promise.all(
    entries.map((entry) =>
      unzipped(chosen, entry).catch(() => {
        unread.push(`${chosen.path}/${entry.name}`);
        return null;
      }),
    ),
  );
  return { files: files.filter((file) => file !== null), unread };
}

/** The choice is remembered in this browser only. */
function rememberedTrust(): TrustChoice {
  try {
    const { source, pasted } = JSON.parse(recall(TRUST_KEY) ?? '{}') as Partial<Record<string, unknown>>;
    if (source === 'own' && typeof pasted === 'string') return { source, pasted };
  } catch {
    // Not written by this page.
  }
  return { source: 'service', pasted: '' };
}
