import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** What a command prints is in a table of messages, in both languages (src/cli/language.ts). */

const CLI = join(import.meta.dirname, '../../src/cli');
const sources = readdirSync(CLI, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.startsWith('messages'))
  .map((file) => ({ file, code: withoutComments(readFileSync(join(CLI, file), 'utf8')) }));

function withoutComments(code: string): string {
  return code.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
}

/**
 * Where a text of another part may stand: as a detail that a message of the table puts in parentheses, in an error that
 * is a bug, and under another name in JSON.
 */
const PLACE = /(?:Messages\(\)\.\w+|\bt\.\w+|\.unexpected|\w*Error|problem|detail|finding)$/;

/** Whether a call around this place of the code is one of those. */
function isDetail(code: string, index: number): boolean {
  let depth = 0;
  for (let i = index - 1; i >= 0; i--) {
    const character = code[i] ?? '';
    if (character === ')' || character === '}') depth++;
    if (character === '(' || character === '{') {
      if (depth > 0) depth--;
      else if (character === '{' && code[i - 1] !== '$' && !/[([,]\s*$/.test(code.slice(i - 9, i)))
        return false;
      else if (character === '(' && PLACE.test(code.slice(Math.max(0, i - 60), i))) return true;
    }
  }
  return false;
}

/** Three English words one after the other. */
const SENTENCE = /[A-Za-z]{2,}(?: [a-z]{2,}){2,}/;

/** What is typed, and what only JSON and scripts for shells contain. */
const SAME_IN_BOTH = [
  'completion.ts',
  // What a language model reads of the tools.
  'mcp/mcp.ts: ',
  // Of JSON.
  'not compared with any kept checkpoint',
  'erased, or left out',
  // Names of kinds in a table.
  'file of certificates',
  'chain for this authority',
  'file of data keys',
  'file of keys',
  // Of a message.
  'its details differ from those sent',
  // Compared with a detail.
  'must be an object',
];

test('a command says nothing in English alone', () => {
  const found = sources.flatMap(({ file, code }) => {
    const own = code.replaceAll(/\b(?:en|ko):\s*(?:`[^`]*`|'(?:[^'\\]|\\.)*'|"[^"]*")/g, '');
    return [...own.matchAll(/`[^`]*`|'(?:[^'\\\n]|\\.)*'|"[^"\n]*"/g)]
      .filter(({ 0: literal, index }) => {
        const text = literal.replaceAll(/ingam [\x20-\x7e]*/g, '');
        return SENTENCE.test(text) && !/[가-힣]/.test(text) && !isDetail(own, index);
      })
      .map(([literal]) => `${file}: ${literal}`);
  });
  expect(found.filter((each) => !SAME_IN_BOTH.some((known) => each.includes(known)))).toEqual([]);
});

/** Where it is the message of a failure, which has the language; is data; or reaches a message by a variable. */
const KNOWN = new Map([
  ['run.ts', 'failure'],
  ['verify-many.ts', 'failure'],
  ['watch/report.ts', 'failure'],
  ['watch/source.ts', 'failure'],
  ['watch/watching.ts', 'failure'],
  ['erasure/person.ts', 'a refusal of the service'],
  ['record/service.ts', 'a refusal of the service'],
  ['record/submit.ts', 'a refusal of the service'],
  ['report.ts', 'a step, which the caller has translated'],
  ['anchors.ts', 'inspect shows the fields as they are'],
  ['inspect-history.ts', 'inspect shows the fields as they are'],
  ['document-renewals.ts', 'JSON'],
  ['verify-token.ts', 'JSON'],
  ['record/check.ts', 'JSON'],
  ['failure.ts', 'failureMessages().unexpectedError'],
  ['serve.ts', 'serveMessages().cannotStart'],
  ['trust-store.ts', 'failureMessages().badKey'],
  ['doctor/network.ts', 'a detail of a finding'],
  ['zip.ts', 'failureMessages().notValid'],
  ['backup/manifest.ts', 'failure'],
  ['notarize/proofs.ts', 'unexpected'],
  ['record/events.ts', 'compared only'],
]);

test('a command shows the text of another part only as a detail of a message', () => {
  const found = sources.flatMap(({ file, code }) =>
    [...code.matchAll(/\.message\b/g)].filter(({ index }) => !isDetail(code, index)).map(() => file),
  );
  expect(found.length).toBeGreaterThan(10);
  expect([...new Set(found)].filter((file) => !KNOWN.has(file))).toEqual([]);
  // At most the known places in a file.
  const count = (file: string) => found.filter((each) => each === file).length;
  expect([...KNOWN.keys()].filter((file) => count(file) > 3)).toEqual([]);
});
