import { HEADER_LENGTH, MAX_PROOF_LENGTH } from '../../../src/proof/index.js';
import type { Vector } from '../load.js';
import { DETAILS, proofText, type Wish } from './chain.js';
import { edited, flip, withLine, type RawProof } from './edit.js';
import { refused } from './expect.js';
import { sha256, signatureLine } from './keys.js';
import { detailsCases, trustCases } from './malformed-more.js';
import { malformedPendingCases } from './malformed-pending.js';
import { malformedPostQuantumCases } from './post-quantum.js';

/** What a strict parser does not take, whatever else would hold. */
export function malformedCases(): Record<string, Vector> {
  return { ...textCases(), ...shapeCases(), ...fieldCases(), ...noteCases(), ...detailsCases(), ...trustCases(), ...malformedPendingCases(), ...malformedPostQuantumCases() };
}

const JSON_ERROR = 'malformed_json';
const PROOF = 'malformed_proof';

function textCases(): Record<string, Vector> {
  const good = proofText();
  const replaced = (about: string, from: string, to: string, error = JSON_ERROR, wish?: Wish) => {
    const text = proofText(wish);
    if (!text.includes(from)) throw new Error(`nothing to replace: ${from}`);
    return refused(about, text.replace(from, to), error);
  };
  const latin1 = Buffer.from(good.replace('log.example', 'l\u00f6g.example'), 'latin1');
  return {
    empty: refused('nothing', '', JSON_ERROR),
    'not-json': refused('a PDF', '%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n', JSON_ERROR),
    truncated: refused('half of the file is missing', good.slice(0, good.length / 2), JSON_ERROR),
    'truncated-last-brace': refused('the last brace is missing', good.trimEnd().slice(0, -1), JSON_ERROR),
    'trailing-bytes': refused('a zero byte behind the end', `${good}\u0000`, JSON_ERROR),
    'trailing-object': refused('two proofs in one file', good + good, JSON_ERROR),
    'trailing-comma': replaced('a comma before a brace', '"anchors": []', '"anchors": [],'),
    comment: refused('JSON has no comments', `// a proof\n${good}`, JSON_ERROR),
    'byte-order-mark': refused('U+FEFF in front', `\ufeff${good}`, 'reencoded_text'),
    'no-break-space': refused('U+00A0 is no white space of JSON', `${good}\u00a0`, JSON_ERROR),
    'not-utf-8': refused('Latin-1', { base64: latin1.toString('base64') }, 'malformed_text'),
    'utf-16': refused('UTF-16 with byte order mark', { base64: Buffer.from(`\ufeff${good}`, 'utf16le').toString('base64') }, 'reencoded_text'),
    'utf-16-without-mark': refused('UTF-16 without byte order mark', { base64: Buffer.from(good, 'utf16le').toString('base64') }, 'reencoded_text'),
    'overlong-utf-8': refused('a quotation mark in two bytes', { base64: Buffer.from(good.replace('"', '\u00c0\u00a2'), 'latin1').toString('base64') }, 'malformed_text'),
    'surrogate-in-utf-8': refused('half a surrogate pair, encoded', { base64: Buffer.concat([Buffer.from('{"format":"'), Buffer.of(0xed, 0xa0, 0x80), Buffer.from('"}')]).toString('base64') }, 'malformed_text'),
    'nested-100000-deep': refused('arrays in arrays', { pieces: [['[', 100_000], [']', 100_000]] }, JSON_ERROR),
    'nested-100000-deep-objects': refused('objects in objects', { pieces: [['{"a":', 100_000], ['1', 1], ['}', 100_000]] }, JSON_ERROR),
    'nested-and-not-closed': refused('brackets only', { pieces: [['[', 1_000_000]] }, JSON_ERROR),
    'too-long': refused('one byte more than there may be', { pieces: [[good, 1], [' ', MAX_PROOF_LENGTH + 1 - Buffer.byteLength(good)]] }, PROOF),
    'too-long-in-bytes': refused('fewer characters than the limit, and more bytes', tooLongInBytes(), PROOF),
    'duplicate-key': replaced('a key given twice', '"anchors": []', '"anchors": [],\n  "anchors": []'),
    'duplicate-key-escaped': replaced('the same key in another spelling', '"anchors": []', '"anchors": [],\n  "\\u0061nchors": []'),
    'duplicate-key-nested': replaced('the digest given twice', '"sha256": "', '"sha256": "00", "sha256": "'),
    'number-float': replaced('2.0 for an index', '"index": 2', '"index": 2.0'),
    'number-exponent': replaced('2e0 for an index', '"index": 2', '"index": 2e0'),
    'number-leading-zero': replaced('02 for an index', '"index": 2', '"index": 02'),
    'number-plus-sign': replaced('+2 for an index', '"index": 2', '"index": +2'),
    'number-negative-zero': replaced('-0 for an index', '"index": 0', '"index": -0', JSON_ERROR, { index: 0 }),
    'number-beyond-2-53': replaced('2^53 for an index', '"index": 2', '"index": 9007199254740992'),
    'number-very-long': replaced('a million digits', '"index": 2', `"index": ${'9'.repeat(1000)}`),
    'number-hexadecimal': replaced('0x2 for an index', '"index": 2', '"index": 0x2'),
    'number-nan': replaced('NaN for an index', '"index": 2', '"index": NaN'),
    'size-float': replaced('a size with a fraction', '"size": 52', '"size": 52.5'),
    'size-beyond-2-53': replaced('2^53 for a size', '"size": 52', '"size": 9007199254740992'),
    'lone-surrogate': replaced('half a surrogate pair', '"ingam-proof-v1"', '"ingam-proof-v1\\ud800"'),
    'lone-surrogate-key': replaced('half a surrogate pair in a key', '"anchors": []', '"anchors": [], "\\udc00": 1'),
    'control-character-in-string': replaced('a raw tab in a string', 'ingam-proof-v1', 'ingam\u0009proof-v1'),
    'bad-escape': replaced('an escape that JSON does not have', 'ingam-proof-v1', 'ingam\\x2dproof-v1'),
    'single-quotes': refused('JavaScript, not JSON', good.replaceAll('"', "'"), JSON_ERROR),
  };
}

