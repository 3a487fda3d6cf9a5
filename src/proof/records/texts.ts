import { isObject, type Json, type JsonObject } from '../canonical-json.js';
import { conditionDigest } from './conditions.js';

/**
 * What people call a record and the conditions of a contract. It is in bodies alone, and gone when they are erased:
 * states do not have it.
 */
export interface RecordTexts {
  readonly title: string | null;
  /** Names of the conditions of a contract. */
  readonly conditions: readonly string[];
}

/** Of a record whose bodies are not known. */
export const NO_TEXTS: RecordTexts = { title: null, conditions: [] };

/** Whether the body of an event of this type gives its record a title, and a contract its terms. */
export function givesTexts(type: string | null, sequence: number): boolean {
  return sequence === 0 || type === 'contract.amend';
}

/** What the body gives. @param body null: it was erased */
export function textsOf(body: JsonObject | null): RecordTexts {
  const title = body?.['title'];
  const conditions = body?.['conditions'];
  const named = Array.isArray(conditions) ? (conditions as readonly Json[]).filter(isObject) : [];
  return {
    title: typeof title === 'string' ? title : null,
    conditions: named.flatMap(({ name }) => (typeof name === 'string' ? [name] : [])),
  };
}

/** What a record is called after these events, which are in their order. */
export function textsAfter(
  events: readonly {
    readonly type: string | null;
    readonly sequence: number;
    readonly body: JsonObject | null;
  }[],
): RecordTexts {
  const last = events.findLast(({ type, sequence }) => givesTexts(type, sequence));
  return textsOf(last?.body ?? null);
}

/** The name of a condition, or its digest when the name is not known. */
export function conditionName(digest: string, { conditions }: RecordTexts): string {
  return conditions.find((name) => conditionDigest(name) === digest) ?? digest;
}
