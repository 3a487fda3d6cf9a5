import { type History, MAX_HISTORY_LENGTH, parseHistory } from '../proof/records/history-file.js';
import { malformed, readHead } from './files.js';

/**
 * @param path absolute
 * @param shown the file's name in messages
 * @returns the history, and the length of its file
 * @throws {Failure} unreadable, malformed
 */
export async function readHistory(
  path: string,
  shown: string,
): Promise<{ readonly history: History; readonly bytes: number }> {
  // Of a longer file no more is read than shows that it is too long.
  const source = await readHead(path, shown, MAX_HISTORY_LENGTH + 1);
  return { history: historyOf(source, shown), bytes: source.length };
}

/** The same of bytes that were read. */
export function historyOf(source: Uint8Array, shown: string): History {
  try {
    return parseHistory(source);
  } catch (error) {
    throw malformed(error, shown, 'history');
  }
}