/** Well-formed but for its length: the anchor is of a type that has 400,000 characters in 1,200,000 bytes. */
function tooLongInBytes(): Vector['proof'] {
  const [before = '', after = ''] = edited((file) => file.anchors.push({ type: '@', data: '' })).split('@');
  return { pieces: [[before, 1], ['\u20ac', 400_000], [after, 1]] };
}

function shapeCases(): Record<string, Vector> {
  const shaped = (about: string, edit: (file: RawProof) => void, error = PROOF, wish?: Wish) => refused(about, edited(edit, wish), error);
  const cases: Record<string, Vector> = {
    'not-an-object': refused('an array', '[]\n', PROOF),
    'not-an-object-null': refused('null', 'null\n', PROOF),
    'not-an-object-string': refused('a string', '"ingam-proof-v1"\n', PROOF),
    'format-missing': refused('no format at all', '{}\n', 'unsupported_format'),
    'format-other': shaped('a later version', (file) => (file['format'] = 'ingam-proof-v2'), 'unsupported_format'),
    'format-upper-case': shaped('another spelling', (file) => (file['format'] = 'Ingam-Proof-v1'), 'unsupported_format'),
    'format-number': shaped('a format that is no string', (file) => (file['format'] = 1), 'unsupported_format'),
    'unknown-key': shaped('a key that the format does not have', (file) => (file['note'] = 'x')),
    'unknown-key-in-document': shaped('a key that a document does not have', (file) => (file.document['name'] = 'x')),
    'unknown-key-in-block': shaped('a key that a block does not have', (file) => (file.block['height'] = 3)),
    'unknown-key-in-log': shaped('a key that a log does not have', (file) => (file.log['index'] = 3)),
    'proto-key': refused('a key that is special in JavaScript only', proofText().replace('{', '{\n  "__proto__": {"format": "ingam-proof-v1"},'), PROOF),
    'proto-key-for-document': refused('a document from a prototype', proofText().replace('"document"', '"__proto__"'), PROOF),
    'constructor-key': shaped('a key that every JavaScript object seems to have', (file) => Object.assign(file, { constructor: {} })),
    'digest-missing': shaped('a document without digest', (file) => delete file.document['sha256']),
    'path-missing-in-block': shaped('a block without path', (file) => Reflect.deleteProperty(file.block, 'path')),
    'path-missing-in-log': shaped('a log without path', (file) => delete (file.log as Record<string, unknown>)['path']),
    'checkpoint-missing': shaped('a log without checkpoint', (file) => delete (file.log as Record<string, unknown>)['checkpoint']),
    'index-missing': shaped('a block without index', (file) => delete file.block['index']),
    'index-string': shaped('an index that is a string', (file) => (file.block.index = '2')),
    'index-negative': shaped('an index below 0', (file) => (file.block.index = -1)),
    'size-null': shaped('null for no size', (file) => (file.document['size'] = null)),
    'size-negative': shaped('a size below 0', (file) => (file.document['size'] = -1)),
    'size-string': shaped('a size that is a string', (file) => (file.document['size'] = '52')),
    'document-array': shaped('an array for an object', (file) => (file['document'] = [] as never)),
    'path-object': shaped('an object for an array', (file) => (file.block.path = { 0: 'x', length: 1 } as never)),
    'path-of-numbers': shaped('a hash that is a number', (file) => (file.block.path = [1])),
    'path-of-54-in-block': shaped('more hashes than the largest tree gives', (file) => (file.block.path = Array<unknown>(54).fill(file.block.path[0])), 'malformed_path'),
    'path-of-54-in-log': shaped('more hashes than the largest tree gives', (file) => (file.log.path = Array<unknown>(54).fill(file.log.path[0])), 'malformed_path'),
    'anchor-string': shaped('an anchor that is no object', (file) => file.anchors.push('x')),
    'anchor-without-type': shaped('an anchor that does not say what it is', (file) => file.anchors.push({ data: '' })),
    'anchor-array': shaped('an anchor that is an array', (file) => file.anchors.push([])),
    'anchors-object': shaped('an object for the anchors', (file) => (file.anchors = {} as never)),
    'anchors-65': shaped('more anchors than there may be', (file) => (file.anchors = Array<unknown>(65).fill({ type: 'x' }))),
    'anchor-type-number': shaped('an anchor whose type is no string', (file) => file.anchors.push({ type: 1, data: '' })),
    'account-null': shaped('null for no account', (file) => (file['account'] = null)),
    'account-number': shaped('an account that is a number', (file) => (file['account'] = 5)),
  };
  for (const key of ['document', 'entry', 'block', 'log', 'anchors']) {
    cases[`${key}-missing`] = shaped(`no ${key}`, (file) => Reflect.deleteProperty(file, key));
    cases[`${key}-null`] = shaped(`null for ${key}`, (file) => (file[key] = null));
  }
  return cases;
}

