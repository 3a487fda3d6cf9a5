import { describe, expect, it } from 'vitest';
import { ProofError, toHex, utf8, sha256, type JsonObject } from '../../../src/proof/index.js';
import { eventDigest, signEvent } from '../../../src/proof/records/event.js';
import { formatHistory, MAX_HISTORY_LENGTH, parseHistory } from '../../../src/proof/records/history-file.js';
import { makeProof } from '../../vectors/make/chain.js';
import { signer } from '../../vectors/make/keys.js';

const body: JsonObject = { nonce: '00'.repeat(16), title: 'x' };
const note = signEvent(
  {
    origin: 'log.example',
    record: null,
    sequence: 0,
    before: new Uint8Array(32),
    type: 'document.create',
    body,
  },
  [signer('alice')],
);
const id = toHex(eventDigest(note));
const proof = makeProof({ document: utf8(note), kind: 1, details: body });
const digest = toHex(sha256(utf8('a document')));
const placed = { entry: proof.entry, height: 3, index: 2, path: proof.block.path };
const leaf = { key: eventDigest(note), value: sha256(utf8('value')) };

/** Well-formed; whether it is right is another question. */
const text = formatHistory({
  record: id,
  log: proof.log,
  blocks: [
    {
      header: proof.block.header,
      path: proof.log.path,
      statement: '{}',
      anchors: [{ type: 'unknown', x: 1 }],
    },
    { header: { ...proof.block.header, height: 4 }, path: [], statement: null, anchors: [] },
  ],
  records: new Map([
    [
      id,
      {
        events: [{ note, body, ...placed }, { note, body: null, ...placed }, { automatic: 'x' }],
        state: { height: 4, path: { siblings: [sha256(utf8('s'))], leaf } },
      },
    ],
    [digest, { events: [{ automatic: 'y' }], state: { height: 3, path: { siblings: [], leaf: null } } }],
  ]),
  documents: new Map([[digest, placed]]),
});

interface Raw {
  [key: string]: unknown;
  blocks: Record<string, unknown>[];
  records: Record<
    string,
    { [key: string]: unknown; events: Record<string, unknown>[]; state: Record<string, unknown> }
  >;
  documents: Record<string, Record<string, unknown>>;
}

function codeOf(edit: (file: Raw) => void): string {
  const file = JSON.parse(text) as Raw;
  edit(file);
  return codeOfBytes(utf8(JSON.stringify(file)));
}

function codeOfBytes(source: Uint8Array): string {
  try {
    parseHistory(source);
  } catch (error) {
    if (error instanceof ProofError) return error.code;
    throw error;
  }
  return 'none';
}

const of = (length: number, value: unknown) => Array.from({ length }, () => value);
const own = (file: Raw) => file.records[id] ?? { events: [], state: {} };
const first = (file: Raw) => own(file).events[0] ?? {};
const block = (file: Raw) => file.blocks[0] ?? {};

describe('a history file', () => {
  it('is read and written back', () => {
    const history = parseHistory(utf8(text));
    expect(formatHistory(history)).toBe(text);
    expect(history.records.get(id)?.events).toHaveLength(3);
  });

  it.each<[string, string, (file: Raw) => void]>([
    ['another format', 'unsupported_format', (file) => (file['format'] = 'ingam-history-v2')],
    ['an unknown member', 'malformed_history', (file) => (file['more'] = 1)],
    ['a member that is missing', 'malformed_history', (file) => delete file['checkpoint']],
    ['an id in capitals', 'malformed_hex', (file) => (file['record'] = id.toUpperCase())],
    [
      'a record without events in the file',
      'malformed_history',
      (file) => (file['record'] = 'aa'.repeat(32)),
    ],
    ['no events of the record', 'malformed_history', (file) => (own(file).events = [])],
    ['a member of an event that is unknown', 'malformed_history', (file) => (first(file)['more'] = 1)],
    ['a body that is null', 'malformed_history', (file) => (first(file)['body'] = null)],
    [
      'an event that is signed and automatic',
      'malformed_history',
      (file) => (first(file)['automatic'] = 'x'),
    ],
    ['an entry that is too short', 'malformed_entry', (file) => (first(file)['entry'] = 'AA==')],
    ['an index below 0', 'malformed_history', (file) => (first(file)['index'] = -1)],
    ['a height that is a text', 'malformed_history', (file) => (first(file)['height'] = '3')],
    ['a path of 54 hashes', 'malformed_path', (file) => (first(file)['path'] = of(54, 'AA=='))],
    [
      'a path in the map of 257 hashes',
      'malformed_path',
      (file) => (own(file).state['siblings'] = of(257, 'AA==')),
    ],
    ['a leaf without a value', 'malformed_history', (file) => (own(file).state['leaf'] = { key: id })],
    ['a state without a height', 'malformed_history', (file) => delete own(file).state['height']],
    ['blocks in the wrong order', 'malformed_history', (file) => file.blocks.reverse()],
    ['a block twice', 'malformed_history', (file) => file.blocks.push(file.blocks[1] ?? {})],
    [
      'a header of another version',
      'unsupported_format',
      (file) => (block(file)['header'] = `Ag${String(block(file)['header']).slice(2)}`),
    ],
    ['an anchor without a type', 'malformed_history', (file) => (block(file)['anchors'] = [{}])],
    [
      '65 anchors of a block',
      'malformed_history',
      (file) => (block(file)['anchors'] = of(65, { type: 'x' })),
    ],
    ['a statement that is an object', 'malformed_history', (file) => (block(file)['statement'] = {})],
    [
      'a document under no digest',
      'malformed_hex',
      (file) => (file.documents['x'] = file.documents[digest] ?? {}),
    ],
    [
      'a checkpoint with an extension',
      'malformed_checkpoint',
      (file) => (file['checkpoint'] = String(file['checkpoint']).replace('\n\n', '\nmore\n\n')),
    ],
  ])('is refused with %s', (_, code, edit) => {
    expect(codeOf(edit)).toBe(code);
  });

  it('is refused when it is no strict JSON, or too long', () => {
    expect(codeOfBytes(utf8(`${text}x`))).toBe('malformed_json');
    expect(codeOfBytes(utf8(text.replace('"record"', '"record":"","record"')))).toBe('malformed_json');
    expect(codeOfBytes(utf8(`\ufeff${text}`))).toBe('reencoded_text');
    expect(codeOfBytes(new Uint8Array(MAX_HISTORY_LENGTH + 1))).toBe('malformed_history');
  });
});
