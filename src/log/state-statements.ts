import { equal, isObject, type Json, parseStrictJson, ProofError } from '../proof/index.js';
import { parseStatement, stateHash } from '../proof/time/state.js';
import { TimeError } from '../proof/time/time-error.js';

/**
 * Whether a block's header commits to this statement, and it can be read.
 * @param state of the header
 * @param statement null: there is none
 * @returns what is wrong, to follow "the statement"; null: nothing
 */
export function statementFault(state: Uint8Array, statement: string | null): string | null {
  if (!equal(stateHash(statement), state))
    return statement === null ? 'is not shown' : 'is not the one that its header names';
  if (statement === null) return null;
  try {
    parseStatement(statement);
    return null;
  } catch (error) {
    if (error instanceof TimeError) return `is malformed: ${error.message}`;
    throw error;
  }
}

/** The body of `GET /v1/states`. */
export function formatStates(statements: readonly (string | null)[]): string {
  return JSON.stringify({ statements });
}

/**
 * Reads it.
 * @throws {ProofError} malformed_json
 */
export function parseStates(text: string, count: number): (string | null)[] {
  const json: Json = parseStrictJson(text);
  const statements = isObject(json) ? json['statements'] : undefined;
  const isText = (each: Json): each is string | null => each === null || typeof each === 'string';
  if (Array.isArray(statements) && statements.length === count) {
    const texts = (statements as readonly Json[]).filter(isText);
    if (texts.length === count) return texts;
  }
  throw new ProofError('malformed_json', `the response is no list of ${count} state statements`);
}