function fieldCases(): Record<string, Vector> {
  const HEX = 'malformed_hex';
  const BASE64 = 'malformed_base64';
  const digest = (about: string, edit: (hex: string) => string) =>
    refused(about, edited((file) => (file.document['sha256'] = edit(String(file.document['sha256'])))), HEX);
  const entry = (about: string, edit: (base64: string) => string, error: string) => refused(about, edited((file) => (file.entry = edit(file.entry))), error);
  const header = (about: string, edit: (base64: string) => string, error: string) =>
    refused(about, edited((file) => (file.block.header = edit(file.block.header))), error);
  const hash = (about: string, edit: (base64: string) => string) =>
    refused(about, edited((file) => (file.block.path[0] = edit(String(file.block.path[0])))), BASE64);
  const resized = (length: number) => (base64: string) =>
    Buffer.concat([Buffer.from(base64, 'base64'), Buffer.alloc(8)]).subarray(0, length).toString('base64');
  const written = (offset: number, hex: string) => (base64: string) => {
    const bytes = Buffer.from(base64, 'base64');
    bytes.write(hex, offset, 'hex');
    return bytes.toString('base64');
  };
  return {
    'hex-upper-case': digest('upper-case digits', (hex) => hex.toUpperCase()),
    'hex-31-bytes': digest('62 digits', (hex) => hex.slice(2)),
    'hex-33-bytes': digest('66 digits', (hex) => `${hex}00`),
    'hex-odd': digest('63 digits', (hex) => hex.slice(1)),
    'hex-empty': digest('no digits', () => ''),
    'hex-prefix': digest('0x in front', (hex) => `0x${hex.slice(2)}`),
    'hex-line-feed': digest('a line feed behind', (hex) => `${hex}\n`),
    'hex-full-width': digest('digits of another script', (hex) => `\uff11${hex.slice(1)}`),
    'base64-unpadded': hash('without its padding', (base64) => base64.replace('=', '')),
    'base64-trailing-bits': hash('bits that mean nothing are set', (base64) => base64.replace(/.=$/, (last) => `${String.fromCharCode(last.charCodeAt(0) + 1)}=`)),
    'base64-url-alphabet': hash('- and _ instead of + and /', () => '-_-_'.repeat(10) + '-_A='),
    'base64-white-space': hash('a blank in front', (base64) => ` ${base64}`),
    'base64-line-feed': hash('broken into two lines', (base64) => `${base64.slice(0, 20)}\n${base64.slice(20)}`),
    'base64-padded-too-much': hash('one = too many', (base64) => `${base64}=`),
    'base64-empty': hash('no hash', () => ''),
    'base64-not': hash('other characters', (base64) => `!${base64.slice(1)}`),
    'hash-31-bytes': hash('a byte is missing', resized(31)),
    'hash-33-bytes': hash('a byte too many', resized(33)),
    'entry-113-bytes': entry('a byte is missing', resized(113), 'malformed_entry'),
    'entry-115-bytes': entry('a byte too many', resized(115), 'malformed_entry'),
    'entry-empty': entry('no bytes', () => '', 'malformed_entry'),
    'entry-version-0': entry('version 0', (base64) => flip(base64, 0), 'unsupported_format'),
    'entry-version-2': entry('version 2', written(0, '02'), 'unsupported_format'),
    'entry-kind-2': entry('another kind', written(1, '02'), 'unsupported_format'),
    'event-without-body': entry('an event whose details digest is zero', written(1, '01'), 'malformed_entry'),
    'event-of-unknown-size': refused(
      'an event note always has a length',
      edited((file) => (file.entry = written(34, 'ffffffffffffffff')(file.entry)), { kind: 1, details: DETAILS }),
      'malformed_entry',
    ),
    'entry-size-2-53': entry('a size of 2^53', written(34, '0020000000000000'), 'malformed_entry'),
    'entry-size-almost-unknown': entry('a size of 2^64 - 2', written(34, 'fffffffffffffffe'), 'malformed_entry'),
    'entry-time-2-53': entry('a time of 2^53 ms', written(42, '0020000000000000'), 'malformed_entry'),
    'entry-not-base64': entry('hexadecimal', (base64) => `${Buffer.from(base64, 'base64').toString('hex')}0`, BASE64),
    'header-133-bytes': header('a byte is missing', resized(HEADER_LENGTH - 1), 'malformed_header'),
    'header-135-bytes': header('a byte too many', resized(HEADER_LENGTH + 1), 'malformed_header'),
    'header-version-0': header('version 0', (base64) => flip(base64, 0), 'unsupported_format'),
    'header-version-2': header('version 2', written(0, '02'), 'unsupported_format'),
    'header-height-2-53': header('a height of 2^53', written(1, '0020000000000000'), 'malformed_header'),
    'header-first-position-2-53': header('a first position of 2^53', written(105, '0020000000000000'), 'malformed_header'),
    'header-first-with-previous': refused('the first block follows another', proofText({ blocks: 1, height: 0, header: { previousHash: sha256('x') } }), 'malformed_header'),
    'header-first-with-position': refused('the first block begins at position 1', proofText({ blocks: 1, height: 0, header: { firstPosition: 1 } }), 'malformed_header'),
    'header-last-position-2-53': header('positions up to 2^53', written(105, '001fffffffffffff'), 'malformed_header'),
    'header-time-2-53': header('a time of 2^53 ms', written(117, '0020000000000000'), 'malformed_header'),
    'header-count-0': header('no entries', written(113, '00000000'), 'malformed_header'),
    'header-count-too-large': header('2^20 + 1 entries', written(113, '00100001'), 'malformed_header'),
  };
}

