import { join } from 'node:path';
import { fromHex, isObject, type Json, type JsonObject, toHex } from '../../proof/index.js';
import { Failure, isMissing } from '../failure.js';
import { type HashedDocument, readLines, removeFile, writeWhole } from '../files.js';
import { watchMessages } from '../messages/watch.js';

/** A request whose response has not been worked off. */
export interface Sending {
  /** Its Idempotency-Key. */
  readonly key: string;
  readonly documents: readonly SentDocument[];
}

export interface SentDocument {
  readonly inside: string;
  readonly version: string;
  readonly document: HashedDocument;
  readonly details: JsonObject | undefined;
}

const FORMAT = 'ingam-watch-1';

/**
 * What a watch must know after a restart, in two hidden files in the folder of the proofs. Each is replaced as a whole: at
 * every moment there is the old one or the new one.
 *
 * Without the first, all documents are hashed again, and those with a proof are left alone. The second is written before a
 * request is sent: after a crash, it is repeated with its key, and the service answers it as it did the first time.
 */
export class WatchState {
  /** The version of each document that has been accepted, by its path in the source. */
  readonly known = new Map<string, string>();
  /** Pending proofs in the order of their positions: path of the proof in the folder → of the document in the source. */
  readonly waiting = new Map<string, string>();
  readonly #file: string;
  readonly #sendingFile: string;
  #sending: Sending | null = null;
  #saved = 0;
  #changes = 0;

  private constructor(root: string) {
    this.#file = join(root, '.ingam-watch');
    this.#sendingFile = join(root, '.ingam-watch-sending');
  }

  /** @throws {Failure} malformed, unreadable */
  static async open(root: string): Promise<WatchState> {
    const state = new WatchState(root);
    await state.#read(state.#file, ([kind, first, second]) => {
      if (typeof first !== 'string' || typeof second !== 'string') return false;
      if (kind === 'known') state.known.set(first, second);
      else if (kind === 'waiting') state.waiting.set(first, second);
      else return false;
      return true;
    });
    const keys: string[] = [];
    const documents: SentDocument[] = [];
    await state.#read(state.#sendingFile, ([kind, ...values]) => {
      if (kind === 'key' && typeof values[0] === 'string') {
        keys.push(values[0]);
        return true;
      }
      const [inside, version, sha256, size, details] = values;
      if (kind !== 'sent' || typeof inside !== 'string' || typeof version !== 'string') return false;
      if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256) || typeof size !== 'number')
        return false;
      const document = { sha256: fromHex(sha256, 32), size };
      documents.push({ inside, version, document, details: isObject(details) ? details : undefined });
      return true;
    });
    const [key] = keys;
    if (key !== undefined) state.#sending = { key, documents };
    return state;
  }

  get sending(): Sending | null {
    return this.#sending;
  }

  async begin(sending: Sending): Promise<void> {
    this.#sending = sending;
    await this.#write(this.#sendingFile, [
      ['key', sending.key],
      ...sending.documents.map(({ inside, version, document, details }) => {
        return ['sent', inside, version, toHex(document.sha256), document.size, details ?? null];
      }),
    ]);
  }

  /** The request is worked off: what it brought is on disk. */
  async end(): Promise<void> {
    if (this.#sending === null) return;
    this.#sending = null;
    await removeFile(this.#sendingFile);
  }

  changed(): void {
    this.#changes++;
  }

  /** Does nothing when nothing has changed. */
  async save(): Promise<void> {
    if (this.#saved === this.#changes) return;
    const changes = this.#changes;
    await this.#write(this.#file, this.#lines());
    this.#saved = changes;
  }

  *#lines(): Generator<readonly Json[]> {
    for (const [inside, version] of this.known) yield ['known', inside, version];
    for (const [proof, inside] of this.waiting) yield ['waiting', proof, inside];
  }

  #write(file: string, lines: Iterable<readonly Json[]>): Promise<void> {
    return writeWhole(file, file, textOf(lines), true);
  }

  /** @param take returns whether it understands the line */
  async #read(file: string, take: (line: readonly Json[]) => boolean): Promise<void> {
    const malformed = () =>
      new Failure('malformed', watchMessages().badState(file), { hint: watchMessages().removeState });
    let number = 0;
    try {
      for await (const line of readLines(file)) {
        const value = parsed(line);
        const isGood = number++ === 0 ? value[0] === FORMAT : take(value);
        if (!isGood) throw malformed();
      }
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
}

function parsed(line: string): readonly Json[] {
  try {
    const value = JSON.parse(line) as Json;
    return Array.isArray(value) ? (value as readonly Json[]) : [];
  } catch {
    return [];
  }
}

const LINES_AT_ONCE = 1000;

async function* textOf(lines: Iterable<readonly Json[]>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let held = [JSON.stringify([FORMAT])];
  for (const line of lines) {
    held.push(JSON.stringify(line));
    if (held.length < LINES_AT_ONCE) continue;
    yield await Promise.resolve(encoder.encode(`${held.join('\n')}\n`));
    held = [];
  }
  yield encoder.encode(`${held.join('\n')}${held.length === 0 ? '' : '\n'}`);
}
