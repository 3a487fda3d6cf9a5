import { resolve } from 'node:path';
import { isObject, type Json, type JsonObject, readDigest, toHex } from '../../proof/index.js';
import { EXIT } from '../io.js';
import { Failure } from '../failure.js';
import { hashDocument, isRegularFile } from '../files.js';
import type { Io } from '../io.js';
import { registerMessages } from '../messages/register.js';
import { type ServiceClient, ServiceRefusal } from '../service-client.js';

/** What the service states about a notarization: the whole answer, and the parts that commands use. */
export interface Notarization {
  readonly id: string;
  readonly sha256: string;
  readonly size: number | null;
  readonly status: string;
  readonly acceptedAt: string;
  readonly sealedAt: string | null;
  readonly position: number;
  /** In base64. */
  readonly entry: string;
  readonly details: JsonObject | null;
  /** Those of the organization's own that were added later; null: not shown, as for those of others. */
  readonly addedTags: readonly string[] | null;
  readonly json: JsonObject;
}

/** As the service writes an id; with a third part for the details of an anonymous one. */
const ID = /^(0|[1-9][0-9]{0,15})-[0-9a-f]{16}(-[0-9a-f]{24})?$/;

/** @throws {Failure} refused, for what no Ingam service sends */
export function readNotarization(service: ServiceClient, value: Json | undefined): Notarization {
  const json = isObject(value ?? null) ? (value as JsonObject) : {};
  const { id, sha256, size, status, acceptedAt, sealedAt, position, entry, details, addedTags } = json;
  if (
    typeof id !== 'string' ||
    !ID.test(id) ||
    typeof sha256 !== 'string' ||
    typeof status !== 'string' ||
    typeof acceptedAt !== 'string' ||
    typeof position !== 'number' ||
    typeof entry !== 'string'
  ) {
    throw service.unexpected('a notarization has no id, digest, status, time, position or entry');
  }
  return {
    ...{ id, sha256, status, acceptedAt, position, entry, json },
    size: typeof size === 'number' ? size : null,
    sealedAt: typeof sealedAt === 'string' ? sealedAt : null,
    details: isObject(details ?? null) ? (details as JsonObject) : null,
    addedTags: Array.isArray(addedTags) ? textsOf(addedTags as readonly Json[]) : null,
  };
}

/** The tags from the submission, and those that were added later. */
export function tagsOf({ details, addedTags }: Notarization): readonly string[] {
  const tags = details?.['tags'];
  return [...(Array.isArray(tags) ? textsOf(tags as readonly Json[]) : []), ...(addedTags ?? [])];
}

function textsOf(values: readonly Json[]): string[] {
  return values.filter((each) => typeof each === 'string');
}

/** A text of the details, or null. */
export function detail({ details }: Notarization, name: string): string | null {
  const value = details?.[name];
  return typeof value === 'string' ? value : null;
}

export interface Found {
  /** The earliest sealed one first. */
  readonly notarizations: readonly Notarization[];
  /** Absolute path of the file that was named; null: an id or a digest was. */
  readonly file: string | null;
}

/**
 * What an argument names: an existing file by its digest, else an id or a digest.
 * @throws {Failure} refused with exit code 1, if there is none; unreadable; unreachable
 */
export async function findNotarizations(service: ServiceClient, word: string, io: Io): Promise<Found> {
  const path = resolve(io.cwd, word);
  const isFile = await isRegularFile(path);
  if (!isFile && ID.test(word)) {
    const answer = await service.request(`v1/notarizations/${word}`).catch((error: unknown) => {
      throw error instanceof ServiceRefusal && error.status === 404 ? notFound(word) : error;
    });
    return { notarizations: [readNotarization(service, service.object(answer))], file: null };
  }
  const digest = isFile ? null : readDigest(word);
  // A word that is nothing else is the name of a file that does not exist.
  const sha256 = toHex(digest ?? (await hashDocument(path, word, io)).sha256);
  const notarizations = await ofDigest(service, sha256);
  if (notarizations.length === 0) throw notFound(word);
  return { notarizations, file: isFile ? path : null };
}

async function ofDigest(service: ServiceClient, sha256: string): Promise<Notarization[]> {
  const list = service.object(await service.request(`v1/verify/${sha256}`))['notarizations'];
  if (!Array.isArray(list)) throw service.unexpected('it has no list of notarizations');
  const all = (list as readonly Json[]).map((each) => readNotarization(service, each));
  const wrong = all.find((each) => each.sha256 !== sha256);
  if (wrong !== undefined) throw service.unexpected('it gives notarizations of another document');
  const isOpen = ({ sealedAt }: Notarization) => Number(sealedAt === null);
  return all.sort((a, b) => isOpen(a) - isOpen(b) || a.position - b.position);
}

function notFound(word: string): Failure {
  const t = registerMessages();
  return new Failure('refused', t.notFound(word), {
    ...{ code: 'not_found', hint: t.notFoundHint, exitCode: EXIT.failed },
  });
}