function noteCases(): Record<string, Vector> {
  const note = (about: string, edit: (note: string) => string, error = 'malformed_note', wish?: Wish) =>
    refused(about, edited((file) => (file.log.checkpoint = edit(file.log.checkpoint)), wish), error);
  const line = signatureLine({ name: 'stranger.example', keyId: new Uint8Array(4), signature: Uint8Array.of(0) });
  const signature = (about: string, edit: (line: string) => string, error?: string) => note(about, (text) => text.replace(/\u2014.*\n$/, edit), error);
  return {
    'note-empty': note('no text', () => ''),
    'note-without-signatures': note('nobody has signed', (text) => `${text.split('\n\n')[0] ?? ''}\n\n`),
    'note-without-blank-line': note('text and signatures are not apart', (text) => text.replace('\n\n', '\n')),
    'note-without-final-line-feed': note('the last line is not ended', (text) => text.slice(0, -1)),
    'note-crlf': note('carriage returns', (text) => text.replaceAll('\n', '\r\n')),
    'note-tab': note('a tab', (text) => withLine(text, 0, 'log\texample')),
    'note-nul': note('a zero byte', (text) => withLine(text, 0, 'log\u0000example')),
    'note-trailing-line': note('a line behind the signatures that is none', (text) => `${text}bye\n`),
    'note-trailing-blank-line': note('a blank line behind the signatures', (text) => `${text}\n`),
    'note-101-signature-lines': note('one line more than there may be', (text) => text + line.repeat(100)),
    'signature-line-hyphen': signature('a hyphen for the em dash', (text) => text.replace('\u2014', '-')),
    'signature-line-two-blanks': signature('two blanks', (text) => text.replace(' ', '  ')),
    'signature-line-trailing-blank': signature('a blank at its end', (text) => text.replace('\n', ' \n')),
    'signature-line-without-name': signature('no name', (text) => text.replace('log.example/vectors ', '')),
    'signature-line-name-with-plus': signature('a plus sign in a name', (text) => text.replace('log.example', 'log+example')),
    'signature-line-name-with-no-break-space': signature('U+00A0 in a name', (text) => text.replace('log.example', 'log\u00a0example')),
    'signature-line-name-with-next-line': signature('U+0085 in a name', (text) => text.replace('log.example', 'log\u0085example')),
    'signature-line-unpadded': signature('base64 without its padding', (text) => text.replace('=', ''), 'malformed_base64'),
    'signature-line-of-key-id-only': signature('four bytes are a key id without signature', () => '\u2014 log.example/vectors AAAAAA==\n'),
    'signature-line-empty-base64': signature('nothing behind the name', () => '\u2014 log.example/vectors \n'),
    'checkpoint-extension': note('a fourth line', (text) => withLine(text, 2, `${text.split('\n')[2] ?? ''}\nextension`), 'malformed_checkpoint'),
    'checkpoint-of-two-lines': note('no root', (text) => text.replace(/\n[^\n]*\n\n/, '\n\n'), 'malformed_checkpoint'),
    'checkpoint-of-one-line': note('no size and no root', (text) => text.replace(/\n[^\n]*\n[^\n]*\n\n/, '\n\n'), 'malformed_checkpoint'),
    'checkpoint-empty-origin': note('no origin', (text) => withLine(text, 0, ''), 'malformed_checkpoint'),
    'checkpoint-blank-line': note('a blank line in the text', (text) => withLine(text, 2, `\n${text.split('\n')[2] ?? ''}`), 'malformed_base64'),
    'checkpoint-size-leading-zero': note('06 blocks', (text) => withLine(text, 1, '06'), 'malformed_number'),
    'checkpoint-size-plus-sign': note('+6 blocks', (text) => withLine(text, 1, '+6'), 'malformed_number'),
    'checkpoint-size-negative': note('-6 blocks', (text) => withLine(text, 1, '-6'), 'malformed_number'),
    'checkpoint-size-blank': note('a blank behind the size', (text) => withLine(text, 1, '6 '), 'malformed_number'),
    'checkpoint-size-empty': note('an empty size', (text) => withLine(text, 1, ''), 'malformed_number'),
    'checkpoint-size-2-53': note('2^53 blocks', (text) => withLine(text, 1, '9007199254740992'), 'malformed_number'),
    'checkpoint-root-31-bytes': note('a byte is missing', (text) => withLine(text, 2, Buffer.alloc(31).toString('base64')), 'malformed_base64'),
    'checkpoint-root-33-bytes': note('a byte too many', (text) => withLine(text, 2, Buffer.alloc(33).toString('base64')), 'malformed_base64'),
    'checkpoint-root-unpadded': note('without its padding', (text) => text.replace(/=\n\n/, '\n\n'), 'malformed_base64'),
    'checkpoint-number': refused('a checkpoint that is no string', edited((file) => ((file.log as Record<string, unknown>)['checkpoint'] = 5)), PROOF, { document: null }),
    'checkpoint-lone-surrogate': refused('half a surrogate pair', proofText({ details: DETAILS }).replace('log.example', 'log.\\ud83dexample'), JSON_ERROR),
  };
}
