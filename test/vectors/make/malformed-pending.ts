import type { Vector } from '../load.js';
import { ACCEPTED } from './chain.js';
import { withLine } from './edit.js';
import { refused } from './expect.js';
import { RECEIPT, vkey } from './keys.js';
import { editedPending, type RawPending } from './pending.js';

export function malformedPendingCases(): Record<string, Vector> {
  const MORE = { trust: null, receiptKeys: [vkey(RECEIPT)] };
  const shaped = (about: string, edit: (file: RawPending) => void, error = 'malformed_proof') => refused(about, editedPending(edit), error, MORE);
  const receipt = (about: string, edit: (note: string) => string, error = 'malformed_receipt') =>
    shaped(about, (file) => (file.receipt.note = edit(file.receipt.note)), error);
  const line = (about: string, number: number, text: string, error = 'malformed_number') => receipt(about, (note) => withLine(note, number, text), error);
  return {
    'pending-with-block': shaped('a pending proof has no block', (file) => (file['block'] = {})),
    'pending-with-anchors': shaped('a pending proof has no anchors', (file) => (file['anchors'] = [])),
    'pending-without-receipt': shaped('no receipt', (file) => Reflect.deleteProperty(file, 'receipt')),
    'pending-receipt-empty': shaped('a receipt without members', (file) => ((file as Record<string, unknown>)['receipt'] = {})),
    'pending-receipt-string': shaped('the note alone', (file) => ((file as Record<string, unknown>)['receipt'] = file.receipt.note)),
    'pending-receipt-with-size': shaped('an unknown member', (file) => ((file.receipt as unknown as Record<string, unknown>)['size'] = 1)),
    'pending-receipt-without-path': shaped('no path', (file) => Reflect.deleteProperty(file.receipt, 'path')),
    'pending-receipt-index-negative': shaped('a negative place', (file) => (file.receipt.index = -1)),
    'pending-receipt-index-string': shaped('a place in a string', (file) => ((file.receipt as unknown as Record<string, unknown>)['index'] = '0')),
    'pending-receipt-path-of-54': shaped('more hashes than any tree has levels', (file) => (file.receipt.path = Array.from({ length: 54 }, () => Buffer.alloc(32).toString('base64'))), 'malformed_path'),
    'pending-receipt-path-31-bytes': shaped('a hash of 31 bytes', (file) => (file.receipt.path = [Buffer.alloc(31).toString('base64')]), 'malformed_base64'),
    'pending-without-position': shaped('no position', (file) => Reflect.deleteProperty(file, 'position')),
    'pending-position-negative': shaped('a negative position', (file) => (file['position'] = -1)),
    'pending-position-string': shaped('a position in a string', (file) => (file['position'] = '41')),
    'pending-format-of-sealed': shaped('a pending proof under the name of a proof', (file) => (file['format'] = 'ingam-proof-v1')),
    'pending-receipt-without-signature': receipt('nobody has signed', (note) => `${note.split('\n\n')[0] ?? ''}\n`, 'malformed_note'),
    'pending-receipt-of-other-format': line('another first line', 0, 'ingam/receipt/v2', 'unsupported_format'),
    'pending-receipt-of-five-lines': receipt('no deadline', (note) => note.replace(/\n[0-9]+\n\n/, '\n\n')),
    'pending-receipt-of-seven-lines': receipt('a line too many', (note) => note.replace('\n\n', '\n0\n\n')),
    'pending-receipt-empty-origin': line('no origin', 1, '', 'malformed_receipt'),
    'pending-receipt-count-leading-zero': line('01', 2, '01'),
    'pending-receipt-count-2-53': line('2^53', 2, '9007199254740992'),
    'pending-receipt-count-0': line('for no entries', 2, '0', 'malformed_receipt'),
    'pending-receipt-count-float': line('1.0', 2, '1.0'),
    'pending-receipt-root-31-bytes': line('a byte is missing', 3, Buffer.alloc(31).toString('base64'), 'malformed_base64'),
    'pending-receipt-time-exponent': line('1e12', 4, '1e12'),
    'pending-receipt-deadline-passed': line('a deadline before the acceptance', 5, String(ACCEPTED - 1), 'malformed_receipt'),
    'pending-receipt-deadline-empty': line('an empty deadline', 5, ''),
  };
}
