import type { PrivateKey } from '../../crypto/keys.js';
import {
  formatNote,
  formatReadNote,
  fromHex,
  HASH_LENGTH,
  isObject,
  type Json,
  type JsonObject,
  ProofError,
  signNote,
  toBase64,
  toHex,
  utf8,
} from '../../proof/index.js';
import type { RecordState } from '../../proof/records/state.js';
import { Failure, usageError } from '../failure.js';
import { type Io } from '../io.js';
import {
  openService,
  SERVER_OPTIONS,
  type ServiceAnswer,
  type ServiceClient,
  ServiceRefusal,
} from '../service-client.js';
import { recordsMessages } from '../messages/records.js';

/** The service, and with what it is asked: `--key` is the key of a holder in these commands. */
export const RECORD_SERVICE_OPTIONS = {
  ...SERVER_OPTIONS,
  'api-key': {
    type: 'string',
    value: 'API_KEY',
    help: { en: 'API key, if you have one (default: $INGAM_KEY)', ko: 'API 키, 있다면(기본값: $INGAM_KEY)' },
  },
} as const;

interface ServiceValues {
  readonly server: string | undefined;
  readonly 'api-key': string | undefined;
}

/** A record as the service shows it. */
export interface ShownRecord {
  readonly sequence: number;
  readonly value: Uint8Array;
  readonly state: RecordState;
  /** The whole answer. */
  readonly json: JsonObject;
}

/** A service that keeps records, seen by the holders of some keys. */
export class RecordService {
  readonly client: ServiceClient;
  readonly #keys: readonly PrivateKey[];
  #origin: string | null = null;

  private constructor(client: ServiceClient, keys: readonly PrivateKey[]) {
    this.client = client;
    this.#keys = keys;
  }

  /** @param keys of parties, which may read their records without an account */
  static async open(values: ServiceValues, keys: readonly PrivateKey[], io: Io): Promise<RecordService> {
    return new RecordService(await openService({ server: values.server, key: values['api-key'] }, io), keys);
  }

  /** The name of the service's log, which every event states. */
  async origin(): Promise<string> {
    if (this.#origin === null) {
      const { origin } = this.client.object(await this.client.request('v1/chain'));
      if (typeof origin !== 'string') throw this.client.unexpected('its chain has no name');
      this.#origin = origin;
    }
    return this.#origin;
  }

  /**
   * Asks for something about a record. Who has no account shows a key that has a role in it.
   * @param rest what follows the record's address
   * @throws {Failure}
   */
  async read(record: Uint8Array, rest = ''): Promise<ServiceAnswer> {
    const path = `v1/records/${toHex(record)}${rest}`;
    for (const [i, key] of this.#keys.entries()) {
      const text = formatReadNote(await this.origin(), record, Math.floor(Date.now() / 1000));
      const headers = { 'ingam-record-key': toBase64(utf8(formatNote(signNote(text, key)))) };
      try {
        return await this.client.request(path, { headers });
      } catch (error) {
        if (i + 1 === this.#keys.length || !isUnknown(error)) throw explained(error);
      }
    }
    try {
      return await this.client.request(path);
    } catch (error) {
      throw explained(error);
    }
  }

  /** @throws {Failure} */
  async record(record: Uint8Array): Promise<ShownRecord> {
    const json = this.client.object(await this.read(record));
    const { sequence, value, state } = json;
    if (typeof sequence !== 'number' || typeof value !== 'string' || !isObject(state ?? null))
      throw this.client.unexpected('its record has no sequence, value or state');
    // The state is what the rules made of the events; only the service's word here, until a history is verified.
    return { sequence, value: this.#hash(value), state: state as unknown as RecordState, json };
  }

  /** All events in their order, void ones included. @throws {Failure} */
  async events(record: Uint8Array): Promise<JsonObject[]> {
    const all: JsonObject[] = [];
    let cursor: Json = '';
    do {
      const rest = `/events?limit=1000${cursor === '' ? '' : `&cursor=${word(cursor)}`}`;
      const { events, next = null }: JsonObject = this.client.object(await this.read(record, rest));
      if (!Array.isArray(events)) throw this.client.unexpected('its list of events is none');
      all.push(...(events as readonly Json[]).filter(isObject));
      cursor = next;
    } while (typeof cursor === 'string');
    return all;
  }

  #hash(hex: string): Uint8Array {
    try {
      return fromHex(hex, HASH_LENGTH, 'a value');
    } catch (error) {
      if (error instanceof ProofError) throw this.client.unexpected(error.message, error);
      throw error;
    }
  }
}

const isUnknown = (error: unknown) => error instanceof ServiceRefusal && error.status === 404;

function explained(error: unknown): unknown {
  if (!isUnknown(error) || !(error instanceof ServiceRefusal)) return error;
  return new Failure('refused', error.message, {
    code: error.code,
    exitCode: error.exitCode,
    hint: recordsMessages().onlyParties,
    cause: error,
  });
}

/** @throws {Failure} usage */
export function parseRecord(text: string): Uint8Array {
  try {
    return fromHex(text, HASH_LENGTH, 'a record');
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    throw usageError(recordsMessages().notARecord(JSON.stringify(text)), recordsMessages().listYours);
  }
}

/** A text or a number of an answer. */
export function word(value: Json | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
